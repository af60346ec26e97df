"""The workflow of a submission: one table. What affects state is in this file, most of it in the table.

The table answers which buttons a person sees (`available`), what the service refuses (`step_for`), what the
tests check and what the help picture shows. A step that is not in the table does not exist.

Some targets depend on the item and not on the table alone: `NEXT_STAGE` is the stage after the present one in
the item's own route (approved after the last), `SAME_STAGE` is where it stands, and `FIRST_OFFICE_STAGE` is where
a change of content re-opens the review.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum, auto

from models import REVIEW_STAGES, Action, AuditAction, ContentCategory, RiskMark, SubmissionState
from services.rules.permissions import (
    DID_NOT_EDIT_LAST,
    DID_NOT_WRITE,
    HAD_NO_HAND_IN_IT,
    HOLDS_STAGE,
    IS_CONTRIBUTOR,
    IS_NO_EMERGENCY,
    IS_THE_SYSTEM,
    MAY_EXPEDITE,
    OWES_NOTHING,
    OWES_REVIEW,
    PUBLISHES,
    REVIEWS_AFTERWARDS,
    SIGNED_NO_OTHER_STAGE,
    WORKS_IN_THE_OFFICE,
    Actor,
    Right,
    Standing,
    able_standing,
    first_missing,
)

S = SubmissionState


class Relative(Enum):
    """Targets that depend on the item's own route."""

    NEXT_STAGE = auto()
    SAME_STAGE = auto()
    FIRST_OFFICE_STAGE = auto()


@dataclass(frozen=True)
class Transition:
    """One row: from any of `sources`, a person with all of `rights` may do `action`."""

    action: Action
    sources: tuple[SubmissionState, ...]
    target: SubmissionState | Relative
    rights: tuple[Right, ...]
    recorded_as: AuditAction
    needs_reason: bool = False


SIGNING = (HOLDS_STAGE, DID_NOT_WRITE, SIGNED_NO_OTHER_STAGE)

TRANSITIONS: tuple[Transition, ...] = (
    #          action           from                                  to
    Transition(Action.SUBMIT,   (S.DRAFT, S.RETURNED),                Relative.NEXT_STAGE,
               (IS_CONTRIBUTOR,), AuditAction.SUBMISSION_SUBMITTED),
    Transition(Action.SIGN_OFF, (S.DEPARTMENT_REVIEW,),               Relative.NEXT_STAGE,
               (*SIGNING, DID_NOT_EDIT_LAST), AuditAction.SUBMISSION_SIGNED_OFF),
    # A reviewer may pass what he or she adjusted: the sealing approval after it is always somebody else's.
    Transition(Action.PASS,     (S.FIRST_REVIEW, S.SECOND_REVIEW),    Relative.NEXT_STAGE,
               SIGNING, AuditAction.SUBMISSION_PASSED),
    Transition(Action.APPROVE,  (S.FINAL_REVIEW, S.LEADER_REVIEW),    Relative.NEXT_STAGE,
               (*SIGNING, DID_NOT_EDIT_LAST), AuditAction.SUBMISSION_APPROVED),
    Transition(Action.ADJUST,   (S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW), Relative.FIRST_OFFICE_STAGE,
               (HOLDS_STAGE, DID_NOT_WRITE, WORKS_IN_THE_OFFICE), AuditAction.SUBMISSION_ADJUSTED),
    Transition(Action.ADJUST,   (S.APPROVED,),                        Relative.FIRST_OFFICE_STAGE,
               (WORKS_IN_THE_OFFICE, DID_NOT_WRITE, OWES_NOTHING), AuditAction.SUBMISSION_ADJUSTED),
    # In an emergency two signatures of two people are enough to go out; the full review is owed afterwards.
    Transition(Action.EXPEDITE, (S.DEPARTMENT_REVIEW, S.FIRST_REVIEW), S.FIRST_REVIEW,
               (MAY_EXPEDITE, IS_NO_EMERGENCY), AuditAction.SUBMISSION_EXPEDITED, needs_reason=True),
    Transition(Action.SETTLE,   (S.APPROVED, S.PUBLISHED),            Relative.SAME_STAGE,
               (OWES_REVIEW, REVIEWS_AFTERWARDS, DID_NOT_WRITE, HAD_NO_HAND_IN_IT, DID_NOT_EDIT_LAST),
               AuditAction.SUBMISSION_SETTLED, needs_reason=True),
    # The signature of a higher stage can be asked for on the way, never taken away again.
    Transition(Action.RAISE,    REVIEW_STAGES[:-1],                   Relative.SAME_STAGE,
               (HOLDS_STAGE, DID_NOT_WRITE), AuditAction.SUBMISSION_RAISED, needs_reason=True),
    Transition(Action.RETURN,   REVIEW_STAGES,                        S.RETURNED,
               (HOLDS_STAGE, DID_NOT_WRITE), AuditAction.SUBMISSION_RETURNED, needs_reason=True),
    Transition(Action.REJECT,   REVIEW_STAGES[1:],                    S.REJECTED,
               (HOLDS_STAGE, DID_NOT_WRITE), AuditAction.SUBMISSION_REJECTED, needs_reason=True),
    # The author takes it back to mend it: what was signed is void, the next round begins at the first stage.
    Transition(Action.RECALL,   REVIEW_STAGES,                        S.RETURNED,
               (IS_CONTRIBUTOR,), AuditAction.SUBMISSION_RECALLED),
    Transition(Action.WITHDRAW, (S.DRAFT, S.RETURNED, *REVIEW_STAGES), S.WITHDRAWN,
               (IS_CONTRIBUTOR,), AuditAction.SUBMISSION_WITHDRAWN),
    Transition(Action.WITHDRAW, (S.APPROVED,),                        S.WITHDRAWN,
               (WORKS_IN_THE_OFFICE, OWES_NOTHING), AuditAction.SUBMISSION_WITHDRAWN, needs_reason=True),
    Transition(Action.RELEASE,  (S.APPROVED,),                        S.PUBLISHED,
               (IS_THE_SYSTEM,), AuditAction.SUBMISSION_RELEASED),
    Transition(Action.ARCHIVE,  (S.PUBLISHED,),                       S.ARCHIVED,
               (PUBLISHES, OWES_NOTHING), AuditAction.SUBMISSION_ARCHIVED),
    # Two people decided it (`remedy_steps.py`); the system carries it out once the old version is taken down.
    Transition(Action.REOPEN,   (S.APPROVED, S.PUBLISHED, S.ARCHIVED), Relative.FIRST_OFFICE_STAGE,
               (IS_THE_SYSTEM,), AuditAction.SUBMISSION_REOPENED, needs_reason=True),
)  # fmt: skip

STEPS: dict[tuple[Action, SubmissionState], Transition] = {
    (each.action, source): each for each in TRANSITIONS for source in each.sources
}

SIGNATURES = frozenset({Action.SIGN_OFF, Action.PASS, Action.APPROVE})
"""Actions that sign a stage; each stage of a round is signed by a different person."""

SEALING_STAGES = (S.FINAL_REVIEW, S.LEADER_REVIEW)
OFFICE_STAGES = (S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW)

DECISIONS = SIGNATURES | {Action.RETURN, Action.REJECT}
"""Actions that decide on a stage."""
EMERGENCY_ROUTE = (S.FIRST_REVIEW, S.FINAL_REVIEW)
"""紧急快速通道: one editor of the office, then its head or a school leader; two people, neither of them the author.
The least there is: with one signature less, one person alone would speak for the school.
"""

DEFAULT_ROUTE = (S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW)
"""部门审签, 宣传部初审, 宣传部终审 (rule 3.1)."""


def is_decision(step: Transition) -> bool:
    """Whether a step decides on a stage: signs it, returns the item or refuses it."""
    return step.action in DECISIONS


def step_for(action: Action, state: SubmissionState) -> Transition | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return STEPS.get((action, state))


def missing_right(step: Transition, actor: Actor, item: Standing) -> Right | None:
    """The right the person lacks for this step, in the standing that comes furthest, or None if it may be done."""
    return first_missing(step.rights, actor, item)


def standing_for(step: Transition, actor: Actor, item: Standing) -> Actor | None:
    """In which standing the person may take this step: in their own right if they can, else in somebody's place."""
    return able_standing(step.rights, actor, item)


def available(actor: Actor, item: Standing) -> list[Transition]:
    """The steps this person may take now, in the order of the table: the buttons of the screen."""
    return [step for step in TRANSITIONS if item.state in step.sources and missing_right(step, actor, item) is None]


def target_of(step: Transition, item: Standing) -> SubmissionState:
    """Where the step leads for this item."""
    if step.target is Relative.NEXT_STAGE:
        return _stage_after(item)
    if step.target is Relative.SAME_STAGE:
        return item.state
    if step.target is Relative.FIRST_OFFICE_STAGE:
        return next(stage for stage in item.route if stage is not S.DEPARTMENT_REVIEW)
    assert isinstance(step.target, SubmissionState)  # noqa: S101  # the relative targets are answered above
    return step.target


def _stage_after(item: Standing) -> SubmissionState:
    if item.state not in item.route:
        return item.route[0]
    following = item.route[item.route.index(item.state) + 1 :]
    return following[0] if following else S.APPROVED


SHORT_CATEGORIES = (ContentCategory.NOTICE, ContentCategory.PREVIEW)
"""Ordinary notices and previews may take two stages; everything else takes three (rule 3.2)."""

FEWEST_STAGES, FEWEST_STAGES_OF_ROUTINE = 3, 2


def route_fault(stages: tuple[SubmissionState, ...], category: ContentCategory | None = None) -> str | None:
    """Why these stages cannot be the review route of a category, as a sentence, or None if they can.

    Fewer stages never means one person alone: three (two for routine items), in the fixed order, the last one an
    approval. Without a category the route must serve every one.
    """
    faults = (
        (
            any(stage not in REVIEW_STAGES for stage in stages),
            "审核流程只能由部门审签、初审、复审、终审和分管校领导审批组成。",
        ),
        (len(stages) < FEWEST_STAGES_OF_ROUTINE, "审核流程至少要有两个环节，由不同的人办理。"),
        (
            len(stages) < FEWEST_STAGES and category not in SHORT_CATEGORIES,
            "只有通知公告和活动预告可以用两个环节，其他稿件至少三个。",
        ),
        (stages != joined(stages), "审核环节须按部门审签、初审、复审、终审、校领导审批的先后排列，且不重复。"),
        (not {*stages[-1:]} <= {*SEALING_STAGES}, "最后一个环节须是宣传部终审或分管校领导审批。"),
        (not {*stages} & {*OFFICE_STAGES}, "宣传部至少要有一个环节。"),
    )
    return next((sentence for is_at_fault, sentence in faults if is_at_fault), None)


def joined(*routes: Iterable[SubmissionState]) -> tuple[SubmissionState, ...]:
    """One route with every stage of these, in the fixed order: how a route is raised."""
    wanted = {stage for route in routes for stage in route}
    return tuple(stage for stage in REVIEW_STAGES if stage in wanted)


# --- Who signs last ----------------------------------------------------------------------------------------

RISK_STAGES = (S.SECOND_REVIEW, S.LEADER_REVIEW)
"""The stages a risk mark may add."""

DEFAULT_RISK_STAGES: Mapping[RiskMark, tuple[SubmissionState, ...]] = dict.fromkeys(RiskMark, (S.LEADER_REVIEW,))
"""The school leader in charge signs last for each of them (domain 3.1)."""


def risk_fault(stages: tuple[SubmissionState, ...]) -> str | None:
    """Why a risk mark cannot add these stages, as a sentence, or None if it can: one that adds nothing is no mark."""
    if not stages:
        return "每项风险至少要增加一个环节：宣传部复审或分管校领导审批。"
    if not set(stages) <= set(RISK_STAGES):
        return "风险只能增加宣传部复审或分管校领导审批。"
    return None
