"""写文章: what a person does on the platform's own site where no interface may."""

from __future__ import annotations

import base64
from typing import Any

import requests

from sandbox import publishing, writing
from tests.sandbox.caller import JPEG, Caller
from tests.waiting import PATIENCE

ARTICLE = {"title": "人工发布", "author": "宣传部", "content": "<p>正文</p>"}


def write(caller: Caller, **changes: Any) -> requests.Response:
    data = {"appid": caller.appid, **ARTICLE, **changes}
    return requests.post(f"{caller.box.base_url}/write", data=data, timeout=PATIENCE)


def test_what_was_pasted_is_out_at_once_with_pictures_of_the_platforms_own(school: Caller) -> None:
    inside = base64.b64encode(JPEG).decode()
    school.published(title="已有一篇")
    ours = school.body_picture()
    body = (
        f'<p onclick="x()">正文</p><script>1</script><img src="data:image/jpeg;base64,{inside}" alt="会场">'
        f'<img src="{school.box.base_url}/mmbiz{ours.partition("qpic.cn")[2]}"><img src="https://elsewhere.example/a.jpg">'
    )

    shown = write(school, content=body)

    assert shown.status_code == 200
    assert "有 1 张图片没有取到" in shown.text
    assert shown.text.count('<img alt="会场" src="/mmbiz/') + shown.text.count('<img src="/mmbiz/') == 2
    assert ("onclick" in shown.text, "<script>1" in shown.text, "elsewhere" in shown.text) == (False, False, False)
    assert 'id="js_content"' in shown.text


def test_what_the_editor_refuses_is_still_in_it(school: Caller) -> None:
    for changes, words in (
        ({"title": ""}, "标题要填写"),
        ({"author": "字" * 17}, "作者最多 16 字"),
        ({"content": ""}, "正文还是空的"),
    ):
        refused = write(school, **changes)
        assert (refused.status_code, words in refused.text) == (400, True)
    assert "<p>正文</p>" in write(school, title="").text


def test_an_account_without_an_interface_publishes_too(school: Caller) -> None:
    shown = write(school, appid=writing.BY_HAND.appid)

    assert "没有接口的公众号" in shown.text
    assert [each.notified for each in school.box.platform.publications] == [False]


def test_sending_to_followers_by_hand_uses_one_up(school: Caller) -> None:
    assert write(school, notify="1").status_code == 200
    assert "群发次数已用完" in write(school, notify="1").text


def test_the_editor_alone_has_a_script_and_it_is_our_own(school: Caller) -> None:
    policy = requests.get(f"{school.box.base_url}/write", timeout=PATIENCE).headers["content-security-policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy.partition("script-src")[2]
    assert (
        requests.get(f"{school.box.base_url}/write.js", timeout=PATIENCE)
        .headers["content-type"]
        .startswith("text/java")
    )


def test_pictures_are_fetched_from_this_machine_only() -> None:
    for address in (
        "https://example.com/a.jpg",
        "http://10.0.0.1/a.jpg",
        "file:///etc/passwd",
        "http://[::1",
        "data:x",
    ):
        assert writing.fetched(address) == b""


def test_buttons_of_the_console_change_and_delete_what_is_out(school: Caller) -> None:
    school.published()
    (publication,) = school.box.platform.publications
    console = f"{school.box.base_url}/console"

    for action in ("tamper", "delete"):
        requests.post(console, data={"action": action, "article_id": publication.article_id}, timeout=PATIENCE)

    assert publishing.TAMPERED in publication.pages[0].article["content"]
    assert publication.deleted
