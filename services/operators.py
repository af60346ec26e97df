"""运营队伍: who runs which account, as A or B (rule 5.1). The first is staff; the second stands in."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import col, or_, select

from models import AuditAction, OfficialAccount, OperatorPost, OperatorTerm, Person
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

ONLY_OFFICE = "只有系统管理员和宣传部终审人可以管理运营队伍。"
MANAGES = (Capability.ADMINISTER, Capability.APPROVE)


def refuse_others(work: UnitOfWork) -> None:
    """Raise `NotAllowed` for whoever does not manage the operators. A deputy approver does not."""
    if not any(work.actor.may(each) for each in MANAGES):
        raise NotAllowed(ONLY_OFFICE)


def name_operator(
    work: UnitOfWork,
    *,
    account_id: int,
    person_id: int,
    post: OperatorPost,
    starts_on: date,
    ends_on: date | None = None,
) -> OperatorTerm:
    """Put somebody on the roster of an account. Raises `NotAllowed` and `InvalidInput` naming the field."""
    refuse_others(work)
    person = active_person(work, person_id)
    if work.session.get(OfficialAccount, account_id, with_for_update=True) is None:
        raise InvalidInput("请选择公众号。", field="account_id")
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput("结束日期早于开始日期，请重新选择。", field="ends_on")
    if person.is_student and post is OperatorPost.A:
        raise InvalidInput("A 角须由教职工担任，学生可以担任 B 角。", field="person_id")
    if person.is_student and ends_on is None:
        raise InvalidInput("学生任职须写明结束日期，到期自动结束。", field="ends_on")
    term = OperatorTerm(account_id=account_id, person_id=person_id, post=post, starts_on=starts_on, ends_on=ends_on)
    _refuse_second(work, term, person)
    work.session.add(term)
    work.session.flush()
    details = {"person": person.name, "post": post.value, "from": f"{starts_on}", "to": f"{ends_on or ''}"}
    audit.record(work, AuditAction.OPERATOR_NAMED, "account", account_id, details)
    return term


def _refuse_second(work: UnitOfWork, new: OperatorTerm, person: Person) -> None:
    beside = select(OperatorTerm).where(
        OperatorTerm.account_id == new.account_id,
        or_(col(OperatorTerm.ends_on).is_(None), col(OperatorTerm.ends_on) >= new.starts_on),
    )
    if new.ends_on is not None:
        beside = beside.where(OperatorTerm.starts_on <= new.ends_on)
    for each in work.session.exec(beside):
        if each.person_id == new.person_id:
            raise InvalidInput(
                f"{person.name}这段时间已是这个公众号的{each.post.label}，A、B 角须是两个人。", field="person_id"
            )
        if each.post is new.post:
            raise InvalidInput(
                f"这个公众号这段时间已有{new.post.label}，请先结束原来的任职，或改选日期。", field="post"
            )


def end_term(work: UnitOfWork, *, term_id: int) -> OperatorTerm:
    """End somebody's time on a roster with yesterday. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    refuse_others(work)
    term = work.session.get(OperatorTerm, term_id, with_for_update=True)
    if term is None:
        raise NotFound("没有找到这条任职，请刷新页面。")
    yesterday = office_day(work.now) - timedelta(days=1)
    if term.ends_on is not None and term.ends_on <= yesterday:
        raise WrongState("这条任职已经结束。")
    # Somebody named for today or later never served.
    term.ends_on = yesterday
    term.starts_on = min(term.starts_on, yesterday)
    work.session.flush()
    audit.record(
        work, AuditAction.OPERATOR_ENDED, "account", term.account_id, {"person": active_name(work, term.person_id)}
    )
    return term


def active_person(work: UnitOfWork, person_id: int) -> Person:
    """Somebody who works here. Raises `InvalidInput`."""
    person = work.session.get(Person, person_id)
    if person is None or not person.active:
        raise InvalidInput("没有找到这位人员，或已停用，请重新选择。", field="person_id")
    return person


def active_name(work: UnitOfWork, person_id: int) -> str:
    """The name of whoever this is or was."""
    return work.session.get_one(Person, person_id).name
