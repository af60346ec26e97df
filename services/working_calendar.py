"""The office's calendar: published holidays (package `holidays`) under what the administrator entered.

Next year's make-up days are published in November; until they are in the package or entered here, such a year runs
on weekdays without statutory holidays, and every deadline in it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache

import holidays
from sqlmodel import Session, col, select

from models import AuditAction, CalendarOverride
from services import audit, stage_clocks
from services.errors import InvalidInput, NotAllowed, NotFound
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.working_days import SATURDAY, Calendar
from services.unit_of_work import UnitOfWork

FIRST_YEAR, LAST_YEAR = 2020, 2100
YEARS_AHEAD = 2
LONGEST_NOTE = 60
MOST_DAYS = 100
"""In one entry: longer than any vacation."""

ONE_DAY = timedelta(days=1)
ONLY_ADMIN = "只有系统管理员可以修改工作日历。"


def calendar_of(session: Session, today: date) -> Calendar:
    """The calendar for deadlines around today: from the year before to two years on."""
    calendar = Calendar()
    for year in range(today.year - 1, today.year + YEARS_AHEAD + 1):
        calendar = _joined(calendar, published(year))
    overrides = session.exec(select(CalendarOverride)).all()
    for each in overrides:
        calendar = calendar.with_override(each.day, is_working=each.is_working)
    entered = {each.day.year for each in overrides if each.is_working and each.day.weekday() >= SATURDAY}
    return Calendar(calendar.days_off, calendar.days_worked, calendar.settled_years | entered)


@cache
def published(year: int) -> Calendar:
    """One year as the package knows it. Settled, where it knows weekend days that are worked."""
    known = holidays.country_holidays("CN", years=year)
    worked = frozenset(known.weekend_workdays)
    return Calendar(
        days_off=frozenset(known),
        days_worked=worked,
        settled_years=frozenset({year} & {day.year for day in worked}),
    )


def _joined(one: Calendar, other: Calendar) -> Calendar:
    return Calendar(
        one.days_off | other.days_off,
        one.days_worked | other.days_worked,
        one.settled_years | other.settled_years,
    )


@dataclass(frozen=True)
class Span:
    """Days on end that the administrator entered alike, the last included."""

    first: date
    last: date
    is_working: bool
    note: str


def spans(session: Session) -> list[Span]:
    """What the administrator entered, the latest first; a vacation is one line."""
    found: list[Span] = []
    for each in session.exec(select(CalendarOverride).order_by(col(CalendarOverride.day))):
        span = Span(each.day, each.day, each.is_working, each.note)
        before = found[-1] if found else None
        if before and (before.last + ONE_DAY, before.is_working, before.note) == (each.day, each.is_working, each.note):
            found[-1] = replace(before, last=each.day)
        else:
            found.append(span)
    return found[::-1]


def set_days(work: UnitOfWork, *, first: date, last: date, is_working: bool, note: str) -> None:
    """Decide whether days are worked, whatever the published holidays say; a second entry replaces the first.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` naming the field.
    """
    _refuse_others(work)
    note = note.strip()
    if not note:
        raise InvalidInput("请写明依据，例如“国务院办公厅 2027 年放假通知”或“寒假”。", field="note")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(f"依据请控制在 {LONGEST_NOTE} 字以内。", field="note")
    if last < first:
        raise InvalidInput("结束日期早于开始日期，请重新选择。", field="last")
    if not FIRST_YEAR <= first.year <= last.year <= LAST_YEAR:
        raise InvalidInput("日期超出范围，请核对年份。", field="first")
    if (last - first).days >= MOST_DAYS:
        raise InvalidInput(f"一次最多录入 {MOST_DAYS} 天，请核对日期，或分几次录入。", field="last")
    entered = {each.day: each for each in _entered(work, first, last)}
    for day in (first + timedelta(days=number) for number in range((last - first).days + 1)):
        entry = entered.get(day) or CalendarOverride(day=day, is_working=is_working, note=note)
        entry.is_working, entry.note = is_working, note
        work.session.add(entry)
    _wind_clocks(work)
    _record(work, first, last, {"is_working": is_working, "note": note})


def clear_days(work: UnitOfWork, *, first: date, last: date) -> None:
    """Let the published holidays decide these days again. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    entered = _entered(work, first, last)
    if not entered:
        raise NotFound("这些日子没有单独的安排，可能已被删除：请刷新页面。")
    for each in entered:
        work.session.delete(each)
    _wind_clocks(work)
    _record(work, first, last, {"removed": True})


def _entered(work: UnitOfWork, first: date, last: date) -> Sequence[CalendarOverride]:
    return work.session.exec(
        select(CalendarOverride).where(CalendarOverride.day >= first, CalendarOverride.day <= last)
    ).all()


def _wind_clocks(work: UnitOfWork) -> None:
    work.session.flush()
    stage_clocks.wind_all(work.session, calendar_of(work.session, office_day(work.now)))


def _refuse_others(work: UnitOfWork) -> None:
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed(ONLY_ADMIN)


def _record(work: UnitOfWork, first: date, last: date, details: dict[str, object]) -> None:
    days = {"day": first.isoformat()} | ({"to": last.isoformat()} if last != first else {})
    audit.record(work, AuditAction.CALENDAR_CHANGED, "calendar", None, {**days, **details})
