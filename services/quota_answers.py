"""问微信余量: what WeChat itself says an account may still call today.

Our own count is what stops a send; this answer also knows what other programs used up. The calls go out before any
transaction, only when a person asks, and not again while an answer is fresh.
"""

from __future__ import annotations

from datetime import timedelta

from models import AccountState, OfficialAccount, QuotaAnswer
from services import accounts
from services.errors import IncompleteSettings, NotAllowed, WrongState
from services.ports import DeliveryError, DeliveryRefused, WeChatAccount, WeChatCredentials
from services.queries.send_quotas import last_answer
from services.rules.account_life import ENDED
from services.rules.office_time import OFFICE_ZONE
from services.rules.permissions import Actor, Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

FRESH = timedelta(minutes=10)
"""How long an answer stands: three questions are asked each time, and WeChat counts them too."""

QUOTAS = {
    "/cgi-bin/draft/add": "新建草稿",
    "/cgi-bin/freepublish/submit": "接口发布",
    "/cgi-bin/message/mass/sendall": "接口群发",
}
"""Calls whose daily quota an office can use up."""

UNREACHED = "没有连上微信接口，没有问到余量：请稍后再问；本系统自己的计数不受影响。"
NOT_TOLD = "微信没有告诉这个公众号余量，以本系统自己的计数为准。"


def may_ask(actor: Actor) -> bool:
    """Whether this standing may ask: who publishes, and who keeps the register."""
    return actor.may(Capability.PUBLISH) or actor.may(Capability.KEEP_ACCOUNTS)


def begin(work: UnitOfWork, box: SecretBox, *, account_id: int) -> WeChatCredentials:
    """Whether this person may ask for this account now; the credentials to ask with.

    Raises `NotAllowed`, `NotFound`, `WrongState` for an account that has ended or whose last answer is fresh, and
    `IncompleteSettings` where no credentials are entered.
    """
    account = _account(work, account_id)
    if account.state in ENDED:
        raise WrongState(f"这个公众号{AccountState.of(account.state).label}，不必再问余量。")
    last = last_answer(work.session, account_id)
    if last is not None and work.now - last.at < FRESH:
        at = last.at.astimezone(OFFICE_ZONE)
        minutes = int(FRESH.total_seconds()) // 60
        raise WrongState(f"{at:%H:%M} 刚刚问过，答复就在页面上；每问一次也占微信的次数，请 {minutes} 分钟后再问。")
    credentials = accounts.credentials_of(account, box)
    if credentials is None:
        raise IncompleteSettings("还没有登记 AppID 和 AppSecret，无法询问微信。")
    return credentials


def _account(work: UnitOfWork, account_id: int) -> OfficialAccount:
    if not may_ask(work.actor):
        raise NotAllowed("向微信询问余量由发布员、宣传部或系统管理员进行。")
    return accounts.found(work, account_id)[0]


def ask(account: WeChatAccount) -> dict[str, int]:
    """Calls left today by the office's word for them. Raises `WrongState` where WeChat told nothing at all."""
    left, fault = _asked(account)
    if not left:
        raise WrongState(_why_nothing(fault))
    return left


def left_of(account: WeChatAccount) -> dict[str, int]:
    """As `ask`, and nothing where WeChat told nothing."""
    return _asked(account)[0]


def _asked(account: WeChatAccount) -> tuple[dict[str, int], DeliveryError | None]:
    left: dict[str, int] = {}
    fault: DeliveryError | None = None
    for path, label in QUOTAS.items():
        try:
            left[label] = account.calls_left(path)
        except DeliveryError as failed:
            # Not every account may ask for every quota; what cannot be asked is not shown.
            fault = failed
    return left, fault


def _why_nothing(fault: DeliveryError | None) -> str:
    if isinstance(fault, DeliveryRefused):
        return f"{NOT_TOLD}（微信的答复：{fault.sentence}）"
    return UNREACHED


def keep(work: UnitOfWork, *, account_id: int, left: dict[str, int]) -> QuotaAnswer:
    """Keep an answer with its time. Raises `NotAllowed`, `NotFound`."""
    _account(work, account_id)
    row = QuotaAnswer(account_id=account_id, calls_left=left, asked_by_id=work.person_id, asked_at=work.now)
    work.session.add(row)
    work.session.flush()
    return row
