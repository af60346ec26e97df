"""The sign-in page. streamlit-authenticator draws the form and checks the password; the office's rules stand
around it, and its own cookie is off: it could not be revoked.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit_authenticator import Authenticate
from streamlit_authenticator.utilities import Hasher

from services import demo, reset_codes, sign_in
from services.errors import NotAllowed
from services.queries import sessions
from services.queries.sessions import CastMember
from ui import access, brand, campus, feedback, page, runtime, wording

FIELDS = {"Form name": "登录", "Username": "用户名", "Password": "密码", "Login": "登录"}


class OfficeForm(Authenticate):  # type: ignore[misc]  # publishes no types
    """The authenticator's sign-in form, asking the office's rules instead of a file, and without its cookie.

    Its own constructor would mount a frame that reads and writes cookies by script.
    """

    def __init__(self) -> None:
        self.path = None
        self.attrs = {"login_sleep_time": 0}
        self.authentication_controller = OfficeRules()
        self.cookie_controller = NoCookie()


class OfficeRules:
    """Stands where the authenticator expects its controller."""

    def login(self, username: str, password: str, *_: object, **__: object) -> bool:
        """Called with what was typed, when the form is sent."""
        with feedback.reporting() as outcome:
            enter(username.lower().strip(), password.strip())
        return outcome.done


class NoCookie:
    """Stands where the authenticator expects its cookie."""

    def get_cookie(self) -> None:
        """Nobody is known by a cookie that cannot be revoked."""

    def set_cookie(self) -> None:
        """The session's own cookie is fetched by `access.fetch_cookie`."""


def enter(username: str, password: str) -> None:
    """Sign this browser in. Raises `NotAllowed` and `InvalidInput`; every attempt is on the trail."""
    here = runtime.current()
    with runtime.reading() as db:
        who = sign_in.candidate(db, username=username, password=password)
    matched = Hasher.check_pw(password, who.password_hash)
    with here.as_system() as work:
        opened = sign_in.settle(
            work,
            who,
            matched=matched,
            browser=access.browser(),
            reset_digest=reset_codes.digest(here.secrets, who.person_id or 0, password),
            idle=here.settings.idle,
        )
    # Only now: a refused attempt is counted, so it must have been committed.
    if opened is None:
        raise NotAllowed(sign_in.REFUSED)
    access.enter(opened)


def draw() -> None:
    """The whole page, at whatever address the visitor came to."""
    access.drop_cookie()
    page.rehearsal_strip()
    cast = _cast() if runtime.current().settings.is_rehearsal else ()
    with st.container(key="sign_in_page"):
        left, right = st.columns([5, 7], gap="large") if cast else (st.container(key="sign_in_alone"), None)
        with left:
            brand.heading()
            feedback.show()
            _form()
        if right is not None:
            with right:
                _draw_cast(cast)


def _form() -> None:
    OfficeForm().login(fields=FIELDS, key="sign_in")
    if access.has_entered():
        st.rerun()
    campus.draw()
    st.caption("第一次登录或忘记密码：把系统管理员给您的一次性登录码填在密码栏里。")


def _cast() -> Sequence[CastMember]:
    # A rehearsal may also hold a school of its own: nobody there has the printed password.
    printed = {each.username for each in demo.CAST}
    with runtime.reading() as db:
        return [each for each in sessions.cast(db, runtime.current().now()) if each.username in printed]


def _draw_cast(cast: Sequence[CastMember]) -> None:
    st.subheader("演练学校")
    st.caption(f"点一位同志，就以其身份登录。自己输入用户名也可以，密码都是 **{demo.DEMO_PASSWORD}**。")
    with st.container(key="cast"):
        for member in cast:
            st.button(
                f"**{member.name}**　{member.username}  \n{wording.roles(member.roles)}　{member.department}",
                key=f"enter-{member.username}",
                on_click=_enter_as,
                args=(member.username,),
                width="stretch",
            )


def _enter_as(username: str) -> None:
    with feedback.reporting():
        enter(username, demo.DEMO_PASSWORD)
