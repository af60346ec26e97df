"""无人可办: a word in time where nobody may lawfully decide a stage, now or by the day it is due."""

from __future__ import annotations

from sqlmodel import col, select

from models import REVIEW_STAGES, Notice, Submission
from services import notices, working_calendar
from services.queries import deputies
from services.rules.office_time import office_day
from services.unit_of_work import UnitOfWork


def warn(work: UnitOfWork) -> list[Notice]:
    """Tell the administrators and the head of the office, once for each stage an item entered."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    under_review = select(Submission).where(col(Submission.state).in_(REVIEW_STAGES)).order_by(col(Submission.id))
    written: list[Notice] = []
    for item in work.session.exec(under_review):
        found = deputies.outlook(work.session, item, calendar=calendar, now=work.now)
        short = next((each.stage for each in found.stages if each.warning), None) if found else None
        if short is not None:
            event = f"{item.id}:{item.stage_entered_at.isoformat()}:{short.value}"
            written += notices.nobody(work, item, short, event=event)
    return written
