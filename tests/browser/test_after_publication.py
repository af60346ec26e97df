"""After publication, in a real browser: somebody changes an article, the watch finds it, two people take it down; and
an article that no interface may publish is carried over by hand and proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from services.demo import DEMO_PASSWORD
from tests.app_process import RunningApp
from tests.browser.steps import PATIENCE, assert_no_fault, by_key, fill, press, sign_in, wait_idle
from tests.documents import photograph

NewContext = Callable[..., BrowserContext]
SignedIn = Callable[[str, str], AbstractContextManager[Page]]
ADVERTISEMENT = "加微信"


@pytest.fixture
def signed_in(new_context: NewContext, running_app: RunningApp) -> SignedIn:
    @contextmanager
    def as_person(username: str, path: str) -> Iterator[Page]:
        context = new_context()
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{running_app.address}{path}")
        sign_in(page, username, DEMO_PASSWORD)
        page.wait_for_url(f"**{path}*")
        wait_idle(page)
        yield page
        assert_no_fault(page)
        context.close()

    return as_person


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
        expect(panel.get_by_text(ADVERTISEMENT)).to_be_visible(timeout=2 * PATIENCE)
        wait_idle(desk)
        _propose_to_take_down(desk, number)
    with signed_in("chenbz", "/inbox") as desk:
        expect(desk.get_by_text(ADVERTISEMENT).first).to_be_visible(timeout=PATIENCE)
        _answer(desk)
        desk.goto(desk.url.replace("/inbox", f"/submission?id={number}"))
        wait_idle(desk)
        _confirm(desk)
        panel = by_key(desk, f"published-{number}")
        expect(panel.get_by_text("时限内完成")).to_be_visible(timeout=2 * PATIENCE)
        expect(panel.get_by_text("原文已留存")).to_have_count(2)

    page.goto(article)
    expect(page.get_by_text("该内容已被发布者删除")).to_be_visible()


def _published(page: Page, platform: str) -> Locator:
    """The newest article on the platform's console; the demo school's first ones go out as the process starts."""
    row = page.locator("tr", has=page.get_by_role("button", name="改动内容")).first
    for _ in range(60):
        page.goto(f"{platform}/console")
        if row.count():
            break
        page.wait_for_timeout(1_000)
    expect(row).to_be_visible()
    return row


def _open_item(desk: Page, title: str) -> str:
    card = desk.locator('[class*="st-key-done-"]').filter(has_text=title).first
    # The platform has published it before our worker asks.
    expect(card.locator('a[href*="/s/"]')).to_be_visible(timeout=3 * PATIENCE)
    card.locator('[class*="st-key-open-"] button').click()
    desk.wait_for_url("**/submission?id=*", timeout=PATIENCE)
    wait_idle(desk)
    return desk.url.rpartition("=")[2]


def _propose_to_take_down(desk: Page, number: str) -> None:
    by_key(desk, f"remedy-{number}-0-fold").locator("summary").first.click()
    wait_idle(desk)
    by_key(desk, f"remedy-{number}-0-kind").get_by_text("下架", exact=True).click()
    wait_idle(desk)
    fill(desk, f"remedy-{number}-0-facts", "公众号被盗用，文章里多出广告。")
    press(desk, f"remedy-{number}-0-propose")
    expect(by_key(desk, f"published-{number}").get_by_text("待另一人确认")).to_be_visible(timeout=PATIENCE)


def _answer(desk: Page) -> None:
    desk.locator('[class*="st-key-answer-alarm-"] button').first.click()
    reason = desk.locator('[class*="st-key-alarm-reason-"] textarea').first
    reason.fill("公众号密码已更换，文章下架。")
    reason.press("Tab")
    wait_idle(desk)
    desk.locator('[class*="st-key-acknowledge-"] button').first.click()
    wait_idle(desk)
    expect(desk.get_by_text("的异常已确认")).to_be_visible(timeout=PATIENCE)


def _confirm(desk: Page) -> None:
    desk.locator('[class*="st-key-confirm-remedy-"] button').first.click()
    desk.locator('[class*="st-key-confirm-remedy-do-"] button').first.click()
    wait_idle(desk)


def test_an_article_is_carried_over_by_hand_and_proved(signed_in: SignedIn, platform: str, tmp_path: Path) -> None:
    shot = tmp_path / "截图.jpg"
    shot.write_bytes(photograph(300, 600, seed=8))

    with signed_in("zhaoqi", "/publishing") as desk:
        plan = desk.locator('[class*="st-key-planning-"]').first
        number = str(plan.get_attribute("class")).partition("st-key-planning-")[2].split()[0]
        plan.locator("summary").click()
        wait_idle(desk)
        by_key(desk, f"plan-{number}-way").get_by_text("人工发布后登记").click()
        wait_idle(desk)
        press(desk, f"queue-{number}")
        waiting = desk.locator('[class*="st-key-waiting-"]').first
        expect(waiting).to_be_visible(timeout=2 * PATIENCE)
        publication = str(waiting.get_attribute("class")).partition("st-key-waiting-")[2].split()[0]
        url = _carry_over(desk, waiting.locator("strong").first.inner_text(), platform)
        fill(desk, f"address-{publication}", url)
        desk.locator(f'[class*="st-key-screenshot-{publication}-"] input[type="file"]').set_input_files(shot)
        wait_idle(desk)
        expect(desk.get_by_text("截图已登记")).to_be_visible(timeout=PATIENCE)
        press(desk, f"live-{publication}")

        desk.goto(desk.url.replace("/publishing", f"/submission?id={number}"))
        wait_idle(desk)
        press(desk, f"proof-{number}")
        panel = by_key(desk, f"published-{number}")
        expect(panel.get_by_text("仅平台改写").or_(panel.get_by_text("与终审版一致")).first).to_be_visible(
            timeout=2 * PATIENCE
        )
        expect(panel.get_by_text("发布截图（1）")).to_be_visible()


def _carry_over(desk: Page, title: str, platform: str) -> str:
    """Copy in the product, paste in the platform's editor, publish; the address of the article."""
    desk.get_by_role("button", name="复制正文").first.click()
    expect(desk.get_by_text("请到公众平台的编辑器里粘贴").first).to_be_visible(timeout=PATIENCE)
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
