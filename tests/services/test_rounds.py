"""The rounds of a worker: nothing ends them but being told to stop."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from services import rounds
from services.rounds import Seldom
from tests.office import MONDAY_MORNING


def test_a_fault_ends_one_round_and_not_the_rest() -> None:
    stopping = threading.Event()
    looks: list[int] = []

    def look() -> None:
        looks.append(len(looks))
        if len(looks) == 3:
            stopping.set()
        raise RuntimeError("the database is away")

    rounds.until(stopping, look, of="a test", idle=0)

    assert looks == [0, 1, 2]


def test_whoever_is_told_to_stop_before_the_first_round_does_nothing() -> None:
    stopping, looks = threading.Event(), []
    stopping.set()

    rounds.until(stopping, lambda: looks.append(1), of="a test", idle=60)

    assert looks == []


def test_what_comes_seldom_comes_at_once_and_then_after_its_time() -> None:
    hourly, done = Seldom(timedelta(hours=1)), []

    for minutes in (0, 59, 60, 119, 121):
        hourly.do(lambda at=minutes: done.append(at), now=MONDAY_MORNING + timedelta(minutes=minutes))  # type: ignore[misc]  # bound early

    assert done == [0, 60, 121]


def test_what_failed_is_done_with_the_next_round() -> None:
    hourly, done = Seldom(timedelta(hours=1)), []
    with pytest.raises(ZeroDivisionError):
        hourly.do(lambda: 1 // 0, now=MONDAY_MORNING)

    hourly.do(lambda: done.append(1), now=MONDAY_MORNING + timedelta(seconds=1))

    assert done == [1]
