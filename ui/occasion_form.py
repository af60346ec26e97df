"""稿件模板: the office's list, and the form of one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from models import ContentCategory, Occasion
from services import occasions
from services.occasions import LONGEST_HINT, LONGEST_NAME, LONGEST_TITLE, OccasionFields
from services.queries.sessions import SignedInPerson
from services.unit_of_work import UnitOfWork
from ui import feedback, runtime, wording
from ui.editor import rich_text

OPEN = "occasion-open"
"""The template whose form is open, as it was when it was opened; one without an id is a new one."""


def draw(user: SignedInPerson, listed: Sequence[Occasion]) -> None:
    """The templates, and below them the one that is being worked on."""
    st.caption(
        "投稿人一点就得到写好框架的草稿。要填的地方写成 XX，机器初筛会找出没填的；改模板不影响已经开始写的稿件。"
    )
    if not listed:
        st.info(
            f"还没有模板。可以先载入自带的 {len(occasions.SHIPPED)} 个，再按学校的习惯修改。", icon=":material/info:"
        )
        st.button("载入自带的模板", type="primary", key="occasions-start", on_click=_start, args=(user,))
    for occasion in listed:
        _line(user, occasion)
    if st.button("新建模板", icon=":material/add:", key="occasion-new"):
        st.session_state[OPEN] = None, OccasionFields("")
    if OPEN in st.session_state:
        _form(user, *st.session_state[OPEN])


def _line(user: SignedInPerson, occasion: Occasion) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"occasion-{occasion.id}"):
        with st.container(gap=None, width="stretch"):
            unused = "" if occasion.active else " :gray-badge[已停用]"
            st.markdown(f"**{wording.literal(occasion.name)}** :gray-badge[{occasion.category.label}]{unused}")
            st.caption(wording.literal(occasion.hint))
        if st.button("修改", key=f"occasion-edit-{occasion.id}"):
            st.session_state[OPEN] = occasion, _fields_of(occasion)
        label = "停用" if occasion.active else "恢复"
        st.button(label, key=f"occasion-turn-{occasion.id}", on_click=_turn, args=(user, occasion))


def _fields_of(occasion: Occasion) -> OccasionFields:
    return OccasionFields(
        occasion.name, occasion.category, occasion.hint, occasion.title, occasion.body_html, occasion.active
    )


def _form(user: SignedInPerson, occasion: Occasion | None, kept: OccasionFields) -> None:
    key = f"occasion-form-{occasion.id if occasion else 'new'}"
    with st.container(border=True, key=key):
        st.markdown(f"**{'修改模板' if occasion else '新建模板'}**")
        left, right = st.columns(2)
        name = left.text_input("名称", kept.name, max_chars=LONGEST_NAME, key=f"{key}-name")
        category = right.selectbox(
            "稿件类别",
            list(ContentCategory),
            index=list(ContentCategory).index(kept.category),
            format_func=lambda each: each.label,
            key=f"{key}-category",
        )
        hint = st.text_input("给投稿人的提示", kept.hint, max_chars=LONGEST_HINT, key=f"{key}-hint")
        title = st.text_input("标题", kept.title, max_chars=LONGEST_TITLE, key=f"{key}-title")
        body = rich_text(
            f"{key}-body", html=kept.body_html, picture_address=lambda _sha256: "", label="正文", height=320
        )
        given = OccasionFields(name, category or kept.category, hint, title, body, kept.active)
        with st.container(horizontal=True):
            if st.button("保存模板", type="primary", key=f"{key}-save"):
                with feedback.reporting(f"模板“{name}”已保存。") as done, runtime.acting_as(user) as work:
                    _save(work, occasion, given)
                if done.done:
                    del st.session_state[OPEN]
                    st.rerun()
            if st.button("不改了", key=f"{key}-close"):
                del st.session_state[OPEN]
                st.rerun()


def _save(work: UnitOfWork, occasion: Occasion | None, given: OccasionFields) -> None:
    if occasion is None:
        occasions.save(work, fields=given)
    else:
        occasions.save(work, fields=given, occasion_id=occasion.id, seen_version=occasion.version)


def _start(user: SignedInPerson) -> None:
    with feedback.reporting("自带的模板已载入，可以按本校习惯修改。"), runtime.acting_as(user) as work:
        occasions.start(work)


def _turn(user: SignedInPerson, occasion: Occasion) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        _save(work, occasion, replace(_fields_of(occasion), active=not occasion.active))
