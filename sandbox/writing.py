"""写文章: what a person does in the platform's own editor, for accounts that no interface may touch.

Pasted pictures are fetched and kept under the platform's own addresses, as the real editor does; in a rehearsal from
this machine only. What cannot be fetched is left out, and the page says how many. Then the body loses what any stored
body loses (`content_filter`).
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

import requests

from sandbox import content_filter, drafts, library, publishing
from sandbox.errors import ApiError
from sandbox.library import Upload
from sandbox.platform import Platform
from sandbox.records import Account, Draft, Publication

BY_HAND = Account("wx_by_hand", "", name="没有接口的公众号", verified=False)
TIMEOUT = (1.0, 3.0)
LARGEST_PICTURE = 10 * 1024 * 1024
LARGEST_BODY = 2_000_000

_IMAGE = re.compile(r"""<img\b[^>]*?\ssrc=(["'])(.*?)\1[^>]*>""", re.IGNORECASE | re.DOTALL)
_DATA = re.compile(r"data:image/[a-z+.-]+;base64,(.+)", re.IGNORECASE | re.DOTALL)

Fetch = Callable[[str], bytes]


@dataclass(frozen=True)
class Pasted:
    """What arrived in the editor: the body with pictures of the platform's own, and how many could not be had."""

    body: str
    missing: int
    first_route: str = ""


def fetched(address: str) -> bytes:
    """The bytes of a pasted picture: from the address itself, or from this machine. Empty where there are none."""
    inside = _DATA.fullmatch(address)
    if inside:
        try:
            return base64.b64decode(inside[1], validate=False)
        except binascii.Error:
            return b""
    if not _is_this_machine(address):
        return b""
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.get(address, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
                content: bytes = answer.raw.read(LARGEST_PICTURE + 1, decode_content=True)
                return content if answer.status_code == 200 and len(content) <= LARGEST_PICTURE else b""
        except (requests.RequestException, OSError):
            return b""


def _is_this_machine(address: str) -> bool:
    try:
        parts = urlsplit(address)
        is_loopback = parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and is_loopback


def gather(body: str, fetch: Fetch = fetched) -> dict[str, bytes]:
    """The pictures of a pasted body by their address: what takes time, outside of any transaction."""
    return {address: fetch(address) for address in dict.fromkeys(unescape(found[2]) for found in _IMAGE.finditer(body))}


def paste(platform: Platform, account: Account, body: str, pictures: dict[str, bytes]) -> Pasted:
    """Keep the pictures and put their new addresses into the body."""
    missing, routes = 0, list[str]()

    def moved(found: re.Match[str]) -> str:
        nonlocal missing
        address = unescape(found[2])
        if (urlsplit(address).hostname or "") == library.PICTURE_HOST:
            return found[0]
        try:
            ours = library.keep_pasted(platform, account, Upload("pasted", pictures.get(address, b"")))
        except ApiError:
            missing += 1
            return ""
        routes.append(ours)
        return found[0].replace(found[2], ours)

    pasted = _IMAGE.sub(moved, body)
    return Pasted(content_filter.keep(pasted), missing, routes[0] if routes else "")


def publish(
    platform: Platform, account: Account, *, title: str, author: str, digest: str, pasted: Pasted, notified: bool
) -> Publication:
    """Publish at once what stands in the editor. Raises `ApiError` as draft/add would, and 45028."""
    text = {"title": title, "author": author, "digest": digest, "content": pasted.body, "content_source_url": ""}
    article = drafts.written_by_hand(platform, account, text, cover=pasted.first_route)
    now = platform.clock()
    draft = platform.drafts.put(Draft(f"hand-{platform.next_number()}", account.appid, 0, [article], now, now))
    return publishing.publish_by_hand(platform, draft, notified=notified)
