"""时限与日历: the clocks of the rule and the days the office works otherwise than published; the administrator's."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import streamlit as st

from services import clock_settings, working_calendar
from services.queries.sessions import SignedInPerson
from services.rules.clocks import GROUPS, LABELS, LONGEST, REVIEW, Clocks
from services.rules.office_time import office_day
from services.rules.working_days import Calendar
from services.working_calendar import Span
from ui import consent_retention_form, feedback, remedy_limits_form, runtime, sensitive_date_list, wording

ROUND = "calendar.round"
"""Grows with every entry: under other keys the form is empty again, and a refusal leaves what was typed."""


def draw(user: SignedInPerson, clocks: Clocks, calendar: Calendar, entered: list[Span]) -> None:
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


def _calendar(user: SignedInPerson, calendar: Calendar, entered: list[Span], today: date) -> None:
    note = calendar.note(today, date(today.year + 1, 1, 1))
    if note:
        st.warning(f"{note}放假通知公布后，请把调休上班的周末录入下面。", icon=":material/event:")
    st.caption("国家法定节假日和已公布的调休已经内置；这里只录入与之不同的日子，例如寒暑假、校庆。")
    number = st.session_state.get(ROUND, 0)
    with st.form("calendar-day"):
        left, right = st.columns(2)
        first = left.date_input("从", today, format="YYYY-MM-DD", key=f"calendar-{number}-from")
        last = right.date_input("到（只有一天就不填）", None, format="YYYY-MM-DD", key=f"calendar-{number}-to")
        works = st.radio("安排", [False, True], format_func=_word, horizontal=True, key=f"calendar-{number}-works")
        why = st.text_input("依据", key=f"calendar-{number}-note", max_chars=working_calendar.LONGEST_NOTE)
        sent = st.form_submit_button("录入", type="primary", key="calendar-save")
    if sent:
        span = Span(first or today, last or first or today, bool(works), why)
        with feedback.reporting(f"{_days(span)}：{_word(works)}。") as done, runtime.acting_as(user) as work:
            working_calendar.set_days(work, first=span.first, last=span.last, is_working=span.is_working, note=why)
        if done.done:
            st.session_state[ROUND] = number + 1
            st.rerun()
    for each in entered:
        _entered(user, each)


def _days(span: Span) -> str:
    return f"{span.first}" if span.first == span.last else f"{span.first} 至 {span.last}"


def _word(works: object) -> str:
    return "上班" if works else "休息"


def _entered(user: SignedInPerson, span: Span) -> None:
    text, button = st.columns([4, 1], vertical_alignment="center")
    text.markdown(f"{_days(span)}　**{_word(span.is_working)}**　{wording.literal(span.note)}")
    button.button("删除", key=f"calendar-clear-{span.first}", on_click=_clear, args=(user, span))


def _clear(user: SignedInPerson, span: Span) -> None:
    with feedback.reporting(f"{_days(span)} 恢复按公布的节假日计算。"), runtime.acting_as(user) as work:
        working_calendar.clear_days(work, first=span.first, last=span.last)
