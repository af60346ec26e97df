"""When the worker looks again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.rules.delivery_times import POLLS, backoff, is_missed, next_of, quota_returns

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


def test_waits_double_up_to_half_an_hour() -> None:
    assert [backoff(tries).total_seconds() for tries in range(1, 9)] == [30, 60, 120, 240, 480, 960, 1800, 1800]


def test_a_schedule_ends() -> None:
    waits = [next_of(POLLS, looks) for looks in range(9)]

    assert waits == [*POLLS, None]


@pytest.mark.parametrize(
    ("now", "back"),
    [
        (NOON, datetime(2026, 11, 23, 16, 5, tzinfo=UTC)),
        # Past midnight in Beijing, the evening before in UTC: the quota of the new day is used up.
        (datetime(2026, 11, 23, 16, 30, tzinfo=UTC), datetime(2026, 11, 24, 16, 5, tzinfo=UTC)),
    ],
)
def test_quotas_return_at_five_past_midnight_in_beijing(now: datetime, back: datetime) -> None:
    assert quota_returns(now) == back


@pytest.mark.parametrize(
    ("late", "scheduled", "missed"),
    [
        (timedelta(hours=2), True, False),
        (timedelta(hours=2, seconds=1), True, True),
        (timedelta(days=3), False, False),
    ],
)
def test_only_a_fixed_time_can_be_missed(late: timedelta, scheduled: bool, missed: bool) -> None:  # noqa: FBT001  # a column of the table
    assert is_missed(due=NOON, scheduled=scheduled, now=NOON + late) is missed
