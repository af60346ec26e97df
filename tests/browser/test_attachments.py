"""An attachment in the browser: an ID number in it blocks, a masked file takes its place, a reviewer opens it."""

from __future__ import annotations

import re
from pathlib import Path

import openpyxl
from playwright.sync_api import Page, expect

from services.demo import DEMO_PASSWORD
from tests.app_process import RunningApp
from tests.browser.steps import by_key, choose, fill, press, sign_in, wait_idle

STORY = "11月20日，信息学院公布实验室开放日志愿者名单，二十余名同学参加，名单见附件。\n"


def test_an_id_number_in_a_sheet_blocks_until_a_masked_one_is_uploaded(
    page: Page, running_app: RunningApp, tmp_path: Path
) -> None:
    story = tmp_path / "志愿者名单.txt"
    story.write_text(STORY, encoding="utf-8")
    number = _draft_of(page, running_app, story)

    _attach(page, number, _sheet(tmp_path / "a", "11010519491231002X"))
    expect(page.get_by_text("拦截：身份证号")).to_be_visible()
    press(page, f"draft-{number}-hand-in")
    expect(page.get_by_text("机器初筛拦截了 1 处")).to_be_visible()
    _attach(page, number, _sheet(tmp_path / "b", "110105********002X"))
    expect(page.get_by_text("拦截：身份证号")).to_have_count(0)
    press(page, f"draft-{number}-hand-in")
    page.wait_for_url(re.compile("/my_submissions"))

    _enter(page, f"{running_app.address}/submission?id={number}", "zhangjg")
    with page.expect_download() as saved:
        by_key(page, f"attachment-{number}-0").get_by_role("button").click()
    assert saved.value.suggested_filename == "名单.xlsx"
    assert saved.value.path().read_bytes() == (tmp_path / "b" / "名单.xlsx").read_bytes()
    wait_idle(page)
    expect(page.get_by_text("已打开：张建国")).to_be_visible()


def _sheet(folder: Path, identity: str) -> Path:
    folder.mkdir()
    book = openpyxl.Workbook()
    for row in (("姓名", "证件号码"), ("李明", identity)):
        book.active.append(row)
    book.save(folder / "名单.xlsx")
    return folder / "名单.xlsx"


def _attach(page: Page, number: str, file: Path) -> None:
    fields = by_key(page, f"attachments-{number}")
    if fields.locator("details[open]").count() == 0:
        fields.locator("summary").click()
    fields.locator('input[type="file"]').set_input_files(file)
    wait_idle(page)


def _draft_of(page: Page, running_app: RunningApp, story: Path) -> str:
    _enter(page, f"{running_app.address}/submit", "wangxm")
    by_key(page, "start-file").locator('input[type="file"]').set_input_files(story)
    page.wait_for_url(re.compile(r"/submit\?id=\d+"))
    wait_idle(page)
    number = page.url.rpartition("=")[2]
    fill(page, f"draft-{number}-title", "信息学院公布志愿者名单")
    choose(page, f"draft-{number}-account", "演练大学")
    for declaration in ("no_secrets", "rights"):
        by_key(page, f"draft-{number}-{declaration}").locator("label").first.click()
        wait_idle(page)
    return number


def _enter(page: Page, address: str, username: str) -> None:
    page.context.clear_cookies()
    page.goto(address)
    sign_in(page, username, DEMO_PASSWORD)
    wait_idle(page)
