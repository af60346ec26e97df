"""Working days of the office: weekdays without public holidays, plus the make-up days worked at weekends (调休).

Pure: the days themselves come in a `Calendar`, which `services/working_calendar.py` makes from the published
holidays and the administrator's own entries. All clocks of the rule run on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from services.rules.office_time import OFFICE_ZONE, office_day

ONE_DAY = timedelta(days=1)
SATURDAY = 5


@dataclass(frozen=True)
class Calendar:
    """The exceptions to Monday to Friday.

    `days_off` are weekdays nobody works, `days_worked` weekend days everybody does. In `settled_years` the make-up
    days are known; in every other year a deadline may still move by a day or two.
    """

    days_off: frozenset[date] = frozenset()
    days_worked: frozenset[date] = frozenset()
    settled_years: frozenset[int] = frozenset()

    def with_override(self, day: date, *, is_working: bool) -> Calendar:
        """The same calendar with one day decided by the administrator."""
        off, worked = self.days_off - {day}, self.days_worked - {day}
        return Calendar(
            days_off=off if is_working else off | {day},
            days_worked=worked | {day} if is_working else worked,
            settled_years=self.settled_years,
        )

    def note(self, *days: date) -> str:
        """What a person must know of a deadline that touches these days; empty where every year is settled."""
        open_years = sorted({day.year for day in days} - self.settled_years)
        if not open_years:
            return ""
        years = "、".join(str(year) for year in open_years)
        return f"{years} 年的调休安排还没有公布或录入，暂按周一至周五（扣除法定节假日）计算，日期可能变动。"


def is_working_day(calendar: Calendar, day: date) -> bool:
    """Whether the office works on a day."""
    if day in calendar.days_worked:
        return True
    return day.weekday() < SATURDAY and day not in calendar.days_off


def add_working_days(calendar: Calendar, day: date, count: int) -> date:
    """The working day `count` working days after `day`, which itself does not count; 0 is the day itself if it is
    one, else the next.
    """
    if count == 0:
        return day if is_working_day(calendar, day) else add_working_days(calendar, day, 1)
    left = count
    while left:
        day += ONE_DAY
        left -= is_working_day(calendar, day)
    return day


def working_days_between(calendar: Calendar, first: date, last: date) -> int:
    """How many working days come after `first`, up to and with `last`; negative where `last` comes before."""
    if last < first:
        return -working_days_between(calendar, last, first)
    return sum(is_working_day(calendar, day) for day in _days(first + ONE_DAY, last))


def working_time_between(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """How much of the time from `start` to `end` fell on working days in Beijing; each of them counts 24 hours.

    Nothing, where `end` comes first.
    """
    total = timedelta()
    for day in _days(office_day(start), office_day(end)):
        if is_working_day(calendar, day):
            total += max(timedelta(), min(end, _midnight(day + ONE_DAY)) - max(start, _midnight(day)))
    return total


def add_working_time(calendar: Calendar, start: datetime, length: timedelta) -> datetime:
    """The moment by which so much working time has passed since `start`; `working_time_between` the other way round.

    In UTC. Nothing passes at weekends and on holidays: what begins there begins with the next working day.
    """
    at, left, day = start, length, office_day(start)
    while True:
        end = _midnight(day + ONE_DAY)
        if is_working_day(calendar, day):
            if left <= end - at:
                return (at + left).astimezone(UTC)
            left -= end - at
        at, day = end, day + ONE_DAY


def deadline(calendar: Calendar, start: datetime, working_days: int) -> datetime:
    """The moment by which something begun at `start` is due: the end of the last of so many working days."""
    return end_of(add_working_days(calendar, office_day(start), working_days))


def end_of(day: date) -> datetime:
    """The midnight in Beijing that ends a day."""
    return _midnight(day + ONE_DAY)


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)
