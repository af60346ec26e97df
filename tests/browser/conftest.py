"""Real Chromium (Debian's own package, never a download) against a running application."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from services.demo import DEMO_PASSWORD
from tests.app_process import RunningApp, running
from tests.browser.steps import PATIENCE, NewContext, SignedIn, assert_no_fault, sign_in, wait_idle

expect.set_options(timeout=PATIENCE)  # by itself it gives up after five seconds

HERE = Path(__file__).parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = [
    "--no-sandbox",  # it cannot be had by root, and the pages here are our own
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    # Without these three it calls its maker at every start, which a closed network refuses many times over.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Raised inside pytest-playwright 0.10 by pytest 9; nothing of ours can change it.
KNOWN_WARNING = "ignore:Session-scoped fixtures defined as instance methods:pytest.PytestRemovedIn10Warning"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder, and skip it with a sentence where there is no Chromium."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.filterwarnings(KNOWN_WARNING))
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium here; on Debian: apt-get install chromium"))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def new_context(new_context: NewContext) -> NewContext:
    """A browser profile of its own; `page` and `context` come from here too."""

    def patient(**asked: Any) -> BrowserContext:
        context = new_context(**asked)
        context.set_default_timeout(PATIENCE)
        return context

    return patient


@pytest.fixture
def signed_in(new_context: NewContext, running_app: RunningApp) -> SignedIn:
    """Somebody of the demo school at an address of the running application, in a browser of their own."""

    @contextmanager
    def as_person(username: str, path: str) -> Iterator[Page]:
        context = new_context()
        context.grant_permissions(["clipboard-read", "clipboard-write"])
        page = context.new_page()
        page.goto(f"{running_app.address}{path}")
        sign_in(page, username, DEMO_PASSWORD)
        page.wait_for_url(lambda url: path in unquote(url))
        wait_idle(page)
        yield page
        assert_no_fault(page)
        context.close()

    return as_person


@pytest.fixture(scope="session")
def running_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """The demo school in rehearsal, shared by the browser tests of this run."""
    with running(tmp_path_factory.mktemp("home")) as app:
        yield app
