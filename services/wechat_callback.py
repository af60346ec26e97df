"""What WeChat sends to `/wechat/callback/<account>` by itself (plain mode).

A push decides nothing: it only makes the worker ask at once how a job ended, instead of at its next turn. So a
push that comes twice, late or never changes no result.
WeChat doc: 接入指南 (signature), 发布能力: 事件推送发布结果 (PUBLISHJOBFINISH), 群发接口: 事件推送群发结果.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict
from sqlmodel import Session, col, update

from models import OfficialAccount, Publication, PublicationState
from services.errors import InvalidInput, NotAllowed
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

LARGEST = 64_000
"""Bytes; a push is a few hundred."""
JOB_ENDED = frozenset({"PUBLISHJOBFINISH", "MASSSENDJOBFINISH"})


@dataclass(frozen=True)
class Push:
    """One message; `job_id` names the publishing job it is about, if any."""

    kind: str
    job_id: str


def refuse_forged(
    session: Session, box: SecretBox, *, account_id: int, signature: str, timestamp: str, nonce: str
) -> None:
    """Raise `NotAllowed` unless the caller knows the account's callback token."""
    account = session.get(OfficialAccount, account_id)
    if account is None or account.callback_token_sealed is None:
        raise NotAllowed("这个公众号没有登记回调令牌，请联系系统管理员登记。")
    expected = sign(box.open(account.callback_token_sealed), timestamp, nonce)
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise NotAllowed("签名不符，请核对公众平台上填写的令牌。")


def sign(token: str, timestamp: str, nonce: str) -> str:
    """WeChat doc: sha1 over the three strings in their order."""
    return hashlib.sha1("".join(sorted((token, timestamp, nonce))).encode(), usedforsecurity=False).hexdigest()


def read(body: bytes) -> Push:
    """The message in a push. Raises `InvalidInput` for anything else."""
    if len(body) > LARGEST:
        raise InvalidInput("推送过大，没有处理。")
    try:
        envelope = xmltodict.parse(body)
    except (ExpatError, ValueError) as fault:
        raise InvalidInput("推送不是 XML，没有处理。") from fault
    message = envelope.get("xml")
    if not isinstance(message, Mapping):
        raise InvalidInput("推送没有内容，没有处理。")
    return Push(kind=str(message.get("Event") or message.get("MsgType") or ""), job_id=_job_id(message))


def _job_id(message: Mapping[str, object]) -> str:
    info = message.get("PublishEventInfo")
    if isinstance(info, Mapping):
        return str(info.get("publish_id") or "")
    return str(message.get("MsgID") or "")


def ask_at_once(work: UnitOfWork, *, account_id: int, push: Push) -> bool:
    """Make the publication a push is about due now; whether there was one that waits for its end."""
    if push.kind not in JOB_ENDED or not push.job_id:
        return False
    hastened = work.session.execute(
        update(Publication)
        .where(
            col(Publication.account_id) == account_id,
            col(Publication.publish_id) == push.job_id,
            col(Publication.state) == PublicationState.ACCEPTED,
            col(Publication.run_after) > work.now,
        )
        .values(run_after=work.now)
    )
    return bool(hastened.rowcount)  # type: ignore[attr-defined]  # an update answers with a cursor
