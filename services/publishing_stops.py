"""急停: nothing goes out while a stop stands. A person stops everything, with a reason; a refusal that concerns a
whole account (a breaker) stops that account's publications by itself, once, until somebody mended it.
"""

from __future__ import annotations

from sqlmodel import col, select

from models import AuditAction, PublishingStop
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
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


def break_account(work: UnitOfWork, *, account_id: int, code: str, sentence: str) -> None:
    """Hold an account's publications back after a refusal that the next one would meet as well."""
    if _standing(work, account_id=account_id) is None:
        _recorded(work, PublishingStop(account_id=account_id, code=code, reason=sentence, stopped_at=work.now))


def resume(work: UnitOfWork, *, stop_id: int) -> PublishingStop:
    """Lift a stop; what waited goes on at once. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    work = _as_stopper(work)
    row = work.session.get(PublishingStop, stop_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这次停止，请刷新页面。")
    if row.lifted_at is not None:
        raise WrongState("发布已经恢复，不必再按。")
    row.lifted_at, row.lifted_by_id = work.now, work.person_id
    _to_trail(work, AuditAction.PUBLISHING_RESUMED, row)
    return row


def _standing(work: UnitOfWork, *, account_id: int | None) -> PublishingStop | None:
    # Two who press at once meet at the trail's end; a second stop for the same would only be lifted twice.
    return work.session.exec(
        select(PublishingStop).where(
            col(PublishingStop.account_id).is_(None)
            if account_id is None
            else col(PublishingStop.account_id) == account_id,
            col(PublishingStop.lifted_at).is_(None),
        )
    ).first()


def _as_stopper(work: UnitOfWork) -> UnitOfWork:
    able = next((each for each in work.actor.standings if any(map(each.may, STOPPING))), None)
    if able is None:
        raise NotAllowed("只有发布员或终审人可以停止或恢复发布，请联系宣传部。")
    return work.standing_as(able)


def _recorded(work: UnitOfWork, row: PublishingStop) -> PublishingStop:
    work.session.add(row)
    work.session.flush()
    _to_trail(work, AuditAction.PUBLISHING_STOPPED, row)
    return row


def _to_trail(work: UnitOfWork, action: AuditAction, row: PublishingStop) -> None:
    details = {"account": row.account_id, "code": row.code, "reason": row.reason}
    audit.record(work, action, "publishing_stop", row.id, details)
