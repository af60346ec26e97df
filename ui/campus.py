"""统一身份认证 in the browser: the button, and what comes back from it through Streamlit's own sign-in."""

from __future__ import annotations

import streamlit as st

from services import campus_sign_in
from services.errors import NotAllowed
from services.queries.sessions import SignedInPerson
from ui import access, feedback, runtime

TRIED = "campus.tried"


def is_offered() -> bool:
    """Whether the school has configured it."""
    return runtime.current().settings.oidc_is_configured


def draw() -> None:
    """The button beside the form."""
    if is_offered():
        st.button(
            "用统一身份认证登录",
            key="campus",
            icon=":material/account_balance:",
            on_click=st.login,
            width="stretch",
        )


def entered() -> SignedInPerson | None:
    """Whoever just came back from the campus sign-in, signed in here; None for everybody else."""
    if not is_offered() or not st.user.get("is_logged_in"):
        return None
    here = runtime.current()
    said = campus_sign_in.read(st.user.to_dict(), here.settings.oidc_username_claim)
    if said is None or st.session_state.get(TRIED) == said.made_at:
        return None
    st.session_state[TRIED] = said.made_at
    with here.reading() as db:
        if not campus_sign_in.is_attempt(db, said, here.now()):
            return None
    with feedback.reporting():
        _enter(said)
    return access.whoever_entered()


def _enter(said: campus_sign_in.Statement) -> None:
    here = runtime.current()
    with here.as_system() as work:
        opened = campus_sign_in.settle(
            work,
            said,
            browser=access.browser(),
            match_usernames=here.settings.oidc_match_usernames,
            idle=here.settings.idle,
        )
    if opened is None:
        raise NotAllowed(campus_sign_in.REFUSED)
    access.enter(opened)
