"""The watch over published copies: what the calendar and people ask for is read, held against the seal, entered.

It works beside the publishing loop. A reading is in one worker's hands at a time, by a lease; no transaction is open
while a platform is asked. One account's readings stay inside what WeChat allows in a day.
"""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import ProofOccasion, ProofRead, Publication, PublicationState, Target
from services import proofs, published_copies, remedy_delivery, rounds
from services.bootstrap import Runtime
from services.published_copies import Reading
from services.queries import proofs as reads
from services.rounds import Seldom
from services.rules.delivery_times import quota_returns
from services.rules.office_time import midnight_before
from services.rules.proof_times import ASKED_A_DAY, READINGS_A_DAY, WINDOWS, occasion_due, retry_after

log = structlog.get_logger()

IDLE = 1.0
"""Seconds between two looks."""
PLAN_EVERY = timedelta(seconds=15)
LEASE = timedelta(minutes=2)
BATCH = 50


def work_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Do what two people decided about published items, then read what is due, until told to stop."""
    calendar = Seldom(PLAN_EVERY)

    def look() -> None:
        remedy_delivery.do_due(runtime, stop=stopping)
        calendar.do(lambda: plan(runtime), now=runtime.now())
        read_due(runtime, stop=stopping)

    rounds.until(stopping, look, of="proofs", idle=IDLE)


def run_once(runtime: Runtime) -> int:
    """Everything that is due now, once; how many copies were read."""
    remedy_delivery.do_due(runtime)
    plan(runtime)
    return read_due(runtime)


# --- The calendar ----------------------------------------------------------------------------------------


def plan(runtime: Runtime) -> int:
    """Write down the readings the calendar asks for now; how many."""
    with runtime.reading() as session:
        due = _unplanned(session, runtime.now())
    if not due:
        return 0
    try:
        with runtime.as_system() as work:
            for publication_id, occasion in due:
                work.session.add(
                    ProofRead(publication_id=publication_id, occasion=occasion, asked_at=work.now, run_after=work.now)
                )
    except IntegrityError:
        # Another worker wrote them at the same time.
        return 0
    return len(due)


def _unplanned(session: Session, now: datetime) -> list[tuple[int, ProofOccasion]]:
    found: list[tuple[int, ProofOccasion]] = []
    for window in WINDOWS:
        planned = select(ProofRead.id).where(
            ProofRead.publication_id == Publication.id, ProofRead.occasion == window.occasion
        )
        rows = session.exec(
            select(Publication.id, Publication.settled_at)
            .where(
                Publication.state == PublicationState.LIVE,
                col(Publication.settled_at) <= now - window.opens,
                col(Publication.settled_at) > now - window.closes,
                ~planned.exists(),
            )
            .order_by(col(Publication.settled_at))
            .limit(BATCH)
        ).all()
        found += [
            (id_ or 0, window.occasion)
            for id_, settled_at in rows
            if settled_at is not None and occasion_due(settled_at, now) is window.occasion
        ]
    return found


# --- Reading ---------------------------------------------------------------------------------------------


def read_due(runtime: Runtime, *, stop: threading.Event | None = None) -> int:
    """Read every copy whose reading is due; how many."""
    count = 0
    while stop is None or not stop.is_set():
        taken = _take(runtime)
        if taken is None:
            break
        _read(runtime, *taken)
        count += 1
    return count


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(ProofRead.read_at).is_(None),
        col(ProofRead.run_after) <= now,
        or_(col(ProofRead.lease_until).is_(None), col(ProofRead.lease_until) <= now),
    )


def _take(runtime: Runtime) -> tuple[ProofRead, Publication] | None:
    with runtime.reading() as session:
        if session.exec(select(ProofRead.id).where(_is_due(runtime.now())).limit(1)).first() is None:
            return None
    with runtime.as_system() as work:
        row = work.session.exec(
            select(ProofRead)
            .where(_is_due(work.now))
            .order_by(col(ProofRead.run_after), col(ProofRead.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.lease_until, row.tries = work.now + LEASE, row.tries + 1
        publication = work.session.get_one(Publication, row.publication_id)
        work.session.flush()
        work.session.expunge_all()
        return row, publication


def _read(runtime: Runtime, row: ProofRead, publication: Publication) -> None:
    if publication.target is Target.WECHAT and _is_used_up(runtime, row, publication):
        _put_back(runtime, row, quota_returns(runtime.now()))
        return
    reading = published_copies.read(runtime, publication)
    if reading.quota:
        _put_back(runtime, row, quota_returns(runtime.now()))
        return
    wait = retry_after(row.tries) if reading.again else None
    if wait is not None and not reads.is_asked_by_people(row):
        _put_back(runtime, row, runtime.now() + wait)
        return
    _enter(runtime, row, reading)


def _is_used_up(runtime: Runtime, row: ProofRead, publication: Publication) -> bool:
    limit = ASKED_A_DAY if reads.is_asked_by_people(row) else READINGS_A_DAY
    with runtime.reading() as session:
        since = midnight_before(runtime.now())
        return reads.readings_since(session, publication.account_id or 0, since) >= limit


def _put_back(runtime: Runtime, row: ProofRead, run_after: datetime) -> None:
    with runtime.as_system() as work:
        mine = work.session.exec(_mine(row)).first()
        if mine is not None:
            mine.run_after, mine.lease_until = run_after, None


def _enter(runtime: Runtime, row: ProofRead, reading: Reading) -> None:
    with runtime.as_system() as work:
        mine = work.session.exec(_mine(row)).first()
        if mine is not None:
            proofs.enter(work, runtime.assets, mine, reading)
            log.info("proof.read", publication=row.publication_id, verdict=reading.verdict.value)


def _mine(row: ProofRead) -> SelectOfScalar[ProofRead]:
    # Whoever took it up after us has moved the lease on: then what we found is theirs to find again.
    return (
        select(ProofRead)
        .where(ProofRead.id == row.id, col(ProofRead.read_at).is_(None), ProofRead.lease_until == row.lease_until)
        .with_for_update()
    )
