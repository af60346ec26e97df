"""肖像授权的保存期限: the administrator's number."""

from __future__ import annotations

import streamlit as st

from services import consent_retention
from services.queries import consents as reads
from services.queries.sessions import SignedInPerson
from services.rules.consents import KEEP_YEARS, MOST_KEEP_YEARS
from ui import feedback, runtime


def draw(user: SignedInPerson) -> None:
    """The form, with what it does and cannot undo."""
    with runtime.reading() as db:
        years = reads.keep_years(db)
    with st.form("consent-years"):
        given = st.number_input(
            "到期或撤回后保存（年）", 0, MOST_KEEP_YEARS, years, key="consent-years-value", help=f"原定 {KEEP_YEARS}"
        )
        st.caption(
            "满期且稿件都已处理的，系统自动删除姓名、监护人、联系方式和扫描件，不能恢复；编号、范围、日期和用过的图片仍在登记里。"
            "还在网上的稿件，授权留作凭证，不删除。"
        )
        sent = st.form_submit_button("保存", type="primary", key="consent-years-save")
    if not sent:
        return
    with feedback.reporting("保存期限已修改。") as done, runtime.acting_as(user) as work:
        consent_retention.set_years(work, years=int(given))
    if done.done:
        st.rerun()
