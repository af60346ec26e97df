"""年检: opening a campaign, each account's review, publishing the list. The only writer of their states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date

from sqlmodel import col, select

from models import (
    AccountState,
    AnnualAction,
    AnnualCampaign,
    AnnualReview,
    AnnualState,
    AuditAction,
    CampaignState,
    OfficialAccount,
)
from services import account_notices, audit
from services.accounts import why_not
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.queries import annual_reviews as reads
from services.queries.clocks import clocks_of
from services.rules.account_life import may_see
from services.rules.annual_review import (
    PASSES,
    WITH_UNIT,
    Answer,
    Facts,
    ReviewStanding,
    ReviewStep,
    fault_of,
    grounds_for_failing,
    missing_right,
    standing_for,
    step_for,
)
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这份年检刚刚被别人处理过，这里没有覆盖它：请看过现在的状态再决定，您填写的还在。"
NOT_FOUND = "没有找到这份年检：它不存在，或不由您办理。请从“公众号台账”的“年检”重新打开。"
ONLY_KEEPERS = "年检由宣传部或系统管理员开始和公示。"
REVIEWED_STATES = (AccountState.ACTIVE, AccountState.SUSPENDED)


# --- The campaign ----------------------------------------------------------------------------------------


def open_campaign(work: UnitOfWork, *, year: int, opens_on: date, closes_on: date) -> AnnualCampaign:
    """Begin the review of a year: one review for each account that runs or is suspended.

    Raises `NotAllowed`, `InvalidInput` naming the field, `WrongState` where there is nothing to review.
    """
    if not work.actor.may(Capability.KEEP_ACCOUNTS):
        raise NotAllowed(ONLY_KEEPERS)
    _refuse_window(work, year, opens_on, closes_on)
    accounts = work.session.exec(
        select(OfficialAccount).where(col(OfficialAccount.state).in_(REVIEWED_STATES)).order_by(col(OfficialAccount.id))
    ).all()
    if not accounts:
        raise WrongState("台账里还没有正在运行的公众号，不需要年检。")
    campaign = AnnualCampaign(
        year=year, opens_on=opens_on, closes_on=closes_on, opened_by_id=work.person_id, opened_at=work.now
    )
    work.session.add(campaign)
    work.session.flush()
    for account in accounts:
        work.session.add(AnnualReview(campaign_id=campaign.id or 0, account_id=account.id or 0))
    work.session.flush()
    details = {"year": year, "from": opens_on.isoformat(), "to": closes_on.isoformat(), "accounts": len(accounts)}
    audit.record(work, AuditAction.REVIEW_OPENED, "annual", campaign.id, details)
    return campaign


def _refuse_window(work: UnitOfWork, year: int, opens_on: date, closes_on: date) -> None:
    if closes_on < opens_on:
        raise InvalidInput("截止日期早于开始日期，请核对。", field="closes_on")
    if closes_on < office_day(work.now):
        raise InvalidInput("截止日期已过，单位来不及自查，请选择今天以后的日期。", field="closes_on")
    if opens_on.year not in (year, year + 1):
        raise InvalidInput("年检须在当年或次年进行，请核对日期。", field="opens_on")
    if work.session.exec(select(AnnualCampaign).where(AnnualCampaign.year == year)).first() is not None:
        raise InvalidInput(f"{year} 年的年检已经开始，每年一次。", field="year")


def publish(work: UnitOfWork, *, campaign_id: int, seen_version: int) -> AnnualCampaign:
    """Publish the results once the window is over and every confirmed account is decided; who did not confirm did
    not take part.

    Raises `NotFound`, `NotAllowed`, `WrongState`, `StaleState`.
    """
    campaign = work.session.get(AnnualCampaign, campaign_id)
    if campaign is None:
        raise NotFound(NOT_FOUND)
    if not work.actor.may(Capability.KEEP_ACCOUNTS):
        raise NotAllowed(ONLY_KEEPERS)
    if campaign.state is not CampaignState.OPEN:
        raise WrongState(f"{campaign.year} 年的年检结果已经公示。")
    reviews = work.session.exec(select(AnnualReview).where(AnnualReview.campaign_id == campaign_id)).all()
    _refuse_undecided(work, campaign, [review.state for review in reviews])
    work.claim(campaign, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    missing = [review for review in reviews if review.state in WITH_UNIT]
    for review in missing:
        # Of a unit that confirms at this very moment and this publication, one is told that the other was faster.
        work.claim(review, review.version, otherwise=SOMEBODY_WAS_FASTER)
    for review in missing:
        _enter(work, review, AnnualAction.MISS, AnnualState.MISSED, "逾期未确认自查")
    campaign.state, campaign.published_at = CampaignState.PUBLISHED, work.now
    work.session.flush()
    results = {state.value: sum(each.state is state for each in reviews) for state in AnnualState}
    audit.record(work, AuditAction.REVIEW_PUBLISHED, "annual", campaign.id, {"results": results})
    return campaign


def _refuse_undecided(work: UnitOfWork, campaign: AnnualCampaign, states: list[AnnualState]) -> None:
    waiting = states.count(AnnualState.CONFIRMED)
    if waiting:
        raise WrongState(f"还有 {waiting} 个公众号等宣传部作出结论，完成后再公示。")
    if office_day(work.now) <= campaign.closes_on and any(state in WITH_UNIT for state in states):
        raise WrongState(f"年检到 {campaign.closes_on} 截止，还有单位没有确认，截止后再公示。")


# --- One account -----------------------------------------------------------------------------------------


def answer(work: UnitOfWork, *, review_id: int, seen_version: int, answers: Mapping[str, Answer]) -> AnnualReview:
    """The unit's self-check; it may be corrected until it is confirmed.

    Raises `NotFound`, `WrongState`, `NotAllowed`, `InvalidInput` naming the item, `StaleState`.
    """
    review, standing = _found(work, review_id)
    work, step = _step(work, AnnualAction.SELF_CHECK, standing)
    _refuse_late(work, review)
    fault = fault_of(answers)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    work.claim(review, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    review.answers = {item: asdict(each) for item, each in answers.items()}
    review.answered_by_id, review.answered_for_id = work.person_id, work.for_id
    _enter(work, review, step.action, step.target, "")
    work.session.flush()
    return review


def perform(
    work: UnitOfWork, action: AnnualAction, *, review_id: int, seen_version: int, comment: str = ""
) -> AnnualReview:
    """Confirm for the unit, or decide for the office, on the version the person saw. The facts are kept as they stand
    when the unit confirms.

    Raises `NotFound`, `WrongState`, `NotAllowed`, `ReasonRequired`, `StaleState`.
    """
    review, standing = _found(work, review_id)
    work, step = _step(work, action, standing)
    if action is AnnualAction.SELF_CHECK:
        raise WrongState("请先回答自查各项，再提交。")
    if step.needs_reason and not comment.strip():
        raise ReasonRequired(f"“{action.label}”前请写明理由，主办单位会看到它。")
    if action is AnnualAction.CONFIRM:
        _refuse_late(work, review)
    if action in PASSES:
        _refuse_pass(work, review, standing)
    work.claim(review, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    _keep(work, review, action, comment.strip())
    _enter(work, review, action, step.target, comment.strip())
    work.session.flush()
    return review


def _keep(work: UnitOfWork, review: AnnualReview, action: AnnualAction, comment: str) -> None:
    if action is AnnualAction.CONFIRM:
        account = work.session.get_one(OfficialAccount, review.account_id)
        campaign = work.session.get_one(AnnualCampaign, review.campaign_id)
        review.facts = reads.facts(work.session, account, campaign.year, work.now).as_json()
        review.confirmed_by_id, review.confirmed_for_id = work.person_id, work.for_id
        return
    review.comment = comment
    if action is AnnualAction.RETURN:
        review.facts = {}
    else:
        review.decided_by_id, review.decided_for_id = work.person_id, work.for_id
        review.decided_at = work.now


def _refuse_pass(work: UnitOfWork, review: AnnualReview, standing: ReviewStanding) -> None:
    # After an order the office looks at what was mended; before it, grounds of the rule leave no choice.
    if standing.state is AnnualState.CONDITIONAL:
        return
    grounds = grounds_for_failing(Facts.from_json(review.facts), clocks_of(work.session))
    if grounds:
        raise WrongState(f"不能评为合格：{'；'.join(grounds)}。请评为不合格，或责令限期整改。")


def _refuse_late(work: UnitOfWork, review: AnnualReview) -> None:
    campaign = work.session.get_one(AnnualCampaign, review.campaign_id)
    today = office_day(work.now)
    if today < campaign.opens_on:
        raise WrongState(f"{campaign.year} 年年检从 {campaign.opens_on} 开始，请届时再填写。")
    # What the office returned after the window must still be mendable.
    if today > campaign.closes_on and not review.comment:
        raise WrongState(f"年检已于 {campaign.closes_on} 截止，按“未参加年检”登记；如有特殊情况，请联系宣传部。")


def _found(work: UnitOfWork, review_id: int) -> tuple[AnnualReview, ReviewStanding]:
    review = work.session.get(AnnualReview, review_id)
    standing = reads.standing(work.session, review) if review else None
    if review is None or standing is None or not may_see(work.actor, standing.department_id):
        raise NotFound(NOT_FOUND)
    return review, standing


def _step(work: UnitOfWork, action: AnnualAction, standing: ReviewStanding) -> tuple[UnitOfWork, ReviewStep]:
    """The row of the table for this person, with the unit in the standing they take it in; or the refusal."""
    step = step_for(action, standing.state)
    if step is None:
        raise WrongState(f"年检现在是“{standing.state.label}”，不能“{action.label}”。请刷新页面查看最新状态。")
    able = standing_for(step, work.actor, standing)
    if able is None:
        raise NotAllowed(why_not(missing_right(step, work.actor, standing), work.actor))
    return work.standing_as(able), step


def _enter(work: UnitOfWork, review: AnnualReview, action: AnnualAction, target: AnnualState, comment: str) -> None:
    before = review.state
    review.state = target
    details = {
        "action": action.value,
        "account": review.account_id,
        "from": before.value,
        "to": target.value,
        "comment": comment,
    }
    audit.record(work, AuditAction.REVIEW_MOVED, "annual", review.id, details)
    account_notices.about_review(work, review, action, comment)
