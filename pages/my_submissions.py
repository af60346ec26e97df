"""我的稿件: where each of mine stands, with whom, since when, and why it came back."""

import streamlit as st

from services.queries import submission_lists as reads
from services.rules.permissions import Capability
from ui import page, paging, runtime, submission_list

user = page.begin("我的稿件", requires=Capability.WRITE)

progress = submission_list.choose_progress()
now = runtime.current().now()
listing = st.container()

with runtime.reading() as db:
    total = reads.count_mine(db, user, progress=progress)
number = paging.choose(reads.pages_of(total), key=f"page_{progress or 'all'}")
with runtime.reading() as db:
    lines = reads.mine(db, user, now=now, progress=progress, page=number)

with listing:
    submission_list.own(lines, total=total, now=now, progress=progress)
