"""Who may do what: capabilities by role, and rights on one submission or case, as sentences.

Pages ask (which entries, which buttons); services enforce, inside the transaction. Nobody else compares
a role.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from models import PersonRole, Role, SubmissionState


@dataclass(frozen=True)
class Actor:
    """Somebody acting now: re-read from the database at the start of every unit of work.

    The worker and the installation act as `SYSTEM`, which has no id and no role.
    """

    id: int | None
    name: str
    department_id: int | None
    roles: frozenset[Role]

    def may(self, capability: Capability) -> bool:
        return any(capability in CAPABILITIES[role] for role in self.roles)


class Capability(StrEnum):
    """What a person can do at all; each guards one or more pages."""

    WRITE = auto()
    SIGN_OFF = auto()
    REVIEW = auto()
    APPROVE = auto()
    APPROVE_AS_LEADER = auto()
    PUBLISH = auto()
    RECORD_VIOLATIONS = auto()
    DECIDE_VIOLATIONS = auto()
    READ_CHARTS = auto()
    READ_TRAIL = auto()
    READ_ACCOUNTS = auto()
    KEEP_ACCOUNTS = auto()
    ADMINISTER = auto()


CAPABILITIES: dict[Role, frozenset[Capability]] = {
    Role.CONTRIBUTOR: frozenset({Capability.WRITE}),
    Role.DEPARTMENT_HEAD: frozenset({Capability.WRITE, Capability.SIGN_OFF}),
    Role.REVIEWER: frozenset(
        {
            Capability.REVIEW,
            Capability.RECORD_VIOLATIONS,
            Capability.READ_CHARTS,
            Capability.READ_ACCOUNTS,
            Capability.KEEP_ACCOUNTS,
        }
    ),
    Role.APPROVER: frozenset(
        {
            Capability.APPROVE,
            Capability.RECORD_VIOLATIONS,
            Capability.DECIDE_VIOLATIONS,
            Capability.READ_CHARTS,
            Capability.READ_TRAIL,
            Capability.READ_ACCOUNTS,
            Capability.KEEP_ACCOUNTS,
        }
    ),
    Role.PUBLISHER: frozenset({Capability.PUBLISH, Capability.READ_ACCOUNTS}),
    Role.SUPERVISOR: frozenset(
        {
            Capability.RECORD_VIOLATIONS,
            Capability.DECIDE_VIOLATIONS,
            Capability.READ_CHARTS,
            Capability.READ_TRAIL,
            Capability.READ_ACCOUNTS,
        }
    ),
    Role.LEADER: frozenset({Capability.APPROVE_AS_LEADER, Capability.READ_CHARTS, Capability.READ_ACCOUNTS}),
    Role.ADMIN: frozenset(
        {
            Capability.ADMINISTER,
            Capability.READ_TRAIL,
            Capability.READ_ACCOUNTS,
            Capability.KEEP_ACCOUNTS,
        }
    ),
}

READS_EVERY_SUBMISSION = frozenset(
    {
        Capability.REVIEW,
        Capability.APPROVE,
        Capability.APPROVE_AS_LEADER,
        Capability.PUBLISH,
        Capability.RECORD_VIOLATIONS,
    }
)
"""Capabilities whose holders see submissions of every department (never their unsent drafts)."""

UNSENT = (SubmissionState.DRAFT,)
"""States in which an item is nobody's business but its author's."""

STAGE_CAPABILITY: dict[SubmissionState, Capability] = {
    SubmissionState.DEPARTMENT_REVIEW: Capability.SIGN_OFF,
    SubmissionState.FIRST_REVIEW: Capability.REVIEW,
    SubmissionState.SECOND_REVIEW: Capability.REVIEW,
    SubmissionState.FINAL_REVIEW: Capability.APPROVE,
    SubmissionState.LEADER_REVIEW: Capability.APPROVE_AS_LEADER,
}
"""Who holds each review stage."""


def roles_on(day: date, roles: list[PersonRole]) -> frozenset[Role]:
    """The roles in force on a day; a role ends by itself after its last day."""
    return frozenset(
        each.role for each in roles if each.starts_on <= day and (each.ends_on is None or day <= each.ends_on)
    )


# --- Rights on one submission ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What the rights need to know of a submission.

    `last_editor_id` made the present revision; `signers` signed the stages before the present one, in this round.
    """

    state: SubmissionState
    contributor_id: int
    department_id: int
    route: tuple[SubmissionState, ...]
    last_editor_id: int
    signers: frozenset[int]


@dataclass(frozen=True)
class Right:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, Standing], bool]


def _holds_stage(actor: Actor, item: Standing) -> bool:
    capability = STAGE_CAPABILITY.get(item.state)
    if capability is None or not actor.may(capability):
        return False
    return capability is not Capability.SIGN_OFF or actor.department_id == item.department_id


def may_see(actor: Actor, item: Standing) -> bool:
    """Whether the person may know that the item exists: its author and the system always, its department's head
    and the office, the publishers and the oversight once it was handed in.
    """
    if actor.id in (None, item.contributor_id):
        return True
    if item.state in UNSENT:
        return False
    if actor.may(Capability.SIGN_OFF) and actor.department_id == item.department_id:
        return True
    return any(actor.may(each) for each in READS_EVERY_SUBMISSION)


IS_CONTRIBUTOR = Right(
    "只有稿件作者本人可以这样做，请联系作者操作。",
    lambda actor, item: actor.id == item.contributor_id,
)
HOLDS_STAGE = Right(
    "这一环节不由您办理，请交给当前环节的负责人。",
    _holds_stage,
)
DID_NOT_WRITE = Right(
    "这是您本人的稿件，须由另一位同志审核。",
    lambda actor, item: actor.id != item.contributor_id,
)
DID_NOT_EDIT_LAST = Right(
    "这一稿最后由您修改，须由另一位同志审核通过。",
    lambda actor, item: actor.id != item.last_editor_id,
)
SIGNED_NO_OTHER_STAGE = Right(
    "您已在本轮的另一环节签过意见，每个环节须由不同的人办理。",
    lambda actor, item: actor.id not in item.signers,
)
WORKS_IN_THE_OFFICE = Right(
    "只有宣传部的审核员或终审人可以这样做。",
    lambda actor, _item: actor.may(Capability.REVIEW) or actor.may(Capability.APPROVE),
)
PUBLISHES = Right(
    "只有发布员可以这样做。",
    lambda actor, _item: actor.may(Capability.PUBLISH),
)
IS_THE_SYSTEM = Right(
    "这一步由系统在发布完成后自动记录。",
    lambda actor, _item: actor.id is None,
)
