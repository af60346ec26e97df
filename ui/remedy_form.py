"""更正或下架: the proposal. What was typed stays until it is proposed, whatever refuses it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from models import RemedyKind, RemedyReason, Severity
from services import remedies
from services.queries import remedies as reads
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.remedies import LONGEST_NOTE, TOLD_INSTEAD, Proposal
from services.rules.remedy_steps import Limits
from ui import feedback, runtime

EXPLAINED: Mapping[RemedyKind, str] = {
    RemedyKind.CORRECT: "文字小错。公众号发布后只能改正文，最多 {characters} 字、{times} 次；标题、封面、图片不能改。",
    RemedyKind.NOTE: "不能直接改时，在校园网页上方和公众号刊登一段说明。",
    RemedyKind.TAKE_DOWN: "公众号删除文章，校园网页换成下架说明。删除不能恢复。",
    RemedyKind.REPUBLISH: "先下架，稿件回到宣传部初审，改成新的一版再发。",
    RemedyKind.SITE_ONLY: "只把校园网页换成下架说明，公众号不动。",
}
NEW = "remedy-form"


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The fold with the form."""
    submission_id = item.draft.submission_id
    with runtime.reading() as db:
        limits = reads.limits(db)
        cases = reads.cases_of(db, user, submission_id)
    fold = st.expander(
        "更正、说明或下架", key=_key(submission_id, "fold"), icon=":material/healing:", on_change="rerun"
    )
    if not fold.open:
        return
    with fold:
        _form(user, submission_id, limits, cases)


def _key(submission_id: int, name: str) -> str:
    return f"remedy-{submission_id}-{st.session_state.get(f'{NEW}-{submission_id}', 0)}-{name}"


def _form(user: SignedInPerson, submission_id: int, limits: Limits, cases: Mapping[int, str]) -> None:
    kind = _kind(submission_id, limits)
    reason = RemedyReason.of(
        st.selectbox(
            "原因",
            [each.value for each in RemedyReason],
            index=0,
            format_func=lambda code: RemedyReason.of(code).label,
            key=_key(submission_id, "reason"),
        )
    )
    severity = Severity.of(
        st.selectbox(
            "严重程度",
            [each.value for each in Severity],
            index=0,
            format_func=lambda code: _severity(Severity.of(code), limits),
            key=_key(submission_id, "severity"),
        )
    )
    facts = st.text_area(
        "情况（只留在记录里，读者看不到）",
        key=_key(submission_id, "facts"),
        height=80,
        placeholder="哪里有问题、怎样发现的、谁提出的",
    )
    wrong, right, note = _words(submission_id, kind)
    violation_id = _case(submission_id, cases) if cases else None
    proposal = Proposal(
        kind=kind,
        reason=reason,
        severity=severity,
        facts=facts,
        wrong=wrong,
        right=right,
        note=note,
        violation_id=violation_id,
    )
    st.button(
        "提出处置",
        key=_key(submission_id, "propose"),
        type="primary",
        on_click=_propose,
        args=(user, submission_id, proposal),
        help="须由另一位同志确认后才会执行。",
    )
    st.caption("提出后计时，由另一位同志确认；确认后系统先留存原文，再执行。")


def _kind(submission_id: int, limits: Limits) -> RemedyKind:
    chosen = st.radio(
        "怎样处置",
        [each.value for each in EXPLAINED],
        index=0,
        format_func=lambda code: RemedyKind.of(code).label,
        captions=[_explained(each, limits) for each in EXPLAINED],
        key=_key(submission_id, "kind"),
    )
    return RemedyKind.of(chosen)


def _words(submission_id: int, kind: RemedyKind) -> tuple[str, str, str]:
    """The wrong words, the right ones, and what readers are told, as far as this kind has them."""
    if kind is RemedyKind.CORRECT:
        wrong = st.text_input("错的文字（从正文复制）", key=_key(submission_id, "wrong"))
        return wrong, st.text_input("改成", key=_key(submission_id, "right")), ""
    required = kind is RemedyKind.NOTE
    note = st.text_area(
        "给读者的说明" if required else "给读者的说明（可不填）",
        key=_key(submission_id, "note"),
        height=80,
        max_chars=LONGEST_NOTE,
        placeholder="" if required else TOLD_INSTEAD,
    )
    return "", "", note


def _case(submission_id: int, cases: Mapping[int, str]) -> int | None:
    return st.selectbox(
        "关联违规案卷",
        [None, *cases],
        format_func=lambda each: cases[each] if each else "（不关联）",
        key=_key(submission_id, "violation"),
    )


def _explained(kind: RemedyKind, limits: Limits) -> str:
    return EXPLAINED[kind].format(characters=limits.correction_characters, times=limits.corrections_per_article)


def _severity(severity: Severity, limits: Limits) -> str:
    return f"{severity.label}（{_minutes(limits.minutes(severity))}内处置）"


def _minutes(minutes: int) -> str:
    return f"{minutes // 60} 小时" if minutes >= 60 and minutes % 60 == 0 else f"{minutes} 分钟"


def _propose(user: SignedInPerson, submission_id: int, proposal: Proposal) -> None:
    done = f"“{proposal.kind.label}”已提出，等另一位同志确认。"
    with feedback.reporting(done) as outcome, runtime.acting_as(user) as work:
        remedies.propose(work, submission_id=submission_id, proposal=proposal)
    if outcome.done:
        turn = f"{NEW}-{submission_id}"
        st.session_state[turn] = st.session_state.get(turn, 0) + 1
