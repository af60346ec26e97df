"""The annual review of accounts (年检): one table, the items of the self-check, and what rules a pass out.

A campaign opens a review for each running account; the unit checks itself and confirms, the office decides, and the
list is published. Whoever answered or confirmed for the unit does not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Self

from models import AnnualAction, AnnualState, ViolationKind
from services.rules.clocks import Clocks
from services.rules.permissions import Actor, Capability, able_standing, first_missing

S = AnnualState
A = AnnualAction

ITEMS: Mapping[str, str] = {
    "filing": "备案信息完整，变更均已备案",
    "administrators": "两位管理员均在职在岗",
    "operators": "学生运营人员名单与权限是最新的",
    "password": "本年度更换过登录密码",
    "review_records": "三审三校记录完整",
    "updates": "更新频率符合备案",
    "violations": "违规均已整改结案",
    "comments": "留言有人管理",
    "rights": "图片、字体、音乐有使用权",
    "consents": "肖像与个人信息取得同意",
    "next_year": "明年继续使用",
}
"""Items of the self-check, yes or no with evidence."""

LONGEST_EVIDENCE = 300
FIRST_DAY, LAST_DAY = (12, 1), (12, 20)
"""The window unless another is chosen, as month and day."""


def usual_window(year: int) -> tuple[date, date]:
    """The first and last day of a year's review."""
    return date(year, *FIRST_DAY), date(year, *LAST_DAY)


@dataclass(frozen=True)
class Answer:
    """One item of the self-check; a no needs its evidence or plan."""

    yes: bool
    evidence: str = ""


def fault_of(answers: Mapping[str, Answer]) -> tuple[str, str] | None:
    """The first item that is not answered as it must be, and why, as a sentence; None if all are."""
    for item, label in ITEMS.items():
        answer = answers.get(item)
        if answer is None:
            return item, f"请回答“{label}”。"
        if not answer.yes and not answer.evidence.strip():
            return item, f"“{label}”回答为否时，请写明情况和整改打算。"
        if len(answer.evidence) > LONGEST_EVIDENCE:
            return item, f"“{label}”的说明请控制在 {LONGEST_EVIDENCE} 字以内。"
    return None


# --- What the system counts ------------------------------------------------------------------------------

GAP_DAYS = 14
GRAVE_KINDS = frozenset(tuple(ViolationKind)[:10])
"""V01-V10: confirmed as severe, they fail an account at once."""


@dataclass(frozen=True)
class Facts:
    """What the system knows of an account's year; `silent_days` up to the day it was counted on."""

    posts: int = 0
    gaps: int = 0
    silent_days: int = 0
    timed: int = 0
    on_time: int = 0
    violations: int = 0
    grave: int = 0
    advertising: int = 0
    concealed: int = 0
    refused: int = 0
    password_changed_on: str = ""

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


def grounds_for_failing(facts: Facts, clocks: Clocks) -> list[str]:
    """Why an account cannot pass, whatever else is well."""
    grounds = {
        "有认定为“严重”的内容违规（V01—V10）": facts.grave > 0,
        "有认定的商业推广": facts.advertising > 0,
        "有认定的账号管理违规（隐瞒变更）": facts.concealed > 0,
        "拒不整改或逾期不整改": facts.refused > 0,
        f"已 {facts.silent_days} 天没有更新": facts.silent_days >= clocks.zombie_days,
    }
    return [ground for ground, holds in grounds.items() if holds]


def long_gaps(days: list[date]) -> int:
    """How many pauses of more than fourteen days lie between these days, which must be in order."""
    return sum((later - earlier).days > GAP_DAYS for earlier, later in pairwise(days))


# --- Rights and the table --------------------------------------------------------------------------------


@dataclass(frozen=True)
class ReviewStanding:
    """What the rights need to know of one account's review.

    `is_office` says that the account is the propaganda office's own, which has no head of a unit above it.
    """

    state: AnnualState
    department_id: int
    is_office: bool = False
    spoke_for_unit: frozenset[int] = frozenset()


@dataclass(frozen=True)
class ReviewRight:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, ReviewStanding], bool]


def _of_unit(actor: Actor, review: ReviewStanding, *, in_office: Capability) -> bool:
    if actor.department_id != review.department_id:
        return False
    return actor.may(Capability.SIGN_OFF) or (review.is_office and actor.may(in_office))


CHECKS_FOR_UNIT = ReviewRight(
    "自查由主办单位负责人填写，请联系他们。",
    lambda actor, review: _of_unit(actor, review, in_office=Capability.KEEP_ACCOUNTS),
)
CONFIRMS_FOR_UNIT = ReviewRight(
    "自查结果由主办单位负责人确认，请联系他们。",
    lambda actor, review: _of_unit(actor, review, in_office=Capability.APPROVE),
)
DECIDES_FOR_OFFICE = ReviewRight(
    "年检结论由宣传部审核员或终审人作出。",
    lambda actor, _review: actor.may(Capability.REVIEW) or actor.may(Capability.APPROVE),
)
DID_NOT_SPEAK_FOR_UNIT = ReviewRight(
    "这份自查由您填写或确认，须由另一位同志作出结论。",
    lambda actor, review: not actor.counted & review.spoke_for_unit,
)
FOLLOWS_PUBLICATION = ReviewRight(
    "逾期未确认的账号在公示时自动登记为未参加年检。",
    lambda _actor, _review: False,
)


@dataclass(frozen=True)
class ReviewStep:
    """One row: from any of `sources`, a person with all of `rights` may do `action`."""

    action: AnnualAction
    sources: tuple[AnnualState, ...]
    target: AnnualState
    rights: tuple[ReviewRight, ...]
    needs_reason: bool = False


DECIDING = (DECIDES_FOR_OFFICE, DID_NOT_SPEAK_FOR_UNIT)

REVIEW_STEPS: tuple[ReviewStep, ...] = (
    #          action        from                               to
    ReviewStep(A.SELF_CHECK, (S.NOT_STARTED, S.SELF_CHECKED),   S.SELF_CHECKED, (CHECKS_FOR_UNIT,)),
    ReviewStep(A.CONFIRM,    (S.SELF_CHECKED,),                 S.CONFIRMED,    (CONFIRMS_FOR_UNIT,)),
    ReviewStep(A.RETURN,     (S.CONFIRMED,),                    S.SELF_CHECKED, DECIDING, needs_reason=True),
    ReviewStep(A.PASS,       (S.CONFIRMED,),                    S.PASSED,       DECIDING),
    ReviewStep(A.PASS_GOOD,  (S.CONFIRMED,),                    S.PASSED_GOOD,  DECIDING, needs_reason=True),
    ReviewStep(A.ORDER,      (S.CONFIRMED,),                    S.CONDITIONAL,  DECIDING, needs_reason=True),
    # What was ordered is looked at again: then it is mended, or it is not.
    ReviewStep(A.PASS,       (S.CONDITIONAL,),                  S.PASSED,       DECIDING, needs_reason=True),
    ReviewStep(A.FAIL,       (S.CONFIRMED, S.CONDITIONAL),      S.FAILED,       DECIDING, needs_reason=True),
    ReviewStep(A.MISS,       (S.NOT_STARTED, S.SELF_CHECKED),   S.MISSED,       (FOLLOWS_PUBLICATION,)),
)  # fmt: skip

STEPS: dict[tuple[AnnualAction, AnnualState], ReviewStep] = {
    (each.action, source): each for each in REVIEW_STEPS for source in each.sources
}

WITH_UNIT = (S.NOT_STARTED, S.SELF_CHECKED)
"""States in which the unit has still to confirm."""

PASSES = (A.PASS, A.PASS_GOOD)


def step_for(action: AnnualAction, state: AnnualState) -> ReviewStep | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return STEPS.get((action, state))


def missing_right(step: ReviewStep, actor: Actor, review: ReviewStanding) -> ReviewRight | None:
    """The right the person lacks for this step, in the standing that comes furthest, or None if it may be done."""
    return first_missing(step.rights, actor, review)


def standing_for(step: ReviewStep, actor: Actor, review: ReviewStanding) -> Actor | None:
    """In which standing the person may take this step: in their own right if they can, else in somebody's place."""
    return able_standing(step.rights, actor, review)


def available(actor: Actor, review: ReviewStanding) -> list[ReviewStep]:
    """The steps this person may take now, in the order of the table: the buttons of the screen."""
    return [
        step for step in REVIEW_STEPS if review.state in step.sources and missing_right(step, actor, review) is None
    ]
