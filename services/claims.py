"""A publication in a worker's hands: taken by a lease, written back only while the lease is held.

Each write is a transaction of its own, none is open while a call is under way. A call that must not be repeated
blindly is committed as begun (`Publication.calling`) before it leaves, and its outcome is the first thing written
after it. So whoever takes over from a worker that died knows which call is in doubt.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from models import CallOutcome, Publication, PublicationAttempt, PublicationState, Submission
from services import publications
from services.bootstrap import Runtime
from services.ports import DeliveryError, DeliveryRefused, NotSent
from services.queries.publishing_stops import holds
from services.rules.delivery_times import CHECKS, MOST_TRIES
from services.unit_of_work import UnitOfWork

LEASE = timedelta(seconds=30)
SHORTEST_LEASE = timedelta(seconds=5)
"""A worker on a busy machine renews late; below this, living workers would be taken for dead."""

WORKED_ON = (
    PublicationState.QUEUED,
    PublicationState.PREPARING,
    PublicationState.DRAFTED,
    PublicationState.SENDING,
    PublicationState.ACCEPTED,
    PublicationState.UNKNOWN,
)
GO_ON = frozenset({PublicationState.PREPARING, PublicationState.DRAFTED, PublicationState.SENDING})
NOTHING_SENT = frozenset({PublicationState.QUEUED, PublicationState.PREPARING, PublicationState.DRAFTED})

NO_REASON = {"failure_code": "", "failure": "", "failure_raw": ""}


class LeaseLost(Exception):
    """Somebody else has the publication now, or a person decided on it: stop, and write nothing."""


@dataclass
class Claim:
    """One publication while this worker holds it. `publication` is how it was last read or written."""

    runtime: Runtime
    publication: Publication
    patience: float
    _calls: list[PublicationAttempt] = field(default_factory=list)

    @property
    def released(self) -> bool:
        return self.publication.lease_owner is None

    @property
    def last_call(self) -> str:
        """The call made last in this step, by its name; empty before the first."""
        return self._calls[-1].call if self._calls else ""

    def now(self) -> datetime:
        return self.runtime.now()

    def after(self, wait: timedelta) -> datetime:
        """The moment that lies this waiting time ahead."""
        return self.now() + wait * self.patience

    @contextmanager
    def unit(self) -> Iterator[tuple[UnitOfWork, Publication]]:
        """A transaction with the publication in it, locked and still ours, and its calls up to now recorded.

        Raises `LeaseLost`.
        """
        with self.runtime.as_system() as work:
            work.session.get(Submission, self.publication.submission_id, with_for_update=True)
            row = work.session.exec(
                select(Publication)
                .where(
                    Publication.id == self.publication.id,
                    Publication.lease_owner == self.publication.lease_owner,
                )
                .with_for_update()
            ).first()
            if row is None:
                raise LeaseLost
            for call in self._calls:
                work.session.merge(call)
            work.session.flush()
            yield work, row
        self._calls = []
        self.publication = row

    def move(self, state: PublicationState, **columns: Any) -> None:
        """Write a new state with its own reason or none; while there is more to do at once, it stays ours."""
        with self.unit() as (work, row):
            kept = {"lease_owner": row.lease_owner, "lease_until": row.lease_until} if state in GO_ON else {}
            publications.change(work, row, state, **(NO_REASON | kept | columns))

    def put_back(self, run_after: datetime, **columns: Any) -> None:
        """Let go of the publication in its present state until then."""
        with self.unit() as (_, row):
            for name, value in (columns | {"run_after": run_after}).items():
                setattr(row, name, value)
            row.lease_owner = row.lease_until = None

    @contextmanager
    def reading(self, call: str) -> Iterator[None]:
        """A call that is harmless to repeat; it is recorded with the next write."""
        with self._recorded(self._attempt(call)):
            yield

    @contextmanager
    def creating(self, call: str, state: PublicationState | None = None) -> Iterator[None]:
        """A call that must not be repeated in doubt: on record before it leaves, with `state` if it changes."""
        attempt = self._attempt(call)
        with self.unit() as (work, row):
            row.calling = call
            work.session.add(attempt)
            work.session.flush()
            if state is not None:
                publications.change(work, row, state, lease_owner=row.lease_owner, lease_until=row.lease_until)
        with self._recorded(attempt):
            yield

    @contextmanager
    def _recorded(self, attempt: PublicationAttempt) -> Iterator[None]:
        try:
            yield
        except DeliveryError as fault:
            self._end(attempt, *_described(fault))
            raise
        self._end(attempt, CallOutcome.OK, "", "")

    def _attempt(self, call: str) -> PublicationAttempt:
        return PublicationAttempt(publication_id=self.publication.id or 0, call=call, at=self.now())

    def _end(self, attempt: PublicationAttempt, outcome: CallOutcome, code: str, detail: str) -> None:
        attempt.finished_at, attempt.outcome, attempt.code, attempt.detail = self.now(), outcome, code, detail
        self._calls.append(attempt)

    @contextmanager
    def kept_alive(self) -> Iterator[None]:
        """Renew the lease in the background for as long as the work takes."""
        done = threading.Event()
        lease = lease_for(self.patience)
        thread = threading.Thread(target=self._renew, args=(done, lease), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _renew(self, done: threading.Event, lease: timedelta) -> None:
        owner = self.publication.lease_owner
        while not done.wait(lease.total_seconds() / 3):
            with self.runtime.as_system() as work:
                work.session.execute(
                    update(Publication)
                    .where(col(Publication.id) == self.publication.id, col(Publication.lease_owner) == owner)
                    .values(lease_until=work.now + lease)
                )


def _described(fault: DeliveryError) -> tuple[CallOutcome, str, str]:
    if isinstance(fault, DeliveryRefused):
        return CallOutcome.REFUSED, fault.code, fault.detail
    return (CallOutcome.NOT_SENT if isinstance(fault, NotSent) else CallOutcome.UNKNOWN), "", fault.detail


def lease_for(patience: float) -> timedelta:
    """How long a publication stays with a worker that gives no sign of life."""
    return max(LEASE * patience, SHORTEST_LEASE)


# --- Taking ----------------------------------------------------------------------------------------------


def take(runtime: Runtime, *, worker: str, patience: float) -> Claim | None:
    """The publication that has been due longest, or None. What a dead worker left is looked after first:
    a call it had begun is in doubt and waits for its readings, everything else simply goes on.
    """
    with runtime.reading() as session:
        if session.exec(select(Publication.id).where(_is_due(runtime.now())).limit(1)).first() is None:
            return None
    while True:
        with runtime.as_system() as work:
            row = _locked_due(work)
            if row is None:
                return None
            if _is_orphan(row) and not _goes_on(work, row, patience):
                continue
            row.lease_owner = f"{worker}/{uuid.uuid4().hex[:12]}"
            row.lease_until = work.now + lease_for(patience)
        return Claim(runtime=runtime, publication=row, patience=patience)


def next_due(runtime: Runtime) -> datetime | None:
    """When the next publication under way can be taken; those with a time of their own ahead do not count."""
    begun = or_(col(Publication.scheduled_for).is_(None), col(Publication.scheduled_for) <= runtime.now())
    free = case(
        (col(Publication.lease_until) > col(Publication.run_after), col(Publication.lease_until)),
        else_=col(Publication.run_after),
    )
    with runtime.reading() as session:
        earliest: datetime | None = session.exec(
            select(func.min(free)).where(col(Publication.state).in_(WORKED_ON), begun, ~_is_held(runtime.now()))
        ).one()
    return earliest


def _is_due(now: datetime) -> ColumnElement[bool]:
    watched = and_(col(Publication.state) == PublicationState.NEEDS_PERSON, col(Publication.media_id).is_not(None))
    return and_(
        or_(col(Publication.state).in_(WORKED_ON), watched),
        col(Publication.run_after) <= now,
        or_(col(Publication.lease_until).is_(None), col(Publication.lease_until) < now),
        ~_is_held(now),
    )


def _is_held(now: datetime) -> ColumnElement[bool]:
    """By a stop, by the publication that must be live first, or by the item's embargo."""
    first = aliased(Publication)
    waits = exists().where(
        col(Publication.state) == PublicationState.QUEUED,
        col(first.id) == col(Publication.waits_for_id),
        col(first.state) != PublicationState.LIVE,
    )
    embargoed = exists().where(
        col(Submission.id) == col(Publication.submission_id),
        col(Submission.embargo_until) > now,
        col(Publication.state).in_(NOTHING_SENT),
    )
    return or_(holds(now), waits, embargoed)


def _locked_due(work: UnitOfWork) -> Publication | None:
    # PostgreSQL passes over what another worker is just taking; SQLite has one writer at a time anyway.
    return work.session.exec(
        select(Publication)
        .where(_is_due(work.now))
        .order_by(col(Publication.run_after), col(Publication.id))
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()


def _is_orphan(row: Publication) -> bool:
    return row.lease_owner is not None


def _goes_on(work: UnitOfWork, row: Publication, patience: float) -> bool:
    """Look after what a dead worker left; whether there is something to do with it at once."""
    _close_open_calls(work, row)
    row.tries += 1
    if row.calling is not None:
        checks = CHECKS[row.calling]
        row.lease_owner = row.lease_until = None
        row.run_after, row.polls = work.now + checks[0] * patience, 0
        if row.state is not PublicationState.UNKNOWN:
            publications.change(work, row, PublicationState.UNKNOWN)
        return False
    if row.tries > MOST_TRIES and row.state in NOTHING_SENT:
        if row.state is PublicationState.QUEUED:
            publications.change(work, row, PublicationState.PREPARING)
        publications.change(
            work,
            row,
            PublicationState.FAILED,
            failure_code="worker_died",
            failure="处理这次发布时程序多次中断，已停下。请系统管理员查看日志后再点“重试”。",
        )
        return False
    return True


def _close_open_calls(work: UnitOfWork, row: Publication) -> None:
    statement = (
        update(PublicationAttempt)
        .where(
            col(PublicationAttempt.publication_id) == row.id,
            col(PublicationAttempt.outcome) == CallOutcome.STARTED,
        )
        .values(outcome=CallOutcome.UNKNOWN, finished_at=work.now, detail="the worker ended during the call")
    )
    work.session.execute(statement)
