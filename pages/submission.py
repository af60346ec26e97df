"""稿件: one item as everybody concerned sees it, and what the person in front of it may do."""

import streamlit as st

from services.queries import emergencies
from services.queries import route_steps as route_reads
from services.queries import submissions as reads
from services.rules import flow_charts
from services.rules.permissions import READS_EVERY_SUBMISSION, Capability
from ui import (
    article_views,
    checklist_panel,
    decision_form,
    department_record,
    emergency_form,
    feedback,
    findings_panel,
    flow_chart,
    navigation,
    outlook_panel,
    page,
    published_panel,
    raise_form,
    review_claim,
    route_steps,
    runtime,
    submission_head,
    submission_history,
    talk_fields,
)
from ui.query import number

user = page.begin("稿件", requires={Capability.WRITE, Capability.SIGN_OFF, *READS_EVERY_SUBMISSION})

submission_id = number("id")
if submission_id is None:
    st.info("请从“我的稿件”或“审核收件箱”里打开一篇稿件。", icon=":material/info:")
    navigation.way_home()
    st.stop()

with feedback.or_stop(), runtime.reading() as db:
    item = reads.detail(db, user, submission_id)
    versions = reads.revisions(db, submission_id)
    steps = route_reads.of_item(db, item.submission)
    emergency = emergencies.of_item(db, item.submission)

submission_head.draw(item)
route_steps.draw(steps, item.submission.risks, is_emergency=emergency is not None)
emergency_form.record(user, item, emergency)
review_claim.draw(user, item)
reading, deciding = st.columns([3, 2], gap="large")
with reading:
    article_views.draw(user, item, versions)
with deciding:
    decision_form.draw(user, item)
    talk_fields.owed(user, item)
    published_panel.draw(user, item)
    checklist_panel.draw(user, item)
    findings_panel.in_review(user, item)
    raise_form.draw(user, item)
    emergency_form.opener(user, item)
    department_record.draw(user, item)
    outlook_panel.draw(item.submission)
    chart = flow_charts.of_submission(item.submission.route)
    flow_chart.offer(chart, here=item.submission.state, key=f"item-{submission_id}")
    submission_history.draw(user, item)
