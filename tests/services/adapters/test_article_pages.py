"""Public article pages: which addresses are opened at all, and what is read from them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests

from sandbox import publishing as platform_publishing
from sandbox.platform import Platform, Settings
from sandbox.records import Account, Draft
from sandbox.server import RunningSandbox, start
from services.adapters.article_pages import WECHAT_PAGES, PlatformPages
from services.ports import NotSent, OutcomeUnknown

ARTICLE = {
    "article_type": "news",
    "title": "题 & 目",
    "author": "宣传部",
    "digest": "",
    "content": "<section><p>正文</p></section>",
    "content_source_url": "",
    "thumb_media_id": "",
    "need_open_comment": 0,
    "only_fans_can_comment": 0,
}


@pytest.fixture
def box() -> Iterator[RunningSandbox]:
    account = Account("wx1", "s", name="示例大学")
    with start(platform=Platform(accounts=[account], settings=Settings(publish_delay=0))) as running:
        draft = Draft("m1", "wx1", 1, [dict(ARTICLE)], 0, 0)
        with running.platform.transaction():
            platform_publishing.publish_by_hand(running.platform, running.platform.drafts.put(draft), notified=False)
        yield running


def address(box: RunningSandbox) -> str:
    (publication,) = box.platform.publications
    return box.platform.page_url(publication.pages[0].slug)


def test_an_article_is_read_as_its_readers_see_it(box: RunningSandbox) -> None:
    copy = PlatformPages(lambda: box.base_url).read(address(box))

    assert copy is not None
    assert (copy.title, copy.author, copy.body) == ("题 & 目", "宣传部", ARTICLE["content"])
    assert b"js_content" in copy.capture


@pytest.mark.parametrize("act", ["deleted", "banned", "never there"])
def test_an_article_that_is_gone_is_none(box: RunningSandbox, act: str) -> None:
    url = address(box)
    (publication,) = box.platform.publications
    if act == "deleted":
        platform_publishing.delete_pages(box.platform, publication, index=0)
    elif act == "banned":
        platform_publishing.ban(box.platform, publication)
    else:
        url = f"{box.base_url}/s/unknown"

    assert PlatformPages(lambda: box.base_url).read(url) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example.com/s/abc",
        "http://mp.weixin.qq.com:80/s/abc",
        "https://mp.weixin.qq.com.evil.example.com/s/abc",
        "https://mp.weixin.qq.com@evil.example.com/s/abc",
        "https://mp.weixin.qq.com:8443/s/abc",
        "https://mp.weixin.qq.com/cgi-bin/home",
        "file:///etc/passwd",
        "",
    ],
)
def test_no_other_address_is_ever_opened(url: str) -> None:
    pages = PlatformPages(lambda: WECHAT_PAGES)

    assert not pages.serves(url)
    with pytest.raises(NotSent, match="not opened"):
        pages.read(url)


def test_the_real_platforms_addresses_are_its_own() -> None:
    pages = PlatformPages(lambda: WECHAT_PAGES)

    assert pages.serves("https://mp.weixin.qq.com/s/AbC")
    assert pages.serves("https://mp.weixin.qq.com/s?__biz=1&mid=2")
    assert pages.serves("http://mp.weixin.qq.com/s?__biz=1&mid=2#rd")


def test_an_address_the_interface_names_with_http_is_asked_over_https(monkeypatch: pytest.MonkeyPatch) -> None:
    """The platform's answers and pushes write http://; a reading over it could be tampered with on the way."""
    asked: list[str] = []

    def refuse(_: requests.Session, url: str, **_options: object) -> requests.Response:
        asked.append(url)
        raise requests.ConnectionError

    monkeypatch.setattr(requests.Session, "get", refuse)

    with pytest.raises(NotSent, match="ConnectionError"):
        PlatformPages(lambda: WECHAT_PAGES).read(" http://mp.weixin.qq.com/s?__biz=1&mid=2#rd ")

    assert asked == ["https://mp.weixin.qq.com/s?__biz=1&mid=2#rd"]


def test_a_secure_address_is_never_weakened(box: RunningSandbox) -> None:
    assert not PlatformPages(lambda: box.base_url).serves(address(box).replace("http://", "https://"))


def test_a_page_that_shows_no_article_is_not_taken_for_one(box: RunningSandbox) -> None:
    class Lists(PlatformPages):
        def serves(self, url: str) -> bool:
            return url.startswith(box.base_url)

    with pytest.raises(OutcomeUnknown, match="no article"):
        Lists(lambda: box.base_url).read(f"{box.base_url}/drafts")


def test_a_platform_that_is_not_there_was_not_reached() -> None:
    with pytest.raises(NotSent):
        PlatformPages(lambda: "http://127.0.0.1:9").read("http://127.0.0.1:9/s/abc")
