"""Reads about the operators: rosters, trainings and who is due, duty days, duties and who has read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, or_, select

from models import (
    Acknowledgement,
    DutyTurn,
    OfficialAccount,
    OperatorPost,
    OperatorTerm,
    Person,
    Regulation,
    Role,
    Training,
)
from services.queries import people
from services.rules.duties import DUTIES, FIRST_VERSION, TRAINING_NOTICE
from services.rules.permissions import Actor
from services.rules.working_days import Calendar, is_working_day


@dataclass(frozen=True)
class TermLine:
    id: int
    person: str
    post: OperatorPost
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True)
class Roster:
    """One account with its operators of today and later; `lacks` are the posts nobody holds today."""

    account_id: int
    account: str
    terms: Sequence[TermLine]
    lacks: tuple[OperatorPost, ...]


def rosters(session: Session, day: date) -> list[Roster]:
    """Every account in the order of its name."""
    rows = session.exec(
        select(OperatorTerm, Person.name)
        .join(Person, col(Person.id) == col(OperatorTerm.person_id))
        .where(or_(col(OperatorTerm.ends_on).is_(None), col(OperatorTerm.ends_on) >= day))
        .order_by(col(OperatorTerm.post), col(OperatorTerm.starts_on))
    )
    of_account: defaultdict[int, list[TermLine]] = defaultdict(list)
    for term, name in rows:
        line = TermLine(term.id or 0, name, term.post, term.starts_on, term.ends_on)
        of_account[term.account_id].append(line)
    accounts = session.exec(select(OfficialAccount.id, OfficialAccount.name).order_by(col(OfficialAccount.name)))
    return [Roster(id_ or 0, name, of_account[id_ or 0], _lacking(of_account[id_ or 0], day)) for id_, name in accounts]


def _lacking(terms: Sequence[TermLine], day: date) -> tuple[OperatorPost, ...]:
    held = {each.post for each in terms if each.starts_on <= day}
    return tuple(post for post in OperatorPost if post not in held)


@dataclass(frozen=True)
class TrainingLine:
    """One record; a struck one says why, by whom and when."""

    id: int
    person: str
    subject: str
    done_on: date
    valid_until: date | None
    struck_at: datetime | None
    struck_by: str
    struck_reason: str


def trainings(session: Session) -> list[TrainingLine]:
    """All trainings, the latest first, those struck out among them."""
    striker = aliased(Person)
    rows = session.exec(
        select(Training, Person.name, striker.name)
        .join(Person, col(Person.id) == col(Training.person_id))
        .join(striker, col(striker.id) == col(Training.struck_by_id), isouter=True)
        .order_by(col(Training.done_on).desc(), col(Training.id).desc())
    )
    return [
        TrainingLine(
            id=each.id or 0,
            person=person,
            subject=each.subject,
            done_on=each.done_on,
            valid_until=each.valid_until,
            struck_at=each.struck_at,
            struck_by=struck_by or "",
            struck_reason=each.struck_reason,
        )
        for each, person, struck_by in rows
    ]


@dataclass(frozen=True)
class DueLine:
    """Somebody who needs a training: none is known, or the last one holds only until `valid_until`."""

    person: str
    valid_until: date | None


def due_for_training(session: Session, day: date) -> list[DueLine]:
    """Operators and publishers without a training that holds for another month, by name."""
    on_roster = select(OperatorTerm.person_id).where(
        OperatorTerm.starts_on <= day, or_(col(OperatorTerm.ends_on).is_(None), col(OperatorTerm.ends_on) >= day)
    )
    wanted = {*session.exec(on_roster), *(each.id for each in people.holders(session, Role.PUBLISHER, day))}
    last: dict[int, date] = {}
    held = select(Training).where(col(Training.person_id).in_(wanted), col(Training.struck_at).is_(None))
    for row in session.exec(held):
        last[row.person_id] = max(last.get(row.person_id, date.min), row.valid_until or date.max)
    names = people.names(session)
    due = [each for each in wanted if each and last.get(each, date.min) < day + TRAINING_NOTICE]
    lines = [DueLine(names[each], last.get(each)) for each in due]
    return sorted(lines, key=lambda line: (line.valid_until or date.min, line.person))


@dataclass(frozen=True)
class DutyDay:
    """One day of the duty roster."""

    day: date
    is_working: bool
    turns: Sequence[tuple[int, str]]


def duty_days(session: Session, calendar: Calendar, first: date, count: int) -> list[DutyDay]:
    """So many days from the first on, each with who is on duty (the turn's id and the name)."""
    rows = session.exec(
        select(DutyTurn, Person.name)
        .join(Person, col(Person.id) == col(DutyTurn.person_id))
        .where(DutyTurn.day >= first, DutyTurn.day < first + timedelta(days=count))
        .order_by(col(DutyTurn.id))
    )
    turns: defaultdict[date, list[tuple[int, str]]] = defaultdict(list)
    for turn, name in rows:
        turns[turn.day].append((turn.id or 0, name))
    days = [first + timedelta(days=number) for number in range(count)]
    return [DutyDay(day, is_working_day(calendar, day), turns[day]) for day in days]


# --- Duties ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Duties:
    """What a role is there for, in the version in force."""

    role: Role
    version: int
    text: str


def duties_of(session: Session, role: Role) -> Duties:
    """The school's latest text, else the one that ships."""
    own = session.exec(select(Regulation).where(Regulation.role == role).order_by(col(Regulation.version).desc()))
    latest = own.first()
    return Duties(role, latest.version, latest.text) if latest else Duties(role, FIRST_VERSION, DUTIES[role])


def unread_duties(session: Session, actor: Actor) -> list[Duties]:
    """The duties of the person's roles that they have not acknowledged in the version in force."""
    if not actor.roles:
        return []
    latest = {role: FIRST_VERSION for role in Role if role in actor.roles}
    for row in session.exec(select(Regulation).where(col(Regulation.role).in_(actor.roles))):
        latest[row.role] = max(latest[row.role], row.version)
    read = {
        (each.role, each.version)
        for each in session.exec(select(Acknowledgement).where(Acknowledgement.person_id == actor.id))
    }
    return [duties_of(session, role) for role, version in latest.items() if (role, version) not in read]


@dataclass(frozen=True)
class ReadBy:
    """Who holds a role today, and who of them has read its duties as they stand."""

    duties: Duties
    read: tuple[str, ...]
    unread: tuple[str, ...]


def readership(session: Session, day: date) -> list[ReadBy]:
    """By role, in the office's order."""
    found = []
    for role in Role:
        duties = duties_of(session, role)
        readers = set(
            session.exec(
                select(Acknowledgement.person_id).where(
                    Acknowledgement.role == role, Acknowledgement.version == duties.version
                )
            )
        )
        holders = people.holders(session, role, day)
        found.append(
            ReadBy(
                duties,
                read=tuple(each.name for each in holders if each.id in readers),
                unread=tuple(each.name for each in holders if each.id not in readers),
            )
        )
    return found
