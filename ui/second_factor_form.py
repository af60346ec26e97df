"""动态口令 on the screen: binding an authenticator by its QR code, and the recovery codes that are shown once."""

from __future__ import annotations

import io

import segno
import streamlit as st

from services import second_factor
from services.queries.sessions import SignedInPerson
from ui import feedback, guesses, runtime

SECRET = "second_factor.secret"  # noqa: S105  # the name of a place, not a secret
CODES = "second_factor.codes"
CODE_HINT = "手机上显示的 6 位数字"


def enrol(user: SignedInPerson, *, entering: bool = False) -> None:
    """The QR code of a new secret, and the field for the first code made with it.

    The secret waits in this browser's session until a code proves that the telephone has it.
    """
    secret = st.session_state.setdefault(SECRET, second_factor.new_secret())
    st.markdown(
        "1. 在手机上打开身份验证器（如“Microsoft Authenticator”“FreeOTP”，或微信小程序“腾讯身份验证器”）。\n"
        "2. 扫下面的二维码；扫不了就手工输入密钥。\n"
        "3. 把手机上显示的 6 位数字填在下面。"
    )
    st.image(_picture(second_factor.address(secret, user.username)), width=220)
    with st.expander("扫不了？手工输入密钥"):
        st.code(" ".join(secret[start : start + 4] for start in range(0, len(secret), 4)), language=None)
    with st.form("second_factor", border=False):
        present = _present_code(user)
        code = st.text_input(CODE_HINT, key="second_factor_code", max_chars=12)
        if st.form_submit_button("确认开启", type="primary", key="second_factor_on"):
            _bind(user, secret, code, present, entering=entering)


def _present_code(user: SignedInPerson) -> str:
    if not user.entry.has_second_factor:
        return ""
    return st.text_input("现用手机上的 6 位数字，或一个备用码", key="second_factor_present", max_chars=12)


def _bind(user: SignedInPerson, secret: str, code: str, present: str, *, entering: bool) -> None:
    with feedback.reporting("动态口令已开启。") as outcome, guesses.counted(user, entering=entering):
        with runtime.acting_as(user, entering=entering) as work:
            codes = second_factor.enrol(work, runtime.current().secrets, secret=secret, code=code, present=present)
        st.session_state[CODES] = codes
    if outcome.done:
        st.session_state.pop(SECRET, None)
        st.rerun()


def _picture(text: str) -> str:
    drawn = io.BytesIO()
    segno.make(text, error="m").save(drawn, kind="svg", scale=4, border=3, light="#fff")
    return drawn.getvalue().decode()


def has_codes_to_show() -> bool:
    """Whether recovery codes were just made and not yet put away."""
    return CODES in st.session_state


def show_codes() -> None:
    """The recovery codes, until the person says that they are kept."""
    codes = st.session_state[CODES]
    st.markdown("手机丢了或换了，用备用码代替动态口令登录，**每个只能用一次**。请打印或抄下，与手机分开保管。")
    st.code("\n".join(codes), language=None)
    st.download_button(
        "下载备用码",
        data="微审台备用码（每个只能用一次）\n" + "\n".join(codes) + "\n",
        file_name="微审台备用码.txt",
        key="recovery_codes_file",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("离开这一页后不再显示；丢失了可以在“我的账号”重新生成。")
    if st.button("我已保存", type="primary", key="recovery_codes_kept"):
        del st.session_state[CODES]
        st.rerun()
