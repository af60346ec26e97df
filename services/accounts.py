"""公众号台账: the register of the school's official accounts. The only writer of `OfficialAccount.state`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session, col, select

from models import (
    AccountAction,
    AccountKind,
    AccountRequest,
    AccountState,
    AccountStep,
    AuditAction,
    Department,
    OfficialAccount,
    PublicationWay,
    RegisterEntry,
)
from services import account_files, account_notices, audit
from services.account_files import GivenFile
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.ports import AssetStore, WeChatCredentials
from services.queries import accounts as reads
from services.rules.account_life import (
    ANSWERS_FOR_UNIT,
    ENDED,
    RUNNING,
    AccountStanding,
    LifeStep,
    may_see,
    missing_right,
    standing_for,
    standing_for_unit,
    step_for,
)
from services.rules.account_requests import CHANGED_FIELDS
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability, NamedRight
from services.rules.typed import one_line
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这个公众号的登记刚刚被别人改过，这里没有覆盖它：请看过现在的内容再决定，您填写的还在。"
NOT_FOUND = "没有找到这个公众号：它不存在，或不由您办理。请从“公众号台账”重新打开。"
PROOF_OF_REGISTRATION = "注册证明"

NAMES: dict[str, str] = {
    "name": "账号名称",
    "purpose": "功能定位",
    "first_responsible": "第一责任人",
    "admin_a": "管理员 A 角",
    "admin_b": "管理员 B 角",
    "contact": "联系电话",
}
"""What the filing form cannot do without."""

LONGEST = 120
LONGEST_PURPOSE = 500
OWN_MOVES = (AccountAction.ACTIVATE, AccountAction.REJECT_PROOF, AccountAction.SUSPEND, AccountAction.RESUME)
"""Steps that need nothing but words; the others have a function of their own."""

BY_REQUEST_ONLY = frozenset(name for names in CHANGED_FIELDS.values() for name in names)
"""Fields of the register that change by request; an empty one may be filled in."""


# --- Entering --------------------------------------------------------------------------------------------


def register(
    work: UnitOfWork,
    box: SecretBox,
    *,
    name: str,
    kind: AccountKind,
    owner_department_id: int,
    credentials: WeChatCredentials | None = None,
    verified: bool = False,
    state: AccountState = AccountState.ACTIVE,
    default_way: PublicationWay = PublicationWay.DRAFT,
    theme: str = "plain",
    entry: RegisterEntry | None = None,
) -> OfficialAccount:
    """Enter an account the school has already; the AppSecret is sealed before it touches the database.

    A second running account of the same kind needs the `exception_reason` of its entry. Raises `NotAllowed` for
    anybody but the administrator, `InvalidInput` naming the field.
    """
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以登记公众号。")
    given = (entry or RegisterEntry()).model_copy(update={"kind": kind, "verified": verified})
    account = OfficialAccount(
        **given.model_dump(),
        name=free_name(work.session, name),
        state=state,
        state_entered_at=work.now,
        owner_department_id=owner_department_id,
        exception_granted=bool(given.exception_reason),
        default_way=default_way,
        theme=theme,
        app_id=credentials.app_id if credentials else None,
        app_secret_sealed=box.seal(credentials.app_secret) if credentials else None,
        app_secret_changed_at=work.now if credentials else None,
        created_at=work.now,
    )
    refuse_second(work.session, account)
    work.session.add(account)
    work.session.flush()
    details = {"name": account.name, "kind": kind.value, "state": state.value, "app_id": account.app_id}
    audit.record(work, AuditAction.ACCOUNT_CREATED, "account", account.id, details)
    return account


def enter_existing(
    work: UnitOfWork, box: SecretBox, *, name: str, owner_department_id: int, entry: RegisterEntry
) -> OfficialAccount:
    """Enter an account that ran before the register did; it gets its filing number at once.

    Raises as `register`, for any field of the entry.
    """
    refuse_unknown_department(work.session, owner_department_id)
    checked = checked_entry(entry, office_day(work.now))
    account = register(
        work,
        box,
        name=name,
        kind=checked.kind,
        owner_department_id=owner_department_id,
        verified=checked.verified,
        entry=checked,
    )
    _file(work, account)
    work.session.flush()
    return account


def free_name(session: Session, name: str, *, but: int | None = None) -> str:
    """The tidied name, if no account has it: that of a cancelled one stays reserved.

    Raises `InvalidInput`.
    """
    tidied = one_line(name)
    if not tidied:
        raise InvalidInput("请填写账号名称。", field="name")
    if len(tidied) > 60:
        raise InvalidInput("账号名称请控制在 60 字以内。", field="name")
    holder = reads.named(session, tidied)
    if holder is not None and holder.id != but:
        reserved = "（已注销，名称保留）" if holder.state is AccountState.CANCELLED else ""
        raise InvalidInput(f"台账里已有名为“{tidied}”的公众号{reserved}，请换一个名称。", field="name")
    return tidied


def refuse_second(session: Session, account: OfficialAccount) -> None:
    """One account of a kind for each unit, unless an exception was granted. Raises `InvalidInput`."""
    if account.exception_granted or account.state in ENDED:
        return
    other = reads.same_kind(session, account)
    if other is not None:
        raise InvalidInput(
            f"本单位已有{account.kind.label}“{other.name}”（{other.state.label}）。同一单位同类账号只设一个；"
            "确有需要，请填写例外理由，由分管校领导批准。",
            field="exception_reason",
        )


def checked_entry(given: RegisterEntry, today: date) -> RegisterEntry:
    """The entry with tidied texts. Raises `InvalidInput` naming the first field that cannot be so."""
    texts = {name: one_line(value) for name, value in given.model_dump().items() if type(value) is str}
    entry = given.model_copy(update=texts)
    for name, label in NAMES.items():
        if name in texts and not texts[name]:
            raise InvalidInput(f"请填写{label}。", field=name)
    for name, value in texts.items():
        if len(value) > (LONGEST_PURPOSE if name == "purpose" else LONGEST):
            raise InvalidInput("有一项填写得太长，请精简后再提交。", field=name)
    if entry.admin_a == entry.admin_b:
        raise InvalidInput("管理员 A 角和 B 角须是两位不同的在编教职工。", field="admin_b")
    refuse_impossible(entry, today)
    return entry


def refuse_impossible(entry: RegisterEntry, today: date) -> None:
    """Raises `InvalidInput` for values that no account can have, whoever enters them and why."""
    if entry.bound_phone_end and not (entry.bound_phone_end.isascii() and entry.bound_phone_end.isdigit()):
        raise InvalidInput("绑定手机号只登记后四位数字。", field="bound_phone_end")
    if entry.password_changed_on is not None and entry.password_changed_on > today:
        raise InvalidInput("改密日期在今天之后，请核对。", field="password_changed_on")
    if entry.planned_per_month is not None and entry.planned_per_month < 0:
        raise InvalidInput("预计更新次数不能是负数。", field="planned_per_month")


# --- Keeping the entry -----------------------------------------------------------------------------------


def amend(work: UnitOfWork, *, account_id: int, seen_version: int, **given: Any) -> OfficialAccount:
    """Complete or correct the entry where no request is needed; a field that is not empty and changes by request
    is refused.

    Raises `NotFound`, `NotAllowed`, `WrongState`, `StaleState`, `InvalidInput`.
    """
    account, _ = found(work, account_id)
    work = speaking_for_unit(work, account.owner_department_id)
    if account.state in ENDED:
        raise WrongState(f"公众号“{account.name}”{account.state.label}，登记不再修改。")
    changed = _changed(account, given)
    for name in changed:
        if name in BY_REQUEST_ONLY and getattr(account, name) not in ("", None):
            raise InvalidInput("这一项的变更须提出变更申请，由宣传部审批。", field=name)
    if not changed:
        return account
    claim_version(work, account, seen_version)
    write_fields(account, changed)
    refuse_impossible(account, office_day(work.now))
    work.session.flush()
    audit.record(work, AuditAction.ACCOUNT_CHANGED, "account", account.id, {"fields": sorted(changed)})
    return account


def _changed(account: OfficialAccount, given: dict[str, Any]) -> dict[str, Any]:
    tidied = {name: one_line(value) if type(value) is str else value for name, value in given.items()}
    return {name: value for name, value in tidied.items() if getattr(account, name) != value}


def write_fields(account: OfficialAccount, values: dict[str, Any]) -> None:
    """Write checked values of the entry, which may come as plain JSON. Raises `InvalidInput`."""
    try:
        entry = RegisterEntry.model_validate(RegisterEntry.model_validate(account.model_dump()).model_dump() | values)
    except ValidationError as fault:
        name = str(fault.errors()[0]["loc"][0])
        raise InvalidInput("有一项填写得不对或太长，请核对。", field=name) from None
    for name in values:
        setattr(account, name, getattr(entry, name))


# --- The life --------------------------------------------------------------------------------------------


def perform(
    work: UnitOfWork, action: AccountAction, *, account_id: int, seen_version: int, comment: str = ""
) -> OfficialAccount:
    """Take one step in the life of an account on the version the person saw.

    Raises `NotFound`, `WrongState`, `NotAllowed` (whose sentence names the missing right), `ReasonRequired`,
    `StaleState`, `InvalidInput` where the unit has another account of the kind.
    """
    account, standing = found(work, account_id)
    work, step = _step(work, action, standing)
    if action not in OWN_MOVES:
        raise WrongState(f"“{action.label}”需要材料，请在公众号页面按步骤办理。")
    if step.needs_reason and not comment.strip():
        raise ReasonRequired(f"“{action.label}”前请写明理由，它会留在公众号的档案里。")
    claim_version(work, account, seen_version)
    move(work, step, account, comment=comment.strip())
    if account.state is AccountState.ACTIVE:
        refuse_second(work.session, account)
    if action is AccountAction.ACTIVATE:
        _file(work, account)
    work.session.flush()
    return account


def prove_registration(
    work: UnitOfWork,
    store: AssetStore,
    *,
    account_id: int,
    seen_version: int,
    registered_on: date,
    wechat_id: str,
    original_id: str,
    proof: GivenFile,
) -> OfficialAccount:
    """The unit registered the account with WeChat and proves it; the office checks.

    Raises as `perform`, and `UnreadableFile`.
    """
    account, standing = found(work, account_id)
    work, step = _step(work, AccountAction.REGISTER, standing)
    if not office_day(account.state_entered_at) <= registered_on <= office_day(work.now):
        raise InvalidInput("注册日期须在批准开通之后、今天或以前，请核对。", field="registered_on")
    if not one_line(wechat_id):
        raise InvalidInput("请填写微信号。", field="wechat_id")
    claim_version(work, account, seen_version)
    write_fields(account, {"wechat_id": one_line(wechat_id), "original_id": one_line(original_id)})
    account.registered_on = registered_on
    account_files.add(work, store, account=account, label=PROOF_OF_REGISTRATION, given=proof)
    move(work, step, account, comment="")
    work.session.flush()
    return account


def close(work: UnitOfWork, *, account_id: int, seen_version: int, comment: str = "") -> OfficialAccount:
    """The register closes a cancelled account once every step of the checklist is done.

    Raises as `perform`.
    """
    account, standing = found(work, account_id)
    work, step = _step(work, AccountAction.CLOSE, standing)
    owing = [duty.task.label for duty in reads.duties(work.session, account_id) if duty.done_on is None]
    if owing:
        raise WrongState(f"还有 {len(owing)} 项没有办完：{'、'.join(owing)}。办完后再办结注销。")
    claim_version(work, account, seen_version)
    move(work, step, account, comment=comment.strip())
    account.emblem_authorised = False
    work.session.flush()
    return account


def follow_request(
    work: UnitOfWork, action: AccountAction, account: OfficialAccount, request: AccountRequest, comment: str = ""
) -> None:
    """The step that the decision on a request brings; only `services/account_requests.py` calls it.

    Raises `WrongState` when the account has moved on meanwhile.
    """
    step = step_for(action, account.state)
    if step is None:
        raise WrongState(f"公众号“{account.name}”现在是“{account.state.label}”，这份申请不能再办理。")
    claim_version(work, account, account.version)
    move(work, step, account, comment=comment, request=request)


def found(work: UnitOfWork, account_id: int) -> tuple[OfficialAccount, AccountStanding]:
    """The account and what rights on it are decided by, if this person may know its entry. Raises `NotFound`."""
    account = work.session.get(OfficialAccount, account_id)
    if account is None or not may_see(work.actor, account.owner_department_id):
        raise NotFound(NOT_FOUND)
    return account, reads.standing(work.session, account)


def speaking_for_unit(work: UnitOfWork, department_id: int) -> UnitOfWork:
    """The unit of work in the standing in which the person speaks for a unit. Raises `NotAllowed`."""
    able = standing_for_unit(work.actor, department_id)
    if able is None:
        raise NotAllowed(ANSWERS_FOR_UNIT.sentence)
    return work.standing_as(able)


def why_not(missing: NamedRight[Any] | None, actor: Actor) -> str:
    """What a person is told who lacks a right; a deputy also that both count."""
    sentence = missing.sentence if missing else ""
    return f"{sentence}代办时，您和委托人都算在内。" if actor.acting_for else sentence


def _step(work: UnitOfWork, action: AccountAction, standing: AccountStanding) -> tuple[UnitOfWork, LifeStep]:
    """The row of the table for this person, with the unit in the standing they take it in; or the refusal."""
    step = step_for(action, standing.state)
    if step is None:
        raise WrongState(f"公众号现在是“{standing.state.label}”，不能“{action.label}”。请刷新页面查看最新状态。")
    able = standing_for(step, work.actor, standing)
    if able is None:
        raise NotAllowed(why_not(missing_right(step, work.actor, standing), work.actor))
    return work.standing_as(able), step


def claim_version(work: UnitOfWork, account: OfficialAccount, seen_version: int) -> None:
    """`UnitOfWork.claim` of an entry in the register. Raises `StaleState`."""
    work.claim(account, seen_version, otherwise=SOMEBODY_WAS_FASTER)


def move(
    work: UnitOfWork,
    step: LifeStep,
    account: OfficialAccount,
    *,
    comment: str,
    request: AccountRequest | None = None,
) -> None:
    """State, history and trail together."""
    before = account.state
    account.state, account.state_entered_at = step.target, work.now
    work.session.add(
        AccountStep(
            account_id=account.id or 0,
            request_id=request.id if request else None,
            action=step.action.value,
            from_state=before.value,
            to_state=step.target.value,
            actor_id=work.actor.id,
            for_id=work.for_id,
            comment=comment,
            at=work.now,
        )
    )
    details = {"action": step.action.value, "from": before.value, "to": step.target.value, "comment": comment}
    audit.record(work, AuditAction.ACCOUNT_MOVED, "account", account.id, details)
    if request is None:
        account_notices.about_life(work, account, step.action, comment)


def _file(work: UnitOfWork, account: OfficialAccount) -> None:
    """The number and day under which the register keeps an account."""
    today = office_day(work.now)
    prefix = f"XC-WX-{today.year}-"
    taken = work.session.exec(
        select(OfficialAccount.filing_no).where(col(OfficialAccount.filing_no).startswith(prefix))
    ).all()
    number = max((int((each or "").removeprefix(prefix)) for each in taken), default=0) + 1
    account.filing_no, account.filed_on = f"{prefix}{number:03d}", today


def refuse_unknown_department(session: Session, department_id: int) -> None:
    """Raises `InvalidInput` for a unit that is not there or no longer active."""
    department = session.get(Department, department_id)
    if department is None or not department.active:
        raise InvalidInput("请选择主办单位。", field="owner_department_id")


def refuse_not_running(account: OfficialAccount) -> None:
    """Raises `WrongState` unless the account runs or is suspended."""
    if account.state not in RUNNING:
        raise WrongState(f"公众号“{account.name}”现在是“{account.state.label}”，不能提出变更或注销申请。")


# --- Credentials -----------------------------------------------------------------------------------------


def credentials_of(account: OfficialAccount, box: SecretBox) -> WeChatCredentials | None:
    """The opened credentials of an account, or None if the office has not entered them."""
    if account.app_id is None or account.app_secret_sealed is None:
        return None
    return WeChatCredentials(app_id=account.app_id, app_secret=box.open(account.app_secret_sealed))
