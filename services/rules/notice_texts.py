"""What a notice says and whom the rule wants to hear of it; the robot's words, which never name anybody."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from models import NoticeKind, PublicationState, SubmissionState
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Capability
from services.rules.working_days import Calendar, is_working_day, working_time_between

K, S, P = NoticeKind, SubmissionState, PublicationState

ROBOT_WORDS: Mapping[NoticeKind, str] = {
    K.WAITING: "有稿件等待审核。",
    K.RETURNED: "有稿件退回修改。",
    K.TO_PUBLISH: "有稿件终审通过，等待发布。",
    K.DELIVERY: "有一次发布需要人工处理。",
    K.VIOLATION: "有违规事项需要办理。",
    K.REMINDER: "有稿件临近或超过办理时限。",
    K.ESCALATION: "有稿件超过办理时限，已上报。",
    K.SHORTAGE: "有稿件无人可以办理，请安排代办。",
    K.ACCOUNT: "有公众号事项临近时限。",
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

STEPS = (
    (0.5, K.REMINDER, "已过办理时限的一半"),
    (1.0, K.REMINDER, "已到办理时限"),
    (1.5, K.ESCALATION, "已超过办理时限，仍未办理"),
)
"""At which part of the limit who hears what: two reminders to those who decide, then one word to those above."""

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
}
"""The page that shows a subject."""


def path_of(subject_type: str, subject_id: int) -> str:
    """Where a notice's subject is shown, as the end of an address."""
    return f"{PLACES[subject_type]}?id={subject_id}"
