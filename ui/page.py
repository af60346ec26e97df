"""How every page begins: who may be here, what it is called, what the last act left to say."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st

from services.queries.sessions import SignedInPerson
from services.rules.permissions import Capability
from ui import access, feedback, navigation, runtime


def begin(title: str, *, requires: Capability | Collection[Capability] = ()) -> SignedInPerson:
    """Guard the page, draw its title, and return the person in front of it.

    Any one of the capabilities is enough; none named means that signing in is. Draws nothing of the page for
    anybody else: callers must call it before anything else.
    """
    user = access.current_user()
    if user is None:
        st.error("请先登录，再打开这个页面。", icon=":material/lock:")
        st.stop()
    wanted = {requires} if isinstance(requires, Capability) else set(requires)
    if wanted and not any(user.reaches(each) for each in wanted):
        st.error(f"您的角色不能打开“{title}”。如果工作需要，请联系系统管理员为您添加角色。", icon=":material/lock:")
        navigation.way_home()
        st.stop()
    rehearsal_strip()
    st.title(title)
    # In a place of its own: a message that came or went would else move all below it, and close what was opened there.
    with st.container():
        feedback.show()
    return user


def rehearsal_strip() -> None:
    """Say on every screen of a rehearsal that it is one."""
    if runtime.current().settings.is_rehearsal:
        with st.container(key="rehearsal"):
            st.markdown("**演练模式**　数据都是演练用的，不会发到任何真实的公众号。")
