"""值班与岗位职责: who is on duty which day, what each role is there for, and who has read it (rule 5.1, 6.1)."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import select

from models import Acknowledgement, AuditAction, DutyTurn, Regulation, Role
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, StaleState
from services.operators import active_person, refuse_others
from services.queries import operators as reads
from services.rules import duties as rules
from services.rules.office_time import office_day
from services.unit_of_work import UnitOfWork

LONGEST_TURN = timedelta(days=62)


def set_turn(work: UnitOfWork, *, person_id: int, first: date, last: date) -> int:
    """Put somebody on duty from day to day, both inclusive; on how many days they were not yet.

    Raises `NotAllowed` and `InvalidInput`.
    """
    refuse_others(work)
    person = active_person(work, person_id)
    if last < first:
        raise InvalidInput("结束日期早于开始日期，请重新选择。", field="last")
    if first < office_day(work.now):
        raise InvalidInput("不能排过去的日子，请选择今天或以后的日期。", field="first")
    if last - first > LONGEST_TURN:
        raise InvalidInput("一次最多排两个月，请分次排定。", field="last")
    days = {first + timedelta(days=number) for number in range((last - first).days + 1)}
    turns = select(DutyTurn).where(DutyTurn.person_id == person_id, DutyTurn.day >= first, DutyTurn.day <= last)
    new = sorted(days - {each.day for each in work.session.exec(turns)})
    work.session.add_all(DutyTurn(day=day, person_id=person_id) for day in new)
    work.session.flush()
    if new:
        details = {"person": person.name, "from": f"{first}", "to": f"{last}"}
        audit.record(work, AuditAction.DUTY_SET, "person", person_id, details)
    return len(new)


def clear_turn(work: UnitOfWork, *, turn_id: int) -> None:
    """Take somebody off duty on one day. Raises `NotAllowed`, `NotFound`."""
    refuse_others(work)
    turn = work.session.get(DutyTurn, turn_id, with_for_update=True)
    if turn is None:
        raise NotFound("没有找到这次值班，请刷新页面。")
    audit.record(work, AuditAction.DUTY_CLEARED, "person", turn.person_id, {"day": f"{turn.day}"})
    work.session.delete(turn)
    work.session.flush()


def write_duties(work: UnitOfWork, *, role: Role, text: str, seen_version: int) -> Regulation:
    """The school's own text for a role, as its next version: everybody who holds the role is asked again.

    Raises `NotAllowed`, `InvalidInput`, `StaleState`.
    """
    refuse_others(work)
    given = text.strip()
    present = reads.duties_of(work.session, role)
    if present.version != seen_version:
        raise StaleState("这份职责刚刚被别人改过，这里没有覆盖它：请看过现在的内容再决定，您写的文字仍在输入框里。")
    if not given or len(given) > rules.LONGEST:
        raise InvalidInput(f"请填写职责，{rules.LONGEST} 字以内。", field="text")
    if given == present.text:
        raise InvalidInput("内容没有变化，不必保存新的版本。", field="text")
    row = Regulation(role=role, version=seen_version + 1, text=given, made_by_id=work.person_id, made_at=work.now)
    work.session.add(row)
    work.session.flush()
    details = {"role": role.value, "version": row.version}
    audit.record(work, AuditAction.DUTIES_CHANGED, "duties", row.id, details)
    return row


def acknowledge(work: UnitOfWork, *, role: Role, version: int) -> Acknowledgement:
    """The person has read the duties of a role they hold, in this version; twice is once.

    Raises `NotAllowed`, and `StaleState` where there is a newer version.
    """
    if role not in work.actor.roles:
        raise NotAllowed(f"您现在没有“{role.label}”角色，不需要确认它的职责。")
    if reads.duties_of(work.session, role).version != version:
        raise StaleState("这份职责刚刚更新，请刷新后阅读新的版本再确认。")
    known = work.session.exec(
        select(Acknowledgement).where(
            Acknowledgement.person_id == work.person_id,
            Acknowledgement.role == role,
            Acknowledgement.version == version,
        )
    ).first()
    if known is not None:
        return known
    row = Acknowledgement(person_id=work.person_id, role=role, version=version, at=work.now)
    work.session.add(row)
    work.session.flush()
    details = {"role": role.value, "version": version}
    audit.record(work, AuditAction.DUTIES_ACKNOWLEDGED, "person", work.person_id, details)
    return row
