"""操作日志: who did what and when, and the proof that nothing of it was changed afterwards."""

import streamlit as st

from services.queries import people, trail
from services.rules.permissions import Capability
from ui import page, paging, runtime, trail_view

user = page.begin("操作日志", requires=Capability.READ_TRAIL)

trail_view.proof(user)

with runtime.reading() as db:
    names = people.names(db)
wanted = trail_view.choose(names)
listing = st.container()

with runtime.reading() as db:
    total = trail.count(db, user, wanted=wanted)
number = paging.choose(trail.pages_of(total), key=trail_view.PAGE)
with runtime.reading() as db:
    lines = trail.lines(db, user, wanted=wanted, page=number)

with listing:
    trail_view.draw(lines, total=total)
