"""One-time codes on the administrator's screen: shown once, after they were made."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from services import people_import
from services.reset_codes import IssuedCode
from ui import wording

KEPT = "issued_codes"


def keep(codes: Sequence[IssuedCode]) -> None:
    """Show these with the next drawing, until they are put away."""
    st.session_state[KEPT] = list(codes)


def show() -> None:
    """The codes just made, if there are any."""
    codes: list[IssuedCode] = st.session_state.get(KEPT, [])
    if not codes:
        return
    with st.container(border=True, key="issued_codes"):
        if len(codes) == 1:
            _one(codes[0])
        else:
            _many(codes)
        if st.button("我已交给本人" if len(codes) == 1 else "我已保存", key="issued_codes_kept"):
            del st.session_state[KEPT]
            st.rerun()


def _one(issued: IssuedCode) -> None:
    st.markdown(f"**{wording.literal(issued.name)}**（{issued.username}）的一次性登录码，只显示这一次：")
    st.code(issued.code, language=None)
    st.caption(
        f"在登录页的密码栏里填写，{wording.moment(issued.expires_at)} 前有效，用一次即作废，登录后须设定自己的密码。"
        "请当面或电话告诉本人，不要发到群里。"
    )


def _many(codes: Sequence[IssuedCode]) -> None:
    st.markdown(f"已导入 {len(codes)} 人。一次性登录码只能在这里下载，{wording.moment(codes[0].expires_at)} 前有效。")
    st.download_button(
        "下载一次性登录码",
        data=people_import.codes_sheet(codes),
        file_name="一次性登录码.xlsx",
        key="issued_codes_file",
        icon=":material/download:",
        on_click="ignore",
    )
    st.caption("请逐人交给本人，发完后删除这个文件。")
