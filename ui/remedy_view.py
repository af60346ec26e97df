"""A remedy on the screen: what was decided, how much of the clock is left, how far each copy is, and the buttons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import streamlit as st

from models import DeedState, Remedy, RemedyAction, RemedyKind, RemedyState
from services import remedies
from services.queries.remedies import DeedLine, RemedyLine
from services.queries.sessions import SignedInPerson
from services.rules.permissions import Capability
from services.rules.proof_times import KEEPS_A_RECORD
from services.rules.remedy_steps import NEEDS_NO_SECOND, OPEN
from ui import feedback, navigation, runtime, wording

STATE_COLOURS = {
    RemedyState.PROPOSED: "orange",
    RemedyState.CONFIRMED: "blue",
    RemedyState.DONE: "green",
    RemedyState.REFUSED: "gray",
    RemedyState.WITHDRAWN: "gray",
}
DEED_COLOURS = {
    DeedState.WAITING: "blue",
    DeedState.UNKNOWN: "orange",
    DeedState.NEEDS_PERSON: "orange",
    DeedState.DONE: "green",
}
CONSEQUENCES: Mapping[RemedyKind, str] = {
    RemedyKind.CORRECT: "确认后，系统先留存两处原文，再改写校园网页；公众号由发布员按提示修改，微信只允许改一次。",
    RemedyKind.NOTE: "确认后，校园网页上方显示这段说明；公众号由发布员在留言区置顶或另行刊登。",
    RemedyKind.TAKE_DOWN: "确认后，系统先留存两处原文，再删除公众号文章、把校园网页换成下架说明。**删除不能恢复。**",
    RemedyKind.REPUBLISH: "确认后，先留存两处原文，再删除公众号文章、撤下网页；稿件回到宣传部初审。**删除不能恢复。**",
    RemedyKind.SITE_ONLY: "确认后，系统先留存网页原文，再换成下架说明。公众号文章不动。",
}


def is_moving(line: RemedyLine) -> bool:
    """Whether the worker is about to change something."""
    moving = (DeedState.WAITING, DeedState.UNKNOWN)
    return line.remedy.state is RemedyState.CONFIRMED and any(each.deed.state in moving for each in line.deeds)


def headline(line: RemedyLine, *, now: datetime) -> None:
    """One open remedy in a strip, with the way to it."""
    with st.container(border=True, key=f"remedy-line-{line.remedy.id}", gap="small"):
        st.markdown(
            f":material/healing: **《{wording.literal(line.title)}》{line.remedy.kind.label}**　"
            f":{STATE_COLOURS[line.remedy.state]}-badge[{line.remedy.state.label}]　{_clock(line, now)}"
        )
        navigation.link("submission", "打开稿件办理", id=line.remedy.submission_id)


def _clock(line: RemedyLine, now: datetime) -> str:
    left = line.remedy.due_at - (line.remedy.done_at or now)
    if line.remedy.state not in OPEN and line.remedy.done_at is None:
        return ""
    if line.is_late(now):
        return f":red[已超过处置时限 {wording.duration(-left)}]"
    if line.remedy.done_at is not None:
        took = line.remedy.done_at - line.remedy.proposed_at
        return f":green[时限内完成，用时 {wording.duration(took)}]"
    return f":orange[处置时限还剩 {wording.duration(left)}]"


def draw(user: SignedInPerson, line: RemedyLine) -> None:
    """One remedy of an item, whole."""
    remedy, now = line.remedy, runtime.current().now()
    with st.container(border=True, key=f"remedy-{remedy.id}", gap="small"):
        st.markdown(
            f"**{remedy.kind.label}**　:{STATE_COLOURS[remedy.state]}-badge[{remedy.state.label}]　{_clock(line, now)}"
        )
        st.caption(
            f"{remedy.reason.label}　·　{remedy.severity.label}　·　"
            f"{wording.literal(line.proposed_by)} {wording.moment(remedy.proposed_at)} 提出"
        )
        st.markdown(wording.literal(remedy.facts))
        if remedy.kind is RemedyKind.CORRECT:
            st.markdown(f"“{wording.literal(remedy.wrong)}” → “{wording.literal(remedy.right)}”")
        if remedy.note:
            st.caption(f"给读者的说明：{wording.literal(remedy.note)}")
        if remedy.violation_id is not None:
            navigation.link("violation", "关联的违规案卷", id=remedy.violation_id)
        if remedy.decided_at is not None and remedy.state is not RemedyState.WITHDRAWN and _has_second(remedy):
            answer = f"：“{wording.literal(remedy.answer)}”" if remedy.answer else ""
            verb = "不同意" if remedy.state is RemedyState.REFUSED else "确认"
            st.caption(f"{wording.literal(line.decided_by)} {wording.moment(remedy.decided_at)} {verb}{answer}")
        if remedy.state in (RemedyState.CONFIRMED, RemedyState.DONE):
            for each in line.deeds:
                _deed(user, each)
        _buttons(user, line)


def _has_second(remedy: Remedy) -> bool:
    return remedy.kind not in NEEDS_NO_SECOND


def _deed(user: SignedInPerson, line: DeedLine) -> None:
    deed = line.deed
    kept = (
        f"　:gray[原文已留存 {wording.clock_time(line.evidence.read_at)}]"
        if line.evidence and line.evidence.read_at
        else ""
    )
    state = f":{DEED_COLOURS[deed.state]}-badge[{deed.state.label}]"
    st.markdown(f"{line.publication.target.label}：{deed.kind.label}　{state}{kept}")
    if deed.failure and deed.state is not DeedState.DONE:
        st.markdown(wording.literal(deed.failure))
    if deed.state is DeedState.NEEDS_PERSON and user.reaches(Capability.PUBLISH):
        if line.owes_record:
            st.warning(f"{KEEPS_A_RECORD}请先在上面“发布截图”里登记一张，再动手。", icon=":material/photo_camera:")
            st.text_input("没有截图的原因", key=_no_record(line), placeholder="已经来不及截图时才填，会记入操作日志")
        st.button(
            "已在平台上完成",
            key=f"deed-{deed.id}",
            type="primary",
            on_click=_report,
            args=(user, line),
            help="登记后系统马上读回核对。",
        )


def _report(user: SignedInPerson, line: DeedLine) -> None:
    with feedback.reporting(f"{line.publication.target.label}的处置已登记完成。"), runtime.acting_as(user) as work:
        no_record = st.session_state.get(_no_record(line), "")
        remedies.report_done(work, deed_id=line.deed.id or 0, no_record=no_record)


def _no_record(line: DeedLine) -> str:
    return f"no-record-{line.deed.id}"


def _buttons(user: SignedInPerson, line: RemedyLine) -> None:
    offered = {step.action for step in line.steps}
    if line.remedy.state is RemedyState.PROPOSED and not offered & {RemedyAction.CONFIRM}:
        st.caption("须由另一位有权的同志确认后才会执行。")
    if RemedyAction.CONFIRM in offered:
        st.markdown(CONSEQUENCES[line.remedy.kind])
        with st.container(horizontal=True):
            with st.popover("确认处置", key=f"confirm-remedy-{line.remedy.id}", icon=":material/gavel:"):
                st.markdown("确认后立即执行，请再核对一遍上面的内容。")
                _decide_button(user, line, RemedyAction.CONFIRM, label="确认并立即执行")
            with st.popover("不同意", key=f"refuse-remedy-{line.remedy.id}"):
                st.text_area("理由", key=_answer(line), height=80, placeholder="提出人会看到")
                _decide_button(user, line, RemedyAction.REFUSE, label="不同意")
    if RemedyAction.WITHDRAW in offered:
        _decide_button(user, line, RemedyAction.WITHDRAW, label="撤回提议")


def _answer(line: RemedyLine) -> str:
    return f"remedy-answer-{line.remedy.id}"


def _decide_button(user: SignedInPerson, line: RemedyLine, action: RemedyAction, *, label: str) -> None:
    st.button(
        label,
        key=f"{action.value}-remedy-do-{line.remedy.id}",
        type="primary" if action is RemedyAction.CONFIRM else "secondary",
        on_click=_decide,
        args=(user, line, action),
    )


def _decide(user: SignedInPerson, line: RemedyLine, action: RemedyAction) -> None:
    done = f"《{wording.literal(line.title)}》{line.remedy.kind.label}：{action.label}。"
    with feedback.reporting(done), runtime.acting_as(user) as work:
        remedies.decide(
            work,
            action,
            remedy_id=line.remedy.id or 0,
            seen_version=line.remedy.version,
            answer=st.session_state.get(_answer(line), ""),
        )
