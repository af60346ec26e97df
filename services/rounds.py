"""The rounds of a worker: one kind of work looked at again and again, on a thread of its own, until told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

log = structlog.get_logger()


def until(stopping: threading.Event, look: Callable[[], object], *, of: str, idle: float) -> None:
    """Look, wait `idle` seconds, and look again, until told to stop; `of` names the work in the log.

    The last boundary of it: a fault in one thing (its lease runs out, then it is taken up again), or a database that is
    away for a while, is written down and must not end all the rest for good.
    """
    while not stopping.is_set():
        try:
            look()
        except Exception:
            log.exception("rounds.fault", of=of)
        stopping.wait(idle)


@dataclass
class Seldom:
    """A part of a round that comes only so often; after a fault, with the next round."""

    every: timedelta
    last: datetime | None = None

    def do(self, act: Callable[[], object], *, now: datetime) -> None:
        """Act, unless that was done less than `every` ago."""
        if self.last is None or now - self.last >= self.every:
            act()
            self.last = now
