"""本单位近期稿件 beside the item under review: what became of them, and why they came back."""

from __future__ import annotations

import streamlit as st

from models import REVIEW_STAGES
from services.queries import department_record
from services.queries.department_record import RecordLine
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from ui import navigation, runtime, wording
from ui.submission_block import STATE_COLOURS


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """A fold for whoever has something to decide on the item; nothing where the department has no other item."""
    if item.submission.state not in REVIEW_STAGES or item.submission.contributor_id == user.id:
        return
    with runtime.reading() as db:
        lines = department_record.before(db, user, item.submission)
    if not lines:
        return
    returned = sum(bool(line.sent_back) for line in lines)
    title = f"{item.department}近期稿件（{len(lines)} 篇" + (f"，{returned} 篇退过）" if returned else "）")
    with st.expander(title, icon=":material/history:", key=f"record-{item.submission.id}"):
        for line in lines:
            _line(line)


def _line(line: RecordLine) -> None:
    with st.container(gap=None):
        navigation.link("submission", wording.literal(line.title), id=line.id)
        st.caption(f":{STATE_COLOURS[line.state]}-badge[{line.state.label}]　提交 {wording.moment(line.submitted_at)}")
        for each in line.sent_back:
            clause = f"（制度 {each.clause}）" if each.clause else ""
            st.caption(f":material/undo: {each.action.label}　{wording.literal(each.comment)}{clause}")
