"""The life of an account in a browser: applied for, filed, changed, cancelled; and the self-test of its interface."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from models import AccountState, AccountTask
from tests.app_process import RunningApp
from tests.browser.steps import SignedIn, assert_no_fault, by_key, fill, press, upload, wait_idle
from tests.documents import photograph

HEAD, APPROVER, REVIEWER, ADMIN = "zhangjg", "chenbz", "liyun", "linke"


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    path = tmp_path / "注册成功.jpg"
    path.write_bytes(photograph(320, 200))
    return path


def test_an_account_from_its_application_to_its_end(signed_in: SignedIn, running_app: RunningApp, proof: Path) -> None:
    with signed_in(HEAD, "/accounts?accounts_view=申请开通") as desk:
        number = _apply(desk)
    account = f"/account?id={number}"
    with signed_in(APPROVER, account) as desk:
        _press_one(desk, "request-grant-")
    with signed_in(HEAD, account) as desk:
        _prove(desk, number, proof)
    with signed_in(REVIEWER, account) as desk:
        press(desk, f"activate-{number}")
        _is(desk, AccountState.ACTIVE)
        expect(desk.get_by_text(re.compile(r"XC-WX-\d{4}-\d{3}"))).to_be_visible()

    with signed_in(HEAD, account) as desk:
        _ask_for_another_name(desk, number)
    with signed_in(APPROVER, account) as desk:
        _press_one(desk, "request-grant-")
        expect(desk.get_by_role("heading", name="演练大学本科教学")).to_be_visible()

    with signed_in(HEAD, account) as desk:
        _unfold(desk, f"ask-end-{number}")
        fill(desk, f"end-reason-{number}", "职能并入学校主号")
        press(desk, f"end-send-{number}")
        expect(desk.get_by_text("注销申请已提交")).to_be_visible()
    with signed_in(APPROVER, account) as desk:
        _press_one(desk, "request-grant-")
        _is(desk, AccountState.CANCELLING)

    with signed_in(HEAD, account) as desk:
        for task in (AccountTask.BACKUP, AccountTask.OPEN_CASES, AccountTask.NOTICE, AccountTask.EMBLEM):
            _complete(desk, number, task, proof)
        _let_the_notice_hang(running_app)
        for task in (AccountTask.WECHAT_CANCEL, AccountTask.PROOF):
            _complete(desk, number, task, proof)
    with signed_in(REVIEWER, account) as desk:
        press(desk, f"open-close-{number}")
        press(desk, f"close-{number}")
        _is(desk, AccountState.CANCELLED)


def test_the_self_test_says_in_words_what_the_interface_may_do(signed_in: SignedIn) -> None:
    with signed_in(ADMIN, "/account?id=1") as desk:
        desk.get_by_role("tab", name="凭证与自检").click()
        press(desk, "probe-1")

        test = by_key(desk, "self-test")
        expect(test.get_by_text("AppID、AppSecret 正确，本服务器地址在白名单里。")).to_be_visible()
        expect(test.get_by_text("可以用接口发布和群发。")).to_be_visible()
        expect(desk.get_by_text(re.compile(r"微信说当天接口还可调用：新建草稿 \d+ 次"))).to_be_visible()


def _apply(desk: Page) -> str:
    answers = {
        "name": "演练大学教务处",
        "purpose": "发布选课、考试和毕业通知",
        "first_responsible": "张建国",
        "admin_a": "刘洋",
        "admin_b": "何静",
        "contact": "010-60000009",
    }
    for name, text in answers.items():
        fill(desk, f"apply-{name}", text)
    press(desk, "apply-send")
    desk.wait_for_url(re.compile(r"/account\?id=\d+"))
    wait_idle(desk)
    return desk.url.rpartition("=")[2]


def _prove(desk: Page, number: str, proof: Path) -> None:
    fill(desk, f"register-{number}-2-wechat", "yldx_jwc")
    upload(desk, f"register-proof-{number}", proof)
    press(desk, f"register-send-{number}")
    _is(desk, AccountState.REGISTERED)


def _ask_for_another_name(desk: Page, number: str) -> None:
    _unfold(desk, f"ask-change-{number}")
    fill(desk, f"change-{number}-4-name-name", "演练大学本科教学")
    fill(desk, f"change-{number}-4-name-reason", "职能更名")
    press(desk, f"change-send-{number}")
    expect(desk.get_by_text("变更申请已提交")).to_be_visible()


def _complete(desk: Page, number: str, task: AccountTask, proof: Path) -> None:
    name = f"duty-{task.value}-{number}"
    press(desk, f"open-{name}")
    if task in (AccountTask.BACKUP, AccountTask.PROOF):
        upload(desk, f"{name}-proof", proof)
    press(desk, name)
    expect(by_key(desk, name)).to_have_count(0)


def _let_the_notice_hang(running_app: RunningApp) -> None:
    """Nobody waits a week in a test: the notice and what went before it happened eight days earlier."""
    with closing(sqlite3.connect(running_app.home / "weishentai.db", timeout=60)) as database, database:
        database.execute("UPDATE accountduty SET done_on = date(done_on, '-8 days') WHERE task = 'notice'")


def _press_one(desk: Page, beginning: str) -> None:
    """Press the only button whose key begins so: the number of a request is nobody's business."""
    pressed = desk.locator(f'[class*="st-key-{beginning}"]')
    pressed.get_by_role("button").first.click()
    expect(pressed).to_have_count(0)
    wait_idle(desk)
    assert_no_fault(desk)


def _unfold(desk: Page, key: str) -> None:
    by_key(desk, key).locator("summary").first.click()
    wait_idle(desk)


def _is(desk: Page, state: AccountState) -> None:
    expect(desk.get_by_text(state.label, exact=True).first).to_be_visible()
