"""谁可以办理: who may lawfully decide an item now and in the stages to come, and what helps where nobody may."""

from __future__ import annotations

import streamlit as st

from models import Submission
from services import working_calendar
from services.queries import deputies
from services.queries.deputies import StageOutlook
from services.rules.office_time import office_day
from ui import runtime, wording


def draw(submission: Submission) -> None:
    """The answer by name; a warning stands outside the fold."""
    now = runtime.current().now()
    with runtime.reading() as db:
        calendar = working_calendar.calendar_of(db, office_day(now))
        found = deputies.outlook(db, submission, calendar=calendar, now=now)
    if found is None:
        return
    for warning in found.warnings:
        st.warning(warning, icon=":material/group_off:")
    with st.expander("谁可以办理", icon=":material/how_to_reg:", key=f"outlook-{submission.id}"):
        day = "今天" if found.day == office_day(now) else f"下一个工作日（{found.day:%m-%d}）"
        st.caption(f"按{day}的角色、代办和不在岗情况；这一环节应在 {found.due_on:%m-%d} 前办完。")
        for stage in found.stages:
            _stage(stage)


def _stage(stage: StageOutlook) -> None:
    able = wording.listed(f"**{wording.literal(name)}**" for name in stage.able) or ":orange[没有人]"
    st.markdown(f"{stage.stage.label}：{able}")
    for name, why in stage.unable:
        st.caption(wording.literal(f"{name}：{why}"))
