"""The draft box: what is accepted, how it is counted, what is kept."""

from __future__ import annotations

import json

import pytest
import requests

from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import start
from tests.sandbox.caller import Caller, StandingClock, decoded, errcode
from tests.waiting import PATIENCE


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"title": "题" * 64}, 0),
        ({"title": "题" * 65}, 45003),
        ({"title": ""}, 45003),
        ({"author": "者" * 16}, 0),
        ({"author": "者" * 17}, 45110),
        ({"digest": "摘" * 120}, 0),
        ({"digest": "摘" * 121}, 45004),
        ({"content": "文" * 19_999}, 0),
        ({"content": "文" * 20_000}, 45002),
        ({"content": f'<p style="{"a" * 20_000}">短</p>'}, 45002),
        ({"content": " "}, 44004),
        ({"content_source_url": "https://www.example.edu.cn/" + "a" * 1000}, 45005),
        ({"content_source_url": "www.example.edu.cn"}, 41039),
        ({"need_open_comment": 2}, 40097),
        ({"pic_crop_235_1": "0_0_1_0.5"}, 0),
        ({"pic_crop_235_1": "0.5_0_0.1_1"}, 53402),
        ({"article_type": "video"}, 40097),
        ({"title": 3}, 47001),
    ],
)
def test_an_article_keeps_to_the_limits_of_its_fields(
    lasting_school: Caller, fields: dict[str, object], code: int
) -> None:
    assert errcode(lasting_school.add(**fields)) == code


@pytest.mark.parametrize(("field", "most", "code"), [("title", 10, 45003), ("author", 2, 45110), ("digest", 20, 45004)])
def test_escaped_characters_count_six_each(lasting_school: Caller, field: str, most: int, code: int) -> None:
    answers = []
    for length in (most, most + 1):
        escaped = json.dumps({"articles": [lasting_school.article(**{field: "字" * length})]}).encode()
        answers.append(errcode(decoded(lasting_school.send("draft/add", escaped))))
    assert answers == [0, code]


def test_escaped_characters_are_stored_as_they_were_sent(school: Caller) -> None:
    escaped = json.dumps({"articles": [school.article(title="校庆", content='<p>"好"\n</p>')]}).encode()
    stored = school.stored(decoded(school.send("draft/add", escaped))["media_id"])
    assert (stored["title"], stored["content"]) == (r"\u6821\u5e86", '<p>"\\u597d"\n</p>')


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", 44002),
        (b"{", 47001),
        (b"[]", 47001),
        ('{"articles":"题"}'.encode("gbk"), 47001),
        (b'{"articles":{"title":"x"}}', 44003),
        (b'{"articles":[]}', 44003),
        (b'{"articles":["x"]}', 44003),
        (json.dumps({"articles": [{}] * 9}).encode(), 45008),
    ],
)
def test_a_body_that_is_not_a_list_of_articles_is_refused(lasting_school: Caller, raw: bytes, code: int) -> None:
    assert errcode(decoded(lasting_school.send("draft/add", raw))) == code


def test_some_accounts_also_count_a_digest_in_bytes() -> None:
    platform = Platform(accounts=[Account("wx", "s")], settings=Settings(digest_bytes=120))
    with start(platform=platform) as box:
        caller = Caller(box, "wx", "s")
        assert [errcode(caller.add(digest="摘" * length)) for length in (40, 41)] == [0, 45004]


def test_an_empty_digest_becomes_the_first_54_characters_of_the_body(school: Caller) -> None:
    stored = school.stored(school.draft(content=f"<p>甲&amp;</p><p>{'乙' * 60}</p>"))
    assert stored["digest"] == "甲& " + "乙" * 51


def test_only_a_single_article_gets_its_digest_from_the_body(school: Caller) -> None:
    both = {"articles": [school.article(), school.article()]}
    items = school.post("draft/get", school.post("draft/add", both))["news_item"]
    assert [item["digest"] for item in items] == ["", ""]


def test_a_body_loses_what_the_platform_does_not_keep(school: Caller) -> None:
    ours = school.body_picture()
    stored = school.stored(
        school.draft(
            content=f'<section id="a" onclick="x()" style="color:red"><script>x()</script><style>p{{}}</style>'
            f'<p>正文<img src="{ours}" alt="a&gt;b" onerror="x()"><img src="https://elsewhere.example/a.png">'
            '<img src="data:image/png;base64,AAAA"></p><iframe src="https://elsewhere.example">x</iframe>'
            '<form><input value="1">表单里的字</form><a href="https://elsewhere.example/">外链</a>'
            '<a href="https://mp.weixin.qq.com/s/x">旧文</a><a href="javascript:x()">坏</a></section>'
        )
    )
    assert stored["content"] == (
        f'<section style="color:red"><p>正文<img src="{ours}" alt="a&gt;b"></p>表单里的字外链'
        '<a href="https://mp.weixin.qq.com/s/x">旧文</a>坏</section>'
    )


def test_a_draft_reads_back_what_was_sent(school: Caller) -> None:
    sent = school.article(author="宣传部", digest="摘要", content_source_url="https://www.example.edu.cn/?pub=1")
    media_id = school.post("draft/add", {"articles": [sent]})["media_id"]
    stored = school.stored(media_id)
    assert {name: stored[name] for name in sent} == sent
    assert requests.get(stored["url"], timeout=PATIENCE).status_code == 200


def test_an_update_replaces_one_article_counted_from_zero(school: Caller) -> None:
    media_id = school.post("draft/add", {"articles": [school.article(), school.article()]})["media_id"]
    new = school.article(title="新题")
    answers = [
        errcode(school.post("draft/update", {"media_id": media_id, "index": index, "articles": new}))
        for index in (1, 2, -1)
    ]
    titles = [item["title"] for item in school.post("draft/get", {"media_id": media_id})["news_item"]]
    assert (answers, titles) == ([0, 40114, 40114], ["校运会开幕", "新题"])


def test_an_update_takes_one_article_not_a_list(school: Caller) -> None:
    asked = {"media_id": school.draft(), "index": 0, "articles": [school.article()]}
    assert errcode(school.post("draft/update", asked)) == 44003


def test_a_deleted_draft_is_gone(school: Caller) -> None:
    media_id = school.draft()
    calls = ["draft/delete", "draft/get", "draft/delete"]
    assert [errcode(school.post(call, {"media_id": media_id})) for call in calls] == [0, 40007, 40007]


def test_drafts_are_listed_newest_first_twenty_at_most(school: Caller, clock: StandingClock) -> None:
    ids = []
    for _ in range(3):
        clock.pass_time(1)
        ids.append(school.draft())
    page = school.post("draft/batchget", {"offset": 1, "count": 20, "no_content": 1})
    assert (page["total_count"], page["item_count"]) == (3, 2)
    assert [item["media_id"] for item in page["item"]] == [ids[1], ids[0]]
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    refused = [errcode(school.post("draft/batchget", {"offset": 0, "count": count})) for count in (0, 21)]
    assert refused == [40097, 40097]


def test_an_account_sees_only_its_own_drafts(school: Caller, club: Caller) -> None:
    media_id = school.draft()
    assert club.get("draft/count") == {"total_count": 0}
    assert errcode(club.post("draft/get", {"media_id": media_id})) == 40007


def test_comments_cannot_be_opened_without_the_right(school: Caller) -> None:
    school.box.platform.accounts.put(Account("wx_mute", "s", can_comment=False))
    mute = Caller(school.box, "wx_mute", "s")
    assert [errcode(mute.add(need_open_comment=each)) for each in (1, 0)] == [88000, 0]


def test_a_picture_message_holds_one_to_twenty_library_pictures(school: Caller) -> None:
    cover = school.cover()
    answers = []
    for count in (0, 20, 21):
        listed = {"image_list": [{"image_media_id": cover}] * count}
        post = {"article_type": "newspic", "title": "贴图", "content": "秋色", "image_info": listed}
        answers.append(errcode(school.post("draft/add", {"articles": [post]})))
    assert answers == [40097, 0, 40097]


def test_the_draft_box_has_long_been_switched_on(school: Caller) -> None:
    assert school.post("draft/switch", {}) == {"errcode": 0, "errmsg": "ok", "is_open": 1}
