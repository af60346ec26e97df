"""正在看: who has the item open, how to look at it instead, and the way on to the next one that waits."""

from __future__ import annotations

import streamlit as st

from services import review_claims
from services.queries import inbox
from services.queries import review_claims as reads
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.permissions import STAGE_CAPABILITY
from services.rules.review_claims import is_due
from services.rules.workflow import is_decision
from ui import feedback, navigation, runtime, wording


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """For those who decide: say that they look, name who does, and lead on. Draws nothing for anybody else."""
    if not any(user.reaches(each) for each in set(STAGE_CAPABILITY.values())):
        return
    if any(is_decision(step) for step in item.steps):
        _look(user, item.draft.submission_id)
    _lead_on(user, item.draft.submission_id)


def _look(user: SignedInPerson, submission_id: int) -> None:
    now = runtime.current().now()
    with runtime.reading() as db:
        due = is_due(reads.claim_of(db, submission_id), user.id, now)
    if due:
        with feedback.reporting(), runtime.acting_as(user) as work:
            review_claims.look(work, submission_id=submission_id)
    with runtime.reading() as db:
        looking = reads.looking_at(db, [submission_id], now).get(submission_id)
    if looking is None or looking.person_id == user.id:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="looking"):
        st.markdown(
            f":material/visibility: **{wording.literal(looking.name)}** 正在看这篇稿件"
            f"（{wording.clock_time(looking.since)} 起）。您仍然可以办理；两人同时办理时，先办的算数。",
            width="stretch",
        )
        st.button("由我来看", key="take-over", on_click=_take_over, args=(user, submission_id))


def _take_over(user: SignedInPerson, submission_id: int) -> None:
    with feedback.reporting("现在显示为您在看。"), runtime.acting_as(user) as work:
        review_claims.take_over(work, submission_id=submission_id)


def _lead_on(user: SignedInPerson, submission_id: int) -> None:
    with runtime.reading() as db:
        following = inbox.next_waiting(db, user, now=runtime.current().now(), after=submission_id)
    with st.container(horizontal=True, key="lead-on"):
        if st.button("收件箱", key="to-inbox", icon=":material/inbox:", shortcut="I"):
            navigation.go("inbox")
        if following is not None and st.button("下一篇", key="next-item", icon=":material/east:", shortcut="N"):
            navigation.go("submission", id=following)
