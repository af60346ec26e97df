"""Sending to all followers: once a day, safe to repeat under the same key, never listed with publications."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.caller import Caller, StandingClock, errcode


@pytest.fixture
def generous_school(school: Caller) -> Caller:
    account = school.box.platform.accounts.get("wx_school")
    assert account
    school.box.platform.accounts.put(replace(account, mass_sends=10))
    return school


def test_a_send_uses_up_its_draft_and_succeeds_later(school: Caller) -> None:
    media_id = school.draft()
    sent = school.mass_send(media_id)
    assert set(sent) == {"errcode", "errmsg", "msg_id", "msg_data_id"}
    assert school.post("message/mass/get", {"msg_id": sent["msg_id"]}) == {
        "msg_id": sent["msg_id"],
        "msg_status": "SEND_SUCCESS",
    }
    assert errcode(school.post("draft/get", {"media_id": media_id})) == 40007


def test_one_send_a_day(school: Caller, clock: StandingClock) -> None:
    answers = [errcode(school.mass_send(school.draft())) for _ in range(2)]
    clock.pass_time(24 * 3600)
    tomorrow = Caller(school.box, school.appid, school.secret)
    assert [*answers, errcode(tomorrow.mass_send(tomorrow.draft()))] == [0, 45028, 0]


def test_a_service_account_counts_its_sends_by_month(school: Caller, clock: StandingClock) -> None:
    account = school.box.platform.accounts.get("wx_school")
    assert account
    school.box.platform.accounts.put(replace(account, mass_sends=1, mass_period="month"))
    answers = [errcode(school.mass_send(school.draft()))]
    for days in (1, 9):
        clock.pass_time(days * 24 * 3600)
        caller = Caller(school.box, school.appid, school.secret)
        answers.append(errcode(caller.mass_send(caller.draft())))
    assert answers == [0, 45028, 0]


def test_a_send_that_fails_is_not_counted(school: Caller) -> None:
    school.fault("message/mass/sendall:outcome=err(20001)*1")
    first = school.mass_send(school.draft())
    assert school.post("message/mass/get", {"msg_id": first["msg_id"]})["msg_status"] == "SEND_FAIL"
    assert errcode(school.mass_send(school.draft())) == 0


def test_the_same_key_sends_once_and_names_the_message_already_sent(generous_school: Caller) -> None:
    first = generous_school.mass_send(generous_school.draft(), key="pub-1")
    again = generous_school.mass_send(generous_school.draft(), key="pub-1")
    other = generous_school.mass_send(generous_school.draft(), key="pub-2")
    assert (again["errcode"], again["msg_id"], "msg_data_id" in again) == (45065, first["msg_id"], False)
    assert errcode(other) == 0


def test_a_key_is_remembered_for_a_day(generous_school: Caller, clock: StandingClock) -> None:
    generous_school.mass_send(generous_school.draft(), key="pub-1")
    clock.pass_time(24 * 3600)
    tomorrow = Caller(generous_school.box, generous_school.appid, generous_school.secret)
    assert errcode(tomorrow.mass_send(tomorrow.draft(), key="pub-1")) == 0


def test_a_key_longer_than_64_bytes_is_refused(school: Caller) -> None:
    media_id = school.draft()
    assert [errcode(school.mass_send(media_id, key="k" * length)) for length in (65, 64)] == [45067, 0]


def test_sent_articles_are_never_listed_with_publications(school: Caller) -> None:
    school.mass_send(school.draft())
    assert school.post("freepublish/batchget", {"offset": 0, "count": 20})["total_count"] == 0
    assert [each.notified for each in school.box.platform.publications] == [True]


def test_a_sent_page_can_be_deleted(school: Caller) -> None:
    msg_id = school.mass_send(school.draft())["msg_id"]
    school.post("message/mass/get", {"msg_id": msg_id})
    assert errcode(school.post("message/mass/delete", {"msg_id": msg_id, "article_idx": 1})) == 0
    assert school.post("message/mass/get", {"msg_id": msg_id})["msg_status"] == "DELETE"


def test_a_preview_uses_nothing_up(school: Caller) -> None:
    media_id = school.draft()
    asked = {"towxname": "someone", "mpnews": {"media_id": media_id}, "msgtype": "mpnews"}
    assert errcode(school.post("message/mass/preview", asked)) == 0
    assert errcode(school.mass_send(media_id)) == 0


def test_what_cannot_be_sent_is_refused(school: Caller) -> None:
    media_id = school.draft()
    news = {"mpnews": {"media_id": media_id}}
    answers = [
        errcode(school.post("message/mass/sendall", {"filter": {}, "text": {"content": "x"}, "msgtype": "text"})),
        errcode(school.post("message/mass/sendall", {**news, "msgtype": "mpnews"})),
        errcode(school.mass_send("unknown")),
        errcode(school.post("message/mass/get", {"msg_id": 1})),
    ]
    assert answers == [48008, 40097, 40007, 40059]
