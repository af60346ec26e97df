"""Reads about sign-in sessions: who is behind a browser, and where a person is signed in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from models import Department, Person, PersonRole, Role, SignInSession
from services.queries import delegations
from services.rules import sign_in_duties
from services.rules.office_time import office_day
from services.rules.permissions import Actor, roles_on
from services.rules.sign_in_duties import NOTHING_OWED, Duty, Entry


@dataclass(frozen=True)
class SignedInPerson(Actor):
    """The person behind a browser, as they stand now. Services read them again before they act."""

    session_id: int
    username: str
    department: str
    seen_at: datetime
    entry: Entry = NOTHING_OWED

    def duty(self, *, is_live: bool) -> Duty | None:
        """What the person must do before anything else."""
        return sign_in_duties.duty(self.entry, self.roles, is_live=is_live)


def token_hash(token: str) -> str:
    """What is stored of a token or ticket: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()


def by_id(session: Session, session_id: int, now: datetime) -> SignedInPerson | None:
    """The person of a session that still holds, or None once it ended or the person was disabled."""
    return _person(session, col(SignInSession.id) == session_id, now)


def by_token(session: Session, token: str, now: datetime) -> SignedInPerson | None:
    """The same by the browser's cookie."""
    return _person(session, col(SignInSession.token_hash) == token_hash(token), now)


def _person(session: Session, which: ColumnElement[bool], now: datetime) -> SignedInPerson | None:
    # One statement, because it runs at every click: the session by its index, the roles beside it; whom the
    # person stands in for is a second, by its index.
    statement: Any = (
        select(SignInSession, Person, Department.name, PersonRole)
        .join(Person, col(Person.id) == col(SignInSession.person_id))
        .join(Department, col(Department.id) == col(Person.department_id))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id), isouter=True)
        .where(which, _holds(now), col(Person.active))
    )
    rows = session.exec(statement).all()
    if not rows:
        return None
    opened, person, department, _ = rows[0]
    return SignedInPerson(
        id=person.id,
        name=person.name,
        department_id=person.department_id,
        roles=roles_on(office_day(now), [role for *_, role in rows if role is not None]),
        session_id=opened.id,
        username=person.username,
        department=department,
        seen_at=opened.seen_at,
        acting_for=delegations.principals(session, office_day(now), deputy_id=person.id).get(person.id, ()),
        entry=Entry(
            owes_code=opened.owes_code,
            through_campus=opened.through_campus,
            password_is_temporary=person.password_is_temporary,
            has_second_factor=person.second_factor_sealed is not None,
        ),
    )


def _holds(now: datetime) -> ColumnElement[bool]:
    return and_(col(SignInSession.revoked_at).is_(None), col(SignInSession.expires_at) > now)


def of_person(session: Session, person_id: int, now: datetime) -> Sequence[SignInSession]:
    """Where a person is signed in now, the latest first."""
    statement = (
        select(SignInSession)
        .where(col(SignInSession.person_id) == person_id, _holds(now))
        .order_by(col(SignInSession.opened_at).desc(), col(SignInSession.id).desc())
    )
    return session.exec(statement).all()


# --- The cast on the sign-in page of a rehearsal ---------------------------------------------------------


@dataclass(frozen=True)
class CastMember:
    username: str
    name: str
    department: str
    roles: tuple[Role, ...]


def cast(session: Session, now: datetime) -> Sequence[CastMember]:
    """Everybody who may sign in, in the order they were entered, with the roles of today."""
    statement: Any = (
        select(Person, Department.name, PersonRole)
        .join(Department, col(Department.id) == col(Person.department_id))
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(col(Person.active))
        .order_by(col(Person.id))
    )
    people: dict[int, tuple[Person, str, list[PersonRole]]] = {}
    for person, department, role in session.exec(statement):
        people.setdefault(person.id, (person, department, []))[2].append(role)
    return [
        CastMember(person.username, person.name, department, _in_order(roles_on(office_day(now), roles)))
        for person, department, roles in people.values()
    ]


def _in_order(roles: frozenset[Role]) -> tuple[Role, ...]:
    return tuple(role for role in Role if role in roles)
