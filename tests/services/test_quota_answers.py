"""问一下微信: who may ask what WeChat says is left, how often, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from models import AccountState, OfficialAccount
from services import credentials, interface_probe, quota_answers
from services.errors import IncompleteSettings, NotAllowed, NotFound, Refusal, WrongState
from services.ports import WeChatCredentials
from services.queries import send_quotas
from services.queries.send_quotas import Answered
from services.rules.send_quota import SendQuota
from tests.office import Office
from tests.press import APP_ID, SECRET, Press, running_press

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FULL = {"新建草稿": 1000, "接口发布": 100, "接口群发": 100}


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as running:
        yield running


def asked(press: Press, who: str = "小赵") -> dict[str, int]:
    """One press of the button from first to last."""
    office = press.office
    with office.acting_as(who) as work:
        opened = quota_answers.begin(work, office.box, account_id=office.account_id)
    left = quota_answers.ask(press.runtime.wechat.account(opened))
    with office.acting_as(who) as work:
        quota_answers.keep(work, account_id=office.account_id, left=left)
    return left


def answer(office: Office) -> Answered | None:
    with office.reading() as session:
        return send_quotas.last_answer(session, office.account_id)


def refused(office: Office, kind: type[Refusal], who: str = "小赵") -> str:
    with pytest.raises(kind) as refusal, office.acting_as(who) as work:
        quota_answers.begin(work, office.box, account_id=office.account_id)
    return refusal.value.sentence


def test_what_wechat_says_is_kept_with_who_asked_and_when(press: Press) -> None:
    before = answer(press.office)

    left = asked(press)

    assert (before, left) == (None, FULL)
    assert answer(press.office) == Answered(FULL, press.office.now, "小赵")


@sqlite_is_enough
def test_an_answer_stands_for_ten_minutes_whoever_asks(press: Press) -> None:
    asked(press)
    press.office.later(minutes=9)

    sentence = refused(press.office, WrongState, "小林")
    press.office.later(minutes=1)
    asked(press, "小林")

    assert sentence.startswith("09:00 刚刚问过")
    assert answer(press.office) == Answered(FULL, press.office.now, "小林")


@sqlite_is_enough
def test_a_self_test_answers_too(press: Press) -> None:
    office = press.office
    asked(press)
    office.later(hours=1)
    outcome = interface_probe.probe(press.runtime.wechat.account(WeChatCredentials(APP_ID, SECRET)))
    with office.acting_as("小林") as work:
        interface_probe.keep(work, account_id=office.account_id, outcome=outcome)

    newest = answer(office)
    refused(office, WrongState)

    assert newest == Answered(FULL, office.now, "小林")


@sqlite_is_enough
def test_our_own_count_stays_the_gate(press: Press) -> None:
    def own() -> SendQuota:
        with press.office.reading() as session:
            account = session.get_one(OfficialAccount, press.office.account_id)
            return send_quotas.sends_left(session, account, press.office.now)

    before = own()
    asked(press)

    assert own() == before


@sqlite_is_enough
def test_what_wechat_does_not_tell_is_said_and_not_kept(press: Press) -> None:
    press.platform.faults.add("openapi/quota/get:errcode=76022*9")

    with pytest.raises(WrongState, match="以本系统自己的计数为准"):
        asked(press)

    assert answer(press.office) is None


@pytest.mark.parametrize("who", ["孙老师", "徐校长"])
@sqlite_is_enough
def test_readers_of_the_register_do_not_ask(office: Office, who: str) -> None:
    refused(office, NotAllowed, who)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        quota_answers.keep(work, account_id=office.account_id, left=FULL)


@sqlite_is_enough
def test_an_account_that_cannot_be_asked_for_is_refused(office: Office) -> None:
    with pytest.raises(NotFound), office.acting_as("小赵") as work:
        quota_answers.begin(work, office.box, account_id=999)
    with office.acting_as("小林") as work:
        seen = work.session.get_one(OfficialAccount, office.account_id).version
        credentials.forget(work, account_id=office.account_id, seen_version=seen)
    without = refused(office, IncompleteSettings)
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, office.account_id).state = AccountState.CANCELLED

    assert without.startswith("还没有登记 AppID")
    assert "已注销" in refused(office, WrongState)
