"""The clocks of items under review, kept in their rows, so that a list is sorted and coloured by the database."""

from __future__ import annotations

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import REVIEW_STAGES, Submission
from services.queries.clocks import clocks_of
from services.rules.clocks import Clocks
from services.rules.stage_clocks import clock_of
from services.rules.working_days import Calendar


def wind(session: Session, submission: Submission, calendar: Calendar) -> None:
    """Set the clock of an item for the state it is in; none runs while it is with its author, or done."""
    _wind(submission, calendar, clocks_of(session))


def _wind(submission: Submission, calendar: Calendar, clocks: Clocks) -> None:
    clock = None
    if submission.state in REVIEW_STAGES:
        clock = clock_of(
            calendar,
            state=submission.state,
            entered_at=submission.stage_entered_at,
            limit=clocks.stage_limit(submission.state),
            category=submission.category,
            wanted_at=submission.wanted_at,
            event_date=submission.event_date,
        )
    submission.near_at = clock.near_at if clock else None
    submission.due_at = clock.due_at if clock else None
    submission.urgent_at = clock.urgent_at if clock else None
    if clock and submission.is_emergency:
        submission.near_at = submission.urgent_at = submission.stage_entered_at  # before everything else, from now on


def wind_all(session: Session, calendar: Calendar) -> int:
    """Set every running clock anew, after the calendar or a limit changed; how many run."""
    return _wind_each(session, calendar, col(Submission.state).in_(REVIEW_STAGES))


def wind_missing(session: Session, calendar: Calendar) -> int:
    """Set the clocks of items that were under review before clocks were kept; how many there were."""
    return _wind_each(session, calendar, col(Submission.state).in_(REVIEW_STAGES), col(Submission.due_at).is_(None))


def _wind_each(session: Session, calendar: Calendar, *conditions: ColumnElement[bool]) -> int:
    items = session.exec(select(Submission).where(*conditions)).all()
    clocks = clocks_of(session)
    for item in items:
        _wind(item, calendar, clocks)
        session.add(item)
    session.flush()
    return len(items)
