"""A signed delivery to the campus CMS: docs/webhook.md is the contract for whoever writes the receiving side.

Every delivery of one article carries the same idempotency key, and the receiver answers a repeated one like the first:
that alone makes it safe to deliver again when an answer was lost.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from services.adapters.http_faults import undelivered
from services.ports import (
    Cure,
    DeliveryError,
    DeliveryRefused,
    OutcomeUnknown,
    OutletFinding,
    OutletSettings,
    SiteArticle,
    SiteShelf,
    SiteTombstone,
)
from services.rules.destinations import is_this_machine
from services.rules.office_time import OFFICE_ZONE

TIMEOUT = (3.05, 60.0)
VERSION = "1"
ARTICLE, CORRECTED, REMOVED, PING = "article", "corrected", "removed", "ping"

WRONG_KEY = "对方不接受签名：请系统管理员与内容平台核对签名密钥，并确认两边服务器时间一致。"
NOT_THERE = "接收地址不存在：请系统管理员与内容平台核对地址。"
MOVED = "接收地址会跳转到别处：请系统管理员改成跳转之后的地址。"
REFUSED = "内容平台不接受这篇内容：请系统管理员查看原始回答，处理后再点“重试”。"
BUSY = "内容平台要求稍后再试，系统会自动再试。"


class Webhook:
    """`Outlet` over one signed POST."""

    def __init__(
        self, settings: OutletSettings, clock: Callable[[], datetime], timeout: tuple[float, float] = TIMEOUT
    ) -> None:
        self._address = settings.fields["address"]
        self._key = settings.secret.encode()
        self._clock = clock
        self._timeout = timeout
        self._stays_here = is_this_machine(urlsplit(self._address).hostname or "")

    def examine(self) -> Sequence[OutletFinding]:
        """Send a signed ping, which changes nothing there."""
        try:
            self._post({"event": PING, "version": VERSION}, key=f"ping-{int(self._clock().timestamp())}")
        except DeliveryRefused as refused:
            return [OutletFinding("签名与接收", ok=False, sentence=refused.sentence)]
        except DeliveryError:
            return [
                OutletFinding("签名与接收", ok=False, sentence="连不上接收地址，或它没有正常回答：请核对地址和防火墙。")
            ]
        return [OutletFinding("签名与接收", ok=True, sentence="对方收到了签名的测试消息。")]

    def find(self, slug: str) -> str | None:  # noqa: ARG002  # there is nothing to ask: the key answers instead
        """Never known: a repeated delivery is answered like the first."""
        return None

    def deliver(self, article: SiteArticle, around: SiteShelf) -> str | None:  # noqa: ARG002  # the CMS keeps its own lists
        """Hand the article over; its address if the CMS names one. Repeating it is safe by the contract."""
        answer = self._post(_document(article), key=article.entry.slug)
        url = answer.get("url")
        return str(url) if url else None

    def replace(self, article: SiteArticle, around: SiteShelf) -> str | None:  # noqa: ARG002  # the CMS keeps its own lists
        """Say how the article reads now, as a whole. The key is that of the very content, so that the same correction
        sent twice is one, and the next one another.
        """
        document = _document(article) | {"event": CORRECTED, "notice": article.notice}
        content = hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
        url = self._post(document, key=f"{article.entry.slug}-{content[:16]}").get("url")
        return str(url) if url else None

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:  # noqa: ARG002  # the CMS keeps its own lists
        """Say that the article is to be taken down, and what readers shall find in its place."""
        document = {
            "event": REMOVED,
            "version": VERSION,
            "id": tombstone.slug,
            "title": tombstone.title,
            "notice": tombstone.sentence,
        }
        self._post(document, key=f"{tombstone.slug}-{REMOVED}")

    def _post(self, document: dict[str, Any], *, key: str) -> dict[str, Any]:
        body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
        stamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": key,
            "X-Weishentai-Timestamp": stamp,
            "X-Weishentai-Signature": f"sha256={signature(self._key, stamp, body)}",
        }
        try:
            # A connection of its own: a kept one that the other side closed meanwhile would look like a lost answer.
            with requests.Session() as http:
                http.trust_env = not self._stays_here
                answer = http.post(
                    self._address, data=body, headers=headers, timeout=self._timeout, allow_redirects=False
                )
        except requests.RequestException as fault:
            raise undelivered("webhook", fault) from None
        return _read(answer)


def signature(key: bytes, stamp: str, body: bytes) -> str:
    """HMAC-SHA256 in hexadecimal over the timestamp, a full stop and the raw body."""
    return hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _document(article: SiteArticle) -> dict[str, Any]:
    entry = article.entry
    return {
        "event": ARTICLE,
        "version": VERSION,
        "id": entry.slug,
        "title": entry.title,
        "digest": entry.digest,
        "author": article.author,
        "photographer": article.photographer,
        "source": article.source,
        "department": entry.department,
        "published_at": entry.published_at.astimezone(OFFICE_ZONE).isoformat(timespec="seconds"),
        "wechat_url": article.wechat_url,
        "html": article.body,
        "cover": entry.cover_file,
        "pictures": [_file(each.file_name, each.content) for each in article.pictures],
        "attachments": [{"label": each.label, **_file(each.file_name, each.content)} for each in article.attachments],
    }


def _file(name: str, content: bytes) -> dict[str, str]:
    return {
        "name": name,
        "sha256": hashlib.sha256(content).hexdigest(),
        "content": base64.b64encode(content).decode(),
    }


def _read(answer: requests.Response) -> dict[str, Any]:
    status = answer.status_code
    detail = f"webhook: HTTP {status}: {answer.text[:300]}"
    if status >= 500:
        raise OutcomeUnknown(f"webhook: HTTP {status}")
    if status in {401, 403}:
        raise DeliveryRefused(code=f"http_{status}", sentence=WRONG_KEY, cure=Cure.ADMIN, detail=detail)
    if status in {404, 410} or 300 <= status < 400:
        sentence = MOVED if status < 400 else NOT_THERE
        raise DeliveryRefused(code=f"http_{status}", sentence=sentence, cure=Cure.ADMIN, detail=detail)
    if status == 429:
        raise DeliveryRefused(code="http_429", sentence=BUSY, cure=Cure.LATER, detail=detail)
    if status >= 400:
        raise DeliveryRefused(code=f"http_{status}", sentence=REFUSED, cure=Cure.CONTENT, detail=detail)
    if not answer.content:
        return {}
    try:
        document = answer.json()
    except ValueError:
        raise OutcomeUnknown("webhook: the answer is not JSON") from None
    return document if isinstance(document, dict) else {}
