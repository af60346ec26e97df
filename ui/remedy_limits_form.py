"""发布后处置的时限与微信更正的限额: the administrator's numbers."""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from services import remedies
from services.queries import remedies as reads
from services.queries.sessions import SignedInPerson
from services.rules.remedy_steps import LABELS, LONGEST, Limits
from ui import feedback, runtime


def draw(user: SignedInPerson) -> None:
    """The form, with what each number was at first."""
    with runtime.reading() as db:
        limits = reads.limits(db)
    defaults = asdict(Limits())
    st.subheader("发布后处置")
    with st.form("remedy-limits"):
        given = {
            name: st.number_input(LABELS[name], 1, LONGEST, value, key=f"remedy-{name}", help=f"原定 {defaults[name]}")
            for name, value in asdict(limits).items()
        }
        st.caption("更正的字数和次数是微信的限制，以公众平台的说明为准，微信改了再改这里。")
        sent = st.form_submit_button("保存", type="primary", key="remedy-limits-save")
    if not sent:
        return
    with feedback.reporting("已保存，从下一次处置起生效。") as done, runtime.acting_as(user) as work:
        remedies.set_limits(work, limits=Limits(**given))
    if done.done:
        st.rerun()
