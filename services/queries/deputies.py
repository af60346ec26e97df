"""谁现在可以依法办理: by name, who may decide the present and the coming stages of an item, and who may not and why.

Counted are the roles of the day, those lent, absences, the own item, the own last edit, another stage signed in this
round, the own department, holidays, and that each stage takes different people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlmodel import Session, col, select

from models import REVIEW_STAGES, Person, PersonRole, Submission, SubmissionState
from services.queries import delegations, people, standings
from services.rules.office_time import office_day
from services.rules.permissions import CAPABILITIES, STAGE_CAPABILITY, Actor, Capability, Standing
from services.rules.workflow import SIGNATURES, TRANSITIONS, missing_right, standing_for
from services.rules.working_days import Calendar, add_working_days

REMEMBERED = timedelta(days=60)
"""For how long somebody whose role ended is still named, so that nobody wonders where they are."""

HELP = "请让有权办理的同志委托代办，或由系统管理员再指定一位{role}。"
TOO_FEW = "剩下的环节合起来人手不够：每个环节须由不同的人办理（代办时两人都算）。" + HELP.format(role="办理人")


@dataclass(frozen=True)
class StageOutlook:
    """One stage: who may decide it on the first working day from now, who may not and why.

    `warning` says what is wrong and what helps; empty if all is well.
    """

    stage: SubmissionState
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


def outlook(session: Session, submission: Submission, *, calendar: Calendar, now: datetime) -> Outlook | None:
    """The stages an item still has before it, or None if it is not under review."""
    if submission.state not in REVIEW_STAGES:
        return None
    day = add_working_days(calendar, office_day(now), 0)
    due_on = office_day(submission.due_at or now)
    facts = standings.standing(session, submission)
    today, later = _staff(session, day), _staff(session, max(day, due_on))
    ahead = facts.route[facts.route.index(facts.state) :]
    able = {stage: _able(today, _at(facts, stage)) for stage in ahead}
    stages = tuple(
        StageOutlook(
            stage=stage,
            able=tuple(each.signature for each in able[stage]),
            unable=_unable(session, today, _at(facts, stage), day),
            warning=_warning(stage, able[stage], _able(later, _at(facts, stage)), max(day, due_on)),
        )
        for stage in ahead
    )
    enough = any(not each.able for each in stages) or _can_be_shared_out([able[stage] for stage in ahead])
    return Outlook(stages=stages, day=day, due_on=due_on, warning="" if enough else TOO_FEW)


def _at(facts: Standing, stage: SubmissionState) -> Standing:
    return replace(facts, state=stage)


@dataclass(frozen=True)
class _Staff:
    """Everybody who decides something, as they stand on a day, and who is away until when."""

    actors: Sequence[Actor]
    away: dict[int, date]


def _staff(session: Session, day: date) -> _Staff:
    deciders = people.actors(session, standings.DECIDING_ROLES, day)
    return _Staff(deciders, delegations.away_until(session, day))


def _able(staff: _Staff, facts: Standing) -> list[Actor]:
    """In which standing each of those present may sign this stage."""
    present = [each for each in staff.actors if each.id not in staff.away]
    return [able for each in present if (able := standings.carries_on(each, facts))]


def _unable(session: Session, staff: _Staff, facts: Standing, day: date) -> tuple[tuple[str, str], ...]:
    step = next(each for each in TRANSITIONS if each.action in SIGNATURES and facts.state in each.sources)
    found: list[tuple[str, str]] = []
    for actor in staff.actors:
        holding = [each for each in actor.standings if _holds(each, facts)]
        if not holding:
            continue
        missing = missing_right(step, actor, facts)
        if missing is not None:
            found.append((holding[0].signature, missing.sentence))
        elif actor.id in staff.away:
            able = standing_for(step, actor, facts) or actor
            found.append((able.signature, f"不在岗，至 {staff.away[actor.id]:%m-%d}。"))
    return (*found, *_ended(session, facts, day))


def _holds(actor: Actor, facts: Standing) -> bool:
    capability = STAGE_CAPABILITY[facts.state]
    return actor.may(capability) and (
        capability is not Capability.SIGN_OFF or actor.department_id == facts.department_id
    )


def _ended(session: Session, facts: Standing, day: date) -> list[tuple[str, str]]:
    """Those whose role for this stage ended lately."""
    capability = STAGE_CAPABILITY[facts.state]
    giving = [role for role, given in CAPABILITIES.items() if capability in given]
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
    if capability is Capability.SIGN_OFF:
        statement = statement.where(Person.department_id == facts.department_id)
    held = {each.id for each in people.actors(session, giving, day)}
    return [
        (person.name, f"“{role.role.label}”已于 {role.ends_on:%m-%d} 到期。")
        for person, role in session.exec(statement)
        if person.id not in held
    ]


def _warning(stage: SubmissionState, now: Sequence[Actor], later: Sequence[Actor], due_on: date) -> str:
    role = next(role.label for role, given in CAPABILITIES.items() if STAGE_CAPABILITY[stage] in given)
    if not now:
        return f"“{stage.label}”现在没有人可以办理。{HELP.format(role=role)}"
    if not later:
        return f"到 {due_on:%m-%d}，“{stage.label}”将没有人可以办理。{HELP.format(role=role)}"
    return ""


def _can_be_shared_out(able: Sequence[Sequence[Actor]], taken: frozenset[int] = frozenset()) -> bool:
    """Whether each stage can have its own people."""
    if not able:
        return True
    free = (each for each in able[0] if not each.counted & taken)
    return any(_can_be_shared_out(able[1:], taken | each.counted) for each in free)
