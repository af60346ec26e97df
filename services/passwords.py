"""Passwords: bcrypt, the hash streamlit-authenticator checks, and what the office asks of a new one.

A check takes 0.3 s, and a new password is compared with five old ones: `prepare` does that outside any
transaction, `change` writes what it found.
"""

from __future__ import annotations

import string
from dataclasses import dataclass, field

import bcrypt
from sqlmodel import Session, col, delete, select, update

from models import AuditAction, PastPassword, Person, SignInSession
from services import audit
from services.errors import InvalidInput, NotAllowed, StaleState
from services.unit_of_work import UnitOfWork

LONGEST = 72
"""Bytes bcrypt reads; beyond them it refuses. 24 Chinese characters."""
SHORTEST = 12
CLASSES = 3
REMEMBERED = 5
"""So many passwords do not come back, the present one among them."""
NONE = ""
"""Stored for whoever has no password yet; no typed password matches it."""
POLICY = (
    f"至少 {SHORTEST} 位，大写字母、小写字母、数字、符号四类中至少 {CLASSES} 类，"
    f"不含用户名，不与最近 {REMEMBERED} 次相同。"
)
TOO_LONG = "密码太长：最多 72 个字节，约 24 个汉字或 72 个字母数字。"


@dataclass(frozen=True)
class Known:
    """What a new password is compared with: the present hash first."""

    username: str
    hashes: tuple[str, ...] = field(repr=False)

    @property
    def present(self) -> str:
        return self.hashes[0]


@dataclass(frozen=True)
class Prepared:
    """A password that may be written, as its hash, and the hash it replaces."""

    password_hash: str = field(repr=False)
    replaces: str = field(repr=False)


def hash_password(plain: str) -> str:
    """The stored form of a password. Raises `InvalidInput` for one that is empty or longer than bcrypt reads."""
    if not plain:
        raise InvalidInput("请输入密码。", field="password")
    if len(plain.encode()) > LONGEST:
        raise InvalidInput(TOO_LONG, field="password")
    return bcrypt.hashpw(plain.encode(), bcrypt.gensalt(rounds=12)).decode()


def matches(plain: str, password_hash: str) -> bool:
    """Whether a typed password is the one behind a stored hash; takes 0.3 s."""
    return password_hash != NONE and len(plain.encode()) <= LONGEST and _is(plain, password_hash)


def _is(plain: str, password_hash: str) -> bool:
    return bcrypt.checkpw(plain.encode(), password_hash.encode())


def known(session: Session, person_id: int) -> Known:
    """What is known of a person's passwords, the present one first."""
    person = session.get_one(Person, person_id)
    past = session.exec(
        select(PastPassword.password_hash)
        .where(PastPassword.person_id == person_id)
        .order_by(col(PastPassword.id).desc())
        .limit(REMEMBERED - 1)
    ).all()
    return Known(person.username, (person.password_hash, *past))


def prepare(known: Known, new: str, repeated: str) -> Prepared:
    """Check a new password against the policy, and hash it; up to two seconds, so never in a transaction.

    Raises `InvalidInput` with what is wrong.
    """
    if new != repeated:
        raise InvalidInput("两次输入的新密码不一样，请重新输入。", field="repeated")
    fault = weakness(new, known.username)
    if fault:
        raise InvalidInput(fault, field="password")
    if any(matches(new, each) for each in known.hashes):
        raise InvalidInput(f"这个密码最近用过。请换一个与最近 {REMEMBERED} 次都不同的密码。", field="password")
    return Prepared(hash_password(new), known.present)


def weakness(plain: str, username: str) -> str:
    """What the policy has against a password, as a sentence; empty where it has nothing."""
    if len(plain.encode()) > LONGEST:
        return TOO_LONG
    if len(plain) < SHORTEST:
        return f"密码太短：现在 {len(plain)} 位，至少要 {SHORTEST} 位。"
    if username.lower() in plain.lower():
        return "密码里不能含有用户名，请换一个。"
    if _classes(plain) < CLASSES:
        return f"密码太简单：大写字母、小写字母、数字、符号（含汉字）四类中至少要有 {CLASSES} 类。"
    return ""


def _classes(plain: str) -> int:
    named = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    present = sum(any(each in kind for each in plain) for kind in named)
    return present + any(each not in "".join(named) for each in plain)


def change(work: UnitOfWork, prepared: Prepared, *, session_id: int) -> None:
    """Write one's own new password; every other browser of the person is out at its next click.

    Raises `NotAllowed` for a session of somebody else, `StaleState` where the password was changed meanwhile.
    """
    person = work.session.exec(select(Person).where(Person.id == work.person_id).with_for_update()).one()
    here = work.session.get(SignInSession, session_id)
    if here is None or here.person_id != person.id:
        raise NotAllowed("这不是您的登录，不能修改密码。")
    if person.password_hash != prepared.replaces:
        raise StaleState("密码刚刚在别处改过，请用新密码重新登录。")
    if person.password_hash != NONE:
        past = PastPassword(person_id=work.person_id, password_hash=person.password_hash, replaced_at=work.now)
        work.session.add(past)
    person.password_hash, person.password_is_temporary = prepared.password_hash, False
    _forget_oldest(work)
    ended = work.session.execute(
        update(SignInSession)
        .where(
            col(SignInSession.person_id) == work.person_id,
            col(SignInSession.id) != session_id,
            col(SignInSession.revoked_at).is_(None),
        )
        .values(revoked_at=work.now)
    )
    others = ended.rowcount  # type: ignore[attr-defined]  # an update answers with a cursor
    audit.record(work, AuditAction.PASSWORD_CHANGED, "person", work.person_id, {"ended_sessions": others})


def _forget_oldest(work: UnitOfWork) -> None:
    work.session.flush()
    kept = (
        select(PastPassword.id)
        .where(PastPassword.person_id == work.person_id)
        .order_by(col(PastPassword.id).desc())
        .limit(REMEMBERED - 1)
    )
    work.session.execute(
        delete(PastPassword).where(col(PastPassword.person_id) == work.person_id, col(PastPassword.id).not_in(kept))
    )
