"""登录: who gets in, for how long, and what five wrong passwords lead to.

A sign-in has three steps, because checking a password takes 0.3 s and nobody else should wait for it:
`candidate` reads what to check against, the check itself happens outside any transaction, `settle` records how it
went. Whatever is wrong is answered by one sentence in the same time, so that nobody can ask which names exist.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from models import AuditAction, Person, SignInSession
from services import audit, passwords
from services.errors import InvalidInput, NotAllowed, SignedOut
from services.queries import people
from services.queries.sessions import SignedInPerson, token_hash
from services.rules.office_time import office_day
from services.unit_of_work import UnitOfWork

MOST_FAILURES = 5
LOCKED_FOR = timedelta(minutes=15)
TICKET_HOLDS = timedelta(seconds=60)
IDLE_FOR = timedelta(hours=2)
"""Without a click for so long, a session ends."""
LONGEST = timedelta(hours=12)
"""A session ends after so long, whatever happens in it: a working day."""
STEP = timedelta(minutes=5)
"""How exactly the last click is known; writing at every click would make every reader a writer."""

REFUSED = (
    "用户名或密码不正确，或该账号已停用、暂时锁定。连续输错 5 次会锁定 15 分钟；忘记密码请联系系统管理员重设。"
)
DECOY = "$2b$12$WWXwMyWYFAqzNwWxhVXXAeuCJdx.7AdR/1KYy2j9czjbzgcxLhX/O"
"""A hash of random bytes that were thrown away: an unknown name takes as long as a known one."""


@dataclass(frozen=True)
class Candidate:
    """Whoever a typed name may be: what to check the password against."""

    person_id: int | None
    password_hash: str


@dataclass(frozen=True)
class OpenedSession:
    """`ticket` is what the browser fetches its cookie with: once, within a minute."""

    session_id: int
    ticket: str


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
    return Candidate(person.id, person.password_hash) if person else Candidate(None, DECOY)


def settle(work: UnitOfWork, who: Candidate, *, matched: bool, origin: str = "") -> OpenedSession | None:
    """Record how the check went and open a session if the person may in; None is answered with `REFUSED`.

    The account is read again: of many guesses checked at the same time, those after the fifth find it locked.
    """
    person = _locked_row(work, who.person_id)
    reason = _reason_to_refuse(person, work.now, matched=matched)
    if person is None or person.id is None or reason:
        _record_failure(work, person, reason, origin)
        return None
    person.failed_sign_ins, person.locked_until = 0, None
    return _open(work, person.id, origin)


def _locked_row(work: UnitOfWork, person_id: int | None) -> Person | None:
    return work.session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()


def _reason_to_refuse(person: Person | None, now: datetime, *, matched: bool) -> str:
    if person is None:
        return "unknown_name"
    if not person.active:
        return "disabled"
    if person.locked_until is not None and person.locked_until > now:
        return "locked"
    return "" if matched else "wrong_password"


def _record_failure(work: UnitOfWork, person: Person | None, reason: str, origin: str) -> None:
    # An unknown name is not written down: people type their password into the wrong field.
    details = {"reason": reason, "origin": origin}
    if person is not None and reason == "wrong_password":
        person.failed_sign_ins += 1
        if person.failed_sign_ins >= MOST_FAILURES:
            person.failed_sign_ins, person.locked_until = 0, work.now + LOCKED_FOR
            details["locked_until"] = person.locked_until.isoformat()
    audit.record(work, AuditAction.SIGN_IN_FAILED, "person", person.id if person else None, details)


def _open(work: UnitOfWork, person_id: int, origin: str) -> OpenedSession:
    ticket = secrets.token_urlsafe(32)
    row = SignInSession(
        person_id=person_id,
        token_hash=token_hash(secrets.token_urlsafe(32)),  # nobody holds this one: the cookie gets its own
        ticket_hash=token_hash(ticket),
        ticket_until=work.now + TICKET_HOLDS,
        opened_at=work.now,
        seen_at=work.now,
        expires_at=work.now + IDLE_FOR,
    )
    work.session.add(row)
    work.session.flush()
    assert row.id is not None  # noqa: S101  # flushed
    details = {"session": row.id, "origin": origin}
    audit.record(_as_person(work, person_id), AuditAction.SIGNED_IN, "person", person_id, details)
    return OpenedSession(row.id, ticket)


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


def keep_alive(work: UnitOfWork, who: SignedInPerson) -> None:
    """Note that the person is still there: a session ends two hours after the last click, after twelve in all."""
    row = work.session.get(SignInSession, who.session_id)
    if row is not None and row.revoked_at is None:
        row.seen_at = work.now
        row.expires_at = min(row.opened_at + LONGEST, work.now + IDLE_FOR)


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
