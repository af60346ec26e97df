"""无人可办: a word in time where nobody may lawfully decide a stage, now or by the day it is due."""

from __future__ import annotations

from sqlmodel import col, select

from models import REVIEW_STAGES, AccountRequest, Notice, OfficialAccount, Submission
from services import account_notices, notices, working_calendar
from services.queries import deputies
from services.queries.clocks import clocks_of
from services.rules.account_requests import STAGES
from services.rules.office_time import office_day
from services.rules.working_days import Calendar
from services.unit_of_work import UnitOfWork

AT_ONCE = 500
"""Items named in one statement; databases have a limit."""


def warn(work: UnitOfWork) -> list[Notice]:
    """Tell the administrators and the head of the office, once for each stage an item or a request entered."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    return [*_of_items(work, calendar), *_of_requests(work, calendar)]


def _of_items(work: UnitOfWork, calendar: Calendar) -> list[Notice]:
    under_review = select(Submission).where(col(Submission.state).in_(REVIEW_STAGES)).order_by(col(Submission.id))
    written: list[Notice] = []
    for some in work.session.exec(under_review).partitions(AT_ONCE):
        for item, stage in deputies.short_of_people(work.session, some, calendar=calendar, now=work.now):
            event = f"{item.id}:{item.stage_entered_at.isoformat()}:{stage.value}"
            written += notices.nobody(work, item, stage, event=event)
    return written


def _of_requests(work: UnitOfWork, calendar: Calendar) -> list[Notice]:
    clocks = clocks_of(work.session)
    under_way = select(AccountRequest).where(col(AccountRequest.state).in_(STAGES)).order_by(col(AccountRequest.id))
    requests = work.session.exec(under_way).all()
    written: list[Notice] = []
    for request, stage in deputies.requests_short_of_people(
        work.session, requests, calendar=calendar, clocks=clocks, now=work.now
    ):
        account = work.session.get_one(OfficialAccount, request.account_id)
        written += notices.nobody_decides(
            work,
            account_notices.name_of(account, request),
            stage,
            event=f"request:{request.id}:{request.state_entered_at.isoformat()}:{stage.value}",
            subject=("account", request.account_id),
        )
    return written
