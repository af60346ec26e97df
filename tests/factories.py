"""Data for tests: complete rows with sensible values, each test naming only what it is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeVar

from sqlmodel import Session, select

from models import Department, DepartmentKind, Person, PersonRole, Record, Role

Row = TypeVar("Row", bound=Record)

NOW = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)
"""A Monday in term, ten in the morning in Beijing."""

PASSWORD = "weishentai-2026"
PASSWORD_HASH = "$2b$04$.TSiDMLdgnAagmFy6sh0zesWghamMBUEb9HXrYxacw1aBOdCO.9XK"
"""`PASSWORD` with the cheapest work factor: a real one takes 0.3 s at every check."""


def department(
    session: Session, name: str = "教务处", kind: DepartmentKind = DepartmentKind.ADMIN_DEPARTMENT
) -> Department:
    """The department of this name, made on first use."""
    known = session.exec(select(Department).where(Department.name == name)).first()
    return known or _added(session, Department(name=name, kind=kind))


def person(
    session: Session,
    username: str,
    name: str,
    *roles: Role,
    department_name: str = "教务处",
    active: bool = True,
) -> Person:
    """Somebody who holds these roles since the beginning of the year and signs in with `PASSWORD`."""
    made = _added(
        session,
        Person(
            username=username,
            name=name,
            department_id=department(session, department_name).id or 0,
            password_hash=PASSWORD_HASH,
            active=active,
            created_at=NOW,
        ),
    )
    for role in roles:
        _added(session, PersonRole(person_id=made.id or 0, role=role, starts_on=date(2026, 1, 1)))
    return made


@dataclass(frozen=True)
class Cast:
    """The standing cast. `outsider` contributes for another department and must see nothing of the others'."""

    contributor: Person
    head: Person
    reviewer: Person
    second_reviewer: Person
    approver: Person
    publisher: Person
    supervisor: Person
    leader: Person
    admin: Person
    outsider: Person


def standing_cast(session: Session) -> Cast:
    """Everybody the office's rules speak of."""
    department(session, "党委宣传部", DepartmentKind.PUBLICITY_OFFICE)
    return Cast(
        contributor=person(session, "xiaowang", "小王", Role.CONTRIBUTOR),
        head=person(session, "zhangchu", "张处长", Role.DEPARTMENT_HEAD),
        reviewer=person(session, "laoli", "老李", Role.REVIEWER, department_name="党委宣传部"),
        second_reviewer=person(session, "xiaosun", "小孙", Role.REVIEWER, department_name="党委宣传部"),
        approver=person(session, "chenbu", "陈部长", Role.APPROVER, department_name="党委宣传部"),
        publisher=person(session, "xiaozhao", "小赵", Role.PUBLISHER, department_name="党委宣传部"),
        supervisor=person(session, "laoguo", "老郭", Role.SUPERVISOR, department_name="监督小组"),
        leader=person(session, "xuxiao", "徐校长", Role.LEADER, department_name="学校领导"),
        admin=person(session, "xiaolin", "小林", Role.ADMIN, department_name="网络中心"),
        outsider=person(session, "xiaozhou", "小周", Role.CONTRIBUTOR, department_name="学生处"),
    )


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
