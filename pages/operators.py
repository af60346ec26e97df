"""运营队伍: who runs which account, who is on duty, who was trained, and who has read their duties."""

import streamlit as st

from services.rules.permissions import Capability
from ui import operator_view, page

user = page.begin("运营队伍", requires={Capability.ADMINISTER, Capability.APPROVE})

views = {
    "人员": operator_view.roster,
    "值班": operator_view.duty_roster,
    "培训": operator_view.trainings,
    "职责": operator_view.duties,
}
chosen = st.segmented_control(
    "查看",
    list(views),
    default="人员",
    required=True,
    key="operators_view",
    bind="query-params",
    label_visibility="collapsed",
)
views[chosen](user)
