"""Publishing: a job that ends later, a draft that is used up, pages that can be opened and taken away."""

from __future__ import annotations

import pytest
import requests

from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import start
from tests.sandbox.caller import Caller, StandingClock, errcode
from tests.waiting import PATIENCE


def test_a_submit_is_only_accepted_and_ends_later(clock: StandingClock) -> None:
    platform = Platform(accounts=[Account("wx", "s")], settings=Settings(publish_delay=30), clock=clock)
    with start(platform=platform) as box:
        caller = Caller(box, "wx", "s")
        publish_id = caller.submit(caller.draft())["publish_id"]
        clock.pass_time(29)
        assert caller.status(publish_id) == {"publish_id": publish_id, "publish_status": 1, "fail_idx": []}
        clock.pass_time(1)
        assert caller.status(publish_id)["publish_status"] == 0


def test_a_draft_on_its_way_cannot_be_submitted_again(clock: StandingClock) -> None:
    platform = Platform(accounts=[Account("wx", "s")], settings=Settings(publish_delay=30), clock=clock)
    with start(platform=platform) as box:
        caller = Caller(box, "wx", "s")
        media_id = caller.draft()
        assert [errcode(caller.submit(media_id)), errcode(caller.submit(media_id))] == [0, 53501]
        assert errcode(caller.post("draft/get", {"media_id": media_id})) == 0


def test_a_published_draft_is_used_up(school: Caller) -> None:
    media_id = school.draft()
    school.submit(media_id)
    assert errcode(school.post("draft/get", {"media_id": media_id})) == 40007
    assert errcode(school.submit(media_id)) == 40007
    assert school.get("draft/count") == {"total_count": 0}


def test_a_success_names_the_article_and_every_page(school: Caller) -> None:
    media_id = school.post("draft/add", {"articles": [school.article(), school.article()]})["media_id"]
    ended = school.status(school.submit(media_id)["publish_id"])
    detail = ended["article_detail"]
    assert (ended["publish_status"], detail["count"], [item["idx"] for item in detail["item"]]) == (0, 2, [1, 2])
    assert {requests.get(item["article_url"], timeout=PATIENCE).status_code for item in detail["item"]} == {200}


@pytest.mark.parametrize(
    ("outcome", "status", "fail_idx"),
    [("2", 2, [1, 2]), ("2/2", 2, [2]), ("3", 3, []), ("4/1+2", 4, [1, 2]), ("5", 5, []), ("6", 6, [])],
)
def test_a_publication_can_end_in_each_way_the_platform_knows(
    lasting_school: Caller, outcome: str, status: int, fail_idx: list[int]
) -> None:
    lasting_school.fault(f"freepublish/submit:outcome={outcome}*1")
    articles = [lasting_school.article(), lasting_school.article()]
    media_id = lasting_school.post("draft/add", {"articles": articles})["media_id"]
    publish_id = lasting_school.submit(media_id)["publish_id"]
    assert lasting_school.status(publish_id) == {
        "publish_id": publish_id,
        "publish_status": status,
        "fail_idx": fail_idx,
    }


def test_a_draft_survives_a_publication_that_failed(school: Caller) -> None:
    school.fault("freepublish/submit:outcome=4*1")
    media_id = school.draft()
    school.submit(media_id)
    assert errcode(school.post("draft/get", {"media_id": media_id})) == 0
    assert errcode(school.submit(media_id)) == 0


def test_a_draft_may_be_made_to_die_with_its_failed_publication() -> None:
    settings = Settings(publish_delay=0, drafts_survive_failure=False)
    with start(platform=Platform(accounts=[Account("wx", "s")], settings=settings)) as box:
        caller = Caller(box, "wx", "s")
        caller.fault("freepublish/submit:outcome=4*1")
        media_id = caller.draft()
        caller.submit(media_id)
        assert errcode(caller.post("draft/get", {"media_id": media_id})) == 40007


def test_a_deleted_article_is_marked_and_its_publication_ends_as_deleted(school: Caller) -> None:
    ended = school.published()
    article_id, publish_id = ended["article_id"], ended["publish_id"]
    assert errcode(school.post("freepublish/delete", {"article_id": article_id, "index": 2})) == 40114
    assert errcode(school.post("freepublish/delete", {"article_id": article_id, "index": 1})) == 0
    item = school.post("freepublish/getarticle", {"article_id": article_id})["news_item"][0]
    assert (item["is_deleted"], school.status(publish_id)["publish_status"]) == (True, 5)
    assert "该内容已被发布者删除" in requests.get(item["url"], timeout=PATIENCE).text


def test_one_of_two_articles_can_be_deleted_counted_from_one(school: Caller) -> None:
    media_id = school.post("draft/add", {"articles": [school.article(), school.article()]})["media_id"]
    article_id = school.status(school.submit(media_id)["publish_id"])["article_id"]
    school.post("freepublish/delete", {"article_id": article_id, "index": 2})
    items = school.post("freepublish/getarticle", {"article_id": article_id})["news_item"]
    assert [item["is_deleted"] for item in items] == [False, True]


def test_a_ban_by_the_platform_shows_only_when_asked_again(school: Caller) -> None:
    ended = school.published()
    url = f"{school.box.base_url}/sandbox/publications/{ended['article_id']}/ban"
    requests.post(url, timeout=PATIENCE)
    assert school.status(ended["publish_id"])["publish_status"] == 6
    page = requests.get(ended["article_detail"]["item"][0]["article_url"], timeout=PATIENCE)
    assert "此内容因违规无法查看" in page.text


def test_publications_are_listed_newest_first_without_bodies_on_demand(school: Caller) -> None:
    ids = [school.published(title=title)["article_id"] for title in ("甲", "乙")]
    page = school.post("freepublish/batchget", {"offset": 0, "count": 1, "no_content": 1})
    assert (page["total_count"], page["item_count"], page["item"][0]["article_id"]) == (2, 1, ids[1])
    item = page["item"][0]["content"]["news_item"][0]
    assert (item["title"], item["is_deleted"], "content" in item) == ("乙", False, False)
    assert errcode(school.post("freepublish/batchget", {"offset": 0, "count": 21})) == 40097


def test_ids_nobody_was_given_are_refused(school: Caller) -> None:
    answers = [
        errcode(school.status(1)),
        errcode(school.post("freepublish/getarticle", {"article_id": "x"})),
        errcode(school.post("freepublish/delete", {"article_id": "x"})),
    ]
    assert answers == [53502, 53600, 53600]


def test_an_unverified_account_has_drafts_and_pictures_and_nothing_else(club: Caller) -> None:
    media_id = club.draft()
    yesterday = {"begin_date": "2026-11-21", "end_date": "2026-11-21"}
    refused = [
        errcode(club.submit(media_id)),
        errcode(club.status(1)),
        errcode(club.post("freepublish/batchget", {"offset": 0, "count": 1})),
        errcode(club.mass_send(media_id)),
        errcode(club.post("comment/list", {"msg_data_id": 1, "count": 1})),
        errcode(club.post("datacube/getbizsummary", yesterday)),
    ]
    assert (refused, club.get("draft/count")) == ([48001] * 6, {"total_count": 1})


def test_comments_open_and_close_on_an_article_counted_from_zero(school: Caller) -> None:
    msg_data_id = school.submit(school.draft())["msg_data_id"]
    named = {"msg_data_id": msg_data_id, "index": 0}
    answers = [
        errcode(school.post("comment/open", named)),
        errcode(school.post("comment/list", {**named, "begin": 0, "count": 49, "type": 0})),
        errcode(school.post("comment/list", {**named, "begin": 0, "count": 50, "type": 0})),
        errcode(school.post("comment/close", {**named, "index": 1})),
        errcode(school.post("comment/open", {"msg_data_id": 1, "index": 0})),
    ]
    assert answers == [0, 0, 40097, 40114, 88001]


def test_readings_of_a_page_show_in_the_figures_of_the_next_day(school: Caller, clock: StandingClock) -> None:
    sent = school.submit(school.draft())
    url = school.status(sent["publish_id"])["article_detail"]["item"][0]["article_url"]
    for _ in range(2):
        requests.get(url, timeout=PATIENCE)
    today = {"begin_date": "2026-11-22", "end_date": "2026-11-22"}
    assert errcode(school.post("datacube/getbizsummary", today)) == 61501
    clock.pass_time(24 * 3600)
    caller = Caller(school.box, school.appid, school.secret)
    assert caller.post("datacube/getbizsummary", today)["list"] == [
        {"ref_date": "2026-11-22", "detail": {"read_user": 2, "share_user": 0}}
    ]
    assert caller.post("datacube/getarticletotaldetail", today)["list"] == [
        {
            "ref_date": "2026-11-22",
            "msgid": f"{sent['msg_data_id']}_1",
            "publish_type": 1,
            "title": "校运会开幕",
            "detail_list": [{"stat_date": "2026-11-22", "read_user": 2, "share_user": 0}],
        }
    ]
    assert errcode(caller.post("datacube/getusercumulate", {"begin_date": "x", "end_date": "x"})) == 61500
