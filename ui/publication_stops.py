"""急停 on the screen: what stands still, who stopped it and why, and the buttons for it."""

from __future__ import annotations

import streamlit as st

from models import PublicationWay
from services import publishing, publishing_stops
from services.queries import publishing_stops as reads
from services.queries.publishing_stops import StopLine
from services.queries.sessions import SignedInPerson
from services.rules.permissions import Capability
from ui import feedback, runtime, wording

REASON = "stop-reason"
OTHER_WAYS = {PublicationWay.DRAFT: "存入草稿箱", PublicationWay.MANUAL: "人工发布后登记"}
TESTED = " 处理好后在“凭证与自检”按“开始自检”，通过后自动恢复，等着的任务接着发。"
MENDED = " 处理好后按“已处理，再试”；在公众号页按“开始自检”，通过后也自动恢复。"


def for_approver(user: SignedInPerson) -> None:
    """What stands still, for who may resume publishing but does not publish: the head of the office at the inbox."""
    if _stops_without_publishing(user):
        _standing(user)


def switch_for_approver(user: SignedInPerson) -> None:
    """The switch for the same person, where rare things stand: below the list."""
    if _stops_without_publishing(user) and not _all_stopped():
        _switch(user)


def _stops_without_publishing(user: SignedInPerson) -> bool:
    return user.reaches(Capability.APPROVE) and not user.reaches(Capability.PUBLISH)


def _all_stopped() -> bool:
    with runtime.reading() as db:
        return any(line.account is None for line in reads.standing(db, runtime.current().now()))


def notices(user: SignedInPerson) -> None:
    """In red what stands still, each with its button; and the switch that stops everything."""
    if not any(line.account is None for line in _standing(user)):
        _switch(user)


def _standing(user: SignedInPerson) -> list[StopLine]:
    with runtime.reading() as db:
        lines = reads.standing(db, runtime.current().now())
    for line in lines:
        st.error(_told(line), icon=":material/front_hand:")
        with st.container(horizontal=True, gap="small"):
            st.button(
                _lifts(line),
                key=f"resume-{line.id}",
                icon=":material/play_arrow:",
                on_click=_resume,
                args=(user, line),
            )
            if line.held and user.reaches(Capability.PUBLISH):
                _diverting(user, line)
    return lines


def _lifts(line: StopLine) -> str:
    if line.account is None:
        return "恢复发布"
    return "已处理，再试" if line.ends_at is None else "不等了，现在恢复"


def on_account(account_id: int) -> None:
    """What of one account stands still, on the page where its interface is mended and tested."""
    with runtime.reading() as db:
        lines = reads.standing(db, runtime.current().now())
    for line in lines:
        if line.account_id == account_id:
            st.error(_told(line, mended=TESTED), icon=":material/front_hand:")


def _told(line: StopLine, *, mended: str = MENDED) -> str:
    when, reason = wording.moment(line.stopped_at), wording.literal(line.reason)
    if line.account is None:
        who = wording.literal(line.stopped_by or "系统")
        return f"**全部发布已停止。** {who} 于 {when} 停止，理由：{reason}。排入的任务不会丢失，恢复后继续。"
    held = f"“{line.way.label}”" if line.way else "发布"
    ends = f" {wording.moment(line.ends_at)}（北京时间）自动恢复，不必处理。" if line.ends_at else mended
    return f"**公众号“{wording.literal(line.account)}”的{held}已暂停**（{when}）：{reason}{ends}"


def _diverting(user: SignedInPerson, line: StopLine) -> None:
    for way, label in OTHER_WAYS.items():
        if way is not line.way:
            st.button(
                f"排队的 {line.held} 项改为{label}",
                key=f"divert-{line.id}-{way.value}",
                on_click=_divert,
                args=(user, line, way),
            )


def _divert(user: SignedInPerson, line: StopLine, way: PublicationWay) -> None:
    if line.account_id is None or line.way is None:
        return
    with (
        feedback.reporting(f"排队的任务已改为“{OTHER_WAYS[way]}”，马上继续。"),
        runtime.acting_as(user) as work,
    ):
        publishing.divert(work, runtime.current().secrets, account_id=line.account_id, held=line.way, way=way)


def _switch(user: SignedInPerson) -> None:
    with st.popover("停止全部发布", icon=":material/front_hand:", key="stop-everything"):
        st.markdown("出了问题先停下：所有公众号和校园网站都不再发出新内容，正在处理的一篇会做完。任务不会丢失。")
        st.text_input("理由", key=REASON, placeholder="例如：发现一篇稿件有误，先核对")
        st.button("确认停止", key="stop-now", type="primary", on_click=_stop, args=(user,))


def _stop(user: SignedInPerson) -> None:
    with feedback.reporting("全部发布已停止。"), runtime.acting_as(user) as work:
        publishing_stops.stop_everything(work, reason=st.session_state.get(REASON) or "")


def _resume(user: SignedInPerson, line: StopLine) -> None:
    with feedback.reporting("发布已恢复，排入的任务马上继续。"), runtime.acting_as(user) as work:
        publishing_stops.resume(work, stop_id=line.id)
