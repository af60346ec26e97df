"""Months of the office as whole numbers (year * 100 + month), and the moments between which they run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.rules.office_time import OFFICE_ZONE


@dataclass(frozen=True)
class Months:
    """The months from `first` to `last`, both included."""

    first: int
    last: int

    def __iter__(self) -> Iterator[int]:
        return (shifted(self.first, by) for by in range(_serial(self.last) - _serial(self.first) + 1))

    @property
    def starts_at(self) -> datetime:
        """The first moment of the first month in Beijing."""
        return _first_moment(self.first)

    @property
    def ends_before(self) -> datetime:
        """The first moment after the last month in Beijing."""
        return _first_moment(shifted(self.last, 1))


def ending(last: int, count: int) -> Months:
    """The `count` months that end with `last`."""
    return Months(first=shifted(last, 1 - count), last=last)


def shifted(period: int, by: int) -> int:
    """The month `by` months later, or earlier where negative."""
    year, month = divmod(_serial(period) + by, 12)
    return year * 100 + month + 1


def month_label(period: int) -> str:
    """How a month is written on the screen."""
    return f"{period // 100}年{period % 100}月"


def _serial(period: int) -> int:
    return period // 100 * 12 + period % 100 - 1


def _first_moment(period: int) -> datetime:
    return datetime(period // 100, period % 100, 1, tzinfo=OFFICE_ZONE)
