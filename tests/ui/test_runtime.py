"""Acting as the person behind a browser."""

from __future__ import annotations

import pytest

from models import SignInSession
from services import sign_in
from services.errors import SignedOut
from tests.desk import Desk
from ui import runtime


def test_person_disabled_meanwhile_can_no_longer_act_from_an_open_page(desk: Desk) -> None:
    user = desk.user("老李")
    desk.disable("老李")

    with pytest.raises(SignedOut), runtime.acting_as(user):
        pass


def test_page_left_open_after_signing_out_can_no_longer_act(desk: Desk) -> None:
    user = desk.user("老李")
    with runtime.acting_as(user) as work:
        sign_in.end_session(work, session_id=user.session_id)

    with pytest.raises(SignedOut), runtime.acting_as(user):
        pass


def test_acting_keeps_the_session_alive(desk: Desk) -> None:
    user = desk.user("老李")
    desk.office.now += sign_in.IDLE_FOR - sign_in.STEP
    with runtime.acting_as(user):
        pass

    with runtime.reading() as session:
        row = session.get_one(SignInSession, user.session_id)
    assert (row.seen_at, row.expires_at) == (desk.office.now, desk.office.now + sign_in.IDLE_FOR)


def test_without_a_started_process_there_is_no_runtime() -> None:
    runtime.uninstall()

    with pytest.raises(RuntimeError, match=r"streamlit run app\.py"):
        runtime.current()
