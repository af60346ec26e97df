"""紧急快速通道 on an item: opening it, what it was opened for, and the full review it owes."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from models import Action, AfterReview, EmergencyReason
from services import submissions
from services.queries import emergencies as reads
from services.queries.emergencies import EmergencyDetail
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from ui import feedback, runtime, wording

WHAT_IT_IS = (
    "只用于突发事件、上级要求和安全预警。跳过部门审签，由一位宣传部编辑初审、终审人或分管校领导签发，签发后系统立即排入发布；"
    "24 小时内须由没有经手的同志补审，逾期会报告终审人、监督小组和校领导，并计入当月统计。"
)
PLACEHOLDER = "什么情况、谁要求、为什么不能等；电话请示的，写明向谁请示、几点几分"


@dataclass(frozen=True)
class Opening:
    """Why an item goes through the channel, as it was filled in."""

    reason: EmergencyReason
    words: str


# --- Opening it ------------------------------------------------------------------------------------------


def choose(user: SignedInPerson, *, key: str) -> Opening | None:
    """On the form of somebody on the list: whether the item is to go through the channel when it is handed in."""
    with runtime.reading() as db:
        is_listed = user.id is not None and reads.is_listed(db, user.id)
    if not is_listed:
        return None
    with st.expander("紧急快速通道", icon=":material/bolt:", key=f"{key}-fold"):
        st.caption(WHAT_IT_IS)
        return _fields(key)


def _fields(key: str) -> Opening | None:
    reason = st.pills(
        "事由",
        list(EmergencyReason),
        format_func=lambda each: each.label,
        key=f"{key}-reason",
        wrap=True,
    )
    words = st.text_area("情况说明", key=f"{key}-words", max_chars=500, height=96, placeholder=PLACEHOLDER)
    return Opening(reason, words) if reason else None


def opener(user: SignedInPerson, item: SubmissionDetail) -> None:
    """On an item under review, for those on the list."""
    if not item.may(Action.EXPEDITE):
        return
    key = f"expedite-{item.submission.id}"
    with st.expander("紧急快速通道", icon=":material/bolt:", key=f"{key}-fold"):
        st.caption(WHAT_IT_IS)
        opening = _fields(key)
        st.button(
            "转入紧急快速通道",
            key=key,
            disabled=opening is None,
            on_click=_expedite,
            args=(user, item),
            width="stretch",
        )


def _expedite(user: SignedInPerson, item: SubmissionDetail) -> None:
    key = f"expedite-{item.submission.id}"
    with feedback.reporting("已转入紧急快速通道，宣传部编辑已收到通知。"), runtime.acting_as(user) as work:
        submissions.expedite(
            work,
            submission_id=item.draft.submission_id,
            seen_version=item.submission.version,
            reason=st.session_state[f"{key}-reason"],
            words=st.session_state.get(f"{key}-words", ""),
        )


# --- What it was opened for, and the debt ----------------------------------------------------------------


def record(user: SignedInPerson, item: SubmissionDetail, emergency: EmergencyDetail | None) -> None:
    """Above everything else of an item that used the channel: why, what it owes, who settles it."""
    if emergency is None:
        return
    opened = f"**紧急快速通道 · {emergency.reason.label}**　{wording.literal(emergency.words)}"
    st.markdown(opened)
    st.caption(f"{wording.literal(emergency.opened_by)} 于 {wording.moment(emergency.opened_at)} 转入")
    if emergency.verdict is not None and emergency.settled_at is not None:
        said = f"{emergency.verdict.label}：{wording.literal(emergency.found)}"
        who = f"{wording.literal(emergency.settled_by)} {wording.moment(emergency.settled_at)}"
        draw = st.success if emergency.verdict is AfterReview.CONFIRMED else st.warning
        draw(f"{said}（{who}）", icon=":material/fact_check:")
        return
    if emergency.due_at is None:
        return
    is_overdue = emergency.due_at <= runtime.current().now()
    by_whom = "分管校领导" if emergency.owed_to_leader else "没有经手的审核员、终审人或校领导"
    words = f"须在 {wording.moment(emergency.due_at)} 前由{by_whom}补审" + ("，已逾期。" if is_overdue else "。")
    (st.error if is_overdue else st.warning)(words, icon=":material/assignment_late:")
    if item.may(Action.SETTLE):
        _settling(user, item)


def _settling(user: SignedInPerson, item: SubmissionDetail) -> None:
    key = f"settle-{item.submission.id}"
    with st.container(border=True, key=f"{key}-box"):
        st.markdown("**补审**　对照审核清单通读全文，再给结论。")
        verdict = st.pills(
            "结论",
            list(AfterReview),
            format_func=lambda each: each.label,
            key=f"{key}-verdict",
            wrap=True,
        )
        st.text_area(
            "核对情况",
            key=f"{key}-found",
            max_chars=500,
            height=96,
            placeholder="核对了哪些事实、表述、图片；有问题写明问题",
        )
        st.button("完成补审", type="primary", key=key, disabled=verdict is None, on_click=_settle, args=(user, item))


def _settle(user: SignedInPerson, item: SubmissionDetail) -> None:
    key = f"settle-{item.submission.id}"
    with feedback.reporting("补审已记入稿件。"), runtime.acting_as(user) as work:
        submissions.settle(
            work,
            submission_id=item.draft.submission_id,
            seen_version=item.submission.version,
            verdict=st.session_state[f"{key}-verdict"],
            found=st.session_state.get(f"{key}-found", ""),
        )
