"""What the review form of an item says, from the trail of its steps; and which items a month's archive holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    Action,
    Content,
    Person,
    Publication,
    PublicationState,
    ReviewDecision,
    Submission,
    SubmissionState,
)
from services.errors import NotAllowed
from services.queries import checklist, emergencies
from services.queries import submissions as reads
from services.queries.checklist import AnswerLine
from services.queries.emergencies import EmergencyDetail
from services.rules.months import Months
from services.rules.permissions import Actor, Capability, signature_of

SIGNS = frozenset(
    {Action.SUBMIT, Action.SIGN_OFF, Action.PASS, Action.APPROVE, Action.RETURN, Action.REJECT, Action.RAISE}
    | {Action.RECALL, Action.WITHDRAW, Action.EXPEDITE, Action.SETTLE, Action.ADJUST, Action.REOPEN}
)
"""Steps the form shows: what people did. What the system recorded by itself is on the form as a publication."""

KEEPS_FORMS = frozenset({Capability.REVIEW, Capability.APPROVE, Capability.RECORD_VIOLATIONS})
"""Capabilities whose holders take the forms of a whole month: the office and the oversight."""


@dataclass(frozen=True)
class Signature:
    """One step on the form: in which stage, what, by whom (X 代 Y), when, with which words."""

    review_round: int
    stage: SubmissionState
    action: Action
    by: str
    at: datetime
    words: str


@dataclass(frozen=True)
class Outlet:
    """Where the sealed version went."""

    place: str
    state: PublicationState
    at: datetime | None
    address: str


@dataclass(frozen=True)
class FormFacts:
    """Everything the form of one item says."""

    submission: Submission
    content: Content
    revision_number: int | None
    contributor: str
    department: str
    account: str
    pictures: int
    signatures: Sequence[Signature]
    answers: Sequence[AnswerLine]
    outlets: Sequence[Outlet]
    emergency: EmergencyDetail | None


def of_item(session: Session, actor: Actor, submission_id: int) -> FormFacts:
    """The facts of one item for somebody who may see it. Raises `NotFound`."""
    item = reads.detail(session, actor, submission_id)
    counting = checklist.latest(checklist.answers(session, submission_id))
    return FormFacts(
        submission=item.submission,
        content=item.content,
        revision_number=item.revision_number,
        contributor=item.contributor,
        department=item.department,
        account=item.account.name if item.account else "",
        pictures=len(item.assets),
        signatures=_signatures(session, submission_id),
        answers=[each for (number, *_), each in counting.items() if number == item.submission.review_round],
        outlets=[_outlet(each) for each in item.publications],
        emergency=emergencies.of_item(session, item.submission),
    )


def _signatures(session: Session, submission_id: int) -> list[Signature]:
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id), isouter=True)
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .where(ReviewDecision.submission_id == submission_id, col(ReviewDecision.action).in_(SIGNS))
        .order_by(col(ReviewDecision.id))
    )
    return [
        Signature(
            review_round=each.review_round,
            stage=each.from_state,
            action=each.action,
            by=signature_of(name or "系统", of),
            at=each.at,
            words=f"{each.comment}（制度 {each.clause}）" if each.clause else each.comment,
        )
        for each, name, of in rows
    ]


def _outlet(row: Publication) -> Outlet:
    return Outlet(place=row.target.label, state=row.state, at=row.settled_at, address=row.url or "")


def approved_in(session: Session, actor: Actor, months: Months) -> Sequence[int]:
    """The items sealed in these months, in the order of their sealing. Raises `NotAllowed`."""
    if not any(actor.reaches(each) for each in KEEPS_FORMS):
        raise NotAllowed("只有宣传部和监督小组可以整月导出审批表。")
    rows = session.exec(
        select(ReviewDecision.submission_id)
        .where(
            col(ReviewDecision.action) == Action.APPROVE,
            col(ReviewDecision.to_state) == SubmissionState.APPROVED,
            col(ReviewDecision.at) >= months.starts_at,
            col(ReviewDecision.at) < months.ends_before,
        )
        .group_by(col(ReviewDecision.submission_id))
        .order_by(func.min(ReviewDecision.at), col(ReviewDecision.submission_id))
    )
    return list(rows)
