"""接口自检: does WeChat let this account do what the office needs, and if not, what is to be done?

The calls go out before any transaction: they are slow, and nothing may wait for them. All of them are harmless.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass

from models import AccountTest, AuditAction, InterfaceRight
from services import accounts, audit, publishing_stops, quota_answers
from services.errors import NotAllowed
from services.ports import Cure, DeliveryError, DeliveryRefused, WeChatAccount
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

NO_PERMISSION = "48001"
PASSING = (Cure.LATER, Cure.TOMORROW)
"""What ends by itself says nothing of the account's rights."""

UNREACHED = "连不上微信接口：请系统管理员检查本机网络和出口防火墙，再检测一次。"


@dataclass(frozen=True)
class ProbeFinding:
    """One step of the test: what was tried, whether it went well, and a sentence that says what to do.

    `is_lasting` says that a failure is the account's own, not the hour's: another try would fail the same way.
    """

    step: str
    ok: bool
    sentence: str
    code: str = ""
    is_lasting: bool = False


@dataclass(frozen=True)
class ProbeOutcome:
    """What the test found; `quotas` are calls left today by the office's word for them.

    `right` is None where it proved nothing either way: WeChat was out of reach, busy, or the day's calls were used up.
    """

    right: InterfaceRight | None
    findings: tuple[ProbeFinding, ...]
    quotas: dict[str, int]


def probe(account: WeChatAccount) -> ProbeOutcome:
    """Try the account's interface step by step; the first step that fails ends it."""
    secret = _tried("密钥与 IP 白名单", account.prove_credentials, "AppID、AppSecret 正确，本服务器地址在白名单里。")
    if not secret.ok:
        return ProbeOutcome(_proved(secret, InterfaceRight.NOTHING), (secret,), {})
    drafts = _tried("草稿箱", account.count_drafts, "可以存入草稿箱。")
    if not drafts.ok:
        return ProbeOutcome(_proved(drafts, InterfaceRight.NOTHING), (secret, drafts), quota_answers.left_of(account))
    publishing = _publishing(account)
    right = InterfaceRight.FULL if publishing.ok else _proved(publishing, InterfaceRight.DRAFTS)
    return ProbeOutcome(right, (secret, drafts, publishing), quota_answers.left_of(account))


def _proved(failed: ProbeFinding, right: InterfaceRight) -> InterfaceRight | None:
    return right if failed.is_lasting else None


def _tried(step: str, call: Callable[[], object], well: str) -> ProbeFinding:
    try:
        call()
    except DeliveryRefused as refused:
        is_lasting = refused.cure not in PASSING
        return ProbeFinding(step, ok=False, sentence=refused.sentence, code=refused.code, is_lasting=is_lasting)
    except DeliveryError:
        return ProbeFinding(step, ok=False, sentence=UNREACHED)
    return ProbeFinding(step, ok=True, sentence=well)


def _publishing(account: WeChatAccount) -> ProbeFinding:
    found = _tried("接口发布", account.count_published, "可以用接口发布和群发。")
    if found.code != NO_PERMISSION:
        return found
    sentence = (
        "没有接口发布权限：未认证的公众号，或认证已过期。仍可“存入草稿箱，由人在公众平台发出”或“人工发布后登记”；"
        "完成微信认证后再检测一次，即可使用接口发布。"
    )
    return ProbeFinding(found.step, ok=False, sentence=sentence, code=found.code, is_lasting=True)


def keep(work: UnitOfWork, *, account_id: int, outcome: ProbeOutcome) -> AccountTest:
    """Keep what a test found, and the right it proved as the account's own; if it proved none, the former one stands.

    Raises `NotFound`, `NotAllowed`.
    """
    account, _ = accounts.found(work, account_id)
    refuse_others(work)
    right = outcome.right or account.interface_right
    test = AccountTest(
        account_id=account_id,
        right=right,
        findings=[asdict(each) for each in outcome.findings],
        quotas=outcome.quotas,
        tested_by_id=work.person_id,
        tested_at=work.now,
    )
    if outcome.right is not None:
        account.interface_right = outcome.right
        publishing_stops.mended(work, account_id=account_id, right=outcome.right)
    work.session.add(test)
    work.session.flush()
    details = {"right": right.value, "codes": [each.code for each in outcome.findings if each.code]}
    audit.record(work, AuditAction.ACCOUNT_TESTED, "account", account_id, details)
    return test


def refuse_others(work: UnitOfWork) -> None:
    """Raises `NotAllowed` for who neither keeps the register nor publishes."""
    if not (work.actor.may(Capability.KEEP_ACCOUNTS) or work.actor.may(Capability.PUBLISH)):
        raise NotAllowed("接口自检由宣传部、发布员或系统管理员进行。")
