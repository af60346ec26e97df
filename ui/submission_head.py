"""What one item is: title, state and the few facts a reviewer looks for first."""

from __future__ import annotations

import streamlit as st

from models import SourceKind
from services.queries.submissions import SubmissionDetail
from ui import submission_block, wording


def draw(item: SubmissionDetail) -> None:
    """The lines above everything else of the item."""
    submission = item.submission
    st.subheader(wording.literal(item.content.title) or "（还没有标题）")
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f":{submission_block.STATE_COLOURS[submission.state]}-badge[{submission.state.label}]")
        st.badge(submission.category.label, color="gray")
        st.badge(wording.literal(f"{item.department} · {item.contributor}"), color="gray")
        if item.account is not None:
            st.badge(item.account.name, color="gray", icon=":material/chat:")
    st.caption("　".join(_facts(item)))


def _facts(item: SubmissionDetail) -> list[str]:
    submission = item.submission
    facts = [f"作者 {item.content.author}" if item.content.author else ""]
    facts.append(f"摄影 {item.content.photographer}" if item.content.photographer else "")
    facts.append(f"活动日期 {submission.event_date}" if submission.event_date else "")
    facts.append(f"期望发布 {wording.moment(submission.wanted_at)}" if submission.wanted_at else "")
    facts.append(f"第 {item.revision_number} 版" if item.revision_number else "")
    if item.content.source_kind is SourceKind.REPRINT:
        facts.append(f"转载自 {item.content.source_name or item.content.source_url}")
    return [wording.literal(fact) for fact in facts if fact]
