from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import RunningSandbox, start
from tests.sandbox.caller import Caller, StandingClock


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


def _open(clock: StandingClock) -> RunningSandbox:
    """Start a platform whose publications end at once, with a verified and an unverified account."""
    accounts = [
        Account("wx_school", "secret-1", name="示例大学"),
        Account("wx_club", "secret-2", name="某社团", verified=False),
    ]
    settings = Settings(publish_delay=0, mass_delay=0, event_retry_delay=0)
    return start(platform=Platform(accounts=accounts, settings=settings, clock=clock))


@pytest.fixture
def box(clock: StandingClock) -> Iterator[RunningSandbox]:
    with _open(clock) as running:
        yield running


@pytest.fixture
def school(box: RunningSandbox) -> Caller:
    return Caller(box, "wx_school", "secret-1")


@pytest.fixture
def club(box: RunningSandbox) -> Caller:
    return Caller(box, "wx_club", "secret-2")


@pytest.fixture(scope="module")
def lasting_school() -> Iterator[Caller]:
    """A verified account on a platform that lives as long as the test file, for tables of accepted and refused."""
    with _open(StandingClock()) as running:
        yield Caller(running, "wx_school", "secret-1")
