"""审核收件箱: what waits for me, most urgent first; what I decided on before; everything I may know of."""

import streamlit as st

from services.queries import inbox as reads
from services.queries.submission_lists import pages_of
from services.rules.permissions import READS_SCHEDULE, STAGE_CAPABILITY, Capability
from ui import (
    bulk_panel,
    emergency_debts,
    feedback,
    inbox_filter,
    inbox_list,
    navigation,
    page,
    paging,
    publication_stops,
    published_alarms,
    runtime,
)

user = page.begin("审核收件箱", requires=set(STAGE_CAPABILITY.values()))

publication_stops.for_approver(user)
emergency_debts.draw(user)
if user.reaches(Capability.APPROVE):
    published_alarms.strip(user)
now = runtime.current().now()
view, criteria = inbox_filter.choose(user)
bulk_panel.results()
listing = st.container()

with feedback.or_stop(), runtime.reading() as db:
    total = reads.count(db, user, view, now=now, criteria=criteria, at_most=reads.MOST_COUNTED)
number = paging.choose(pages_of(total), key=view.value)
with runtime.reading() as db:
    lines = reads.listed(db, user, view, now=now, criteria=criteria, page=number)

with listing:
    inbox_list.draw(user, view, lines, total=total, now=now, criteria=criteria)
    if any(user.reaches(each) for each in READS_SCHEDULE):
        navigation.link("schedule", "发布日历")
    if user.may(Capability.APPROVE):
        navigation.link("review_settings", "审核设置：环节、风险与紧急通道")
    if user.may(Capability.REVIEW) or user.may(Capability.APPROVE):
        navigation.link("occasions", "稿件模板")
    publication_stops.switch_for_approver(user)
