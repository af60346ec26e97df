"""The clock of a review stage: when it is due, from when it is near, and which of all waiting items is most urgent.

It runs on working time from the moment the stage was entered, and not at all while the item is with its author.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models import REVIEW_STAGES, ContentCategory, SubmissionState, Vocabulary
from services.rules.office_time import OFFICE_ZONE
from services.rules.working_days import Calendar, add_working_time

NEAR_SHARE = 0.5
"""A stage is near its end from this part of its limit on: the moment of the first reminder."""


class ClockColour(Vocabulary):
    """The three colours of a waiting item."""

    OK = "ok", "时限内"
    NEAR = "near", "临近时限"
    OVERDUE = "overdue", "已超时"


@dataclass(frozen=True)
class StageClock:
    """The moments of one stage of one item; `urgent_at` is what the inbox is sorted by."""

    near_at: datetime
    due_at: datetime
    urgent_at: datetime


def clock_of(
    calendar: Calendar,
    *,
    state: SubmissionState,
    entered_at: datetime,
    limit: timedelta,
    category: ContentCategory,
    wanted_at: datetime | None,
    event_date: date | None,
) -> StageClock | None:
    """The clock of an item in a state; None where nobody of the office is waited for.

    Urgent is an item by the earliest of three: the end of its stage, the time its author wishes it out, and, for a
    preview, the beginning of the day it speaks of (an event reported afterwards presses nobody any more).
    """
    if state not in REVIEW_STAGES:
        return None
    due_at = add_working_time(calendar, entered_at, limit)
    reasons = [due_at]
    if wanted_at is not None:
        reasons.append(wanted_at)
    if event_date is not None and category is ContentCategory.PREVIEW:
        reasons.append(datetime.combine(event_date, time.min, OFFICE_ZONE))
    return StageClock(
        near_at=add_working_time(calendar, entered_at, limit * NEAR_SHARE),
        due_at=due_at,
        urgent_at=min(reasons).astimezone(due_at.tzinfo),
    )


def colour_of(near_at: datetime | None, due_at: datetime | None, now: datetime) -> ClockColour | None:
    """The colour of a clock now; None for one that does not run."""
    if near_at is None or due_at is None:
        return None
    if now >= due_at:
        return ClockColour.OVERDUE
    return ClockColour.NEAR if now >= near_at else ClockColour.OK
