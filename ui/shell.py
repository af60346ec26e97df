"""What Streamlit runs for every visitor: sign-in, then the menu and the page that was asked for."""

from __future__ import annotations

import streamlit as st

from services.queries.sessions import SignedInPerson
from ui import access, brand, feedback, navigation, sign_in_page, wording


def frame() -> None:
    brand.dress()
    user = access.current_user()
    if user is None:
        navigation.for_visitor(sign_in_page.draw).run()
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
    st.button("退出登录", key="sign_out", icon=":material/logout:", on_click=_leave, args=(user,), width="stretch")


def _leave(user: SignedInPerson) -> None:
    with feedback.reporting("您已退出登录。"):
        access.sign_out(user)


frame()
