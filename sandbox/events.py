"""Pushing events to an account's callback address: XML, signed, sealed with AES where the account has a key.

WeChat doc: message_push, Batch_Sends, api_freepublish_submit. Delivery is tried until the receiver answers
200 with ``success`` or nothing within five seconds, four times at most.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import secrets
import threading
from collections.abc import Callable
from xml.sax.saxutils import escape

import requests
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from sandbox.faults import PUSHING, Effect
from sandbox.platform import Event, Platform
from sandbox.records import Account, Callback, MassSend, MassStatus, Publication, PublishJob

ANSWER_WITHIN = 5.0
ATTEMPTS = 4
SHORTEST_NAP = 0.005
LONGEST_NAP = 0.2

_log = logging.getLogger(__name__)


def signature(*parts: str) -> str:
    """Return the SHA-1 hex of the parts, sorted and joined."""
    return hashlib.sha1("".join(sorted(parts)).encode()).hexdigest()  # noqa: S324  the platform's own choice


def announce_publication(platform: Platform, job: PublishJob) -> None:
    """Queue PUBLISHJOBFINISH for a job that has ended."""
    publication = platform.publications.get(job.article_id)
    detail = _article_detail(platform, publication) if publication else ""
    failed = "".join(f"<fail_idx>{index}</fail_idx>" for index in job.fail_idx)
    info = (
        f"<publish_id>{job.publish_id}</publish_id><publish_status>{int(job.status)}</publish_status>{detail}{failed}"
    )
    _queue(platform, job.appid, "PUBLISHJOBFINISH", f"<PublishEventInfo>{info}</PublishEventInfo>")


def announce_mass_send(platform: Platform, mass: MassSend, account: Account) -> None:
    """Queue MASSSENDJOBFINISH for a send that has ended."""
    publication = platform.publications.get(mass.article_id)
    pages = publication.pages if publication else []
    items = "".join(
        f"<item><ArticleIdx>{index}</ArticleIdx><ArticleUrl>{_cdata(platform.page_url(page.slug))}</ArticleUrl></item>"
        for index, page in enumerate(pages, start=1)
    )
    sent = account.followers if mass.status == MassStatus.SEND_SUCCESS else 0
    info = (
        f"<MsgID>{mass.msg_id}</MsgID><Status>{_cdata(mass.outcome)}</Status>"
        f"<TotalCount>{account.followers}</TotalCount><FilterCount>{account.followers}</FilterCount>"
        f"<SentCount>{sent}</SentCount><ErrorCount>{account.followers - sent}</ErrorCount>"
        "<CopyrightCheckResult><Count>0</Count><ResultList></ResultList><CheckState>0</CheckState>"
        "</CopyrightCheckResult>"
        f"<ArticleUrlResult><Count>{len(pages)}</Count><ResultList>{items}</ResultList></ArticleUrlResult>"
    )
    _queue(platform, mass.appid, "MASSSENDJOBFINISH", info)


def greet(platform: Platform, callback: Callback) -> bool:
    """Ask a callback address to echo, as the platform does when it is configured; tell whether it did."""
    timestamp, nonce, echo = _stamp(platform)
    signed = {"signature": signature(callback.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    try:
        answer = requests.get(callback.url, params={**signed, "echostr": echo}, timeout=ANSWER_WITHIN)
    except requests.RequestException:
        return False
    return answer.status_code == 200 and answer.text == echo


def sealed(callback: Callback, appid: str, xml: str) -> str:
    """Return the XML encrypted as in safe mode: AES-256-CBC over 16 random bytes, length, XML, appid."""
    key = base64.b64decode(callback.aes_key + "=")
    content = xml.encode()
    plain = secrets.token_bytes(16) + len(content).to_bytes(4, "big") + content + appid.encode()
    padding = 32 - len(plain) % 32
    encryptor = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    sealed_bytes = encryptor.update(plain + bytes([padding]) * padding) + encryptor.finalize()
    return base64.b64encode(sealed_bytes).decode()


class Courier(threading.Thread):
    """Lets the platform's time pass: ends jobs that are due and delivers events, until it is stopped."""

    def __init__(self, platform: Platform, *, advance: Callable[[Platform], None]) -> None:
        super().__init__(name="sandbox-courier", daemon=True)
        self._platform = platform
        self._advance = advance
        self._stopping = False

    def run(self) -> None:
        while not self._stopping:
            with self._platform.transaction():
                self._advance(self._platform)
                due = self._take_due()
            for event in due:
                self._deliver(event)
            with self._platform.changed:
                if not self._stopping and not due:
                    self._platform.changed.wait(timeout=self._nap())

    def stop(self) -> None:
        with self._platform.changed:
            self._stopping = True
            self._platform.changed.notify_all()
        self.join()

    def _nap(self) -> float | None:
        """Return how long nothing can happen; no limit when nothing is under way."""
        waiting = [event.due_at for event in self._platform.events if event.state == "waiting"]
        coming = [*waiting, *self._platform.ends_under_way()]
        if not coming:
            return None
        return min(max(min(coming) - self._platform.clock(), SHORTEST_NAP), LONGEST_NAP)

    def _take_due(self) -> list[Event]:
        now = self._platform.clock()
        return [event for event in self._platform.events if event.state == "waiting" and event.due_at <= now]

    def _deliver(self, event: Event) -> None:
        account = self._platform.accounts.get(event.appid)
        event.attempts += 1
        if account and account.callback and _push(self._platform, account, account.callback, event):
            event.state = "delivered"
        elif event.attempts >= ATTEMPTS:
            event.state = "given up"
        else:
            event.due_at = self._platform.clock() + self._platform.settings.event_retry_delay


def _push(platform: Platform, account: Account, callback: Callback, event: Event) -> bool:
    timestamp, nonce, _ = _stamp(platform)
    params = {"signature": signature(callback.token, timestamp, nonce), "timestamp": timestamp, "nonce": nonce}
    body = event.xml
    if callback.aes_key:
        secret = sealed(callback, account.appid, event.xml)
        params |= {"encrypt_type": "aes", "msg_signature": signature(callback.token, timestamp, nonce, secret)}
        body = f"<xml><ToUserName>{_cdata(account.original_id)}</ToUserName><Encrypt>{_cdata(secret)}</Encrypt></xml>"
    try:
        answer = requests.post(
            callback.url,
            params=params,
            data=body.encode(),
            headers={"Content-Type": "text/xml"},
            timeout=ANSWER_WITHIN,
        )
    except requests.RequestException as error:
        _log.info("event %s not delivered: %s", event.name, error)
        return False
    return answer.status_code == 200 and answer.text in {"", "success"}


def _queue(platform: Platform, appid: str, name: str, info: str) -> None:
    account = platform.accounts.get(appid)
    if account is None or account.callback is None:
        return
    xml = _envelope(platform, account, name, info)
    due_at = platform.clock() + platform.settings.event_delay + platform.faults.take_waiting("event", Effect.DELAY)
    fault = platform.faults.take("event", PUSHING)
    event = Event(appid, name, xml, due_at)
    if fault and fault.effect is Effect.LOST:
        event.state = "lost"
    platform.events.append(event)
    if fault and fault.effect is Effect.TWICE:
        platform.events.append(Event(appid, name, xml, due_at))


def _envelope(platform: Platform, account: Account, name: str, info: str) -> str:
    return (
        f"<xml><ToUserName>{_cdata(account.original_id)}</ToUserName>"
        f"<FromUserName>{_cdata('mphelper')}</FromUserName><CreateTime>{int(platform.clock())}</CreateTime>"
        f"<MsgType>{_cdata('event')}</MsgType><Event>{_cdata(name)}</Event>{info}</xml>"
    )


def _article_detail(platform: Platform, publication: Publication) -> str:
    items = "".join(
        f"<item><idx>{index}</idx><article_url>{_cdata(platform.page_url(page.slug))}</article_url></item>"
        for index, page in enumerate(publication.pages, start=1)
    )
    return (
        f"<article_id>{_cdata(publication.article_id)}</article_id>"
        f"<article_detail><count>{len(publication.pages)}</count>{items}</article_detail>"
    )


def _cdata(text: str) -> str:
    return f"<![CDATA[{escape(text) if ']]>' in text else text}]]>"


def _stamp(platform: Platform) -> tuple[str, str, str]:
    return str(int(platform.clock())), str(secrets.randbelow(10**10)), str(secrets.randbelow(10**18))
