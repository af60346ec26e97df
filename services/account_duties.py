"""The dated steps a granted request leaves owing: the hand-over of administrators, and the cancellation checklist."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from sqlmodel import Session, select

from models import AccountDuty, AccountRequest, AccountTask, AuditAction, OfficialAccount, RequestKind
from services import account_files, accounts, audit
from services.account_files import GivenFile
from services.errors import InvalidInput, NotFound, ReasonRequired, WrongState
from services.ports import AssetStore
from services.queries import accounts as reads
from services.queries.clocks import clocks_of
from services.rules.account_requests import AFTER, NEEDS_FILE, tasks_of
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from services.rules.working_days import add_working_days
from services.unit_of_work import UnitOfWork
from services.working_calendar import calendar_of

ALREADY_DONE = "这一项刚刚已被登记完成：请刷新页面查看。"
FIRST_STEPS = (AccountTask.BACKUP, AccountTask.OPEN_CASES, AccountTask.NOTICE)
FIRST_STEPS_WORKING_DAYS = 5
"""Of the days a cancellation may take: what comes first must leave time for the notice to hang."""


def impose(work: UnitOfWork, request: AccountRequest) -> None:
    """Enter what a granted request leaves owing, with its dates in working days."""
    calendar = calendar_of(work.session, office_day(work.now))
    clocks = clocks_of(work.session)
    for task in tasks_of(request.kind, request.change):
        days = _days_for(task, request.kind, clocks)
        work.session.add(
            AccountDuty(
                account_id=request.account_id,
                request_id=request.id or 0,
                task=task,
                due_on=add_working_days(calendar, office_day(work.now), days),
            )
        )
    work.session.flush()


def _days_for(task: AccountTask, kind: RequestKind, clocks: Clocks) -> int:
    if kind is not RequestKind.CANCELLATION:
        return clocks.change_working_days
    return (
        min(FIRST_STEPS_WORKING_DAYS, clocks.cancel_working_days) if task in FIRST_STEPS else clocks.cancel_working_days
    )


def complete(
    work: UnitOfWork,
    store: AssetStore,
    *,
    duty_id: int,
    done_on: date,
    note: str = "",
    proof: GivenFile | None = None,
) -> AccountDuty:
    """Record a step as done on a day, with its proof where it needs one.

    Raises `NotFound`, `NotAllowed`, `StaleState`, `WrongState` where another step comes first, `InvalidInput`
    naming the field, `ReasonRequired` where open cases are left to somebody, `UnreadableFile`.
    """
    work, duty, account = _found(work, duty_id)
    _refuse_day(work, duty, done_on)
    _refuse_too_early(work, duty, done_on)
    if duty.task is AccountTask.OPEN_CASES:
        _refuse_open_cases(work, account, note)
    if duty.task in NEEDS_FILE and proof is None:
        raise InvalidInput(f"“{duty.task.label}”须上传材料。", field="proof")
    # The account's version is the one conflict check for its whole file.
    accounts.claim_version(work, account, account.version)
    if proof is not None:
        duty.file_id = account_files.add(work, store, account=account, label=duty.task.label, given=proof).id
    duty.done_on, duty.note = done_on, note.strip()
    duty.done_by_id, duty.done_for_id = work.person_id, work.for_id
    _follow_up(account, duty)
    work.session.flush()
    details = {"task": duty.task.value, "done_on": done_on.isoformat(), "comment": duty.note}
    audit.record(work, AuditAction.ACCOUNT_TASK_DONE, "account", account.id, details)
    return duty


def _found(work: UnitOfWork, duty_id: int) -> tuple[UnitOfWork, AccountDuty, OfficialAccount]:
    duty = work.session.get(AccountDuty, duty_id, with_for_update=True)
    if duty is None:
        raise NotFound(accounts.NOT_FOUND)
    account, standing = accounts.found(work, duty.account_id)
    work = accounts.speaking_for_unit(work, standing.department_id)
    if duty.done_on is not None:
        raise WrongState(ALREADY_DONE)
    return work, duty, account


def _refuse_day(work: UnitOfWork, duty: AccountDuty, done_on: date) -> None:
    request = work.session.get_one(AccountRequest, duty.request_id)
    if done_on > office_day(work.now):
        raise InvalidInput("完成日期在今天之后，请核对。", field="done_on")
    if request.decided_at is not None and done_on < office_day(request.decided_at):
        raise InvalidInput("完成日期早于批准日期，请核对。", field="done_on")


def _refuse_too_early(work: UnitOfWork, duty: AccountDuty, done_on: date) -> None:
    done = {each.task: each.done_on for each in _of_request(work.session, duty.request_id)}
    missing = [task.label for task in AFTER.get(duty.task, ()) if done[task] is None]
    if missing:
        raise WrongState(f"“{duty.task.label}”之前请先完成：{'、'.join(missing)}。")
    if duty.task is AccountTask.WECHAT_CANCEL and (notice := done[AccountTask.NOTICE]):
        earliest = notice + timedelta(days=clocks_of(work.session).notice_days)
        if done_on < earliest:
            raise WrongState(f"注销公告须公示满期，最早可在 {earliest} 注销，请到期后再办理。")


def _of_request(session: Session, request_id: int) -> list[AccountDuty]:
    return list(session.exec(select(AccountDuty).where(AccountDuty.request_id == request_id)))


def _refuse_open_cases(work: UnitOfWork, account: OfficialAccount, note: str) -> None:
    still_open = reads.open_matters(work.session, account.id or 0)
    if still_open and not note.strip():
        raise ReasonRequired(f"这个公众号还有未结事项：{'、'.join(still_open)}。请先办结，或写明移交给谁。")


def _follow_up(account: OfficialAccount, duty: AccountDuty) -> None:
    if duty.task is AccountTask.NEW_PASSWORD:
        account.password_changed_on = duty.done_on
    if duty.task is AccountTask.EMBLEM:
        account.emblem_authorised = False


def backup_list(session: Session, account_id: int) -> GivenFile:
    """Every article of an account that went live through us, as a table with addresses: the list of the backup."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["标题", "发布时间", "网址"])
    for post in reads.live_posts(session, account_id):
        writer.writerow([_harmless(post.title), f"{post.at:%Y-%m-%d %H:%M}", post.url])
    # Spreadsheets take UTF-8 for Chinese only with this mark at the beginning.
    return GivenFile(name="文章清单.csv", content=table.getvalue().encode("utf-8-sig"))


def _harmless(text: str) -> str:
    # A title that begins like a formula would be one to a spreadsheet.
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
