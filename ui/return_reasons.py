"""本部门最近被退回的原因: three lines above the form, before the same thing happens again."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from services.queries.returns import ReturnReason
from ui import wording


def draw(reasons: Sequence[ReturnReason]) -> None:
    """The reasons in a fold; nothing where nothing was ever returned."""
    if not reasons:
        return
    with st.expander(f"本部门最近 {len(reasons)} 次被退回的原因", icon=":material/lightbulb:", key="return-reasons"):
        for reason in reasons:
            clause = f"（制度 {reason.clause}）" if reason.clause else ""
            st.markdown(f"{wording.day(reason.at)}　{wording.literal(reason.comment)}{clause}")
