"""登记违规: one page of questions. What was typed stays until the case is recorded, whatever refuses it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from models import Discovery, Severity, ViolationKind
from services import violations
from services.errors import InvalidInput
from services.queries import violation_choices
from services.queries.sessions import SignedInPerson
from services.queries.violation_choices import Choices
from services.rules import scoring
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.violation_cases import DEFAULT_SEVERITY
from ui import feedback, navigation, runtime
from ui.violation_list import kind_label

FORM = "record_form"
"""How many cases were recorded in this window: each begins with fields of its own."""

CLAUSES = {
    "2.1": "2.1 账号开通与备案",
    "2.2": "2.2 账号变更",
    "3.1": "3.1 内容发布流程",
    "3.2": "3.2 内容审核标准",
    "3.3": "3.3 违规内容处理",
    "4.1": "4.1 信息安全管理制度",
    "4.2": "4.2 个人信息保护",
    "4.3": "4.3 网络安全防护",
}


def opener(user: SignedInPerson) -> None:
    """The button above the list, for whoever may record."""
    if user.may(Capability.RECORD_VIOLATIONS) and st.button(
        "登记违规", key="record_open", icon=":material/add:", type="primary"
    ):
        navigation.go("violation")


def field(name: str) -> str:
    """The key of a field of the present form."""
    return f"record-{st.session_state.get(FORM, 0)}-{name}"


def draw(user: SignedInPerson) -> None:
    """The form, for whoever may record; everybody else came here without naming a case."""
    if not user.may(Capability.RECORD_VIOLATIONS):
        st.info("请从“违规记录”里打开一件违规。", icon=":material/info:")
        return
    st.subheader("登记违规")
    with runtime.reading() as db:
        offered = violation_choices.choices(db)
    with st.container(border=True, key="record_form"):
        what, whom = st.columns(2, gap="large")
        with what:
            given = _what_happened()
        with whom:
            given |= _whom_it_concerns(user, offered)
        given |= _in_words()
        if not st.button("登记", key=field("save"), type="primary", icon=":material/save:"):
            return
        with feedback.reporting("已登记。请按下面的步骤办理。") as recorded:
            violation_id = _record(user, given)
    if recorded.done:
        st.session_state[FORM] = st.session_state.get(FORM, 0) + 1
        navigation.go("violation", id=violation_id)


def _record(user: SignedInPerson, given: Mapping[str, Any]) -> int:
    if given["kind"] is None:
        raise InvalidInput("请选择违规类型。", field="kind")
    with runtime.acting_as(user) as work:
        return violations.record(work, **given).id or 0


# --- The questions ---------------------------------------------------------------------------------------


def _what_happened() -> dict[str, Any]:
    kind = _choose_kind()
    severity = _choose_severity(kind)
    left, right = st.columns(2)
    with left:
        happened_on = st.date_input(
            "发生日期",
            value=office_day(runtime.current().now()),
            format="YYYY-MM-DD",
            key=field("happened_on"),
            persist_state="session",
        )
    with right:
        discovery = st.selectbox(
            "发现途径",
            [each.value for each in Discovery],
            format_func=lambda code: Discovery.of(code).label,
            key=field("discovery"),
            persist_state="session",
        )
    clause = st.selectbox(
        "违反条款",
        list(CLAUSES),
        index=list(CLAUSES).index("3.3"),
        format_func=lambda each: CLAUSES.get(each, each),
        accept_new_options=True,
        help="可以直接输入制度里的其他条款号。",
        key=field("clause"),
        persist_state="session",
    )
    return {
        "kind": kind,
        "severity": severity,
        "happened_on": happened_on,
        "discovery": Discovery.of(discovery),
        "clause": clause or "",
    }


def _choose_kind() -> ViolationKind | None:
    # Codes, not words: what a widget keeps between two runs is text.
    code = st.selectbox(
        "违规类型",
        [each.value for each in ViolationKind],
        index=None,
        format_func=lambda code: kind_label(ViolationKind.of(code)),
        placeholder="请选择类型",
        on_change=_propose_severity,
        key=field("kind"),
        persist_state="session",
    )
    return ViolationKind.of(code) if code else None


def _choose_severity(kind: ViolationKind | None) -> Severity:
    code = st.segmented_control(
        "严重程度",
        [each.value for each in Severity],
        default=Severity.MINOR.value,
        format_func=lambda code: Severity.of(code).label,
        required=True,
        key=field("severity"),
        persist_state="session",
    )
    severity = Severity.of(code or Severity.MINOR.value)
    proposed = f"这一类型建议“{DEFAULT_SEVERITY[kind].label}”。" if kind else ""
    st.caption(f"{proposed}认定为“{severity.label}”扣 {deduction(severity)} 分。")
    return severity


def deduction(severity: Severity) -> str:
    """The points a confirmed case costs, as a positive number: 2, 5 or 15."""
    return scoring.points_text(-scoring.DEDUCTION_HUNDREDTHS[severity])


def _propose_severity() -> None:
    code = st.session_state[field("kind")]
    if code:
        st.session_state[field("severity")] = DEFAULT_SEVERITY[ViolationKind.of(code)].value


def _whom_it_concerns(user: SignedInPerson, offered: Choices) -> dict[str, Any]:
    department_id = _one_of("责任部门", offered.departments, "department", "请选择部门")
    submission_id = _choose_item(user, department_id)
    account_id = _one_of("涉及公众号", offered.accounts, "account", "不涉及某个公众号")
    people = st.multiselect(
        "涉及人员",
        list(offered.people),
        format_func=offered.people.__getitem__,
        placeholder="不点名，或选择一人或多人",
        key=field("people"),
        persist_state="session",
    )
    # Nothing chosen is no department of the register, and the service says so in its own words.
    return {
        "department_id": department_id or 0,
        "submission_id": submission_id,
        "account_id": account_id,
        "people": people,
    }


def _choose_item(user: SignedInPerson, department_id: int | None) -> int | None:
    text = st.text_input(
        "涉及稿件",
        placeholder="先按标题里的字查找，可不填",
        icon=":material/search:",
        key=field("item_text"),
        persist_state="session",
    )
    with runtime.reading() as db:
        found = violation_choices.items(db, user, department_id=department_id, text=text)
    return _one_of("选择稿件", found, "item", "不涉及某篇稿件", label_visibility="collapsed")


def _one_of(label: str, named: Mapping[int, str], name: str, nothing: str, **more: Any) -> int | None:
    chosen: int | None = st.selectbox(
        label,
        list(named),
        index=None,
        format_func=lambda each: named[each],
        placeholder=nothing,
        key=field(name),
        persist_state="session",
        **more,
    )
    return chosen


def _in_words() -> dict[str, Any]:
    facts = st.text_area(
        "违规事实",
        placeholder="什么时间、在哪里、发生了什么，有什么影响",
        height=120,
        key=field("facts"),
        persist_state="session",
    )
    done_at_once = st.text_area(
        "已做的先行处置（没有可不填）",
        placeholder="例如：10:20 已删除推文并截图留存",
        height=88,
        key=field("done_at_once"),
        persist_state="session",
    )
    return {"facts": facts, "done_at_once": done_at_once}
