"""Days and months as the platform counts them, in China Standard Time, which has no summer time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

CHINA = timezone(timedelta(hours=8), "CST")


def local_time(at: float) -> datetime:
    return datetime.fromtimestamp(at, UTC).astimezone(CHINA)


def day(at: float) -> str:
    return local_time(at).strftime("%Y-%m-%d")


def month(at: float) -> str:
    return local_time(at).strftime("%Y-%m")
