"""违规案卷: one case at ?id=, what happened to it and what this person may do; without one, the form for a new case."""

import streamlit as st

from services.queries import violations as reads
from services.rules import flow_charts
from ui import feedback, flow_chart, navigation, page, runtime, violation_form, violation_view
from ui.query import number

user = page.begin("违规案卷", requires=navigation.ANSWERABLE)
navigation.link("violations", ":material/arrow_back: 返回列表")

violation_id = number("id")
if violation_id is None:
    violation_form.draw(user)
    st.stop()

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
    flow_chart.offer(flow_charts.of_violation(), here=case.violation.state, key=f"case-{violation_id}")
