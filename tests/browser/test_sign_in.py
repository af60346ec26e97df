"""Signing in and out in a real browser: who sees what, and what becomes of the cookie."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from services.demo import DEMO_PASSWORD
from tests.app_process import RunningApp, running
from tests.browser.steps import (
    NewContext,
    assert_no_fault,
    by_key,
    cookie_of,
    press,
    sign_in,
    wait_for_cookie,
    wait_for_no_cookie,
    wait_idle,
)
from ui import navigation
from ui.access import COOKIE

PHONE = {"width": 390, "height": 844}
ADDRESSES = ["/", *(f"/{entry.name}?id=1" for entry in navigation.TABLE)]


def is_out(page: Page) -> None:
    expect(page.locator('input[type="password"]')).to_be_visible()
    expect(by_key(page, "sign_out")).to_have_count(0)


def is_in(page: Page) -> None:
    expect(by_key(page, "sign_out")).to_be_visible()


def test_stranger_on_a_fresh_server_meets_nothing_but_the_sign_in_page(tmp_path: Path, browser: Browser) -> None:
    with running(tmp_path) as app:
        for path in ADDRESSES:
            page = browser.new_page()
            page.goto(f"{app.address}{path}")
            is_out(page)
            wait_idle(page)
            expect(page, path).to_have_title("登录")
            expect(page.locator("h1"), path).to_have_count(0)
            expect(page.get_by_role("dialog"), path).to_have_count(0)
            page.close()


def test_signed_in_browser_stays_in_over_a_reload_a_second_tab_and_a_restart(
    tmp_path: Path, page: Page, context: BrowserContext
) -> None:
    with running(tmp_path) as app:
        page.goto(app.address)
        sign_in(page, "wangxm", DEMO_PASSWORD)
        wait_for_cookie(page)
        page.reload()
        is_in(page)
        second = context.new_page()
        second.goto(app.address)
        is_in(second)

    with running(tmp_path) as again:
        page.goto(again.address)
        is_in(page)


def test_scripts_cannot_read_the_cookie(running_app: RunningApp, page: Page) -> None:
    page.goto(running_app.address)
    sign_in(page, "liyun", DEMO_PASSWORD)
    wait_for_cookie(page)

    assert COOKIE not in page.evaluate("document.cookie")


def test_link_from_a_colleague_survives_signing_in(running_app: RunningApp, page: Page) -> None:
    page.goto(f"{running_app.address}/submission?id=4711")

    sign_in(page, "liyun", DEMO_PASSWORD)

    expect(page).to_have_url(f"{running_app.address}/submission?id=4711")
    expect(page.locator("h1")).to_have_text("稿件")


def test_signing_out_ends_the_other_tab_and_every_copy_of_the_cookie(
    running_app: RunningApp, page: Page, context: BrowserContext, new_context: NewContext
) -> None:
    page.goto(running_app.address)
    sign_in(page, "zhangjg", DEMO_PASSWORD)
    wait_for_cookie(page)
    copied = [cookie for cookie in context.cookies() if cookie["name"] == COOKIE]
    second = context.new_page()
    second.goto(running_app.address)
    is_in(second)
    wait_idle(second)

    press(page, "sign_out")

    is_out(page)
    by_key(second, "sign_out").get_by_role("button").click()
    is_out(second)
    thief = new_context()
    thief.add_cookies(copied)  # type: ignore[arg-type]  # what the browser hands out it also takes
    stolen = thief.new_page()
    stolen.goto(running_app.address)
    is_out(stolen)
    wait_for_no_cookie(page)


def test_another_person_can_sign_in_right_after(running_app: RunningApp, page: Page) -> None:
    page.goto(running_app.address)
    press(page, "enter-wangxm")
    wait_for_cookie(page)
    first = cookie_of(page)
    late: list[Route] = []
    page.route(
        "**/portal/session", lambda route: route.continue_() if route.request.method == "POST" else late.append(route)
    )
    with page.expect_request(lambda asked: asked.method == "DELETE"):
        press(page, "sign_out")

    press(page, "enter-xuyz")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        late[0].continue_()  # were both under way, this answer would take the new cookie away
    wait_for_cookie(page, other_than=first)
    page.reload()
    is_in(page)

    expect(by_key(page, "person")).to_contain_text("徐远征")


def test_wrong_password_is_answered_with_a_sentence(running_app: RunningApp, page: Page) -> None:
    page.goto(running_app.address)
    secret = page.locator('input[type="password"]')
    secret.wait_for()
    wait_idle(page)
    page.locator('[data-testid="stForm"] input').first.fill("huangh")
    secret.fill("guess")
    secret.press("Enter")
    wait_idle(page)

    expect(page.get_by_test_id("stAlert")).to_contain_text("用户名或密码不正确")
    assert_no_fault(page)
    is_out(page)


@pytest.mark.parametrize("size", [PHONE, {"width": 1360, "height": 860}], ids=["phone", "desk"])
def test_sign_in_page_fits_the_screen_in_chinese_and_without_complaints(
    running_app: RunningApp, new_context: NewContext, size: dict[str, int]
) -> None:
    page = new_context(viewport=size).new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda fault: complaints.append(str(fault)))

    page.goto(running_app.address)
    is_out(page)
    wait_idle(page)

    expect(page.get_by_role("button", name="显示密码")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "zh-CN"
    page.wait_for_function("width => document.documentElement.scrollWidth == width", arg=size["width"])
    assert complaints == []
