"""Working days, on the year 2026 as the State Council published it and on a December that runs into 2027."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from services.rules.office_time import OFFICE_ZONE
from services.rules.working_days import (
    Calendar,
    add_working_days,
    add_working_time,
    deadline,
    is_working_day,
    working_days_between,
    working_time_between,
)

YEAR_2026 = Calendar(
    days_off=frozenset(
        date(2026, month, day)
        for month, day in [
            (1, 1), (1, 2), (2, 16), (2, 17), (2, 18), (2, 19), (2, 20), (2, 23), (4, 6), (5, 1), (5, 4), (5, 5),
            (6, 19), (9, 25), (10, 1), (10, 2), (10, 5), (10, 6), (10, 7),
        ]
    ),
    days_worked=frozenset(
        date(2026, month, day) for month, day in [(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)]
    ),
    settled_years=frozenset({2026}),
)  # fmt: skip


def at(month: int, day: int, hour: int = 0) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=OFFICE_ZONE)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2026, 2, 13), True),  # Friday
        (date(2026, 2, 14), True),  # Saturday, worked for the holiday
        (date(2026, 2, 15), False),  # Sunday
        (date(2026, 2, 16), False),  # Monday, holiday
        (date(2026, 9, 20), True),  # Sunday, worked
        (date(2026, 10, 8), True),
    ],
)
def test_make_up_days_are_worked_and_holidays_are_not(day: date, worked: bool) -> None:  # noqa: FBT001  # a column of the table
    assert is_working_day(YEAR_2026, day) is worked


@pytest.mark.parametrize(
    ("start", "count", "due"),
    [
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 14), 1, date(2026, 2, 24)),  # nine days of Spring Festival between
        (date(2026, 9, 30), 3, date(2026, 10, 10)),  # the third is the worked Saturday
        (date(2026, 11, 21), 0, date(2026, 11, 23)),  # a Saturday begins on Monday
        (date(2026, 11, 23), 0, date(2026, 11, 23)),
        (date(2026, 11, 23), 5, date(2026, 11, 30)),
    ],
)
def test_deadline_counts_working_days_after_the_first(start: date, count: int, due: date) -> None:
    assert add_working_days(YEAR_2026, start, count) == due


@pytest.mark.parametrize("start", [date(2026, 2, 10), date(2026, 9, 19), date(2026, 12, 30)])
@pytest.mark.parametrize("count", [1, 3, 15])
def test_counting_back_gives_what_was_added(start: date, count: int) -> None:
    due = add_working_days(YEAR_2026, start, count)

    assert working_days_between(YEAR_2026, start, due) == count
    assert working_days_between(YEAR_2026, due, start) == -count


def test_time_counts_only_on_working_days() -> None:
    friday_noon, monday_nine = at(11, 20, 12), at(11, 23, 9)

    assert working_time_between(YEAR_2026, friday_noon, monday_nine) == timedelta(hours=12 + 9)
    assert working_time_between(YEAR_2026, monday_nine, friday_noon) == timedelta()


def test_time_is_cut_at_midnight_in_beijing_whatever_the_zone_of_the_moments() -> None:
    saturday_began_in_london = at(11, 21, 1).astimezone(tz=None)

    assert working_time_between(YEAR_2026, at(11, 20, 23), saturday_began_in_london) == timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        (at(11, 23, 9), 24, at(11, 24, 9)),
        (at(11, 20, 18), 24, at(11, 23, 18)),  # over a weekend
        (at(11, 21, 12), 12, at(11, 23, 12)),  # begun on a Saturday, it begins on Monday
        (at(9, 30, 17), 24, at(10, 8, 17)),  # over the national holidays
        (at(11, 23, 9), 15, at(11, 24)),  # to the very end of a day
        (at(11, 23, 9), 0, at(11, 23, 9)),
    ],
)
def test_working_time_is_added_as_it_is_counted(start: datetime, hours: int, end: datetime) -> None:
    assert add_working_time(YEAR_2026, start, timedelta(hours=hours)) == end
    assert working_time_between(YEAR_2026, start, end) == timedelta(hours=hours)


def test_something_begun_on_a_day_is_due_when_the_last_working_day_ends() -> None:
    assert deadline(YEAR_2026, at(9, 30, 17), 3) == at(10, 11)


def test_a_year_without_published_make_up_days_runs_on_weekdays_and_says_so() -> None:
    due = add_working_days(YEAR_2026, date(2026, 12, 30), 5)

    assert due == date(2027, 1, 6)
    assert YEAR_2026.note(date(2026, 12, 30), due) == (
        "2027 年的调休安排还没有公布或录入，暂按周一至周五（扣除法定节假日）计算，日期可能变动。"
    )
    assert YEAR_2026.note(date(2026, 12, 30)) == ""


def test_an_override_decides_a_day_and_only_that_day() -> None:
    sunday, monday = date(2026, 11, 22), date(2026, 11, 23)

    calendar = YEAR_2026.with_override(sunday, is_working=True).with_override(monday, is_working=False)

    assert [is_working_day(calendar, day) for day in (sunday, monday, date(2026, 11, 24))] == [True, False, True]
    taken_back = calendar.with_override(monday, is_working=True).with_override(sunday, is_working=False)
    assert [is_working_day(taken_back, day) for day in (sunday, monday)] == [False, True]
