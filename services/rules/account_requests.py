"""Requests about an account (开通, 变更, 注销): one table, what each kind may change, and the steps it leaves owing.

The unit's own head applies with the unit's word; an application on a unit's behalf needs it as a first signature.
Whoever applied decides nothing about it, and nobody signs twice; of a deputy and the principal both count.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto

from models import AccountTask, CancelReason, ChangeKind, RequestAction, RequestKind, RequestState
from services.rules.account_life import answers_for_unit
from services.rules.permissions import Actor, Capability, able_standing, first_missing

S = RequestState
A = RequestAction
T = AccountTask


# --- Rights on one request -------------------------------------------------------------------------------


@dataclass(frozen=True)
class RequestStanding:
    """What the rights need to know of a request.

    `department_id` owns the account. It was handed in by `applied_by` (a deputy and the principal are both among
    them) in the name of `applicant_id`; `signers` agreed since it was last handed in. `has_units_word` says that the
    first signature is not needed: the office's own account, or a closing the office orders as a sanction.
    """

    state: RequestState
    department_id: int
    applicant_id: int
    applied_by: frozenset[int]
    needs_leader: bool = False
    has_units_word: bool = False
    signers: frozenset[int] = field(default_factory=frozenset)


@dataclass(frozen=True)
class RequestRight:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, RequestStanding], bool]


def _heads(actor: Actor, department_id: int) -> bool:
    return actor.may(Capability.SIGN_OFF) and actor.department_id == department_id


STAGE_CAPABILITY: Mapping[RequestState, Capability] = {
    S.DEPARTMENT: Capability.SIGN_OFF,
    S.OFFICE: Capability.APPROVE,
    S.LEADER: Capability.APPROVE_AS_LEADER,
}
"""Who holds each stage: the unit's head, the head of the propaganda office, the school leader."""


def _holds_stage(actor: Actor, request: RequestStanding) -> bool:
    capability = STAGE_CAPABILITY.get(request.state)
    if capability is Capability.SIGN_OFF:
        return _heads(actor, request.department_id)
    return capability is not None and actor.may(capability)


HOLDS_STAGE = RequestRight("这一环节不由您办理，请交给当前环节的负责人。", _holds_stage)
DID_NOT_APPLY = RequestRight(
    "这份申请由您提出，须由另一位同志审批。",
    lambda actor, request: not actor.counted & request.applied_by,
)
SIGNED_NO_OTHER_STAGE = RequestRight(
    "您已在这份申请的另一环节签过意见，每个环节须由不同的人办理。",
    lambda actor, request: not actor.counted & request.signers,
)
APPLIED = RequestRight(
    "只有提出申请的人可以这样做，请联系申请人操作。",
    lambda actor, request: actor.answers_as == request.applicant_id,
)
MAY_APPLY_SENTENCE = "只有本单位负责人可以提出申请，或由宣传部代为提出。"


def standing_to_apply(actor: Actor, department_id: int) -> Actor | None:
    """In which standing somebody may ask the office for something about an account of a unit, or None.

    With the unit's word where they have it: who stands in for the unit's head applies in the head's place.
    """
    for may in (_heads, answers_for_unit):
        able = next((each for each in actor.standings if may(each, department_id)), None)
        if able is not None:
            return able
    return None


# --- The table -------------------------------------------------------------------------------------------


class Relative(Enum):
    """Targets that depend on the request and on who acts."""

    FIRST_STAGE = auto()
    NEXT_STAGE = auto()


@dataclass(frozen=True)
class RequestStep:
    """One row: from any of `sources`, a person with all of `rights` may do `action`."""

    action: RequestAction
    sources: tuple[RequestState, ...]
    target: RequestState | Relative
    rights: tuple[RequestRight, ...]
    needs_reason: bool = False


STAGES = (S.DEPARTMENT, S.OFFICE, S.LEADER)
SIGNING = (HOLDS_STAGE, DID_NOT_APPLY, SIGNED_NO_OTHER_STAGE)

REQUEST_STEPS: tuple[RequestStep, ...] = (
    #           action      from                     to
    RequestStep(A.SUBMIT,   (S.RETURNED,),           Relative.FIRST_STAGE, (APPLIED,)),
    RequestStep(A.ENDORSE,  (S.DEPARTMENT,),         Relative.NEXT_STAGE,  SIGNING),
    RequestStep(A.GRANT,    (S.OFFICE, S.LEADER),    Relative.NEXT_STAGE,  SIGNING),
    RequestStep(A.RETURN,   STAGES,                  S.RETURNED, (HOLDS_STAGE, DID_NOT_APPLY), needs_reason=True),
    RequestStep(A.REFUSE,   STAGES,                  S.REFUSED,  (HOLDS_STAGE, DID_NOT_APPLY), needs_reason=True),
    RequestStep(A.WITHDRAW, (S.RETURNED, *STAGES),   S.WITHDRAWN, (APPLIED,)),
)  # fmt: skip

STEPS: dict[tuple[RequestAction, RequestState], RequestStep] = {
    (each.action, source): each for each in REQUEST_STEPS for source in each.sources
}

UNDER_WAY = (S.RETURNED, *STAGES)
"""States in which something is still to be decided."""

SIGNATURES = (A.ENDORSE, A.GRANT)


def step_for(action: RequestAction, state: RequestState) -> RequestStep | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return STEPS.get((action, state))


def missing_right(step: RequestStep, actor: Actor, request: RequestStanding) -> RequestRight | None:
    """The right the person lacks for this step, in the standing that comes furthest, or None if it may be done."""
    return first_missing(step.rights, actor, request)


def standing_for(step: RequestStep, actor: Actor, request: RequestStanding) -> Actor | None:
    """In which standing the person may take this step: in their own right if they can, else in somebody's place."""
    return able_standing(step.rights, actor, request)


def signature_step(state: RequestState) -> RequestStep | None:
    """The row that signs a stage, or None where nobody signs."""
    return next((step for step in REQUEST_STEPS if step.action in SIGNATURES and state in step.sources), None)


def available(actor: Actor, request: RequestStanding) -> list[RequestStep]:
    """The steps this person may take now, in the order of the table: the buttons of the screen."""
    return [
        step for step in REQUEST_STEPS if request.state in step.sources and missing_right(step, actor, request) is None
    ]


def target_of(step: RequestStep, actor: Actor, request: RequestStanding) -> RequestState:
    """Where the step leads for this request, taken in this standing."""
    if step.target is Relative.FIRST_STAGE:
        return first_stage(actor, request)
    if step.target is Relative.NEXT_STAGE:
        if request.state is S.DEPARTMENT:
            return S.OFFICE
        return S.LEADER if request.state is S.OFFICE and request.needs_leader else S.GRANTED
    assert isinstance(step.target, RequestState)  # noqa: S101  # the two relative targets are answered above
    return step.target


def stages_ahead(request: RequestStanding) -> tuple[RequestState, ...]:
    """The stages a request still has before it, the present one first."""
    ahead = STAGES[STAGES.index(request.state) :]
    return ahead if request.needs_leader else tuple(stage for stage in ahead if stage is not S.LEADER)


def first_stage(actor: Actor, request: RequestStanding) -> RequestState:
    """Where a request begins: with the unit's head, unless it carries the unit's word already."""
    return S.OFFICE if request.has_units_word or _heads(actor, request.department_id) else S.DEPARTMENT


# --- What each kind may change, and what it leaves owing -------------------------------------------------

CHANGED_FIELDS: Mapping[ChangeKind, tuple[str, ...]] = {
    ChangeKind.NAME: ("name", "wechat_id"),
    ChangeKind.SUBJECT: ("owner_department_id", "subject_name", "subject_type", "sponsor"),
    ChangeKind.ADMINISTRATORS: ("admin_a", "admin_b", "password_custodian"),
    ChangeKind.LEADERS: ("first_responsible", "leader_in_charge", "guide_teacher"),
    ChangeKind.CONTACT: ("contact", "bound_phone_end", "emergency_contact"),
    ChangeKind.PURPOSE: ("purpose", "content_scope", "audience", "planned_per_month"),
    ChangeKind.MODE: ("level", "external_facing", "comments_enabled", "vendor", "vendor_contract"),
    ChangeKind.REVIEW_CHAIN: ("first_reviewer", "second_reviewer", "final_reviewer", "proofreader"),
}
"""Fields of the register that only an approved change of this kind may alter (rule 2.3)."""

HANDOVER_TASKS = (T.NEW_PASSWORD, T.OLD_RIGHTS, T.HANDOVER, T.PLEDGE)
CANCELLATION_TASKS = (T.BACKUP, T.OPEN_CASES, T.NOTICE, T.WECHAT_CANCEL, T.PROOF, T.EMBLEM)

NEEDS_FILE = frozenset({T.HANDOVER, T.PLEDGE, T.BACKUP, T.PROOF})
"""Steps that are proved by a document."""

AFTER: Mapping[AccountTask, tuple[AccountTask, ...]] = {
    T.WECHAT_CANCEL: (T.BACKUP, T.OPEN_CASES, T.NOTICE),
    T.PROOF: (T.WECHAT_CANCEL,),
}
"""Steps that wait for others: what is cancelled cannot be backed up any more."""


def tasks_of(kind: RequestKind, change: ChangeKind | None) -> tuple[AccountTask, ...]:
    """The dated steps that a granted request leaves owing."""
    if kind is RequestKind.CANCELLATION:
        return CANCELLATION_TASKS
    return HANDOVER_TASKS if change is ChangeKind.ADMINISTRATORS else ()


def is_ordered(cancel_reason: CancelReason | None) -> bool:
    """Whether a cancellation is a sanction, which the unit cannot stop by not signing."""
    return cancel_reason is CancelReason.SANCTION
