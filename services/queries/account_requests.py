"""Reads about requests concerning accounts, ready to draw. Who may see which is part of each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    AccountLevel,
    AccountRequest,
    AccountStep,
    Department,
    DepartmentKind,
    OfficialAccount,
    Person,
    RequestAction,
    RequestKind,
    RequestState,
)
from services.queries import accounts, people
from services.rules.account_life import Timeliness, timeliness
from services.rules.account_requests import (
    SIGNATURES,
    UNDER_WAY,
    RequestStanding,
    RequestStep,
    available,
    is_ordered,
    standing_for,
)
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from services.rules.permissions import Actor, signature_of
from services.rules.working_days import Calendar, add_working_days


def standing(session: Session, request: AccountRequest) -> RequestStanding:
    """The facts of one request that rights and steps are decided on."""
    unit = session.get_one(Department, request.department_id)
    return RequestStanding(
        state=request.state,
        department_id=request.department_id,
        applicant_id=request.applied_for_id or request.applied_by_id,
        applied_by=accounts.hands(request.applied_by_id, request.applied_for_id),
        needs_leader=request.needs_leader,
        has_units_word=unit.kind is DepartmentKind.PUBLICITY_OFFICE or is_ordered(request.cancel_reason),
        signers=_signers(session, request),
    )


def _signers(session: Session, request: AccountRequest) -> frozenset[int]:
    """Who agreed since the request was last handed in, deputies and principals alike."""
    rows = session.exec(
        select(AccountStep.action, AccountStep.actor_id, AccountStep.for_id)
        .where(AccountStep.request_id == request.id)
        .order_by(col(AccountStep.id))
    ).all()
    signed: set[int] = set()
    for action, actor_id, for_id in rows:
        if action == RequestAction.SUBMIT.value:
            signed.clear()
        elif action in SIGNATURES:
            signed |= accounts.hands(actor_id, for_id)
    return frozenset(signed)


def under_way(session: Session, account_id: int) -> AccountRequest | None:
    """The request about an account that is not decided yet; there is at most one."""
    return session.exec(
        select(AccountRequest).where(AccountRequest.account_id == account_id, col(AccountRequest.state).in_(UNDER_WAY))
    ).first()


@dataclass(frozen=True)
class Difference:
    """One field of the register as it is and as it shall be."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Returned:
    """Who sent a request back, when, and what is to be mended."""

    by: str
    at: datetime
    words: str


@dataclass(frozen=True)
class RequestLine:
    """One request as a list or a page shows it; `due_on` is the office's own date for its present stage, `signed_as`
    how a decision would be signed by somebody who takes it as a deputy (X 代 Y), else empty; `returned` is why it lies
    with its applicant again.
    """

    request: AccountRequest
    account: OfficialAccount
    department: str
    applicant: str
    steps: tuple[RequestStep, ...]
    differences: tuple[Difference, ...]
    due_on: date | None
    note: str
    timeliness: Timeliness | None
    signed_as: str = ""
    returned: Returned | None = None

    @property
    def id(self) -> int:
        return self.request.id or 0

    @property
    def title(self) -> str:
        """What is asked, in one phrase: 变更（管理员）."""
        about = self.request.change or self.request.cancel_reason
        return f"{self.request.kind.label}（{about.label}）" if about else self.request.kind.label


@dataclass(frozen=True)
class Timing:
    """What dates are counted by."""

    calendar: Calendar
    clocks: Clocks


def open_requests(session: Session, actor: Actor, timing: Timing) -> list[RequestLine]:
    """Requests under way that a person may see: what waits for them first, then the oldest."""
    lines = _lines(session, actor, timing, col(AccountRequest.state).in_(UNDER_WAY))
    return sorted(lines, key=lambda line: (not line.steps, line.request.state_entered_at))


def of_account(session: Session, actor: Actor, timing: Timing, account_id: int) -> list[RequestLine]:
    """Every request about one account, the newest first."""
    lines = _lines(session, actor, timing, AccountRequest.account_id == account_id)
    return sorted(lines, key=lambda line: line.id, reverse=True)


def waiting_for(session: Session, actor: Actor) -> int:
    """How many requests wait for a person's decision."""
    rows = session.exec(
        select(AccountRequest)
        .join(OfficialAccount, col(OfficialAccount.id) == col(AccountRequest.account_id))
        .where(accounts.visible_to(actor), col(AccountRequest.state).in_(UNDER_WAY))
    )
    return sum(bool(available(actor, standing(session, row))) for row in rows)


Row = tuple[AccountRequest, OfficialAccount, str, str, str | None]


def _lines(session: Session, actor: Actor, timing: Timing, wanted: Any) -> list[RequestLine]:
    principal = aliased(Person)
    statement: Any = (
        select(AccountRequest, OfficialAccount, Department.name, Person.name)
        .add_columns(col(principal.name))
        .join(OfficialAccount, col(OfficialAccount.id) == col(AccountRequest.account_id))
        .join(Department, col(Department.id) == col(AccountRequest.department_id))
        .join(Person, col(Person.id) == col(AccountRequest.applied_by_id))
        .join(principal, col(principal.id) == col(AccountRequest.applied_for_id), isouter=True)
        .where(accounts.visible_to(actor), wanted)
    )
    units = people.department_names(session)
    return [_line(session, actor, timing, units, row) for row in session.exec(statement).all()]


def _line(session: Session, actor: Actor, timing: Timing, units: dict[int, str], row: Row) -> RequestLine:
    request, account, department, applicant, principal = row
    due = due_on(timing.calendar, timing.clocks, request)
    facts = standing(session, request)
    steps = tuple(available(actor, facts))
    return RequestLine(
        request=request,
        account=account,
        department=department,
        applicant=signature_of(applicant, principal),
        steps=steps,
        differences=_differences(request, account, units),
        due_on=due,
        note=timing.calendar.note(due) if due else "",
        timeliness=_timeliness(timing.calendar, timing.clocks, request),
        signed_as=_signed_as(actor, steps, facts),
        returned=_returned(session, request),
    )


def _returned(session: Session, request: AccountRequest) -> Returned | None:
    if request.state is not RequestState.RETURNED:
        return None
    principal = aliased(Person)
    step = session.exec(
        select(AccountStep.comment, AccountStep.at, Person.name, principal.name)
        .join(Person, col(Person.id) == col(AccountStep.actor_id))
        .join(principal, col(principal.id) == col(AccountStep.for_id), isouter=True)
        .where(AccountStep.request_id == request.id, AccountStep.action == RequestAction.RETURN.value)
        .order_by(col(AccountStep.id).desc())
    ).first()
    return Returned(by=signature_of(step[2], step[3]), at=step[1], words=step[0]) if step else None


def _signed_as(actor: Actor, steps: Sequence[RequestStep], facts: RequestStanding) -> str:
    able = next((found for step in steps if (found := standing_for(step, actor, facts))), None)
    return able.signature if able and able.stands_in_for else ""


def due_on(calendar: Calendar, clocks: Clocks, request: AccountRequest) -> date | None:
    """The day by which the present stage should be decided, or None where nobody is asked to decide."""
    days = clocks.request_working_days(request.state)
    return None if days is None else add_working_days(calendar, office_day(request.state_entered_at), days)


def _timeliness(calendar: Calendar, clocks: Clocks, request: AccountRequest) -> Timeliness | None:
    if request.kind is not RequestKind.CHANGE or request.happened_on is None:
        return None
    filed_on = office_day(request.applied_at)
    return timeliness(calendar, clocks, happened_on=request.happened_on, filed_on=filed_on)


def _differences(request: AccountRequest, account: OfficialAccount, units: dict[int, str]) -> tuple[Difference, ...]:
    return tuple(
        Difference(name, _word(name, getattr(account, name), units), _word(name, value, units))
        for name, value in request.changes.items()
    )


def _word(name: str, value: object, units: dict[int, str]) -> str:
    if name == "owner_department_id" and isinstance(value, int):
        return units.get(value, "")
    if name == "level":
        return AccountLevel.of(str(value)).label
    if isinstance(value, bool):
        return "是" if value else "否"
    return "" if value is None else str(value)
