"""审核环节 as a row of steps: signed, present, still ahead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import streamlit as st

from models import RiskMark, SubmissionState
from services.queries.route_steps import RouteStep
from ui import wording

NEXT = " :gray[→] "


def draw(steps: Sequence[RouteStep], risks: Iterable[RiskMark], *, is_emergency: bool = False) -> None:
    """Where the item stands on its route, and what made the route longer or shorter."""
    if not steps:
        return
    marks = [f":orange-badge[:material/flag: {mark.label}]" for mark in risks]
    if is_emergency:
        marks.insert(0, ":red-badge[:material/bolt: 紧急快速通道]")
    with st.container(key="route-steps"):
        st.markdown(NEXT.join(_badge(step) for step in steps) + "　" * bool(marks) + " ".join(marks))


def _badge(step: RouteStep) -> str:
    name = wording.literal(step.signed_by)
    if step.signed_at is not None:
        return f":green-badge[:material/check: {step.stage.label} {name} {wording.day(step.signed_at)[5:]}]"
    return (
        f":blue-badge[:material/pending: {step.stage.label}]" if step.is_present else f":gray-badge[{step.stage.label}]"
    )


def line(stages: Iterable[SubmissionState]) -> str:
    """A route in words: 部门审签 → 宣传部初审 → 宣传部终审."""
    return " → ".join(stage.label for stage in stages)
