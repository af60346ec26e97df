"""Reads about violations, ready to draw. Who may know of a case is part of each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_
from sqlmodel import Session, col, select

from models import (
    Department,
    Discovery,
    OfficialAccount,
    Person,
    ScoreEntry,
    Severity,
    Submission,
    Violation,
    ViolationAction,
    ViolationKind,
    ViolationPerson,
    ViolationState,
    ViolationStep,
)
from services.errors import NotFound
from services.rules.permissions import Actor
from services.rules.violation_cases import (
    ENDED,
    SEES_EVERY_CASE,
    SEES_OWN_DEPARTMENT,
    CaseStanding,
    CaseStep,
    available,
    may_see,
)

PAGE_SIZE = 20


# --- What the rules need ---------------------------------------------------------------------------------


def standing(session: Session, violation: Violation) -> CaseStanding:
    """The facts of one case that rights and steps are decided on."""
    steps = session.exec(select(ViolationStep).where(ViolationStep.violation_id == violation.id)).all()
    named = session.exec(select(ViolationPerson.person_id).where(ViolationPerson.violation_id == violation.id))
    return CaseStanding(
        state=violation.state,
        department_id=violation.department_id,
        recorded_by_id=violation.recorded_by_id,
        named=frozenset(named),
        fixers=_who_did(ViolationAction.REPORT_FIXED, steps),
        deciders=_who_did(ViolationAction.DECIDE, steps),
        was_appealed=any(each.action is ViolationAction.APPEAL for each in steps),
    )


def _who_did(action: ViolationAction, steps: Sequence[ViolationStep]) -> frozenset[int]:
    return frozenset(each.actor_id for each in steps if each.action is action)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition under which a person may know of a case; `violation_cases.may_see` in SQL."""
    if any(actor.may(each) for each in SEES_EVERY_CASE):
        return col(Violation.id).is_not(None)
    naming = select(ViolationPerson.violation_id).where(ViolationPerson.person_id == actor.id)
    reasons: list[ColumnElement[bool]] = [col(Violation.id).in_(naming)]
    if any(actor.may(each) for each in SEES_OWN_DEPARTMENT):
        reasons.append(col(Violation.department_id) == actor.department_id)
    return or_(*reasons)


# --- The list --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseFilter:
    """What the person asked to see; nothing given means everything. `text` is looked for in facts, measures,
    clause and the item's title; `open_only` leaves out what is closed or was dismissed.
    """

    state: ViolationState | None = None
    kind: ViolationKind | None = None
    department_id: int | None = None
    text: str = ""
    open_only: bool = False


@dataclass(frozen=True)
class CaseLine:
    """One line of the list."""

    id: int
    kind: ViolationKind
    severity: Severity
    state: ViolationState
    department: str
    facts: str
    happened_on: date
    recorded_at: datetime
    recorded_by: str
    item: str | None


@dataclass(frozen=True)
class Page:
    """One page of the list; `pages` is at least 1."""

    lines: Sequence[CaseLine]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


EVERYTHING = CaseFilter()


def listed(session: Session, actor: Actor, wanted: CaseFilter = EVERYTHING, *, page: int = 1) -> Page:
    """The cases this person may know of, newest first."""
    conditions = (visible_to(actor), *_matching(wanted))
    counted = (
        select(func.count())
        .select_from(Violation)
        .join(Submission, col(Submission.id) == col(Violation.submission_id), isouter=True)
        .where(*conditions)
    )
    lines: Select[Any] = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            col(Violation.id),
            col(Violation.kind),
            col(Violation.severity),
            col(Violation.state),
            col(Department.name),
            col(Violation.facts),
            col(Violation.happened_on),
            col(Violation.recorded_at),
            col(Person.name),
            col(Submission.title),
        )
        .join(Department, col(Department.id) == col(Violation.department_id))
        .join(Person, col(Person.id) == col(Violation.recorded_by_id))
        .join(Submission, col(Submission.id) == col(Violation.submission_id), isouter=True)
        .where(*conditions)
        .order_by(col(Violation.recorded_at).desc(), col(Violation.id).desc())
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    )
    return Page(
        lines=[CaseLine(*row) for row in session.execute(lines).all()],
        total=session.exec(counted).one(),
    )


def _matching(wanted: CaseFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.state is not None:
        conditions.append(col(Violation.state) == wanted.state)
    if wanted.kind is not None:
        conditions.append(col(Violation.kind) == wanted.kind)
    if wanted.department_id is not None:
        conditions.append(col(Violation.department_id) == wanted.department_id)
    if wanted.open_only:
        conditions.append(col(Violation.state).not_in(ENDED))
    # Every word must occur somewhere; % and _ are what the person typed, not wildcards.
    conditions.extend(_mentions(word) for word in wanted.text.split())
    return conditions


def _mentions(word: str) -> ColumnElement[bool]:
    places = (Violation.facts, Violation.done_at_once, Violation.clause, Submission.title)
    return or_(*(col(place).icontains(word, autoescape=True) for place in places))


# --- One case --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepLine:
    """One step as it is shown."""

    at: datetime
    actor: str
    action: ViolationAction
    from_state: ViolationState
    to_state: ViolationState
    comment: str


@dataclass(frozen=True)
class CaseDetail:
    """Everything one screen shows of one case; fully loaded. `steps` are what the reader may do now."""

    violation: Violation
    department: str
    recorded_by: str
    item: Submission | None
    account: OfficialAccount | None
    discovery: Discovery
    people: Sequence[str]
    history: Sequence[StepLine]
    steps: Sequence[CaseStep]
    points: Sequence[ScoreEntry]

    def may(self, action: ViolationAction) -> bool:
        """Whether the person the detail was read for may take this action now."""
        return any(step.action is action for step in self.steps)


def detail(session: Session, actor: Actor, violation_id: int) -> CaseDetail:
    """One case for one person. Raises `NotFound` for whoever may not know of it."""
    violation = session.get(Violation, violation_id)
    facts = standing(session, violation) if violation else None
    if violation is None or facts is None or not may_see(actor, facts):
        raise NotFound("没有找到这件违规：它不存在，或不由您办理。请从列表重新打开。")
    return CaseDetail(
        violation=violation,
        department=session.get_one(Department, violation.department_id).name,
        recorded_by=session.get_one(Person, violation.recorded_by_id).name,
        item=session.get(Submission, violation.submission_id) if violation.submission_id else None,
        account=session.get(OfficialAccount, violation.account_id) if violation.account_id else None,
        discovery=violation.discovery,
        people=_people(session, violation_id),
        history=_history(session, violation_id),
        steps=available(actor, facts),
        points=session.exec(
            select(ScoreEntry).where(ScoreEntry.violation_id == violation_id).order_by(col(ScoreEntry.id))
        ).all(),
    )


def _people(session: Session, violation_id: int) -> Sequence[str]:
    return session.exec(
        select(Person.name)
        .join(ViolationPerson, col(ViolationPerson.person_id) == col(Person.id))
        .where(ViolationPerson.violation_id == violation_id)
        .order_by(col(Person.id))
    ).all()


def _history(session: Session, violation_id: int) -> Sequence[StepLine]:
    rows = session.exec(
        select(ViolationStep, Person.name)
        .join(Person, and_(col(Person.id) == col(ViolationStep.actor_id)))
        .where(ViolationStep.violation_id == violation_id)
        .order_by(col(ViolationStep.id))
    ).all()
    return [
        StepLine(
            at=step.at,
            actor=name,
            action=step.action,
            from_state=step.from_state,
            to_state=step.to_state,
            comment=step.comment,
        )
        for step, name in rows
    ]
