"""机器初筛的提示: each mark with its words, what to do, how it was answered, and what one click can do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from models import Action, Finding, FindingAnswer, FindingLevel
from services import attachment_checks, corrections, exemptions, findings, picture_checks
from services.queries import earlier_items
from services.queries import submissions as reads
from services.queries.earlier_items import EarlierItem
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import office_day
from services.screening.catalogue import possible_answers
from ui import feedback, navigation, replay_panel, runtime, wording

COLOURS = {FindingLevel.BLOCK: "red", FindingLevel.WARN: "orange", FindingLevel.INFO: "blue"}
FIELDS = {"title": "标题", "digest": "摘要", "author": "作者", "body": "正文"}
PICTURE, ATTACHMENT = "picture:", "attachment:"
EXEMPTION_DAYS = 180


@dataclass(frozen=True)
class Mending:
    """What a one-click correction writes over: the edition or version this window saw, and what to do after it."""

    seen: int
    done: Callable[[str], None] = lambda _field: None


@dataclass(frozen=True)
class Offer:
    """What this person may do about a mark: answer it, mend it, let it stand elsewhere too."""

    answerable: bool
    mending: Mending | None
    exemptable: bool


def draw(user: SignedInPerson, submission_id: int, *, answerable: bool = True, mending: Mending | None = None) -> None:
    """The marks of the last check, gravest first, each to be answered in place; mended too where that is possible."""
    with runtime.reading() as db:
        marks = reads.latest_findings(db, submission_id, reader=user)
        earlier = earlier_items.named_by(db, user, marks)
        checked = reads.was_checked(db, submission_id)
        may_exempt = reads.may_exempt(db, user, submission_id)
    if not checked:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**机器初筛**　{_summary(marks)}", width="stretch")
        if answerable:
            st.button("重新检查", key=f"check-{submission_id}", on_click=_check, args=(user, submission_id))
    order = list(FindingLevel)
    for mark in sorted(marks, key=lambda each: (each.answer is not None, order.index(each.level))):
        offer = Offer(answerable, mending, may_exempt and exemptions.may_stand(mark.rule))
        _mark(user, mark, earlier.get(mark.related_id or 0), offer)


def in_review(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The marks on the version under review, and by which lists they were made."""
    mending = Mending(item.submission.version) if item.may(Action.ADJUST) else None
    draw(user, item.draft.submission_id, answerable=bool(item.steps), mending=mending)
    if item.findings:
        replay_panel.draw(user, item.draft.submission_id)


def place(mark: Finding) -> str:
    """Where a mark stands, as people call it."""
    if mark.field.startswith(PICTURE):
        return f"图片 {mark.place}".strip()
    if mark.field.startswith(ATTACHMENT):
        return " ".join(part for part in ("附件", mark.field.removeprefix(ATTACHMENT), mark.place) if part)
    return FIELDS[mark.field]


def _summary(marks: Sequence[Finding]) -> str:
    if not marks:
        return "没有发现问题。"
    counts = {level: sum(mark.level is level for mark in marks) for level in FindingLevel}
    found = wording.listed(f"{level.label} {count} 处" for level, count in counts.items() if count)
    waiting = sum(mark.answer is None and mark.level is not FindingLevel.INFO for mark in marks)
    return f"{found}，{waiting} 处待答复" if waiting else found


def _mark(user: SignedInPerson, mark: Finding, earlier: EarlierItem | None, offer: Offer) -> None:
    with st.container(border=True, key=f"finding-{mark.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(mark.level.label, color=COLOURS[mark.level])  # type: ignore[arg-type]  # a table of its colours
            st.text(f"{place(mark)}：“{mark.quote}”" if mark.quote else place(mark))
        st.caption(f"{wording.literal(mark.suggestion)}　（制度 {mark.clause}）")
        if mark.related_id is not None:
            _earlier(earlier)
        if mark.answer is not None:
            st.caption(f"✓ {mark.answer.label}" + (f"：{wording.literal(mark.reason)}" if mark.reason else ""))
            return
        if offer.mending is not None and mark.replacement is not None:
            _mend_button(user, mark, offer.mending)
        if offer.answerable:
            _answer_field(user, mark, possible_answers(mark.rule, mark.level))
        if offer.exemptable and mark.level is not FindingLevel.INFO:
            _exemption(user, mark)


def _earlier(item: EarlierItem | None) -> None:
    """The way to the item this one is like, for whoever may know of it."""
    if item is None:
        st.caption("那是其他部门的稿件，这里不显示；审核员可以打开对照。")
        return
    navigation.link("submission", wording.literal(f"打开《{item.title}》"), id=item.id)
    st.caption(wording.literal(f"{item.department}　{wording.moment(item.submitted_at)} 提交　{item.state.label}"))


def _mend_button(user: SignedInPerson, mark: Finding, mending: Mending) -> None:
    words = "打码" if mark.rule.startswith("pi.") else "替换"
    st.button(
        # What takes the place of several cells or lines has their ends in it; a button has one line.
        f"{words}为“{' '.join(mark.replacement.split())}”" if mark.replacement else "删去这处",
        icon=":material/auto_fix_high:",
        key=f"finding-{mark.id}-mend",
        on_click=_mend,
        args=(user, mark.id, mending),
    )


def _answer_field(user: SignedInPerson, mark: Finding, possible: Sequence[FindingAnswer]) -> None:
    if not possible:
        st.caption("这处要补上或改好，不能写理由代替；改好后点“重新检查”。")
        return
    reason = f"finding-{mark.id}-reason"
    st.text_input("理由", key=reason, placeholder="不改的话，请写明理由，审核人会看到", label_visibility="collapsed")
    with st.container(horizontal=True, gap="small"):
        for answer in possible:
            st.button(
                answer.label,
                key=f"finding-{mark.id}-{answer.value}",
                on_click=_answer,
                args=(user, mark.id, answer, reason),
            )


def _exemption(user: SignedInPerson, mark: Finding) -> None:
    today = office_day(runtime.current().now())
    reason, until = f"finding-{mark.id}-exempt-reason", f"finding-{mark.id}-exempt-until"
    with st.popover("批准豁免", key=f"finding-{mark.id}-exempt"):
        st.caption("同样的内容在截止日期前不再要求答复，例如须公开的值班电话。")
        st.text_input("理由", key=reason)
        st.date_input(
            "截止日期", today + timedelta(days=EXEMPTION_DAYS), key=until, format="YYYY-MM-DD",
            min_value=today, max_value=today + exemptions.LONGEST,
        )  # fmt: skip
        st.button("批准", type="primary", key=f"{until}-go", on_click=_exempt, args=(user, mark.id, reason, until))


# --- Acts ------------------------------------------------------------------------------------------------


def _check(user: SignedInPerson, submission_id: int) -> None:
    screener = runtime.current().screener()
    with feedback.reporting("已重新检查。"):
        picture_checks.read_pictures(runtime.current(), submission_id=submission_id)
        attachment_checks.read_attachments(runtime.current(), submission_id=submission_id)
        with runtime.acting_as(user) as work:
            findings.check(work, screener, submission_id=submission_id)


def _mend(user: SignedInPerson, finding_id: int, mending: Mending) -> None:
    screener = runtime.current().screener()
    with feedback.reporting("已改好，并重新检查。") as mended, runtime.acting_as(user) as work:
        field = corrections.apply(work, screener, finding_id=finding_id, seen=mending.seen)
    if mended.done:
        mending.done(field)


def _answer(user: SignedInPerson, finding_id: int, answer: FindingAnswer, place: str) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        findings.answer(work, finding_id=finding_id, answer=answer, reason=st.session_state.get(place, ""))


def _exempt(user: SignedInPerson, finding_id: int, reason: str, until: str) -> None:
    with feedback.reporting("豁免已批准。"), runtime.acting_as(user) as work:
        exemptions.approve(
            work,
            finding_id=finding_id,
            reason=st.session_state.get(reason, ""),
            ends_on=st.session_state[until],
        )
