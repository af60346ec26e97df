"""Who may call: tokens, their life, and the addresses they may be fetched from."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import requests

from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import start
from tests.sandbox.caller import Caller, StandingClock, errcode
from tests.waiting import PATIENCE


def test_a_stable_token_is_the_same_until_its_last_five_minutes(school: Caller, clock: StandingClock) -> None:
    first = school.stable_token()
    clock.pass_time(6000)
    assert school.stable_token() == {**first, "expires_in": 1200}
    clock.pass_time(1000)
    second = school.stable_token()
    assert second["access_token"] != first["access_token"]
    assert second["expires_in"] == 7200
    assert errcode(school.get("draft/count", token=first["access_token"])) == 0


def test_a_forced_refresh_kills_the_token_before(school: Caller, clock: StandingClock) -> None:
    old = school.stable_token()["access_token"]
    clock.pass_time(30)
    new = school.stable_token(force_refresh=True)["access_token"]
    answers = [errcode(school.get("draft/count", token=each)) for each in (old, new)]
    assert answers == [40001, 0]


def test_forced_refreshes_must_be_thirty_seconds_apart(school: Caller, clock: StandingClock) -> None:
    school.stable_token(force_refresh=True)
    clock.pass_time(29)
    assert errcode(school.stable_token(force_refresh=True)) == 45011
    clock.pass_time(1)
    assert errcode(school.stable_token(force_refresh=True)) == 0


def test_forced_refreshes_end_after_twenty_a_day(school: Caller, clock: StandingClock) -> None:
    answers = []
    for _ in range(21):
        clock.pass_time(30)
        answers.append(errcode(school.stable_token(force_refresh=True)))
    assert answers == [0] * 20 + [45009]


def test_a_plain_token_works_five_minutes_beside_its_successor(school: Caller, clock: StandingClock) -> None:
    old, new = school.plain_token()["access_token"], school.plain_token()["access_token"]
    assert [errcode(school.get("draft/count", token=each)) for each in (old, new)] == [0, 0]
    clock.pass_time(300)
    assert [errcode(school.get("draft/count", token=each)) for each in (old, new)] == [40001, 0]


def test_plain_tokens_and_stable_tokens_never_touch_each_other(school: Caller, clock: StandingClock) -> None:
    stable, plain = school.stable_token()["access_token"], school.plain_token()["access_token"]
    school.plain_token()
    school.stable_token(force_refresh=False)
    clock.pass_time(301)
    assert [errcode(school.get("draft/count", token=each)) for each in (stable, plain)] == [0, 40001]


def test_a_token_runs_out_after_two_hours(school: Caller, clock: StandingClock) -> None:
    token = school.token
    clock.pass_time(7200)
    assert errcode(school.get("draft/count", token=token)) == 42001


@pytest.mark.parametrize(("token", "code"), [("short", 40014), ("x" * 120, 40001)])
def test_a_token_nobody_issued_is_refused(lasting_school: Caller, token: str, code: int) -> None:
    assert errcode(lasting_school.get("draft/count", token=token)) == code


def test_a_call_without_a_token_is_refused(school: Caller) -> None:
    assert errcode(school.get("draft/count", access_token="")) == 41001


def test_wrong_credentials_are_refused_by_name(school: Caller) -> None:
    stranger = Caller(school.box, "wx_nobody", "x")
    nameless = Caller(school.box, "", "x")
    silent = Caller(school.box, "wx_school", "")
    answers = [
        errcode(school.stable_token(secret="wrong")),
        errcode(stranger.stable_token()),
        errcode(nameless.stable_token()),
        errcode(silent.stable_token()),
    ]
    assert answers == [40125, 40013, 41002, 41004]


def test_the_token_endpoint_wants_its_grant_type(school: Caller) -> None:
    assert errcode(school.get("token", appid="wx_school", secret="secret-1")) == 40002


def test_an_address_off_the_whitelist_gets_no_token_and_is_named(school: Caller) -> None:
    account = school.box.platform.accounts.get("wx_school")
    assert account
    school.box.platform.accounts.put(replace(account, whitelist=["203.0.113.7"]))
    refused = school.stable_token()
    assert re.fullmatch(
        r"invalid ip 127\.0\.0\.1 ipv6 ::ffff:127\.0\.0\.1, not in whitelist rid: [0-9a-f]{8}(-[0-9a-f]{8}){2}",
        refused["errmsg"],
    )
    assert refused["errcode"] == 40164


def test_a_frozen_secret_gets_no_token(school: Caller) -> None:
    account = school.box.platform.accounts.get("wx_school")
    assert account
    school.box.platform.accounts.put(replace(account, secret_frozen=True))
    assert errcode(school.stable_token()) == 40243


def test_open_registration_accepts_any_account_at_first_sight_and_its_secret_from_then_on() -> None:
    with start(platform=Platform(settings=Settings(open_registration=True))) as box:
        newcomer = Caller(box, "wx_new", "chosen")
        assert errcode(newcomer.stable_token()) == 0
        assert errcode(newcomer.stable_token(secret="another")) == 40125


def test_tokens_end_on_request_as_expired_or_as_invalid(school: Caller) -> None:
    school.box.platform.accounts.put(Account("wx_other", "s"))
    other = Caller(school.box, "wx_other", "s")
    first, second = school.token, other.token
    for way in ("wx_school/tokens/expire", "wx_other/tokens/revoke"):
        requests.post(f"{school.box.base_url}/sandbox/accounts/{way}", timeout=PATIENCE)
    assert [errcode(school.get("draft/count", token=each)) for each in (first, second)] == [42001, 40001]
