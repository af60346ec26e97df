"""Lists of submissions: one block each, that reads on a phone as well as on a desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import REVIEW_STAGES, WITH_AUTHOR, SubmissionState
from services.queries.submission_lists import Progress, SubmissionLine
from ui import navigation, wording

EVERYTHING = "全部"
WAITING, HANDLED = "待我办理", "我办过的"
MOST_NAMES = 3

STATE_COLOURS: dict[SubmissionState, str] = {
    SubmissionState.DRAFT: "gray",
    **dict.fromkeys(REVIEW_STAGES, "blue"),
    SubmissionState.APPROVED: "green",
    SubmissionState.PUBLISHED: "green",
    SubmissionState.ARCHIVED: "gray",
    SubmissionState.RETURNED: "orange",
    SubmissionState.REJECTED: "red",
    SubmissionState.WITHDRAWN: "gray",
}


def choose_progress() -> Progress | None:
    """The small filter above one's own items; None for all of them."""
    labels = {each.label: each for each in Progress}
    chosen = st.segmented_control(
        "进度",
        [EVERYTHING, *labels],
        default=EVERYTHING,
        required=True,
        key="progress",
        bind="query-params",
        label_visibility="collapsed",
    )
    return labels.get(chosen)


def choose_view() -> bool:
    """The two views of the inbox: True for what waits, False for what was handled."""
    chosen = st.segmented_control(
        "查看",
        [WAITING, HANDLED],
        default=WAITING,
        required=True,
        key="inbox",
        bind="query-params",
        label_visibility="collapsed",
    )
    return chosen != HANDLED


def own(lines: Sequence[SubmissionLine], *, total: int, now: datetime, progress: Progress | None = None) -> None:
    """One's own items: where each stands, with whom, and why it came back."""
    if not total:
        _nothing_written(progress)
        return
    st.caption(f"共 {total} 篇，最近改动的在前。")
    for line in lines:
        text, buttons, below = _block(line)
        with text:
            _headline(line)
            _facts(line.account, line.category.label)
            _say(_whereabouts(line, now, author="您"), _wanted(line, now))
        with buttons:
            if line.state in WITH_AUTHOR and _button(line, "write", "继续写", "edit"):
                navigation.go("submit", id=line.id)
            if _button(line, "open", "查看", "article"):
                navigation.go("submission", id=line.id)
        with below:
            _reason(line)


def _nothing_written(progress: Progress | None) -> None:
    if progress is not None:
        st.info(f"没有“{progress.label}”的稿件。", icon=":material/info:")
        return
    st.info("您还没有稿件。上传一份 Word 文件，或直接写，几分钟就能交给部门审签。", icon=":material/info:")
    navigation.link("submit", "去投稿")


def waiting(lines: Sequence[SubmissionLine], *, total: int, now: datetime) -> None:
    """What waits for the person, with how long."""
    if not total:
        st.info("没有等您办理的稿件。新稿件到您这一环节时会出现在这里。", icon=":material/check_circle:")
        return
    st.caption(f"{total} 篇等您办理，等得最久的在前。")
    for line in lines:
        text, buttons, _ = _block(line)
        with text:
            _headline(line)
            _facts(line.department, line.contributor, line.category.label, line.account)
            _say(f"已等 **{wording.duration(now - line.stage_entered_at)}**。", _wanted(line, now))
            if len(line.holders) == 1:
                st.caption(f"现在只有{wording.literal(line.holders[0])}可以办理这一环节；外出前请先委托代办。")
        with buttons:
            if _button(line, "open", "办理", "rate_review"):
                navigation.go("submission", id=line.id)


def handled(lines: Sequence[SubmissionLine], *, total: int, now: datetime) -> None:
    """What the person decided on, and what became of it."""
    if not total:
        st.info("您还没有办理过稿件。", icon=":material/info:")
        return
    st.caption(f"您办理过 {total} 篇，最近有变化的在前。")
    for line in lines:
        text, buttons, _ = _block(line)
        with text:
            _headline(line)
            _facts(line.department, line.contributor, line.category.label, line.account)
            _say(_whereabouts(line, now, author="作者"))
        with buttons:
            if _button(line, "open", "查看", "article"):
                navigation.go("submission", id=line.id)


# --- The parts of a block --------------------------------------------------------------------------------


def _block(line: SubmissionLine) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The text of an item, its buttons (beside the text on a desk, below it on a phone), and what goes below."""
    with st.container(border=True, key=f"item-{line.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            text = st.container(gap="xxsmall", width="stretch", key=f"text-{line.id}")
            buttons = st.container(horizontal=True, width="content", key=f"buttons-{line.id}")
        below = st.container()
    return text, buttons, below


def _headline(line: SubmissionLine) -> None:
    title = wording.literal(line.title) or "（还没有标题）"
    st.markdown(f"**{title}** :{STATE_COLOURS[line.state]}-badge[{line.state.label}]")


def _facts(*facts: str | None) -> None:
    st.caption(" · ".join(fact for fact in facts if fact))


def _say(*sentences: str) -> None:
    st.markdown("　".join(sentence for sentence in sentences if sentence))


def _wanted(line: SubmissionLine, now: datetime) -> str:
    if line.wanted_at is None or line.state in (SubmissionState.PUBLISHED, SubmissionState.ARCHIVED):
        return ""
    words = f"希望 {wording.moment(line.wanted_at)} 发布"
    return words if line.wanted_at > now else f":orange[{words}，时间已过]"


def _whereabouts(line: SubmissionLine, now: datetime, *, author: str) -> str:
    """With whom the item is, and since when."""
    since = wording.duration(now - line.stage_entered_at)
    if line.state is SubmissionState.DRAFT:
        return f"还没有提交，{wording.duration(now - line.updated_at)}前改过。"
    if line.state is SubmissionState.RETURNED:
        return f"等{author}修改，已 {since}。"
    if line.state is SubmissionState.APPROVED:
        return f"等 {_people(line.holders)} 发布，已 {since}。" if line.holders else NO_PUBLISHER
    if line.state in REVIEW_STAGES:
        return f"现由 {_people(line.holders)} 办理，已等 {since}。" if line.holders else NO_REVIEWER
    return f"{line.state.label}于 {wording.moment(line.stage_entered_at)}。"


NO_REVIEWER = ":orange[现在没有人可以办理这一环节，请联系宣传部或系统管理员安排。]"
NO_PUBLISHER = ":orange[现在没有发布员，请联系系统管理员安排。]"


def _people(names: Sequence[str]) -> str:
    shown = wording.listed(_literally(names[:MOST_NAMES]))
    return f"{shown} 等 {len(names)} 人" if len(names) > MOST_NAMES else shown


def _literally(names: Iterable[str]) -> list[str]:
    return [f"**{wording.literal(name)}**" for name in names]


def _reason(line: SubmissionLine) -> None:
    if line.reason is None:
        return
    clause = f"（制度 {line.reason.clause}）" if line.reason.clause else ""
    said = f"{line.reason.actor} 于 {wording.moment(line.reason.at)} {line.state.label}{clause}"
    words = f"**{wording.literal(said)}**  \n{wording.literal(line.reason.comment)}"
    if line.state in WITH_AUTHOR:
        st.warning(words, icon=":material/undo:")
    else:
        st.markdown(wording.quoted(words))


def _button(line: SubmissionLine, name: str, label: str, icon: str) -> bool:
    return st.button(label, key=f"{name}-{line.id}", icon=f":material/{icon}:")
