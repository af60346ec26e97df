"""Reads about the emergency channel: who may open it, what is still owed, how often it was used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, not_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    AfterReview,
    Department,
    Emergency,
    EmergencyPerson,
    EmergencyReason,
    Person,
    Publication,
    Submission,
    SubmissionState,
)
from services.queries.standings import visible_to
from services.rules.months import Months
from services.rules.office_time import period_of
from services.rules.permissions import Actor

MOST_DEBTS = 50


@dataclass(frozen=True)
class ListedPerson:
    """Somebody who may open the channel."""

    id: int
    name: str
    department: str
    added_at: datetime


@dataclass(frozen=True)
class DebtLine:
    """An item that still owes its full review."""

    submission_id: int
    title: str
    department: str
    reason: EmergencyReason
    opened_by: str
    due_at: datetime
    owed_to_leader: bool

    def is_overdue(self, now: datetime) -> bool:
        return self.due_at <= now


@dataclass(frozen=True)
class EmergencyDetail:
    """One use of the channel as the item's page shows it; empty names where nothing happened yet."""

    reason: EmergencyReason
    words: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    owed_to_leader: bool
    settled_at: datetime | None
    settled_by: str
    verdict: AfterReview | None
    found: str


@dataclass(frozen=True)
class MonthOfEmergencies:
    """How often the channel was used in a month, how often the full review came too late, and what is still owed."""

    month: int
    used: int
    late: int
    owed: int


def listed(session: Session) -> Sequence[ListedPerson]:
    """Who may open the channel, by name."""
    rows = session.exec(
        select(Person.id, Person.name, Department.name, EmergencyPerson.added_at)
        .join(EmergencyPerson, col(EmergencyPerson.person_id) == col(Person.id))
        .join(Department, col(Department.id) == col(Person.department_id))
        .where(col(Person.active))
        .order_by(col(Person.name))
    )
    return [ListedPerson(*row) for row in rows]


def is_listed(session: Session, person_id: int) -> bool:
    """Whether somebody may open the channel."""
    return session.get(EmergencyPerson, person_id) is not None


def of_round(session: Session, submission: Submission) -> Emergency | None:
    """The use of the channel in the item's present round."""
    return session.exec(
        select(Emergency).where(
            Emergency.submission_id == submission.id, Emergency.review_round == submission.review_round
        )
    ).first()


def of_item(session: Session, submission: Submission) -> EmergencyDetail | None:
    """The last use of the channel for an item the reader may know of."""
    opener, settler = aliased(Person), aliased(Person)
    found = session.exec(
        select(Emergency, opener.name, settler.name)
        .join(opener, col(opener.id) == col(Emergency.opened_by_id))
        .join(settler, col(settler.id) == col(Emergency.settled_by_id), isouter=True)
        .where(Emergency.submission_id == submission.id)
        .order_by(col(Emergency.id).desc())
    ).first()
    if found is None:
        return None
    row, opened_by, settled_by = found
    return EmergencyDetail(
        reason=row.reason,
        words=row.words,
        opened_by=opened_by,
        opened_at=row.opened_at,
        due_at=row.due_at,
        owed_to_leader=row.owed_to_leader,
        settled_at=row.settled_at,
        settled_by=settled_by or "",
        verdict=row.verdict,
        found=row.found,
    )


def debts(session: Session, actor: Actor) -> Sequence[DebtLine]:
    """What still owes its full review, the one due first first; at most fifty, of what this person may see."""
    rows = session.exec(
        select(Emergency, Submission.title, Department.name, Person.name)
        .join(Submission, col(Submission.id) == col(Emergency.submission_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(Person, col(Person.id) == col(Emergency.opened_by_id))
        .where(col(Emergency.settled_at).is_(None), col(Emergency.due_at).is_not(None), visible_to(actor))
        .order_by(col(Emergency.due_at), col(Emergency.id))
        .limit(MOST_DEBTS)
    )
    return [
        DebtLine(
            submission_id=row.submission_id,
            title=title,
            department=department,
            reason=row.reason,
            opened_by=opened_by,
            due_at=row.due_at,
            owed_to_leader=row.owed_to_leader,
        )
        for row, title, department, opened_by in rows
        if row.due_at is not None
    ]


def to_publish(session: Session) -> Sequence[int]:
    """Items approved in the channel of which nothing was queued yet."""
    queued = exists().where(col(Publication.submission_id) == col(Submission.id))
    waiting = session.exec(
        select(Submission.id)
        .where(col(Submission.state) == SubmissionState.APPROVED, col(Submission.is_emergency), not_(queued))
        .order_by(col(Submission.id))
    )
    return [each for each in waiting if each is not None]


def by_month(session: Session, months: Months, now: datetime) -> Sequence[MonthOfEmergencies]:
    """The use of the channel in these months, one line for each month in which it was used, oldest first."""
    rows = session.exec(
        select(Emergency.opened_at, Emergency.due_at, Emergency.settled_at)
        .where(col(Emergency.opened_at) >= months.starts_at, col(Emergency.opened_at) < months.ends_before)
        .order_by(col(Emergency.opened_at))
    ).all()
    lines: dict[int, MonthOfEmergencies] = {}
    for opened_at, due_at, settled_at in rows:
        month = period_of(opened_at)
        so_far = lines.get(month, MonthOfEmergencies(month, 0, 0, 0))
        is_owed = due_at is not None and settled_at is None
        is_late = due_at is not None and due_at < (settled_at or now)
        lines[month] = MonthOfEmergencies(
            month, so_far.used + 1, so_far.late + int(is_late), so_far.owed + int(is_owed)
        )
    return [*lines.values()]
