"""日历: what goes out when, what went out, what its author wishes when; and approved items without a date.

Who may see an item is part of each query, and each is bounded: a calendar shows some weeks, not a history.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import Session, col, select

from models import (
    IN_FLIGHT,
    REVIEW_STAGES,
    Department,
    OfficialAccount,
    Publication,
    PublicationState,
    PublicationWay,
    Submission,
    SubmissionState,
    Target,
    Vocabulary,
)
from services.queries import publications
from services.queries.publications import ReadyItem
from services.queries.standings import visible_to
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Actor
from services.rules.publication_states import CANCELLED

S = PublicationState

MOST = 500
"""Entries drawn at once: beyond it the filter helps, and the screen says so."""

FOR_A_PERSON = (S.NEEDS_PERSON, S.UNKNOWN, S.FAILED, S.MISSED)


class EntryState(Vocabulary):
    """The colours of the calendar."""

    WISHED = "wished", "审核中的希望时间"
    UNDATED = "undated", "待排期的希望时间"
    PLANNED = "planned", "已排期"
    ATTENTION = "attention", "需要人工"
    LIVE = "live", "已发布"


@dataclass(frozen=True)
class Entry:
    """One item at one moment, with the places it goes to then. `movable` while all of it still waits in the queue."""

    submission_id: int
    title: str
    department: str
    account: str | None
    at: datetime
    state: EntryState
    targets: tuple[Target, ...]
    way: PublicationWay | None
    movable: bool
    embargo_until: datetime | None = None

    @property
    def day(self) -> date:
        return office_day(self.at)


@dataclass(frozen=True)
class Filter:
    """Whose items are shown; None asks nothing."""

    department_id: int | None = None
    account_id: int | None = None


def entries(session: Session, actor: Actor, first: date, last: date, *, wanted: Filter) -> list[Entry]:
    """Everything from one day to another (both inclusive), in the order of time; at most `MOST`."""
    begin, end = _midnight(first), _midnight(last + timedelta(days=1))
    planned = _planned(session, actor, begin, end, wanted)
    wished = _wished(session, actor, begin, end, wanted)
    return sorted([*planned, *wished], key=lambda entry: (entry.at, entry.submission_id))[:MOST]


def undated(session: Session, actor: Actor, *, wanted: Filter) -> list[ReadyItem]:
    """The drawer: approved items nobody planned yet, the longest waiting first. Only for publishers."""
    ready = publications.ready_to_publish(session, actor)
    if wanted == Filter():
        return ready
    kept = set(
        session.exec(
            select(Submission.id).where(col(Submission.id).in_([item.submission_id for item in ready]), *_of(wanted))
        )
    )
    return [item for item in ready if item.submission_id in kept]


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_ZONE)


def _of(wanted: Filter) -> list[ColumnElement[bool]]:
    asked = ((Submission.department_id, wanted.department_id), (Submission.account_id, wanted.account_id))
    return [col(column) == value for column, value in asked if value is not None]


def _planned(session: Session, actor: Actor, begin: datetime, end: datetime, wanted: Filter) -> Iterable[Entry]:
    # A plan stands at its time, what was sent at once at the time it may go; what is out, at the time it went out.
    settled = (S.LIVE, S.REMOVED, S.BANNED)
    planned_at: Any = func.coalesce(col(Publication.scheduled_for), col(Publication.run_after))
    at_time = and_(col(Publication.state).not_in(settled), planned_at >= begin, planned_at < end)
    out = and_(
        col(Publication.state) == S.LIVE, col(Publication.settled_at) >= begin, col(Publication.settled_at) < end
    )
    statement: Any = (
        select(Publication, Submission, Department.name, OfficialAccount.name)
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(or_(at_time, out), Publication.failure_code != CANCELLED, visible_to(actor), *_of(wanted))
        .order_by(col(Publication.id).desc())
        .limit(2 * MOST)
    )
    together: dict[tuple[int, datetime], list[Any]] = {}
    for row in session.exec(statement):
        at = _at(row[0]).replace(second=0, microsecond=0)
        together.setdefault((row[0].submission_id, at), []).append(row)
    return [_entry(at, rows) for (_, at), rows in together.items()]


def _at(row: Publication) -> datetime:
    if row.state is S.LIVE and row.settled_at is not None:
        return row.settled_at
    return row.scheduled_for or row.run_after


def _entry(at: datetime, rows: Sequence[Any]) -> Entry:
    _, item, department, account = rows[0]
    publications_of_it = sorted((row[0] for row in rows), key=lambda each: each.target)
    states = {each.state for each in publications_of_it}
    wechat = next((each for each in publications_of_it if each.target is Target.WECHAT), None)
    return Entry(
        submission_id=item.id,
        title=item.title,
        department=department,
        account=account,
        at=at,
        state=_state(states),
        targets=tuple(each.target for each in publications_of_it),
        way=wechat.way if wechat else None,
        movable=states == {S.QUEUED},
        embargo_until=item.embargo_until,
    )


def _state(states: set[PublicationState]) -> EntryState:
    if states & set(FOR_A_PERSON):
        return EntryState.ATTENTION
    return EntryState.LIVE if states == {S.LIVE} else EntryState.PLANNED


def _wished(session: Session, actor: Actor, begin: datetime, end: datetime, wanted: Filter) -> Iterable[Entry]:
    queued = exists().where(
        col(Publication.submission_id) == col(Submission.id),
        col(Publication.revision_id) == col(Submission.sealed_revision_id),
        col(Publication.failure_code) != CANCELLED,
    )
    statement: Any = (
        select(Submission, Department.name, OfficialAccount.name)
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(
            col(Submission.state).in_((*REVIEW_STAGES, SubmissionState.APPROVED)),
            col(Submission.wanted_at) >= begin,
            col(Submission.wanted_at) < end,
            ~queued,
            visible_to(actor),
            *_of(wanted),
        )
        .order_by(col(Submission.id).desc())
        .limit(MOST)
    )
    return [
        Entry(
            submission_id=item.id,
            title=item.title,
            department=department,
            account=account,
            at=item.wanted_at,
            state=EntryState.UNDATED if item.state is SubmissionState.APPROVED else EntryState.WISHED,
            targets=(),
            way=None,
            movable=False,
        )
        for item, department, account in session.exec(statement)
    ]


# --- What else goes out then -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Neighbour:
    """Something else of the same account on the same day."""

    title: str
    at: datetime
    is_out: bool


def neighbours(session: Session, account_id: int, at: datetime, *, but_submission: int) -> list[Neighbour]:
    """What else one account has on the day of a moment, planned or out, in the order of time."""
    begin = _midnight(office_day(at))
    end = begin + timedelta(days=1)
    planned_at: Any = func.coalesce(col(Publication.scheduled_for), col(Publication.run_after))
    of_the_day = or_(
        and_(col(Publication.state).in_(IN_FLIGHT), planned_at >= begin, planned_at < end),
        and_(col(Publication.state) == S.LIVE, col(Publication.settled_at) >= begin, col(Publication.settled_at) < end),
    )
    rows: Any = session.exec(
        select(Publication, Submission.title)
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .where(
            Publication.account_id == account_id,
            Publication.target == Target.WECHAT,
            Publication.submission_id != but_submission,
            of_the_day,
        )
        .limit(MOST)
    )
    return sorted((Neighbour(title, _at(row), row.state is S.LIVE) for row, title in rows), key=lambda each: each.at)
