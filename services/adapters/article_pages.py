"""Public pages of articles, read as any reader's browser gets them, from the platform's own addresses only.

In live mode that is mp.weixin.qq.com, always over https: the interface and the event pushes name articles with
http://, and such an address is asked over https too. In a rehearsal it is the platform on this machine. No other
address is ever asked, whatever a person pasted, and no redirect is followed.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

import requests
from selectolax.lexbor import LexborHTMLParser

from services.ports import NotSent, OutcomeUnknown, PublishedCopy

WECHAT_PAGES = "https://mp.weixin.qq.com"
TIMEOUT = (3.05, 10.0)
LARGEST_PAGE = 8_000_000
"""Bytes. A long article of the platform has two or three million."""

GONE_WORDS = ("已被发布者删除", "因违规无法查看", "链接已失效", "涉嫌违反相关法律法规", "此帐号已被屏蔽")
"""What the platform writes in the place of an article that is gone."""


class PlatformPages:
    """`ArticlePages` over HTTP. `address` (scheme and host) is asked anew each time: a rehearsal's may have moved."""

    def __init__(self, address: Callable[[], str], timeout: tuple[float, float] = TIMEOUT) -> None:
        self._address = address
        self._timeout = timeout

    def serves(self, url: str) -> bool:
        """Whether host and port are the platform's, without credentials in the address, and the scheme is at most to
        be secured.
        """
        given, ours = urlsplit(self._secured(url)), urlsplit(self._address())
        return (given.scheme, given.netloc) == (ours.scheme, ours.netloc) and given.path.startswith("/s")

    def read(self, url: str) -> PublishedCopy | None:
        """The article behind the address. Raises `NotSent` for any other address: nothing was asked."""
        if not self.serves(url):
            raise NotSent("not an address of the platform: it was not opened")
        return _copy(self._fetched(self._secured(url)))

    def _secured(self, url: str) -> str:
        """The address over https where the platform has it; the other way round nothing is ever weakened."""
        given = urlsplit(url.strip())
        if given.scheme == "http" and urlsplit(self._address()).scheme == "https":
            given = given._replace(scheme="https")
        return urlunsplit(given)

    def _fetched(self, url: str) -> bytes:
        with requests.Session() as session:
            session.trust_env = urlsplit(url).scheme == "https"
            try:
                with session.get(url, timeout=self._timeout, allow_redirects=False, stream=True) as answer:
                    content = answer.raw.read(LARGEST_PAGE + 1, decode_content=True)
                    status = answer.status_code
            except (requests.RequestException, OSError) as fault:
                raise NotSent(f"article page: {type(fault).__name__}") from None
        if len(content) > LARGEST_PAGE or status not in {200, 404}:
            raise OutcomeUnknown(f"article page: HTTP {status}, {len(content)} bytes")
        return bytes(content)


def _copy(content: bytes) -> PublishedCopy | None:
    page = LexborHTMLParser(content.decode(errors="replace"))
    title, body = page.css_first("#activity-name"), page.css_first("#js_content")
    if title is None or body is None:
        words = page.body.text() if page.body is not None else ""
        if any(each in words for each in GONE_WORDS):
            return None
        raise OutcomeUnknown("article page: the platform shows no article (a question or a sign-in?)")
    author = page.css_first("#js_author_name")
    return PublishedCopy(
        title=title.text().strip(),
        author=author.text().strip() if author is not None else None,
        body=body.inner_html or "",
        capture=content,
    )
