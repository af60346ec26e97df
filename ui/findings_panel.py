"""机器初筛的提示: each mark with its words, what to do, and how it was answered."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import Finding, FindingAnswer, FindingLevel
from services import findings
from services.queries import submissions as reads
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, wording

COLOURS = {FindingLevel.BLOCK: "red", FindingLevel.WARN: "orange", FindingLevel.INFO: "blue"}
FIELDS = {"title": "标题", "digest": "摘要", "author": "作者", "body": "正文"}


def draw(user: SignedInPerson, submission_id: int, *, answerable: bool = True) -> None:
    """The marks of the last check, gravest first, each to be answered in place."""
    with runtime.reading() as db:
        marks = reads.latest_findings(db, submission_id)
        checked = reads.was_checked(db, submission_id)
    if not checked:
        return
    st.markdown(f"**机器初筛**　{_summary(marks)}")
    order = list(FindingLevel)
    for mark in sorted(marks, key=lambda each: order.index(each.level)):
        _mark(user, mark, answerable=answerable)


def _summary(marks: Sequence[Finding]) -> str:
    if not marks:
        return "没有发现问题。"
    counts = {level: sum(mark.level is level for mark in marks) for level in FindingLevel}
    return wording.listed(f"{level.label} {count} 处" for level, count in counts.items() if count)


def _mark(user: SignedInPerson, mark: Finding, *, answerable: bool) -> None:
    with st.container(border=True, key=f"finding-{mark.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(mark.level.label, color=COLOURS[mark.level])  # type: ignore[arg-type]  # a table of its colours
            st.text(f"{FIELDS.get(mark.field, mark.field)}：“{mark.quote}”")
        st.caption(f"{mark.suggestion}　（制度 {mark.clause}）")
        if mark.answer is not None:
            st.caption(f"✓ {mark.answer.label}" + (f"：{mark.reason}" if mark.reason else ""))
        elif answerable:
            _answer_field(user, mark)


def _answer_field(user: SignedInPerson, mark: Finding) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = f"finding-{mark.id}-reason"
        st.text_input(
            "理由",
            key=place,
            placeholder="不改的话，请写明理由，审核人会看到",
            label_visibility="collapsed",
            width=320,
        )
        for answer in (FindingAnswer.CONFIRMED, FindingAnswer.FALSE_ALARM):
            st.button(
                answer.label,
                key=f"finding-{mark.id}-{answer.value}",
                on_click=_answer,
                args=(user, mark.id, answer, place),
            )


def _answer(user: SignedInPerson, finding_id: int, answer: FindingAnswer, place: str) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        findings.answer(work, finding_id=finding_id, answer=answer, reason=st.session_state.get(place, ""))
