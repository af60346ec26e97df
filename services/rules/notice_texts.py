"""What a notice says and whom the rule wants to hear of it; the robot's words, which never name anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from models import NoticeKind, PublicationState, RequestState, SubmissionState
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Capability
from services.rules.working_days import Calendar, is_working_day, working_days_between, working_time_between

K, S, P, R = NoticeKind, SubmissionState, PublicationState, RequestState

ROBOT_WORDS: Mapping[NoticeKind, str] = {
    K.WAITING: "有稿件等待审核。",
    K.RETURNED: "有稿件退回修改。",
    K.TO_PUBLISH: "有稿件终审通过，等待发布。",
    K.DELIVERY: "有一次发布需要人工处理。",
    K.VIOLATION: "有违规事项需要办理。",
    K.REMINDER: "有事项临近或超过办理时限。",
    K.ESCALATION: "有事项超过办理时限，已上报。",
    K.SHORTAGE: "有事项无人可以办理，请安排代办。",
    K.ACCOUNT: "有公众号事项需要办理。",
    K.PORTRAIT: "有肖像授权事项需要处理。",
    K.ALARM: "有已发布的内容与终审版不一致，请尽快核对。",
    K.REMEDY: "有发布后的处置需要办理。",
}
"""What the group robot says, in full: no name, no title, no reason. Kinds without words stay inside the house."""

ROBOT_CLOSING = "请登录微审台查看。"

ALARMING = (P.NEEDS_PERSON, P.UNKNOWN, P.FAILED, P.MISSED, P.REMOVED, P.BANNED)
"""States of a publication that a publisher must hear of."""

# --- Reminders -------------------------------------------------------------------------------------------

ESCALATES_TO: Mapping[SubmissionState, Capability] = {
    S.DEPARTMENT_REVIEW: Capability.APPROVE,
    S.FIRST_REVIEW: Capability.APPROVE,
    S.SECOND_REVIEW: Capability.APPROVE,
    S.FINAL_REVIEW: Capability.ADMINISTER,
    S.LEADER_REVIEW: Capability.ADMINISTER,
}
"""Who hears that a stage did not decide in time: the head of the office, or whoever can name a deputy."""

REQUEST_ESCALATES_TO: Mapping[RequestState, Capability] = {
    R.DEPARTMENT: Capability.APPROVE,
    R.OFFICE: Capability.ADMINISTER,
    R.LEADER: Capability.ADMINISTER,
}
"""The same for the stages of a request about an account."""

STEPS = (
    (0.5, K.REMINDER, "已过办理时限的一半"),
    (1.0, K.REMINDER, "已到办理时限"),
    (1.5, K.ESCALATION, "已超过办理时限，仍未办理"),
)
"""At which part of the limit who hears what: two reminders to those who decide, then one word to those above."""

FINAL_DAYS = 7
"""A date that is counted down is told once more when so many days are left."""

CLOSING_WORKING_DAYS = 3
"""A window that is about to close is told once more when so many working days are left, the last one included."""

FIRST_HOUR, LAST_HOUR = 8, 18


def reminder_due(
    calendar: Calendar, entered: datetime, now: datetime, *, limit: timedelta
) -> tuple[int, NoticeKind, str] | None:
    """The furthest reminder due for what was begun then and may take so much working time: its number, kind and words.

    None outside office hours.
    """
    if not in_office_hours(calendar, now):
        return None
    part = working_time_between(calendar, entered, now) / limit
    due = [(number, kind, words) for number, (share, kind, words) in enumerate(STEPS, start=1) if part >= share]
    return due[-1] if due else None


def countdown_due(days_left: int, *, warn_within: int) -> tuple[int, NoticeKind, str] | None:
    """The furthest reminder due for a date so many days ahead: its number, kind and words."""
    if days_left < 0:
        return 3, K.ESCALATION, f"已过 {-days_left} 天"
    for number, within in ((2, min(FINAL_DAYS, warn_within // 2)), (1, warn_within)):
        if days_left <= within:
            return number, K.REMINDER, f"还有 {days_left} 天" if days_left else "今天是最后一天"
    return None


def window_due(
    calendar: Calendar, today: date, *, opens_on: date, closes_on: date
) -> tuple[int, NoticeKind, str] | None:
    """The furthest reminder due for a window in which somebody must act: opened, about to close, missed."""
    if today > closes_on:
        return 3, K.ESCALATION, f"已于 {closes_on} 截止，没有确认自查，按“未参加年检”登记"
    if today < opens_on:
        return None
    if working_days_between(calendar, today, closes_on) < CLOSING_WORKING_DAYS:
        return 2, K.REMINDER, f"将于 {closes_on} 截止，自查还没有确认"
    return 1, K.ACCOUNT, f"已经开始，请在 {closes_on} 前自查并由单位负责人确认"


def in_office_hours(calendar: Calendar, now: datetime) -> bool:
    """Whether somebody reads what is sent now: nobody is reminded at night or on a holiday."""
    hour = now.astimezone(OFFICE_ZONE).hour
    return is_working_day(calendar, office_day(now)) and FIRST_HOUR <= hour < LAST_HOUR


# --- Where a notice leads --------------------------------------------------------------------------------

PLACES: Mapping[str, str] = {
    "submission": "submission",
    "violation": "violation",
    "delegation": "delegation",
    "account": "account",
    "consent": "consents",
}
"""The page that shows a subject."""


def path_of(subject_type: str, subject_id: int) -> str:
    """Where a notice's subject is shown, as the end of an address."""
    return f"{PLACES[subject_type]}?id={subject_id}"
