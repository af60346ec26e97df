"""敏感日期: the list, and for those who keep it the way to add, change and switch off."""

from __future__ import annotations

from datetime import date

import streamlit as st

from services import sensitive_dates
from services.queries import sensitive_dates as reads
from services.queries.sensitive_dates import DateLine
from services.queries.sessions import SignedInPerson
from services.rules.permissions import KEEPS_SENSITIVE_DATES
from services.rules.sensitive_dates import LONGEST_ADVICE, LONGEST_NAME, MOST_DAYS, QUIET, Sensitive
from ui import feedback, runtime, wording


def draw(user: SignedInPerson) -> None:
    """The dates through the year."""
    with runtime.reading() as db:
        lines = reads.every(db)
    keeps = any(user.may(each) for each in KEEPS_SENSITIVE_DATES)
    st.caption("排期落在这些日子时会提醒，不会阻止。内置国家纪念日和重要时段，学校可以添加自己的日子，也可以停用。")
    if keeps:
        _add(user)
    for line in lines:
        _line(user, line, keeps=keeps)


def _add(user: SignedInPerson) -> None:
    with st.form("sensitive-date", clear_on_submit=False):
        name = st.text_input("名称", key="sensitive-name", max_chars=LONGEST_NAME, placeholder="例如：校史纪念日")
        with st.container(horizontal=True):
            day = st.date_input("从哪天起", None, format="YYYY-MM-DD", key="sensitive-day")
            days = st.number_input("持续天数", 1, MOST_DAYS, 1, key="sensitive-days")
        yearly = st.checkbox("每年都有", value=True, key="sensitive-yearly")
        advice = st.text_input("提醒什么", QUIET, key="sensitive-advice", max_chars=LONGEST_ADVICE)
        sent = st.form_submit_button("保存", type="primary", key="sensitive-save")
    if not sent:
        return
    if not isinstance(day, date):
        st.error("请选择从哪天起。", icon=":material/block:")
        return
    given = Sensitive(name or "", day.month, day.day, int(days), None if yearly else day.year, advice or "")
    with feedback.reporting(f"已保存“{wording.literal(given.name)}”。") as done, runtime.acting_as(user) as work:
        sensitive_dates.keep(work, given=given)
    if done.done:
        st.rerun()


def _line(user: SignedInPerson, line: DateLine, *, keeps: bool) -> None:
    each = line.sensitive
    key = f"{each.month:02}{each.day:02}-{each.name}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"{_when(each)}　**{wording.literal(each.name)}**{_badge(line)}  \n:gray[{wording.literal(each.advice)}]",
            width="stretch",
        )
        if keeps:
            verb = "停用" if line.active else "启用"
            st.button(verb, key=f"sensitive-switch-{key}", on_click=_switch, args=(user, line))
            if line.changed:
                label = "恢复内置" if line.shipped else "删除"
                st.button(label, key=f"sensitive-forget-{key}", on_click=_forget, args=(user, line))


def _when(each: Sensitive) -> str:
    year = f"{each.year} 年 " if each.year else ""
    length = f"起 {each.days} 天" if each.days > 1 else ""
    return f"{year}{each.month}月{each.day}日{length}"


def _badge(line: DateLine) -> str:
    words = [*([] if line.shipped else ["本校"]), *([] if line.active else ["已停用"])]
    return "".join(f" :gray-badge[{word}]" for word in words)


def _switch(user: SignedInPerson, line: DateLine) -> None:
    told = "不再提醒" if line.active else "重新提醒"
    with feedback.reporting(f"“{wording.literal(line.sensitive.name)}”{told}。"), runtime.acting_as(user) as work:
        sensitive_dates.switch(work, name=line.sensitive.name, active=not line.active)


def _forget(user: SignedInPerson, line: DateLine) -> None:
    told = "恢复为内置的内容" if line.shipped else "已删除"
    with feedback.reporting(f"“{wording.literal(line.sensitive.name)}”{told}。"), runtime.acting_as(user) as work:
        sensitive_dates.forget(work, name=line.sensitive.name)
