"""An emergency: from a desk to the campus site with two signatures, and its debt paid by a third person."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.browser.steps import SignedIn, by_key, choose, fill, press, sign, wait_idle

TITLE = "校门口积水，请绕行北门"
WORDS = "今天下午南门积水，请师生从北门进出，注意安全。"


def test_an_emergency_is_out_after_two_signatures_and_its_debt_is_paid_by_a_third(signed_in: SignedIn) -> None:
    with signed_in("wangxm", "/submit") as desk:
        number = _hand_in(desk)
    item = f"/submission?id={number}"
    with signed_in("liyun", item) as desk:
        _expedite(desk, number)
        sign(desk, "pass", number)
    with signed_in("chenbz", item) as desk:
        sign(desk, "approve", number)
        expect(by_key(desk, f"settle-{number}")).to_have_count(0)  # not by whoever signed
    with signed_in("tangy", "/inbox") as desk:
        press(desk, f"open-debt-{number}")
        _settle(desk, number)
        site = desk.locator('a[href*="/site/"]').first
        expect(site).to_be_visible()
        desk.goto(str(site.get_attribute("href")))
        expect(desk.locator("h1").first).to_have_text(TITLE)
    with signed_in("chenbz", "/inbox") as desk:
        expect(by_key(desk, f"open-debt-{number}")).to_have_count(0)


def _hand_in(desk: Page) -> str:
    press(desk, "start-empty")
    desk.wait_for_url(re.compile(r"/submit\?id=\d+"))
    wait_idle(desk)
    number = desk.url.rpartition("=")[2]
    fill(desk, f"draft-{number}-title", TITLE)
    desk.locator(".ProseMirror").click()
    desk.keyboard.type(WORDS)
    wait_idle(desk)
    choose(desk, f"draft-{number}-account", "演练大学")
    for declaration in ("no_secrets", "rights"):
        by_key(desk, f"draft-{number}-{declaration}").locator("label").first.click()
        wait_idle(desk)
    press(desk, f"draft-{number}-hand-in")
    desk.wait_for_url("**/my_submissions*")
    wait_idle(desk)
    return number


def _expedite(desk: Page, number: str) -> None:
    key = f"expedite-{number}"
    by_key(desk, f"{key}-fold").locator("summary").click()
    by_key(desk, f"{key}-reason").get_by_text("突发事件").click()
    wait_idle(desk)
    fill(desk, f"{key}-words", "南门积水，值班校领导要求立即提醒")
    press(desk, key)


def _settle(desk: Page, number: str) -> None:
    by_key(desk, f"settle-{number}-verdict").get_by_text("补审通过").click()
    wait_idle(desk)
    fill(desk, f"settle-{number}-found", "路线和时间已与保卫处核对")
    press(desk, f"settle-{number}")
    expect(by_key(desk, f"settle-{number}-found")).to_have_count(0)
