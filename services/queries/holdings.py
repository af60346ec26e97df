"""What somebody still holds: read before they leave, so that nothing is left behind without a word.

Whoever looks after people need not read items and cases: those they may not know of are told by number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

from sqlmodel import Session, col, or_, select

from models import (
    REVIEW_STAGES,
    WITH_AUTHOR,
    AccountRequest,
    DutyTurn,
    OfficialAccount,
    OperatorTerm,
    Person,
    Role,
    Submission,
    SubmissionState,
    Violation,
    ViolationPerson,
)
from services.queries import account_requests, delegations, people, standings, violations
from services.rules import account_life
from services.rules.account_requests import UNDER_WAY, signature_step, standing_for
from services.rules.office_time import office_day
from services.rules.permissions import Actor
from services.rules.violation_cases import ENDED

WITH_OTHERS = (*REVIEW_STAGES, SubmissionState.APPROVED)


@dataclass(frozen=True)
class Holdings:
    """Each as a title: drafts of their own, items and requests that wait for nobody else, requests they handed in,
    accounts they operate or are named at, open cases that name them, whom they stand in for or are stood in for by,
    and their duty days.
    """

    drafts: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    requests: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    cases: tuple[str, ...] = ()
    delegations: tuple[str, ...] = ()
    duty_days: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        return sum(len(getattr(self, each.name)) for each in fields(self))


def of_person(session: Session, reader: Actor, person_id: int, now: datetime) -> Holdings:
    """What a person holds now, for a reader."""
    today = office_day(now)
    return Holdings(
        drafts=_drafts(session, reader, person_id),
        waiting=_waiting_for_nobody_else(session, reader, person_id, now),
        requests=_requests(session, person_id, today),
        accounts=(*_accounts(session, person_id, now), *_named_at(session, person_id)),
        cases=_cases(session, reader, person_id),
        delegations=_delegations(session, person_id, today),
        duty_days=_duty_days(session, person_id, today),
    )


def _drafts(session: Session, reader: Actor, person_id: int) -> tuple[str, ...]:
    statement = (
        select(Submission)
        .where(Submission.contributor_id == person_id, col(Submission.state).in_(WITH_AUTHOR))
        .order_by(col(Submission.updated_at).desc())
    )
    return _titles(session, reader, session.exec(statement).all())


def _titles(session: Session, reader: Actor, items: Sequence[Submission]) -> tuple[str, ...]:
    asked = select(Submission.id).where(col(Submission.id).in_([each.id for each in items]))
    known = set(session.exec(asked.where(standings.visible_to(reader))))
    return tuple(f"{_named(each, is_known=each.id in known)}（{each.state.label}）" for each in items)


def _named(item: Submission, *, is_known: bool) -> str:
    return (item.title or "（还没有标题）") if is_known else f"第 {item.id} 号稿件"


def _waiting_for_nobody_else(session: Session, reader: Actor, person_id: int, now: datetime) -> tuple[str, ...]:
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
    return _titles(session, reader, only_theirs)


def _requests(session: Session, person_id: int, today: date) -> tuple[str, ...]:
    """Requests about accounts that the person handed in, or that nobody else may decide."""
    able = people.actors(session, list(Role), today)
    rows = session.exec(
        select(AccountRequest, OfficialAccount.name)
        .join(OfficialAccount, col(OfficialAccount.id) == col(AccountRequest.account_id))
        .where(col(AccountRequest.state).in_(UNDER_WAY))
        .order_by(col(AccountRequest.id))
    ).all()
    return tuple(
        f"{name}：{request.kind.label}申请（{request.state.label}）"
        for request, name in rows
        if request.applied_by_id == person_id or _deciders(session, request, able) == [person_id]
    )


def _deciders(session: Session, request: AccountRequest, able: Sequence[Actor]) -> list[int | None]:
    step = signature_step(request.state)
    facts = account_requests.standing(session, request)
    return [each.id for each in able if step and standing_for(step, each, facts)]


NAMED_AS = {
    "first_responsible": "第一责任人",
    "admin_a": "管理员 A 角",
    "admin_b": "管理员 B 角",
    "password_custodian": "密码保管人",
    "emergency_contact": "应急联系人",
}
"""Where the register names people in words."""


def _named_at(session: Session, person_id: int) -> tuple[str, ...]:
    name = session.get_one(Person, person_id).name
    named = or_(*(col(getattr(OfficialAccount, field)) == name for field in NAMED_AS))
    rows = session.exec(
        select(OfficialAccount)
        .where(named, col(OfficialAccount.state).not_in(account_life.ENDED))
        .order_by(col(OfficialAccount.name))
    )
    return tuple(
        f"{account.name}（{'、'.join(label for field, label in NAMED_AS.items() if getattr(account, field) == name)}）"
        for account in rows
    )


def _delegations(session: Session, person_id: int, today: date) -> tuple[str, ...]:
    return tuple(
        f"{each.deputy} 代 {each.principal}（至 {each.ends_on:%m-%d}）"
        for each in delegations.of_person(session, person_id, today)
    )


def _duty_days(session: Session, person_id: int, today: date) -> tuple[str, ...]:
    ahead = select(DutyTurn).where(DutyTurn.person_id == person_id, DutyTurn.day >= today).order_by(col(DutyTurn.day))
    return tuple(f"{turn.day:%m-%d} 值班" for turn in session.exec(ahead))


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


def _cases(session: Session, reader: Actor, person_id: int) -> tuple[str, ...]:
    statement = (
        select(Violation)
        .join(ViolationPerson, col(ViolationPerson.violation_id) == col(Violation.id))
        .where(ViolationPerson.person_id == person_id, col(Violation.state).not_in(ENDED))
        .order_by(col(Violation.id))
    )
    found = session.exec(statement).all()
    asked = select(Violation.id).where(col(Violation.id).in_([each.id for each in found]))
    known = set(session.exec(asked.where(violations.visible_to(reader))))
    return tuple(
        f"第 {each.id} 号 {each.kind.label if each.id in known else '违规'}（{each.state.label}）" for each in found
    )
