"""The register's fields as the filing form names them, and one widget for each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

import streamlit as st

from models import AccountKind, AccountLevel, AccountState, AnnualState, RegisterEntry, RequestState
from services.rules.account_life import Freshness, Urgency
from ui import wording

LABELS: Mapping[str, str] = {
    "name": "账号名称",
    "kind": "账号类型",
    "level": "平台级别",
    "external_facing": "面向校外发布",
    "purpose": "功能定位",
    "content_scope": "内容类别",
    "audience": "目标受众",
    "overlap_note": "与既有账号是否重复",
    "planned_per_month": "预计更新（次/月）",
    "comments_enabled": "开通留言",
    "vendor": "第三方代运营单位",
    "vendor_contract": "代运营合同编号",
    "owner_department_id": "主办单位",
    "sponsor": "挂靠或指导单位",
    "first_responsible": "第一责任人",
    "leader_in_charge": "分管领导",
    "guide_teacher": "指导教师",
    "admin_a": "管理员 A 角",
    "admin_b": "管理员 B 角",
    "contact": "联系电话",
    "bound_phone_end": "绑定手机后四位",
    "password_custodian": "密码保管人",
    "password_changed_on": "上次改密日期",
    "login_protection": "已开启登录保护",
    "emergency_contact": "应急联系人",
    "first_reviewer": "初审人",
    "second_reviewer": "复审人",
    "final_reviewer": "终审人",
    "proofreader": "校对人",
    "wechat_id": "微信号",
    "original_id": "原始 ID",
    "subject_name": "认证主体",
    "subject_type": "主体类型",
    "verified": "已认证",
    "verified_until": "认证到期日",
    "emblem_authorised": "获准使用校名校徽",
    "external_filing_no": "上级或网信备案编号",
    "exception_reason": "例外理由（同类账号不止一个）",
}

GROUPS: Mapping[str, tuple[str, ...]] = {
    "账号": (
        "kind", "level", "external_facing", "wechat_id", "original_id", "subject_name", "subject_type", "verified",
        "verified_until", "emblem_authorised",
    ),
    "用途": (
        "purpose", "content_scope", "audience", "overlap_note", "planned_per_month", "comments_enabled", "vendor",
        "vendor_contract",
    ),
    "责任": ("sponsor", "first_responsible", "leader_in_charge", "guide_teacher"),
    "人员": ("admin_a", "admin_b", "contact", "bound_phone_end"),
    "安全": ("password_custodian", "password_changed_on", "login_protection", "emergency_contact"),
    "审核链": ("first_reviewer", "second_reviewer", "final_reviewer", "proofreader"),
    "备案": ("external_filing_no", "exception_reason"),
}  # fmt: skip
"""The groups of the filing form."""

WHAT_IT_MEANS: Mapping[str, str] = {
    "level": "一级账号代表学校，须由分管校领导批准",
    "external_facing": "面向校外的账号须由分管校领导批准",
    "admin_a": "在编教职工；学生不能担任",
    "admin_b": "另一位在编教职工，A 角不在时接手",
    "password_custodian": "系统不保存登录密码，只记由谁保管、何时更换",
}

STATE_COLOURS: Mapping[AccountState, str] = {
    AccountState.APPLIED: "blue",
    AccountState.APPROVED: "blue",
    AccountState.REGISTERED: "blue",
    AccountState.ACTIVE: "green",
    AccountState.SUSPENDED: "orange",
    AccountState.CANCELLING: "orange",
    AccountState.CANCELLED: "gray",
    AccountState.REFUSED: "red",
    AccountState.WITHDRAWN: "gray",
}
REQUEST_COLOURS: Mapping[RequestState, str] = {
    RequestState.DEPARTMENT: "blue",
    RequestState.OFFICE: "blue",
    RequestState.LEADER: "blue",
    RequestState.RETURNED: "orange",
    RequestState.GRANTED: "green",
    RequestState.REFUSED: "red",
    RequestState.WITHDRAWN: "gray",
}
FRESHNESS_COLOURS: Mapping[Freshness, str] = {
    Freshness.FRESH: "green",
    Freshness.WARNING: "orange",
    Freshness.OVERDUE: "red",
    Freshness.DORMANT: "red",
    Freshness.ZOMBIE: "red",
}
URGENCY_COLOURS: Mapping[Urgency, str] = {Urgency.CALM: "gray", Urgency.SOON: "orange", Urgency.OVER: "red"}
ANNUAL_COLOURS: Mapping[AnnualState, str] = {
    AnnualState.NOT_STARTED: "gray",
    AnnualState.SELF_CHECKED: "blue",
    AnnualState.CONFIRMED: "blue",
    AnnualState.PASSED: "green",
    AnnualState.PASSED_GOOD: "green",
    AnnualState.CONDITIONAL: "orange",
    AnnualState.FAILED: "red",
    AnnualState.MISSED: "red",
}


def badge(text: str, colour: str, *, icon: str | None = None) -> None:
    """A small mark in one of Streamlit's colours."""
    st.badge(text, color=colour, icon=icon)  # type: ignore[arg-type]  # a colour's name


def sent_back(what: str, by: str, at: datetime, words: str) -> None:
    """Why something came back, beside the form it is mended in."""
    st.markdown(f":orange[:material/undo: **{what}**]　{wording.literal(by)}　:gray[{wording.moment(at)}]")
    st.markdown(wording.quoted(wording.literal(words)))


def shown(value: object) -> str:
    """A value of the register as a person reads it; empty where nothing is entered."""
    if isinstance(value, AccountKind | AccountLevel):
        return value.label
    if isinstance(value, bool):
        return "是" if value else ""
    return "" if value is None else str(value)


def fields(names: Iterable[str], entry: RegisterEntry, *, key: str, needed: Iterable[str] = ()) -> dict[str, Any]:
    """Draw the widgets of some fields in pairs, which stand below each other on a phone; what they hold."""
    wanted, must, given = list(names), frozenset(needed), {}
    for first in range(0, len(wanted), 2):
        for place, name in zip(st.columns(2), wanted[first : first + 2], strict=False):
            given[name] = _field(place, name, getattr(entry, name), key=f"{key}-{name}", needed=name in must)
    return given


def _field(place: Any, name: str, value: object, *, key: str, needed: bool) -> Any:
    label = LABELS[name] + (" *" if needed else "")
    given = {"key": key, "help": WHAT_IT_MEANS.get(name)}
    if isinstance(value, AccountKind | AccountLevel):
        words = list(type(value))
        return place.selectbox(label, words, index=words.index(value), format_func=lambda word: word.label, **given)
    if isinstance(value, bool):
        return place.checkbox(label, value, **given)
    if name == "planned_per_month":
        return place.number_input(label, 0, 300, value, **given)
    if name in ("verified_until", "password_changed_on"):
        return place.date_input(label, value if isinstance(value, date) else None, format="YYYY-MM-DD", **given)
    return place.text_input(label, str(value or ""), max_chars=500 if name == "purpose" else 120, **given)
