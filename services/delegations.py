"""代办与不在岗: who acts for whom from day to day, and who is away. Both end by themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from sqlmodel import col, select

from models import Absence, AuditAction, Delegation, NoticeKind, Person, Role
from services import audit, notices
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.queries import people
from services.rules import delegation as rules
from services.rules.delegation import Mandate
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

LONGEST_REASON = 60


def delegate(
    work: UnitOfWork,
    *,
    deputy_id: int,
    roles: Collection[Role],
    starts_on: date,
    ends_on: date,
    reason: str = "",
    principal_id: int | None = None,
    is_absent: bool = False,
) -> Delegation:
    """Let somebody act for the person (or, by an administrator, for `principal_id`) on these days, both inclusive.

    `is_absent` also notes that the principal is away on these days. Both people are told. Raises `NotAllowed` and
    `InvalidInput` naming the field.
    """
    principal = _principal(work, principal_id)
    mandate = Mandate(principal.id or 0, deputy_id, frozenset(roles), starts_on, ends_on)
    _refuse_unlawful(work, mandate)
    row = Delegation(
        principal_id=mandate.principal_id,
        deputy_id=deputy_id,
        roles=[role.value for role in Role if role in mandate.roles],
        starts_on=starts_on,
        ends_on=ends_on,
        reason=_short(reason),
        made_by_id=work.person_id,
        made_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _record(work, AuditAction.DELEGATION_MADE, row)
    if is_absent:
        enter_absence(work, person_id=mandate.principal_id, starts_on=starts_on, ends_on=ends_on)
    return row


def end(work: UnitOfWork, *, delegation_id: int) -> Delegation:
    """End a delegation now: by the principal, the deputy or an administrator; both are told.

    Raises `NotFound`, `NotAllowed`, `WrongState`.
    """
    row = work.session.get(Delegation, delegation_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这次代办，请刷新页面。")
    if work.person_id not in (row.principal_id, row.deputy_id) and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有委托人、代办人和系统管理员可以结束这次代办。")
    if row.ended_at is not None or row.ends_on < office_day(work.now):
        raise WrongState("这次代办已经结束。")
    row.ended_at = work.now
    work.session.flush()
    _record(work, AuditAction.DELEGATION_ENDED, row)
    return row


def enter_absence(work: UnitOfWork, *, starts_on: date, ends_on: date, person_id: int | None = None) -> Absence:
    """Note that the person (or, by an administrator, `person_id`) is away on these days, both inclusive.

    Raises `NotAllowed` and `InvalidInput`.
    """
    person = _principal(work, person_id)
    if ends_on < starts_on:
        raise InvalidInput("结束日期早于开始日期，请重新选择。", field="ends_on")
    if ends_on < office_day(work.now):
        raise InvalidInput("结束日期已经过去，请选择今天或以后的日期。", field="ends_on")
    row = Absence(
        person_id=person.id or 0,
        starts_on=starts_on,
        ends_on=ends_on,
        entered_by_id=work.person_id,
        entered_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    details = {"from": f"{starts_on:%Y-%m-%d}", "to": f"{ends_on:%Y-%m-%d}"}
    audit.record(work, AuditAction.ABSENCE_ENTERED, "person", person.id, details)
    return row


def withdraw_absence(work: UnitOfWork, *, absence_id: int) -> Absence:
    """The person is back, or does not leave. Raises `NotFound`, `NotAllowed`."""
    row = work.session.get(Absence, absence_id, with_for_update=True)
    if row is None or row.withdrawn_at is not None:
        raise NotFound("没有找到这条不在岗记录，请刷新页面。")
    _principal(work, row.person_id)
    row.withdrawn_at = work.now
    work.session.flush()
    audit.record(work, AuditAction.ABSENCE_WITHDRAWN, "person", row.person_id, {})
    return row


def _principal(work: UnitOfWork, person_id: int | None) -> Person:
    """Whose days these are: the acting person's own, or anybody's for an administrator."""
    if person_id not in (None, work.person_id) and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只能为自己登记；替别人登记请联系系统管理员。")
    person = work.session.get(Person, person_id or work.person_id)
    if person is None or not person.active:
        raise InvalidInput("没有找到这位人员，或已停用，请重新选择。", field="principal_id")
    return person


def _refuse_unlawful(work: UnitOfWork, mandate: Mandate) -> None:
    today = office_day(work.now)
    deputy = work.session.get(Person, mandate.deputy_id)
    if deputy is None or not deputy.active:
        raise InvalidInput("没有找到代办人，或已停用，请重新选择。", field="deputy_id")
    # The rows are locked in one order: of two people who name each other at the same moment, the second is refused.
    work.session.exec(
        select(Person.id)
        .where(col(Person.id).in_((mandate.principal_id, mandate.deputy_id)))
        .order_by(col(Person.id))
        .with_for_update()
    ).all()
    standing = people.actor(work.session, mandate.principal_id, max(today, mandate.starts_on))
    held = standing.roles if standing else frozenset()
    fault = rules.fault_of(mandate, _known(work, today), held=held, today=today)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])


def _known(work: UnitOfWork, today: date) -> list[Mandate]:
    rows = work.session.exec(
        select(Delegation)
        .where(col(Delegation.ends_on) >= today, col(Delegation.ended_at).is_(None))
        .order_by(col(Delegation.id))
    )
    return [
        Mandate(
            each.principal_id,
            each.deputy_id,
            frozenset(Role.of(code) for code in each.roles),
            each.starts_on,
            each.ends_on,
        )
        for each in rows
    ]


def _record(work: UnitOfWork, action: AuditAction, row: Delegation) -> None:
    """The line in the trail, and a word to both people (not to whoever did it)."""
    names = people.names(work.session)
    principal, deputy = names[row.principal_id], names[row.deputy_id]
    roles = "、".join(Role.of(code).label for code in row.roles)
    details = {
        "principal": principal,
        "deputy": deputy,
        "roles": row.roles,
        "from": f"{row.starts_on:%Y-%m-%d}",
        "to": f"{row.ends_on:%Y-%m-%d}",
        "reason": row.reason,
    }
    audit.record(work, action, "delegation", row.id, details)
    ended = action is AuditAction.DELEGATION_ENDED
    days = f"{row.starts_on:%Y-%m-%d} 至 {row.ends_on:%Y-%m-%d}"
    notices.tell(
        work,
        {row.principal_id, row.deputy_id},
        NoticeKind.DELEGATION,
        event=f"{action.value}:{row.id}",
        subject=("delegation", row.id or 0),
        title=f"{deputy} 代 {principal} 办理{'已结束' if ended else ''}",
        body="" if ended else f"{days}，以“{roles}”身份。{row.reason}",
    )


def _short(reason: str) -> str:
    given = " ".join(reason.split())
    if len(given) > LONGEST_REASON:
        raise InvalidInput(f"说明太长：请写在 {LONGEST_REASON} 字以内。", field="reason")
    return given
