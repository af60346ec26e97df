"""What happened to an item: the publications and every step."""

from __future__ import annotations

import streamlit as st

from models import Publication, ReturnTalk
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from ui import review_form_download, wording


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The publications, the history, and the form of the office that tells it."""
    if item.publications:
        st.markdown("**发布**")
        for publication in item.publications:
            _publication(publication)
    st.markdown("**经过**")
    for line in reversed(item.history):
        with st.container(gap=None):
            st.markdown(f"**{line.action.label}**　{wording.literal(line.actor)}　{wording.moment(line.at)}")
            if line.comment:
                st.caption(f"“{wording.literal(line.comment)}”" + (f"（制度 {line.clause}）" if line.clause else ""))
            if line.talk is not None:
                st.caption(_talk(line.talk))
    if not item.history:
        st.caption("还没有提交。")
    review_form_download.of_item(user, item)
    if item.submission.seal:
        st.caption(f"封版指纹 {item.submission.seal[:16]}…")


def _talk(talk: ReturnTalk) -> str:
    if talk.held_on is None:
        return ":orange[约谈：先退回，稍后再谈，还没有补记]"
    return f"约谈：{talk.held_on} {wording.literal(talk.who)}"


def _publication(publication: Publication) -> None:
    line = f"{publication.target.label}：{publication.state.label}"
    st.markdown(f"[{line}]({publication.url})" if publication.url else line)
    if publication.failure:
        st.caption(publication.failure)
