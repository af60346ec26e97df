"""Lists of submissions, ready to draw: one's own, what waits for a person, what they handled. Who may see what is
part of each query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    ADOPTED,
    REVIEW_STAGES,
    WITH_AUTHOR,
    Action,
    ContentCategory,
    Department,
    OfficialAccount,
    Person,
    ReviewDecision,
    Revision,
    Submission,
    SubmissionState,
    Vocabulary,
)
from services.queries import delegations, people
from services.queries.standings import DECIDING_ROLES, carries_on, standings
from services.rules.office_time import office_day
from services.rules.permissions import (
    DID_NOT_EDIT_LAST,
    STAGE_CAPABILITY,
    Actor,
    Capability,
    signature_of,
)
from services.rules.workflow import SIGNATURES, STEPS

PAGE_SIZE = 20
MOST_URGENT_FIRST = (col(Submission.urgent_at), col(Submission.id))
"""By the earliest of a stage's end, the author's wish and a coming event (`services/rules/stage_clocks.py`)."""


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
    """One line of a list. `holders` may carry the item on now: sign its stage, or publish it once it passed."""

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
    holders: tuple[str, ...]
    reason: Reason | None


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
        select(Submission.id, Submission.title, Submission.state, Submission.updated_at)
        .where(col(Submission.contributor_id) == actor.id, col(Submission.state).in_(WITH_AUTHOR))
        .order_by(col(Submission.updated_at).desc(), col(Submission.id).desc())
        .limit(PAGE_SIZE)
    )
    return [Unfinished(*row) for row in session.exec(statement)]


def pages_of(total: int) -> int:
    """How many pages a list of so many lines has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def mine(
    session: Session, actor: Actor, *, now: datetime, progress: Progress | None = None, page: int = 1
) -> Sequence[SubmissionLine]:
    """The person's own items, the one touched last first."""
    newest_first = (col(Submission.updated_at).desc(), col(Submission.id).desc())
    return _lines(session, _is_of(actor, progress), order=newest_first, number=page, now=now)


def count_mine(session: Session, actor: Actor, *, progress: Progress | None = None) -> int:
    """How many items the person has."""
    return _count(session, _is_of(actor, progress))


def waiting_for(session: Session, actor: Actor, *, now: datetime, page: int = 1) -> Sequence[SubmissionLine]:
    """What this person is asked to sign, the most urgent first; never what another person must sign."""
    return _lines(session, _is_with(actor), order=MOST_URGENT_FIRST, number=page, now=now)


def count_waiting(session: Session, actor: Actor) -> int:
    """How many items wait for this person, for the badge in the menu."""
    return _count(session, _is_with(actor))


def passed_by(session: Session, actor: Actor, *, now: datetime, page: int = 1) -> Sequence[SubmissionLine]:
    """What this person decided on before, or changed, newest first."""
    newest_first = (col(Submission.updated_at).desc(), col(Submission.id).desc())
    return _lines(session, _was_with(actor), order=newest_first, number=page, now=now)


def count_passed(session: Session, actor: Actor) -> int:
    """How many items this person decided on before."""
    return _count(session, _was_with(actor))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(Submission).where(condition)).one()


def _lines(
    session: Session, condition: ColumnElement[bool], *, order: Sequence[Any], number: int, now: datetime
) -> list[SubmissionLine]:
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
            holders=names,
            reason=reasons.get(item.id),
        )
        for (item, contributor, department, account), names in zip(rows, holders, strict=True)
    ]


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


def _is_with(actor: Actor) -> ColumnElement[bool]:
    """`workflow.available` in SQL, for the steps that sign a stage, in whatever standing."""
    return or_(*(_is_with_standing(each) for each in actor.standings))


def _is_with_standing(actor: Actor) -> ColumnElement[bool]:
    stages = [stage for stage in REVIEW_STAGES if actor.may(STAGE_CAPABILITY[stage])]
    if not stages:
        return false()
    at_stage = [
        and_(col(Submission.state) == stage, col(Submission.department_id) == actor.department_id)
        if STAGE_CAPABILITY[stage] is Capability.SIGN_OFF
        else col(Submission.state) == stage
        for stage in stages
    ]
    return and_(
        or_(*at_stage),
        col(Submission.contributor_id).not_in(actor.counted),
        not_(_edited_last(actor)),
        not_(_signed_before(actor)),
    )


def _edited_last(actor: Actor) -> ColumnElement[bool]:
    stages = {
        state for (action, state), step in STEPS.items() if action in SIGNATURES and DID_NOT_EDIT_LAST in step.rights
    }
    made = exists().where(col(Revision.id) == col(Submission.revision_id), col(Revision.made_by_id).in_(actor.counted))
    made_for = exists().where(
        col(ReviewDecision.revision_id) == col(Submission.revision_id),
        col(ReviewDecision.action) == Action.ADJUST,
        col(ReviewDecision.for_id).in_(actor.counted),
    )
    return and_(col(Submission.state).in_(stages), or_(made, made_for))


def _signed_before(actor: Actor) -> ColumnElement[bool]:
    signature, later = aliased(ReviewDecision), aliased(ReviewDecision)
    superseded = exists().where(
        col(later.submission_id) == col(signature.submission_id),
        col(later.review_round) == col(signature.review_round),
        col(later.from_state) == col(signature.from_state),
        col(later.action).in_(SIGNATURES),
        col(later.id) > col(signature.id),
    )
    return exists().where(
        col(signature.submission_id) == col(Submission.id),
        col(signature.review_round) == col(Submission.review_round),
        or_(col(signature.actor_id).in_(actor.counted), col(signature.for_id).in_(actor.counted)),
        col(signature.action).in_(SIGNATURES),
        _place(col(signature.from_state)) < _place(col(Submission.state)),
        not_(superseded),
    )


def _place(state: Any) -> ColumnElement[int]:
    return case({stage: number for number, stage in enumerate(REVIEW_STAGES)}, value=state)


def _was_with(actor: Actor) -> ColumnElement[bool]:
    decided = select(ReviewDecision.submission_id).where(
        or_(col(ReviewDecision.actor_id) == actor.id, col(ReviewDecision.for_id) == actor.id),
        col(ReviewDecision.action).in_((*SIGNATURES, Action.ADJUST, Action.RETURN, Action.REJECT)),
    )
    return col(Submission.id).in_(decided)
