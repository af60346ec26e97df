"""是否涉及: the risks an author declares, and through which stages the item will go because of them."""

from __future__ import annotations

import streamlit as st

from models import RiskMark, Submission
from services import routes
from services.submissions import DraftFields
from ui import route_steps, runtime, wording


def choose(submission: Submission, given: DraftFields, *, key: str) -> tuple[RiskMark, ...]:
    """The declared risks; what was declared when the item was handed in stays and is only shown."""
    fixed = submission.risks if submission.review_round else ()
    if fixed:
        st.caption(f"送审时已标明：{wording.listed(mark.label for mark in fixed)}（只能增加，不能去掉）")
    chosen = st.pills(
        "是否涉及（没有就不选）",
        [mark for mark in RiskMark if mark not in fixed],
        default=[mark for mark in given.risks if mark not in fixed],
        selection_mode="multi",
        format_func=lambda each: each.label,
        key=key,
        help="涉及其中一项的稿件会多一级审核。漏选了，审核人也会加上，但会晚一步。",
        wrap=True,
    )
    risks = tuple(mark for mark in RiskMark if mark in {*fixed, *chosen})
    with runtime.reading() as db:
        route = routes.route_for(db, given.account_id, given.category, risks)
    st.caption(f"提交后依次由：{route_steps.line(route)}")
    return risks
