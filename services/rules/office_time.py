"""The office's time: stored in UTC, read and counted in Beijing."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


def office_day(moment: datetime) -> date:
    """The calendar day of a moment in Beijing."""
    return moment.astimezone(OFFICE_ZONE).date()


def period_of(moment: datetime) -> int:
    """The month of a moment in Beijing as year * 100 + month, the key of boards and ledgers."""
    day = office_day(moment)
    return day.year * 100 + day.month


def on_the_clock(moment: datetime) -> str:
    """A moment as a sentence names it: day and time, with the zone."""
    local = moment.astimezone(OFFICE_ZONE)
    return f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}（北京时间）"


def midnight_of(day: date) -> datetime:
    """When a day begins in Beijing."""
    return datetime.combine(day, time(0), OFFICE_ZONE)


def midnight_before(moment: datetime) -> datetime:
    """When the day of a moment began in Beijing: daily quotas count from there."""
    return midnight_of(office_day(moment))
