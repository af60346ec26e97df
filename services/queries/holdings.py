"""What somebody still holds: read before they leave, so that nothing is left behind without a word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, or_, select

from models import (
    REVIEW_STAGES,
    WITH_AUTHOR,
    OfficialAccount,
    OperatorTerm,
    Submission,
    SubmissionState,
    Violation,
    ViolationPerson,
)
from services.queries import people, standings
from services.rules.office_time import office_day
from services.rules.violation_cases import ENDED

WITH_OTHERS = (*REVIEW_STAGES, SubmissionState.APPROVED)


@dataclass(frozen=True)
class Holdings:
    """Drafts of their own, items that wait for nobody else, accounts they operate, open cases that name them;
    each as a title.
    """

    drafts: tuple[str, ...]
    waiting: tuple[str, ...]
    accounts: tuple[str, ...]
    cases: tuple[str, ...]

    @property
    def total(self) -> int:
        return len(self.drafts) + len(self.waiting) + len(self.accounts) + len(self.cases)


def of_person(session: Session, person_id: int, now: datetime) -> Holdings:
    """What a person holds now."""
    return Holdings(
        drafts=_drafts(session, person_id),
        waiting=_waiting_for_nobody_else(session, person_id, now),
        accounts=_accounts(session, person_id, now),
        cases=_cases(session, person_id),
    )


def _drafts(session: Session, person_id: int) -> tuple[str, ...]:
    statement = (
        select(Submission)
        .where(Submission.contributor_id == person_id, col(Submission.state).in_(WITH_AUTHOR))
        .order_by(col(Submission.updated_at).desc())
    )
    return _titles(session.exec(statement).all())


def _titles(items: Sequence[Submission]) -> tuple[str, ...]:
    return tuple(f"{each.title or '（还没有标题）'}（{each.state.label}）" for each in items)


def _waiting_for_nobody_else(session: Session, person_id: int, now: datetime) -> tuple[str, ...]:
    able = people.actors(session, standings.DECIDING_ROLES, office_day(now))
    if person_id not in {each.id for each in able}:
        return ()
    items = session.exec(
        select(Submission).where(col(Submission.state).in_(WITH_OTHERS)).order_by(col(Submission.stage_entered_at))
    ).all()
    only_theirs = [
        item
        for item, standing in zip(items, standings.standings(session, items), strict=True)
        if [each.id for each in able if standings.carries_on(each, standing)] == [person_id]
    ]
    return _titles(only_theirs)


def _accounts(session: Session, person_id: int, now: datetime) -> tuple[str, ...]:
    today = office_day(now)
    statement = (
        select(OfficialAccount.name, OperatorTerm)
        .join(OperatorTerm, col(OperatorTerm.account_id) == col(OfficialAccount.id))
        .where(
            OperatorTerm.person_id == person_id,
            or_(col(OperatorTerm.ends_on).is_(None), col(OperatorTerm.ends_on) >= today),
        )
        .order_by(col(OfficialAccount.name))
    )
    return tuple(f"{name}（{term.post.label}）" for name, term in session.exec(statement))


def _cases(session: Session, person_id: int) -> tuple[str, ...]:
    statement = (
        select(Violation)
        .join(ViolationPerson, col(ViolationPerson.violation_id) == col(Violation.id))
        .where(ViolationPerson.person_id == person_id, col(Violation.state).not_in(ENDED))
        .order_by(col(Violation.id))
    )
    return tuple(f"第 {each.id} 号 {each.kind.label}（{each.state.label}）" for each in session.exec(statement))
