"""Reads for whoever manages people and departments: the lists, one person's card, the units."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from math import ceil
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, exists, func, or_, select

from models import Department, DepartmentKind, Person, PersonIdentity, PersonRole, RecoveryCode, Role, SignInSession
from services.errors import NotAllowed, NotFound
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability, roles_on

PAGE_SIZE = 20


@dataclass(frozen=True)
class PeopleFilter:
    """What the administrator asked to see. `text` is looked for in names, usernames and phones."""

    text: str = ""
    department_id: int | None = None
    role: Role | None = None
    active: bool = True


EVERYBODY = PeopleFilter()


@dataclass(frozen=True)
class PersonLine:
    """One line of the list, with the roles of today."""

    id: int
    username: str
    name: str
    department: str
    roles: tuple[Role, ...]
    ends_next: date | None
    is_student: bool
    active: bool
    locked: bool
    has_password: bool


@dataclass(frozen=True)
class Page:
    """A page of the list, and how many there are in all."""

    lines: Sequence[PersonLine]
    total: int

    @property
    def pages(self) -> int:
        return max(1, ceil(self.total / PAGE_SIZE))


def listed(session: Session, actor: Actor, wanted: PeopleFilter = EVERYBODY, *, now: datetime, page: int = 1) -> Page:
    """A page of people, in the order of their departments and names. Raises `NotAllowed`."""
    refuse_others(actor)
    conditions = _matching(wanted, office_day(now))
    total = session.exec(select(func.count()).select_from(Person).where(*conditions)).one()
    rows = session.exec(
        select(Person, Department.name)
        .join(Department, col(Department.id) == col(Person.department_id))
        .where(*conditions)
        .order_by(col(Department.id), col(Person.name), col(Person.id))
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE)
    ).all()
    roles = _roles(session, [person.id or 0 for person, _ in rows])
    return Page([_line(person, name, roles[person.id or 0], now) for person, name in rows], total)


def refuse_others(actor: Actor) -> None:
    """Raises `NotAllowed` for whoever does not manage people."""
    if not actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以查看人员名册。")


def _matching(wanted: PeopleFilter, day: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [col(Person.active).is_(wanted.active)]
    if wanted.text.strip():
        like = [
            col(column).icontains(wanted.text.strip(), autoescape=True)
            for column in (Person.name, Person.username, Person.phone)
        ]
        conditions.append(or_(*like))
    if wanted.department_id is not None:
        conditions.append(col(Person.department_id) == wanted.department_id)
    if wanted.role is not None:
        conditions.append(exists().where(_in_force(day), col(PersonRole.role) == wanted.role))
    return conditions


def _in_force(day: date) -> ColumnElement[bool]:
    return and_(
        col(PersonRole.person_id) == col(Person.id),
        col(PersonRole.starts_on) <= day,
        or_(col(PersonRole.ends_on).is_(None), col(PersonRole.ends_on) >= day),
    )


def _roles(session: Session, people: Sequence[int]) -> defaultdict[int, list[PersonRole]]:
    found: defaultdict[int, list[PersonRole]] = defaultdict(list)
    statement = select(PersonRole).where(col(PersonRole.person_id).in_(people)).order_by(col(PersonRole.id))
    for each in session.exec(statement):
        found[each.person_id].append(each)
    return found


def _line(person: Person, department: str, roles: list[PersonRole], now: datetime) -> PersonLine:
    today = office_day(now)
    held = roles_on(today, roles)
    ends = [each.ends_on for each in roles if each.ends_on is not None and each.starts_on <= today <= each.ends_on]
    return PersonLine(
        id=person.id or 0,
        username=person.username,
        name=person.name,
        department=department,
        roles=tuple(role for role in Role if role in held),
        ends_next=min(ends, default=None),
        is_student=person.is_student,
        active=person.active,
        locked=person.locked_until is not None and person.locked_until > now,
        has_password=person.password_hash != "",
    )


# --- One person ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PersonCard:
    """Everything the administrator may know of somebody; never a password, a code or what they wrote."""

    line: PersonLine
    department_id: int
    phone: str = field(repr=False)
    roles: Sequence[PersonRole]
    has_second_factor: bool
    open_sessions: int
    identities: Sequence[PersonIdentity]
    created_at: datetime


def card(session: Session, actor: Actor, person_id: int, *, now: datetime) -> PersonCard:
    """One person. Raises `NotAllowed`, `NotFound`."""
    refuse_others(actor)
    person = session.get(Person, person_id)
    if person is None:
        raise NotFound("没有找到这位人员，请从列表重新打开。")
    roles = sorted(_roles(session, [person_id])[person_id], key=_in_order)
    department = session.get_one(Department, person.department_id).name
    holding: Any = (
        (col(SignInSession.person_id) == person_id)
        & col(SignInSession.revoked_at).is_(None)
        & (col(SignInSession.expires_at) > now)
    )
    return PersonCard(
        line=_line(person, department, roles, now),
        department_id=person.department_id,
        phone=person.phone,
        roles=roles,
        has_second_factor=person.second_factor_sealed is not None,
        open_sessions=session.exec(select(func.count()).select_from(SignInSession).where(holding)).one(),
        identities=identities(session, person_id),
        created_at=person.created_at,
    )


def _in_order(given: PersonRole) -> tuple[int, date]:
    return list(Role).index(given.role), given.starts_on


def identities(session: Session, person_id: int) -> Sequence[PersonIdentity]:
    """How the campus sign-in names a person."""
    return session.exec(
        select(PersonIdentity).where(PersonIdentity.person_id == person_id).order_by(col(PersonIdentity.id))
    ).all()


# --- Oneself ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnAccount:
    """What the office knows of the person who asks; each role of today with its last day."""

    phone: str = field(repr=False)
    roles: Sequence[tuple[Role, date | None]]


def own(session: Session, actor: Actor, *, now: datetime) -> OwnAccount:
    """The account of whoever asks."""
    today, person = office_day(now), session.get_one(Person, actor.id)
    given = sorted(_roles(session, [person.id or 0])[person.id or 0], key=_in_order)
    return OwnAccount(
        phone=person.phone, roles=[(each.role, each.ends_on) for each in given if roles_on(today, [each])]
    )


def recovery_codes_left(session: Session, person_id: int) -> int:
    """How many of a person's recovery codes were not used yet."""
    unused = (col(RecoveryCode.person_id) == person_id, col(RecoveryCode.used_at).is_(None))
    return session.exec(select(func.count()).select_from(RecoveryCode).where(*unused)).one()


# --- Departments -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DepartmentLine:
    """One unit and how many people work in it."""

    id: int
    name: str
    kind: DepartmentKind
    active: bool
    version: int
    people: int


def departments(session: Session, actor: Actor) -> Sequence[DepartmentLine]:
    """Every unit, those in use first. Raises `NotAllowed`."""
    refuse_others(actor)
    counted = (
        select(Person.department_id, func.count().label("people"))
        .where(col(Person.active))
        .group_by(col(Person.department_id))
        .subquery()
    )
    statement: Any = (
        select(Department, func.coalesce(counted.c.people, 0))
        .join(counted, counted.c.department_id == col(Department.id), isouter=True)
        .order_by(col(Department.active).desc(), col(Department.id))
    )
    return [
        DepartmentLine(each.id, each.name, each.kind, each.active, each.version, people)
        for each, people in session.exec(statement)
    ]


def open_departments(session: Session) -> dict[int, str]:
    """The units somebody may be entered in, by id."""
    rows = session.exec(
        select(Department.id, Department.name).where(col(Department.active)).order_by(col(Department.id))
    )
    return {id_: name for id_, name in rows if id_ is not None}
