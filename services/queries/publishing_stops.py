"""Reads about what stands still, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlmodel import Session, col, select

from models import IN_FLIGHT, OfficialAccount, Person, Publication, PublicationState, PublicationWay, PublishingStop

NOT_SENT = (PublicationState.QUEUED, PublicationState.PREPARING, PublicationState.DRAFTED)


@dataclass(frozen=True)
class StopLine:
    """A stop that stands. Without an account everything stands still; without a person it was a refusal of WeChat.

    `way` is the one way that is held back, None for all; `held` are the items that wait for it.
    """

    id: int
    account: str | None
    stopped_by: str | None
    reason: str
    stopped_at: datetime
    account_id: int | None = None
    way: PublicationWay | None = None
    ends_at: datetime | None = None
    held: int = 0

    def would_hold(self, account_id: int | None, way: PublicationWay | None) -> bool:
        """Whether what is queued now, for this account by this way, would wait for it. By hand is always open."""
        if self.account_id is None:
            return True
        return self.account_id == account_id and way is not PublicationWay.MANUAL and self.way in {None, way}


def stands(now: datetime) -> ColumnElement[bool]:
    """The condition under which a stop is in force."""
    return and_(
        col(PublishingStop.lifted_at).is_(None),
        or_(col(PublishingStop.ends_at).is_(None), col(PublishingStop.ends_at) > now),
    )


def holds(now: datetime) -> ColumnElement[bool]:
    """The condition under which some stop holds a publication back."""
    return exists().where(_concerns(now))


def _concerns(now: datetime) -> ColumnElement[bool]:
    """The condition under which a stop holds a publication back.

    By hand is always open. A way that is closed, or a quota that is used up, holds only what was not sent yet: what
    WeChat accepted may still be asked about.
    """
    stop, row = PublishingStop, Publication
    of_way = or_(
        and_(col(stop.way).is_(None), col(stop.ends_at).is_(None)),
        and_(
            or_(col(stop.way).is_(None), col(stop.way) == col(row.way)),
            col(row.state).in_(NOT_SENT),
        ),
    )
    of_account = and_(col(stop.account_id) == col(row.account_id), col(row.way) != PublicationWay.MANUAL, of_way)
    return and_(stands(now), or_(col(stop.account_id).is_(None), of_account))


def reasons(session: Session, publication_ids: Sequence[int], now: datetime) -> dict[int, str]:
    """Why these publications stand still, those that do: the sentence of the oldest stop that holds them."""
    rows = session.exec(
        select(Publication.id, PublishingStop.reason)
        .join(PublishingStop, _concerns(now))
        .where(col(Publication.id).in_(publication_ids), col(Publication.state).in_(IN_FLIGHT))
        .order_by(col(PublishingStop.id).desc())
    )
    return {publication_id or 0: reason for publication_id, reason in rows}


def closed_ways(session: Session, account_id: int, now: datetime) -> dict[PublicationWay, str]:
    """The ways WeChat does not give this account, with the sentence; a quota that returns does not close one."""
    rows = session.exec(
        select(PublishingStop).where(
            PublishingStop.account_id == account_id,
            stands(now),
            col(PublishingStop.way).is_not(None),
            col(PublishingStop.ends_at).is_(None),
        )
    )
    return {row.way: row.reason for row in rows if row.way is not None}


def standing(session: Session, now: datetime) -> list[StopLine]:
    """The stops that stand, everything first, then the oldest first. No secret: whoever waits may know why."""
    statement: Any = (
        select(PublishingStop, OfficialAccount.name, Person.name)
        .join(OfficialAccount, col(OfficialAccount.id) == col(PublishingStop.account_id), isouter=True)
        .join(Person, col(Person.id) == col(PublishingStop.stopped_by_id), isouter=True)
        .where(stands(now))
        .order_by(col(PublishingStop.account_id).is_not(None), col(PublishingStop.id))
    )
    return [
        StopLine(
            id=row.id or 0,
            account=account,
            stopped_by=person,
            reason=row.reason,
            stopped_at=row.stopped_at,
            account_id=row.account_id,
            way=row.way,
            ends_at=row.ends_at,
            held=_held(session, row) if row.way else 0,
        )
        for row, account, person in session.exec(statement).all()
    ]


def _held(session: Session, stop: PublishingStop) -> int:
    return session.exec(
        select(func.count())
        .select_from(Publication)
        .where(
            Publication.account_id == stop.account_id,
            Publication.way == stop.way,
            Publication.state == PublicationState.QUEUED,
        )
    ).one()
