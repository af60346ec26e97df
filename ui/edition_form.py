"""A shorter edition for one further place: what it shows instead of the sealed title and digest, and its pictures."""

from __future__ import annotations

import streamlit as st

from models import Revision, Submission
from services.rules.publication_states import Place
from services.rules.variants import Pictures, Variant
from ui import runtime, wording

LABELS = {Pictures.ALL: "全部图片", Pictures.COVER: "只要封面", Pictures.NONE: "不带图片"}


def draw(submission_id: int, place: Place, *, key: str) -> None:
    """Closed at first: most items go out everywhere as they were sealed."""
    fold = st.expander(
        f"“{wording.literal(place.label)}”另用较短的标题、摘要或图片", key=f"{key}-open", on_change="rerun"
    )
    if not fold.open:
        return
    with runtime.reading() as db:
        item = db.get_one(Submission, submission_id)
        sealed = db.get(Revision, item.sealed_revision_id) if item.sealed_revision_id else None
    if sealed is None:
        return
    with fold:
        st.caption("只能从终审通过的文字里删字，不能添字或改字。留空就用原来的。")
        st.text_input("标题", key=f"{key}-title", placeholder=sealed.title)
        if sealed.digest:
            st.text_input("摘要", key=f"{key}-digest", placeholder=sealed.digest)
        st.segmented_control(
            "图片",
            [each.value for each in Pictures],
            default=Pictures.ALL.value,
            format_func=lambda code: LABELS[Pictures(code)],
            required=True,
            key=f"{key}-pictures",
            width="content",
        )


def given(key: str) -> Variant:
    """What stands in the fields now."""
    return Variant(
        title=(st.session_state.get(f"{key}-title") or "").strip(),
        digest=(st.session_state.get(f"{key}-digest") or "").strip(),
        pictures=Pictures(st.session_state.get(f"{key}-pictures") or Pictures.ALL),
    )
