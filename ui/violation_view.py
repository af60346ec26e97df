"""One case on the screen: what happened, whom it concerns, what was done, and what this person may do next."""

from __future__ import annotations

import streamlit as st

from models import ViolationAction, ViolationState
from services import violations
from services.queries.sessions import SignedInPerson
from services.queries.violations import CaseDetail, StepLine
from services.rules import scoring
from services.rules.violation_cases import (
    CASE_STEPS,
    DID_NOT_DECIDE,
    DID_NOT_FIX,
    DID_NOT_RECORD,
    IMPARTIAL,
    WAS_NOT_APPEALED,
    CaseStanding,
    CaseStep,
    missing_right,
)
from ui import feedback, navigation, runtime, wording
from ui.violation_form import deduction
from ui.violation_list import SEVERITY_COLOURS, kind_label, state_colour

S = ViolationState
A = ViolationAction

NEXT = {
    S.RECORDED: "等宣传部或监督小组先行处置、开始调查。",
    S.CONTAINED: "等宣传部或监督小组开始调查。",
    S.INVESTIGATING: "等责令整改，或由终审人、监督小组认定。",
    S.RECTIFYING: "等责任部门报告整改完成。",
    S.RECHECKING: "等另一位同志复核后认定，或再次责令整改。",
    S.DECIDED: "责任部门可以申诉一次；没有异议的，由另一位同志结案。",
    S.APPEALED: "等原认定人以外的同志答复申诉。",
    S.CLOSED: "已经办结。",
    S.DISMISSED: "已经办结，认定不成立。",
}
"""Who is to do something now."""

ASKED_BEFORE = frozenset({A.DECIDE, A.DISMISS, A.APPEAL, A.CLOSE})
"""Steps that cannot be taken back, or not by whoever took them: they open first and say what will happen."""

OTHER_PERSON = (*IMPARTIAL, DID_NOT_RECORD, DID_NOT_FIX, DID_NOT_DECIDE, WAS_NOT_APPEALED)
"""Rights that the person lacks because of this case, and not because of a role: worth saying."""


# --- What happened ---------------------------------------------------------------------------------------


def head(case: CaseDetail) -> None:
    """The kind, the state and who is to act."""
    violation = case.violation
    st.subheader(f"{kind_label(violation.kind)}（第 {violation.id} 号）")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.badge(violation.severity.label, color=SEVERITY_COLOURS[violation.severity])  # type: ignore[arg-type]  # a colour's name
        st.badge(violation.state.label, color=state_colour(violation.state))  # type: ignore[arg-type]  # as above
        st.badge(case.department, color="gray")
    st.caption(NEXT[violation.state])


def facts(case: CaseDetail) -> None:
    """The record, as it was entered."""
    violation = case.violation
    with st.container(border=True, key="case_facts"):
        st.markdown("**违规事实**")
        st.markdown(wording.literal(violation.facts))
        st.markdown("**先行处置**")
        st.markdown(wording.literal(violation.done_at_once) or ":gray[还没有登记]")
        st.markdown("**登记内容**")
        st.markdown("  \n".join(f":gray[{name}]　{value}" for name, value in _record(case).items() if value))
        if case.item is not None:
            title = wording.literal(case.item.title) or "（还没有标题）"
            navigation.link("submission", f":material/article: {title}", id=case.item.id or 0)


def _record(case: CaseDetail) -> dict[str, str]:
    violation = case.violation
    return {
        "违反条款": wording.literal(violation.clause),
        "发生日期": f"{violation.happened_on}",
        "发现途径": case.discovery.label,
        "涉及人员": wording.literal(wording.listed(case.people)) or "没有点名",
        "涉及公众号": wording.literal(case.account.name) if case.account else "",
        "登记": f"{wording.literal(case.recorded_by)}，{wording.moment(violation.recorded_at)}",
    }


# --- What may be done ------------------------------------------------------------------------------------


def steps(user: SignedInPerson, case: CaseDetail, standing: CaseStanding) -> None:
    """The buttons of the case table for this person, with one place for their words."""
    with st.container(border=True, key="case_steps"):
        st.markdown("**办理**")
        if any(step.needs_reason for step in case.steps):
            st.text_area("情况或理由", key=_words(case), placeholder="写明情况或理由，它会留在案卷里", height=112)
        for step in case.steps:
            _button(user, case, step)
        if not case.steps:
            st.caption("现在没有需要您办理的事项。")
        for sentence in _withheld(user, standing):
            st.caption(f":material/group: {sentence}")


def _withheld(user: SignedInPerson, standing: CaseStanding) -> list[str]:
    """What this person could do in another case, and why not in this one: each sentence once."""
    sentences: dict[str, list[str]] = {}
    for step in CASE_STEPS:
        missing = missing_right(step, user, standing) if standing.state in step.sources else None
        if missing in OTHER_PERSON and missing is not None:
            sentences.setdefault(missing.sentence, []).append(f"“{step.action.label}”")
    return [f"{''.join(actions)}：{sentence}" for sentence, actions in sentences.items()]


def consequence(case: CaseDetail, action: ViolationAction) -> str:
    """What a step will do, said before it is taken."""
    if case.violation.state is S.APPEALED:
        taken = scoring.points_text(-sum(each.hundredths for each in case.points))
        return {
            A.DECIDE: f"维持原来的认定，已扣的 {taken} 分不变；不能再次申诉，结案由另一位同志办理。",
            A.DISMISS: f"申诉成立，退还已扣的 {taken} 分；这件违规到此结束。",
        }[action]
    return {
        A.CONTAIN: "留下已做的处置：删除、更正、截图留存等。",
        A.INVESTIGATE: "开始核实事实和责任。",
        A.ORDER: "责任部门会看到整改要求，整改后向您报告。",
        A.REPORT_FIXED: "报告后由另一位同志复核。",
        A.DECIDE: (
            f"认定为“{case.violation.severity.label}”，{case.department}扣 {deduction(case.violation.severity)} 分，"
            "计入本月；只有申诉成立才退还。结案须由另一位同志办理。"
        ),
        A.DISMISS: "认定违规不成立，不扣分；这件违规到此结束，不能再办理。",
        A.APPEAL: "每件违规只能申诉一次，由原认定人以外的同志答复；答复之前，先行处置不停止。",
        A.CLOSE: "结案后案卷不再变动，扣分不再退还。",
    }[action]


def _words(case: CaseDetail) -> str:
    return f"case-words-{case.violation.id}"


def _button(user: SignedInPerson, case: CaseDetail, step: CaseStep) -> None:
    name = f"{step.action.value}-{case.violation.id}"
    if step.action in ASKED_BEFORE:
        with st.popover(step.action.label, key=f"ask-{name}", width="stretch"):
            st.markdown(consequence(case, step.action))
            _press(user, case, step, label=f"确认{step.action.label}", primary=True)
        return
    _press(user, case, step, label=step.action.label)
    st.caption(consequence(case, step.action))


def _press(user: SignedInPerson, case: CaseDetail, step: CaseStep, *, label: str, primary: bool = False) -> None:
    st.button(
        label,
        key=f"{step.action.value}-{case.violation.id}",
        type="primary" if primary else "secondary",
        on_click=_perform,
        args=(user, case, step),
        width="stretch",
    )


def _perform(user: SignedInPerson, case: CaseDetail, step: CaseStep) -> None:
    comment = st.session_state.get(_words(case), "")
    with (
        feedback.reporting(f"第 {case.violation.id} 号违规：{step.action.label}。") as outcome,
        runtime.acting_as(user) as work,
    ):
        violations.perform(
            work,
            step.action,
            violation_id=case.violation.id or 0,
            seen_version=case.violation.version,
            comment=comment,
        )
    if outcome.done:
        st.session_state[_words(case)] = ""


# --- What was done ---------------------------------------------------------------------------------------


def history(case: CaseDetail) -> None:
    """The points it cost and the steps so far, the latest first."""
    if case.points:
        st.markdown("**记分**")
        for entry in case.points:
            st.markdown(
                f"{case.department} {scoring.points_text(entry.hundredths)} 分　"
                f":gray[{wording.literal(entry.formula)}，{wording.moment(entry.given_at)}]"
            )
    st.markdown("**经过**")
    for line in reversed(case.history):
        _step_line(line)


def _step_line(line: StepLine) -> None:
    with st.container(gap=None):
        since = f":gray[{wording.moment(line.at)} · {line.to_state.label}]"
        st.markdown(f"**{line.action.label}**　{wording.literal(line.actor)}　{since}")
        if line.comment:
            st.caption(wording.literal(line.comment))
