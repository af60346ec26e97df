"""词库: the term list and the roster of leaders, worked on here and put in force as a version."""

import streamlit as st

from services.rules.permissions import Capability
from ui import exemption_list, leader_roster, lexicon_form, lexicon_list, lexicon_versions, page, school_facts_view

user = page.begin("词库", requires={Capability.ADMINISTER, Capability.APPROVE})

if not lexicon_versions.has_begun(user):
    st.stop()

entries, files, leaders, school, exempted, answers, versions = st.tabs(
    ["词条", "导入导出", "领导名录", "学校信息", "豁免", "误报统计", "试运行与启用"], key="lexicon-tabs"
)
with entries:
    lexicon_form.opener(user)
    lexicon_list.draw(user)
with files:
    lexicon_form.files(user)
with leaders:
    leader_roster.draw(user)
with school:
    school_facts_view.draw(user)
with exempted:
    exemption_list.draw(user)
with answers:
    lexicon_list.scores(user)
with versions:
    lexicon_versions.draw(user)
