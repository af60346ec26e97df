"""登录: who gets in, for how long, and what five wrong passwords lead to.

A sign-in has three steps, because checking a password takes 0.3 s and nobody else should wait for it:
`candidate` reads what to check against, the check itself happens outside any transaction, `settle` records how it
went. Whatever is wrong is answered by one sentence in the same time, so that nobody can ask which names exist.
Whoever has an authenticator then owes its code (`settle_code`): until then the session opens nothing.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, delete, func, select, update

from models import AuditAction, Person, SignInFailure, SignInSession
from services import audit, passwords, reset_codes, second_factor
from services.errors import InvalidInput, NotAllowed, NotFound, SignedOut
from services.queries import people
from services.queries.sessions import SignedInPerson, token_hash
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
TICKET_HOLDS = timedelta(seconds=60)
MOST_FROM_ONE_ADDRESS = 30
ADDRESS_COUNTS_FOR = timedelta(minutes=30)
"""Refused attempts from one address, whatever names were typed; a whole department may share an address."""
IDLE_FOR = timedelta(minutes=30)
"""Without a click for so long, a session ends, unless the settings say otherwise."""
CODE_WAITS = timedelta(minutes=5)
"""Between the right password and the code of the authenticator."""
LONGEST = timedelta(hours=12)
"""A session ends after so long, whatever happens in it: a working day."""
STEP = timedelta(minutes=5)
"""How exactly the last click is known; writing at every click would make every reader a writer."""

REFUSED = (
    "用户名或密码不正确，或该账号已停用、暂时锁定。连续输错 5 次会锁定 15 分钟；忘记密码请向系统管理员要一次性登录码。"
)
GUESSES = ("wrong_password", "wrong_code", "wrong_at_page")
"""What counts towards the lock."""
DECOY = "$2b$12$WWXwMyWYFAqzNwWxhVXXAeuCJdx.7AdR/1KYy2j9czjbzgcxLhX/O"
"""A hash of random bytes that were thrown away: an unknown name takes as long as a known one."""


@dataclass(frozen=True)
class Candidate:
    """Whoever a typed name may be: what to check the password against."""

    person_id: int | None
    password_hash: str = field(repr=False)


@dataclass(frozen=True)
class OpenedSession:
    """`ticket` is what the browser fetches its cookie with: once, within a minute."""

    session_id: int
    ticket: str = field(repr=False)


def candidate(session: Session, *, username: str, password: str) -> Candidate:
    """What to check a typed password against; a decoy for an unknown name.

    Raises `InvalidInput` where a field is empty, or the password longer than any password here can be.
    """
    if not username or not password:
        raise InvalidInput("请填写用户名和密码。", field="password" if username else "username")
    if len(password.encode()) > passwords.LONGEST:
        raise InvalidInput(
            "密码太长：最多 72 个字节，约 24 个汉字或 72 个字母数字。请核对后重新输入。", field="password"
        )
    person = session.exec(select(Person).where(Person.username == username)).first()
    return Candidate(person.id, person.password_hash or DECOY) if person else Candidate(None, DECOY)


@dataclass(frozen=True)
class Browser:
    """Where an attempt comes from, for the trail and for the person's own list of devices."""

    origin: str = ""
    device: str = ""


def settle(
    work: UnitOfWork,
    who: Candidate,
    *,
    matched: bool,
    browser: Browser = Browser(),  # a frozen value
    reset_digest: str = "",
    idle: timedelta = IDLE_FOR,
) -> OpenedSession | None:
    """Record how the check went and open a session if the person may in; None is answered with `REFUSED`.

    `reset_digest` is what was typed, as a one-time code would be stored: such a code opens a session once, in
    which a new password must be chosen. The account is read again: of many guesses checked at the same time,
    those after the fifth find it locked.
    """
    person = _locked_row(work, who.person_id)
    code = reset_codes.valid(work.session, who.person_id or 0, reset_digest, work.now) if not matched else None
    reason = _reason_to_refuse(work, person, browser, matched=matched or code is not None)
    if person is None or person.id is None or reason:
        _record_failure(work, person, reason, browser)
        return None
    if code is not None:
        code.used_at, person.password_is_temporary = work.now, True
    person.locked_until = None
    if person.second_factor_sealed is None:
        person.failed_sign_ins = 0
    return _open(work, person, browser, idle)


def settle_campus(
    work: UnitOfWork, *, person_id: int | None, reason: str, browser: Browser, idle: timedelta = IDLE_FOR
) -> OpenedSession | None:
    """The same for whoever the campus sign-in vouches for; `reason` says why it names nobody of ours."""
    person = _locked_row(work, person_id)
    refused = reason or _reason_to_refuse(work, person, browser, matched=True)
    if person is None or refused:
        _record_failure(work, person, refused, browser)
        return None
    return _open(work, person, browser, idle, through_campus=True)


def settle_code(
    work: UnitOfWork, box: SecretBox, who: SignedInPerson, *, typed: str, idle: timedelta = IDLE_FOR
) -> bool:
    """The second step: whether the code was good, and the session open from now on.

    Wrong codes count like wrong passwords, and the right password in between does not forget them.
    """
    person = _locked_row(work, who.id)
    row = work.session.get(SignInSession, who.session_id)
    if person is None or row is None or row.person_id != person.id or row.revoked_at is not None:
        raise SignedOut("您的登录已结束，请重新登录。")
    browser = Browser(row.origin, row.device)
    reason = _reason_to_refuse(work, person, browser, matched=True)
    if not reason and not second_factor.accept(work, box, person, typed):
        reason = "wrong_code"
    if reason:
        _record_failure(work, person, reason, browser)
        if person.locked_until is not None and person.locked_until > work.now:
            row.revoked_at = work.now
        return False
    person.failed_sign_ins, person.locked_until = 0, None
    row.owes_code, row.seen_at, row.expires_at = False, work.now, work.now + idle
    _record_opened(work, row)
    return True


def _locked_row(work: UnitOfWork, person_id: int | None) -> Person | None:
    return work.session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()


def _reason_to_refuse(work: UnitOfWork, person: Person | None, browser: Browser, *, matched: bool) -> str:
    if _is_blocked(work, browser.origin):
        return "address"
    if person is None:
        return "unknown_name"
    if not person.active:
        return "disabled"
    if person.locked_until is not None and person.locked_until > work.now:
        return "locked"
    return "" if matched else "wrong_password"


def _is_blocked(work: UnitOfWork, origin: str) -> bool:
    # Without an address (this machine itself) nobody can be told apart, and all would be shut out together.
    if not origin:
        return False
    recent = (col(SignInFailure.origin) == origin, col(SignInFailure.at) > work.now - ADDRESS_COUNTS_FOR)
    counted = work.session.exec(select(func.count()).select_from(SignInFailure).where(*recent)).one()
    return counted >= MOST_FROM_ONE_ADDRESS


def _record_failure(work: UnitOfWork, person: Person | None, reason: str, browser: Browser) -> None:
    # An unknown name is not written down: people type their password into the wrong field.
    details = {"reason": reason, "origin": browser.origin}
    if person is not None and reason in GUESSES:
        _count_guess(work, person)
        if person.locked_until is not None and person.locked_until > work.now:
            details["locked_until"] = person.locked_until.isoformat()
    if browser.origin and reason in (*GUESSES, "unknown_name"):
        _count_address(work, browser.origin)
    audit.record(work, AuditAction.SIGN_IN_FAILED, "person", person.id if person else None, details)


def _count_guess(work: UnitOfWork, person: Person) -> None:
    person.failed_sign_ins += 1
    if person.failed_sign_ins >= MOST_FAILURES:
        person.failed_sign_ins, person.locked_until = 0, work.now + LOCKED_FOR


def _count_address(work: UnitOfWork, origin: str) -> None:
    past = col(SignInFailure.at) <= work.now - ADDRESS_COUNTS_FOR
    work.session.execute(delete(SignInFailure).where(past))
    work.session.add(SignInFailure(origin=origin, at=work.now))


def count_wrong_guess(work: UnitOfWork) -> None:
    """Somebody at an open page gave a wrong password or code: five in a row end every session of the person."""
    person = _locked_row(work, work.person_id)
    if person is not None:
        _record_failure(work, person, "wrong_at_page", Browser())
        if person.locked_until is not None and person.locked_until > work.now:
            _revoke_all(work, work.person_id)


def _open(
    work: UnitOfWork, person: Person, browser: Browser, idle: timedelta, *, through_campus: bool = False
) -> OpenedSession:
    ticket = secrets.token_urlsafe(32)
    owes_code = person.second_factor_sealed is not None
    row = SignInSession(
        person_id=person.id or 0,
        token_hash=token_hash(secrets.token_urlsafe(32)),  # nobody holds this one: the cookie gets its own
        ticket_hash=token_hash(ticket),
        ticket_until=work.now + TICKET_HOLDS,
        opened_at=work.now,
        seen_at=work.now,
        expires_at=work.now + (CODE_WAITS if owes_code else idle),
        origin=browser.origin,
        device=browser.device,
        owes_code=owes_code,
        through_campus=through_campus,
    )
    work.session.add(row)
    work.session.flush()
    if not owes_code:
        _record_opened(work, row)
    assert row.id is not None  # noqa: S101  # flushed
    return OpenedSession(row.id, ticket)


def _record_opened(work: UnitOfWork, row: SignInSession) -> None:
    details = {"session": row.id, "origin": row.origin} | ({"campus": True} if row.through_campus else {})
    audit.record(_as_person(work, row.person_id), AuditAction.SIGNED_IN, "person", row.person_id, details)


def _as_person(work: UnitOfWork, person_id: int) -> UnitOfWork:
    actor = people.actor(work.session, person_id, office_day(work.now))
    return work if actor is None else replace(work, actor=actor)


def redeem_ticket(work: UnitOfWork, ticket: str) -> str:
    """Change the one-time ticket into the token of the browser's cookie. Raises `SignedOut`."""
    token = secrets.token_urlsafe(32)
    changed = work.session.execute(
        update(SignInSession)
        .where(
            col(SignInSession.ticket_hash) == token_hash(ticket),
            col(SignInSession.ticket_until) > work.now,
            col(SignInSession.revoked_at).is_(None),
        )
        .values(token_hash=token_hash(token), ticket_hash=None, ticket_until=None)
    )
    if changed.rowcount != 1:  # type: ignore[attr-defined]  # an update answers with a cursor
        raise SignedOut("登录凭证已过期，请重新登录。")
    return token


def keep_alive(work: UnitOfWork, who: SignedInPerson, *, idle: timedelta = IDLE_FOR) -> None:
    """Note that the person is still there: a session ends `idle` after the last click, after twelve hours in all."""
    row = work.session.get(SignInSession, who.session_id)
    if row is not None and row.revoked_at is None and not row.owes_code:
        row.seen_at = work.now
        row.expires_at = min(row.opened_at + LONGEST, work.now + idle)


def is_due(who: SignedInPerson, now: datetime) -> bool:
    """Whether the last click on record is old enough to be written again."""
    return now - who.seen_at >= STEP


def end_session(work: UnitOfWork, *, session_id: int) -> None:
    """Sign out: the cookie and every open page of this session are worth nothing from now on.

    Only one's own session; ending it twice does nothing. Raises `NotAllowed`.
    """
    row = work.session.get(SignInSession, session_id)
    if row is None or row.person_id != work.person_id:
        raise NotAllowed("这不是您的登录，不能代为退出。")
    if row.revoked_at is None:
        row.revoked_at = work.now
        audit.record(work, AuditAction.SIGNED_OUT, "person", row.person_id, {"session": row.id})


def end_everywhere(work: UnitOfWork, *, person_id: int) -> int:
    """退出所有设备: end every session of a person, this one too; how many there were.

    One's own, or as an administrator somebody else's. Raises `NotAllowed`, `NotFound`.
    """
    if person_id != work.actor.id and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有本人或系统管理员可以让这位人员退出所有设备。")
    if work.session.get(Person, person_id) is None:
        raise NotFound("没有找到这位人员，请刷新列表。")
    ended = _revoke_all(work, person_id)
    audit.record(work, AuditAction.SIGNED_OUT_EVERYWHERE, "person", person_id, {"sessions": ended})
    return ended


def sign_out_everybody(work: UnitOfWork) -> int:
    """End every session, because a restored backup no longer knows which of them were ended; how many."""
    return _revoke(work)


def _revoke_all(work: UnitOfWork, person_id: int) -> int:
    return _revoke(work, col(SignInSession.person_id) == person_id)


def _revoke(work: UnitOfWork, *of: ColumnElement[bool]) -> int:
    holding = (
        *of,
        col(SignInSession.revoked_at).is_(None),
        col(SignInSession.expires_at) > work.now,
    )
    changed = work.session.execute(update(SignInSession).where(*holding).values(revoked_at=work.now))
    return int(changed.rowcount)  # type: ignore[attr-defined]  # an update answers with a cursor
