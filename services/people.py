"""人员与部门: who belongs where and holds which role."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from sqlmodel import col, select, update

from models import AuditAction, Department, DepartmentKind, Person, PersonRole, Role, SignInSession
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,38}")
"""Lower case, because streamlit-authenticator lowers what is typed."""


def create_department(work: UnitOfWork, *, name: str, kind: DepartmentKind) -> Department:
    """A new unit. Raises `NotAllowed`, `InvalidInput` (name missing or taken)."""
    _refuse_others(work)
    if not name.strip():
        raise InvalidInput("请填写部门名称。", field="name")
    if work.session.exec(select(Department).where(Department.name == name.strip())).first():
        raise InvalidInput(f"已有名为“{name.strip()}”的部门。", field="name")
    department = Department(name=name.strip(), kind=kind)
    work.session.add(department)
    work.session.flush()
    audit.record(work, AuditAction.DEPARTMENT_CREATED, "department", department.id, {"name": department.name})
    return department


def create_person(
    work: UnitOfWork,
    *,
    username: str,
    name: str,
    department_id: int,
    roles: Iterable[Role],
    password_hash: str,
    until: date | None = None,
) -> Person:
    """Somebody who may sign in from today, in these roles until the given day.

    `password_hash` comes from `passwords.hash_password`, made outside the transaction because it takes 0.3 s.
    Raises `NotAllowed`, `InvalidInput`.
    """
    _refuse_others(work)
    if not USERNAME.fullmatch(username):
        raise InvalidInput("用户名须为 2 至 39 位小写字母、数字、点、横线，以字母开头。", field="username")
    if work.session.exec(select(Person).where(Person.username == username)).first():
        raise InvalidInput(f"用户名“{username}”已被使用，请换一个。", field="username")
    person = Person(
        username=username,
        name=name.strip(),
        department_id=department_id,
        password_hash=password_hash,
        created_at=work.now,
    )
    work.session.add(person)
    work.session.flush()
    assert person.id is not None  # noqa: S101  # flushed
    given = sorted(set(roles))
    starts_on = office_day(work.now)
    work.session.add_all(
        PersonRole(person_id=person.id, role=role, starts_on=starts_on, ends_on=until) for role in given
    )
    work.session.flush()
    details = {"username": username, "department": department_id, "roles": [role.value for role in given]}
    audit.record(work, AuditAction.PERSON_CREATED, "person", person.id, details)
    return person


def disable(work: UnitOfWork, *, person_id: int) -> Person:
    """End a person's access: out at the next click, everywhere.

    Raises `NotAllowed`, `NotFound`, and `InvalidInput` for oneself.
    """
    _refuse_others(work)
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound("没有找到这位人员，请刷新列表。")
    if person.id == work.actor.id:
        raise InvalidInput("不能停用自己：请由另一位系统管理员办理。")
    person.active = False
    open_sessions = (col(SignInSession.person_id) == person_id, col(SignInSession.revoked_at).is_(None))
    work.session.execute(update(SignInSession).where(*open_sessions).values(revoked_at=work.now))
    audit.record(work, AuditAction.PERSON_DISABLED, "person", person_id, {"username": person.username})
    return person


def _refuse_others(work: UnitOfWork) -> None:
    # The installation creates the first people; after that only an administrator does.
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以管理人员和部门。")
