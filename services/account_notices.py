"""What people hear of official accounts: of requests, of what happens to an account, and of its annual review."""

from __future__ import annotations

from collections.abc import Iterable

from models import (
    AccountAction,
    AccountRequest,
    AccountState,
    AnnualAction,
    AnnualReview,
    AnnualState,
    NoticeKind,
    OfficialAccount,
    RequestState,
    Role,
)
from services import notices
from services.queries import account_requests as request_reads
from services.queries import accounts as account_reads
from services.queries import annual_reviews as review_reads
from services.queries import people
from services.rules import account_life, annual_review
from services.rules.account_requests import STAGES, signature_step, standing_for
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability
from services.unit_of_work import UnitOfWork

N = NoticeKind

# --- Requests --------------------------------------------------------------------------------------------


def about_request(work: UnitOfWork, request: AccountRequest, comment: str) -> None:
    """Tell those whom a step of a request concerns: who decides next, or whoever asked for it how it ended."""
    account = work.session.get_one(OfficialAccount, request.account_id)
    event = f"request:{request.id}:{request.version}:{request.state.value}"
    subject = ("account", request.account_id)
    what = name_of(account, request)
    said = _said(work, comment)
    if request.state in STAGES:
        waiting = deciders(work, request)
        title = f"{what}等您办理：{request.state.label}"
        notices.tell(work, waiting, N.ACCOUNT, event=event, subject=subject, title=title, body=said)
        if not waiting:
            notices.nobody_decides(work, what, request.state, event=event, subject=subject)
    elif request.state is RequestState.RETURNED:
        title = f"{what}退回补充"
        notices.tell(work, _asked(request), N.ACCOUNT, event=event, subject=subject, title=title, body=said)
    elif request.state is not RequestState.WITHDRAWN:
        concerned = {*_asked(request), *speakers(work, account)}
        title = f"{what}{request.state.label}"
        notices.tell(work, concerned, N.ACCOUNT_NEWS, event=event, subject=subject, title=title, body=said)


def name_of(account: OfficialAccount, request: AccountRequest) -> str:
    """How a request is called: “测试大学教务处”的变更申请."""
    return f"“{account.name}”的{request.kind.label}申请"


def deciders(work: UnitOfWork, request: AccountRequest) -> list[int | None]:
    """Who may sign the present stage of a request, in whatever standing."""
    step = signature_step(request.state)
    if step is None:
        return []
    facts = request_reads.standing(work.session, request)
    return [each.id for each in _everybody(work) if standing_for(step, each, facts)]


def _asked(request: AccountRequest) -> set[int | None]:
    return {request.applied_by_id, request.applied_for_id}


def _said(work: UnitOfWork, comment: str) -> str:
    """Who it was and what they wrote: a message without its reason is half a message."""
    return f"{work.actor.signature}：{comment}" if comment and work.actor.id is not None else comment


# --- What happens to an account --------------------------------------------------------------------------

TOLD: dict[AccountAction, str] = {
    AccountAction.REJECT_PROOF: "的注册证明须补充",
    AccountAction.ACTIVATE: "已备案启用，可以投稿",
    AccountAction.SUSPEND: "已暂停运行",
    AccountAction.RESUME: "已恢复运行",
    AccountAction.CLOSE: "已注销，名称保留",
}


def about_life(work: UnitOfWork, account: OfficialAccount, action: AccountAction, comment: str) -> None:
    """Tell the office that a proof waits for its check, and the unit what was decided about its account."""
    event = f"life:{account.id}:{account.version}:{action.value}"
    subject = ("account", account.id or 0)
    if account.state is AccountState.REGISTERED:
        title = f"“{account.name}”的注册证明等您核对"
        notices.tell(work, checkers(work, account), N.ACCOUNT, event=event, subject=subject, title=title)
    elif action in TOLD:
        kind = N.ACCOUNT if action is AccountAction.REJECT_PROOF else N.ACCOUNT_NEWS
        title = f"“{account.name}”{TOLD[action]}"
        said = _said(work, comment)
        notices.tell(work, speakers(work, account), kind, event=event, subject=subject, title=title, body=said)


def checkers(work: UnitOfWork, account: OfficialAccount) -> list[int | None]:
    """Who may check the proof of registration."""
    facts = account_reads.standing(work.session, account)
    step = account_life.step_for(AccountAction.ACTIVATE, account.state)
    return [each.id for each in _everybody(work) if step and account_life.standing_for(step, each, facts)]


def speakers(work: UnitOfWork, account: OfficialAccount) -> list[int | None]:
    """Who speaks for the unit of an account: its heads and their deputies; where it has none, those of it who keep the
    register, and else the administrators.
    """
    everybody = _everybody(work)
    unit = account.owner_department_id
    heads = [each for each in everybody if any(_heads(standing, unit) for standing in each.standings)]
    keepers = [each for each in everybody if each.department_id == unit and each.may(Capability.KEEP_ACCOUNTS)]
    administrators = [each for each in everybody if each.may(Capability.ADMINISTER)]
    return [each.id for each in heads or keepers or administrators]


def _heads(standing: Actor, department_id: int) -> bool:
    return standing.may(Capability.SIGN_OFF) and standing.department_id == department_id


def _everybody(work: UnitOfWork) -> list[Actor]:
    return people.actors(work.session, list(Role), office_day(work.now))


# --- The annual review -----------------------------------------------------------------------------------


def about_review(work: UnitOfWork, review: AnnualReview, action: AnnualAction, comment: str) -> None:
    """Tell the office that a self-check waits for its decision, and the unit what was decided."""
    account = work.session.get_one(OfficialAccount, review.account_id)
    event = f"annual:{review.id}:{review.version}:{action.value}"
    subject = ("account", review.account_id)
    if review.state is AnnualState.CONFIRMED:
        title = f"“{account.name}”的年检等您作出结论"
        notices.tell(work, _judges(work, review), N.ACCOUNT, event=event, subject=subject, title=title)
    elif action not in (AnnualAction.SELF_CHECK, AnnualAction.MISS):
        owed = action in (AnnualAction.RETURN, AnnualAction.ORDER)
        title = f"“{account.name}”的年检：{action.label}"
        whom: Iterable[int | None] = speakers(work, account)
        kind = N.ACCOUNT if owed else N.ACCOUNT_NEWS
        notices.tell(work, whom, kind, event=event, subject=subject, title=title, body=_said(work, comment))


def _judges(work: UnitOfWork, review: AnnualReview) -> list[int | None]:
    facts = review_reads.standing(work.session, review)
    step = annual_review.step_for(AnnualAction.PASS, review.state)
    return [each.id for each in _everybody(work) if step and annual_review.standing_for(step, each, facts)]
