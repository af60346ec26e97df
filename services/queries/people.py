"""Reads about people: who is acting, who holds which role, who may be chosen."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models import Department, Person, PersonRole, Role
from services.queries import delegations
from services.rules.permissions import Actor, roles_on


def actor(session: Session, person_id: int, day: date) -> Actor | None:
    """The person as they stand today, or None if they are unknown or disabled."""
    person = session.get(Person, person_id)
    if person is None or not person.active:
        return None
    rows = session.exec(select(PersonRole).where(PersonRole.person_id == person_id)).all()
    return Actor(
        id=person.id,
        name=person.name,
        department_id=person.department_id,
        roles=roles_on(day, list(rows)),
        acting_for=delegations.principals(session, day, deputy_id=person_id).get(person_id, ()),
    )


def actors(session: Session, roles: Collection[Role], day: date) -> list[Actor]:
    """Active people who hold one of these roles on a day, themselves or as somebody's deputy, with all they hold,
    in the order they were entered.
    """
    statement = (
        select(Person, PersonRole)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(col(Person.active))
        .order_by(col(Person.id))
    )
    found: dict[int | None, tuple[Person, list[PersonRole]]] = {}
    for person, role in session.exec(statement):
        found.setdefault(person.id, (person, []))[1].append(role)
    lent = delegations.principals(session, day)
    everybody = [
        Actor(
            id=person.id,
            name=person.name,
            department_id=person.department_id,
            roles=roles_on(day, given),
            acting_for=lent.get(person.id or 0, ()),
        )
        for person, given in found.values()
    ]
    return [each for each in everybody if any(standing.roles.intersection(roles) for standing in each.standings)]


def names(session: Session) -> dict[int, str]:
    """Names by id, for lists that show who did what."""
    return {id_: name for id_, name in session.exec(select(Person.id, Person.name)) if id_ is not None}


def active_names(session: Session) -> dict[int, str]:
    """Names by id of those who can sign in, in the order of their names, for lists to choose from."""
    rows = session.exec(select(Person.id, Person.name).where(col(Person.active)).order_by(col(Person.name)))
    return {id_: name for id_, name in rows if id_ is not None}


def department_names(session: Session) -> dict[int, str]:
    """Department names by id."""
    rows = session.exec(select(Department.id, Department.name))
    return {id_: name for id_, name in rows if id_ is not None}


def holders(session: Session, role: Role, day: date) -> list[Person]:
    """Active people who hold a role on a day, in the order of their names."""
    in_force: Any = (
        (col(PersonRole.role) == role)
        & (col(PersonRole.starts_on) <= day)
        & (col(PersonRole.ends_on).is_(None) | (col(PersonRole.ends_on) >= day))
    )
    statement = (
        select(Person)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(in_force, col(Person.active))
        .order_by(col(Person.name))
        .distinct()
    )
    return list(session.exec(statement).all())
