"""Sending to all followers (群发): a quota, a key that makes it safe to repeat, and a job that ends later.

WeChat doc: Batch_Sends, api_sendall, api_massmsgget. `clientmsgid` is remembered for a day.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox import drafts, events, publishing, quotas
from sandbox.errors import ApiError
from sandbox.faults import OUTCOMES
from sandbox.platform import Platform
from sandbox.records import Account, MassSend, MassStatus

KEY_BYTES = 64
KEY_REMEMBERED = 24 * 3600


def send_all(platform: Platform, account: Account, body: Mapping[str, Any]) -> MassSend:
    """Accept a draft for all followers, or for a tag.

    Raises 45065 with the `msg_id` when the same `clientmsgid` was accepted within a day, 45028 when the account
    has no send left, 40007 for a draft that is gone.
    """
    if body.get("msgtype") != "mpnews":
        raise ApiError(48008)
    if not isinstance(body.get("filter"), dict):
        raise ApiError(40097)
    key = _client_key(body)
    earlier = _sent_with(platform, account, key)
    if earlier is not None:
        raise ApiError(45065, msg_id=int(earlier.msg_id))
    draft = drafts.get(platform, account, _media_id(body))
    if publishing.is_on_its_way(platform, draft):
        raise ApiError(53501)
    quotas.reserve_mass_send(platform, account)
    fault = platform.faults.take("message/mass/sendall", OUTCOMES)
    now = platform.clock()
    mass = MassSend(
        msg_id=str(platform.next_number()),
        msg_data_id=platform.next_number(),
        appid=account.appid,
        media_id=draft.media_id,
        clientmsgid=key,
        submitted_at=now,
        finish_at=now + platform.settings.mass_delay,
        outcome=fault.value if fault else "send success",
    )
    platform.under_way.add(mass.msg_id)
    return platform.mass_sends.put(mass)


def preview(platform: Platform, account: Account, body: Mapping[str, Any]) -> None:
    """Check that a draft could be shown to one person; nothing is sent and nothing is used up."""
    if not (body.get("touser") or body.get("towxname")):
        raise ApiError(40097)
    drafts.get(platform, account, _media_id(body))


def find(platform: Platform, account: Account, msg_id: object) -> MassSend:
    mass = platform.mass_sends.get(str(msg_id))
    if mass is None or mass.appid != account.appid:
        raise ApiError(40059)
    return mass


def delete(platform: Platform, account: Account, body: Mapping[str, Any]) -> None:
    """Delete the pages of a sent message (`article_idx` counts from 1, 0 means all); the cards stay delivered."""
    mass = find(platform, account, body.get("msg_id"))
    publication = platform.publications.get(mass.article_id)
    index = body.get("article_idx", 0)
    if publication is None:
        raise ApiError(40059)
    if not isinstance(index, int) or not 0 <= index <= len(publication.pages):
        raise ApiError(40114)
    publishing.delete_pages(platform, publication, index=index)
    if publication.deleted:
        mass.status = MassStatus.DELETE
        platform.mass_sends.put(mass)


def finish_due(platform: Platform) -> None:
    """End every send whose time has come."""
    now = platform.clock()
    for number in sorted(platform.under_way):
        mass = platform.mass_sends.get(number)
        if mass and mass.finish_at <= now:
            _finish(platform, mass)


def _finish(platform: Platform, mass: MassSend) -> None:
    platform.under_way.discard(mass.msg_id)
    draft = platform.drafts.get(mass.media_id)
    account = platform.accounts.get(mass.appid)
    if draft is None:
        mass.outcome = "send fail"
    if draft and mass.outcome == "send success":
        publication = publishing.publish_pages(platform, draft, msg_data_id=mass.msg_data_id, notified=True)
        mass.status, mass.article_id = MassStatus.SEND_SUCCESS, publication.article_id
    else:
        mass.status = MassStatus.SEND_FAIL
    platform.mass_sends.put(mass)
    if account is None:
        return
    if mass.status == MassStatus.SEND_FAIL:
        quotas.return_mass_send(platform, account, submitted_at=mass.submitted_at)
    events.announce_mass_send(platform, mass, account)


def _client_key(body: Mapping[str, Any]) -> str:
    key = str(body.get("clientmsgid") or "")
    if len(key.encode()) > KEY_BYTES:
        raise ApiError(45067)
    return key


def _sent_with(platform: Platform, account: Account, key: str) -> MassSend | None:
    since = platform.clock() - KEY_REMEMBERED
    mine = (mass for mass in platform.mass_sends if key and mass.appid == account.appid)
    return next((mass for mass in mine if mass.clientmsgid == key and mass.submitted_at > since), None)


def _media_id(body: Mapping[str, Any]) -> object:
    news = body.get("mpnews")
    return news.get("media_id") if isinstance(news, dict) else None
