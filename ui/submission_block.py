"""An item in a list: one block that reads on a phone as well as on a desk, and the parts lists put it together from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from models import REVIEW_STAGES, WITH_AUTHOR, SubmissionState
from services.queries.submission_lists import SubmissionLine
from services.rules.stage_clocks import ClockColour
from ui import wording

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

CLOCK_COLOURS = {ClockColour.OK: "green", ClockColour.NEAR: "orange", ClockColour.OVERDUE: "red"}


def block(line: SubmissionLine) -> tuple[DeltaGenerator, DeltaGenerator, DeltaGenerator]:
    """The text of an item, its buttons (beside the text on a desk, below it on a phone), and what goes below."""
    with st.container(border=True, key=f"item-{line.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            text = st.container(gap="xxsmall", width="stretch", key=f"text-{line.id}")
            buttons = st.container(horizontal=True, width="content", key=f"buttons-{line.id}")
        below = st.container()
    return text, buttons, below


def headline(line: SubmissionLine, *, clock_at: datetime | None = None) -> None:
    """The title with the state; with a moment, also the colour of the clock then."""
    title = wording.literal(line.title) or "（还没有标题）"
    colour = line.colour(clock_at) if clock_at else None
    clock = f" :{CLOCK_COLOURS[colour]}-badge[:material/schedule: {colour.label}]" if colour else ""
    urgent = " :red-badge[:material/bolt: 紧急]" if line.is_emergency else ""
    st.markdown(f"**{title}** :{STATE_COLOURS[line.state]}-badge[{line.state.label}]{urgent}{clock}")


def facts(*facts: str | None) -> None:
    """What the item is, in one quiet line."""
    st.caption(" · ".join(fact for fact in facts if fact))


def say(*sentences: str) -> None:
    """What a reader must know, the empty left out."""
    st.markdown("　".join(sentence for sentence in sentences if sentence))


def quietly(sentence: str) -> None:
    """What a reader may want to know; nothing where there is nothing."""
    if sentence:
        st.caption(sentence)


def wanted(line: SubmissionLine, now: datetime) -> str:
    """When its author wishes it out, until it is."""
    if line.wanted_at is None or line.state in (SubmissionState.PUBLISHED, SubmissionState.ARCHIVED):
        return ""
    words = f"希望 {wording.moment(line.wanted_at)} 发布"
    return words if line.wanted_at > now else f":orange[{words}，时间已过]"


def whereabouts(line: SubmissionLine, now: datetime, *, author: str) -> str:
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


def what_next(line: SubmissionLine, now: datetime) -> str:
    """By when the present stage is due, and what comes after it."""
    if line.state is SubmissionState.RETURNED:
        return "改好后重新提交，仍在这条记录里。"
    if line.state is SubmissionState.APPROVED:
        return "发布后您会收到通知。"
    if line.due_at is None or line.following is None:
        return ""
    due = f"应在 {wording.moment(line.due_at)} 前办完"
    if line.colour(now) is ClockColour.OVERDUE:
        due = f":red[{due}，已超时，系统已提醒办理人]"
    after = "封版，等待发布" if line.following is SubmissionState.APPROVED else f"送{line.following.label}"
    return f"{due}；通过后{after}。"


NO_REVIEWER = ":orange[现在没有人可以办理这一环节，请联系宣传部或系统管理员安排。]"
NO_PUBLISHER = ":orange[现在没有发布员，请联系系统管理员安排。]"


def _people(names: Sequence[str]) -> str:
    shown = wording.listed(_literally(names[:MOST_NAMES]))
    return f"{shown} 等 {len(names)} 人" if len(names) > MOST_NAMES else shown


def _literally(names: Iterable[str]) -> list[str]:
    return [f"**{wording.literal(name)}**" for name in names]


def reason(line: SubmissionLine) -> None:
    """Why it came back, in the words of whoever sent it there."""
    if line.reason is None:
        return
    clause = f"（制度 {line.reason.clause}）" if line.reason.clause else ""
    said = f"{line.reason.actor} 于 {wording.moment(line.reason.at)} {line.state.label}{clause}"
    words = f"**{wording.literal(said)}**  \n{wording.literal(line.reason.comment)}"
    if line.state in WITH_AUTHOR:
        st.warning(words, icon=":material/undo:")
    else:
        st.markdown(wording.quoted(words))


def button(line: SubmissionLine, name: str, label: str, icon: str) -> bool:
    """A button of this item; whether it was pressed."""
    return st.button(label, key=f"{name}-{line.id}", icon=f":material/{icon}:")
