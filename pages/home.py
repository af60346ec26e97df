"""首页: leads everybody to the first entry of their menu."""

import streamlit as st

from ui import navigation, page

user = page.begin("微审台")

first = navigation.landing(user)
if first is not None:
    navigation.go(first.name)

st.info("您还没有可以办理的事项。如果工作需要，请联系系统管理员为您添加角色。", icon=":material/info:")
