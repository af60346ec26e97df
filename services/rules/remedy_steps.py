"""What is done about an item that is out (rule 3.3): one table for the decision, one for each copy, and the limits.

A remedy takes two people: whoever proposes it does not confirm it. What the table does not have does not exist.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta

from models import DeedKind, DeedState, RemedyAction, RemedyKind, RemedyState, Severity, Target
from services.rules.permissions import Actor, Capability, able_standing, first_missing

S, A, K, D = RemedyState, RemedyAction, RemedyKind, DeedState

# --- Rights ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RemedyStanding:
    """What the rights need to know of a remedy. `proposers` proposed it: a deputy and the principal both count."""

    state: RemedyState
    kind: RemedyKind
    proposers: frozenset[int]


@dataclass(frozen=True)
class RemedyRight:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, RemedyStanding], bool]


def may_propose(actor: Actor) -> bool:
    """Whether this standing may propose a remedy, ask for a reading, or record a screenshot."""
    return actor.may(Capability.PUBLISH) or actor.may(Capability.RECORD_VIOLATIONS)


def may_answer_alarms(actor: Actor) -> bool:
    """Whether this standing may say what a deviation was: those who may confirm a remedy."""
    return any(actor.may(each) for each in CONFIRMING)


CONFIRMING = (Capability.PUBLISH, Capability.APPROVE, Capability.DECIDE_VIOLATIONS)
CHANGE_WORDS = frozenset({K.CORRECT, K.NOTE})
"""Remedies after which readers read words that no review has seen."""

PROPOSES = "只有发布员、宣传部审核人员或监督小组可以提出发布后的处置。"
ASKS_FOR_PROOF = "只有发布员、宣传部审核人员或监督小组可以核对已发布的内容。"
ANSWERS_ALARMS = "只有发布员、终审人或监督小组可以确认发布内容的异常。"

CONFIRMS = RemedyRight(
    "发布后的处置由发布员、终审人或监督小组确认，请联系他们。",
    lambda actor, _item: any(actor.may(each) for each in CONFIRMING),
)
APPROVES_NEW_WORDS = RemedyRight(
    "更正和说明会改变读者看到的文字，须由终审人确认。",
    lambda actor, item: item.kind not in CHANGE_WORDS or actor.may(Capability.APPROVE),
)
DID_NOT_PROPOSE = RemedyRight(
    "这项处置由您提出，须由另一位同志确认。",
    lambda actor, item: not actor.counted & item.proposers,
)
IS_THE_PROPOSER = RemedyRight(
    "只有提出处置的同志可以撤回。",
    lambda actor, item: bool(actor.counted & item.proposers),
)
IS_THE_SYSTEM = RemedyRight(
    "这一步由系统在各平台处置完成后自动记录。",
    lambda actor, _item: actor.id is None,
)

# --- The table of the decision ---------------------------------------------------------------------------


@dataclass(frozen=True)
class RemedyStep:
    """One row: from `source`, a person with all of `rights` may do `action`."""

    action: RemedyAction
    source: RemedyState
    target: RemedyState
    rights: tuple[RemedyRight, ...]
    needs_reason: bool = False


SECOND_PERSON = (CONFIRMS, APPROVES_NEW_WORDS, DID_NOT_PROPOSE)

REMEDY_STEPS: tuple[RemedyStep, ...] = (
    #          action      from         to
    RemedyStep(A.CONFIRM,  S.PROPOSED,  S.CONFIRMED, SECOND_PERSON),
    RemedyStep(A.REFUSE,   S.PROPOSED,  S.REFUSED,   SECOND_PERSON, needs_reason=True),
    RemedyStep(A.WITHDRAW, S.PROPOSED,  S.WITHDRAWN, (IS_THE_PROPOSER,)),
    RemedyStep(A.FINISH,   S.CONFIRMED, S.DONE,      (IS_THE_SYSTEM,)),
)  # fmt: skip

OPEN = (S.PROPOSED, S.CONFIRMED)
"""States in which the clock to containment runs."""


def step_for(action: RemedyAction, state: RemedyState) -> RemedyStep | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return next((each for each in REMEDY_STEPS if (each.action, each.source) == (action, state)), None)


def missing_right(step: RemedyStep, actor: Actor, item: RemedyStanding) -> RemedyRight | None:
    """The right the person lacks in all of their standings, or None if the step may be done."""
    return first_missing(step.rights, actor, item)


def standing_for(step: RemedyStep, actor: Actor, item: RemedyStanding) -> Actor | None:
    """In which standing the person may take this step."""
    return able_standing(step.rights, actor, item)


def available(actor: Actor, item: RemedyStanding) -> list[RemedyStep]:
    """The steps this person may take now: the buttons of the screen."""
    return [step for step in REMEDY_STEPS if step.source is item.state and missing_right(step, actor, item) is None]


# --- One copy --------------------------------------------------------------------------------------------

DEED_CHANGES: frozenset[tuple[DeedState, DeedState]] = frozenset(
    {
        (D.WAITING, D.DONE),  # it was done, or was gone already
        (D.WAITING, D.UNKNOWN),  # the call was made and never answered: read back first
        (D.WAITING, D.NEEDS_PERSON),  # the platform offers no call for it, or refuses it
        (D.UNKNOWN, D.DONE),  # read back: it is gone
        (D.UNKNOWN, D.WAITING),  # read back: it still stands, so the call may be repeated
        (D.UNKNOWN, D.NEEDS_PERSON),  # nobody can say: a person looks
        (D.NEEDS_PERSON, D.DONE),  # a person did it
    }
)

ON_SITE: Mapping[RemedyKind, DeedKind] = {
    K.CORRECT: DeedKind.REWRITE,
    K.NOTE: DeedKind.REWRITE,
    K.TAKE_DOWN: DeedKind.TOMBSTONE,
    K.REPUBLISH: DeedKind.TOMBSTONE,
    K.SITE_ONLY: DeedKind.TOMBSTONE,
    K.RESTORE: DeedKind.REWRITE,
}
ON_WECHAT: Mapping[RemedyKind, DeedKind | None] = {
    # WeChat's interface has no call for a correction: whoever may, does it on its site.
    K.CORRECT: DeedKind.BY_HAND,
    K.NOTE: DeedKind.BY_HAND,
    K.TAKE_DOWN: DeedKind.DELETE,
    K.REPUBLISH: DeedKind.DELETE,
    K.SITE_ONLY: None,
    K.RESTORE: None,
}
ELSEWHERE: Mapping[RemedyKind, DeedKind | None] = {
    # As on the campus site, in the edition of the place; the worker asks a person only where the place refuses.
    K.CORRECT: DeedKind.REWRITE,
    K.NOTE: DeedKind.REWRITE,
    K.TAKE_DOWN: DeedKind.TOMBSTONE,
    K.REPUBLISH: DeedKind.TOMBSTONE,
    K.SITE_ONLY: DeedKind.TOMBSTONE,
    K.RESTORE: DeedKind.REWRITE,
}
NEEDS_NO_SECOND = frozenset({K.RESTORE})
"""What only brings back what was approved: nobody need confirm it."""

TAKES_DOWN = frozenset({K.TAKE_DOWN, K.REPUBLISH})


def deed_for(kind: RemedyKind, target: Target, *, by_interface: bool) -> DeedKind | None:
    """What a remedy does to one copy; None where it leaves it alone. Where the interface cannot reach the article
    (`by_interface`), a person deletes it.
    """
    if target is Target.SITE:
        return ON_SITE[kind]
    if target is Target.WEBHOOK and kind is K.RESTORE:
        return None  # the campus CMS is not read back: nothing there is known to differ
    if target is not Target.WECHAT:
        return ELSEWHERE[kind]
    deed = ON_WECHAT[kind]
    return DeedKind.BY_HAND if deed is DeedKind.DELETE and not by_interface else deed


# --- Limits ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Limits:
    """Each field is one setting. Minutes to containment by severity (domain of rule 6.2), and what WeChat lets an
    account correct after publishing (WeChat's help: text only, at most 20 characters, once).
    """

    minor_minutes: int = 24 * 60
    major_minutes: int = 120
    severe_minutes: int = 30
    correction_characters: int = 20
    corrections_per_article: int = 1

    def minutes(self, severity: Severity) -> int:
        return {
            Severity.MINOR: self.minor_minutes,
            Severity.MAJOR: self.major_minutes,
            Severity.SEVERE: self.severe_minutes,
        }[severity]

    def due(self, severity: Severity, proposed_at: datetime) -> datetime:
        """The end of the clock to containment."""
        return proposed_at + timedelta(minutes=self.minutes(severity))


LABELS: Mapping[str, str] = {
    "minor_minutes": "一般问题：处置时限（分钟）",
    "major_minutes": "较重问题：处置时限（分钟）",
    "severe_minutes": "严重问题：处置时限（分钟）",
    "correction_characters": "微信发布后更正：最多改动字数",
    "corrections_per_article": "微信发布后更正：每篇次数",
}
LONGEST = 7 * 24 * 60


def limits_from(stored: Mapping[str, str]) -> Limits:
    """The limits in force: what is stored where it is a usable number, the default everywhere else."""
    known = {each.name: stored[each.name] for each in fields(Limits) if each.name in stored}
    return Limits(**{name: int(value) for name, value in known.items() if value.isascii() and value.isdigit()})


def fault_of(limits: Limits) -> tuple[str, str] | None:
    """The field that cannot be so, and why, as a sentence; None if all is well."""
    for name, label in LABELS.items():
        if not 1 <= getattr(limits, name) <= LONGEST:
            return name, f"“{label}”须在 1 到 {LONGEST} 之间。"
    if not limits.severe_minutes <= limits.major_minutes <= limits.minor_minutes:
        return "severe_minutes", "问题越重，时限应当越短。"
    return None


def changed_characters(wrong: str, right: str) -> int:
    """How many characters a correction changes: what is left of the longer side without the common ends."""
    start = 0
    while start < min(len(wrong), len(right)) and wrong[start] == right[start]:
        start += 1
    end = 0
    while end < min(len(wrong), len(right)) - start and wrong[-1 - end] == right[-1 - end]:
        end += 1
    return max(len(wrong), len(right)) - start - end
