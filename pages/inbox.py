"""审核收件箱: what waits for me, most urgent first; what I decided on before; everything I may know of."""

import streamlit as st

from services.queries import inbox as reads
from services.queries.submission_lists import pages_of
from services.rules.permissions import STAGE_CAPABILITY, Capability
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
    publication_stops.switch_for_approver(user)
navigation.aside(user, "schedule", "review_settings", "occasions", "consents")
