"""One's own items: where each stands, with whom, until when, what comes next, and why it came back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import streamlit as st

from models import WITH_AUTHOR
from services.queries.submission_lists import Progress, SubmissionLine
from ui import navigation, submission_block

EVERYTHING = "全部"


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


def own(lines: Sequence[SubmissionLine], *, total: int, now: datetime, progress: Progress | None = None) -> None:
    """One's own items: where each stands, with whom, and why it came back."""
    if not total:
        _nothing_written(progress)
        return
    st.caption(f"共 {total} 篇，最近改动的在前。")
    for line in lines:
        text, buttons, below = submission_block.block(line)
        with text:
            submission_block.headline(line)
            submission_block.facts(line.account, line.category.label)
            submission_block.say(
                submission_block.whereabouts(line, now, author="您"), submission_block.wanted(line, now)
            )
            submission_block.quietly(submission_block.what_next(line, now))
        with buttons:
            if line.state in WITH_AUTHOR and submission_block.button(line, "write", "继续写", "edit"):
                navigation.go("submit", id=line.id)
            if submission_block.button(line, "open", "查看", "article"):
                navigation.go("submission", id=line.id)
        with below:
            submission_block.reason(line)


def _nothing_written(progress: Progress | None) -> None:
    if progress is not None:
        st.info(f"没有“{progress.label}”的稿件。", icon=":material/info:")
        return
    st.info("您还没有稿件。上传一份 Word 文件，或直接写，几分钟就能交给部门审签。", icon=":material/info:")
    navigation.link("submit", "去投稿")
