"""The life of an official account: one table (rule 2.1-2.3), and what the rule counts about it.

The table answers which buttons a person sees (`available`), what the service refuses (`step_for`, `missing_right`),
what the tests check and what the help picture shows. Steps whose right is `FOLLOWS_A_REQUEST` are taken by the
decision on a request (`services/rules/account_requests.py`) and never by a button.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from models import AccountAction, AccountState, Vocabulary
from services.rules.clocks import Clocks
from services.rules.permissions import Actor, Capability, able_standing, first_missing
from services.rules.working_days import Calendar, working_days_between

S = AccountState
A = AccountAction


# --- Rights on one account -------------------------------------------------------------------------------


@dataclass(frozen=True)
class AccountStanding:
    """What the rights need to know of an account.

    `proven_by` handed in the last proof (of registration or of cancellation), `suspended_by` stopped it last; where a
    deputy did it, both are among them.
    """

    state: AccountState
    department_id: int
    proven_by: frozenset[int] = frozenset()
    suspended_by: frozenset[int] = frozenset()


@dataclass(frozen=True)
class AccountRight:
    """A named right: whether it holds, and what is said to the person who lacks it."""

    sentence: str
    holds: Callable[[Actor, AccountStanding], bool]


def answers_for_unit(actor: Actor, department_id: int) -> bool:
    """Whether this very standing speaks for the unit that owns an account: its head, or whoever keeps the register."""
    heads = actor.may(Capability.SIGN_OFF) and actor.department_id == department_id
    return heads or actor.may(Capability.KEEP_ACCOUNTS)


def standing_for_unit(actor: Actor, department_id: int) -> Actor | None:
    """In which standing the person speaks for a unit: in their own right if they can, else in somebody's place."""
    return next((each for each in actor.standings if answers_for_unit(each, department_id)), None)


FOLLOWS_A_REQUEST = AccountRight(
    "这一步随申请的审批自动完成：请在“申请办理”里办理。",
    lambda _actor, _account: False,
)
ANSWERS_FOR_UNIT = AccountRight(
    "只有主办单位的负责人可以这样做，或由宣传部代为办理。",
    lambda actor, account: answers_for_unit(actor, account.department_id),
)
KEEPS_REGISTER = AccountRight(
    "只有宣传部或系统管理员可以这样做，请联系他们。",
    lambda actor, _account: actor.may(Capability.KEEP_ACCOUNTS),
)
DID_NOT_PROVE = AccountRight(
    "证明材料由您提交，须由另一位同志核对。",
    lambda actor, account: not actor.counted & account.proven_by,
)
MAY_STOP = AccountRight(
    "只有宣传部审核人员或监督小组可以暂停公众号，请联系他们。",
    lambda actor, _account: actor.may(Capability.RECORD_VIOLATIONS),
)
MAY_RESUME = AccountRight(
    "恢复运行由终审人或分管校领导决定，请交给他们办理。",
    lambda actor, _account: actor.may(Capability.APPROVE) or actor.may(Capability.APPROVE_AS_LEADER),
)
DID_NOT_STOP = AccountRight(
    "这个公众号由您暂停，须由另一位同志决定恢复。",
    lambda actor, account: not actor.counted & account.suspended_by,
)


def may_see(actor: Actor, department_id: int) -> bool:
    """Whether the person may know of an account's entry: the office, the oversight and the leaders of all, a head of
    their own unit's, and whoever stands in for one who decides about it; the system always.
    """
    return actor.id is None or any(_reads(each, department_id) for each in actor.standings)


def _reads(actor: Actor, department_id: int) -> bool:
    if any(actor.may(each) for each in READS_EVERY_ACCOUNT):
        return True
    return actor.may(Capability.SIGN_OFF) and actor.department_id == department_id


READS_EVERY_ACCOUNT = frozenset({Capability.READ_ACCOUNTS, Capability.APPROVE, Capability.APPROVE_AS_LEADER})
"""Capabilities whose holders see the whole register; the last two may be lent."""


# --- The table -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LifeStep:
    """One row: from any of `sources`, a person with all of `rights` may do `action`."""

    action: AccountAction
    sources: tuple[AccountState, ...]
    target: AccountState
    rights: tuple[AccountRight, ...]
    needs_reason: bool = False


LIFE: tuple[LifeStep, ...] = (
    #        action          from                      to
    # A refused or withdrawn name can be applied for again; a cancelled one stays reserved.
    LifeStep(A.APPLY,        (S.REFUSED, S.WITHDRAWN), S.APPLIED,    (FOLLOWS_A_REQUEST,)),
    LifeStep(A.APPROVE,      (S.APPLIED,),             S.APPROVED,   (FOLLOWS_A_REQUEST,)),
    LifeStep(A.REFUSE,       (S.APPLIED,),             S.REFUSED,    (FOLLOWS_A_REQUEST,)),
    LifeStep(A.WITHDRAW,     (S.APPLIED,),             S.WITHDRAWN,  (FOLLOWS_A_REQUEST,)),
    LifeStep(A.REGISTER,     (S.APPROVED,),            S.REGISTERED, (ANSWERS_FOR_UNIT,)),
    LifeStep(A.REJECT_PROOF, (S.REGISTERED,),          S.APPROVED,   (KEEPS_REGISTER, DID_NOT_PROVE),
             needs_reason=True),
    LifeStep(A.ACTIVATE,     (S.REGISTERED,),          S.ACTIVE,     (KEEPS_REGISTER, DID_NOT_PROVE)),
    LifeStep(A.SUSPEND,      (S.ACTIVE,),              S.SUSPENDED,  (MAY_STOP,), needs_reason=True),
    LifeStep(A.RESUME,       (S.SUSPENDED,),           S.ACTIVE,     (MAY_RESUME, DID_NOT_STOP),
             needs_reason=True),
    LifeStep(A.CANCEL,       (S.ACTIVE, S.SUSPENDED),  S.CANCELLING, (FOLLOWS_A_REQUEST,)),
    LifeStep(A.CLOSE,        (S.CANCELLING,),          S.CANCELLED,  (KEEPS_REGISTER, DID_NOT_PROVE)),
)  # fmt: skip

STEPS: dict[tuple[AccountAction, AccountState], LifeStep] = {
    (each.action, source): each for each in LIFE for source in each.sources
}

ENDED = (S.CANCELLED, S.REFUSED, S.WITHDRAWN)
"""States of an account that does not count against its unit."""

RUNNING = (S.ACTIVE, S.SUSPENDED)
"""States in which the register's entry may be changed by request."""


def step_for(action: AccountAction, state: AccountState) -> LifeStep | None:
    """The row for an action in a state, or None where the action does not exist there."""
    return STEPS.get((action, state))


def missing_right(step: LifeStep, actor: Actor, account: AccountStanding) -> AccountRight | None:
    """The right the person lacks for this step, in the standing that comes furthest, or None if it may be done."""
    return first_missing(step.rights, actor, account)


def standing_for(step: LifeStep, actor: Actor, account: AccountStanding) -> Actor | None:
    """In which standing the person may take this step: in their own right if they can, else in somebody's place."""
    return able_standing(step.rights, actor, account)


def available(actor: Actor, account: AccountStanding) -> list[LifeStep]:
    """The steps this person may take now, in the order of the table: the buttons of the screen."""
    return [step for step in LIFE if account.state in step.sources and missing_right(step, actor, account) is None]


# --- What the rule counts --------------------------------------------------------------------------------


class Freshness(Vocabulary):
    """How long an account has been silent (rule 1.3: 及时更新)."""

    FRESH = "fresh", "更新正常"
    WARNING = "warning", "即将超期"
    OVERDUE = "overdue", "超期未更新"
    DORMANT = "dormant", "休眠"
    ZOMBIE = "zombie", "僵尸号"


def freshness(clocks: Clocks, silent_days: int) -> Freshness:
    """Where so many days without a live publication put an account; each threshold begins on its day."""
    steps: Mapping[Freshness, int] = {
        Freshness.ZOMBIE: clocks.zombie_days,
        Freshness.DORMANT: clocks.dormant_days,
        Freshness.OVERDUE: clocks.overdue_days,
        Freshness.WARNING: clocks.warning_days,
    }
    return next((word for word, days in steps.items() if silent_days >= days), Freshness.FRESH)


class Watch(Vocabulary):
    """The dates of an account that are counted down."""

    VERIFICATION = "verification", "认证到期"
    SECRET = "secret", "AppSecret 应更换"
    PASSWORD = "password", "登录密码应更换"
    FILING = "filing", "备案期限"


class Urgency(Vocabulary):
    """How near a date is."""

    CALM = "calm", "正常"
    SOON = "soon", "临近"
    OVER = "over", "已过期"


def urgency(days_left: int, *, warn_within: int) -> Urgency:
    """The colour of a countdown; a date is over from the day after it."""
    if days_left < 0:
        return Urgency.OVER
    return Urgency.SOON if days_left <= warn_within else Urgency.CALM


class Timeliness(Vocabulary):
    """Whether a change was filed in time (rule 2.3)."""

    IN_TIME = "in_time", "按时备案"
    LATE = "late", "迟报"
    VIOLATION = "violation", "严重迟报，应登记账号管理违规"


def timeliness(calendar: Calendar, clocks: Clocks, *, happened_on: date, filed_on: date) -> Timeliness:
    """How a change that came true on one day and was filed on another is judged, in working days."""
    taken = working_days_between(calendar, happened_on, filed_on)
    if taken <= clocks.change_working_days:
        return Timeliness.IN_TIME
    return Timeliness.LATE if taken <= clocks.late_change_working_days else Timeliness.VIOLATION
