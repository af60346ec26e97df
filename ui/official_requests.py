"""Requests about accounts: what is asked, by whom, until when, and what this person may decide."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import RequestAction, RequestKind
from services import account_requests
from services.queries.account_requests import Difference, RequestLine
from services.queries.sessions import SignedInPerson
from services.rules import flow_charts
from services.rules.account_life import Timeliness
from services.rules.account_requests import UNDER_WAY, RequestStep
from ui import feedback, flow_chart, navigation, official_application, outlook_panel, runtime, wording
from ui.official_words import LABELS, REQUEST_COLOURS, badge, sent_back

TIMELINESS_COLOURS = {Timeliness.IN_TIME: "green", Timeliness.LATE: "orange", Timeliness.VIOLATION: "red"}
MAIN_STEPS = (RequestAction.ENDORSE, RequestAction.GRANT)
FINAL = {
    RequestAction.REFUSE: "申请到此结束，不能再提交。",
    RequestAction.WITHDRAW: "撤回后申请到此结束；需要时可以另行提出。",
}
"""Steps after which nothing follows, and what is said before them."""


def listing(user: SignedInPerson, lines: Sequence[RequestLine]) -> None:
    """Everything under way, what waits for the person first."""
    if not lines:
        st.info("没有正在办理的申请。", icon=":material/check_circle:")
        return
    waiting = sum(bool(line.steps) for line in lines)
    st.caption(f"{len(lines)} 份申请正在办理" + (f"，{waiting} 份可以由您办理。" if waiting else "。"))
    for line in lines:
        card(user, line, linked=True)


def card(user: SignedInPerson, line: RequestLine, *, linked: bool = False) -> None:
    """One request with its buttons."""
    with st.container(border=True, key=f"request-{line.id}"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**{wording.literal(line.account.name)}**　{line.title}")
            badge(line.request.state.label, REQUEST_COLOURS[line.request.state])
            if line.timeliness is not None:
                badge(line.timeliness.label, TIMELINESS_COLOURS[line.timeliness])
        st.caption("　".join(wording.literal(fact) for fact in _facts(line)))
        if line.note:
            st.caption(f":orange[{line.note}]")
        if line.request.reason:
            st.markdown(wording.quoted(wording.literal(line.request.reason)))
        for each in line.differences:
            st.markdown(_difference(each))
        if line.returned is not None:
            sent_back(line.request.state.label, line.returned.by, line.returned.at, line.returned.words)
        if line.timeliness is Timeliness.VIOLATION and line.request.state in UNDER_WAY:
            navigation.link("violations", "去登记账号管理违规")
        if linked:
            navigation.link("account", "打开这个公众号", id=line.request.account_id)
        else:
            outlook_panel.draw_request(line.request)
            chart = flow_charts.of_request(needs_leader=line.request.needs_leader)
            flow_chart.offer(chart, here=line.request.state, key=f"request-{line.id}", title="申请流程图")
        _decide(user, line)


def _facts(line: RequestLine) -> list[str]:
    request = line.request
    facts = [line.department, f"{line.applicant} {wording.day(request.applied_at)} 提出"]
    facts.append(f"变更发生于 {request.happened_on}" if request.happened_on else "")
    facts.append(f"应在 {line.due_on} 前办理" if line.due_on else "")
    return [fact for fact in facts if fact]


def _difference(each: Difference) -> str:
    before = wording.literal(each.before) or "（空）"
    after = wording.literal(each.after) or "（空）"
    return f"{LABELS[each.field]}：{before} → **{after}**"


def _decide(user: SignedInPerson, line: RequestLine) -> None:
    resubmits = [step for step in line.steps if step.action is RequestAction.SUBMIT]
    steps = [step for step in line.steps if step.action is not RequestAction.SUBMIT]
    if resubmits and line.request.kind is RequestKind.OPENING:
        with st.expander("修改后重新提交", expanded=True):
            official_application.again(user, line)
    elif resubmits:
        _button(user, line, resubmits[0])
    if line.signed_as:
        st.caption(f":material/supervisor_account: 以“{wording.literal(line.signed_as)}”的名义办理。")
    if any(step.action is not RequestAction.WITHDRAW for step in steps):
        st.text_area("意见", key=_words(line), placeholder="退回或不予批准须写明理由，申请人会看到", height=80)
    if steps:
        with st.container(horizontal=True, gap="small"):
            for step in steps:
                _button(user, line, step)


def _words(line: RequestLine) -> str:
    return f"request-words-{line.id}"


def _button(user: SignedInPerson, line: RequestLine, step: RequestStep) -> None:
    name = f"request-{step.action.value}-{line.id}"
    if step.action in FINAL:
        with st.popover(step.action.label, key=f"open-{name}"):
            st.caption(FINAL[step.action])
            _press(user, line, step, label=f"确认{step.action.label}", key=name)
        return
    _press(user, line, step, label=step.action.label, key=name)


def _press(user: SignedInPerson, line: RequestLine, step: RequestStep, *, label: str, key: str) -> None:
    st.button(
        label,
        key=key,
        type="primary" if step.action in MAIN_STEPS else "secondary",
        on_click=_perform,
        args=(user, line, step.action),
    )


def _perform(user: SignedInPerson, line: RequestLine, action: RequestAction) -> None:
    said = f"“{line.account.name}”的{line.request.kind.label}申请：{action.label}。"
    with feedback.reporting(said) as outcome, runtime.acting_as(user) as work:
        account_requests.perform(
            work,
            action,
            request_id=line.id,
            seen_version=line.request.version,
            comment=st.session_state.get(_words(line), ""),
        )
    if outcome.done:
        st.session_state[_words(line)] = ""
