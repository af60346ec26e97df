"""After publication, in a real browser: somebody changes an article, the watch finds it, two people take it down; and
an article that no interface may publish is carried over by hand and proved.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.app_process import RunningApp
from tests.browser.steps import PATIENCE, SignedIn, by_key, fill, press, wait_idle
from tests.documents import photograph

ADVERTISEMENT = "加微信"


@pytest.fixture
def platform(running_app: RunningApp) -> str:
    """Where the rehearsal's WeChat platform of this home answers."""
    return (running_app.home / "sandbox" / "address").read_text().strip()


def test_a_changed_article_is_found_answered_and_taken_down_by_two(
    signed_in: SignedIn, platform: str, page: Page
) -> None:
    row = _published(page, platform)
    title = row.locator("a").inner_text()
    article = f"{platform}{row.locator('a').get_attribute('href')}"
    row.get_by_role("button", name="改动内容").click()

    with signed_in("zhaoqi", "/publishing") as desk:
        number = _open_item(desk, title)
        press(desk, f"proof-{number}")
        panel = by_key(desk, f"published-{number}")
        expect(panel.get_by_text(ADVERTISEMENT)).to_be_visible()
        wait_idle(desk)
        _propose_to_take_down(desk, number)
    with signed_in("chenbz", "/inbox") as desk:
        expect(desk.get_by_text(ADVERTISEMENT).first).to_be_visible()
        _answer(desk)
        desk.goto(desk.url.replace("/inbox", f"/submission?id={number}"))
        wait_idle(desk)
        _confirm(desk)
        panel = by_key(desk, f"published-{number}")
        expect(panel.get_by_text("时限内完成")).to_be_visible()
        expect(panel.get_by_text("原文已留存")).to_have_count(2)

    page.goto(article)
    expect(page.get_by_text("该内容已被发布者删除")).to_be_visible()


def _published(page: Page, platform: str) -> Locator:
    """The oldest article on the platform's console, one of those the demo school sends out as the process starts: what
    other tests published, perhaps by hand, is newer.
    """
    row = page.locator("tr", has=page.get_by_role("button", name="改动内容")).last
    for _ in range(PATIENCE // 1_000):
        page.goto(f"{platform}/console")
        if row.count():  # a page of plain HTML, which is all there when it has loaded
            return row
        page.wait_for_timeout(1_000)
    raise AssertionError("the demo school's first articles never went out")


def _open_item(desk: Page, title: str) -> str:
    card = desk.locator('[class*="st-key-done-"]').filter(has_text=title).first
    # The platform has published it before our worker asks.
    expect(card.locator('a[href*="/s/"]')).to_be_visible()
    wait_idle(desk)
    card.locator('[class*="st-key-open-"] button').click()
    desk.wait_for_url("**/submission?id=*")
    wait_idle(desk)
    return desk.url.rpartition("=")[2]


def _propose_to_take_down(desk: Page, number: str) -> None:
    by_key(desk, f"remedy-{number}-0-fold").locator("summary").first.click()
    wait_idle(desk)
    by_key(desk, f"remedy-{number}-0-kind").get_by_text("下架", exact=True).click()
    wait_idle(desk)
    fill(desk, f"remedy-{number}-0-facts", "公众号被盗用，文章里多出广告。")
    press(desk, f"remedy-{number}-0-propose")
    expect(by_key(desk, f"published-{number}").get_by_text("待另一人确认")).to_be_visible()


def _answer(desk: Page) -> None:
    desk.locator('[class*="st-key-answer-alarm-"] button').first.click()
    reason = desk.locator('[class*="st-key-alarm-reason-"] textarea').first
    reason.fill("公众号密码已更换，文章下架。")
    reason.press("Tab")
    wait_idle(desk)
    desk.locator('[class*="st-key-acknowledge-"] button').first.click()
    wait_idle(desk)
    expect(desk.get_by_text("的异常已确认")).to_be_visible()


def _confirm(desk: Page) -> None:
    desk.locator('[class*="st-key-confirm-remedy-"] button').first.click()
    desk.locator('[class*="st-key-confirm-remedy-do-"] button').first.click()
    wait_idle(desk)


def test_an_article_is_carried_over_by_hand_and_proved(signed_in: SignedIn, platform: str, tmp_path: Path) -> None:
    shot = tmp_path / "截图.jpg"
    shot.write_bytes(photograph(300, 600, seed=8))

    with signed_in("zhaoqi", "/publishing") as desk:
        plan = desk.locator('[class*="st-key-ready-"]').first
        number = str(plan.get_attribute("class")).partition("st-key-ready-")[2].split()[0]
        title = plan.locator("strong").first.inner_text()
        by_key(desk, f"planning-{number}").locator("summary").click()
        wait_idle(desk)
        by_key(desk, f"plan-{number}-way").get_by_text("人工发布后登记").click()
        wait_idle(desk)
        press(desk, f"queue-{number}")
        waiting = desk.locator('[class*="st-key-waiting-"]').filter(has_text=title)
        expect(waiting).to_be_visible()
        wait_idle(desk)
        publication = str(waiting.get_attribute("class")).partition("st-key-waiting-")[2].split()[0]
        url = _carry_over(desk, waiting, title, platform)
        fill(desk, f"address-{publication}", url)
        by_key(desk, f"screenshot-{publication}-0").locator('input[type="file"]').set_input_files(shot)
        # Not the sentence above the page: the section of what is under way draws itself anew, and takes it away.
        expect(by_key(desk, f"screenshot-{publication}-1")).to_contain_text("再登记一张截图")
        wait_idle(desk)
        press(desk, f"live-{publication}")

        desk.goto(desk.url.replace("/publishing", f"/submission?id={number}"))
        wait_idle(desk)
        press(desk, f"proof-{number}")
        panel = by_key(desk, f"published-{number}")
        expect(panel.get_by_text("仅平台改写").or_(panel.get_by_text("与终审版一致")).first).to_be_visible()
        expect(panel.get_by_text("发布截图（1）")).to_be_visible()


def _carry_over(desk: Page, waiting: Locator, title: str, platform: str) -> str:
    """Copy in the product, paste in the platform's editor, publish; the address of the article."""
    waiting.get_by_role("button", name="复制正文").click()
    expect(waiting.get_by_text("请到公众平台的编辑器里粘贴")).to_be_visible()
    editor = desk.context.new_page()
    editor.goto(f"{platform}/write")
    editor.locator("[name=title]").fill(title)
    editor.locator("#editor").click()
    editor.keyboard.press("Control+V")
    expect(editor.locator("#editor section").first).to_be_visible()
    editor.get_by_role("button", name="发表").click()
    editor.wait_for_url("**/s/*")
    url = editor.url
    editor.close()
    return url
