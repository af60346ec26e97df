"""投稿: write or revise a submission and hand it in."""

import streamlit as st

from services.queries import returns
from services.rules.permissions import Capability
from ui import draft_start, page, return_reasons, runtime, submission_form
from ui.query import number

user = page.begin("投稿", requires=Capability.WRITE)

with runtime.reading() as db:
    reasons = returns.of_department(db, user)
return_reasons.draw(reasons)

submission_id = number("id")
if submission_id is None:
    draft_start.draw(user)
    st.stop()

submission_form.draw(user, submission_id)
