"""The main job, once through: a real Word file goes from a contact's desk to followers and campus site."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.app_process import RunningApp
from tests.browser.steps import SignedIn, by_key, choose, press, sign, wait_idle
from tests.documents import campus_story_docx

TITLE = "书香浸润校园 阅读点亮青春"
ADDED = "（本报讯）"


def test_word_file_becomes_an_article_and_a_campus_page(
    signed_in: SignedIn, running_app: RunningApp, tmp_path: Path, page: Page
) -> None:
    story = tmp_path / "读书节.docx"
    story.write_bytes(campus_story_docx())

    with signed_in("wangxm", "/submit") as desk:
        number = _hand_in(desk, story)
    item = f"/submission?id={number}"
    with signed_in("zhangjg", item) as desk:
        sign(desk, "sign_off", number)
    with signed_in("liyun", item) as desk:
        _adjust(desk, number)
        sign(desk, "pass", number)
    with signed_in("wangxm", item) as desk:
        _sees_the_adjustment(desk)
    with signed_in("chenbz", item) as desk:
        sign(desk, "approve", number)
        expect(desk.get_by_text("封版指纹")).to_be_visible()
    with signed_in("zhaoqi", "/publishing") as desk:
        wechat, site = _publish(desk, number)

    for address in (wechat, site):
        page.goto(address)
        expect(page.locator("h1").first).to_have_text(TITLE)
        expect(page.get_by_text(ADDED)).to_be_visible()
        page.wait_for_function("[...document.images].every(each => each.complete && each.naturalWidth > 0)")
    assert wechat.startswith("http://127.0.0.1:")
    assert site.startswith(f"{running_app.address}/site/")


def test_of_two_windows_nobodys_words_disappear(signed_in: SignedIn) -> None:
    with signed_in("wangxm", "/submit") as first:
        press(first, "start-empty")
        first.wait_for_url(re.compile(r"/submit\?id=\d+"))
        number = first.url.rpartition("=")[2]
        second = first.context.new_page()
        second.goto(first.url)
        second.locator(".ProseMirror").wait_for()
        wait_idle(second)
        _write(first, "第一个窗口写的。")

        _write(second, "第二个窗口写的。")

        words, choice = second.locator(".ProseMirror"), by_key(second, f"draft-{number}-conflict")
        expect(choice).to_be_visible()
        expect(words).to_have_text("第二个窗口写的。")
        press(second, f"draft-{number}-take-theirs")
        expect(words).to_have_text("第一个窗口写的。")
        expect(choice).to_have_count(0)
        words.click()
        second.keyboard.press("Control+z")
        expect(words).to_have_text("第二个窗口写的。")


def _write(desk: Page, words: str) -> None:
    """Type into the editor and leave it, so that the page takes notice."""
    desk.bring_to_front()
    desk.locator(".ProseMirror").click()
    desk.keyboard.type(words)
    desk.keyboard.press("Control+s")
    wait_idle(desk)


def _hand_in(desk: Page, story: Path) -> str:
    by_key(desk, "start-file").locator('input[type="file"]').set_input_files(story)
    desk.wait_for_url(re.compile(r"/submit\?id=\d+"))
    wait_idle(desk)
    number = desk.url.rpartition("=")[2]
    choose(desk, f"draft-{number}-account", "演练大学")
    for declaration in ("no_secrets", "rights"):
        by_key(desk, f"draft-{number}-{declaration}").locator("label").first.click()
        wait_idle(desk)
    press(desk, f"draft-{number}-hand-in")
    desk.wait_for_url("**/my_submissions*")
    wait_idle(desk)
    return number


def _adjust(desk: Page, number: str) -> None:
    press(desk, f"adjust-{number}")
    editor = desk.get_by_role("dialog").locator(".ProseMirror")
    editor.click()
    desk.keyboard.press("Control+Home")
    desk.keyboard.type(ADDED)
    wait_idle(desk)
    desk.locator(f'[class*="st-key-adjust-{number}-"][class*="-save"] button').click()
    expect(desk.get_by_role("dialog")).to_have_count(0)
    wait_idle(desk)


def _sees_the_adjustment(desk: Page) -> None:
    desk.get_by_role("tab").nth(1).click()
    expect(desk.locator(".diff ins").first).to_have_text(ADDED)


def _publish(desk: Page, number: str) -> tuple[str, str]:
    by_key(desk, f"planning-{number}").locator("summary").click()
    wait_idle(desk)
    by_key(desk, f"plan-{number}-way").get_by_text("接口发布").click()
    wait_idle(desk)
    press(desk, f"queue-{number}")
    return _link(desk, number, "/s/"), _link(desk, number, "/site/")


def _link(desk: Page, number: str, part: str) -> str:
    """The address of what is out, as soon as it is: site and WeChat end at different moments.

    Until the page has drawn it all, the card may still hold the link of the card that stood in its place.
    """
    link = by_key(desk, f"done-{number}").locator(f'a[href*="{part}"]').first
    expect(link).to_be_visible()
    wait_idle(desk)
    return str(link.get_attribute("href"))
