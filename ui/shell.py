"""What Streamlit runs for every visitor: sign-in and what finishes it, then the menu and the page asked for."""

from __future__ import annotations

from functools import partial

import streamlit as st

from services.queries.sessions import SignedInPerson
from ui import access, brand, campus, entry_page, feedback, my_duties, navigation, notice_list, sign_in_page, wording


def frame() -> None:
    brand.dress()
    user = access.whoever_entered() or campus.entered()
    if user is None:
        navigation.for_visitor("登录", sign_in_page.draw).run()
        return
    if entry_page.is_due(user):
        navigation.for_visitor("完成登录", partial(entry_page.draw, user)).run()
        return
    brand.corner()
    access.fetch_cookie()
    chosen = navigation.for_person(user)
    with st.sidebar, st.container(key="person"):
        _person(user)
    chosen.run()


def _person(user: SignedInPerson) -> None:
    st.text(user.name)
    st.caption(f"{wording.roles(user.roles)}  \n{user.department}")
    notice_list.bell(user)
    navigation.link("delegation", "代办")
    my_duties.reminder(user)
    navigation.link("my_account", "我的账号")
    st.button("退出登录", key="sign_out", icon=":material/logout:", on_click=_leave, args=(user,), width="stretch")


def _leave(user: SignedInPerson) -> None:
    with feedback.reporting("您已退出登录。"):
        access.sign_out(user)


frame()
