"""Reads about delegations and absences: who stands in for whom on a day, and who is away."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import Absence, Delegation, Department, Person, PersonRole, Role
from services.rules.permissions import Principal, roles_on


def in_force(day: date) -> ColumnElement[bool]:
    """The condition of a delegation that holds on a day."""
    return and_(col(Delegation.starts_on) <= day, col(Delegation.ends_on) >= day, col(Delegation.ended_at).is_(None))


def principals(session: Session, day: date, *, deputy_id: int | None = None) -> dict[int, tuple[Principal, ...]]:
    """By deputy, whom they stand in for on a day; of one deputy, or of all.

    A role that was lent but that the principal no longer holds is not lent any more, and neither is anything of
    somebody disabled.
    """
    statement: Any = (
        select(Delegation, Person, PersonRole)
        .join(Person, col(Person.id) == col(Delegation.principal_id))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(in_force(day), col(Person.active))
        .order_by(col(Delegation.id), col(PersonRole.id))
    )
    if deputy_id is not None:
        statement = statement.where(col(Delegation.deputy_id) == deputy_id)
    found: dict[int, tuple[Delegation, Person, list[PersonRole]]] = {}
    for delegation, person, role in session.exec(statement):
        found.setdefault(delegation.id, (delegation, person, []))[2].append(role)
    lent: dict[int, dict[int, Principal]] = defaultdict(dict)
    for delegation, person, held in found.values():
        roles = roles_on(day, held).intersection(Role.of(code) for code in delegation.roles)
        known = lent[delegation.deputy_id].get(person.id or 0)
        both = roles | known.roles if known else roles
        if both:
            lent[delegation.deputy_id][person.id or 0] = Principal(
                id=person.id or 0, name=person.name, department_id=person.department_id, roles=both
            )
    return {deputy: tuple(each.values()) for deputy, each in lent.items()}


@dataclass(frozen=True)
class DelegationLine:
    """One delegation as it is shown."""

    id: int
    principal_id: int
    principal: str
    deputy_id: int
    deputy: str
    roles: tuple[Role, ...]
    starts_on: date
    ends_on: date
    reason: str

    def is_coming(self, day: date) -> bool:
        return day < self.starts_on


def of_person(session: Session, person_id: int, day: date) -> Sequence[DelegationLine]:
    """The delegations a person gave or took that hold now or later, the earliest first."""
    mine = or_(col(Delegation.principal_id) == person_id, col(Delegation.deputy_id) == person_id)
    return _lines(session, mine, day)


def everyones(session: Session, day: date) -> Sequence[DelegationLine]:
    """All that hold now or later, the earliest first."""
    return _lines(session, col(Delegation.id).is_not(None), day)


def _lines(session: Session, condition: ColumnElement[bool], day: date) -> Sequence[DelegationLine]:
    principal, deputy = aliased(Person), aliased(Person)
    statement: Any = (
        select(Delegation, principal.name, deputy.name)
        .join(principal, col(principal.id) == col(Delegation.principal_id))
        .join(deputy, col(deputy.id) == col(Delegation.deputy_id))
        .where(condition, col(Delegation.ends_on) >= day, col(Delegation.ended_at).is_(None))
        .order_by(col(Delegation.starts_on), col(Delegation.id))
    )
    return [
        DelegationLine(
            id=each.id,
            principal_id=each.principal_id,
            principal=of,
            deputy_id=each.deputy_id,
            deputy=by,
            roles=tuple(role for role in Role if role.value in each.roles),
            starts_on=each.starts_on,
            ends_on=each.ends_on,
            reason=each.reason,
        )
        for each, of, by in session.exec(statement)
    ]


@dataclass(frozen=True)
class AbsenceLine:
    id: int
    person_id: int
    person: str
    starts_on: date
    ends_on: date


def absences(session: Session, day: date, *, person_id: int | None = None) -> Sequence[AbsenceLine]:
    """Absences of one person or of everybody that hold on a day or later, the earliest first."""
    statement = (
        select(Absence, Person.name)
        .join(Person, col(Person.id) == col(Absence.person_id))
        .where(col(Absence.ends_on) >= day, col(Absence.withdrawn_at).is_(None))
        .order_by(col(Absence.starts_on), col(Absence.id))
    )
    if person_id is not None:
        statement = statement.where(Absence.person_id == person_id)
    return [
        AbsenceLine(each.id or 0, each.person_id, name, each.starts_on, each.ends_on)
        for each, name in session.exec(statement)
    ]


def away_until(session: Session, day: date) -> dict[int, date]:
    """By person, the last day of an absence that covers a day."""
    away: dict[int, date] = {}
    for each in absences(session, day):
        if each.starts_on <= day:
            away[each.person_id] = max(each.ends_on, away.get(each.person_id, each.ends_on))
    return away


@dataclass(frozen=True)
class Colleague:
    """Somebody who may be chosen."""

    id: int
    name: str
    department: str


def colleagues(session: Session) -> Sequence[Colleague]:
    """Everybody active, by department and name."""
    rows = session.exec(
        select(Person.id, Person.name, Department.name)
        .join(Department, col(Department.id) == col(Person.department_id))
        .where(col(Person.active))
        .order_by(col(Department.name), col(Person.name))
    )
    return [Colleague(id_ or 0, name, department) for id_, name, department in rows]
