"""Faults on demand: what was done before the answer failed, and how often a fault strikes."""

from __future__ import annotations

import json
import time

import pytest
import requests

from sandbox.faults import Effect, Fault, FaultSpecError
from tests.sandbox.caller import Caller, decoded, errcode
from tests.waiting import PATIENCE, until


def test_a_drop_before_commit_does_nothing_and_answers_nothing(school: Caller) -> None:
    article = {"articles": [school.article()]}
    school.fault("draft/add:drop-before-commit*1")
    with pytest.raises(requests.ConnectionError):
        school.post("draft/add", article)
    assert (school.committed("draft/add"), school.get("draft/count")) == (0, {"total_count": 0})
    assert errcode(school.post("draft/add", article)) == 0


def test_a_drop_after_commit_does_the_work_and_answers_nothing(school: Caller) -> None:
    article = {"articles": [school.article()]}
    school.fault("draft/add:drop-after-commit*1")
    with pytest.raises(requests.ConnectionError):
        school.post("draft/add", article)
    assert (school.committed("draft/add"), school.get("draft/count")) == (1, {"total_count": 1})


def test_a_lost_answer_to_a_submit_still_publishes_once(school: Caller) -> None:
    media_id = school.draft()
    school.fault("freepublish/submit:drop-after-commit*1")
    with pytest.raises(requests.ConnectionError):
        school.submit(media_id)
    assert errcode(school.submit(media_id)) == 40007
    assert school.post("freepublish/batchget", {"offset": 0, "count": 20})["total_count"] == 1


@pytest.mark.parametrize(("effect", "done"), [("http", 0), ("http-after-commit", 1)])
def test_a_gateway_page_may_come_before_or_after_the_work(school: Caller, effect: str, done: int) -> None:
    raw = json.dumps({"articles": [school.article()]}).encode()
    school.fault(f"draft/add:{effect}=502*1")
    answer = school.send("draft/add", raw)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html; charset=utf-8")
    assert school.committed("draft/add") == done


@pytest.mark.parametrize(("effect", "done"), [("errcode", 0), ("errcode-after-commit", 1)])
def test_system_busy_may_come_before_or_after_the_work(school: Caller, effect: str, done: int) -> None:
    article = {"articles": [school.article()]}
    school.fault(f"draft/add:{effect}=-1*1")
    assert errcode(school.post("draft/add", article)) == -1
    assert school.get("draft/count") == {"total_count": done}


def test_an_answer_may_be_cut_short_after_the_work(school: Caller) -> None:
    article = {"articles": [school.article()]}
    school.fault("draft/add:cut-json*1")
    with pytest.raises(ValueError, match="Unterminated string"):
        school.post("draft/add", article)
    assert school.get("draft/count") == {"total_count": 1}


def test_a_caller_who_gives_up_waiting_may_find_the_work_done(school: Caller) -> None:
    school.fault("draft/switch:delay-after-commit=60*1")
    with pytest.raises(requests.ReadTimeout):
        school.send("draft/switch", b"{}", patience=0.1)
    until(lambda: school.committed("draft/switch") == 1)


def test_delays_of_all_matching_faults_add_up(school: Caller) -> None:
    assert school.token
    school.fault("*:delay=0.05*1")
    school.fault("draft/*:delay=0.05*1")
    began = time.monotonic()
    school.get("draft/count")
    assert time.monotonic() - began >= 0.1


def test_a_fault_of_every_call_leaves_the_event_pushes_alone(school: Caller) -> None:
    school.fault("*:delay=0.01*3")
    assert school.box.platform.faults.take_waiting("event", Effect.DELAY) == 0


def test_a_fault_strikes_as_often_as_it_says_and_from_the_call_it_says(school: Caller) -> None:
    school.fault("draft/count:errcode=45011*2@2")
    assert [errcode(school.get("draft/count")) for _ in range(4)] == [0, 45011, 45011, 0]


def test_a_publish_check_can_refuse_every_draft_until_it_is_cleared(school: Caller) -> None:
    school.fault("freepublish/submit:errcode=53503")
    media_id = school.draft()
    refused = [errcode(school.submit(media_id)) for _ in range(2)]
    requests.delete(f"{school.box.base_url}/sandbox/faults", timeout=PATIENCE)
    assert [*refused, errcode(school.submit(media_id))] == [53503, 53503, 0]


def test_faults_are_set_and_listed_over_http(school: Caller) -> None:
    url = f"{school.box.base_url}/sandbox/faults"
    specs = ["draft/add:drop-after-commit*1", "*:delay=0.2"]
    requests.post(url, json={"faults": specs}, timeout=PATIENCE)
    assert requests.get(url, timeout=PATIENCE).json() == {"faults": specs}


def test_one_wrong_fault_refuses_the_whole_request(school: Caller) -> None:
    url = f"{school.box.base_url}/sandbox/faults"
    refused = requests.post(url, json={"faults": ["*:delay=1", "draft/add:explode"]}, timeout=PATIENCE)
    assert (refused.status_code, requests.get(url, timeout=PATIENCE).json()) == (400, {"faults": []})


@pytest.mark.parametrize(
    "spec",
    [
        "",
        "draft/add",
        "draft/add:explode",
        "draft/add:errcode",
        "draft/add:errcode=x",
        "draft/add:delay=-1",
        "draft/add:http=200",
        "draft/add:drop-after-commit=1",
        "draft/add:outcome=4",
        "freepublish/submit:outcome=7",
        "freepublish/submit:outcome=err(20001)",
        "draft/add:errcode=-1*x",
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(spec: str) -> None:
    with pytest.raises(FaultSpecError):
        Fault.parse(spec)


@pytest.mark.parametrize(
    "spec", ["*:delay=0.2", "media/uploadimg:errcode=-1*1@3", "freepublish/submit:outcome=4/1+2*1", "event:twice"]
)
def test_a_fault_is_written_as_it_is_read(spec: str) -> None:
    assert str(Fault.parse(spec)) == spec


def test_every_call_is_recorded_with_its_size_and_outcome(school: Caller) -> None:
    school.fault("draft/switch:errcode=-1*1")
    for _ in range(2):
        decoded(school.send("draft/switch", b'{"a":1}'))
    listed = requests.get(f"{school.box.base_url}/sandbox/calls?endpoint=draft/switch", timeout=PATIENCE).json()
    seen = [
        (call["method"], call["path"], call["appid"], call["body_size"], call["outcome"], call["committed"])
        for call in listed
    ]
    call = ("POST", "/cgi-bin/draft/switch", "wx_school", 7)
    assert seen == [(*call, "errcode -1", False), (*call, "ok", True)]


def test_the_state_counts_what_was_done(school: Caller) -> None:
    school.published(title="甲")
    school.draft()
    state = requests.get(f"{school.box.base_url}/sandbox/state", timeout=PATIENCE).json()
    assert (state["drafts"], [each["titles"] for each in state["publications"]]) == (1, [["甲"]])
    assert (state["committed"]["draft/add"], state["committed"]["freepublish/submit"]) == (2, 1)
