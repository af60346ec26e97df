"""The product's name and look: one style sheet, one mark."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

NAME = "微审台"
PURPOSE = "学校公众号的投稿、审核、发布与考核"
ASSETS = Path(__file__).resolve().parent / "assets"


def dress() -> None:
    """Set the window's mark and the style sheet; the first thing every run draws. Its title is the page's."""
    st.set_page_config(page_icon=str(ASSETS / "mark.svg"), layout="wide")
    st.html(ASSETS / "office.css")


def corner() -> None:
    """The name above the menu."""
    st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "mark.svg"))


def heading() -> None:
    """The name on the sign-in page."""
    with st.container(key="brand", horizontal=True, vertical_alignment="center", gap="small"):
        st.image(str(ASSETS / "mark.svg"), width=56)
        with st.container(gap=None):
            st.markdown(f"### {NAME}")
            st.caption(PURPOSE)
