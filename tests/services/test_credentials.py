"""Credentials are sealed, dated and never shown; the self-test says in plain words what WeChat lets an account do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import stamina
from sqlmodel import col, select

from models import AccountKind, AccountTest, AuditAction, AuditEvent, InterfaceRight, OfficialAccount, PublicationWay
from sandbox.records import Account
from services import accounts, credentials, interface_probe
from services.errors import InvalidInput, NotAllowed, StaleState, WrongState
from services.interface_probe import ProbeOutcome
from services.ports import WeChatCredentials
from tests.office import Office
from tests.press import APP_ID, SECRET, Press, running_press

NEW_SECRET = "0123456789abcdef" * 2
TOKEN = "aToken2026"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=1):
        yield


def stored(office: Office) -> OfficialAccount:
    with office.reading() as session:
        return session.get_one(OfficialAccount, office.account_id)


def change(office: Office, who: str = "小林", **given: Any) -> OfficialAccount:
    version = given.pop("seen_version", stored(office).version)
    with office.acting_as(who) as work:
        return credentials.change(work, office.box, account_id=office.account_id, seen_version=version, **given)


def last_event(office: Office) -> tuple[AuditAction, str]:
    with office.reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence).desc())).first()
    assert event is not None
    return event.action, event.details


def test_what_is_changed_is_sealed_and_dated_and_the_rest_stays(office: Office) -> None:
    entered = stored(office).app_secret_changed_at
    office.later(days=1)

    change(office, token=TOKEN, encoding_aes_key=AES_KEY)

    account = stored(office)
    opened = {
        "secret": office.box.open(account.app_secret_sealed or ""),
        "token": office.box.open(account.callback_token_sealed or ""),
        "key": office.box.open(account.encoding_aes_key_sealed or ""),
    }
    assert opened == {"secret": SECRET, "token": TOKEN, "key": AES_KEY}
    assert (account.app_secret_changed_at, account.callback_token_changed_at) == (entered, office.now)


def test_a_rotated_secret_leaves_no_trace_in_the_trail_and_voids_the_last_test(office: Office) -> None:
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, office.account_id).interface_right = InterfaceRight.FULL

    change(office, app_secret=NEW_SECRET)

    action, details = last_event(office)
    assert (action, json.loads(details)) == (AuditAction.CREDENTIALS_CHANGED, {"changed": ["app_secret"]})
    account = stored(office)
    assert account.interface_right is InterfaceRight.UNTESTED
    assert NEW_SECRET not in f"{account.model_dump()}{details}"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"app_id": "gh_12345"}, "app_id"),
        ({"app_secret": "short"}, "app_secret"),
        ({"token": "有中文"}, "token"),
        ({"encoding_aes_key": "a" * 42}, "encoding_aes_key"),
        ({"app_id": "wx00000000000000b2"}, "app_secret"),  # another account's interface needs its own secret
    ],
)
def test_credentials_of_a_wrong_form_are_refused(office: Office, given: dict[str, str], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change(office, **given)

    assert refusal.value.field == field
    assert stored(office).app_id == APP_ID


def test_an_app_id_belongs_to_one_account(office: Office) -> None:
    with office.as_system() as work:
        accounts.register(
            work,
            office.box,
            name="测试大学服务",
            kind=AccountKind.SERVICE,
            owner_department_id=office.departments["宣传部"],
            credentials=WeChatCredentials("wx00000000000000b2", NEW_SECRET),
        )

    with pytest.raises(InvalidInput, match="这个 AppID 已登记在“测试大学服务”名下"):
        change(office, app_id="wx00000000000000b2", app_secret=NEW_SECRET)


@pytest.mark.parametrize("who", ["老李", "陈部长", "小赵", "孙老师", "徐校长"])
def test_only_the_administrator_touches_credentials(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed, match="只有系统管理员可以登记和更换公众号凭证"):
        change(office, who, app_secret=NEW_SECRET)
    with office.acting_as(who) as work, pytest.raises(NotAllowed):
        credentials.forget(work, account_id=office.account_id, seen_version=stored(office).version)


def test_a_change_made_on_an_old_page_is_refused(office: Office) -> None:
    with pytest.raises(StaleState):
        change(office, app_secret=NEW_SECRET, seen_version=stored(office).version - 1)


def test_forgotten_credentials_are_gone(office: Office) -> None:
    with office.acting_as("小林") as work:
        credentials.forget(work, account_id=office.account_id, seen_version=stored(office).version)

    account = stored(office)
    assert accounts.credentials_of(account, office.box) is None
    assert (account.app_id, account.app_secret_sealed, account.app_secret_changed_at) == (None, None, None)


# --- The self-test ---------------------------------------------------------------------------------------


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as running:
        yield running


def platform_account(press: Press) -> Account:
    account = press.platform.accounts.get(APP_ID)
    assert account is not None
    return account


def probe(press: Press, secret: str = SECRET) -> ProbeOutcome:
    return interface_probe.probe(press.runtime.wechat.account(WeChatCredentials(APP_ID, secret)))


def said(outcome: ProbeOutcome) -> list[tuple[str, bool, str]]:
    return [(each.step, each.ok, each.code) for each in outcome.findings]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_verified_account_may_do_everything_and_shows_what_is_left(press: Press) -> None:
    outcome = probe(press)

    assert outcome.right is InterfaceRight.FULL
    assert said(outcome) == [("密钥与 IP 白名单", True, ""), ("草稿箱", True, ""), ("接口发布", True, "")]
    assert outcome.quotas == {"新建草稿": 1000, "接口发布": 100, "接口群发": 100}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unverified_account_keeps_the_ways_that_need_no_right(press: Press) -> None:
    platform_account(press).verified = False

    outcome = probe(press)

    assert outcome.right is InterfaceRight.DRAFTS
    assert said(outcome)[-1] == ("接口发布", False, "48001")
    assert "存入草稿箱，由人在公众平台发出" in outcome.findings[-1].sentence


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_unlisted_server_reads_the_address_to_add(press: Press) -> None:
    probe(press)  # even with a token still kept
    platform_account(press).whitelist = ["203.0.113.9"]

    outcome = probe(press)

    assert (outcome.right, said(outcome)) == (
        InterfaceRight.NOTHING,
        [("密钥与 IP 白名单", False, "40164")],
    )
    assert "加入 127.0.0.1" in outcome.findings[0].sentence


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_wrong_secret_is_told_from_everything_else(press: Press) -> None:
    outcome = probe(press, "e" * 32)

    assert outcome.right is InterfaceRight.NOTHING
    assert outcome.findings[0].sentence.startswith("公众号的 AppSecret 不正确")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_the_test_found_is_kept_with_its_time(press: Press) -> None:
    office = press.office
    outcome = probe(press)

    with office.acting_as("小赵") as work:
        interface_probe.keep(work, account_id=office.account_id, outcome=outcome)

    with office.reading() as session:
        kept = session.exec(select(AccountTest)).one()
    assert (kept.right, kept.tested_at, kept.quotas["接口发布"]) == (InterfaceRight.FULL, office.now, 100)
    assert stored(office).interface_right is InterfaceRight.FULL


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_a_test_found_narrows_the_ways_and_the_next_one_widens_them(press: Press) -> None:
    office = press.office
    submission_id = office.approved()
    platform_account(press).verified = False
    examined(press)

    with pytest.raises(WrongState, match="最近一次接口自检没有发布和群发的权限：请选择“存入草稿箱”"):
        press.queued(submission_id, way=PublicationWay.PUBLISH)
    platform_account(press).verified = True
    examined(press)

    publication_id = press.queued(submission_id, way=PublicationWay.PUBLISH)
    assert press.row(publication_id).way is PublicationWay.PUBLISH


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "fault", ["stable_token:errcode=-1", "draft/count:errcode=45009", "freepublish/batchget:errcode=-1"]
)
def test_an_hour_in_which_wechat_is_busy_takes_no_right_away(press: Press, fault: str) -> None:
    examined(press)
    press.platform.faults.add(fault)

    outcome = examined(press)

    assert (outcome.right, outcome.findings[-1].ok) == (None, False)
    assert stored(press.office).interface_right is InterfaceRight.FULL


def examined(press: Press) -> ProbeOutcome:
    """A self-test from the first call to the kept result."""
    outcome = probe(press)
    with press.office.acting_as("小林") as work:
        interface_probe.keep(work, account_id=press.office.account_id, outcome=outcome)
    return outcome


@pytest.mark.parametrize("who", ["孙老师", "徐校长"])
def test_readers_of_the_register_do_not_test(office: Office, who: str) -> None:
    with office.acting_as(who) as work, pytest.raises(NotAllowed):
        interface_probe.keep(work, account_id=office.account_id, outcome=ProbeOutcome(InterfaceRight.FULL, (), {}))
