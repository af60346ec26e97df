"""审核收件箱: what waits for me, longest waiting first, and what I decided on before."""

import streamlit as st

from services.queries import submission_lists as reads
from services.rules.permissions import STAGE_CAPABILITY, Capability
from ui import navigation, page, paging, publication_stops, runtime, submission_list

user = page.begin("审核收件箱", requires=set(STAGE_CAPABILITY.values()))

publication_stops.for_approver(user)
shows_waiting = submission_list.choose_view()
now = runtime.current().now()
listing = st.container()

with runtime.reading() as db:
    total = reads.count_waiting(db, user) if shows_waiting else reads.count_passed(db, user)
number = paging.choose(reads.pages_of(total), key="waiting" if shows_waiting else "handled")
with runtime.reading() as db:
    read = reads.waiting_for if shows_waiting else reads.passed_by
    lines = read(db, user, now=now, page=number)

with listing:
    if shows_waiting:
        submission_list.waiting(lines, total=total, now=now)
    else:
        submission_list.handled(lines, total=total, now=now)
    if user.may(Capability.APPROVE):
        navigation.link("review_settings", "审核设置：环节、风险与紧急通道")
