"""Between the password and the pages: the code of the authenticator, a new password, an authenticator to set up."""

from __future__ import annotations

import streamlit as st

from services import sign_in
from services.errors import NotAllowed
from services.queries.sessions import SignedInPerson
from services.rules.sign_in_duties import Duty
from ui import access, brand, feedback, page, password_form, runtime, second_factor_form

WRONG_CODE = "动态口令或备用码不对，或已经用过。连续输错 5 次会锁定 15 分钟；手机和备用码都不在，请联系系统管理员。"


def is_due(user: SignedInPerson) -> bool:
    """Whether something must be done, or put away, before any page opens."""
    return access.duty_of(user) is not None or second_factor_form.has_codes_to_show()


def draw(user: SignedInPerson) -> None:
    """What is to be done now, at whatever address the person came to."""
    access.fetch_cookie()
    page.rehearsal_strip()
    with st.container(key="sign_in_alone"):
        brand.heading()
        feedback.show()
        match access.duty_of(user):
            case Duty.CODE:
                _code(user)
            case Duty.NEW_PASSWORD:
                st.subheader("请先设定您自己的密码")
                password_form.draw(user, entering=True)
            case Duty.SECOND_FACTOR:
                st.subheader("请先开启动态口令")
                st.caption("系统管理员和发布员在正式模式下必须使用动态口令，密码被盗也进不来。")
                second_factor_form.enrol(user, entering=True)
            case None:
                st.subheader("请保存备用码")
                second_factor_form.show_codes()
        st.button("退出登录", key="sign_out", type="tertiary", on_click=_leave, args=(user,))


def _code(user: SignedInPerson) -> None:
    st.subheader("请输入动态口令")
    with st.form("code", border=False):
        typed = st.text_input(
            "手机上的 6 位数字，或一个备用码", key="code_typed", max_chars=12, autocomplete="one-time-code"
        )
        if st.form_submit_button("登录", type="primary", key="code_send"):
            with feedback.reporting() as outcome:
                _enter(user, typed)
            if outcome.done:
                st.rerun()


def _enter(user: SignedInPerson, typed: str) -> None:
    here = runtime.current()
    with here.as_system() as work:
        good = sign_in.settle_code(work, here.secrets, user, typed=typed, idle=here.settings.idle)
    # Only now: a wrong code is counted, so it must have been committed.
    if not good:
        raise NotAllowed(WRONG_CODE)


def _leave(user: SignedInPerson) -> None:
    with feedback.reporting("您已退出登录。"):
        access.sign_out(user)
