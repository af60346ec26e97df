"""登录: who gets in, and what five wrong passwords lead to."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta

import bcrypt
import pyotp
import pytest
from sqlmodel import Session, select

from models import (
    AuditAction,
    AuditEvent,
    Person,
    PersonRole,
    RecoveryCode,
    ResetCode,
    Role,
    SignInSession,
)
from services import passwords, reset_codes, second_factor, sign_in
from services.database import Engines
from services.errors import InvalidInput, NotAllowed, ReasonRequired, SignedOut
from services.queries import people, sessions
from services.queries.sessions import SignedInPerson
from services.rules.sign_in_duties import NOTHING_OWED, Duty, Entry, duty
from services.secret_box import SecretBox
from services.sign_in import Browser, OpenedSession
from services.unit_of_work import SYSTEM, UnitOfWork
from tests import factories
from tests.factories import NOW, PASSWORD, PASSWORD_HASH, Cast

MINUTE = timedelta(minutes=1)
HERE = Browser(origin="203.0.113.7")
BOX = SecretBox("a test key that opens nothing real")


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

    def attempt(
        self, username: str, password: str = PASSWORD, at: datetime = NOW, browser: Browser = HERE
    ) -> OpenedSession | None:
        with Session(self.engines.read) as session:
            who = sign_in.candidate(session, username=username, password=password)
        matched = bcrypt.checkpw(password.encode(), who.password_hash.encode())
        typed = reset_codes.digest(BOX, who.person_id or 0, password)
        with self.work(at) as work:
            return sign_in.settle(work, who, matched=matched, browser=browser, reset_digest=typed)

    def behind(self, opened: OpenedSession, at: datetime = NOW) -> SignedInPerson | None:
        with Session(self.engines.read) as session:
            return sessions.by_id(session, opened.session_id, at)

    def trail(self) -> list[tuple[AuditAction, int | None, int | None, dict[str, object]]]:
        with Session(self.engines.read) as session:
            lines = session.exec(select(AuditEvent).order_by(AuditEvent.sequence)).all()  # type: ignore[arg-type]  # SQLModel types columns as values
            return [(line.action, line.actor_id, line.subject_id, json.loads(line.details)) for line in lines]


@pytest.fixture
def door(engines: Engines, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(sign_in, "DECOY", PASSWORD_HASH)  # the real one takes its 0.3 s, as it must
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


def test_unknown_name_is_checked_against_a_hash_as_slow_as_a_real_one(engines: Engines) -> None:
    with Session(engines.read) as session:
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


# --- Many wrong attempts from one address ----------------------------------------------------------------


def test_address_with_thirty_failures_is_refused_whatever_name_is_typed(door: Door) -> None:
    for _ in range(30):
        assert door.attempt("nobody", "x") is None

    refused = door.attempt("laoli")
    elsewhere = door.attempt("laoli", browser=Browser(origin="203.0.113.8"))
    later = door.attempt("laoli", at=NOW + 30 * MINUTE)

    assert refused is None
    assert elsewhere is not None
    assert later is not None
    assert door.trail()[30][3] == {"origin": "203.0.113.7", "reason": "address"}


def test_this_machine_itself_is_never_shut_out_together(door: Door) -> None:
    for _ in range(30):
        door.attempt("nobody", "x", browser=Browser())

    assert door.attempt("laoli", browser=Browser()) is not None


# --- One-time codes --------------------------------------------------------------------------------------


def issued(door: Door, at: datetime = NOW) -> str:
    with door.work(at, person=door.cast.admin) as work:
        return reset_codes.issue(work, BOX, person_id=door.cast.contributor.id or 0, reason="忘记密码").code


def test_code_opens_one_session_in_which_a_password_must_be_chosen(door: Door) -> None:
    code = issued(door)

    first, second = door.attempt("xiaowang", code.lower().replace("-", " ")), door.attempt("xiaowang", code)

    assert first is not None
    assert second is None
    who = door.behind(first)
    assert who is not None
    assert who.duty(is_live=False) is Duty.NEW_PASSWORD


def test_code_holds_for_a_day(door: Door) -> None:
    code = issued(door)

    assert door.attempt("xiaowang", code, NOW + timedelta(hours=24)) is None
    assert door.attempt("xiaowang", code, NOW + timedelta(hours=23, minutes=59)) is not None


def test_newer_code_ends_the_older_one(door: Door) -> None:
    older, newer = issued(door), issued(door, NOW + MINUTE)

    assert door.attempt("xiaowang", older, NOW + 2 * MINUTE) is None
    assert door.attempt("xiaowang", newer, NOW + 2 * MINUTE) is not None


def test_code_is_worth_nothing_under_another_name(door: Door) -> None:
    assert door.attempt("xiaozhou", issued(door)) is None


def test_code_lifts_the_lock(door: Door) -> None:
    fail(door, 5)

    assert door.attempt("xiaowang", issued(door)) is not None


def test_wrong_codes_count_towards_the_lock(door: Door) -> None:
    code = issued(door)
    fail(door, 5)

    assert door.attempt("xiaowang", code) is None


def test_code_is_kept_only_as_a_keyed_digest_and_issued_on_the_trail(door: Door) -> None:
    code = issued(door)

    with Session(door.engines.read) as session:
        row = session.exec(select(ResetCode)).one()
    assert row.digest == reset_codes.digest(BOX, door.cast.contributor.id or 0, code)
    assert code not in json.dumps(door.trail(), default=str)
    assert door.trail()[-1] == (
        AuditAction.RESET_CODE_ISSUED,
        door.cast.admin.id,
        door.cast.contributor.id,
        {"reason": "忘记密码", "until": (NOW + timedelta(hours=24)).isoformat()},
    )


def test_code_needs_a_reason_and_is_not_for_oneself(door: Door, cast: Cast) -> None:
    with pytest.raises(ReasonRequired), door.work(person=cast.admin) as work:
        reset_codes.issue(work, BOX, person_id=cast.contributor.id or 0, reason="  ")
    with pytest.raises(InvalidInput, match="不能给自己"), door.work(person=cast.admin) as work:
        reset_codes.issue(work, BOX, person_id=cast.admin.id or 0, reason="忘记密码")


# --- The authenticator -----------------------------------------------------------------------------------


def totp(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


@pytest.fixture
def secret() -> str:
    return second_factor.new_secret()


@pytest.fixture
def recovery(door: Door, secret: str) -> tuple[str, ...]:
    """小王 has an authenticator since this morning; the ten recovery codes."""
    with door.work(NOW - timedelta(hours=1), person=door.cast.contributor) as work:
        return second_factor.enrol(work, BOX, secret=secret, code=totp(secret, work.now))


def give(door: Door, opened: OpenedSession, typed: str, at: datetime = NOW) -> bool:
    who = door.behind(opened, at)
    assert who is not None
    with door.work(at) as work:
        return sign_in.settle_code(work, BOX, who, typed=typed)


@pytest.mark.usefixtures("recovery")
def test_right_password_alone_opens_nothing_for_whoever_has_an_authenticator(door: Door, secret: str) -> None:
    opened = entered(door)
    before = door.behind(opened)
    good = give(door, opened, totp(secret, NOW))
    after = door.behind(opened)

    assert before is not None
    assert after is not None
    assert (before.duty(is_live=False), good, after.duty(is_live=False)) == (Duty.CODE, True, None)


@pytest.mark.usefixtures("recovery")
def test_session_waits_five_minutes_for_its_code(door: Door) -> None:
    opened = entered(door)

    assert door.behind(opened, NOW + 4 * MINUTE) is not None
    assert door.behind(opened, NOW + 5 * MINUTE) is None


@pytest.mark.usefixtures("recovery")
def test_code_of_the_neighbouring_half_minute_is_taken(door: Door, secret: str) -> None:
    assert give(door, entered(door), totp(secret, NOW - timedelta(seconds=30)))


@pytest.mark.usefixtures("recovery")
def test_code_works_once_even_in_another_browser(door: Door, secret: str) -> None:
    first, second = entered(door), entered(door)

    assert give(door, first, totp(secret, NOW))
    assert not give(door, second, totp(secret, NOW))
    assert not give(door, second, totp(secret, NOW - timedelta(seconds=30)))
    assert give(door, second, totp(secret, NOW + timedelta(seconds=30)))


@pytest.mark.usefixtures("recovery")
def test_five_wrong_codes_lock_and_the_password_in_between_forgets_none(door: Door, secret: str) -> None:
    for _ in range(4):
        assert not give(door, entered(door), "000000")
    last = entered(door)

    assert not give(door, last, "000000")
    assert door.behind(last) is None
    assert door.attempt("xiaowang", at=NOW + 14 * MINUTE) is None
    assert give(door, entered(door, at=NOW + 15 * MINUTE), totp(secret, NOW + 15 * MINUTE), NOW + 15 * MINUTE)


def test_recovery_code_stands_in_once(door: Door, recovery: tuple[str, ...]) -> None:
    assert give(door, entered(door), recovery[3].lower())
    assert not give(door, entered(door), recovery[3])
    assert len(set(recovery)) == 10


def test_new_recovery_codes_end_the_old_ones(door: Door, secret: str, recovery: tuple[str, ...]) -> None:
    with door.work(person=door.cast.contributor) as work:
        renewed = second_factor.renew_codes(work, BOX, code=totp(secret, NOW))

    assert not give(door, entered(door), recovery[0])
    assert give(door, entered(door), renewed[0])


@pytest.mark.usefixtures("recovery")
def test_neither_secret_nor_recovery_codes_can_be_read_in_the_database(
    door: Door, secret: str, recovery: tuple[str, ...]
) -> None:
    with Session(door.engines.read) as session:
        person = session.get_one(Person, door.cast.contributor.id)
        kept = [row.digest for row in session.exec(select(RecoveryCode))]

    assert secret not in (person.second_factor_sealed or secret)
    assert {code.replace("-", "") for code in recovery}.isdisjoint(kept)


def test_authenticator_is_bound_only_by_a_code_made_with_it(door: Door, secret: str) -> None:
    with pytest.raises(InvalidInput) as refusal, door.work(person=door.cast.contributor) as work:
        second_factor.enrol(work, BOX, secret=secret, code="000000")

    assert refusal.value.field == "code"


@pytest.mark.usefixtures("recovery")
def test_replacing_the_telephone_needs_the_present_one(door: Door, secret: str) -> None:
    new = second_factor.new_secret()
    with pytest.raises(InvalidInput) as refusal, door.work(person=door.cast.contributor) as work:
        second_factor.enrol(work, BOX, secret=new, code=totp(new, NOW), present="000000")
    with door.work(person=door.cast.contributor) as work:
        second_factor.enrol(work, BOX, secret=new, code=totp(new, NOW), present=totp(secret, NOW))

    assert refusal.value.field == "present"
    later = NOW + MINUTE
    assert give(door, entered(door, at=later), totp(new, later), later)


@pytest.mark.parametrize("role", Role)
def test_only_administrators_and_publishers_need_an_authenticator_and_only_in_live_mode(role: Role) -> None:
    needed = Duty.SECOND_FACTOR if role in (Role.ADMIN, Role.PUBLISHER) else None

    assert [duty(NOTHING_OWED, {role}, is_live=live) for live in (True, False)] == [needed, None]


def test_duties_come_in_their_order() -> None:
    everything = Entry(owes_code=True, through_campus=False, password_is_temporary=True, has_second_factor=False)
    given = replace(everything, owes_code=False)
    by_campus = replace(given, through_campus=True)

    assert [duty(each, {Role.ADMIN}, is_live=True) for each in (everything, given, by_campus)] == [
        Duty.CODE,
        Duty.NEW_PASSWORD,
        Duty.SECOND_FACTOR,
    ]


def test_publisher_in_live_mode_cannot_do_without(door: Door, secret: str) -> None:
    with door.work(NOW - MINUTE, person=door.cast.publisher) as work:
        second_factor.enrol(work, BOX, secret=secret, code=totp(secret, work.now))

    with pytest.raises(NotAllowed, match="必须使用动态口令"), door.work(person=door.cast.publisher) as work:
        second_factor.switch_off(work, BOX, code=totp(secret, NOW), is_live=True)
    with door.work(person=door.cast.publisher) as work:
        second_factor.switch_off(work, BOX, code=totp(secret, NOW), is_live=False)

    with Session(door.engines.read) as session:
        assert session.get_one(Person, door.cast.publisher.id).second_factor_sealed is None


@pytest.mark.usefixtures("recovery")
def test_administrator_takes_a_lost_authenticator_away_with_a_reason(door: Door, cast: Cast) -> None:
    with door.work(person=cast.admin) as work:
        second_factor.remove_for(work, person_id=cast.contributor.id or 0, reason="手机丢失")

    who = door.behind(entered(door))
    assert who is not None
    assert who.duty(is_live=False) is None
    assert (AuditAction.SECOND_FACTOR_OFF, cast.admin.id, cast.contributor.id, {"reason": "手机丢失"}) in door.trail()


# --- Choosing a password ---------------------------------------------------------------------------------


def test_new_password_ends_the_other_sessions_and_the_old_password(door: Door) -> None:
    here, elsewhere = entered(door), entered(door)
    with Session(door.engines.read) as session:
        known = passwords.known(session, door.cast.contributor.id or 0)
    with door.work(person=door.cast.contributor) as work:
        passwords.change(work, passwords.prepare(known, "Xin-mima-2026", "Xin-mima-2026"), session_id=here.session_id)

    assert door.behind(here) is not None
    assert (door.behind(elsewhere), door.attempt("xiaowang")) == (None, None)
    assert door.attempt("xiaowang", "Xin-mima-2026") is not None


def test_somebody_elses_session_changes_no_password(door: Door, cast: Cast) -> None:
    theirs = entered(door)
    with pytest.raises(NotAllowed), door.work(person=cast.admin) as work:
        passwords.change(work, passwords.Prepared("new", "old"), session_id=theirs.session_id)


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


def test_signing_out_everywhere_ends_every_session_of_that_person_only(door: Door, cast: Cast) -> None:
    mine, theirs = [entered(door), entered(door)], entered(door, "laoli")
    with door.work(person=cast.contributor) as work:
        ended = sign_in.end_everywhere(work, person_id=cast.contributor.id or 0)

    assert (ended, [door.behind(each) for each in mine]) == (2, [None, None])
    assert door.behind(theirs) is not None
    me = cast.contributor.id
    assert door.trail()[-1] == (AuditAction.SIGNED_OUT_EVERYWHERE, me, me, {"sessions": 2})


def test_five_wrong_guesses_at_an_open_page_end_every_session(door: Door, cast: Cast) -> None:
    opened = entered(door)
    for _ in range(4):
        with door.work(person=cast.contributor) as work:
            sign_in.count_wrong_guess(work)
    still = door.behind(opened)
    with door.work(person=cast.contributor) as work:
        sign_in.count_wrong_guess(work)

    assert still is not None
    assert (door.behind(opened), door.attempt("xiaowang")) == (None, None)


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
