"""The clocks of official accounts that somebody must hear of: requests, owed steps, the annual review, dates.

Each gives at most two reminders to whoever must act and then one word to those above, all in office hours; a date that
is set anew begins again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

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


@dataclass(frozen=True)
class Reminder:
    """One word that is due about an account; `whom` is asked only if nobody heard of the event yet."""

    event: str
    kind: NoticeKind
    account: OfficialAccount
    title: str
    whom: Callable[[], Ids]
    body: str = ""


def remind(work: UnitOfWork) -> list[Notice]:
    """Write every reminder that is due now and was not given yet; nothing outside office hours."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    clocks = clocks_of(work.session)
    if not in_office_hours(calendar, work.now):
        return []
    due = [
        *_requests(work, calendar, clocks),
        *_duties(work, calendar),
        *_reviews(work, calendar),
        *_dates(work, clocks),
    ]
    known = select(Notice.event).where(col(Notice.event).in_([each.event for each in due])).distinct()
    told = set(work.session.exec(known))
    return [notice for each in due if each.event not in told for notice in _tell(work, each)]


def _tell(work: UnitOfWork, due: Reminder) -> list[Notice]:
    subject = ("account", due.account.id or 0)
    return notices.tell(work, due.whom(), due.kind, event=due.event, subject=subject, title=due.title, body=due.body)


def _reminder(
    due: Due, account: OfficialAccount, *, event: str, what: str, whom: Callable[[], Ids], body: str = ""
) -> Reminder:
    number, kind, words = due
    return Reminder(f"{event}:{number}", kind, account, f"{what}{words}", whom, body)


def _requests(work: UnitOfWork, calendar: Calendar, clocks: Clocks) -> Iterator[Reminder]:
    rows = work.session.exec(
        select(AccountRequest, OfficialAccount)
        .join(OfficialAccount, col(OfficialAccount.id) == col(AccountRequest.account_id))
        .where(col(AccountRequest.state).in_(STAGES))
        .order_by(col(AccountRequest.id))
    ).all()
    for request, account in rows:
        limit = timedelta(days=clocks.request_working_days(request.state) or 0)
        due = reminder_due(calendar, request.state_entered_at, work.now, limit=limit)
        if due is not None:
            above = partial(_holding, work, REQUEST_ESCALATES_TO[request.state])
            yield _reminder(
                due,
                account,
                event=f"request-clock:{request.id}:{request.state_entered_at.isoformat()}",
                what=f"{account_notices.name_of(account, request)}：{request.state.label}",
                whom=above if _is_above(due) else partial(account_notices.deciders, work, request),
            )


def _duties(work: UnitOfWork, calendar: Calendar) -> Iterator[Reminder]:
    """Of the steps that are owed by the same day the unit hears together."""
    rows = work.session.exec(
        select(AccountDuty, AccountRequest, OfficialAccount)
        .join(AccountRequest, col(AccountRequest.id) == col(AccountDuty.request_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(AccountDuty.account_id))
        .where(col(AccountDuty.done_on).is_(None))
        .order_by(col(AccountDuty.id))
    ).all()
    owed: dict[tuple[int, date], list[tuple[AccountDuty, AccountRequest, OfficialAccount]]] = defaultdict(list)
    for row in rows:
        owed[row[0].request_id, row[0].due_on].append(row)
    for (request_id, due_on), together in owed.items():
        _, request, account = together[0]
        begun = request.decided_at or request.state_entered_at
        limit = working_time_between(calendar, begun, end_of(due_on))
        due = reminder_due(calendar, begun, work.now, limit=max(limit, timedelta(hours=1)))
        if due is not None:
            above = partial(_holding, work, Capability.APPROVE)
            yield _reminder(
                due,
                account,
                event=f"duties:{request_id}:{due_on}",
                what=f"“{account.name}”的待办事项（应在 {due_on} 前完成）",
                whom=above if _is_above(due) else partial(account_notices.speakers, work, account),
                body=f"还没有完成：{'、'.join(duty.task.label for duty, *_ in together)}。",
            )


def _reviews(work: UnitOfWork, calendar: Calendar) -> Iterator[Reminder]:
    rows = work.session.exec(
        select(AnnualReview, AnnualCampaign, OfficialAccount)
        .join(AnnualCampaign, col(AnnualCampaign.id) == col(AnnualReview.campaign_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(AnnualReview.account_id))
        .where(AnnualCampaign.state == CampaignState.OPEN, col(AnnualReview.state).in_(WITH_UNIT))
        .order_by(col(AnnualReview.id))
    ).all()
    today = office_day(work.now)
    for review, campaign, account in rows:
        due = window_due(calendar, today, opens_on=campaign.opens_on, closes_on=campaign.closes_on)
        # What the office returned is mended after the window, too.
        if due is None or (review.comment and today > campaign.closes_on):
            continue
        yield _reminder(
            due,
            account,
            event=f"annual-clock:{review.id}",
            what=f"“{account.name}”的 {campaign.year} 年年检",
            whom=partial(_of_unit_and_above if _is_above(due) else account_notices.speakers, work, account),
        )


def _dates(work: UnitOfWork, clocks: Clocks) -> Iterator[Reminder]:
    standing = select(OfficialAccount).where(col(OfficialAccount.state).not_in(ENDED)).order_by(col(OfficialAccount.id))
    for account in work.session.exec(standing).all():
        for each in account_reads.countdowns(account, now=work.now, clocks=clocks):
            due = countdown_due(each.days_left, warn_within=each.warn_within)
            if due is not None:
                above = partial(_holding, work, Capability.APPROVE)
                yield _reminder(
                    due,
                    account,
                    event=f"date:{account.id}:{each.watch.value}:{each.on}",
                    what=f"“{account.name}”{each.watch.label}（{each.on}）",
                    whom=above if _is_above(due) else partial(_watchers, work, account, each.watch),
                )


# --- Who must hear ---------------------------------------------------------------------------------------


def _is_above(due: Due) -> bool:
    return due[1] is NoticeKind.ESCALATION


def _watchers(work: UnitOfWork, account: OfficialAccount, watch: Watch) -> Ids:
    """Who can do something about a date: secrets are the administrators', a proof waits for the office."""
    if watch is Watch.SECRET:
        return _holding(work, Capability.ADMINISTER)
    if watch is Watch.FILING:
        return account_notices.checkers(work, account)
    return account_notices.speakers(work, account)


def _of_unit_and_above(work: UnitOfWork, account: OfficialAccount) -> Ids:
    return [*_holding(work, Capability.APPROVE), *account_notices.speakers(work, account)]


def _holding(work: UnitOfWork, capability: Capability) -> list[int | None]:
    return [each.id for each in notices.holding(work, capability)]
