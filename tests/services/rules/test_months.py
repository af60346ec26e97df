"""Months of the office."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from services.rules.months import Months, ending, month_label, shifted


def test_months_run_over_the_turn_of_the_year() -> None:
    assert list(Months(202611, 202702)) == [202611, 202612, 202701, 202702]


def test_a_month_begins_and_ends_at_midnight_in_beijing() -> None:
    months = Months(202612, 202612)
    assert (months.starts_at, months.ends_before) == (
        datetime(2026, 11, 30, 16, 0, tzinfo=UTC),
        datetime(2026, 12, 31, 16, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize(("by", "expected"), [(0, 202601), (1, 202602), (-1, 202512), (12, 202701), (-13, 202412)])
def test_a_month_is_shifted_over_years(by: int, expected: int) -> None:
    assert shifted(202601, by) == expected


def test_the_months_that_end_with_one() -> None:
    assert ending(202602, 3) == Months(202512, 202602)


def test_a_month_is_written_as_people_say_it() -> None:
    assert month_label(202609) == "2026年9月"
