"""谁现在可以依法办理: by name, who may decide the present and the coming stages of an item or of a request about an
account, and who may not and why.

Counted are the roles of the day, those lent, absences, what is one's own, the own last edit, another stage signed, the
own department, holidays, and that each stage takes different people.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, cached_property, partial
from typing import Any

from sqlmodel import Session, col, select

from models import REVIEW_STAGES, AccountRequest, Person, PersonRole, RequestState, Role, Submission, SubmissionState
from services.queries import account_requests, delegations, people, standings
from services.rules import account_requests as request_rules
from services.rules import workflow
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from services.rules.permissions import CAPABILITIES, Actor, Capability, NamedRight, Standing, stage_capabilities
from services.rules.working_days import Calendar, add_working_days

REMEMBERED = timedelta(days=60)
"""For how long somebody whose role ended is still named, so that nobody wonders where they are."""

HELP = "请让有权办理的同志委托代办，或由系统管理员再指定一位{role}。"
TOO_FEW = "剩下的环节合起来人手不够：每个环节须由不同的人办理（代办时两人都算）。" + HELP.format(role="办理人")


AnyStage = SubmissionState | RequestState


@dataclass(frozen=True)
class StageOutlook:
    """One stage: who may decide it on the first working day from now, who may not and why.

    `warning` says what is wrong and what helps; empty if all is well.
    """

    stage: AnyStage
    able: tuple[str, ...]
    unable: tuple[tuple[str, str], ...]
    warning: str


@dataclass(frozen=True)
class Outlook:
    """All stages still ahead; `day` is the day it speaks of, `due_on` the day by which the present one is due."""

    stages: tuple[StageOutlook, ...]
    day: date
    due_on: date
    warning: str

    @property
    def warnings(self) -> tuple[str, ...]:
        found = (*(each.warning for each in self.stages), self.warning)
        return tuple(each for each in found if each)


# --- What is asked ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Stage:
    """One stage still ahead, as the table of its flow answers for it.

    `unit` is the department whose head holds it, if it is a head's. `able` is the standing in which somebody may
    sign it, `missing` the right they lack.
    """

    stage: AnyStage
    capabilities: frozenset[Capability]
    unit: int | None
    able: Callable[[Actor], Actor | None]
    missing: Callable[[Actor], NamedRight[Any] | None]

    def is_held_by(self, actor: Actor) -> bool:
        return any(map(actor.may, self.capabilities)) and self.unit in (None, actor.department_id)


def outlook(session: Session, submission: Submission, *, calendar: Calendar, now: datetime) -> Outlook | None:
    """The stages an item still has before it, or None if it is not under review."""
    if submission.state not in REVIEW_STAGES:
        return None
    stages = _stages_of_item(standings.standing(session, submission))
    return _looked_at(session, stages, calendar=calendar, now=now, due_on=office_day(submission.due_at or now))


def short_of_people(
    session: Session, submissions: Sequence[Submission], *, calendar: Calendar, now: datetime
) -> list[tuple[Submission, AnyStage]]:
    """Of items under review those that `outlook` has a warning for at some stage, each with the first such stage: in a
    few statements, however many they are.
    """
    staff = _staff_once(session)
    day = add_working_days(calendar, office_day(now), 0)
    found = [
        (item, _first_short(staff, _stages_of_item(facts), day, office_day(item.due_at or now)))
        for item, facts in zip(submissions, standings.standings(session, submissions), strict=True)
    ]
    return [(item, stage) for item, stage in found if stage is not None]


def _stages_of_item(facts: Standing) -> list[_Stage]:
    ahead = facts.route[facts.route.index(facts.state) :]
    return [_of_item(replace(facts, state=stage)) for stage in ahead]


def _of_item(facts: Standing) -> _Stage:
    step = next(
        each for each in workflow.TRANSITIONS if each.action in workflow.SIGNATURES and facts.state in each.sources
    )
    return _Stage(
        stage=facts.state,
        capabilities=stage_capabilities(facts.state, is_emergency=facts.is_emergency),
        unit=facts.department_id if facts.state is SubmissionState.DEPARTMENT_REVIEW else None,
        able=lambda actor: standings.carries_on(actor, facts),
        missing=lambda actor: workflow.missing_right(step, actor, facts),
    )


def request_outlook(
    session: Session, request: AccountRequest, *, calendar: Calendar, clocks: Clocks, now: datetime
) -> Outlook | None:
    """The stages a request about an account still has before it, or None if nobody is asked to decide it now."""
    if request.state not in request_rules.STAGES:
        return None
    due_on = account_requests.due_on(calendar, clocks, request)
    stages = _stages_of_request(account_requests.standing(session, request))
    return _looked_at(session, stages, calendar=calendar, now=now, due_on=due_on or office_day(now))


def requests_short_of_people(
    session: Session, requests: Sequence[AccountRequest], *, calendar: Calendar, clocks: Clocks, now: datetime
) -> list[tuple[AccountRequest, AnyStage]]:
    """The same for requests that are being decided."""
    staff = _staff_once(session)
    day = add_working_days(calendar, office_day(now), 0)
    found = []
    for request in requests:
        stages = _stages_of_request(account_requests.standing(session, request))
        due_on = account_requests.due_on(calendar, clocks, request) or office_day(now)
        found.append((request, _first_short(staff, stages, day, due_on)))
    return [(request, stage) for request, stage in found if stage is not None]


def _stages_of_request(facts: request_rules.RequestStanding) -> list[_Stage]:
    return [_of_request(replace(facts, state=stage)) for stage in request_rules.stages_ahead(facts)]


def _of_request(facts: request_rules.RequestStanding) -> _Stage:
    step = request_rules.signature_step(facts.state)
    assert step is not None  # noqa: S101  # each of the stages is signed
    capability = request_rules.STAGE_CAPABILITY[facts.state]
    return _Stage(
        stage=facts.state,
        capabilities=frozenset({capability}),
        unit=facts.department_id if capability is Capability.SIGN_OFF else None,
        able=lambda actor: request_rules.standing_for(step, actor, facts),
        missing=lambda actor: request_rules.missing_right(step, actor, facts),
    )


# --- Who can ---------------------------------------------------------------------------------------------


def _looked_at(
    session: Session, ahead: Sequence[_Stage], *, calendar: Calendar, now: datetime, due_on: date
) -> Outlook:
    day = add_working_days(calendar, office_day(now), 0)
    roles, staff = _deciding(ahead), _staff_once(session)
    today, later = staff(roles, day), staff(roles, max(day, due_on))
    able = [[able for each in today.present if (able := stage.able(each))] for stage in ahead]
    stages = tuple(
        StageOutlook(
            stage=stage.stage,
            able=tuple(each.signature for each in now_able),
            unable=_unable(session, today, stage, day),
            warning=_warning(stage, today, later, max(day, due_on)),
        )
        for stage, now_able in zip(ahead, able, strict=True)
    )
    enough = any(not each.able for each in stages) or _can_be_shared_out(able)
    return Outlook(stages=stages, day=day, due_on=due_on, warning="" if enough else TOO_FEW)


def _deciding(ahead: Sequence[_Stage]) -> tuple[Role, ...]:
    return tuple(role for role, given in CAPABILITIES.items() if any(given & each.capabilities for each in ahead))


@dataclass(frozen=True)
class _Staff:
    """Everybody who decides something, as they stand on a day, and who is away until when."""

    actors: Sequence[Actor]
    away: dict[int, date]

    @cached_property
    def present(self) -> Sequence[Actor]:
        return [each for each in self.actors if each.id not in self.away]

    def can_decide(self, stage: _Stage) -> bool:
        """Whether any of those present may sign this stage, in whatever standing."""
        return any(stage.able(each) for each in self.present)


def _staff(session: Session, roles: Sequence[Role], day: date) -> _Staff:
    return _Staff(people.actors(session, roles, day), delegations.away_until(session, day))


StaffOn = Callable[[tuple[Role, ...], date], _Staff]


def _staff_once(session: Session) -> StaffOn:
    """`_staff`, read once for the same roles and day."""
    return cache(partial(_staff, session))


def _first_short(staff: StaffOn, ahead: Sequence[_Stage], day: date, due_on: date) -> AnyStage | None:
    """The first stage that `_warning` has words for."""
    roles = _deciding(ahead)
    today, later = staff(roles, day), staff(roles, max(day, due_on))
    return next((each.stage for each in ahead if not (today.can_decide(each) and later.can_decide(each))), None)


def _unable(session: Session, staff: _Staff, stage: _Stage, day: date) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for actor in staff.actors:
        holding = [each for each in actor.standings if stage.is_held_by(each)]
        if not holding:
            continue
        missing = stage.missing(actor)
        if missing is not None:
            found.append((holding[0].signature, missing.sentence))
        elif actor.id in staff.away:
            able = stage.able(actor) or actor
            found.append((able.signature, f"不在岗，至 {staff.away[actor.id]:%m-%d}。"))
    return (*found, *_ended(session, staff, stage, day))


def _ended(session: Session, staff: _Staff, stage: _Stage, day: date) -> list[tuple[str, str]]:
    """Those whose role for this stage ended lately."""
    giving = [role for role, given in CAPABILITIES.items() if stage.capabilities & given]
    statement = (
        select(Person, PersonRole)
        .join(PersonRole, col(PersonRole.person_id) == col(Person.id))
        .where(
            col(PersonRole.role).in_(giving),
            col(PersonRole.ends_on) < day,
            col(PersonRole.ends_on) >= day - REMEMBERED,
        )
        .order_by(col(PersonRole.ends_on), col(PersonRole.id))
    )
    if stage.unit is not None:
        statement = statement.where(Person.department_id == stage.unit)
    held = {each.id for each in staff.actors if any(own.roles.intersection(giving) for own in each.standings)}
    return [
        (person.name, f"“{role.role.label}”已于 {role.ends_on:%m-%d} 到期。")
        for person, role in session.exec(statement)
        if person.id not in held
    ]


def _warning(stage: _Stage, today: _Staff, later: _Staff, due_on: date) -> str:
    role = next(role.label for role, given in CAPABILITIES.items() if stage.capabilities & given)
    if not today.can_decide(stage):
        return f"“{stage.stage.label}”现在没有人可以办理。{HELP.format(role=role)}"
    if not later.can_decide(stage):
        return f"到 {due_on:%m-%d}，“{stage.stage.label}”将没有人可以办理。{HELP.format(role=role)}"
    return ""


def _can_be_shared_out(able: Sequence[Sequence[Actor]], taken: frozenset[int] = frozenset()) -> bool:
    """Whether each stage can have its own people."""
    if not able:
        return True
    free = (each for each in able[0] if not each.counted & taken)
    return any(_can_be_shared_out(able[1:], taken | each.counted) for each in free)
