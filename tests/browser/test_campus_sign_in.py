"""统一身份认证 in Chromium, against a provider on this machine: in through it, and not in again by its old cookie."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from tests.app_process import free_port, running
from tests.browser.steps import by_key, press, wait_idle
from tests.campus_provider import CLIENT_ID, CLIENT_SECRET, campus


def test_campus_sign_in_opens_one_session_and_its_cookie_no_other(
    tmp_path: Path, page: Page, context: BrowserContext
) -> None:
    port = free_port()
    with campus("u-1001", "liyun") as provider:
        environment = {
            "WEISHENTAI_OIDC_ISSUER": provider.issuer,
            "WEISHENTAI_OIDC_CLIENT_ID": CLIENT_ID,
            "WEISHENTAI_OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "WEISHENTAI_OIDC_MATCH_USERNAMES": "true",
            "WEISHENTAI_SECRET_KEY": "a key of thirty-two characters and more, for this test only",
            "WEISHENTAI_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
        with running(tmp_path, port=port, **environment) as app:
            page.goto(app.address)
            wait_idle(page)
            by_key(page, "campus").get_by_role("button").click()
            expect(by_key(page, "person")).to_contain_text("李云")
            wait_idle(page)
            kept = [cookie["name"] for cookie in context.cookies()]
            press(page, "sign_out")
            expect(by_key(page, "campus")).to_be_visible()

            page.reload()
            wait_idle(page)

            assert any(name.startswith("_streamlit_user") for name in kept)
            expect(by_key(page, "campus")).to_be_visible()
            expect(by_key(page, "person")).to_have_count(0)
