"""撤回待处理: the items that still show somebody who withdrew, with their last day and what was done about each."""

from __future__ import annotations

from datetime import date

import streamlit as st

from models import WithdrawalOutcome
from services import consents
from services.queries import consents as reads
from services.queries.consents import OpenWithdrawal
from services.queries.sessions import SignedInPerson
from ui import feedback, navigation, runtime, wording


def draw(user: SignedInPerson, today: date) -> None:
    """The open list, the most urgent first; nothing where nothing waits."""
    with feedback.or_stop(), runtime.reading() as db:
        waiting = reads.open_withdrawals(db, user)
    if not waiting:
        return
    st.subheader(f"撤回授权，待处理（{len(waiting)}）")
    for task in waiting:
        _task(user, task, today)


def _task(user: SignedInPerson, task: OpenWithdrawal, today: date) -> None:
    with st.container(border=True, key=f"withdrawal-{task.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            navigation.link("submission", f"《{task.title}》", id=task.submission_id)
            st.badge(task.state.label, color="gray")
            days = (task.due_on - today).days
            words = f"{task.due_on} 前处理" if days >= 0 else f"已超过 {-days} 天"
            st.badge(words, color="red" if days <= 0 else "orange")
        st.caption(wording.literal(f"图中有 {task.shown_name}　{task.school_class}"))
        for target, url in task.live:
            st.markdown(f"[{target.label}：已上线]({url})" if url else f"{target.label}：已上线")
        _settling(user, task.id)


def _settling(user: SignedInPerson, task_id: int) -> None:
    how, note = f"withdrawal-{task_id}-how", f"withdrawal-{task_id}-note"
    with st.popover("登记处理结果", icon=":material/task_alt:", key=f"open-withdrawal-{task_id}"):
        st.radio("怎样处理的", list(WithdrawalOutcome), format_func=lambda each: each.label, key=how)
        st.text_input("说明", key=note, placeholder="如 第 2 张照片已打码；撤下的可不填")
        st.button(
            "登记",
            type="primary",
            key=f"withdrawal-{task_id}-settle",
            on_click=_settle,
            args=(user, task_id, how, note),
        )


def _settle(user: SignedInPerson, task_id: int, how: str, note: str) -> None:
    with feedback.reporting("已登记处理结果。"), runtime.acting_as(user) as work:
        outcome = WithdrawalOutcome.of(st.session_state[how])
        consents.settle(work, task_id=task_id, outcome=outcome, note=st.session_state.get(note, ""))
