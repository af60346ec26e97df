"""我的账号: my password, my authenticator, and where I am signed in."""

import streamlit as st

from ui import account_view, page, password_form

user = page.begin("我的账号")

account_view.about(user)
with st.expander("修改密码", icon=":material/key:"):
    password_form.draw(user)
with st.expander("动态口令", icon=":material/phonelink_lock:"):
    account_view.authenticator(user)
st.subheader("登录中的设备")
account_view.devices(user)
