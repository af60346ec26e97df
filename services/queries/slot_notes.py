"""What a publisher should know of a moment before planning something for it. All of it warns, nothing forbids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from models import OfficialAccount, PublicationWay
from services.queries import schedule, send_quotas, sensitive_dates
from services.queries.schedule import Neighbour
from services.rules import sensitive_dates as rules
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.working_days import Calendar, is_working_day

NAMED = 3  # of the titles in the same hour


@dataclass(frozen=True)
class SlotNote:
    """One sentence; `grave` where most people would choose another moment."""

    sentence: str
    grave: bool


def notes(
    session: Session,
    *,
    at: datetime,
    account: OfficialAccount | None,
    way: PublicationWay | None,
    submission_id: int,
    calendar: Calendar,
) -> list[SlotNote]:
    """The grave ones first: sensitive days, the same account in the same hour, its sends used up; then the rest."""
    found = [
        SlotNote(f"{at.astimezone(OFFICE_ZONE):%m-%d} 是{each.name}：{each.advice}", grave=True)
        for each in rules.on(sensitive_dates.in_force(session), office_day(at))
    ]
    if account is not None and way is not None:
        found += _of_account(session, at, account, way, submission_id)
    if not is_working_day(calendar, office_day(at)):
        found.append(SlotNote("这一天不上班，请确认有人值班处理留言和突发情况。", grave=False))
    return sorted(found, key=lambda note: not note.grave)


def _of_account(
    session: Session, at: datetime, account: OfficialAccount, way: PublicationWay, submission_id: int
) -> list[SlotNote]:
    found = []
    others = schedule.neighbours(session, account.id or 0, at, but_submission=submission_id)
    hour = at.astimezone(OFFICE_ZONE).hour
    same_hour = [each for each in others if each.at.astimezone(OFFICE_ZONE).hour == hour]
    if same_hour:
        out = _titles(each for each in same_hour if each.is_out)
        planned = _titles(each for each in same_hour if not each.is_out)
        told = "，".join(filter(None, (out and f"已经发了{out}", planned and f"还要发{planned}")))
        found.append(SlotNote(f"同一小时，“{account.name}”{told}。请错开时间。", grave=True))
    elif others:
        times = "、".join(f"{each.at.astimezone(OFFICE_ZONE):%H:%M}" for each in others[:5])
        found.append(SlotNote(f"当天“{account.name}”另有 {len(others)} 篇（{times}）。", grave=False))
    if way is PublicationWay.MASS:
        quota = send_quotas.sends_left(session, account, at, but_submission=submission_id)
        found.append(SlotNote(f"{quota.sentence}。", grave=quota.left == 0))
    return found


def _titles(those: Iterable[Neighbour]) -> str:
    """The first of them, and how many more there are."""
    every = list(those)
    named = "、".join(f"《{each.title}》（{each.at.astimezone(OFFICE_ZONE):%H:%M}）" for each in every[:NAMED])
    return f"{named}等 {len(every)} 篇" if len(every) > NAMED else named
