"""一次性登录码: how somebody without a password gets in, once, to choose one.

An administrator gives it out, by hand or by telephone; it is typed in place of the password.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlmodel import Session, col, select, update

from models import AuditAction, Person, ResetCode
from services import audit, one_time_codes
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired
from services.rules.permissions import Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

HOLDS = timedelta(hours=24)
FIRST_HOLDS = timedelta(days=7)
"""For people who were just entered: a list of sixty is not handed out in a day."""
GROUPS = 3
PURPOSE = "reset"


@dataclass(frozen=True)
class IssuedCode:
    """A code as it is shown, once."""

    username: str
    name: str
    code: str = field(repr=False)
    expires_at: datetime


def issue(work: UnitOfWork, box: SecretBox, *, person_id: int, reason: str) -> IssuedCode:
    """A code for somebody who forgot the password; valid for a day, an older one stops working, a lock ends.

    Raises `NotAllowed` for anybody but the administrator, `ReasonRequired`, `NotFound`, `InvalidInput` for
    oneself and for whoever is disabled.
    """
    person = _person(work, person_id)
    if person_id == work.actor.id:
        raise InvalidInput("不能给自己发登录码：请在“我的账号”修改密码，或请另一位系统管理员办理。")
    if not person.active:
        raise InvalidInput("这位人员已停用，不能登录。请先恢复，再发登录码。")
    if not reason.strip():
        raise ReasonRequired("请写明为什么发登录码，例如“本人来办公室，忘记密码”。")
    person.failed_sign_ins, person.locked_until = 0, None
    return _issue(work, box, person, work.now + HOLDS, reason.strip())


def issue_first(work: UnitOfWork, box: SecretBox, *, person_id: int) -> IssuedCode:
    """The first code of somebody who was just entered and has no password. Raises `NotAllowed`, `NotFound`."""
    return _issue(work, box, _person(work, person_id), work.now + FIRST_HOLDS, "首次登录")


def _person(work: UnitOfWork, person_id: int) -> Person:
    # The system is the command line on the server: the way back in for a school's only administrator.
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以发一次性登录码。")
    person = work.session.get(Person, person_id)
    if person is None:
        raise NotFound("没有找到这位人员，请刷新列表。")
    return person


def _issue(work: UnitOfWork, box: SecretBox, person: Person, until: datetime, reason: str) -> IssuedCode:
    person_id = person.id or 0
    unused = (col(ResetCode.person_id) == person_id, col(ResetCode.used_at).is_(None))
    work.session.execute(update(ResetCode).where(*unused).values(expires_at=work.now))
    code = one_time_codes.make(GROUPS)
    work.session.add(
        ResetCode(
            person_id=person_id,
            digest=digest(box, person_id, code),
            issued_by_id=work.actor.id,
            expires_at=until,
        )
    )
    work.session.flush()
    details = {"reason": reason, "until": until.isoformat()}
    audit.record(work, AuditAction.RESET_CODE_ISSUED, "person", person_id, details)
    return IssuedCode(person.username, person.name, code, until)


def withdraw_all(work: UnitOfWork) -> None:
    """Let no code given out so far be used, because a restored backup no longer knows which of them were."""
    unused = (col(ResetCode.used_at).is_(None), col(ResetCode.expires_at) > work.now)
    work.session.execute(update(ResetCode).where(*unused).values(expires_at=work.now))


def digest(box: SecretBox, person_id: int, typed: str) -> str:
    """What is stored of a code."""
    return one_time_codes.digest(box, PURPOSE, person_id, typed)


def valid(session: Session, person_id: int, digest: str, now: datetime) -> ResetCode | None:
    """The code with this digest, while it can still be used."""
    return session.exec(
        select(ResetCode)
        .where(
            ResetCode.person_id == person_id,
            ResetCode.digest == digest,
            col(ResetCode.used_at).is_(None),
            col(ResetCode.expires_at) > now,
        )
        .with_for_update()
    ).first()
