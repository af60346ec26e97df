"""The three lists of the inbox."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from models import InboxView
from services.queries.inbox import MOST_COUNTED, MOST_FOUND
from services.queries.sessions import SignedInPerson
from services.queries.submission_lists import SubmissionLine
from services.rules.list_filters import EVERYTHING, Criteria
from services.rules.stage_clocks import ClockColour
from ui import bulk_panel, navigation, submission_block, wording

ORDER = "最急的在前：先是紧急稿件，再按办理时限、希望发布时间、预告的活动日期里最早的一个排。"


def draw(
    user: SignedInPerson,
    view: InboxView,
    lines: Sequence[SubmissionLine],
    *,
    total: int,
    now: datetime,
    criteria: Criteria,
) -> None:
    """One page of a list, or what to do where it is empty."""
    if not total:
        _nothing(view, criteria)
        return
    st.caption(_heading(view, total, criteria))
    if view is InboxView.WAITING:
        _waiting(user, lines, now)
    else:
        for line in lines:
            _other(line, now)


def _waiting(user: SignedInPerson, lines: Sequence[SubmissionLine], now: datetime) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        _most_urgent(lines)
        picking = bulk_panel.is_wanted(lines)
    if picking:
        bulk_panel.draw(user, lines)
    for line in lines:
        _waiting_line(line, now, picking=picking)


def _nothing(view: InboxView, criteria: Criteria) -> None:
    if criteria != EVERYTHING:
        st.info(
            "没有符合这些条件的稿件。可以换一个词、少设一个条件，或到“全部稿件”里查。", icon=":material/search_off:"
        )
    elif view is InboxView.WAITING:
        st.info("没有等您办理的稿件。新稿件到您这一环节时会出现在这里。", icon=":material/check_circle:")
    elif view is InboxView.HANDLED:
        st.info("您还没有办理过稿件。", icon=":material/info:")
    else:
        st.info("还没有您可以查看的稿件。部门交来第一篇后会出现在这里。", icon=":material/info:")


def _heading(view: InboxView, total: int, criteria: Criteria) -> str:
    if criteria.words and total >= MOST_FOUND:
        return f"找到 {MOST_FOUND} 篇以上，只列最近的 {MOST_FOUND} 篇：请再加一个词。"
    number = f"{total} 篇以上" if total >= MOST_COUNTED else f"{total} 篇"
    return {
        InboxView.WAITING: f"{number}等您办理。{ORDER}",
        InboxView.HANDLED: f"您办理过 {number}，最近有变化的在前。",
        InboxView.ALL: f"共 {number}，最近有变化的在前。",
    }[view]


def _most_urgent(lines: Sequence[SubmissionLine]) -> None:
    """One key opens the first item no colleague looks at."""
    free = next((line for line in lines if line.looking is None), lines[0])
    if st.button("办理最急的一篇", key="most-urgent", icon=":material/bolt:", type="primary", shortcut="N"):
        navigation.go("submission", id=free.id)


def _waiting_line(line: SubmissionLine, now: datetime, *, picking: bool) -> None:
    text, buttons, _ = submission_block.block(line)
    with text:
        submission_block.headline(line, clock_at=now)
        submission_block.facts(line.department, line.contributor, line.category.label, line.account)
        submission_block.say(_clock(line, now), submission_block.wanted(line, now))
        if line.looking is not None:
            since = wording.clock_time(line.looking.since)
            st.caption(f":material/visibility: {wording.literal(line.looking.name)} 正在看（{since} 起）")
        if len(line.holders) == 1:
            st.caption(f"现在只有{wording.literal(line.holders[0])}可以办理这一环节；外出前请先委托代办。")
    with buttons:
        if picking:
            bulk_panel.tick(line)
        if submission_block.button(line, "open", "办理", "rate_review"):
            navigation.go("submission", id=line.id)


def _clock(line: SubmissionLine, now: datetime) -> str:
    waited = f"已等 **{wording.duration(now - line.stage_entered_at)}**"
    if line.due_at is None:
        return f"{waited}。"
    due = f"应在 {wording.moment(line.due_at)} 前办完"
    return f"{waited}，:red[{due}]。" if line.colour(now) is ClockColour.OVERDUE else f"{waited}，{due}。"


def _other(line: SubmissionLine, now: datetime) -> None:
    text, buttons, _ = submission_block.block(line)
    with text:
        submission_block.headline(line)
        submission_block.facts(line.department, line.contributor, line.category.label, line.account)
        submission_block.say(submission_block.whereabouts(line, now, author="作者"))
    with buttons:
        if submission_block.button(line, "open", "查看", "article"):
            navigation.go("submission", id=line.id)
