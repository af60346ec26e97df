"""Times, durations and lists as the office writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models import Role
from ui import wording

LATE_EVENING_IN_LONDON = datetime(2026, 5, 17, 23, 5, tzinfo=UTC)


def test_moments_are_read_in_beijing() -> None:
    assert wording.moment(LATE_EVENING_IN_LONDON) == "2026-05-18 07:05"
    assert wording.clock_time(LATE_EVENING_IN_LONDON) == "07:05"


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (timedelta(seconds=20), "不到 1 分钟"),
        (timedelta(seconds=59), "不到 1 分钟"),
        (timedelta(minutes=1), "1 分钟"),
        (timedelta(minutes=59), "59 分钟"),
        (timedelta(hours=1), "1 小时"),
        (timedelta(hours=47, minutes=59), "47 小时"),
        (timedelta(hours=48), "2 天"),
        (timedelta(seconds=-5), "不到 1 分钟"),
    ],
)
def test_durations_are_told_in_the_largest_unit_that_says_enough(length: timedelta, said: str) -> None:
    assert wording.duration(length) == said


def test_roles_are_listed_in_the_offices_order() -> None:
    assert wording.roles({Role.APPROVER, Role.REVIEWER}) == "审核员、终审人"


def test_an_address_somebody_typed_is_no_link() -> None:
    shown = wording.literal("文字写的是 www.example.com，见 https://example.com/ 或 a@example.com")
    assert [each in shown for each in ("www\u2060\\.example", "https\u2060\\:", "a\\@\u2060example")] == [True] * 3
