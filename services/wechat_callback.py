"""What WeChat sends to `/wechat/callback/<account>` by itself (plain mode): is it genuine, is it new, what is it.

WeChat doc: 接入指南 (signature of token, timestamp and nonce); 发布能力/事件推送发布结果 (PUBLISHJOBFINISH).
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict
from sqlmodel import Session

from models import OfficialAccount
from services.errors import InvalidInput, NotAllowed
from services.secret_box import SecretBox

LARGEST = 64_000
"""Bytes; a push is a few hundred."""


@dataclass(frozen=True)
class Push:
    """One message as it came, without its envelope. `key` is the same for a push and its repetitions."""

    key: str
    kind: str
    fields: dict[str, object]


def refuse_forged(
    session: Session, box: SecretBox, *, account_id: int, signature: str, timestamp: str, nonce: str
) -> None:
    """Raise `NotAllowed` unless the caller knows the account's callback token.

    A genuine push that somebody sends again does no harm: whatever it reports is read back from the platform's
    own answer or already recorded.
    """
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
        raise InvalidInput("推送过大。")
    try:
        envelope = xmltodict.parse(body)
    except (ExpatError, ValueError) as fault:
        raise InvalidInput("推送不是 XML。") from fault
    message = envelope.get("xml")
    if not isinstance(message, dict):
        raise InvalidInput("推送没有内容。")
    return Push(key=_key(message), kind=str(message.get("Event") or message.get("MsgType") or ""), fields=message)


def _key(message: dict[str, object]) -> str:
    # WeChat doc: 消息用 MsgId 排重，事件用 FromUserName + CreateTime; events of one second differ in their kind.
    return str(
        message.get("MsgId") or f"{message.get('FromUserName')}|{message.get('CreateTime')}|{message.get('Event')}"
    )
