"""Who may do what: capabilities by role, and rights on one submission or case, as sentences.

Pages ask (which entries, which buttons); services enforce, inside the transaction. Nobody else compares
a role.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum, auto
from itertools import takewhile
from typing import Any, Protocol, TypeVar

from models import PersonRole, Role, SubmissionState


@dataclass(frozen=True)
class Actor:
    """Somebody acting now: re-read from the database at the start of every unit of work.

    The worker and the installation act as `SYSTEM`, which has no id and no role. `acting_for` are those whose
    deputy the person is today; `standings` are the ways in which they may act: in their own right, then in the
    place of each of these. A standing in somebody's place names them in `stands_in_for`.
    """

    id: int | None
    name: str
    department_id: int | None
    roles: frozenset[Role]
    acting_for: tuple[Principal, ...] = field(default=(), kw_only=True)
    stands_in_for: Principal | None = field(default=None, kw_only=True)

    def may(self, capability: Capability) -> bool:
        """Whether this very standing has a capability; a deputy has only those that can be lent."""
        if self.stands_in_for is not None and capability not in LENDABLE:
            return False
        return any(capability in CAPABILITIES[role] for role in self.roles)

    def reaches(self, capability: Capability) -> bool:
        """Whether the person has a capability in any of their standings: what opens pages and lists."""
        return any(each.may(capability) for each in self.standings)

    @property
    def standings(self) -> tuple[Actor, ...]:
        return (self, *(self._in_place_of(each) for each in self.acting_for))

    @property
    def counted(self) -> frozenset[int]:
        """Everybody whose hands these are: under the two-person rule a deputy and the principal both count."""
        both = (self.id, self.stands_in_for.id if self.stands_in_for else None)
        return frozenset(each for each in both if each is not None)

    @property
    def answers_as(self) -> int | None:
        """In whose name this standing acts: the principal's, or the person's own."""
        return self.stands_in_for.id if self.stands_in_for else self.id

    @property
    def signature(self) -> str:
        """The name under what this standing does: X, or X 代 Y."""
        return signature_of(self.name, self.stands_in_for.name if self.stands_in_for else None)

    def _in_place_of(self, principal: Principal) -> Actor:
        return Actor(
            id=self.id,
            name=self.name,
            department_id=principal.department_id,
            roles=principal.roles,
            stands_in_for=principal,
        )


def signature_of(name: str, principal: str | None) -> str:
    """How an act is signed: by the person, or by a deputy for the principal."""
    return f"{name} 代 {principal}" if principal else name


@dataclass(frozen=True)
class Principal:
    """Somebody a deputy stands in for today; `roles` are those lent that the person holds today."""

    id: int
    name: str
    department_id: int
    roles: frozenset[Role]


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
    KEEP_CONSENTS = auto()
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
            Capability.KEEP_CONSENTS,
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
            Capability.KEEP_CONSENTS,
        }
    ),
    Role.PUBLISHER: frozenset({Capability.PUBLISH, Capability.READ_ACCOUNTS, Capability.KEEP_CONSENTS}),
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

LENDABLE = frozenset(
    {
        Capability.SIGN_OFF,
        Capability.REVIEW,
        Capability.APPROVE,
        Capability.APPROVE_AS_LEADER,
        Capability.PUBLISH,
    }
)
"""What a deputy does in somebody's place: the steps of a submission and of its publication, and what the unit's head,
the head of the office and the leader decide about an account. Writing, cases, keeping the register, the trail and the
administration stay with the person.
"""

LENDABLE_ROLES = tuple(role for role in Role if CAPABILITIES[role] & LENDABLE)
"""Roles somebody can be a deputy in."""

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

KEEPS_LEXICON = frozenset({Capability.ADMINISTER, Capability.APPROVE})
"""Capabilities whose holders keep the term list and the roster of leaders."""

KEEPS_ROUTES = frozenset({Capability.ADMINISTER, Capability.APPROVE})
"""Capabilities whose holders decide through which stages items go, and who may use the emergency channel."""

SETS_EMBARGO = (Capability.PUBLISH, Capability.REVIEW, Capability.APPROVE)
"""Capabilities whose holders may say before which moment nothing of an item goes out."""


KEEPS_OCCASIONS = frozenset({Capability.ADMINISTER, Capability.REVIEW, Capability.APPROVE})
"""Capabilities whose holders keep the templates that drafts begin with."""


class Debt(Enum):
    """The full review an item owes that was published through the emergency channel."""

    NONE = auto()
    TO_OFFICE = auto()
    TO_LEADER = auto()  # its ordinary route ends with the school leader, and none of them has signed yet


SETTLES: dict[Debt, frozenset[Capability]] = {
    Debt.NONE: frozenset(),
    Debt.TO_OFFICE: frozenset({Capability.REVIEW, Capability.APPROVE, Capability.APPROVE_AS_LEADER}),
    Debt.TO_LEADER: frozenset({Capability.APPROVE_AS_LEADER}),
}
"""Who may give the full review an emergency item still owes."""

SEES_DEBTS = frozenset({Capability.APPROVE, Capability.DECIDE_VIOLATIONS, Capability.APPROVE_AS_LEADER})
"""Capabilities whose holders are told of full reviews that are overdue: the head of the office, the oversight, the
school leaders.
"""

KEEPS_SENSITIVE_DATES = frozenset({Capability.ADMINISTER, Capability.APPROVE})
"""Capabilities whose holders keep the list of sensitive dates."""

READS_SCHEDULE = frozenset({Capability.PUBLISH, Capability.REVIEW, Capability.APPROVE})
"""Capabilities whose holders see what goes out when."""

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


def keeps_lists(actor: Actor) -> bool:
    """Whether the person keeps the term list, the roster and what the check knows of the school."""
    return actor.id is None or any(actor.reaches(each) for each in KEEPS_LEXICON)


def keeps_reasons(actor: Actor) -> bool:
    """Whether the person keeps the usual reasons for returns and refusals: whoever reviews for the office."""
    return any(actor.may(each) for each in (Capability.REVIEW, Capability.APPROVE))


def roles_on(day: date, roles: list[PersonRole]) -> frozenset[Role]:
    """The roles in force on a day; a role ends by itself after its last day."""
    return frozenset(
        each.role for each in roles if each.starts_on <= day and (each.ends_on is None or day <= each.ends_on)
    )


# --- Standings and rights ---------------------------------------------------------------------------------

ItemT_contra = TypeVar("ItemT_contra", contravariant=True)


class NamedRight(Protocol[ItemT_contra]):
    """A right on one kind of thing: whether it holds, and what is said to the person who lacks it."""

    @property
    def sentence(self) -> str: ...

    @property
    def holds(self) -> Callable[[Actor, ItemT_contra], bool]: ...


RightT = TypeVar("RightT", bound=NamedRight[Any])


def able_standing(rights: Sequence[NamedRight[ItemT_contra]], actor: Actor, item: ItemT_contra) -> Actor | None:
    """In which standing the person has all these rights: in their own right if they do, else in somebody's place."""
    return next((each for each in actor.standings if _held(rights, each, item) == len(rights)), None)


def first_missing(rights: Sequence[RightT], actor: Actor, item: Any) -> RightT | None:
    """The right the person lacks, or None if they have all.

    Of several standings the one that comes furthest speaks: who stands in for the holder of a stage is told what
    stands in their way, not that the stage is somebody else's.
    """
    furthest = max(_held(rights, each, item) for each in actor.standings)
    return None if furthest == len(rights) else rights[furthest]


def _held(rights: Sequence[NamedRight[ItemT_contra]], standing: Actor, item: ItemT_contra) -> int:
    """How many of the rights, in their order, hold before one is missing."""
    return len([*takewhile(lambda right: right.holds(standing, item), rights)])


# --- Rights on one submission ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What the rights need to know of a submission.

    `last_editors` made the present revision; `signers` signed the stages before the present one, in this round.
    Where a deputy did it, both are among them. `was_received` is false for what its author gave up before ever sending
    it. `expediters` may bring an item into the emergency channel; `debt` is
    the full review it still owes after having gone through it, `opened_by` who brought it there.
    """

    state: SubmissionState
    contributor_id: int
    department_id: int
    route: tuple[SubmissionState, ...]
    last_editors: frozenset[int]
    signers: frozenset[int]
    is_emergency: bool = False
    expediters: frozenset[int] = frozenset()
    debt: Debt = Debt.NONE
    opened_by: frozenset[int] = frozenset()
    was_received: bool = True


@dataclass(frozen=True)
class Right:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, Standing], bool]


def _holds_stage(actor: Actor, item: Standing) -> bool:
    if item.state is SubmissionState.DEPARTMENT_REVIEW and actor.department_id != item.department_id:
        return False
    return any(actor.may(each) for each in stage_capabilities(item.state, is_emergency=item.is_emergency))


def stage_capabilities(state: SubmissionState, *, is_emergency: bool) -> frozenset[Capability]:
    """Who signs a stage. In the emergency channel the last word is the head of the office's or a school leader's,
    whoever is reached first.
    """
    if state not in STAGE_CAPABILITY:
        return frozenset()
    usual = frozenset({STAGE_CAPABILITY[state]})
    is_shared = is_emergency and state is SubmissionState.FINAL_REVIEW
    return usual | {Capability.APPROVE_AS_LEADER} if is_shared else usual


def may_see(actor: Actor, item: Standing) -> bool:
    """Whether the person may know that the item exists: its author and the system always, its department's head
    and the office, the publishers and the oversight once it was handed in, and whoever stands in for one of them.
    """
    if actor.id in (None, item.contributor_id):
        return True
    if item.state in UNSENT or not item.was_received:
        return False
    return any(_reads(each, item) for each in actor.standings)


def _reads(actor: Actor, item: Standing) -> bool:
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
    lambda actor, item: item.contributor_id not in actor.counted,
)
DID_NOT_EDIT_LAST = Right(
    "这一稿最后由您修改，须由另一位同志审核通过。",
    lambda actor, item: not actor.counted & item.last_editors,
)
SIGNED_NO_OTHER_STAGE = Right(
    "您已在本轮的另一环节签过意见，每个环节须由不同的人办理。",
    lambda actor, item: not actor.counted & item.signers,
)
WORKS_IN_THE_OFFICE = Right(
    "只有宣传部的审核员或终审人可以这样做。",
    lambda actor, _item: actor.may(Capability.REVIEW) or actor.may(Capability.APPROVE),
)
MAY_EXPEDITE = Right(
    "只有紧急通道名单上的同志可以转入紧急快速通道：请联系名单上的同志，或按正常流程送审。",
    lambda actor, item: actor.id in item.expediters,
)
IS_NO_EMERGENCY = Right(
    "这篇稿件已在紧急快速通道里。",
    lambda _actor, item: not item.is_emergency,
)
OWES_REVIEW = Right(
    "这篇稿件没有要补的审核。",
    lambda _actor, item: item.debt is not Debt.NONE,
)
OWES_NOTHING = Right(
    "这篇紧急稿件还没有补审：请先由没有经手的同志补审，再做别的处理。",
    lambda _actor, item: item.debt is Debt.NONE,
)
REVIEWS_AFTERWARDS = Right(
    "补审由宣传部审核员、终审人或分管校领导办理；涉及校领导审批的稿件，由分管校领导补审。",
    lambda actor, item: any(actor.may(each) for each in SETTLES[item.debt]),
)
HAD_NO_HAND_IN_IT = Right(
    "这篇紧急稿件由您转入紧急通道或签过字，补审须由没有经手的另一位同志办理。",
    lambda actor, item: not actor.counted & (item.signers | item.opened_by),
)
PUBLISHES = Right(
    "只有发布员可以这样做。",
    lambda actor, _item: actor.may(Capability.PUBLISH),
)
IS_THE_SYSTEM = Right(
    "这一步由系统在发布完成后自动记录。",
    lambda actor, _item: actor.id is None,
)

DECIDES_STAGE = (HOLDS_STAGE, DID_NOT_WRITE)
"""Who works on an item in its present stage: fills the checklist in, comments on its words."""

APPROVES = Right(
    "只有终审人可以批准或结束豁免。",
    lambda actor, _item: actor.may(Capability.APPROVE),
)
WROTE_NOT_WHAT_IS_EXEMPTED = Right(
    "这是您本人的稿件，豁免须由另一位终审人批准。",
    DID_NOT_WRITE.holds,
)

GRANTS_EXEMPTIONS = (APPROVES, WROTE_NOT_WHAT_IS_EXEMPTED)
"""Who lets a marked place of an item stand here and elsewhere, until a day."""


def may_enter_talk(actor: Actor, item: Standing, put_off_by_id: int) -> bool:
    """Whether the person may write down the talk that was put off with a return: whoever put it off, or an approver;
    never the item's author.
    """
    if actor.id == item.contributor_id or not may_see(actor, item):
        return False
    return actor.id == put_off_by_id or actor.may(Capability.APPROVE)


def may_exempt(actor: Actor, item: Standing) -> bool:
    """Whether the person may let what the machine marked in this item stand."""
    return may_see(actor, item) and able_standing(GRANTS_EXEMPTIONS, actor, item) is not None
