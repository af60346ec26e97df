"""Who is behind this browser. The only module that touches the sign-in in `st.session_state`.

The browser holds nothing but an HttpOnly cookie, which scripts cannot read; the session is a row of ours and
is looked up at every run. Whether it still holds is never remembered.
"""

from __future__ import annotations

import streamlit as st

from services import sign_in
from services.queries import sessions
from services.queries.sessions import SignedInPerson
from services.rules.sign_in_duties import Duty
from services.sign_in import Browser, OpenedSession
from ui import devices, runtime, session_cookie

COOKIE = "portal_sid"
SESSION = "access.session"
TICKET = "access.ticket"
LEFT = "access.left"


def current_user() -> SignedInPerson | None:
    """The person signed in here, as they stand now; None for anybody else, and while a duty is open."""
    user = whoever_entered()
    return user if user is not None and duty_of(user) is None else None


def duty_of(user: SignedInPerson) -> Duty | None:
    """What the person must do before any page opens."""
    return user.duty(is_live=runtime.is_live())


def whoever_entered() -> SignedInPerson | None:
    """The same, though their sign-in may be unfinished: for the frame, which asks them to finish it."""
    user = _found()
    if user is None:
        st.session_state.pop(SESSION, None)
        return None
    st.session_state[SESSION] = user.session_id
    if sign_in.is_due(user, runtime.current().now()):
        with runtime.current().as_system() as work:
            sign_in.keep_alive(work, user, idle=runtime.current().settings.idle)
    return user


def _found() -> SignedInPerson | None:
    now = runtime.current().now()
    with runtime.reading() as db:
        if SESSION in st.session_state:
            return sessions.by_id(db, st.session_state[SESSION], now)
        token = _cookie()
        return sessions.by_token(db, token, now) if token else None


def _cookie() -> str | None:
    # The cookies are those of this connection's first request: after signing out they are yesterday's.
    token = None if LEFT in st.session_state else st.context.cookies.get(COOKIE)
    return token if isinstance(token, str) else None


def browser() -> Browser:
    """Where the browser calls from, empty on this machine itself, and what it calls itself."""
    address, agent = st.context.ip_address, st.context.headers.get("user-agent")
    return Browser(
        origin=address if isinstance(address, str) else "",
        device=devices.name_of(agent) if isinstance(agent, str) else "",
    )


def has_entered() -> bool:
    """Whether somebody signed in during this run."""
    return SESSION in st.session_state


def enter(opened: OpenedSession) -> None:
    """Take the session just opened for this browser."""
    st.session_state[SESSION] = opened.session_id
    st.session_state[TICKET] = opened.ticket
    st.session_state.pop(LEFT, None)


def sign_out(user: SignedInPerson) -> None:
    """End this session everywhere: other tabs are out at their next click, the cookie is worth nothing."""
    with runtime.current().acting_as(user.id or 0) as work:
        sign_in.end_session(work, session_id=user.session_id)
    _leave()


def sign_out_everywhere(user: SignedInPerson) -> None:
    """End every session of this person, in whatever browser."""
    with runtime.acting_as(user) as work:
        sign_in.end_everywhere(work, person_id=work.person_id)
    _leave()


def _leave() -> None:
    st.session_state.pop(SESSION, None)
    st.session_state.pop(TICKET, None)
    st.session_state[LEFT] = True


def fetch_cookie() -> None:
    """Let the browser change its ticket into the cookie; drawn at every run until it has answered."""
    if TICKET in st.session_state:
        session_cookie.fetch(st.session_state[TICKET], on_answer=_forget_ticket)


def _forget_ticket() -> None:
    st.session_state.pop(TICKET, None)


def drop_cookie() -> None:
    """After signing out, let the browser delete the cookie."""
    if LEFT in st.session_state:
        session_cookie.drop()
