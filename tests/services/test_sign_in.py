"""登录: who gets in, and what five wrong passwords lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import bcrypt
import pytest
from sqlmodel import Session, select

from models import AuditAction, AuditEvent, Person, PersonRole, Role, SignInSession
from services import sign_in
from services.database import Engines
from services.errors import InvalidInput, NotAllowed, SignedOut
from services.queries import people, sessions
from services.queries.sessions import SignedInPerson
from services.sign_in import Browser, OpenedSession
from services.unit_of_work import SYSTEM, UnitOfWork
from tests import factories
from tests.factories import NOW, PASSWORD, Cast

MINUTE = timedelta(minutes=1)
HERE = Browser(origin="203.0.113.7")


class Door:
    """One database and its cast; every act is one transaction at a time the test names."""

    def __init__(self, engines: Engines) -> None:
        self.engines = engines
        with self.work() as work:
            self.cast = factories.standing_cast(work.session)

    @contextmanager
    def work(self, at: datetime = NOW, person: Person | None = None) -> Iterator[UnitOfWork]:
        with Session(self.engines.write, expire_on_commit=False) as session, session.begin():
            actor = SYSTEM if person is None else people.actor(session, person.id or 0, at.date())
            assert actor is not None
            yield UnitOfWork(session=session, actor=actor, now=at)

    def attempt(self, username: str, password: str = PASSWORD, at: datetime = NOW) -> OpenedSession | None:
        with Session(self.engines.read) as session:
            who = sign_in.candidate(session, username=username, password=password)
        matched = bcrypt.checkpw(password.encode(), who.password_hash.encode())
        with self.work(at) as work:
            return sign_in.settle(work, who, matched=matched, browser=HERE)

    def behind(self, opened: OpenedSession, at: datetime = NOW) -> SignedInPerson | None:
        with Session(self.engines.read) as session:
            return sessions.by_id(session, opened.session_id, at)

    def trail(self) -> list[tuple[AuditAction, int | None, int | None, dict[str, object]]]:
        with Session(self.engines.read) as session:
            lines = session.exec(select(AuditEvent).order_by(AuditEvent.sequence)).all()  # type: ignore[arg-type]  # SQLModel types columns as values
            return [(line.action, line.actor_id, line.subject_id, json.loads(line.details)) for line in lines]


@pytest.fixture
def door(engines: Engines) -> Door:
    return Door(engines)


@pytest.fixture
def cast(door: Door) -> Cast:
    return door.cast


def entered(door: Door, username: str = "xiaowang", at: datetime = NOW) -> OpenedSession:
    opened = door.attempt(username, at=at)
    assert opened is not None
    return opened


# --- Getting in ------------------------------------------------------------------------------------------


def test_right_password_opens_a_session_of_that_person(door: Door, cast: Cast) -> None:
    opened = entered(door)

    assert door.behind(opened) == SignedInPerson(
        id=cast.contributor.id,
        name="小王",
        department_id=cast.contributor.department_id,
        roles=frozenset({Role.CONTRIBUTOR}),
        session_id=opened.session_id,
        username="xiaowang",
        department="教务处",
        seen_at=NOW,
    )


@pytest.mark.parametrize(("username", "password"), [("xiaowang", "wrong"), ("nobody", PASSWORD)])
def test_wrong_password_and_unknown_name_open_nothing(door: Door, username: str, password: str) -> None:
    assert door.attempt(username, password) is None


def test_unknown_name_is_checked_against_a_hash_as_slow_as_a_real_one(door: Door) -> None:
    with Session(door.engines.read) as session:
        who = sign_in.candidate(session, username="nobody", password="anything")

    assert (who.person_id, who.password_hash.split("$")[:3]) == (None, ["", "2b", "12"])


def test_disabled_person_does_not_get_in(door: Door, cast: Cast) -> None:
    with door.work() as work:
        work.session.get_one(Person, cast.contributor.id).active = False

    assert door.attempt("xiaowang") is None


@pytest.mark.parametrize(
    ("username", "password", "field"),
    [("", PASSWORD, "username"), ("xiaowang", "", "password"), ("xiaowang", "汉" * 25, "password")],
)
def test_what_cannot_be_a_sign_in_is_answered_with_a_sentence(
    door: Door, username: str, password: str, field: str
) -> None:
    with pytest.raises(InvalidInput, match="请") as refusal:
        door.attempt(username, password)

    assert refusal.value.field == field


def test_roles_count_only_on_their_days(door: Door, cast: Cast) -> None:
    with door.work() as work:
        work.session.add(
            PersonRole(
                person_id=cast.contributor.id or 0,
                role=Role.REVIEWER,
                starts_on=date(2026, 5, 18),
                ends_on=date(2026, 5, 18),
            )
        )
    tomorrow = entered(door, at=NOW + timedelta(days=1))

    today = door.behind(entered(door))
    after = door.behind(tomorrow, NOW + timedelta(days=1))

    assert today is not None
    assert today.roles == {Role.CONTRIBUTOR, Role.REVIEWER}
    assert after is not None
    assert after.roles == {Role.CONTRIBUTOR}


# --- Five wrong passwords --------------------------------------------------------------------------------


def fail(door: Door, times: int, at: datetime = NOW) -> None:
    for _ in range(times):
        assert door.attempt("xiaowang", "wrong", at) is None


def test_fifth_wrong_password_locks_out_the_right_one(door: Door) -> None:
    fail(door, 5)

    assert door.attempt("xiaowang", at=NOW + 14 * MINUTE) is None


def test_lock_ends_by_itself_after_fifteen_minutes(door: Door) -> None:
    fail(door, 5)

    assert door.attempt("xiaowang", at=NOW + 15 * MINUTE) is not None


def test_attempts_while_locked_do_not_prolong_the_lock(door: Door) -> None:
    fail(door, 5)
    fail(door, 5, at=NOW + 10 * MINUTE)

    assert door.attempt("xiaowang", at=NOW + 15 * MINUTE) is not None


def test_a_success_forgets_the_failures_before_it(door: Door) -> None:
    fail(door, 4)
    entered(door)
    fail(door, 4)

    assert door.attempt("xiaowang") is not None


def test_guess_checked_while_the_account_was_being_locked_is_refused(door: Door) -> None:
    with Session(door.engines.read) as session:
        who = sign_in.candidate(session, username="xiaowang", password=PASSWORD)
    fail(door, 5)

    with door.work() as work:
        assert sign_in.settle(work, who, matched=True) is None


def test_locking_one_account_leaves_the_others_alone(door: Door) -> None:
    fail(door, 5)

    assert door.attempt("laoli") is not None


# --- The trail -------------------------------------------------------------------------------------------


def test_every_attempt_is_recorded_without_password_or_unknown_name(door: Door, cast: Cast) -> None:
    door.attempt("xiaowang", "wrong")
    door.attempt("my-password-in-the-wrong-field", "x")
    opened = entered(door)
    with door.work(person=cast.contributor) as work:
        sign_in.end_session(work, session_id=opened.session_id)

    me, here = cast.contributor.id, "203.0.113.7"
    assert door.trail() == [
        (AuditAction.SIGN_IN_FAILED, None, me, {"origin": here, "reason": "wrong_password"}),
        (AuditAction.SIGN_IN_FAILED, None, None, {"origin": here, "reason": "unknown_name"}),
        (AuditAction.SIGNED_IN, me, me, {"origin": here, "session": opened.session_id}),
        (AuditAction.SIGNED_OUT, me, me, {"session": opened.session_id}),
    ]


def test_the_lock_is_recorded_with_its_end(door: Door) -> None:
    fail(door, 6)

    *_, fifth, sixth = [details for *_, details in door.trail()]
    until = (NOW + 15 * MINUTE).isoformat()
    assert fifth == {"origin": "203.0.113.7", "reason": "wrong_password", "locked_until": until}
    assert sixth == {"origin": "203.0.113.7", "reason": "locked"}


# --- The browser's cookie --------------------------------------------------------------------------------


def redeemed(door: Door, ticket: str, at: datetime = NOW) -> str:
    with door.work(at) as work:
        return sign_in.redeem_ticket(work, ticket)


def by_cookie(door: Door, token: str, at: datetime = NOW) -> SignedInPerson | None:
    with Session(door.engines.read) as session:
        return sessions.by_token(session, token, at)


def test_ticket_becomes_a_cookie_that_finds_the_same_session(door: Door) -> None:
    opened = entered(door)

    token = redeemed(door, opened.ticket)

    assert by_cookie(door, token) == door.behind(opened)


def test_ticket_works_once(door: Door) -> None:
    opened = entered(door)
    redeemed(door, opened.ticket)

    with pytest.raises(SignedOut):
        redeemed(door, opened.ticket)


def test_ticket_expires_after_a_minute(door: Door) -> None:
    opened = entered(door)

    with pytest.raises(SignedOut):
        redeemed(door, opened.ticket, at=NOW + MINUTE)


def test_neither_token_nor_ticket_is_kept_in_the_database(door: Door) -> None:
    opened = entered(door)
    with Session(door.engines.read) as session:
        waiting = session.get_one(SignInSession, opened.session_id)
    token = redeemed(door, opened.ticket)
    with Session(door.engines.read) as session:
        row = session.get_one(SignInSession, opened.session_id)

    assert waiting.ticket_hash == sessions.token_hash(opened.ticket)
    assert (row.token_hash, row.ticket_hash) == (sessions.token_hash(token), None)


# --- The end of a session --------------------------------------------------------------------------------


def test_signing_out_ends_the_cookie_too(door: Door, cast: Cast) -> None:
    opened = entered(door)
    token = redeemed(door, opened.ticket)

    with door.work(person=cast.contributor) as work:
        sign_in.end_session(work, session_id=opened.session_id)

    assert (door.behind(opened), by_cookie(door, token)) == (None, None)


def test_signing_out_leaves_the_other_sessions_open(door: Door, cast: Cast) -> None:
    at_home, in_office = entered(door), entered(door, at=NOW + MINUTE)
    with door.work(person=cast.contributor) as work:
        sign_in.end_session(work, session_id=at_home.session_id)

    with Session(door.engines.read) as session:
        still_open = sessions.of_person(session, cast.contributor.id or 0, NOW + MINUTE)

    assert [row.id for row in still_open] == [in_office.session_id]


def test_nobody_can_sign_out_somebody_else(door: Door, cast: Cast) -> None:
    opened = entered(door)

    with pytest.raises(NotAllowed), door.work(person=cast.admin) as work:
        sign_in.end_session(work, session_id=opened.session_id)


def test_a_person_disabled_meanwhile_is_out(door: Door, cast: Cast) -> None:
    opened = entered(door)
    with door.work() as work:
        work.session.get_one(Person, cast.contributor.id).active = False

    assert door.behind(opened) is None


def test_half_an_hour_without_a_click_ends_a_session(door: Door) -> None:
    opened = entered(door)

    assert door.behind(opened, NOW + timedelta(minutes=29)) is not None
    assert door.behind(opened, NOW + timedelta(minutes=30)) is None


def test_clicks_keep_a_session_alive_but_not_beyond_twelve_hours(door: Door) -> None:
    opened = entered(door)
    for quarter in range(1, 48):
        now = NOW + quarter * timedelta(minutes=15)
        who = door.behind(opened, now)
        assert who is not None
        with door.work(now) as work:
            sign_in.keep_alive(work, who)

    assert door.behind(opened, NOW + timedelta(hours=12) - MINUTE) is not None
    assert door.behind(opened, NOW + timedelta(hours=12)) is None


def test_a_click_is_written_down_at_most_every_five_minutes(door: Door) -> None:
    who = door.behind(entered(door))
    assert who is not None

    assert [sign_in.is_due(who, NOW + minutes * MINUTE) for minutes in (0, 4, 5)] == [False, False, True]


def test_a_click_does_not_reopen_an_ended_session(door: Door, cast: Cast) -> None:
    opened = entered(door)
    who = door.behind(opened)
    assert who is not None
    with door.work(person=cast.contributor) as work:
        sign_in.end_session(work, session_id=opened.session_id)

    with door.work(NOW + 5 * MINUTE) as work:
        sign_in.keep_alive(work, replace(who, seen_at=NOW))

    assert door.behind(opened, NOW + 5 * MINUTE) is None


# --- The cast shown in a rehearsal -----------------------------------------------------------------------


def test_cast_lists_everybody_who_may_sign_in_as_they_were_entered(door: Door, cast: Cast) -> None:
    with door.work() as work:
        work.session.get_one(Person, cast.head.id).active = False

    with Session(door.engines.read) as session:
        listed = sessions.cast(session, NOW)

    assert [member.username for member in listed] == [
        *("xiaowang", "laoli", "xiaosun", "chenbu", "xiaozhao", "laoguo", "xuxiao", "xiaolin", "xiaozhou"),
    ]
    assert listed[0] == sessions.CastMember("xiaowang", "小王", "教务处", (Role.CONTRIBUTOR,))
