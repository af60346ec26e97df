"""全部重发: all pages brought to a web root again, after its server lost them or somebody changed them there.

The administrator asks; a worker does it beside everything else. A place has one at a time, and while it runs nothing
else writes there; but whoever is to publish or take down there goes first: it stops between two files, lets them, and
goes on where it stopped, with their pages.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select

from models import (
    AuditAction,
    DeedState,
    Destination,
    Publication,
    PublicationState,
    Remedy,
    RemedyDeed,
    RemedyState,
    SiteResend,
    Target,
)
from services import audit, outlet_delivery, published_copies, rounds, site_pages
from services.bootstrap import Runtime
from services.errors import NotAllowed, NotFound, Refusal, WrongState
from services.ports import DeliveryError, DeliveryRefused, ResendableOutlet, SiteArticle
from services.queries import publishing_stops, remedies
from services.queries import site_resends as reads
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

log = structlog.get_logger()

IDLE = 2.0
"""Seconds between two looks."""
LEASE = timedelta(minutes=5)
RENEWED_EVERY = 20
"""Articles written here before the lease is renewed."""
LETS_OTHERS = timedelta(seconds=10)
WHILE_STOPPED = timedelta(minutes=1)
WAITS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
"""After a try that reached nothing; then it is given up."""

NOT_REACHED = "连不上服务器，或传到一半断开了。"
GIVEN_UP = "多次连不上服务器，已停止。请检查服务器和网络，再按“全部重发”：会从头再传。"


class Interrupted(Exception):  # no error: somebody else goes first
    """The resending stops here for now."""


def ask(work: UnitOfWork, *, destination_id: int) -> SiteResend:
    """Let the worker bring every page of a place up again.

    Raises `NotAllowed` for anybody but the administrator, `NotFound`, and `WrongState` for a place that is off or of
    another kind, and while one is under way.
    """
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以安排全部重发。")
    place = work.session.get(Destination, destination_id, with_for_update=True)
    if place is None:
        raise NotFound("没有找到这个发布去处，请刷新页面。")
    if place.kind is not Target.SFTP:
        raise WrongState(f"“{place.name}”不是 SFTP 网站：只有传到服务器目录里的网页可以全部重发。")
    if not place.active:
        raise WrongState(f"“{place.name}”没有启用，请先自检并启用，再全部重发。")
    if _open_at(work, destination_id) is not None:
        raise WrongState(f"“{place.name}”正在全部重发，不会同时进行两次。请等它结束。")
    row = SiteResend(destination_id=destination_id, asked_by_id=work.person_id, asked_at=work.now, run_after=work.now)
    work.session.add(row)
    work.session.flush()
    audit.record(work, AuditAction.RESEND_ASKED, "destination", destination_id, {"name": place.name})
    return row


def call_off(work: UnitOfWork, *, destination_id: int) -> SiteResend:
    """End one that is under way; what went up stays. Raises `NotAllowed`, `WrongState`."""
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以停止全部重发。")
    row = _open_at(work, destination_id)
    if row is None:
        raise WrongState("全部重发已经结束，请刷新页面。")
    _end(work, row, failure=f"{work.actor.signature}停止。")
    return row


def _open_at(work: UnitOfWork, destination_id: int) -> SiteResend | None:
    still_open = (SiteResend.destination_id == destination_id, col(SiteResend.finished_at).is_(None))
    return work.session.exec(select(SiteResend).where(*still_open).with_for_update()).first()


# --- The worker ------------------------------------------------------------------------------------------


def work_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Do what is due until told to stop."""
    rounds.until(stopping, lambda: do_due(runtime, stop=stopping), of="site_resends", idle=IDLE)


def do_due(runtime: Runtime, *, stop: threading.Event | None = None) -> int:
    """Bring up, or go on with, everything that is due; how many were looked after."""
    count = 0
    while stop is None or not stop.is_set():
        row = _take(runtime)
        if row is None:
            break
        _do(runtime, row, stop)
        count += 1
    return count


def _take(runtime: Runtime) -> SiteResend | None:
    with runtime.reading() as session:
        now = runtime.now()
        due = and_(
            col(SiteResend.finished_at).is_(None),
            col(SiteResend.run_after) <= now,
            or_(col(SiteResend.lease_until).is_(None), col(SiteResend.lease_until) <= now),
        )
        if session.exec(select(SiteResend.id).where(due).limit(1)).first() is None:
            return None
        stopped = any(each.account is None for each in publishing_stops.standing(session, now))
    with runtime.as_system() as work:
        row = work.session.exec(
            select(SiteResend)
            .where(due)
            .order_by(col(SiteResend.run_after), col(SiteResend.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        if stopped:
            row.run_after = work.now + WHILE_STOPPED
            return None
        if _somebody_waits(work, row.destination_id) or site_pages.is_place_being_written(work, row.destination_id):
            row.run_after = work.now + LETS_OTHERS
            return None
        row.lease_until = work.now + LEASE
        work.session.flush()
        work.session.expunge(row)
        return row


def _somebody_waits(work: UnitOfWork, destination_id: int) -> bool:
    """Whether an article is to go out, or to be corrected or taken down there now: they go first. Whoever found the
    place taken comes back after a second.
    """
    soon = work.now + LETS_OTHERS
    publication = select(Publication.id).where(
        Publication.destination_id == destination_id,
        col(Publication.state).in_([PublicationState.QUEUED, PublicationState.PREPARING]),
        col(Publication.run_after) <= soon,
        col(Publication.waits_for_id).is_(None),
    )
    deed = (
        select(RemedyDeed.id)
        .join(Publication, col(Publication.id) == col(RemedyDeed.publication_id))
        .join(Remedy, col(Remedy.id) == col(RemedyDeed.remedy_id))
        .where(
            Publication.destination_id == destination_id,
            Remedy.state == RemedyState.CONFIRMED,
            RemedyDeed.state == DeedState.WAITING,
            col(RemedyDeed.run_after) <= soon,
        )
    )
    return any(work.session.exec(each.limit(1)).first() is not None for each in (publication, deed))


class _Hold:
    """One resending in our hands: its lease is renewed with each word of its progress."""

    def __init__(self, runtime: Runtime, row: SiteResend, stop: threading.Event | None) -> None:
        self._runtime, self._stop = runtime, stop
        self._id, self._lease = row.id or 0, row.lease_until
        self._destination_id = row.destination_id

    def tell(self, sent: int, total: int) -> None:
        """How far it is. Raises `Interrupted` where somebody goes first, or it is ours no more."""
        with self.unit() as (work, row):
            if sent > row.sent:
                row.tries = 0
            row.sent, row.total, row.failure = sent, total, ""
            row.lease_until = self._lease = work.now + LEASE
            waits = _somebody_waits(work, self._destination_id)
        if waits or (self._stop is not None and self._stop.is_set()):
            raise Interrupted

    def renew(self) -> None:
        """The same before the first file goes up."""
        with self.unit() as (_, row):
            sent, total = row.sent, row.total
        self.tell(sent, total)

    @contextmanager
    def unit(self) -> Iterator[tuple[UnitOfWork, SiteResend]]:
        """A transaction on the row while it is ours. Raises `Interrupted`."""
        with self._runtime.as_system() as work:
            row = work.session.get_one(SiteResend, self._id, with_for_update=True)
            if row.finished_at is not None or row.lease_until != self._lease:
                raise Interrupted
            yield work, row


def _do(runtime: Runtime, row: SiteResend, stop: threading.Event | None) -> None:
    hold = _Hold(runtime, row, stop)
    try:
        with runtime.reading() as session:
            place = session.get_one(Destination, row.destination_id)
            ids = reads.live_at(session, row.destination_id)
        if not place.active:
            raise WrongState(f"“{place.name}”已停用，没有传完。启用后可再按“全部重发”。")
        outlet = outlet_delivery.opened(runtime, place)
        if not isinstance(outlet, ResendableOutlet):
            raise WrongState(f"“{place.name}”不能全部重发。")
        outlet.resend(_articles(runtime, ids, hold), mark=f"{row.id}", progress=hold.tell)
    except Interrupted:
        _set_back(hold, LETS_OTHERS)
    except DeliveryRefused as refused:
        _finish(hold, failure=refused.sentence)
    except DeliveryError as fault:
        log.info("site_resend.set_back", destination=row.destination_id, detail=fault.detail)
        _try_again(hold)
    except Refusal as refusal:
        _finish(hold, failure=refusal.sentence)
    else:
        _finish(hold)


def _articles(runtime: Runtime, ids: Sequence[int], hold: _Hold) -> Iterator[SiteArticle]:
    """Every article as readers should get it now, with the corrections made since."""
    for number, publication_id in enumerate(ids, start=1):
        with runtime.reading() as session:
            row = session.get_one(Publication, publication_id)
            told = remedies.told_to_readers(session, publication_id)
        content = published_copies.sealed_content(runtime, row)
        yield site_pages.article_of(runtime, row, content, now=runtime.now(), notice="\n".join(told))
        if number % RENEWED_EVERY == 0:
            hold.renew()


def _set_back(hold: _Hold, wait: timedelta) -> None:
    with suppress(Interrupted), hold.unit() as (work, row):
        row.lease_until, row.run_after = None, work.now + wait


def _try_again(hold: _Hold) -> None:
    with suppress(Interrupted), hold.unit() as (work, row):
        if row.tries >= len(WAITS):
            _end(work, row, failure=GIVEN_UP)
            return
        row.lease_until, row.run_after, row.failure = None, work.now + WAITS[row.tries], NOT_REACHED
        row.tries += 1


def _finish(hold: _Hold, *, failure: str = "") -> None:
    with suppress(Interrupted), hold.unit() as (work, row):
        _end(work, row, failure=failure)


def _end(work: UnitOfWork, row: SiteResend, *, failure: str = "") -> None:
    row.finished_at, row.lease_until, row.failure = work.now, None, failure
    work.session.flush()
    details = {"resend": row.id, "sent": row.sent, "total": row.total, "failure": failure}
    audit.record(work, AuditAction.RESEND_ENDED, "destination", row.destination_id, details)
