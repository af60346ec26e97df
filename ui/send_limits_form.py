"""群发次数: how often accounts may notify their followers; the administrator's."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from services import send_limits
from services.queries.sessions import SignedInPerson
from services.rules.send_quota import LABELS, LONGEST, SendLimits
from ui import feedback, runtime


def draw(user: SignedInPerson, limits: SendLimits) -> None:
    """Both figures, with what WeChat gives by default."""
    defaults = asdict(SendLimits())
    st.subheader("群发次数")
    st.caption("微信给的次数；用完后排入群发时就说明，不等微信拒绝。")
    with st.form("send-limits"):
        given = {
            name: st.number_input(LABELS[name], 0, LONGEST, value, key=f"sends-{name}", help=f"原定 {defaults[name]}")
            for name, value in asdict(limits).items()
        }
        sent = st.form_submit_button("保存群发次数", type="primary", key="sends-save")
    if not sent:
        return
    with feedback.reporting("群发次数已保存。") as done, runtime.acting_as(user) as work:
        send_limits.set_limits(work, limits=SendLimits(**given))
    if done.done:
        st.rerun()
