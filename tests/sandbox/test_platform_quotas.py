"""Calls per day, and the small calls that ask about the platform itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.sandbox.caller import Caller, StandingClock, errcode


def limit(caller: Caller, **quotas: int) -> None:
    account = caller.box.platform.accounts.get(caller.appid)
    assert account
    named = {name.replace("__", "/"): calls for name, calls in quotas.items()}
    caller.box.platform.accounts.put(replace(account, quotas=named))


def test_a_used_up_quota_refuses_until_the_next_day_in_china(school: Caller, clock: StandingClock) -> None:
    limit(school, draft__count=2)
    answers = [errcode(school.get("draft/count")) for _ in range(3)]
    clock.pass_time(15 * 3600)
    tomorrow = Caller(school.box, school.appid, school.secret)
    assert [*answers, errcode(tomorrow.get("draft/count"))] == [0, 0, 45009, 0]


def test_the_quota_of_an_endpoint_can_be_asked_for(school: Caller) -> None:
    school.draft()
    answer = school.post("openapi/quota/get", {"cgi_path": "/cgi-bin/draft/add"})
    assert answer["quota"] == {"daily_limit": 1000, "used": 1, "remain": 999}
    assert errcode(school.post("openapi/quota/get", {"cgi_path": "/cgi-bin/no/such"})) == 76021


@pytest.mark.parametrize(
    ("path", "calls"),
    [("freepublish/submit", 100), ("freepublish/get", 100), ("freepublish/delete", 10), ("draft/get", 500)],
)
def test_a_new_account_has_the_documented_quotas(lasting_school: Caller, path: str, calls: int) -> None:
    answer = lasting_school.post("openapi/quota/get", {"cgi_path": f"/cgi-bin/{path}"})
    assert answer["quota"]["daily_limit"] == calls


def test_a_cleared_quota_counts_from_zero_ten_times_a_month(school: Caller) -> None:
    limit(school, draft__count=1)
    answers = []
    for _ in range(11):
        school.get("draft/count")
        answers.append(errcode(school.post("clear_quota", {"appid": school.appid})))
    assert answers == [0] * 10 + [48006]
    assert errcode(school.get("draft/count")) == 45009


def test_an_account_clears_only_its_own_quota(school: Caller) -> None:
    assert errcode(school.post("clear_quota", {"appid": "wx_club"})) == 40013


def test_the_platform_tells_its_addresses(school: Caller) -> None:
    calls = ["get_api_domain_ip", "getcallbackip"]
    assert [school.get(call) for call in calls] == [{"ip_list": ["127.0.0.1"]}] * 2


def test_the_network_check_answers_what_was_asked(school: Caller) -> None:
    answer = school.post("callback/check", {"action": "dns", "check_operator": "DEFAULT"})
    assert answer == {"dns": [{"ip": "127.0.0.1", "real_operator": "DEFAULT"}], "ping": []}
    wrong = [{"action": "x", "check_operator": "DEFAULT"}, {"action": "all", "check_operator": "x"}]
    assert [errcode(school.post("callback/check", each)) for each in wrong] == [40201, 40202]


def test_unknown_calls_and_wrong_methods_are_refused(school: Caller) -> None:
    answers = [
        errcode(school.post("no/such", {})),
        errcode(school.post("draft/count", {})),
        errcode(school.get("draft/add")),
    ]
    assert answers == [40066, 43001, 43002]
