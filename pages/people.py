"""人员与部门: who works here, in which role, from when until when."""

import streamlit as st

from services.rules.permissions import Capability
from ui import department_list, page, people_import_form, people_list, person_card, query

user = page.begin("人员与部门", requires=Capability.ADMINISTER)

person_id = query.number("id")
if person_id is not None:
    person_card.draw(user, person_id)
    st.stop()

views = {"人员": people_list.draw, "部门": department_list.draw, "从表格导入": people_import_form.draw}
chosen = st.segmented_control(
    "查看",
    list(views),
    default="人员",
    required=True,
    key="people_view",
    bind="query-params",
    label_visibility="collapsed",
)
views[chosen](user)
