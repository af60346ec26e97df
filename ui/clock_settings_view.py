"""时限与日历: the clocks of the rule and the days the office works otherwise than published; the administrator's."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import streamlit as st

from models import CalendarOverride
from services import clock_settings, working_calendar
from services.queries.sessions import SignedInPerson
from services.rules.clocks import GROUPS, LABELS, LONGEST, REVIEW, Clocks
from services.rules.office_time import office_day
from services.rules.working_days import Calendar
from ui import consent_retention_form, feedback, remedy_limits_form, runtime, sensitive_date_list, wording


def draw(user: SignedInPerson, clocks: Clocks, calendar: Calendar, entered: list[CalendarOverride]) -> None:
    """Both forms."""
    today = office_day(runtime.current().now())
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("时限")
        _clocks(user, clocks)
        remedy_limits_form.draw(user)
    with right:
        st.subheader("工作日历")
        _calendar(user, calendar, entered, today)
        with st.expander("敏感日期", icon=":material/event_note:"):
            sensitive_date_list.draw(user)
        with st.expander("肖像授权的保存期限", icon=":material/auto_delete:"):
            consent_retention_form.draw(user)


def _clocks(user: SignedInPerson, clocks: Clocks) -> None:
    defaults = asdict(Clocks())
    with st.form("clocks"):
        given: dict[str, int] = {}
        for group, names in GROUPS.items():
            # Folded, they stand on one screen with the button that saves them all.
            with st.expander(group, expanded=group == REVIEW):
                if group == REVIEW:
                    st.caption("到一半和到期时提醒办理人；超过时限一半仍未办，报告上级。周末和节假日不计。")
                for name in names:
                    given[name] = st.number_input(
                        LABELS[name],
                        1,
                        LONGEST,
                        getattr(clocks, name),
                        key=f"clock-{name}",
                        help=f"原定 {defaults[name]}",
                    )
        sent = st.form_submit_button("保存时限", type="primary", key="clocks-save")
    if not sent:
        return
    with feedback.reporting("时限已保存，从现在起按新的时限计算。") as done, runtime.acting_as(user) as work:
        clock_settings.set_clocks(work, clocks=Clocks(**given))
    if done.done:
        st.rerun()


def _calendar(user: SignedInPerson, calendar: Calendar, entered: list[CalendarOverride], today: date) -> None:
    note = calendar.note(today, date(today.year + 1, 1, 1))
    if note:
        st.warning(f"{note}放假通知公布后，请把调休上班的周末录入下面。", icon=":material/event:")
    st.caption("国家法定节假日和已公布的调休已经内置；这里只录入与之不同的日子，例如寒暑假、校庆。")
    with st.form("calendar-day", clear_on_submit=True):
        day = st.date_input("日期", today, format="YYYY-MM-DD", key="calendar-on")
        works = st.radio("安排", [True, False], format_func=_word, horizontal=True, key="calendar-works")
        why = st.text_input("依据", key="calendar-note", max_chars=working_calendar.LONGEST_NOTE)
        sent = st.form_submit_button("录入", type="primary", key="calendar-save")
    if sent and isinstance(day, date):
        with feedback.reporting(f"{day}：{_word(works)}。") as done, runtime.acting_as(user) as work:
            working_calendar.set_day(work, day=day, is_working=bool(works), note=why)
        if done.done:
            st.rerun()
    for each in entered:
        _entered(user, each)


def _word(works: object) -> str:
    return "上班" if works else "休息"


def _entered(user: SignedInPerson, entry: CalendarOverride) -> None:
    text, button = st.columns([4, 1], vertical_alignment="center")
    text.markdown(f"{entry.day}　**{_word(entry.is_working)}**　{wording.literal(entry.note)}")
    button.button("删除", key=f"calendar-clear-{entry.day}", on_click=_clear, args=(user, entry.day))


def _clear(user: SignedInPerson, day: date) -> None:
    with feedback.reporting(f"{day} 恢复按公布的节假日计算。"), runtime.acting_as(user) as work:
        working_calendar.clear_day(work, day=day)
