"""Return, fix, resubmit: a remark goes back with the item, its author mends the words, the reviewer sees exactly what
changed, settles the remark and passes.
"""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.steps import SignedIn, by_key, choose, fill, press, sign, wait_idle

STORY = "11月20日，信息学院举行实验室开放日。\n两百余名同学走进实验室参观，老师演示了三个实验。\n"
WRONG, RIGHT = "两百余名", "二百一十三名"


def test_a_remark_goes_back_is_mended_and_settled(signed_in: SignedIn, tmp_path: Path) -> None:
    story = tmp_path / "开放日.txt"
    story.write_text(STORY, encoding="utf-8")

    with signed_in("wangxm", "/submit") as desk:
        number = _hand_in_new(desk, story)
    item = f"/submission?id={number}"
    with signed_in("zhangjg", item) as desk:
        sign(desk, "sign_off", number)
    with signed_in("liyun", item) as desk:
        _remark_on_the_sentence(desk, number)
        fill(desk, f"words-{number}", "请核对人数")
        press(desk, f"return-{number}")
    with signed_in("wangxm", f"/submit?id={number}") as desk:
        _mend_and_answer(desk)
        _hand_in(desk, number)
    with signed_in("zhangjg", item) as desk:
        sign(desk, "sign_off", number)
        if by_key(desk, f"sign_off-{number}").count():
            press(desk, f"sign_off-{number}")  # asked about the remark that is still open
    with signed_in("liyun", item) as desk:
        _sees_the_change(desk)
        _settles(desk)
        sign(desk, "pass", number)
        expect(desk.get_by_text("：初审通过。")).to_be_visible()


def _hand_in_new(desk: Page, story: Path) -> str:
    by_key(desk, "start-file").locator('input[type="file"]').set_input_files(story)
    desk.wait_for_url(re.compile(r"/submit\?id=\d+"))
    wait_idle(desk)
    number = desk.url.rpartition("=")[2]
    fill(desk, f"draft-{number}-title", "信息学院举行开放日活动")
    choose(desk, f"draft-{number}-account", "演练大学")
    for declaration in ("no_secrets", "rights"):
        by_key(desk, f"draft-{number}-{declaration}").locator("label").first.click()
        wait_idle(desk)
    _hand_in(desk, number)
    return number


def _hand_in(desk: Page, number: str) -> None:
    press(desk, f"draft-{number}-hand-in")
    desk.wait_for_url("**/my_submissions*")
    wait_idle(desk)


def _remark_on_the_sentence(desk: Page, number: str) -> None:
    desk.get_by_role("tab", name="批注").click()
    wait_idle(desk)
    desk.locator(".annotated .sentence").filter(has_text=WRONG).click()
    wait_idle(desk)
    fill(desk, f"remark-{number}", "请写准确人数")
    press(desk, f"remark-{number}-add")
    expect(desk.locator(".annotated .pinned")).to_contain_text(WRONG)
    expect(desk.get_by_text("1 处批注")).to_be_visible()


def _mend_and_answer(desk: Page) -> None:
    remark = desk.locator('[class*="st-key-remark-thread-"]').first
    marked = desk.locator(".ProseMirror .remarked")
    expect(remark).to_contain_text("请写准确人数")
    expect(marked.first).to_contain_text(WRONG)
    expect(marked.first).to_have_attribute("title", "批注 1：请写准确人数")
    _replace_in_the_editor(desk)
    expect(remark).to_contain_text("原文已改")
    expect(marked.first).to_contain_text(RIGHT)  # what is being mended keeps its mark
    answer = remark.locator("input").first
    answer.fill("已核对签到表")
    answer.press("Tab")
    wait_idle(desk)
    remark.get_by_role("button", name="回复").click()
    wait_idle(desk)
    expect(remark.get_by_text("已核对签到表")).to_be_visible()


def _replace_in_the_editor(desk: Page) -> None:
    """Put the cursor before the wrong words, select them with the keyboard, and type over them."""
    editor = desk.locator(".ProseMirror").first
    editor.locator("p").filter(has_text=WRONG).click()
    desk.keyboard.press("Home")
    for _ in WRONG:
        desk.keyboard.press("Shift+ArrowRight")
    desk.keyboard.type(RIGHT)
    expect(editor).to_contain_text(RIGHT)
    desk.keyboard.press("Control+s")
    wait_idle(desk)


def _sees_the_change(desk: Page) -> None:
    desk.get_by_role("tab").nth(1).click()
    wait_idle(desk)
    expect(desk.get_by_text("您上次审过的一版")).to_be_visible()
    changed = desk.locator(".diff-changed:visible")
    expect(changed.locator("ins").first).to_be_visible()
    shown = (changed.locator("del").all_inner_texts(), changed.locator("ins").all_inner_texts())
    assert ("".join(shown[0]), "".join(shown[1])) == ("两百余", "二百一十三")


def _settles(desk: Page) -> None:
    desk.get_by_role("tab", name="批注").click()
    wait_idle(desk)
    remark = desk.locator('[class*="st-key-remark-thread-"]').first
    expect(remark).to_contain_text("已核对签到表")
    remark.get_by_role("button", name="解决").click()
    wait_idle(desk)
    expect(desk.get_by_text("批注已解决。")).to_be_visible()
