"""The clock of a stage: its three moments, and the colour they give."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from models import REVIEW_STAGES, ContentCategory, SubmissionState
from services.rules.stage_clocks import ClockColour, StageClock, clock_of, colour_of
from services.rules.working_days import Calendar

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Beijing
HALF, WHOLE = MONDAY + timedelta(hours=12), MONDAY + timedelta(hours=24)


def clock(
    state: SubmissionState = SubmissionState.FIRST_REVIEW,
    *,
    category: ContentCategory = ContentCategory.NEWS,
    wanted_at: datetime | None = None,
    event_date: date | None = None,
) -> StageClock | None:
    return clock_of(
        Calendar(),
        state=state,
        entered_at=MONDAY,
        limit=timedelta(days=1),
        category=category,
        wanted_at=wanted_at,
        event_date=event_date,
    )


def test_clock_runs_in_every_review_stage_and_nowhere_else() -> None:
    running = {state for state in SubmissionState if clock(state) is not None}

    assert running == set(REVIEW_STAGES)


@pytest.mark.parametrize(
    ("category", "wanted_at", "event_date", "urgent_at"),
    [
        (ContentCategory.NEWS, None, None, WHOLE),
        (ContentCategory.NEWS, MONDAY + timedelta(hours=3), None, MONDAY + timedelta(hours=3)),
        (ContentCategory.NEWS, MONDAY + timedelta(days=9), None, WHOLE),
        (ContentCategory.NEWS, None, date(2026, 11, 20), WHOLE),  # what happened presses nobody any more
        (ContentCategory.PREVIEW, None, date(2026, 11, 24), datetime(2026, 11, 23, 16, 0, tzinfo=UTC)),
        (ContentCategory.PREVIEW, MONDAY, date(2026, 11, 24), MONDAY),
    ],
)
def test_urgent_is_the_earliest_of_limit_wish_and_coming_event(
    category: ContentCategory, wanted_at: datetime | None, event_date: date | None, urgent_at: datetime
) -> None:
    found = clock(category=category, wanted_at=wanted_at, event_date=event_date)

    assert found == StageClock(near_at=HALF, due_at=WHOLE, urgent_at=urgent_at)


@pytest.mark.parametrize(
    ("now", "colour"),
    [
        (MONDAY, ClockColour.OK),
        (HALF - timedelta(seconds=1), ClockColour.OK),
        (HALF, ClockColour.NEAR),
        (WHOLE - timedelta(seconds=1), ClockColour.NEAR),
        (WHOLE, ClockColour.OVERDUE),
    ],
)
def test_colour_changes_with_the_first_reminder_and_at_the_end(now: datetime, colour: ClockColour) -> None:
    assert colour_of(HALF, WHOLE, now) is colour


def test_clock_that_does_not_run_has_no_colour() -> None:
    assert colour_of(None, None, MONDAY) is None
