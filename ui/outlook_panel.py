"""谁可以办理: who may lawfully decide something now and in the stages to come, and what helps where nobody may."""

from __future__ import annotations

import streamlit as st

from models import AccountRequest, Submission
from services import working_calendar
from services.queries import deputies
from services.queries.clocks import clocks_of
from services.queries.deputies import Outlook, StageOutlook
from services.rules.office_time import office_day
from ui import runtime, wording


def draw(submission: Submission) -> None:
    """The answer for an item, by name; a warning stands outside the fold."""
    now = runtime.current().now()
    with runtime.reading() as db:
        calendar = working_calendar.calendar_of(db, office_day(now))
        found = deputies.outlook(db, submission, calendar=calendar, now=now)
    if found is not None:
        _draw(found, key=f"outlook-{submission.id}")


def draw_request(request: AccountRequest) -> None:
    """The same for a request about an account."""
    now = runtime.current().now()
    with runtime.reading() as db:
        calendar = working_calendar.calendar_of(db, office_day(now))
        found = deputies.request_outlook(db, request, calendar=calendar, clocks=clocks_of(db), now=now)
    if found is not None:
        _draw(found, key=f"request-outlook-{request.id}")


def _draw(found: Outlook, *, key: str) -> None:
    for warning in found.warnings:
        st.warning(warning, icon=":material/group_off:")
    with st.expander("谁可以办理", icon=":material/how_to_reg:", key=key):
        is_today = found.day == office_day(runtime.current().now())
        day = "今天" if is_today else f"下一个工作日（{found.day:%m-%d}）"
        st.caption(f"按{day}的角色、代办和不在岗情况；这一环节应在 {found.due_on:%m-%d} 前办完。")
        for stage in found.stages:
            _stage(stage)


def _stage(stage: StageOutlook) -> None:
    able = wording.listed(f"**{wording.literal(name)}**" for name in stage.able) or ":orange[没有人]"
    st.markdown(f"{stage.stage.label}：{able}")
    for name, why in stage.unable:
        st.caption(wording.literal(f"{name}：{why}"))
