"""The clocks of the rule (2.1-2.3, 3.1): typed settings with defaults, in days; the administrator may change them.

Sources of the defaults: the schools' own rules where they name a number (filing within a week, changes within three
working days, dormant after a month); the rest is what an office can keep.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta

from models import RequestState, SubmissionState

S = SubmissionState


@dataclass(frozen=True)
class Clocks:
    """Each field is one setting; its name is the key under which another value is stored."""

    department_review_working_days: int = 1
    first_review_working_days: int = 1
    second_review_working_days: int = 1
    final_review_working_days: int = 1
    leader_review_working_days: int = 1
    filing_days: int = 7
    change_working_days: int = 3
    late_change_working_days: int = 5
    office_decision_working_days: int = 5
    leader_decision_working_days: int = 3
    cancel_working_days: int = 15
    notice_days: int = 7
    warning_days: int = 10
    overdue_days: int = 14
    dormant_days: int = 30
    zombie_days: int = 60
    secret_days: int = 365
    password_days: int = 90
    verification_warning_days: int = 60

    def stage_limit(self, stage: SubmissionState) -> timedelta:
        """The working time a review stage may take."""
        return timedelta(days=getattr(self, OF_STAGE[stage]))

    def request_working_days(self, stage: RequestState) -> int | None:
        """The working days a stage of a request about an account may take; None where nobody is asked to decide."""
        name = OF_REQUEST_STAGE.get(stage)
        return None if name is None else int(getattr(self, name))


OF_STAGE: Mapping[SubmissionState, str] = {
    S.DEPARTMENT_REVIEW: "department_review_working_days",
    S.FIRST_REVIEW: "first_review_working_days",
    S.SECOND_REVIEW: "second_review_working_days",
    S.FINAL_REVIEW: "final_review_working_days",
    S.LEADER_REVIEW: "leader_review_working_days",
}
"""The clock of each review stage."""

OF_REQUEST_STAGE: Mapping[RequestState, str] = {
    RequestState.DEPARTMENT: "office_decision_working_days",
    RequestState.OFFICE: "office_decision_working_days",
    RequestState.LEADER: "leader_decision_working_days",
}

LABELS: dict[str, str] = {
    "department_review_working_days": "部门审签（工作日内）",
    "first_review_working_days": "宣传部初审（工作日内）",
    "second_review_working_days": "宣传部复审（工作日内）",
    "final_review_working_days": "宣传部终审（工作日内）",
    "leader_review_working_days": "分管校领导审批稿件（工作日内）",
    "filing_days": "注册后备案（自然日内）",
    "change_working_days": "变更发生后备案（工作日内）",
    "late_change_working_days": "超过此工作日数未备案的变更，按违规登记",
    "office_decision_working_days": "单位和宣传部办理申请，各（工作日内）",
    "leader_decision_working_days": "分管校领导审批（工作日内）",
    "cancel_working_days": "批准注销后办完（工作日内）",
    "notice_days": "注销公告至少公示（自然日）",
    "warning_days": "未更新：提醒（天）",
    "overdue_days": "未更新：超期（天）",
    "dormant_days": "未更新：休眠（天）",
    "zombie_days": "未更新：僵尸号（天）",
    "secret_days": "AppSecret 应更换（天）",
    "password_days": "登录密码应更换（天）",
    "verification_warning_days": "认证到期前提醒（天）",
}

REVIEW = "稿件审核"
GROUPS: Mapping[str, tuple[str, ...]] = {
    REVIEW: tuple(OF_STAGE.values()),
    "公众号申请、变更与注销": (
        "filing_days",
        "change_working_days",
        "late_change_working_days",
        "office_decision_working_days",
        "leader_decision_working_days",
        "cancel_working_days",
        "notice_days",
    ),
    "更新频率": ("warning_days", "overdue_days", "dormant_days", "zombie_days"),
    "凭证与认证": ("secret_days", "password_days", "verification_warning_days"),
}
"""The clocks as the screen groups them."""

LONGEST = 1000
"""Days: beyond this a clock is a typing error."""

GROWING = (
    ("change_working_days", "late_change_working_days"),
    ("warning_days", "overdue_days"),
    ("overdue_days", "dormant_days"),
    ("dormant_days", "zombie_days"),
)
"""Clocks of which the second must run longer than the first."""


def clocks_from(stored: Mapping[str, str]) -> Clocks:
    """The clocks in force: what is stored where it is a usable number, the default everywhere else."""
    known = {each.name: stored[each.name] for each in fields(Clocks) if each.name in stored}
    return Clocks(**{name: int(value) for name, value in known.items() if value.isascii() and value.isdigit()})


def fault_of(clocks: Clocks) -> tuple[str, str] | None:
    """The field that cannot be so, and why, as a sentence; None if all is well."""
    for name, label in LABELS.items():
        if not 1 <= getattr(clocks, name) <= LONGEST:
            return name, f"“{label}”须在 1 到 {LONGEST} 之间。"
    for shorter, longer in GROWING:
        if getattr(clocks, shorter) >= getattr(clocks, longer):
            return longer, f"“{LABELS[longer]}”须大于“{LABELS[shorter]}”。"
    return None
