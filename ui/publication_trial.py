"""试发检查 on the screen: the button, and line by line what would be refused and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

import streamlit as st

from services import dry_run
from services.dry_run import Grade, Line, Plan
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, wording

SIGNS = {
    Grade.FINE: ":green[:material/check_circle:]",
    Grade.NOTE: ":orange[:material/info:]",
    Grade.REFUSED: ":red[:material/cancel:]",
}


def button(user: SignedInPerson, plan: Plan, *, key: str, embargo: datetime | None) -> None:
    """Look at everything once; nothing is sent."""
    if st.button(
        "试发检查",
        key=f"try-{key}",
        icon=":material/fact_check:",
        help="逐项检查会不会被拒绝、怎么改。什么都不发。",
    ):
        with feedback.reporting(), st.spinner("正在逐项检查……"):
            found = dry_run.examine(runtime.current(), lambda: runtime.acting_as(user), plan)
            st.session_state[_key(key)] = (plan, embargo), found


def outcome(plan: Plan, *, key: str, embargo: datetime | None) -> None:
    """What the last look found, as long as plan and embargo are the same."""
    seen: tuple[tuple[Plan, datetime | None], Sequence[Line]] | None = st.session_state.get(_key(key))
    if seen is None or seen[0] != (plan, embargo):
        return
    lines = seen[1]
    refused = sum(each.grade is Grade.REFUSED for each in lines)
    if refused:
        st.error(f"现在排入会被拒绝：{refused} 项要先处理。", icon=":material/block:")
    else:
        st.success("检查通过，可以排入。", icon=":material/check:")
    for place, group in groupby(sorted(lines, key=lambda each: _first(lines, each.place)), lambda each: each.place):
        st.markdown(f"**{wording.literal(place)}**")
        st.markdown("  \n".join(_line(each) for each in group))


def _first(lines: Sequence[Line], place: str) -> int:
    return next(number for number, each in enumerate(lines) if each.place == place)


def _line(line: Line) -> str:
    return f"{SIGNS[line.grade]} {wording.literal(line.check)}　{wording.literal(line.sentence)}"


def _key(key: str) -> str:
    return f"trial-{key}"
