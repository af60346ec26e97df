"""A page with nothing but the editor and the preview, for the tests beside it. Run by Streamlit, not by pytest."""

import base64
import hashlib

import streamlit as st

from services.manuscript.wechat_markup import to_wechat
from ui.editor import rich_text
from ui.phone_preview import phone_preview

OTHER_TEXT = "<p>换上来的另一篇。</p>"
st.set_page_config(layout="wide" if "wide" in st.query_params else "centered")
desk = st.session_state
desk.setdefault("kept", st.query_params.get("html", ""))
desk.setdefault("pictures", {})
desk.in_whole_run = True


def keep(content: bytes) -> str:
    sha256 = hashlib.sha256(content).hexdigest()
    desk.pictures[sha256] = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return sha256


def exchange() -> None:
    desk.kept = OTHER_TEXT


@st.fragment(run_every="0.4s" if "restless" in st.query_params else None)
def rerun_again_and_again() -> None:
    if "restless" in st.query_params and not desk.in_whole_run:
        st.rerun()
    desk.in_whole_run = False


value = rich_text(
    "body",
    html=desk.kept,
    picture_address=lambda sha256: desk.pictures.get(sha256, ""),
    label="正文",
    keep_picture=keep,
    disabled="disabled" in st.query_params,
)
desk.kept = value
st.button("换一篇", key="exchange", on_click=exchange)
st.button("重跑", key="rerun")
with st.container(key="value"):
    st.code(value, language=None, wrap_lines=True)
if "preview" in st.query_params:
    phone_preview(
        to_wechat(value, picture_urls=desk.pictures),
        key="phone",
        title="我校举行2026级新生开学典礼",
        author="通讯员 李晓明",
        account="示例大学",
        date="2026年9月1日",
    )
rerun_again_and_again()
