"""A reviewer in the browser: refused over open warnings, masks one number, answers for the other, then passes."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from services.demo import DEMO_PASSWORD
from tests.app_process import RunningApp
from tests.browser.steps import assert_no_fault, by_key, choose, fill, press, sign, sign_in, wait_idle

STORY = (
    "11月20日，信息学院举行实验室开放日，两百余名同学走进实验室参观。\n"
    "报名联系13812345678。\n值班电话13912345678，全天有人接听。\n"
)


def test_open_warnings_are_masked_and_answered_before_the_item_passes(
    page: Page, running_app: RunningApp, tmp_path: Path
) -> None:
    story = tmp_path / "开放日.txt"
    story.write_text(STORY, encoding="utf-8")
    number = _handed_in(page, running_app, story)
    item = f"{running_app.address}/submission?id={number}"
    _enter(page, item, "zhangjg")
    sign(page, "sign_off", number)
    _enter(page, item, "liyun")

    sign(page, "pass", number)
    expect(page.get_by_text("机器初筛还有 2 处没有答复")).to_be_visible()
    _mask_the_first(page)
    expect(page.get_by_text("已改好，并重新检查。")).to_be_visible()
    _confirm_the_other(page)
    _looks_at_the_marks(page)
    sign(page, "pass", number)

    expect(page.get_by_text("：初审通过。")).to_be_visible()


def _enter(page: Page, address: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(address)
    sign_in(page, username, DEMO_PASSWORD)
    wait_idle(page)


def _handed_in(page: Page, running_app: RunningApp, story: Path) -> str:
    _enter(page, f"{running_app.address}/submit", "wangxm")
    by_key(page, "start-file").locator('input[type="file"]').set_input_files(story)
    page.wait_for_url(re.compile(r"/submit\?id=\d+"))
    wait_idle(page)
    number = page.url.rpartition("=")[2]
    fill(page, f"draft-{number}-title", "学院举行开放日活动")
    choose(page, f"draft-{number}-account", "演练大学")
    for declaration in ("no_secrets", "rights"):
        by_key(page, f"draft-{number}-{declaration}").locator("label").first.click()
        wait_idle(page)
    press(page, f"draft-{number}-hand-in")
    page.wait_for_url("**/my_submissions*")
    return number


def _mask_the_first(page: Page) -> None:
    page.get_by_role("button", name="打码为“138****5678”").click()
    wait_idle(page)
    assert_no_fault(page)


def _confirm_the_other(page: Page) -> None:
    mark = page.locator('[class*="st-key-finding-"]').filter(has_text="139****5678").first
    reason = mark.locator("input").first
    reason.fill("学院公开的值班电话")
    reason.press("Tab")
    wait_idle(page)
    mark.get_by_role("button", name="确认无误").click()
    wait_idle(page)
    assert_no_fault(page)
    expect(page.get_by_text("确认无误：学院公开的值班电话")).to_be_visible()


def _looks_at_the_marks(page: Page) -> None:
    page.get_by_role("tab", name=re.compile("机器提示")).click()
    wait_idle(page)
    expect(page.locator(".marked-body mark")).to_have_text("13912345678")
