"""统一身份认证: what the campus sign-in (OpenID Connect) says of somebody, and whom of ours that names.

It says who somebody is. What they may do is decided here alone: whoever is not entered does not get in, and
whoever was disabled stays out. Each statement opens one session, once: Streamlit keeps it in a cookie for
thirty days that nobody can revoke, so an old one is worth nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlmodel import Session, select

from models import AuditAction, Person, PersonIdentity
from services import audit, sign_in
from services.errors import InvalidInput, NotAllowed, NotFound
from services.rules.permissions import Capability
from services.sign_in import Browser, OpenedSession
from services.unit_of_work import UnitOfWork

FRESH_FOR = timedelta(minutes=5)
LONGEST_SUBJECT = 200
LATEST = 2**35
"""Seconds since 1970, some thousand years on: what claims to be later is no time."""
REFUSED = "统一身份认证通过了，但没有对应的在用账号，或该账号暂时锁定。请联系系统管理员开通或关联。"


@dataclass(frozen=True)
class Statement:
    """What the campus sign-in said, as far as we read it. `username` is empty where it names none."""

    issuer: str
    subject: str
    username: str
    made_at: datetime


def read(claims: Mapping[str, object], username_claim: str) -> Statement | None:
    """The claims of an ID token (OpenID Connect Core 2) as a statement; None where one that we need is missing or is
    none.
    """
    issuer, subject, made_at = claims.get("iss"), claims.get("sub"), claims.get("iat")
    if not isinstance(issuer, str) or not isinstance(subject, str) or not isinstance(made_at, int | float):
        return None
    if not _is_identifier(subject) or not 0 < made_at < LATEST:  # not a number is neither
        return None
    username = claims.get(username_claim)
    return Statement(
        issuer=issuer,
        subject=subject,
        username=username.strip().lower() if isinstance(username, str) else "",
        made_at=datetime.fromtimestamp(made_at, UTC),
    )


def _is_identifier(subject: str) -> bool:
    return 0 < len(subject) <= LONGEST_SUBJECT and subject.isprintable()


def settle(
    work: UnitOfWork,
    said: Statement,
    *,
    browser: Browser,
    match_usernames: bool,
    idle: timedelta = sign_in.IDLE_FOR,
) -> OpenedSession | None:
    """Open a session for whoever is meant; None is answered with `REFUSED`, and is on the trail either way."""
    identity = _identity(work, said, match_usernames=match_usernames)
    if identity is None:
        return sign_in.settle_campus(work, person_id=None, reason="campus_unknown", browser=browser, idle=idle)
    reason = "" if _is_fresh(said, identity.last_token_at, work.now) else "campus_stale"
    if not reason:
        identity.last_token_at = said.made_at
    return sign_in.settle_campus(work, person_id=identity.person_id, reason=reason, browser=browser, idle=idle)


def is_attempt(session: Session, said: Statement, now: datetime) -> bool:
    """Whether a statement is new: one that is old, or opened its session already, is only a cookie left over."""
    last = session.exec(
        select(PersonIdentity.last_token_at).where(
            PersonIdentity.issuer == said.issuer, PersonIdentity.subject == said.subject
        )
    ).first()
    return _is_fresh(said, last, now)


def _is_fresh(said: Statement, last: datetime | None, now: datetime) -> bool:
    in_time = now - FRESH_FOR < said.made_at <= now + FRESH_FOR
    return in_time and (last is None or said.made_at > last)


def _identity(work: UnitOfWork, said: Statement, *, match_usernames: bool) -> PersonIdentity | None:
    linked = work.session.exec(
        select(PersonIdentity)
        .where(PersonIdentity.issuer == said.issuer, PersonIdentity.subject == said.subject)
        .with_for_update()
    ).first()
    if linked is not None or not match_usernames or not said.username:
        return linked
    person = work.session.exec(select(Person).where(Person.username == said.username)).first()
    if person is None or _has_identity(work, person.id or 0, said.issuer):
        return None
    return _linked(work, person.id or 0, said.issuer, said.subject, "用户名相同")


def _has_identity(work: UnitOfWork, person_id: int, issuer: str) -> bool:
    # A name given to somebody else by the campus must not inherit the account it once matched.
    known = select(PersonIdentity.id).where(PersonIdentity.person_id == person_id, PersonIdentity.issuer == issuer)
    return work.session.exec(known).first() is not None


def link(work: UnitOfWork, *, person_id: int, issuer: str, subject: str) -> PersonIdentity:
    """Say which campus identity is somebody. Raises `NotAllowed`, `NotFound`, `InvalidInput`."""
    _refuse_others(work)
    if work.session.get(Person, person_id) is None:
        raise NotFound("没有找到这位人员，请刷新列表。")
    named = subject.strip()
    if not _is_identifier(named):
        raise InvalidInput("请填写统一身份认证给出的唯一标识（sub），不超过 200 个字符。", field="subject")
    taken = select(PersonIdentity.id).where(PersonIdentity.issuer == issuer, PersonIdentity.subject == named)
    if work.session.exec(taken).first() is not None:
        raise InvalidInput("这个统一身份已经关联了人员：请先解除原来的关联。", field="subject")
    return _linked(work, person_id, issuer, named, "管理员关联")


def _linked(work: UnitOfWork, person_id: int, issuer: str, subject: str, how: str) -> PersonIdentity:
    identity = PersonIdentity(person_id=person_id, issuer=issuer, subject=subject, linked_at=work.now)
    work.session.add(identity)
    work.session.flush()
    audit.record(work, AuditAction.IDENTITY_LINKED, "person", person_id, {"how": how, "issuer": issuer})
    return identity


def unlink(work: UnitOfWork, *, identity_id: int) -> None:
    """Part a campus identity from somebody. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    identity = work.session.get(PersonIdentity, identity_id, with_for_update=True)
    if identity is None:
        raise NotFound("这个关联刚刚被解除，请刷新页面。")
    details = {"issuer": identity.issuer}
    audit.record(work, AuditAction.IDENTITY_UNLINKED, "person", identity.person_id, details)
    work.session.delete(identity)
    work.session.flush()


def _refuse_others(work: UnitOfWork) -> None:
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以关联统一身份。")
