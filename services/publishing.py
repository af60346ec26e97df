"""发布: putting items into the queue, anew or another way. What a person says of one on its way is in
`services/publication_answers.py`; `services/publications.py` writes its state.

Pages and commands only queue; the worker (`services/delivery.py`) does the work. Whoever writes locks in the same
order, so that nobody waits in a circle: the submission, its publications, the end of the trail.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import col, select

from models import (
    IN_FLIGHT,
    AccountState,
    Action,
    AuditAction,
    Destination,
    OfficialAccount,
    Publication,
    PublicationState,
    PublicationWay,
    PublishOrder,
    ReviewDecision,
    Revision,
    Submission,
    Target,
)
from services import accounts, audit, completeness, consent_checks, embargoes, layouts, publications, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.queries import people, remedies, standings
from services.queries.publishing_stops import closed_ways
from services.queries.send_quotas import sends_left
from services.rules import publishing_ways
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability
from services.rules.publication_states import MAY_GO_OUT, Place, targets_of
from services.rules.publish_order import waiting_for
from services.rules.variants import Variant
from services.rules.variants import fault_of as variant_fault
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

SEAL_BROKEN = "seal_broken"
NO_FAILURE = {"failure_code": "", "failure": "", "failure_raw": ""}
HAS_VARIANTS = frozenset({Target.WORDPRESS, Target.WEBHOOK})
"""Kinds of places that may show a shorter edition; WeChat and the campus pages show what was sealed."""

PAST_TOLERATED = timedelta(minutes=5)


NEEDS_NEW_VERSION = frozenset({SEAL_BROKEN, "original_claim_failed", "platform_rejected"})
"""Failures that the same content would meet again."""


# --- Queueing --------------------------------------------------------------------------------------------


def queue(
    work: UnitOfWork,
    box: SecretBox,
    *,
    submission_id: int,
    way: PublicationWay | None = None,
    targets: Sequence[Target] | None = None,
    at: datetime | None = None,
    order: PublishOrder | None = None,
    destinations: Sequence[int] | None = None,
    variants: Mapping[int, Variant] | None = None,
) -> list[Publication]:
    """Put an approved item into the queue, one row per place; the worker takes it from there.

    Without `targets` and `destinations`: the campus site, the item's account if it has one, and every further
    destination that is switched on, as far as they are not live yet. An item that is out in one place may still be
    queued for another, in the same sealed version. `variants` are shorter editions for destinations, by their id.
    Without `way` and `order`: the account's own. Queueing again what still waits changes its way and time; what
    failed or was missed is queued anew. Raises `NotAllowed`, `NotFound`, `WrongState`, `SealBroken`,
    `InvalidInput`, and `IncompleteSettings` where the account's credentials cannot be opened.
    """
    wanted = _Wanted(way, targets, destinations, at, order, variants or {})
    return _queue(publications.as_publisher(work), box, submission_id, wanted)


@dataclass(frozen=True)
class _Wanted:
    """What a person asked for: way, places, time, order, and shorter editions by destination."""

    way: PublicationWay | None = None
    targets: Sequence[Target] | None = None
    destinations: Sequence[int] | None = None
    at: datetime | None = None
    order: PublishOrder | None = None
    variants: Mapping[int, Variant] = field(default_factory=dict)

    @property
    def names_places(self) -> bool:
        return self.targets is not None or self.destinations is not None


def queue_emergency(work: UnitOfWork, box: SecretBox, *, submission_id: int) -> list[Publication]:
    """Put what was approved in the emergency channel into the queue at once, in the name of whoever approved it.

    There the signature is the order to publish: nobody must be found at night who presses one more button. An
    account whose interface cannot be used gets the way by hand, and one that does not run none, so that the campus
    page goes out in any case; no place waits for another. What was queued already stays as it is.
    Raises as `queue`.
    """
    submission = publications.locked_submission(work, submission_id)
    if _publications_of(work, submission_id):
        return []
    approver = _who_approved(work, submission_id)
    account = work.session.get(OfficialAccount, submission.account_id) if submission.account_id else None
    is_shut = account is not None and account.state is not AccountState.ACTIVE
    is_usable = account is None or account.default_way in ways_open_to(account)
    wanted = _Wanted(
        way=None if is_usable else PublicationWay.MANUAL,
        targets=[Target.SITE] if is_shut else None,
        order=PublishOrder.TOGETHER,
    )
    return _queue(work.standing_as(approver), box, submission_id, wanted)


def _who_approved(work: UnitOfWork, submission_id: int) -> Actor:
    actor_id = work.session.exec(
        select(ReviewDecision.actor_id)
        .where(ReviewDecision.submission_id == submission_id, ReviewDecision.action == Action.APPROVE)
        .order_by(col(ReviewDecision.id).desc())
    ).first()
    found = people.actor(work.session, actor_id, office_day(work.now)) if actor_id else None
    if found is None:
        raise WrongState("没有找到签发这篇紧急稿件的人，请由发布员排入发布。")
    return found


def _queue(work: UnitOfWork, box: SecretBox, submission_id: int, wanted: _Wanted) -> list[Publication]:
    submission = publications.locked_submission(work, submission_id)
    if submission.state not in MAY_GO_OUT:
        raise WrongState(f"稿件现在是“{submission.state.label}”，只有终审通过的稿件才能发布。")
    if wanted.names_places and not wanted.targets and not wanted.destinations:
        raise InvalidInput("请至少选择一个发布目标：微信公众号或校园网站。", field="targets")
    revision = submissions.sealed_revision(work, submission)
    _refuse_taken_down(work, revision)
    consent_checks.refuse_withdrawn(work.session, revision)
    if wanted.at is not None and wanted.at < work.now - PAST_TOLERATED:
        raise InvalidInput("定时发布的时间已经过去，请改选以后的时间，或立即发布。", field="at")
    embargoes.refuse_earlier(submission, wanted.at)
    known = _publications_of(work, submission_id)
    chosen = _places(work, submission, revision, known, wanted)
    if not chosen:
        raise WrongState("这篇稿件在各个平台都已上线，不必再发布。")
    start = max(wanted.at or work.now, submission.embargo_until or work.now)
    rows = [
        _queue_one(work, box, submission, revision, place=place, known=known, wanted=wanted, start=start)
        for place in chosen
    ]
    _put_in_order(work, submission, rows, known, wanted.order)
    return rows


def _places(
    work: UnitOfWork, submission: Submission, revision: Revision, known: Sequence[Publication], wanted: _Wanted
) -> tuple[Place, ...]:
    if wanted.names_places:
        built_in = (Place(each) for each in wanted.targets or ())
        return (*built_in, *_destinations(work, wanted.destinations or ()))
    live = [each for each in known if each.revision_id == revision.id and each.state is PublicationState.LIVE]
    usual = (*(Place(each) for each in targets_of(submission.account_id)), *_destinations(work, None))
    return tuple(place for place in usual if not any(map(place.holds, live)))


def _put_in_order(
    work: UnitOfWork,
    submission: Submission,
    rows: Sequence[Publication],
    known: Sequence[Publication],
    order: PublishOrder | None,
) -> None:
    account = work.session.get(OfficialAccount, submission.account_id) if submission.account_id else None
    chosen = order or (account.publish_order if account else PublishOrder.TOGETHER)
    everything = {each.id: each for each in (*known, *rows) if each.revision_id == submission.sealed_revision_id}
    for row in rows:
        first = waiting_for(chosen, row, list(everything.values()))
        if row.waits_for_id != (first.id if first else None):
            publications.write(work, row, waits_for_id=first.id if first else None)


def _destinations(work: UnitOfWork, ids: Sequence[int] | None) -> tuple[Place, ...]:
    """The further destinations asked for, or all that are switched on. Refuses one that is off."""
    wanted = col(Destination.active) if ids is None else col(Destination.id).in_(list(ids))
    rows = work.session.exec(select(Destination).where(wanted).order_by(col(Destination.id))).all()
    if ids is not None and len(rows) != len(set(ids)):
        raise NotFound("没有找到这个发布去处，请刷新页面。")
    for row in rows:
        if not row.active:
            raise WrongState(f"发布去处“{row.name}”没有启用：请系统管理员自检并启用，或不选它。")
    return tuple(Place(row.kind, row.id, row.name) for row in rows)


def _queue_one(
    work: UnitOfWork,
    box: SecretBox,
    submission: Submission,
    revision: Revision,
    *,
    place: Place,
    known: Sequence[Publication],
    wanted: _Wanted,
    start: datetime,
) -> Publication:
    there = [each for each in known if place.holds(each)]
    _refuse_second_version(place, [each for each in there if each.revision_id != revision.id])
    account = _account_for(work, submission, place.target)
    chosen = _way_for(work, account, wanted.way, box)
    if account is not None and chosen is PublicationWay.MASS:
        _refuse_used_up(work, account, start, submission)
    if account is not None and chosen is not PublicationWay.MANUAL:
        completeness.check_content(revision, theme=layouts.theme_of(submission, account))
    values: dict[str, Any] = {
        "way": chosen,
        "scheduled_for": wanted.at,
        "run_after": start,
        "variant": _variant(place, revision, wanted.variants),
    }
    row = next((each for each in there if each.revision_id == revision.id), None)
    if row is not None:
        return _queue_again(work, row, place, values)
    row = Publication(
        submission_id=submission.id or 0,
        revision_id=revision.id or 0,
        seal=submission.seal or "",
        target=place.target,
        destination_id=place.destination_id,
        account_id=account.id if account else None,
        marker=uuid.uuid4().hex,
        queued_by_id=work.person_id,
        queued_at=work.now,
        **values,
    )
    work.session.add(row)
    work.session.flush()
    publications.record(work, AuditAction.PUBLICATION_QUEUED, row, before=None)
    return row


def _variant(place: Place, revision: Revision, variants: Mapping[int, Variant]) -> dict[str, str]:
    variant = variants.get(place.destination_id or 0, Variant())
    if variant != Variant() and place.target not in HAS_VARIANTS:
        raise InvalidInput(f"“{place.label}”和校园网站是同样的网页，不能另用标题、摘要或图片。", field="variant")
    fault = variant_fault(variant, title=revision.title, digest=revision.digest)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    return variant.stored()


def _queue_again(work: UnitOfWork, row: Publication, place: Place, values: Mapping[str, Any]) -> Publication:
    if row.state is PublicationState.QUEUED:
        publications.refuse_busy(work, row)
        planned = ("way", "scheduled_for", "variant")
        if any(getattr(row, name) != values[name] for name in planned):
            publications.write(work, row, **values)
            publications.record(work, AuditAction.PUBLICATION_QUEUED, row, before=row.state)
        return row
    if row.state not in {PublicationState.FAILED, PublicationState.MISSED}:
        raise WrongState(f"{place.label}上的发布现在是“{row.state.label}”，不能重复排入。请到“发布”页查看。")
    _refuse_hopeless(row)
    _requeue(work, row, **values)
    return row


def _requeue(work: UnitOfWork, row: Publication, **values: Any) -> None:
    publications.change(
        work,
        row,
        PublicationState.QUEUED,
        recorded_as=AuditAction.PUBLICATION_QUEUED,
        tries=0,
        polls=0,
        calling=None,
        failure_code="",
        failure="",
        failure_raw="",
        settled_at=None,
        queued_by_id=work.person_id,
        **values,
    )


def _account_for(work: UnitOfWork, submission: Submission, target: Target) -> OfficialAccount | None:
    if target is not Target.WECHAT:
        return None
    account = work.session.get(OfficialAccount, submission.account_id) if submission.account_id else None
    if account is None:
        raise WrongState("这篇稿件没有选择公众号，只能发布到校园网站。")
    if account.state is not AccountState.ACTIVE:
        raise WrongState(f"公众号“{account.name}”{account.state.label}，不能发布。请先在台账中恢复正常运行。")
    return account


def _way_for(
    work: UnitOfWork, account: OfficialAccount | None, asked: PublicationWay | None, box: SecretBox
) -> PublicationWay:
    """The way to go; a campus page has only one."""
    if account is None:
        return PublicationWay.PUBLISH
    way = asked or account.default_way
    closed = closed_ways(work.session, account.id or 0, work.now)
    if way in closed:
        raise WrongState(f"“{way.label}”现在不能用：{closed[way]}")
    why_not = publishing_ways.closed_ways(account).get(way)
    if why_not is not None:
        raise WrongState(why_not)
    # Credentials that are there but cannot be opened are the installation's fault, and it says so.
    accounts.credentials_of(account, box)
    return way


def _refuse_used_up(work: UnitOfWork, account: OfficialAccount, start: datetime, submission: Submission) -> None:
    quota = sends_left(work.session, account, start, but_submission=submission.id)
    if quota.left == 0:
        raise WrongState(
            f"公众号“{account.name}”{quota.sentence}。请改约以后的日子，或改选“接口发布”“存入草稿箱”（不占群发次数）。"
        )


def ways_open_to(account: OfficialAccount) -> tuple[PublicationWay, ...]:
    """The ways this account may use; by hand is always one of them."""
    closed = publishing_ways.closed_ways(account)
    return tuple(way for way in PublicationWay if way not in closed)


def _refuse_taken_down(work: UnitOfWork, revision: Revision) -> None:
    if remedies.is_taken_down(work.session, revision.id or 0):
        raise WrongState("这一版已决定下架，不能再发布。请由审核人员修改成新的一版，重新送审。")


def _refuse_second_version(place: Place, others: Sequence[Publication]) -> None:
    for other in others:
        if other.state is PublicationState.LIVE:
            raise WrongState(f"这篇稿件的另一版已在{place.label}上线，请先处理已发布的那一版。")
        if other.state in IN_FLIGHT:
            raise WrongState(f"这篇稿件的另一版正在{place.label}发布（{other.state.label}），请等它结束或取消它。")


# --- Queueing anew, and otherwise -------------------------------------------------------------------------


def retry(work: UnitOfWork, *, publication_id: int) -> Publication:
    """Queue again, for now, what is known not to have gone out.

    Raises `NotAllowed`, `NotFound`, `WrongState` (also where only a new version can help), `SealBroken`.
    """
    work = publications.as_publisher(work)
    row, submission = publications.found(work, publication_id)
    if row.state not in {PublicationState.FAILED, PublicationState.MISSED}:
        raise WrongState(f"这次发布现在是“{row.state.label}”，只有“未发出”和“已错过时间”的才能重试。")
    _refuse_hopeless(row)
    if submission.state not in MAY_GO_OUT or submission.sealed_revision_id != row.revision_id:
        raise WrongState("稿件已不是当时通过的那一版，不能重试。请从“待发布”重新排入。")
    _refuse_taken_down(work, submissions.sealed_revision(work, submission))
    _account_for(work, submission, row.target)
    _requeue(work, row, scheduled_for=None, run_after=work.now)
    return row


def set_order(work: UnitOfWork, *, account_id: int, order: PublishOrder) -> OfficialAccount:
    """Which place of an account's items goes out first, unless an item says otherwise.

    Raises `NotAllowed` for anybody but publishers and who keeps the register, `NotFound`.
    """
    allowed = (Capability.PUBLISH, Capability.KEEP_ACCOUNTS)
    if work.actor.id is not None and not any(map(work.actor.may, allowed)):
        raise NotAllowed("发布顺序由发布员、宣传部或系统管理员设定。")
    account = work.session.get(OfficialAccount, account_id, with_for_update=True)
    if account is None:
        raise NotFound("没有找到这个公众号，请刷新页面。")
    if account.publish_order is not order:
        before, account.publish_order = account.publish_order, order
        details = {"publish_order": {"from": before.value, "to": order.value}}
        audit.record(work, AuditAction.ACCOUNT_CHANGED, "account", account_id, details)
    return account


def divert(work: UnitOfWork, box: SecretBox, *, account_id: int, held: PublicationWay, way: PublicationWay) -> int:
    """Let everything of an account that waits in the queue for one way go another; how many there were.

    Raises `NotAllowed`, `NotFound`, and `WrongState` also where nothing waits any more.
    """
    work = publications.as_publisher(work)
    account = work.session.get(OfficialAccount, account_id)
    if account is None:
        raise NotFound("没有找到这个公众号，请刷新页面。")
    chosen = _way_for(work, account, way, box)
    if chosen is PublicationWay.MASS:
        raise WrongState("不能把排队的任务一起改为群发，请逐篇安排。")
    waiting = select(Publication.id).where(
        Publication.account_id == account_id,
        Publication.way == held,
        Publication.state == PublicationState.QUEUED,
    )
    diverted = 0
    found = work.session.exec(waiting.order_by(col(Publication.id))).all()
    of_items = select(Publication.submission_id).where(col(Publication.id).in_(found))
    standings.lock_all(work.session, work.session.exec(of_items).all())
    for publication_id in found:
        row, _ = publications.found(work, publication_id or 0)
        if row.state is PublicationState.QUEUED and row.way is held and not publications.is_busy(work, row):
            start = max(row.scheduled_for or work.now, work.now)
            publications.write(work, row, way=chosen, run_after=start, **NO_FAILURE)
            publications.record(work, AuditAction.PUBLICATION_QUEUED, row, before=row.state)
            diverted += 1
    if not diverted:
        raise WrongState("没有任务在等这种方式了：刚刚可能已由别人改了去向，或已经发出。请刷新页面查看。")
    return diverted


def _publications_of(work: UnitOfWork, submission_id: int) -> Sequence[Publication]:
    return work.session.exec(
        select(Publication)
        .where(Publication.submission_id == submission_id)
        .order_by(col(Publication.id))
        .with_for_update()
    ).all()


def _refuse_hopeless(row: Publication) -> None:
    if row.failure_code in NEEDS_NEW_VERSION:
        raise WrongState(f"{row.failure}原样重发不会有不同的结果。")
