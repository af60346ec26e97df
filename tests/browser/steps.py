"""What a person does in the browser, told by the keys of the widgets and never by their Chinese labels."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests import waiting
from ui.access import COOKIE

NewContext = Callable[..., BrowserContext]
SignedIn = Callable[[str, str], AbstractContextManager[Page]]

PATIENCE = 1000 * int(waiting.PATIENCE)
"""For whatever must come sometime, in milliseconds as Playwright counts: a machine with other work may stand still for
seconds between any two steps."""

SETTLING = 150  # milliseconds in which a run has begun the one that follows it
IDLE = """() => {
    const connected = '[data-test-script-state="notRunning"][data-test-connection-state="CONNECTED"]'
    const shown = document.querySelector(`[data-testid="stApp"]${connected}`)
    if (!shown) return false
    let part = shown[Object.keys(shown).find(key => key.startsWith("__reactFiber$"))]
    while (part && !("hasReceivedNewSession" in (part.stateNode ?? {}))) part = part.return
    if (!part) throw new Error("Streamlit no longer says whether the server has taken up what was asked of it")
    return part.stateNode.hasReceivedNewSession
}"""
"""Between the asking for a run and the server's first word of it, the state in the page is still that of the run
before: a server that stands still makes that gap seconds long. Streamlit keeps in one field whether the run it asked
for has begun."""

TURN = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"


def by_key(page: Page, key: str) -> Locator:
    """The widget or container that was given this `key`."""
    return page.locator(f".st-key-{key}")


def wait_idle(page: Page) -> None:
    """Wait until the page is connected and the script has finished the run asked for last, and stays so.

    While a run draws, what the run before drew still stands on the page: a place may hold a new name around an old
    text, and a widget that moved is there twice. Look at nothing in that time that could be either.
    """
    for _ in range(2):
        # An act has begun its run when the browser has had its turn, however slow the machine is.
        page.evaluate(TURN)
        page.wait_for_timeout(SETTLING)  # not time.sleep: Playwright's events would stand still
        page.wait_for_function(IDLE, timeout=PATIENCE)


def assert_no_fault(page: Page) -> None:
    """No traceback and no fault box on the page. A text found on the page proves nothing without this."""
    expect(page.get_by_test_id("stException")).to_have_count(0)


def cookie_of(page: Page) -> str:
    """The sign-in cookie this browser holds, empty for none."""
    return next((cookie["value"] for cookie in page.context.cookies() if cookie["name"] == COOKIE), "")


def wait_for_cookie(page: Page, *, other_than: str = "") -> None:
    """Wait until the browser has fetched its cookie: before that, a page opened by its address knows nobody."""
    for _ in range(PATIENCE // 50):
        if cookie_of(page) not in ("", other_than):
            return
        page.wait_for_timeout(50)
    raise AssertionError("the browser never fetched its cookie")


def wait_for_no_cookie(page: Page) -> None:
    """Wait until the browser has dropped its cookie, which it does after the page has shown that one is out."""
    for _ in range(PATIENCE // 50):
        if cookie_of(page) == "":
            return
        page.wait_for_timeout(50)
    raise AssertionError("the browser never dropped its cookie")


def sign_in(page: Page, username: str, password: str) -> None:
    """Fill the sign-in form that the page shows, and wait until the person is in, with their cookie."""
    before = cookie_of(page)
    secret = page.locator('input[type="password"]')
    secret.wait_for()
    wait_idle(page)
    page.locator('[data-testid="stForm"] input').first.fill(username)
    secret.fill(password)
    page.get_by_test_id("stFormSubmitButton").get_by_role("button").first.click()
    # Not the password field: the page that opens may have one of its own.
    expect(page.locator(".st-key-sign_in_page, .st-key-sign_in_alone")).to_have_count(0)
    wait_for_cookie(page, other_than=before)
    wait_idle(page)
    assert_no_fault(page)


def fill(page: Page, key: str, text: str) -> None:
    """Type into a text field or area, and leave it, so that the page takes notice."""
    field = by_key(page, key).locator("input, textarea").first
    field.fill(text)
    field.press("Tab")
    wait_idle(page)


def press(page: Page, key: str) -> None:
    """Press the button with this key and wait for what it does."""
    by_key(page, key).get_by_role("button").first.click()
    wait_idle(page)
    assert_no_fault(page)


def sign(page: Page, action: str, number: str) -> None:
    """Sign a stage of an item; asked about the open checklist, answer 其余均通过 and sign."""
    press(page, f"{action}-{number}")
    if by_key(page, f"rest-{action}-{number}").count():
        press(page, f"rest-{action}-{number}")


def upload(page: Page, key: str, path: Path) -> None:
    """Hand a file to the uploader with this key and wait until the page has read it."""
    by_key(page, key).locator('input[type="file"]').set_input_files(path)
    expect(by_key(page, key).get_by_test_id("stFileChip").last).to_be_visible()
    wait_idle(page)


def choose(page: Page, key: str, option: str) -> None:
    """Choose an option of the select box with this key; a run that ends meanwhile may close the list once."""
    box = by_key(page, key).locator("input").first
    for _ in range(5):
        box.click()
        try:
            page.get_by_role("option", name=option, exact=True).click(timeout=PATIENCE / 6)
        except PlaywrightTimeoutError:
            wait_idle(page)
        else:
            break
    expect(box).to_have_value(option)
    wait_idle(page)
