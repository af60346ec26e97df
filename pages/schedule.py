"""发布日历: what goes out when, what went out, and a time for what has none."""

import streamlit as st

from services import working_calendar
from services.queries import schedule as reads
from services.queries import sensitive_dates
from services.rules.office_time import office_day
from services.rules.permissions import READS_SCHEDULE
from ui import page, runtime, schedule_view, sensitive_date_list

user = page.begin("发布日历", requires=READS_SCHEDULE)

today = office_day(runtime.current().now())
period = schedule_view.choose(today)
first, last = period.bounds
with runtime.reading() as db:
    entries = reads.entries(db, user, first, last, wanted=period.wanted)
    drawer = reads.undated(db, user, wanted=period.wanted)
    sensitive = sensitive_dates.in_force(db)
    calendar = working_calendar.calendar_of(db, period.day)

schedule_view.draw(user, period, entries=entries, drawer=drawer, sensitive=sensitive, calendar=calendar, today=today)
with st.expander("敏感日期", icon=":material/event_note:"):
    sensitive_date_list.draw(user)
