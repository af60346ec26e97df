"""What WeChat sends to `/wechat/callback/<account>` by itself, in the open (明文模式) or sealed (安全模式, 兼容模式).

A push decides nothing: it only makes the worker ask at once how a job ended, instead of at its next turn. So a
push that comes twice, late or never changes no result. An account whose EncodingAESKey is known hears sealed pushes
only, or the key would protect nothing.
WeChat doc: 接入指南 (signature), 消息加解密说明, 发布能力: 事件推送发布结果, 群发接口: 事件推送群发结果.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from xml.parsers.expat import ExpatError

import structlog
import xmltodict
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select, update

from models import HeardPush, OfficialAccount, Publication, PublicationState
from services.errors import InvalidInput, NotAllowed
from services.ports import PushCipher, PushForged, PushKeys
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

log = structlog.get_logger()

LARGEST = 64_000
"""Bytes; a push is a few hundred."""
JOB_ENDED = frozenset({"PUBLISHJOBFINISH", "MASSSENDJOBFINISH"})
FRESH = timedelta(minutes=10)
"""How far a request's time may be from ours, for clocks that go wrong; an older one is somebody's recording."""
REMEMBERED = timedelta(days=1)
"""Longer than a recording stays fresh: after that its time gives it away."""

UNKNOWN_ACCOUNT = "这个公众号没有登记回调令牌，请联系系统管理员登记。"
WRONG_SIGNATURE = "签名不符，请核对公众平台上填写的令牌。"
STALE = "请求的时间与本机相差太大，请核对服务器时钟。"
NOT_SEALED = "这个公众号登记了 EncodingAESKey，只接收安全模式的推送：请在公众平台把消息加解密方式改为安全模式。"
WRONG_KEY = "推送解不开，请核对登记的 AppID、Token 和 EncodingAESKey 与公众平台一致。"


@dataclass(frozen=True)
class Asked:
    """What stands in the address of a request; `encrypt_type` is `aes` for a sealed push."""

    signature: str = ""
    timestamp: str = ""
    nonce: str = ""
    encrypt_type: str = ""
    msg_signature: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        return cls(**{name: query.get(name, "") for name in cls.__dataclass_fields__})


@dataclass(frozen=True)
class Push:
    """One message; `job_id` names the publishing job it is about, if any, `digest` tells it from every other."""

    kind: str
    job_id: str
    digest: str


def refuse_forged(session: Session, box: SecretBox, *, account_id: int, asked: Asked, now: datetime) -> None:
    """Raise `NotAllowed` unless the caller knows the account's callback token, and asks now."""
    token, _ = _opened(session, box, account_id)
    _refuse_unsigned(sign(token, asked.timestamp, asked.nonce), asked.signature)
    _refuse_old(asked.timestamp, now)


def read(
    session: Session, box: SecretBox, cipher: PushCipher, *, account_id: int, asked: Asked, now: datetime, body: bytes
) -> Push:
    """The message in a push, opened if it is sealed.

    Raises `NotAllowed` for one that the account's keys do not vouch for, `InvalidInput` for what is no message.
    """
    refuse_forged(session, box, account_id=account_id, asked=asked, now=now)
    if len(body) > LARGEST:
        raise InvalidInput("推送过大，没有处理。")
    message = _document(body)
    _, keys = _opened(session, box, account_id)
    if keys is None:
        return _push(message, body)
    sealed = message.get("Encrypt")
    if asked.encrypt_type != "aes" or not isinstance(sealed, str):
        log.warning("push.refused", account=account_id, why="it is not sealed")
        raise NotAllowed(NOT_SEALED)
    _refuse_unsigned(sign(keys.token, asked.timestamp, asked.nonce, sealed), asked.msg_signature)
    try:
        opened = cipher.open(
            sealed, keys, signature=asked.msg_signature, timestamp=asked.timestamp, nonce=asked.nonce
        ).encode()
    except PushForged as fault:
        log.warning("push.refused", account=account_id, why=str(fault))
        raise NotAllowed(WRONG_KEY) from fault
    return _push(_document(opened), opened)


def _opened(session: Session, box: SecretBox, account_id: int) -> tuple[str, PushKeys | None]:
    """The token of an account, and all its keys if its pushes come sealed. Raises `NotAllowed`."""
    account = session.get(OfficialAccount, account_id)
    if account is None or account.callback_token_sealed is None:
        raise NotAllowed(UNKNOWN_ACCOUNT)
    token = box.open(account.callback_token_sealed)
    if account.encoding_aes_key_sealed is None or account.app_id is None:
        return token, None
    return token, PushKeys(token, box.open(account.encoding_aes_key_sealed), account.app_id)


def sign(*parts: str) -> str:
    """WeChat doc: sha1 over the token and whatever is signed, in their order."""
    return hashlib.sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def _refuse_unsigned(expected: str, given: str) -> None:
    if not hmac.compare_digest(expected.encode(), given.encode()):
        raise NotAllowed(WRONG_SIGNATURE)


def _refuse_old(timestamp: str, now: datetime) -> None:
    # The signature covers the time: a recorded request cannot be given a new one.
    given = datetime.fromtimestamp(int(timestamp), UTC) if _is_a_moment(timestamp) else None
    if given is None or abs(now - given) > FRESH:
        raise NotAllowed(STALE)


def _is_a_moment(timestamp: str) -> bool:
    return timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        envelope = xmltodict.parse(body)
    except (ExpatError, ValueError) as fault:
        raise InvalidInput("推送不是 XML，没有处理。") from fault
    message = envelope.get("xml")
    if not isinstance(message, Mapping):
        raise InvalidInput("推送没有内容，没有处理。")
    return message


def _push(message: Mapping[str, Any], content: bytes) -> Push:
    return Push(
        kind=str(message.get("Event") or message.get("MsgType") or ""),
        job_id=_job_id(message),
        digest=hashlib.sha256(content).hexdigest(),
    )


def _job_id(message: Mapping[str, object]) -> str:
    info = message.get("PublishEventInfo")
    if isinstance(info, Mapping):
        return str(info.get("publish_id") or "")
    return str(message.get("MsgID") or "")


# --- What follows ----------------------------------------------------------------------------------------


def is_about_a_job(push: Push) -> bool:
    """Whether anything follows from a push: all others are answered without a write, so that no lock delays them."""
    return push.kind in JOB_ENDED and bool(push.job_id)


def ask_at_once(work: UnitOfWork, *, account_id: int, push: Push) -> bool:
    """Make the publication a push is about due now, the first time it comes; whether it made one due."""
    if not is_about_a_job(push) or not _hear(work, account_id, push):
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


def _hear(work: UnitOfWork, account_id: int, push: Push) -> bool:
    """Note a push as heard; False if it was heard before."""
    work.session.execute(delete(HeardPush).where(col(HeardPush.heard_at) < work.now - REMEMBERED))
    known = select(HeardPush.id).where(HeardPush.account_id == account_id, HeardPush.digest == push.digest)
    if work.session.exec(known).first() is not None:
        return False
    try:
        with work.session.begin_nested():
            work.session.add(HeardPush(account_id=account_id, digest=push.digest, heard_at=work.now))
    except IntegrityError:
        # Another process heard the same push at the same moment.
        return False
    return True
