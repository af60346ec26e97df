"""The office's time: stored in UTC, read and counted in Beijing."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

OFFICE_ZONE = ZoneInfo("Asia/Shanghai")


def office_day(moment: datetime) -> date:
    """The calendar day of a moment in Beijing."""
    return moment.astimezone(OFFICE_ZONE).date()


def period_of(moment: datetime) -> int:
    """The month of a moment in Beijing as year * 100 + month, the key of boards and ledgers."""
    day = office_day(moment)
    return day.year * 100 + day.month
