"""违规记录: the cases this person may know of, one of them at ?id=, and the form that records a new one."""

import streamlit as st

from services.queries import violations as reads
from ui import feedback, navigation, page, runtime, violation_form, violation_list, violation_view
from ui.query import number

user = page.begin("违规记录", requires=navigation.ANSWERABLE)

violation_id = number("id")
if violation_id is not None:
    with feedback.or_stop(), runtime.reading() as db:
        case = reads.detail(db, user, violation_id)
        standing = reads.standing(db, case.violation)
    violation_view.head(case)
    reading, acting = st.columns([3, 2], gap="large")
    with reading:
        violation_view.facts(case)
        violation_view.history(case)
    with acting:
        violation_view.steps(user, case, standing)
    st.stop()

if violation_form.is_asked_for(user):
    violation_form.draw(user)
    st.stop()

violation_form.opener(user)
violation_list.draw(user)
