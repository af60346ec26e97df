"""Lists of submissions, ready to draw: one's own, what waits for a person, what they handled. Who may see what is
part of each query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    ADOPTED,
    REVIEW_STAGES,
    WITH_AUTHOR,
    ContentCategory,
    Department,
    Draft,
    OfficialAccount,
    Person,
    ReviewDecision,
    Submission,
    SubmissionState,
    Vocabulary,
)
from services.queries import delegations, people
from services.queries.review_claims import Looking
from services.queries.standings import DECIDING_ROLES, carries_on, standings
from services.rules.office_time import office_day
from services.rules.permissions import (
    Actor,
    signature_of,
)
from services.rules.stage_clocks import ClockColour, colour_of

PAGE_SIZE = 20
NEWEST_FIRST = (col(Submission.updated_at).desc(), col(Submission.id).desc())


class Progress(Vocabulary):
    """How far their items are, as contributors sort them."""

    WRITING = "writing", "写作中"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "退回"
    PASSED = "passed", "已通过"


STATES_OF: dict[Progress, tuple[SubmissionState, ...]] = {
    Progress.WRITING: (SubmissionState.DRAFT,),
    Progress.IN_REVIEW: REVIEW_STAGES,
    Progress.RETURNED: (SubmissionState.RETURNED,),
    Progress.PASSED: ADOPTED,
}

ENDED_BY_WORDS = (SubmissionState.RETURNED, SubmissionState.REJECTED, SubmissionState.WITHDRAWN)
"""States an item came to by a step that gives its reason (an author's own withdrawal may go without)."""


@dataclass(frozen=True)
class Reason:
    """Why an item is where it is, in the words of whoever sent it there."""

    actor: str
    at: datetime
    comment: str
    clause: str


@dataclass(frozen=True)
class SubmissionLine:
    """One line of a list. `holders` may carry the item on now: sign its stage, or publish it once it passed.

    `following` is where a stage leads if all is well; `looking` is the colleague who has an item that waits open now.
    """

    id: int
    title: str
    state: SubmissionState
    category: ContentCategory
    contributor: str
    department: str
    account: str | None
    updated_at: datetime
    submitted_at: datetime | None
    stage_entered_at: datetime
    near_at: datetime | None
    due_at: datetime | None
    wanted_at: datetime | None
    following: SubmissionState | None
    is_emergency: bool
    holders: tuple[str, ...]
    reason: Reason | None
    version: int
    looking: Looking | None = None

    def colour(self, now: datetime) -> ClockColour | None:
        """The colour of its clock; None while nobody of the office is waited for."""
        return colour_of(self.near_at, self.due_at, now)


@dataclass(frozen=True)
class Unfinished:
    """An item that waits for its author to go on writing."""

    id: int
    title: str
    state: SubmissionState
    updated_at: datetime


def unfinished(session: Session, actor: Actor) -> Sequence[Unfinished]:
    """The person's drafts and returned items, the one touched last first; a page of them."""
    statement: Any = (
        select(Submission.id, Draft.title, Submission.state, Submission.updated_at)
        .join(Draft, col(Draft.submission_id) == col(Submission.id))
        .where(col(Submission.contributor_id) == actor.id, col(Submission.state).in_(WITH_AUTHOR))
        .order_by(col(Submission.updated_at).desc(), col(Submission.id).desc())
        .limit(PAGE_SIZE)
    )
    return [Unfinished(*row) for row in session.exec(statement)]


MOST_TO_COPY = 50


def to_copy(session: Session, actor: Actor) -> dict[int, str]:
    """The person's own items that were handed in before, the newest first: titles by id."""
    statement: Any = (
        select(Submission.id, Submission.title, Submission.submitted_at)
        .where(col(Submission.contributor_id) == actor.id, col(Submission.revision_id).is_not(None))
        .order_by(*NEWEST_FIRST)
        .limit(MOST_TO_COPY)
    )
    return {id_: f"{office_day(at):%Y-%m-%d}　{title}" for id_, title, at in session.exec(statement) if at is not None}


def pages_of(total: int) -> int:
    """How many pages a list of so many lines has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def mine(
    session: Session, actor: Actor, *, now: datetime, progress: Progress | None = None, page: int = 1
) -> Sequence[SubmissionLine]:
    """The person's own items, the one touched last first, as they are writing them now."""
    found = lines(session, _is_of(actor, progress), order=NEWEST_FIRST, number=page, now=now)
    written = _written(session, [line.id for line in found if line.state in WITH_AUTHOR])
    return [replace(line, **written.get(line.id, {})) for line in found]


def _written(session: Session, submission_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    """By item, what its author's draft says of what a line shows."""
    if not submission_ids:
        return {}
    shown: tuple[Any, ...] = (Draft.title, Draft.category, Draft.wanted_at, OfficialAccount.name)
    statement: Any = (
        select(Draft.submission_id, *shown)
        .join(OfficialAccount, col(OfficialAccount.id) == col(Draft.account_id), isouter=True)
        .where(col(Draft.submission_id).in_(submission_ids))
    )
    names = ("title", "category", "wanted_at", "account")
    return {id_: dict(zip(names, values, strict=True)) for id_, *values in session.exec(statement)}


def count_mine(session: Session, actor: Actor, *, progress: Progress | None = None) -> int:
    """How many items the person has."""
    return count(session, _is_of(actor, progress))


def count(session: Session, condition: ColumnElement[bool], *, at_most: int | None = None) -> int:
    """How many items a condition lets through; counting stops at `at_most`."""
    if at_most is None:
        return session.exec(select(func.count()).select_from(Submission).where(condition)).one()
    some = select(Submission.id).where(condition).limit(at_most).subquery()
    return session.exec(select(func.count()).select_from(some)).one()


def lines(
    session: Session, condition: ColumnElement[bool], *, order: Sequence[Any], number: int, now: datetime
) -> list[SubmissionLine]:
    """One page of the items a condition lets through: five reads, however many lines it has."""
    statement: Any = (
        select(Submission, Person.name, Department.name, OfficialAccount.name)
        .join(Person, col(Person.id) == col(Submission.contributor_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(condition)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((max(1, number) - 1) * PAGE_SIZE)
    )
    rows = session.exec(statement).all()
    items = [item for item, *_ in rows]
    holders, reasons = _holders(session, items, now), _reasons(session, items)
    return [
        SubmissionLine(
            id=item.id,
            title=item.title,
            state=item.state,
            category=item.category,
            contributor=contributor,
            department=department,
            account=account,
            updated_at=item.updated_at,
            submitted_at=item.submitted_at,
            stage_entered_at=item.stage_entered_at,
            near_at=item.near_at,
            due_at=item.due_at,
            wanted_at=item.wanted_at,
            following=_following(item),
            is_emergency=item.is_emergency,
            holders=names,
            reason=reasons.get(item.id),
            version=item.version,
        )
        for (item, contributor, department, account), names in zip(rows, holders, strict=True)
    ]


def _following(item: Submission) -> SubmissionState | None:
    if item.state not in item.route:
        return None
    ahead = item.route[item.route.index(item.state) + 1 :]
    return SubmissionState.of(ahead[0]) if ahead else SubmissionState.APPROVED


# Whose turn it is, and why an item came back


def _holders(session: Session, items: Sequence[Submission], now: datetime) -> list[tuple[str, ...]]:
    """By name, who may carry each item on, leaving out who is away today."""
    away = delegations.away_until(session, office_day(now))
    candidates = [each for each in people.actors(session, DECIDING_ROLES, office_day(now)) if each.id not in away]
    return [
        tuple(able.signature for each in candidates if (able := carries_on(each, item)))
        for item in standings(session, items)
    ]


def _reasons(session: Session, items: Sequence[Submission]) -> dict[int, Reason]:
    ended = [each.id for each in items if each.state in ENDED_BY_WORDS]
    last = (
        select(func.max(ReviewDecision.id))
        .where(col(ReviewDecision.submission_id).in_(ended))
        .group_by(col(ReviewDecision.submission_id))
    )
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id))
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .where(col(ReviewDecision.id).in_(last))
    )
    return {
        each.submission_id: Reason(actor=signature_of(name, of), at=each.at, comment=each.comment, clause=each.clause)
        for each, name, of in rows
        if each.comment
    }


# Which items a list holds


def _is_of(actor: Actor, progress: Progress | None) -> ColumnElement[bool]:
    own = col(Submission.contributor_id) == actor.id
    return own if progress is None else and_(own, col(Submission.state).in_(STATES_OF[progress]))
