"""人员: who belongs where and holds which role from when until when."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

from sqlmodel import col, select, update

from models import AuditAction, Department, Person, PersonRole, Role, SignInSession
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.queries import holdings
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.typed import persons_name
from services.unit_of_work import UnitOfWork

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,38}")
"""Lower case, because streamlit-authenticator lowers what is typed."""
PHONE = re.compile(r"[0-9+][0-9 ()#-]{4,19}")
LONGEST_NAME = 40
NO_SUCH_PERSON = "没有找到这位人员，请刷新列表。"


def create_person(
    work: UnitOfWork,
    *,
    username: str,
    name: str,
    department_id: int,
    roles: Iterable[Role],
    password_hash: str,
    since: date | None = None,
    until: date | None = None,
    phone: str = "",
    is_student: bool = False,
    password_is_temporary: bool = False,
) -> Person:
    """Somebody who may sign in, in these roles from the given day (today) until the given day.

    `password_hash` comes from `passwords.hash_password`, made outside the transaction because it takes 0.3 s, or
    is `passwords.NONE` for whoever gets in with a one-time code. Raises `NotAllowed`, `InvalidInput`.
    """
    _refuse_others(work)
    if not USERNAME.fullmatch(username):
        raise InvalidInput("用户名须为 2 至 39 位小写字母、数字、点、横线，以字母开头。", field="username")
    if work.session.exec(select(Person).where(Person.username == username)).first():
        raise InvalidInput(f"用户名“{username}”已被使用，请换一个。", field="username")
    person = Person(
        username=username,
        name=checked_name(name),
        department_id=_active_department(work, department_id),
        phone=checked_phone(phone),
        is_student=is_student,
        password_hash=password_hash,
        password_is_temporary=password_is_temporary,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    assert person.id is not None  # noqa: S101  # flushed
    given, starts_on = sorted(set(roles)), since or office_day(work.now)
    check_term(starts_on, until, is_student=is_student and bool(given))
    work.session.add_all(
        PersonRole(person_id=person.id, role=role, starts_on=starts_on, ends_on=until) for role in given
    )
    work.session.flush()
    details = {"username": username, "department": department_id, "roles": [role.value for role in given]}
    audit.record(work, AuditAction.PERSON_CREATED, "person", person.id, details)
    return person


def checked_name(name: str) -> str:
    """A person's name as it is stored. Raises `InvalidInput`."""
    given = persons_name(name)
    if not given:
        raise InvalidInput("请填写姓名。", field="name")
    if len(given) > LONGEST_NAME:
        raise InvalidInput(f"姓名太长：最多 {LONGEST_NAME} 个字。", field="name")
    return given


def checked_phone(phone: str) -> str:
    """A work phone as it is stored; empty is fine. Raises `InvalidInput`."""
    if phone.strip() and not PHONE.fullmatch(phone.strip()):
        raise InvalidInput("工作电话只能是 5 至 20 位数字，可带 + - # 和括号；也可以不填。", field="phone")
    return phone.strip()


def check_term(starts_on: date, ends_on: date | None, *, is_student: bool) -> None:
    """Whether a role may hold on these days. Raises `InvalidInput`."""
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput("结束日期早于开始日期，请改正。", field="ends_on")
    if is_student and ends_on is None:
        raise InvalidInput("学生的角色必须填写结束日期，到期自动失效。", field="ends_on")


def _active_department(work: UnitOfWork, department_id: int) -> int:
    # Held until the end: a unit that is closed just now has nobody, and gets nobody.
    department = work.session.get(Department, department_id, with_for_update={"read": True})
    if department is None or not department.active:
        raise InvalidInput("这个部门不存在或已停用，请另选一个。", field="department")
    return department_id


def change_person(
    work: UnitOfWork,
    *,
    person_id: int,
    name: str,
    department_id: int,
    phone: str,
    is_student: bool,
    handover: str = "",
) -> Person:
    """Correct what is known of somebody. `handover` says who takes over what they hold when the department changes.

    Raises `NotAllowed`, `NotFound`, `InvalidInput`, and `ReasonRequired` while something is left behind.
    """
    _refuse_others(work)
    person = _found(work, person_id)
    wanted = {
        "name": checked_name(name),
        "department_id": department_id,
        "phone": checked_phone(phone),
        "is_student": is_student,
    }
    changed = {field: value for field, value in wanted.items() if getattr(person, field) != value}
    if not changed:
        return person
    if "department_id" in changed:
        _active_department(work, department_id)
        _refuse_unless_handed_over(work, person, handover)
    if changed.get("is_student"):
        _refuse_endless_roles(work, person)
    details: dict[str, object] = {
        field: [getattr(person, field), value] for field, value in changed.items() if field != "phone"
    }
    if "phone" in changed:
        details["phone"] = "已更改"
    if handover.strip():
        details["handover"] = handover.strip()
    for field, value in changed.items():
        setattr(person, field, value)
    audit.record(work, AuditAction.PERSON_CHANGED, "person", person_id, details)
    return person


def _refuse_endless_roles(work: UnitOfWork, person: Person) -> None:
    for each in _roles(work, person.id or 0):
        check_term(each.starts_on, each.ends_on, is_student=True)


def disable(work: UnitOfWork, *, person_id: int, handover: str = "") -> Person:
    """End a person's access: out at the next click, everywhere. `handover` says who takes over what they hold.

    Raises `NotAllowed`, `NotFound`, `InvalidInput` for oneself and for the last administrator, `WrongState`,
    and `ReasonRequired` while something is left behind.
    """
    _refuse_others(work)
    _lock_administrators(work)
    person = _found(work, person_id)
    if person.id == work.actor.id:
        raise InvalidInput("不能停用自己：请由另一位系统管理员办理。")
    if not person.active:
        raise WrongState("这位人员已经停用，不必再办。")
    _refuse_without_administrator(work, without_person=person_id)
    _refuse_unless_handed_over(work, person, handover)
    person.active = False
    open_sessions = (col(SignInSession.person_id) == person_id, col(SignInSession.revoked_at).is_(None))
    work.session.execute(update(SignInSession).where(*open_sessions).values(revoked_at=work.now))
    details = {"username": person.username} | ({"handover": handover.strip()} if handover.strip() else {})
    audit.record(work, AuditAction.PERSON_DISABLED, "person", person_id, details)
    return person


def enable(work: UnitOfWork, *, person_id: int) -> Person:
    """Let somebody in again, with the roles that still hold. Raises `NotAllowed`, `NotFound`, `WrongState`,
    `InvalidInput` where the department is gone.
    """
    _refuse_others(work)
    person = _found(work, person_id)
    if person.active:
        raise WrongState("这位人员没有停用，不必恢复。")
    _active_department(work, person.department_id)
    person.active, person.failed_sign_ins, person.locked_until = True, 0, None
    audit.record(work, AuditAction.PERSON_ENABLED, "person", person_id, {"username": person.username})
    return person


def _refuse_unless_handed_over(work: UnitOfWork, person: Person, handover: str) -> None:
    held = holdings.of_person(work.session, work.actor, person.id or 0, work.now)
    if held.total and not handover.strip():
        raise ReasonRequired(f"{person.name}手上还有 {held.total} 项没有交接：请先写明由谁接手。")


# --- Roles -----------------------------------------------------------------------------------------------


def grant_role(work: UnitOfWork, *, person_id: int, role: Role, starts_on: date, ends_on: date | None) -> PersonRole:
    """A role for somebody, on these days (both inclusive). Raises `NotAllowed`, `NotFound`, `InvalidInput`."""
    _refuse_others(work)
    person = _found(work, person_id)
    check_term(starts_on, ends_on, is_student=person.is_student)
    _refuse_overlap(work, PersonRole(person_id=person_id, role=role, starts_on=starts_on, ends_on=ends_on))
    granted = PersonRole(person_id=person_id, role=role, starts_on=starts_on, ends_on=ends_on)
    work.session.add(granted)
    work.session.flush()
    _record_role(work, granted, "granted")
    return granted


def change_role(work: UnitOfWork, *, role_id: int, starts_on: date, ends_on: date | None) -> PersonRole:
    """Other days for a role. Raises `NotAllowed`, `NotFound`, `InvalidInput`."""
    _refuse_others(work)
    _lock_administrators(work)
    given = _found_role(work, role_id)
    person = _found(work, given.person_id)
    check_term(starts_on, ends_on, is_student=person.is_student)
    _refuse_overlap(
        work,
        PersonRole(id=role_id, person_id=given.person_id, role=given.role, starts_on=starts_on, ends_on=ends_on),
    )
    if starts_on > office_day(work.now) or ends_on is not None:
        _refuse_without_administrator(work, without_role=role_id)
    given.starts_on, given.ends_on = starts_on, ends_on
    _record_role(work, given, "changed")
    return given


def end_role(work: UnitOfWork, *, role_id: int) -> None:
    """Take a role back: yesterday was its last day, and the next click knows it.

    Raises `NotAllowed`, `NotFound`, `InvalidInput` for the last administrator.
    """
    _refuse_others(work)
    _lock_administrators(work)
    given = _found_role(work, role_id)
    _refuse_without_administrator(work, without_role=role_id)
    _record_role(work, given, "ended")
    yesterday = office_day(work.now) - timedelta(days=1)
    if given.starts_on > yesterday:
        work.session.delete(given)
    elif given.ends_on is None or given.ends_on > yesterday:
        given.ends_on = yesterday
    work.session.flush()


def _record_role(work: UnitOfWork, role: PersonRole, what: str) -> None:
    until = role.ends_on.isoformat() if role.ends_on else None
    details = {"role": role.role.value, "what": what, "since": role.starts_on.isoformat(), "until": until}
    audit.record(work, AuditAction.ROLES_CHANGED, "person", role.person_id, details)


def _refuse_overlap(work: UnitOfWork, wanted: PersonRole) -> None:
    for each in _roles(work, wanted.person_id):
        if each.id == wanted.id or each.role is not wanted.role:
            continue
        before = each.ends_on is not None and each.ends_on < wanted.starts_on
        after = wanted.ends_on is not None and wanted.ends_on < each.starts_on
        if not before and not after:
            raise InvalidInput(f"这段时间已有“{wanted.role.label}”这个角色：请修改原来那一行的日期。", field="role")


def _lock_administrators(work: UnitOfWork) -> None:
    # Always the first lock, in one order: of two administrators who end each other's access, the second is refused.
    held = select(PersonRole.id).where(PersonRole.role == Role.ADMIN).order_by(col(PersonRole.id)).with_for_update()
    work.session.exec(held).all()


def _refuse_without_administrator(work: UnitOfWork, *, without_person: int = 0, without_role: int = 0) -> None:
    """The school must keep an administrator whose role has begun and has no last day."""
    today = office_day(work.now)
    holding = select(PersonRole.id, PersonRole.person_id).join(Person, col(Person.id) == PersonRole.person_id)
    lasting = [
        (role_id, person_id)
        for role_id, person_id in work.session.exec(
            holding.where(
                col(Person.active),
                PersonRole.role == Role.ADMIN,
                col(PersonRole.starts_on) <= today,
                col(PersonRole.ends_on).is_(None),
            )
        )
    ]
    left = [each for each in lasting if each[0] != without_role and each[1] != without_person]
    if lasting and not left:
        raise InvalidInput(
            "这是最后一位长期任职的系统管理员：请先给另一位同志加上没有结束日期的系统管理员角色。", field="role"
        )


# --- What every act begins with --------------------------------------------------------------------------


def _refuse_others(work: UnitOfWork) -> None:
    # The installation creates the first people; after that only an administrator does.
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以管理人员和部门。")


def _found(work: UnitOfWork, person_id: int) -> Person:
    person = work.session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()
    if person is None:
        raise NotFound(NO_SUCH_PERSON)
    return person


def _found_role(work: UnitOfWork, role_id: int) -> PersonRole:
    role = work.session.get(PersonRole, role_id)
    if role is None:
        raise NotFound("这个角色刚刚被收回，请刷新页面。")
    return role


def _roles(work: UnitOfWork, person_id: int) -> list[PersonRole]:
    return list(work.session.exec(select(PersonRole).where(PersonRole.person_id == person_id)))
