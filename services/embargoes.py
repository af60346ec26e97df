"""最早发布时间: before it nothing of an item goes out anywhere, whatever was planned. It is not a schedule: it forbids,
a schedule asks.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, select

from models import IN_FLIGHT, AuditAction, Publication, PublicationState, Submission
from services import audit
from services.errors import InvalidInput, NotFound, WrongState
from services.queries import standings
from services.rules.office_time import on_the_clock
from services.rules.permissions import SETS_EMBARGO, may_see
from services.unit_of_work import UnitOfWork

SETTERS = "最早发布时间由宣传部审核人员或发布员设定。"


def set_embargo(work: UnitOfWork, *, submission_id: int, until: datetime | None) -> Submission:
    """Forbid that anything of an item goes out before a moment, or lift it; what waits in the queue follows.

    Raises `NotAllowed` for anybody but the office and the publishers, `NotFound`, `WrongState` where something is out
    or on its way already, `InvalidInput` for a moment that has passed.
    """
    work = work.standing_that(lambda each: any(map(each.may, SETS_EMBARGO)), otherwise=SETTERS)
    item = standings.locked(work.session, submission_id)
    if item is None or not may_see(work.actor, standings.standing(work.session, item)):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    if until is not None and until <= work.now:
        raise InvalidInput("最早发布时间须在以后；不需要限制就清空它。", field="until")
    # Locked like the item: what a worker is just taking is either taken, or waits for the embargo.
    rows = work.session.exec(
        select(Publication)
        .where(Publication.submission_id == submission_id)
        .order_by(col(Publication.id))
        .with_for_update()
    ).all()
    if until is not None and any(_is_beyond(each, work.now) for each in rows):
        raise WrongState("这篇稿件已经在发或已经发出，不能再设最早发布时间。要撤下它，请用“更正与撤回”。")
    if until == item.embargo_until:
        return item
    item.embargo_until = until
    for row in rows:
        if row.state is PublicationState.QUEUED:
            row.run_after = max(row.scheduled_for or work.now, until or work.now)
    work.session.flush()
    details = {"until": until, "planned": [row.id for row in rows if row.state is PublicationState.QUEUED]}
    audit.record(work, AuditAction.EMBARGO_SET, "submission", item.id, details)
    return item


def _is_beyond(row: Publication, now: datetime) -> bool:
    is_taken = row.lease_until is not None and row.lease_until > now
    waits = row.state is PublicationState.QUEUED and not is_taken
    return row.state is PublicationState.LIVE or (row.state in IN_FLIGHT and not waits)


def refuse_earlier(item: Submission, at: datetime | None) -> None:
    """Raises `InvalidInput` where a planned time lies before the embargo."""
    if at is not None and item.embargo_until is not None and at < item.embargo_until:
        raise InvalidInput(
            f"这篇稿件最早 {on_the_clock(item.embargo_until)}才能发布，请改选之后的时间，或先取消这项限制。",
            field="at",
        )
