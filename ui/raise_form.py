"""提高审核级别: whoever holds the stage adds a risk or a stage; nothing can be taken away here or later."""

from __future__ import annotations

import streamlit as st

from models import REVIEW_STAGES, Action, RiskMark, SubmissionState
from services import submissions
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.workflow import RISK_STAGES
from ui import feedback, runtime


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The form in its fold, for those who may raise."""
    if not item.may(Action.RAISE):
        return
    submission = item.submission
    risks = [mark for mark in RiskMark if mark not in submission.risks]
    present = REVIEW_STAGES.index(submission.state)
    stages = [stage for stage in RISK_STAGES if stage not in submission.route and REVIEW_STAGES.index(stage) > present]
    if not risks and not stages:
        return
    with st.expander("提高审核级别", icon=":material/flag:", key=f"raise-fold-{submission.id}"):
        st.caption("发现作者没有标明的风险，或拿不准时，可以多请一级审核。只能增加，不能减少；作者会收到通知。")
        name = f"raise-{submission.id}"
        st.pills(
            "稿件涉及",
            risks,
            selection_mode="multi",
            format_func=lambda each: each.label,
            key=f"{name}-risks",
            wrap=True,
        )
        if stages:
            st.pills(
                "直接增加环节",
                stages,
                selection_mode="multi",
                format_func=lambda each: each.label,
                key=f"{name}-stages",
                wrap=True,
            )
        st.text_input("为什么", key=f"{name}-why", max_chars=200, placeholder="例如：校长出席并讲话")
        st.button("提高审核级别", key=name, on_click=_raise, args=(user, item), width="stretch")


def _raise(user: SignedInPerson, item: SubmissionDetail) -> None:
    name = f"raise-{item.submission.id}"
    risks: list[RiskMark] = st.session_state.get(f"{name}-risks") or []
    stages: list[SubmissionState] = st.session_state.get(f"{name}-stages") or []
    with feedback.reporting("审核级别已提高，后面的环节已相应增加。") as outcome, runtime.acting_as(user) as work:
        submissions.raise_review(
            work,
            submission_id=item.draft.submission_id,
            seen_version=item.submission.version,
            comment=st.session_state.get(f"{name}-why", ""),
            risks=risks,
            stages=stages,
        )
    if outcome.done:
        st.session_state[f"{name}-why"] = ""
