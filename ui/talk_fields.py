"""约谈 before the third return: who talked and when, or that it waits."""

from __future__ import annotations

import streamlit as st

from models import Action
from services import talks
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import office_day
from services.talks import PUT_OFF, Talk
from ui import runtime


def draw(item: SubmissionDetail) -> None:
    """Drawn only where the next return asks for a talk."""
    before = sum(line.action is Action.RETURN for line in item.history)
    if before + 1 < talks.ASKED_FROM or not item.may(Action.RETURN):
        return
    key = _key(item)
    with st.container(border=True, key=f"{key}-fields", gap="small"):
        st.markdown(
            f":orange[:material/forum: **已退回 {before} 次**]：再退回之前，请先与作者当面或电话谈一次，说清怎样改。"
        )
        st.text_input("谁和谁谈的", key=f"{key}-who", placeholder="如 李云与王晓敏", max_chars=talks.LONGEST)
        st.date_input(
            "哪天谈的", None, key=f"{key}-day", format="YYYY-MM-DD", max_value=office_day(runtime.current().now())
        )
        st.checkbox("先退回，稍后再谈", key=f"{key}-later")


def given(item: SubmissionDetail) -> Talk | None:
    """What was filled in; None where nothing was, or nothing is asked."""
    key = _key(item)
    if st.session_state.get(f"{key}-later"):
        return PUT_OFF
    who, day = st.session_state.get(f"{key}-who", ""), st.session_state.get(f"{key}-day")
    return Talk(who=who, held_on=day) if who or day else None


def _key(item: SubmissionDetail) -> str:
    return f"talk-{item.submission.id}-{item.submission.version}"
