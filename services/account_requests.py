"""申请: what units ask the office about an account, and every step of deciding it. The only writer of
`AccountRequest.state`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from models import (
    AccountAction,
    AccountLevel,
    AccountRequest,
    AccountState,
    AccountStep,
    AuditAction,
    CancelReason,
    ChangeKind,
    OfficialAccount,
    RegisterEntry,
    RequestAction,
    RequestKind,
    RequestState,
)
from services import account_duties, account_notices, accounts, audit
from services.accounts import checked_entry
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.queries import account_requests as reads
from services.queries import accounts as account_reads
from services.rules.account_life import may_see
from services.rules.account_life import step_for as step_again
from services.rules.account_requests import (
    CHANGED_FIELDS,
    MAY_APPLY_SENTENCE,
    RequestStanding,
    RequestStep,
    first_stage,
    is_ordered,
    missing_right,
    standing_for,
    standing_to_apply,
    step_for,
    target_of,
)
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.rules.typed import one_line
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这份申请刚刚被处理过，页面上的状态已经过时：请刷新后再看，您写的意见仍在输入框里。"
NOT_FOUND = "没有找到这份申请：它不存在，或不由您办理。请从“公众号台账”重新打开。"


# --- Asking ----------------------------------------------------------------------------------------------


def apply_for_account(
    work: UnitOfWork, *, name: str, owner_department_id: int, entry: RegisterEntry, reason: str = ""
) -> AccountRequest:
    """Ask for a new account; its name is reserved from now on.

    Raises `NotAllowed`, `InvalidInput` naming the field.
    """
    accounts.refuse_unknown_department(work.session, owner_department_id)
    work = _speaking_for(work, owner_department_id)
    account = _applied_for(work, name, owner_department_id, checked_entry(entry, office_day(work.now)))
    _refuse_second_without_exception(work, account)
    request = AccountRequest(
        account_id=account.id or 0,
        kind=RequestKind.OPENING,
        reason=reason.strip(),
        needs_leader=_opening_needs_leader(account),
        **_applied_now(work, account),
    )
    return _enter(work, request)


def ask_change(
    work: UnitOfWork,
    *,
    account_id: int,
    change: ChangeKind,
    changes: Mapping[str, Any],
    happened_on: date,
    reason: str,
) -> AccountRequest:
    """Ask for a change of the register; it takes effect when it is granted.

    Raises `NotFound`, `NotAllowed`, `WrongState`, `ReasonRequired`, `InvalidInput` naming the field.
    """
    work, account = _asked_about(work, account_id, reason)
    if happened_on > office_day(work.now):
        raise InvalidInput("变更发生日期在今天之后，请核对。", field="happened_on")
    wanted = _wanted(work, account, change, changes)
    request = AccountRequest(
        account_id=account_id,
        kind=RequestKind.CHANGE,
        change=change,
        changes=wanted,
        reason=reason.strip(),
        happened_on=happened_on,
        needs_leader=_change_needs_leader(account, change, wanted),
        **_applied_now(work, account),
    )
    return _enter(work, request)


def ask_cancellation(work: UnitOfWork, *, account_id: int, cancel_reason: CancelReason, reason: str) -> AccountRequest:
    """Ask to cancel an account; granted, it becomes a dated checklist.

    A cancellation as a sanction is ordered by the office alone. Raises as `ask_change`.
    """
    work, account = _asked_about(work, account_id, reason)
    sanction = is_ordered(cancel_reason)
    if sanction and not work.actor.may(Capability.KEEP_ACCOUNTS):
        raise NotAllowed("违规关停由宣传部提出；本单位不再使用的，请选择其他注销原因。")
    request = AccountRequest(
        account_id=account_id,
        kind=RequestKind.CANCELLATION,
        cancel_reason=cancel_reason,
        reason=reason.strip(),
        needs_leader=sanction or account.level is AccountLevel.SCHOOL,
        **_applied_now(work, account),
    )
    return _enter(work, request)


def _applied_now(work: UnitOfWork, account: OfficialAccount) -> dict[str, Any]:
    return {
        "state": RequestState.RETURNED,
        "department_id": account.owner_department_id,
        "applied_by_id": work.person_id,
        "applied_for_id": work.for_id,
        "applied_at": work.now,
        "state_entered_at": work.now,
    }


def _enter(work: UnitOfWork, request: AccountRequest) -> AccountRequest:
    work.session.add(request)
    work.session.flush()
    standing = reads.standing(work.session, request)
    _move(work, RequestAction.SUBMIT, request, first_stage(work.actor, standing), comment=request.reason)
    work.session.flush()
    return request


def _speaking_for(work: UnitOfWork, department_id: int) -> UnitOfWork:
    """The unit of work in the standing in which the person applies for a unit. Raises `NotAllowed`."""
    able = standing_to_apply(work.actor, department_id)
    if able is None:
        raise NotAllowed(MAY_APPLY_SENTENCE)
    return work.standing_as(able)


def _applied_for(work: UnitOfWork, name: str, owner_department_id: int, entry: RegisterEntry) -> OfficialAccount:
    """The row of the register: new, or that of an earlier application that came to nothing."""
    again = account_reads.named(work.session, one_line(name))
    step = step_again(AccountAction.APPLY, again.state) if again is not None else None
    if again is None or step is None:
        account = OfficialAccount(
            **entry.model_dump(),
            name=accounts.free_name(work.session, name),
            state=AccountState.APPLIED,
            state_entered_at=work.now,
            owner_department_id=owner_department_id,
            created_at=work.now,
        )
        work.session.add(account)
        work.session.flush()
        details = {"name": account.name, "kind": account.kind.value, "state": account.state.value}
        audit.record(work, AuditAction.ACCOUNT_CREATED, "account", account.id, details)
        return account
    for field, value in entry.model_dump().items():
        setattr(again, field, value)
    again.owner_department_id = owner_department_id
    accounts.claim_version(work, again, again.version)
    accounts.move(work, step, again, comment="")
    return again


def _refuse_second_without_exception(work: UnitOfWork, account: OfficialAccount) -> None:
    # A reason is an application for the exception; the leader who grants the account grants it.
    if not account.exception_reason:
        accounts.refuse_second(work.session, account)


def _opening_needs_leader(account: OfficialAccount) -> bool:
    return account.level is AccountLevel.SCHOOL or account.external_facing or bool(account.exception_reason)


def _asked_about(work: UnitOfWork, account_id: int, reason: str) -> tuple[UnitOfWork, OfficialAccount]:
    account, _ = accounts.found(work, account_id)
    work = _speaking_for(work, account.owner_department_id)
    accounts.refuse_not_running(account)
    if reads.under_way(work.session, account_id) is not None:
        raise WrongState(f"“{account.name}”已有一份申请在办理中，请先办完或撤回。")
    if not reason.strip():
        raise ReasonRequired("请写明申请理由，审批的人会看到它。")
    # Of two people who ask at once, one gets through.
    accounts.claim_version(work, account, account.version)
    return work, account


def _wanted(
    work: UnitOfWork, account: OfficialAccount, change: ChangeKind, changes: Mapping[str, Any]
) -> dict[str, Any]:
    """The fields that really change, as plain JSON, checked as they will stand."""
    given = {name: _plain(changes[name]) for name in CHANGED_FIELDS[change] if name in changes}
    wanted = {name: value for name, value in given.items() if value != _plain(getattr(account, name))}
    if not wanted:
        raise InvalidInput("没有任何一项与现在的登记不同：请先填写变更后的内容。", field=CHANGED_FIELDS[change][0])
    _refuse_impossible(work, account, wanted)
    return wanted


def _refuse_impossible(work: UnitOfWork, account: OfficialAccount, wanted: Mapping[str, Any]) -> None:
    if "name" in wanted:
        accounts.free_name(work.session, str(wanted["name"]), but=account.id)
    if "owner_department_id" in wanted:
        accounts.refuse_unknown_department(work.session, int(wanted["owner_department_id"]))
    entry = RegisterEntry.model_validate(account.model_dump())
    shall_be = OfficialAccount(**account.model_dump())
    accounts.write_fields(shall_be, _entry_fields(wanted))
    accounts.refuse_impossible(shall_be, office_day(work.now))
    for field, label in accounts.NAMES.items():
        if field in wanted and not str(wanted[field]):
            raise InvalidInput(f"请填写{label}。", field=field)
    admins = wanted.get("admin_a", entry.admin_a), wanted.get("admin_b", entry.admin_b)
    if {"admin_a", "admin_b"} & set(wanted) and admins[0] == admins[1]:
        raise InvalidInput("管理员 A 角和 B 角须是两位不同的在编教职工。", field="admin_b")


def _plain(value: Any) -> Any:
    if isinstance(value, AccountLevel):
        return value.value
    return one_line(value) if isinstance(value, str) else value


def _entry_fields(wanted: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in wanted.items() if name in RegisterEntry.model_fields}


def _change_needs_leader(account: OfficialAccount, change: ChangeKind, wanted: Mapping[str, Any]) -> bool:
    becomes_school_level = wanted.get("level") == AccountLevel.SCHOOL.value
    is_school_level = account.level is AccountLevel.SCHOOL and change in (ChangeKind.NAME, ChangeKind.SUBJECT)
    return becomes_school_level or is_school_level or bool(wanted.get("external_facing"))


# --- Deciding --------------------------------------------------------------------------------------------


def perform(
    work: UnitOfWork,
    action: RequestAction,
    *,
    request_id: int,
    seen_version: int,
    comment: str = "",
    name: str | None = None,
    entry: RegisterEntry | None = None,
) -> AccountRequest:
    """Take one step of a request on the version the person saw; granted, it takes effect at once.

    Handing an application in again, the applicant may give its name and entry anew. Raises `NotFound`, `WrongState`,
    `NotAllowed` (whose sentence names the missing right), `ReasonRequired`, `StaleState`, `InvalidInput`.
    """
    request, standing = _found(work, request_id)
    work, step = _step(work, action, standing)
    if step.needs_reason and not comment.strip():
        raise ReasonRequired(f"“{action.label}”前请写明理由，申请人会看到它。")
    work.claim(request, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    if entry is not None and action is RequestAction.SUBMIT:
        _apply_anew(work, request, name, entry)
        standing = reads.standing(work.session, request)
    _move(work, action, request, target_of(step, work.actor, standing), comment=comment.strip())
    _take_effect(work, request, comment.strip())
    work.session.flush()
    return request


def _apply_anew(work: UnitOfWork, request: AccountRequest, name: str | None, entry: RegisterEntry) -> None:
    if request.kind is not RequestKind.OPENING:
        raise WrongState("变更和注销申请如需改动，请撤回后重新提出。")
    account = work.session.get_one(OfficialAccount, request.account_id)
    checked = checked_entry(entry, office_day(work.now))
    accounts.claim_version(work, account, account.version)
    if name is not None:
        account.name = accounts.free_name(work.session, name, but=account.id)
    for field, value in checked.model_dump().items():
        setattr(account, field, value)
    _refuse_second_without_exception(work, account)
    request.needs_leader = _opening_needs_leader(account)


def _found(work: UnitOfWork, request_id: int) -> tuple[AccountRequest, RequestStanding]:
    request = work.session.get(AccountRequest, request_id)
    if request is None or not may_see(work.actor, request.department_id):
        raise NotFound(NOT_FOUND)
    return request, reads.standing(work.session, request)


def _step(work: UnitOfWork, action: RequestAction, standing: RequestStanding) -> tuple[UnitOfWork, RequestStep]:
    """The row of the table for this person, with the unit in the standing they take it in; or the refusal."""
    step = step_for(action, standing.state)
    if step is None:
        raise WrongState(f"申请现在是“{standing.state.label}”，不能“{action.label}”。请刷新页面查看最新状态。")
    able = standing_for(step, work.actor, standing)
    if able is None:
        missing = missing_right(step, work.actor, standing)
        raise NotAllowed(accounts.why_not(missing, work.actor))
    return work.standing_as(able), step


def _move(
    work: UnitOfWork, action: RequestAction, request: AccountRequest, target: RequestState, *, comment: str
) -> None:
    """State, history and trail together."""
    before = request.state
    request.state, request.state_entered_at = target, work.now
    work.session.add(
        AccountStep(
            account_id=request.account_id,
            request_id=request.id,
            action=action.value,
            from_state=before.value,
            to_state=target.value,
            actor_id=work.actor.id,
            for_id=work.for_id,
            comment=comment,
            at=work.now,
        )
    )
    details = {
        "request": request.kind.value,
        "change": request.change and request.change.value,
        "action": action.value,
        "from": before.value,
        "to": target.value,
        "comment": comment,
    }
    audit.record(work, AuditAction.ACCOUNT_REQUESTED, "account", request.account_id, details)
    account_notices.about_request(work, request, comment)


# --- Taking effect ---------------------------------------------------------------------------------------

OPENING_ENDS: Mapping[RequestState, AccountAction] = {
    RequestState.GRANTED: AccountAction.APPROVE,
    RequestState.REFUSED: AccountAction.REFUSE,
    RequestState.WITHDRAWN: AccountAction.WITHDRAW,
}


def _take_effect(work: UnitOfWork, request: AccountRequest, comment: str) -> None:
    """What the end of a request means for its account."""
    if request.state not in OPENING_ENDS:
        return
    request.decided_at = work.now
    account = work.session.get_one(OfficialAccount, request.account_id)
    if request.kind is RequestKind.OPENING:
        account.exception_granted = request.state is RequestState.GRANTED and bool(account.exception_reason)
        accounts.follow_request(work, OPENING_ENDS[request.state], account, request, comment)
    elif request.state is RequestState.GRANTED:
        if request.kind is RequestKind.CHANGE:
            _change(work, account, request)
        else:
            accounts.follow_request(work, AccountAction.CANCEL, account, request, comment)
        account_duties.impose(work, request)


def _change(work: UnitOfWork, account: OfficialAccount, request: AccountRequest) -> None:
    accounts.refuse_not_running(account)
    # Checked again: since it was asked, somebody else may have taken the name.
    _refuse_impossible(work, account, request.changes)
    accounts.claim_version(work, account, account.version)
    before = {name: _plain(getattr(account, name)) for name in request.changes}
    accounts.write_fields(account, _entry_fields(request.changes))
    account.name = str(request.changes.get("name", account.name))
    account.owner_department_id = int(request.changes.get("owner_department_id", account.owner_department_id))
    accounts.refuse_second(work.session, account)
    details = {"from": _for_the_trail(before), "to": _for_the_trail(request.changes)}
    audit.record(work, AuditAction.ACCOUNT_CHANGED, "account", account.id, details)


PHONES = ("contact", "bound_phone_end", "emergency_contact")


def _for_the_trail(values: Mapping[str, Any]) -> dict[str, Any]:
    # The trail is read by more people and kept longer than the register: no telephone numbers in it.
    return {name: "***" if name in PHONES else value for name, value in values.items()}
