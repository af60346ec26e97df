"""急停 on the screen: what stands still, who stopped it and why, and the buttons for it."""

from __future__ import annotations

import streamlit as st

from services import publishing_stops
from services.queries import publishing_stops as reads
from services.queries.publishing_stops import StopLine
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, wording

REASON = "stop-reason"


def notices(user: SignedInPerson) -> None:
    """In red what stands still, each with its button; and the switch that stops everything."""
    with runtime.reading() as db:
        lines = reads.standing(db, runtime.current().now())
    for line in lines:
        st.error(_told(line), icon=":material/front_hand:")
        st.button(
            "恢复发布" if line.account is None else "已处理，再试",
            key=f"resume-{line.id}",
            icon=":material/play_arrow:",
            on_click=_resume,
            args=(user, line),
        )
    if not any(line.account is None for line in lines):
        _switch(user)


def _told(line: StopLine) -> str:
    when, reason = wording.moment(line.stopped_at), wording.literal(line.reason)
    if line.account is None:
        who = wording.literal(line.stopped_by or "")
        return f"**全部发布已停止。** {who} 于 {when} 停止，理由：{reason}。排入的任务不会丢失，恢复后继续。"
    return f"**公众号“{wording.literal(line.account)}”的发布已暂停**（{when}）：{reason}"


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
