"""Choosing a password: for whoever comes in for the first time, and on one's own page."""

from __future__ import annotations

import streamlit as st

from services import passwords
from services.errors import InvalidInput
from services.queries.sessions import SignedInPerson
from ui import feedback, guesses, runtime


def draw(user: SignedInPerson, *, entering: bool = False) -> None:
    """The form. Whoever came with a one-time code has no present password to prove."""
    with st.form("password", border=False, clear_on_submit=False):
        present = "" if entering else st.text_input("现在的密码", type="password", key="password_present")
        new = st.text_input("新密码", type="password", key="password_new")
        repeated = st.text_input("再输入一次新密码", type="password", key="password_repeated")
        st.caption(passwords.POLICY)
        if st.form_submit_button("保存新密码", type="primary", key="password_save"):
            _save(user, present, new, repeated, entering=entering)


def _save(user: SignedInPerson, present: str, new: str, repeated: str, *, entering: bool) -> None:
    with feedback.reporting("密码已修改，其他设备上的登录都已退出。") as outcome:
        with guesses.counted(user, entering=entering), runtime.reading() as db:
            known = passwords.known(db, user.id or 0)
            if not entering and not passwords.matches(present, known.present):
                raise InvalidInput("现在的密码不对，请重新输入。连续输错 5 次会退出登录。", field="present")
        prepared = passwords.prepare(known, new, repeated)
        with runtime.acting_as(user, entering=entering) as work:
            passwords.change(work, prepared, session_id=user.session_id)
    if outcome.done:
        st.rerun()
