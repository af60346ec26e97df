"""问一下微信: what WeChat itself says an account may still call today, and the button that asks."""

from __future__ import annotations

import streamlit as st

from services import quota_answers
from services.queries import send_quotas
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, wording


def draw(user: SignedInPerson, account_id: int, *, key: str) -> None:
    """The last answer with its time, and the button for who may ask. `key` tells two places on one page apart."""
    with runtime.reading() as db:
        answered = send_quotas.last_answer(db, account_id)
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"{key}-answer"):
        if answered is not None:
            left = wording.listed(f"{label} {count} 次" for label, count in answered.left.items())
            st.caption(f"微信说当天接口还可调用：{left}（{wording.moment(answered.at)} {answered.by} 问）。")
        if quota_answers.may_ask(user):
            st.button(
                "问一下微信",
                key=f"{key}-ask",
                icon=":material/quick_reference_all:",
                help="问的是接口调用次数，别的程序用掉的也算在内；能群发几次，仍以本系统的计数为准。",
                on_click=_ask,
                args=(user, account_id),
            )


def _ask(user: SignedInPerson, account_id: int) -> None:
    here = runtime.current()
    with feedback.reporting("微信已答复，余量写在下面。"):
        with runtime.acting_as(user) as work:
            opened = quota_answers.begin(work, here.secrets, account_id=account_id)
        left = quota_answers.ask(here.wechat.account(opened))
        with runtime.acting_as(user) as work:
            quota_answers.keep(work, account_id=account_id, left=left)
