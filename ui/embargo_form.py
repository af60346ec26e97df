"""最早发布时间 of an item: what stands, and the small form that sets or lifts it."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from services import embargoes
from services.queries.sessions import SignedInPerson
from services.rules.office_time import OFFICE_ZONE
from ui import feedback, runtime, wording


def draw(user: SignedInPerson, submission_id: int, until: datetime | None) -> None:
    """One line and a popover: rarely needed, so never one more field for everybody."""
    key = f"embargo-{submission_id}"
    label = f"最早 {wording.moment(until)}（北京时间）才能发布" if until else "设定最早发布时间"
    with st.popover(label, icon=":material/lock_clock:", type="tertiary", key=key):
        st.markdown("在这个时间之前，这篇稿件在任何平台都不会发出，定时也不能早于它。不需要限制就不要设。")
        now = runtime.current().now()
        start = until if until and until > now else now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
        st.datetime_input(
            "北京时间",
            start.astimezone(OFFICE_ZONE).replace(tzinfo=None),
            format="YYYY-MM-DD",
            key=f"{key}-at",
        )
        with st.container(horizontal=True):
            st.button("确定", key=f"{key}-set", type="primary", on_click=_set, args=(user, submission_id))
            if until is not None:
                st.button("取消这项限制", key=f"{key}-lift", on_click=_lift, args=(user, submission_id))


def _set(user: SignedInPerson, submission_id: int) -> None:
    given: datetime | None = st.session_state.get(f"embargo-{submission_id}-at")
    until = given.replace(tzinfo=OFFICE_ZONE) if given else None
    told = f"{wording.moment(until)}（北京时间）之前，各平台都不会发出。" if until else "没有填写时间。"
    with feedback.reporting(told), runtime.acting_as(user) as work:
        embargoes.set_embargo(work, submission_id=submission_id, until=until)


def _lift(user: SignedInPerson, submission_id: int) -> None:
    with feedback.reporting("已取消最早发布时间的限制。"), runtime.acting_as(user) as work:
        embargoes.set_embargo(work, submission_id=submission_id, until=None)
