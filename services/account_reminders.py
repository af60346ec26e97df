"""The clocks of official accounts that somebody must hear of: requests, owed steps, the annual review, dates.

Each gives at most two reminders to whoever must act and then one word to those above, all in office hours; a date that
is set anew begins again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from sqlmodel import col, select

from models import (
    AccountDuty,
    AccountRequest,
    AnnualCampaign,
    AnnualReview,
    CampaignState,
    Notice,
    NoticeKind,
    OfficialAccount,
)
from services import account_notices, notices, working_calendar
from services.queries import accounts as account_reads
from services.queries.accounts import Countdown
from services.queries.clocks import clocks_of
from services.rules.account_life import ENDED, Watch
from services.rules.account_requests import STAGES
from services.rules.annual_review import WITH_UNIT
from services.rules.clocks import Clocks
from services.rules.notice_texts import (
    REQUEST_ESCALATES_TO,
    countdown_due,
    in_office_hours,
    reminder_due,
    window_due,
)
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.working_days import Calendar, end_of, working_time_between
from services.unit_of_work import UnitOfWork

Due = tuple[int, NoticeKind, str]
Ids = Iterable[int | None]


def remind(work: UnitOfWork) -> list[Notice]:
    """Write every reminder that is due now; nothing outside office hours."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    clocks = clocks_of(work.session)
    if not in_office_hours(calendar, work.now):
        return []
    return [
        *_requests(work, calendar, clocks),
        *_duties(work, calendar),
        *_reviews(work, calendar),
        *_dates(work, clocks),
    ]


def _requests(work: UnitOfWork, calendar: Calendar, clocks: Clocks) -> Iterator[Notice]:
    for request in work.session.exec(select(AccountRequest).where(col(AccountRequest.state).in_(STAGES))).all():
        limit = timedelta(days=clocks.request_working_days(request.state) or 0)
        due = reminder_due(calendar, request.state_entered_at, work.now, limit=limit)
        if due is not None:
            account = work.session.get_one(OfficialAccount, request.account_id)
            is_above = due[1] is NoticeKind.ESCALATION
            yield from _tell(
                work,
                account,
                due,
                event=f"request-clock:{request.id}:{request.state_entered_at.isoformat()}",
                whom=_above(work, REQUEST_ESCALATES_TO[request.state])
                if is_above
                else account_notices.deciders(work, request),
                what=f"{account_notices.name_of(account, request)}：{request.state.label}",
            )


def _duties(work: UnitOfWork, calendar: Calendar) -> Iterator[Notice]:
    """Of the steps that are owed by the same day the unit hears together."""
    rows = work.session.exec(
        select(AccountDuty, AccountRequest)
        .join(AccountRequest, col(AccountRequest.id) == col(AccountDuty.request_id))
        .where(col(AccountDuty.done_on).is_(None))
        .order_by(col(AccountDuty.id))
    ).all()
    owed: dict[tuple[int, date], list[tuple[AccountDuty, AccountRequest]]] = defaultdict(list)
    for duty, request in rows:
        owed[duty.request_id, duty.due_on].append((duty, request))
    for (request_id, due_on), together in owed.items():
        request = together[0][1]
        begun = request.decided_at or request.state_entered_at
        limit = working_time_between(calendar, begun, end_of(due_on))
        due = reminder_due(calendar, begun, work.now, limit=max(limit, timedelta(hours=1)))
        if due is not None:
            account = work.session.get_one(OfficialAccount, request.account_id)
            is_above = due[1] is NoticeKind.ESCALATION
            tasks = "、".join(duty.task.label for duty, _ in together)
            yield from _tell(
                work,
                account,
                due,
                event=f"duties:{request_id}:{due_on}",
                whom=_above(work, Capability.APPROVE) if is_above else account_notices.speakers(work, account),
                what=f"“{account.name}”的待办事项（应在 {due_on} 前完成）",
                body=f"还没有完成：{tasks}。",
            )


def _reviews(work: UnitOfWork, calendar: Calendar) -> Iterator[Notice]:
    rows = work.session.exec(
        select(AnnualReview, AnnualCampaign, OfficialAccount)
        .join(AnnualCampaign, col(AnnualCampaign.id) == col(AnnualReview.campaign_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(AnnualReview.account_id))
        .where(AnnualCampaign.state == CampaignState.OPEN, col(AnnualReview.state).in_(WITH_UNIT))
        .order_by(col(AnnualReview.id))
    ).all()
    for review, campaign, account in rows:
        today = office_day(work.now)
        due = window_due(calendar, today, opens_on=campaign.opens_on, closes_on=campaign.closes_on)
        # What the office returned is mended after the window, too.
        if due is None or (review.comment and today > campaign.closes_on):
            continue
        is_above = due[1] is NoticeKind.ESCALATION
        speakers = account_notices.speakers(work, account)
        yield from _tell(
            work,
            account,
            due,
            event=f"annual-clock:{review.id}",
            whom=[*_above(work, Capability.APPROVE), *speakers] if is_above else speakers,
            what=f"“{account.name}”的 {campaign.year} 年年检",
        )


def _dates(work: UnitOfWork, clocks: Clocks) -> Iterator[Notice]:
    standing = select(OfficialAccount).where(col(OfficialAccount.state).not_in(ENDED)).order_by(col(OfficialAccount.id))
    for account in work.session.exec(standing).all():
        for each in account_reads.countdowns(account, now=work.now, clocks=clocks):
            due = countdown_due(each.days_left, warn_within=each.warn_within)
            if due is not None:
                is_above = due[1] is NoticeKind.ESCALATION
                yield from _tell(
                    work,
                    account,
                    due,
                    event=f"date:{account.id}:{each.watch.value}:{each.on}",
                    whom=_above(work, Capability.APPROVE) if is_above else _watchers(work, account, each),
                    what=f"“{account.name}”{each.watch.label}（{each.on}）",
                )


def _watchers(work: UnitOfWork, account: OfficialAccount, countdown: Countdown) -> list[int | None]:
    """Who can do something about a date: secrets are the administrators', a proof waits for the office."""
    if countdown.watch is Watch.SECRET:
        return _above(work, Capability.ADMINISTER)
    if countdown.watch is Watch.FILING:
        return account_notices.checkers(work, account)
    return account_notices.speakers(work, account)


def _above(work: UnitOfWork, capability: Capability) -> list[int | None]:
    return [each.id for each in notices.holding(work, capability)]


def _tell(
    work: UnitOfWork, account: OfficialAccount, due: Due, *, event: str, whom: Ids, what: str, body: str = ""
) -> list[Notice]:
    number, kind, words = due
    return notices.tell(
        work,
        whom,
        kind,
        event=f"{event}:{number}",
        subject=("account", account.id or 0),
        title=f"{what}{words}",
        body=body,
    )
