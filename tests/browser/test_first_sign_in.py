"""A live installation's first sign-in, signing out everywhere, and a disabled person's next click, in Chromium."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from services import database, installation
from services.bootstrap import bootstrap
from services.demo import DEMO_PASSWORD
from services.settings import load_settings
from tests.app_process import RunningApp, running
from tests.browser.steps import (
    NewContext,
    assert_no_fault,
    by_key,
    cookie_of,
    fill,
    press,
    sign_in,
    wait_for_cookie,
    wait_idle,
)

KEY = "a key of thirty-two characters and more, for this test only"
NEW_PASSWORD = "Xin-mima-2026"


def give_password(page: Page, username: str, password: str) -> None:
    """Send the sign-in form, whatever comes next."""
    page.locator('input[type="password"]').wait_for()
    wait_idle(page)
    page.locator('[data-testid="stForm"] input').first.fill(username)
    page.locator('input[type="password"]').fill(password)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").first.click()
    wait_idle(page)
    assert_no_fault(page)


def is_out(page: Page) -> None:
    expect(page.get_by_text("忘记密码")).to_be_visible()
    expect(by_key(page, "sign_out")).to_have_count(0)


def secret_on(page: Page) -> str:
    by_key(page, "second_factor").or_(page.get_by_test_id("stExpander")).first.locator("summary").click()
    shown = page.get_by_test_id("stCode").first
    expect(shown).to_be_visible()
    return re.sub(r"\s", "", shown.inner_text())


def test_first_administrator_chooses_a_password_and_binds_an_authenticator(tmp_path: Path, page: Page) -> None:
    live = {"WEISHENTAI_MODE": "live", "WEISHENTAI_SECRET_KEY": KEY, "WEISHENTAI_PUBLIC_URL": "https://desk.example"}
    settings = load_settings(home=tmp_path)
    database.upgrade(settings.database)
    runtime = bootstrap(settings)
    (admin,) = installation.first_administrator(runtime, username="root1").people
    runtime.close()

    with running(tmp_path, port=0, **live) as app:
        page.goto(f"{app.address}/people")
        give_password(page, "root1", admin.password)
        fill(page, "password_new", "short")
        fill(page, "password_repeated", "short")
        press(page, "password_save")
        expect(page.get_by_test_id("stAlert")).to_contain_text("密码太短")
        fill(page, "password_new", NEW_PASSWORD)
        fill(page, "password_repeated", NEW_PASSWORD)
        press(page, "password_save")

        expect(page.get_by_text("请先开启动态口令")).to_be_visible()
        totp = pyotp.TOTP(secret_on(page))
        fill(page, "second_factor_code", totp.now())
        press(page, "second_factor_on")
        expect(by_key(page, "recovery_codes_kept")).to_be_visible()
        codes = page.get_by_test_id("stCode").inner_text().split()
        press(page, "recovery_codes_kept")

        expect(page.locator("h1")).to_have_text("人员与部门")
        press(page, "sign_out")
        is_out(page)
        give_password(page, "root1", NEW_PASSWORD)
        expect(page.locator("h1")).to_have_count(0)
        fill(page, "code_typed", totp.at(datetime.now(UTC) + timedelta(seconds=30)))
        press(page, "code_send")
        expect(page.locator("h1")).to_have_text("人员与部门")
        press(page, "sign_out")
        last = cookie_of(page)
        give_password(page, "root1", NEW_PASSWORD)
        wait_for_cookie(page, other_than=last)
        page.reload()
        wait_idle(page)
        fill(page, "code_typed", codes[0])
        press(page, "code_send")
        expect(page.locator("h1")).to_have_text("人员与部门")

    assert len(codes) == 10


def test_signing_out_everywhere_ends_both_browsers(running_app: RunningApp, new_context: NewContext) -> None:
    here, there = new_context().new_page(), new_context().new_page()
    for page in (here, there):
        page.goto(running_app.address)
        sign_in(page, "wangxm", DEMO_PASSWORD)

    here.goto(f"{running_app.address}/my_account")
    press(here, "sign_out_everywhere")
    is_out(here)
    there.get_by_role("link", name="我的稿件").first.click()

    is_out(there)
    there.reload()
    is_out(there)


def test_disabled_person_is_out_at_the_next_click(running_app: RunningApp, new_context: NewContext) -> None:
    theirs, admins = new_context().new_page(), new_context().new_page()
    theirs.goto(running_app.address)
    sign_in(theirs, "maj", DEMO_PASSWORD)
    admins.goto(f"{running_app.address}/people")
    sign_in(admins, "linke", DEMO_PASSWORD)
    fill(admins, "people_text", "maj")
    opening = admins.get_by_role("button", name="打开")
    expect(opening).to_have_count(1)
    opening.click()
    expect(admins.get_by_role("heading", name="马骏")).to_be_visible()
    wait_idle(admins)
    admins.get_by_test_id("stExpander").last.locator("summary").click()
    expect(by_key(admins, "disable")).to_be_visible()
    if by_key(admins, "handover").count():
        fill(admins, "handover", "由钱薇接手")
    press(admins, "disable")
    expect(admins.get_by_test_id("stAlert").filter(has_text="马骏已停用")).to_be_visible()

    theirs.get_by_role("link", name="我的稿件").first.click()

    is_out(theirs)
    give_password(theirs, "maj", DEMO_PASSWORD)
    expect(theirs.get_by_test_id("stAlert").filter(has_text="已停用")).to_be_visible()
