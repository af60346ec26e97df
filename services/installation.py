"""安装: the first people of a new database: the demo school, or one administrator with a one-time password."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from models import AuditAction, Department, DepartmentKind, OfficialAccount, Person, PersonRole, Role
from services import audit, demo, departments, occasions, passwords, people
from services.bootstrap import Runtime
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Entrant:
    """Somebody who can sign in; `password` is empty where the installation does not know it."""

    username: str
    password: str = field(repr=False)
    roles: list[str]
    department: str


@dataclass(frozen=True)
class RegisteredAccount:
    name: str
    state: str


@dataclass(frozen=True)
class Installation:
    """What an installation ends with."""

    people: list[Entrant]
    accounts: list[RegisteredAccount]


def demo_school(runtime: Runtime) -> Installation:
    """Enter the demo school into an empty database; in one that has people, change nothing."""
    with runtime.as_system() as work:
        if demo.is_empty(work.session):
            audit.record(work, AuditAction.DATABASE_CREATED, "database", None, {"demo": True})
            demo.seed(work, runtime.secrets)
    cast = {member.username for member in demo.CAST}
    with runtime.reading() as session:
        entrants = [_entrant(session, person, cast) for person in _people(session)]
        return Installation(people=entrants, accounts=_accounts(session))


def first_administrator(runtime: Runtime, *, username: str) -> Installation:
    """Enter the first administrator with a one-time password; in a database that has people, change nothing."""
    password = secrets.token_urlsafe(9)
    password_hash = passwords.hash_password(password)
    made: list[Entrant] = []
    with runtime.as_system() as work:
        if demo.is_empty(work.session):
            audit.record(work, AuditAction.DATABASE_CREATED, "database", None, {"demo": False})
            occasions.start(work)
            department = _administration(work)
            people.create_person(
                work,
                username=username,
                name="系统管理员",
                department_id=department.id or 0,
                roles=[Role.ADMIN],
                password_hash=password_hash,
                password_is_temporary=True,
            )
            made = [Entrant(username, password, [Role.ADMIN.value], department.name)]
    with runtime.reading() as session:
        return Installation(people=made, accounts=_accounts(session))


def _administration(work: UnitOfWork) -> Department:
    return departments.create(work, name="党委宣传部", kind=DepartmentKind.PUBLICITY_OFFICE)


def _people(session: Session) -> list[Person]:
    return list(session.exec(select(Person).order_by(col(Person.id))))


def _entrant(session: Session, person: Person, cast: set[str]) -> Entrant:
    roles = session.exec(select(PersonRole.role).where(PersonRole.person_id == person.id).order_by(col(PersonRole.id)))
    return Entrant(
        username=person.username,
        password=demo.DEMO_PASSWORD if person.username in cast else "",
        roles=[str(role) for role in roles],
        department=session.get_one(Department, person.department_id).name,
    )


def _accounts(session: Session) -> list[RegisteredAccount]:
    rows = session.exec(select(OfficialAccount).order_by(col(OfficialAccount.id)))
    return [RegisteredAccount(name=each.name, state=each.state.value) for each in rows]
