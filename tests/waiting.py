"""How a test waits for another thread, another process or a page: for what is to happen, never for a while.

The ceiling says when something is taken for broken. Only a test that fails ever waits so long, so it is made for the
slowest machine at its worst moment.
"""

from __future__ import annotations

import time
from collections.abc import Callable

PATIENCE = 120.0
"""Seconds; also for an answer from a server of the test's own and for one run of a page."""


def until(happened: Callable[[], bool], otherwise: str = "it never happened", within: float = PATIENCE) -> None:
    """Wait until something has happened; raises `TimeoutError` with the sentence where it does not."""
    ends_at = time.monotonic() + within
    while not happened():
        if time.monotonic() > ends_at:
            raise TimeoutError(otherwise)
        time.sleep(0.01)
