"""急停: nothing goes out while a stop stands. A person stops everything, with a reason; a refusal that others would
meet as well (a breaker) stops an account's publications by itself, or those of one way, once: until somebody mended
it, a self-test shows that it is mended, or the day's quota returns.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import col, select

from models import AuditAction, AuditHead, InterfaceRight, PublicationWay, PublishingStop
from services import audit, notices
from services.errors import InvalidInput, NotFound, WrongState
from services.queries.publishing_stops import stands
from services.rules.breakers import PROVED_BY, Breaker
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

STOPPING = (Capability.PUBLISH, Capability.APPROVE)


def stop_everything(work: UnitOfWork, *, reason: str) -> PublishingStop:
    """Let the worker take nothing more, for any target. What it has in hand at this moment is finished.

    Raises `NotAllowed`, `InvalidInput` without a reason, `WrongState` where everything stands still already.
    """
    work = _as_stopper(work)
    if not reason.strip():
        raise InvalidInput("请写明停止发布的理由，恢复的人要看得懂。", field="reason")
    if _standing(work, account_id=None) is not None:
        raise WrongState("全部发布已经停止，不必再停。")
    row = PublishingStop(reason=reason.strip(), stopped_by_id=work.person_id, stopped_at=work.now)
    return _recorded(work, row)


def stop_after_restore(work: UnitOfWork, *, reason: str) -> None:
    """Stop everything in the name of the system; an older stop of everything goes, as its reason is out of date."""
    older = select(PublishingStop).where(col(PublishingStop.account_id).is_(None), stands(work.now))
    for row in work.session.exec(older).all():
        _lift(work, row)
    _recorded(work, PublishingStop(reason=reason, stopped_at=work.now))


def break_account(work: UnitOfWork, *, account_id: int, code: str, sentence: str, breaker: Breaker) -> None:
    """Hold an account's publications back after a refusal that the next one would meet as well; told once."""
    if _standing(work, account_id=account_id, way=breaker.way) is not None:
        return
    row = PublishingStop(
        account_id=account_id,
        way=breaker.way,
        code=code,
        reason=sentence,
        ends_at=breaker.ends_at,
        stopped_at=work.now,
    )
    notices.about_stop(work, _recorded(work, row))


def mended(work: UnitOfWork, *, account_id: int, right: InterfaceRight) -> None:
    """Lift what a self-test with this result shows to be open again; a used-up quota returns by itself."""
    proved = PROVED_BY.get(right, frozenset())
    standing = select(PublishingStop).where(
        PublishingStop.account_id == account_id, stands(work.now), col(PublishingStop.ends_at).is_(None)
    )
    for row in work.session.exec(standing).all():
        if row.way in proved:
            _lift(work, row)


def resume(work: UnitOfWork, *, stop_id: int) -> PublishingStop:
    """Lift a stop; what waited goes on at once. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    work = _as_stopper(work)
    row = work.session.get(PublishingStop, stop_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这次停止，请刷新页面。")
    if row.lifted_at is not None or (row.ends_at is not None and row.ends_at <= work.now):
        raise WrongState("发布已经恢复，不必再按。")
    _lift(work, row)
    return row


def _lift(work: UnitOfWork, row: PublishingStop) -> None:
    row.lifted_at, row.lifted_by_id = work.now, work.actor.id
    work.session.add(row)
    _to_trail(work, AuditAction.PUBLISHING_RESUMED, row)


def _standing(work: UnitOfWork, *, account_id: int | None, way: PublicationWay | None = None) -> PublishingStop | None:
    # Behind the trail's head: of two who stop the same at once, the second sees that it stands.
    work.session.exec(select(AuditHead).with_for_update()).one()
    return work.session.exec(
        select(PublishingStop).where(
            _is(col(PublishingStop.account_id), account_id), _is(col(PublishingStop.way), way), stands(work.now)
        )
    ).first()


def _is(column: Any, value: object) -> ColumnElement[bool]:
    found: ColumnElement[bool] = column.is_(None) if value is None else column == value
    return found


def _as_stopper(work: UnitOfWork) -> UnitOfWork:
    sentence = "只有发布员或终审人可以停止或恢复发布，请联系宣传部。"
    return work.standing_that(lambda each: any(map(each.may, STOPPING)), otherwise=sentence)


def _recorded(work: UnitOfWork, row: PublishingStop) -> PublishingStop:
    work.session.add(row)
    work.session.flush()
    _to_trail(work, AuditAction.PUBLISHING_STOPPED, row)
    return row


def _to_trail(work: UnitOfWork, action: AuditAction, row: PublishingStop) -> None:
    details = {
        "account": row.account_id,
        "way": row.way.value if row.way else None,
        "code": row.code,
        "reason": row.reason,
        "ends_at": row.ends_at,
    }
    audit.record(work, action, "publishing_stop", row.id, details)
