"""动态口令: a six-digit code from an authenticator (RFC 6238), and ten 备用码 for the day the phone is lost."""

from __future__ import annotations

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlmodel import col, delete, select

from models import AuditAction, Person, RecoveryCode
from services import audit, one_time_codes
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.rules.permissions import Capability
from services.rules.sign_in_duties import needs_second_factor
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

ISSUER = "微审台"
WINDOW = 1
"""Time steps of 30 s before and after the present one: a phone's clock may be a little off."""
CODES = 10
GROUPS = 2
PURPOSE = "recovery"
WRONG = "动态口令不对或已经用过。请等手机上换了一组数字再输入；一直不对时，请核对手机时间是否准确。"


def new_secret() -> str:
    """A secret for an authenticator. It counts only once `enrol` saw a code made with it."""
    return pyotp.random_base32()


def address(secret: str, username: str) -> str:
    """What the QR code says (otpauth, Key URI format)."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def enrol(work: UnitOfWork, box: SecretBox, *, secret: str, code: str, present: str = "") -> tuple[str, ...]:
    """Bind one's own authenticator; the ten recovery codes, shown this once.

    Replacing one needs a code of the `present` one. Raises `InvalidInput`.
    """
    person = _locked(work, work.person_id)
    if person.second_factor_sealed is not None and not accept(work, box, person, present):
        raise InvalidInput(f"现用的{WRONG}", field="present")
    step = _step(secret, code, work)
    if step is None:
        raise InvalidInput(WRONG, field="code")
    person.second_factor_sealed, person.second_factor_step = box.seal(secret), step
    audit.record(work, AuditAction.SECOND_FACTOR_ON, "person", person.id)
    return _new_codes(work, box, work.person_id)


def accept(work: UnitOfWork, box: SecretBox, person: Person, typed: str) -> bool:
    """Whether a code of the authenticator, or a recovery code, is good now; it is used up by asking.

    `person` must be locked by the caller's transaction, or two browsers could use one code.
    """
    if person.second_factor_sealed is None:
        return False
    step = _step(box.open(person.second_factor_sealed), typed, work)
    if step is None:
        return _use_recovery_code(work, box, person, typed)
    if step <= person.second_factor_step:
        return False
    person.second_factor_step = step
    return True


def _step(secret: str, typed: str, work: UnitOfWork) -> int | None:
    digits = "".join(typed.split())
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(digits, for_time=work.now, valid_window=WINDOW)
    except OTPVerificationError:
        return None


def _use_recovery_code(work: UnitOfWork, box: SecretBox, person: Person, typed: str) -> bool:
    found = work.session.exec(
        select(RecoveryCode).where(
            RecoveryCode.person_id == person.id,
            RecoveryCode.digest == one_time_codes.digest(box, PURPOSE, person.id or 0, typed),
            col(RecoveryCode.used_at).is_(None),
        )
    ).first()
    if found is None:
        return False
    found.used_at = work.now
    return True


def renew_codes(work: UnitOfWork, box: SecretBox, *, code: str) -> tuple[str, ...]:
    """Ten new recovery codes for oneself; the old ones stop working. Raises `InvalidInput`."""
    person = _locked(work, work.person_id)
    if not accept(work, box, person, code):
        raise InvalidInput(WRONG, field="code")
    audit.record(work, AuditAction.RECOVERY_CODES_MADE, "person", person.id)
    return _new_codes(work, box, work.person_id)


def _new_codes(work: UnitOfWork, box: SecretBox, person_id: int) -> tuple[str, ...]:
    work.session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person_id))
    made = tuple(one_time_codes.make(GROUPS) for _ in range(CODES))
    work.session.add_all(
        RecoveryCode(person_id=person_id, digest=one_time_codes.digest(box, PURPOSE, person_id, each)) for each in made
    )
    work.session.flush()
    return made


def switch_off(work: UnitOfWork, box: SecretBox, *, code: str, is_live: bool) -> None:
    """Do without an authenticator from now on. Raises `NotAllowed` where one's roles need it, `InvalidInput`."""
    person = _locked(work, work.person_id)
    if needs_second_factor(work.actor.roles, is_live=is_live):
        raise NotAllowed("系统管理员和发布员在正式模式下必须使用动态口令。换手机时请用“更换手机”。")
    if not accept(work, box, person, code):
        raise InvalidInput(WRONG, field="code")
    _remove(work, person, "本人停用")


def remove_for(work: UnitOfWork, *, person_id: int, reason: str) -> None:
    """Take the lost authenticator from somebody who has no recovery code left.

    Raises `NotAllowed` for anybody but the administrator and for oneself, `ReasonRequired`, `NotFound`,
    `WrongState`.
    """
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以替别人停用动态口令。")
    if person_id == work.actor.id:
        raise NotAllowed("不能用这个办法停用自己的动态口令：请在“我的账号”办理。")
    if not reason.strip():
        raise ReasonRequired("请写明为什么停用，例如“本人到场，手机丢失，备用码也找不到”。")
    person = _locked(work, person_id)
    if person.second_factor_sealed is None:
        raise WrongState("这位人员没有开启动态口令。")
    _remove(work, person, reason.strip())


def _remove(work: UnitOfWork, person: Person, reason: str) -> None:
    person.second_factor_sealed = None
    work.session.execute(delete(RecoveryCode).where(col(RecoveryCode.person_id) == person.id))
    audit.record(work, AuditAction.SECOND_FACTOR_OFF, "person", person.id, {"reason": reason})


def _locked(work: UnitOfWork, person_id: int) -> Person:
    person = work.session.exec(select(Person).where(Person.id == person_id).with_for_update()).first()
    if person is None:
        raise NotFound("没有找到这位人员，请刷新列表。")
    return person
