"""WeChat over wechatpy 2.0.0a26, with what its core lacks: docs/wechat.md has the list and the reasons.

Every method ends in exactly one way: an answer, `DeliveryRefused` (WeChat said no, nothing happened), `NotSent`
(WeChat was not reached, nothing happened) or `OutcomeUnknown`. No secret and no token is ever part of an
exception or of a line of the log.
"""

from __future__ import annotations

import json
import logging
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar

import requests
import stamina
from wechatpy import WeChatClient
from wechatpy.exceptions import WeChatClientException

from services.adapters import wechat_errors
from services.adapters.http_faults import undelivered
from services.adapters.wechat_tokens import TokenStore
from services.database import Engines
from services.ports import (
    DeliveryRefused,
    NotSent,
    OutcomeUnknown,
    PublishedArticle,
    PublishedCopy,
    PublishOutcome,
    PublishReceipt,
    PublishStatus,
    WeChatAccount,
    WeChatArticle,
    WeChatCredentials,
)
from services.secret_box import SecretBox
from services.settings import is_loopback

TIMEOUT = (3.05, 20.0)
"""Seconds to connect, and between two bytes of the answer; also for the token, which wechatpy forgets."""

TRIES = 3
"""Of a call that is harmless to repeat, within one step of a publication."""

PAGE = 20
PAGES = 5
"""Of the newest drafts or articles that are looked through for a marker; the calls have a daily quota."""

NOT_TO_REPEAT = frozenset({"draft/add", "freepublish/submit", "message/mass/sendall"})
"""Calls that create something each time: here even "system busy" may come after the work was done."""

Answer = dict[str, Any]
T = TypeVar("T")


class WeChatGateway:
    """`WeChatPlatform` over HTTP. `base_url` is asked anew each time: a rehearsal's platform may have moved."""

    def __init__(
        self,
        base_url: Callable[[], str],
        engines: Engines,
        secrets: SecretBox,
        clock: Callable[[], datetime],
        timeout: tuple[float, float] = TIMEOUT,
    ) -> None:
        self._base_url = base_url
        self._tokens = TokenStore(engines, secrets, clock)
        self._timeout = timeout
        self._accounts: dict[str, tuple[WeChatCredentials, str, GatewayAccount]] = {}
        self._lock = threading.Lock()
        logging.getLogger("urllib3.connectionpool").addFilter(_WITHOUT_TOKENS)

    def account(self, credentials: WeChatCredentials) -> WeChatAccount:
        """The interface of one account: the same object for the same app id, until its secret changes."""
        address = self._base_url().rstrip("/")
        with self._lock:
            known = self._accounts.get(credentials.app_id)
            if known is not None and known[:2] == (credentials, address):
                return known[2]
            account = GatewayAccount(credentials, address, self._tokens, self._timeout)
            self._accounts[credentials.app_id] = credentials, address, account
            return account


class GatewayAccount:
    """`WeChatAccount` over HTTP; safe to use from several threads."""

    def __init__(
        self, credentials: WeChatCredentials, address: str, tokens: TokenStore, timeout: tuple[float, float]
    ) -> None:
        self._client = _Client(credentials, address, tokens, timeout)
        # A call that must not be repeated opens its own connection: a kept one that the other side closed
        # meanwhile would look like a lost answer.
        self._fresh = _Client(credentials, address, tokens, timeout)
        self._fresh.open_a_connection_per_call()

    def upload_picture(self, name: str, content: bytes, media_type: str) -> str:
        """WeChat doc: media/uploadimg. Bytes, not a file: a repeated file object would be sent empty. The address is
        used as it was answered, though it is http://: in an article WeChat knows its own pictures by it.
        """
        file = (name, content, media_type)
        answer = _repeated(lambda: self._client.post("media/uploadimg", files={"media": file}))
        return _text(answer, "url")

    def upload_cover(self, name: str, content: bytes, media_type: str) -> str:
        """WeChat doc: material/add_material, type image: a permanent id; a temporary one is refused as a cover."""
        file = (name, content, media_type)
        answer = _repeated(
            lambda: self._client.post("material/add_material", params={"type": "image"}, files={"media": file})
        )
        return _text(answer, "media_id")

    def prove_credentials(self) -> None:
        """WeChat doc: stable_token. It answers the token in use, so nobody loses theirs."""
        _repeated(self._client.ask_for_token)

    def count_drafts(self) -> int:
        """WeChat doc: draft/count."""
        return int(_text(_repeated(self._client.draft.count), "total_count"))

    def count_published(self) -> int:
        """WeChat doc: freepublish/batchget."""
        page = _repeated(partial(self._client.freepublish.batchget, offset=0, count=1, no_content=1))
        return int(_text(page, "total_count"))

    def calls_left(self, path: str) -> int:
        """WeChat doc: openapi/quota/get."""
        answer = _repeated(lambda: self._client.post("openapi/quota/get", data={"cgi_path": path}))
        quota = answer.get("quota")
        return int(_text(quota if isinstance(quota, dict) else {}, "remain"))

    def add_draft(self, article: WeChatArticle) -> str:
        """WeChat doc: draft/add. Not through wechatpy's `draft.add`, which drops fields it does not know."""
        fields = {
            "article_type": "news",
            "title": article.title,
            "author": article.author,
            "digest": article.digest,
            "content": article.body,
            "content_source_url": article.marker_url,
            "thumb_media_id": article.cover_media_id,
            # An account without the right to comments refuses 1 (88000).
            "need_open_comment": 0,
            "only_fans_can_comment": 0,
        }
        return _text(self._fresh.post("draft/add", data={"articles": [fields]}), "media_id")

    def read_draft(self, media_id: str) -> WeChatArticle | None:
        """WeChat doc: draft/get."""
        try:
            answer = _repeated(partial(self._client.draft.get, media_id))
        except DeliveryRefused as refused:
            if refused.code == str(wechat_errors.DRAFT_GONE):
                return None
            raise
        return _article(_first(answer.get("news_item"), "news_item"))

    def find_draft(self, marker_url: str) -> str | None:
        """WeChat doc: draft/batchget, the newest first."""
        for item, article in self._newest(self._client.draft.batchget):
            if _carries(article, marker_url):
                return _text(item, "media_id")
        return None

    def publish(self, media_id: str) -> PublishReceipt:
        """WeChat doc: freepublish/submit. The answer only says that the job was accepted."""
        return _receipt(self._fresh.freepublish.submit(media_id), "publish_id")

    def send_to_all(self, media_id: str, client_message_id: str) -> PublishReceipt:
        """WeChat doc: message/mass/sendall. 45065 names the send that already has this id: it is ours."""
        order = {
            "filter": {"is_to_all": True},
            "mpnews": {"media_id": media_id},
            "msgtype": "mpnews",
            "send_ignore_reprint": 0,
            "clientmsgid": client_message_id,
        }
        try:
            return _receipt(self._fresh.post("message/mass/sendall", data=order), "msg_id")
        except _AlreadySent as sent:
            return PublishReceipt(publish_id=sent.message_id, msg_data_id=None)

    def publish_status(self, publish_id: str) -> PublishStatus:
        """WeChat doc: freepublish/get."""
        answer = _repeated(partial(self._client.freepublish.get, publish_id))
        return PublishStatus(
            outcome=_outcome(answer),
            article_id=answer.get("article_id") or None,
            url=_first_url(answer.get("article_detail")),
        )

    def send_status(self, message_id: str) -> PublishStatus:
        """WeChat doc: message/mass/get. It names no address; the event push does."""
        answer = _repeated(partial(self._client.message.get_mass, message_id))
        word = str(answer.get("msg_status", "")).replace(" ", "_").upper()
        if word not in SEND_OUTCOMES:
            raise OutcomeUnknown(f"message/mass/get: unknown msg_status {word[:40]!r}")
        return PublishStatus(outcome=SEND_OUTCOMES[word])

    def find_published(self, marker_url: str) -> PublishedArticle | None:
        """WeChat doc: freepublish/batchget, the newest first."""
        for item, article in self._newest(self._client.freepublish.batchget):
            if _carries(article, marker_url) and not article.get("is_deleted"):
                return PublishedArticle(article_id=_text(item, "article_id"), url=_text(article, "url"))
        return None

    def read_published(self, article_id: str) -> PublishedCopy | None:
        """WeChat doc: freepublish/getarticle."""
        try:
            answer = _repeated(partial(self._client.freepublish.getarticle, article_id))
        except DeliveryRefused as refused:
            if refused.code == str(wechat_errors.ARTICLE_GONE):
                return None
            raise
        article = _first(answer.get("news_item"), "news_item")
        if article.get("is_deleted"):
            return None
        return PublishedCopy(
            title=str(article.get("title") or ""),
            author=str(article.get("author") or ""),
            digest=str(article.get("digest") or ""),
            body=str(article.get("content") or ""),
            capture=json.dumps(answer, ensure_ascii=False, indent=1).encode(),
        )

    def delete_published(self, article_id: str) -> None:
        """WeChat doc: freepublish/delete. Counted from 1; 0 or nothing would delete everything under the id."""
        try:
            self._fresh.post("freepublish/delete", data={"article_id": article_id, "index": 1})
        except DeliveryRefused as refused:
            if refused.code != str(wechat_errors.ARTICLE_GONE):
                raise

    def delete_sent(self, message_id: str) -> None:
        """WeChat doc: message/mass/delete. Counted from 1 here too. wechatpy's own cannot name one article."""
        self._fresh.post("message/mass/delete", data={"msg_id": int(message_id), "article_idx": 1})

    def _newest(self, batchget: Callable[..., Answer]) -> Iterator[tuple[Answer, Answer]]:
        for offset in range(0, PAGE * PAGES, PAGE):
            # With the bodies: whether no_content=1 keeps content_source_url is not documented.
            page = _repeated(partial(batchget, offset=offset, count=PAGE, no_content=0))
            for item in page.get("item") or ():
                for article in (item.get("content") or {}).get("news_item") or ():
                    yield item, article
            if offset + PAGE >= int(page.get("total_count") or 0):
                return


SEND_OUTCOMES: Mapping[str, PublishOutcome] = {
    "SENDING": PublishOutcome.IN_PROGRESS,
    "SEND_SUCCESS": PublishOutcome.LIVE,
    "SEND_FAIL": PublishOutcome.FAILED,
    "DELETE": PublishOutcome.REMOVED,
}


# --- The client ------------------------------------------------------------------------------------------


class _AlreadySent(Exception):
    """45065: a send with this clientmsgid exists."""

    def __init__(self, message_id: str) -> None:
        super().__init__(message_id)
        self.message_id = message_id


class _Client(WeChatClient):  # type: ignore[misc]  # wechatpy publishes no types
    """wechatpy's client with our token, our time-outs, one renewed token at most, and classed failures."""

    def __init__(
        self, credentials: WeChatCredentials, address: str, tokens: TokenStore, timeout: tuple[float, float]
    ) -> None:
        super().__init__(credentials.app_id, credentials.app_secret, timeout=timeout, auto_retry=False)
        self.API_BASE_URL = f"{address}/cgi-bin/"
        self._tokens = tokens
        # A proxy of the environment has no business between us and this machine.
        self._http.trust_env = not is_loopback(address)

    def open_a_connection_per_call(self) -> None:
        self._http.headers["Connection"] = "close"

    @property
    def access_token(self) -> str:
        return self._tokens.current(self.appid, self.ask_for_token)

    def fetch_access_token(self) -> str:
        """Where wechatpy fetches from `token`, which invalidates everybody else's."""
        return self.access_token

    def ask_for_token(self) -> tuple[str, timedelta]:
        """A token straight from WeChat, and how long it lives."""
        asked = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self.secret,
            "force_refresh": False,
        }
        try:
            answer = self._attempt("post", "stable_token", {"data": asked, "params": {"access_token": None}})
        except OutcomeUnknown as fault:
            # Whatever became of the token: the call it was fetched for never left.
            raise NotSent(fault.detail) from None
        return _text(answer, "access_token"), timedelta(seconds=int(answer.get("expires_in") or 0))

    def _request(self, method: str, url_or_endpoint: str, **parts: Any) -> Answer:
        """One call; WeChat's word that the token is no good is answered with one new token, never two."""
        token = self.access_token
        try:
            return self._attempt(method, url_or_endpoint, parts, token)
        except DeliveryRefused as refused:
            if int(refused.code) not in wechat_errors.REJECTED_TOKEN:
                raise
        self._tokens.forget(self.appid, token)
        return self._attempt(method, url_or_endpoint, parts, self.access_token)

    def _attempt(self, method: str, endpoint: str, parts: Mapping[str, Any], token: str | None = None) -> Answer:
        # wechatpy writes into the dictionaries it is given: fresh ones for each attempt.
        prepared = {
            **parts,
            "params": {**(parts.get("params") or {}), **({"access_token": token} if token else {})},
        }
        if "data" in parts:
            prepared["headers"] = {"Content-Type": "application/json; charset=utf-8"}
        try:
            answer = super()._request(method, endpoint, **prepared)
        except WeChatClientException as fault:
            raise self._classed(endpoint, fault) from None
        except requests.RequestException as fault:
            raise undelivered(endpoint, fault) from None
        if not isinstance(answer, dict):
            raise OutcomeUnknown(f"{endpoint}: the answer is not a JSON object")
        return answer

    def _classed(self, endpoint: str, fault: WeChatClientException) -> Exception:
        if fault.errcode is None:
            return OutcomeUnknown(f"{endpoint}: HTTP {fault.response.status_code}")
        message = str(fault.errmsg).replace(self.secret, "***")
        if fault.errcode == wechat_errors.SYSTEM_BUSY and endpoint in NOT_TO_REPEAT:
            return OutcomeUnknown(f"{endpoint}: errcode -1: {message}")
        if fault.errcode == wechat_errors.ALREADY_SENT:
            # It was sent. Without its number nobody can ask how it ended, but "refused" it is not.
            message_id = fault.response.json().get("msg_id")
            return (
                _AlreadySent(str(message_id)) if message_id else OutcomeUnknown(f"{endpoint}: errcode 45065: {message}")
            )
        refused = wechat_errors.refusal(fault.errcode, message, asking_for_token=endpoint == "stable_token")
        refused.detail = f"{endpoint}: {refused.detail}"
        return refused


def _repeated(call: Callable[[], T]) -> T:
    """A call that is harmless to repeat, tried a few times within seconds."""
    caller = stamina.RetryingCaller(attempts=TRIES, timeout=None, wait_initial=0.2, wait_max=2.0, wait_jitter=0.2)
    return caller(_may_pass, call)


def _may_pass(fault: Exception) -> bool:
    busy = isinstance(fault, DeliveryRefused) and fault.code == str(wechat_errors.SYSTEM_BUSY)
    return busy or isinstance(fault, NotSent | OutcomeUnknown)


# --- Answers ---------------------------------------------------------------------------------------------


def _text(answer: Mapping[str, Any], name: str) -> str:
    """A field that must be there. WeChat writes some ids as numbers, some as text."""
    value = answer.get(name)
    if value in (None, ""):
        raise OutcomeUnknown(f"the answer has no {name}")
    return str(value)


def _first(items: object, name: str) -> Answer:
    if isinstance(items, list) and items and isinstance(items[0], dict):
        return items[0]
    raise OutcomeUnknown(f"the answer has no {name}")


def _article(fields: Mapping[str, Any]) -> WeChatArticle:
    return WeChatArticle(
        title=str(fields.get("title") or ""),
        digest=str(fields.get("digest") or ""),
        author=str(fields.get("author") or ""),
        body=str(fields.get("content") or ""),
        cover_media_id=str(fields.get("thumb_media_id") or ""),
        marker_url=str(fields.get("content_source_url") or ""),
    )


def _receipt(answer: Mapping[str, Any], id_name: str) -> PublishReceipt:
    msg_data_id = answer.get("msg_data_id")
    return PublishReceipt(
        publish_id=_text(answer, id_name), msg_data_id=str(msg_data_id) if msg_data_id is not None else None
    )


def _outcome(answer: Mapping[str, Any]) -> PublishOutcome:
    try:
        return PublishOutcome(str(answer.get("publish_status")))
    except ValueError:
        raise OutcomeUnknown(f"unknown publish_status {str(answer.get('publish_status'))[:40]!r}") from None


def _first_url(detail: object) -> str | None:
    items = detail.get("item") if isinstance(detail, dict) else None
    # One article comes as an object where WeChat's answer was once XML.
    first = items[0] if isinstance(items, list) and items else items
    url = first.get("article_url") if isinstance(first, dict) else None
    return str(url) if url else None


def _carries(article: Mapping[str, Any], marker_url: str) -> bool:
    # The query alone is ours: the platform may rewrite the scheme, and the site's address may have changed since.
    source = str(article.get("content_source_url") or "")
    return source == marker_url or source.partition("?")[2] == marker_url.partition("?")[2] != ""


# --- The log ---------------------------------------------------------------------------------------------

_SECRET_PARAMETER = re.compile(r"(?<=access_token=)[^&\s\"']+|(?<=secret=)[^&\s\"']+")


class _TokensMasked(logging.Filter):
    """urllib3 logs each request line, and WeChat wants the token in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = _SECRET_PARAMETER.sub("***", record.getMessage()), ()
        return True


_WITHOUT_TOKENS = _TokensMasked()
