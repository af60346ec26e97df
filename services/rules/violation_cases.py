"""The handling of a violation: one table, as `workflow.py` is for submissions (rule 3.3, 6.2).

The table answers which buttons a person sees (`available`), what the service refuses (`step_for`, `missing_right`)
and what the tests check. A step that is not in the table does not exist.

A deduction takes two people and closing it a third: who recorded a case does not decide it, and who recorded or
decided it does not close it. Nobody handles a case of their own department or one that names them; only what must
happen at once (`CONTAIN`) is open to whoever is there first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from models import Severity, ViolationAction, ViolationKind, ViolationState
from services.rules.permissions import Actor, Capability

S = ViolationState
A = ViolationAction

DEFAULT_SEVERITY: dict[ViolationKind, Severity] = {
    ViolationKind.POLITICAL: Severity.SEVERE,
    ViolationKind.SECRET_LEAK: Severity.SEVERE,
    ViolationKind.UNLAWFUL: Severity.SEVERE,
    ViolationKind.UNTRUE: Severity.MAJOR,
    ViolationKind.PERSONAL_DATA: Severity.MAJOR,
    ViolationKind.MINORS: Severity.MAJOR,
    ViolationKind.COPYRIGHT: Severity.MAJOR,
    ViolationKind.ADVERTISING: Severity.MAJOR,
    ViolationKind.WORDING: Severity.MINOR,
    ViolationKind.MAP_OR_FLAG: Severity.MAJOR,
    ViolationKind.UNREVIEWED: Severity.MAJOR,
    ViolationKind.REPRINT: Severity.MINOR,
    ViolationKind.ALTERED: Severity.MAJOR,
    ViolationKind.ACCOUNT: Severity.MINOR,
    ViolationKind.FAKE_FIGURES: Severity.MAJOR,
    ViolationKind.STALE: Severity.MINOR,
    ViolationKind.COMMENTS: Severity.MINOR,
    ViolationKind.RECTIFICATION: Severity.MAJOR,
}
"""What the form proposes for a kind; the person who records may raise or lower it."""


# --- Rights on one case ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseStanding:
    """What the rights need to know of a case.

    `named` are the people it concerns, `fixers` reported a rectification, `deciders` decided it at any time.
    """

    state: ViolationState
    department_id: int
    recorded_by_id: int
    named: frozenset[int] = frozenset()
    fixers: frozenset[int] = frozenset()
    deciders: frozenset[int] = frozenset()
    was_appealed: bool = False


@dataclass(frozen=True)
class CaseRight:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, CaseStanding], bool]


def _answers_for_department(actor: Actor, case: CaseStanding) -> bool:
    return actor.may(Capability.SIGN_OFF) and actor.department_id == case.department_id


HANDLES_CASES = CaseRight(
    "只有宣传部审核人员或监督小组可以办理违规，请联系他们。",
    lambda actor, _case: actor.may(Capability.RECORD_VIOLATIONS),
)
DECIDES_CASES = CaseRight(
    "只有终审人或监督小组可以认定和结案，请交给他们办理。",
    lambda actor, _case: actor.may(Capability.DECIDE_VIOLATIONS),
)
IS_OF_ANOTHER_DEPARTMENT = CaseRight(
    "这件违规涉及您所在的部门，须由其他部门的同志办理。",
    lambda actor, case: actor.department_id != case.department_id,
)
IS_NOT_NAMED = CaseRight(
    "这件违规涉及您本人，须由其他同志办理。",
    lambda actor, case: actor.id not in case.named,
)
DID_NOT_RECORD = CaseRight(
    "这件违规由您登记，须由另一位同志办理这一步。",
    lambda actor, case: actor.id != case.recorded_by_id,
)
DID_NOT_FIX = CaseRight(
    "整改由您报告完成，须由另一位同志复核。",
    lambda actor, case: actor.id not in case.fixers,
)
DID_NOT_DECIDE = CaseRight(
    "这件违规由您认定，须由另一位同志办理这一步。",
    lambda actor, case: actor.id not in case.deciders,
)
REPORTS_FOR_DEPARTMENT = CaseRight(
    "整改结果由责任部门的负责人报告，或由宣传部、监督小组代为登记。",
    lambda actor, case: _answers_for_department(actor, case) or actor.may(Capability.RECORD_VIOLATIONS),
)
ANSWERS_FOR_DEPARTMENT = CaseRight(
    "只有责任部门的负责人可以申诉。",
    _answers_for_department,
)
WAS_NOT_APPEALED = CaseRight(
    "这件违规已经申诉并答复过，不能再次申诉；如有新的证据，请联系监督小组。",
    lambda _actor, case: not case.was_appealed,
)


SEES_EVERY_CASE = (Capability.RECORD_VIOLATIONS, Capability.DECIDE_VIOLATIONS, Capability.READ_CHARTS)
SEES_OWN_DEPARTMENT = (Capability.WRITE, Capability.SIGN_OFF)


def may_see(actor: Actor, case: CaseStanding) -> bool:
    """Whether the person may know of the case: who handles cases or reads the charts all of them, contributors and
    heads those of their department, and everybody those that name them.
    """
    if actor.id in case.named or any(actor.may(each) for each in SEES_EVERY_CASE):
        return True
    return actor.department_id == case.department_id and any(actor.may(each) for each in SEES_OWN_DEPARTMENT)


# --- The table -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CaseStep:
    """One row: from any of `sources`, a person with all of `rights` may do `action`."""

    action: ViolationAction
    sources: tuple[ViolationState, ...]
    target: ViolationState
    rights: tuple[CaseRight, ...]
    needs_reason: bool = False


IMPARTIAL = (IS_OF_ANOTHER_DEPARTMENT, IS_NOT_NAMED)
DECIDING = (DECIDES_CASES, *IMPARTIAL, DID_NOT_RECORD, DID_NOT_FIX)

CASE_STEPS: tuple[CaseStep, ...] = (
    #        action          from                                        to
    CaseStep(A.CONTAIN,      (S.RECORDED,),                              S.CONTAINED,
             (HANDLES_CASES,), needs_reason=True),
    CaseStep(A.INVESTIGATE,  (S.RECORDED, S.CONTAINED),                  S.INVESTIGATING,
             (HANDLES_CASES, *IMPARTIAL)),
    # From a re-check too: what was reported as fixed may not be.
    CaseStep(A.ORDER,        (S.INVESTIGATING, S.RECHECKING),            S.RECTIFYING,
             (HANDLES_CASES, *IMPARTIAL, DID_NOT_FIX), needs_reason=True),
    CaseStep(A.REPORT_FIXED, (S.RECTIFYING,),                            S.RECHECKING,
             (REPORTS_FOR_DEPARTMENT,), needs_reason=True),
    CaseStep(A.DECIDE,       (S.INVESTIGATING, S.RECHECKING),            S.DECIDED,
             DECIDING, needs_reason=True),
    CaseStep(A.DISMISS,      (S.RECORDED, S.CONTAINED, S.INVESTIGATING, S.RECHECKING), S.DISMISSED,
             DECIDING, needs_reason=True),
    CaseStep(A.APPEAL,       (S.DECIDED,),                               S.APPEALED,
             (ANSWERS_FOR_DEPARTMENT, WAS_NOT_APPEALED), needs_reason=True),
    CaseStep(A.DECIDE,       (S.APPEALED,),                              S.DECIDED,
             (*DECIDING, DID_NOT_DECIDE), needs_reason=True),
    CaseStep(A.DISMISS,      (S.APPEALED,),                              S.DISMISSED,
             (*DECIDING, DID_NOT_DECIDE), needs_reason=True),
    CaseStep(A.CLOSE,        (S.DECIDED,),                               S.CLOSED,
             (DECIDES_CASES, *IMPARTIAL, DID_NOT_RECORD, DID_NOT_FIX, DID_NOT_DECIDE)),
)  # fmt: skip

STEPS: dict[tuple[ViolationAction, ViolationState], CaseStep] = {
    (each.action, source): each for each in CASE_STEPS for source in each.sources
}

ENDED = (S.CLOSED, S.DISMISSED)
"""States in which nothing more is to be done."""


def step_for(action: ViolationAction, state: ViolationState) -> CaseStep | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return STEPS.get((action, state))


def missing_right(step: CaseStep, actor: Actor, case: CaseStanding) -> CaseRight | None:
    """The first right the person lacks for this step, or None if it may be done."""
    return next((right for right in step.rights if not right.holds(actor, case)), None)


def available(actor: Actor, case: CaseStanding) -> list[CaseStep]:
    """The steps this person may take now, in the order of the table: the buttons of the screen."""
    return [step for step in CASE_STEPS if case.state in step.sources and missing_right(step, actor, case) is None]
