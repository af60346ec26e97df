"""Reads about what stands still, and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import OfficialAccount, Person, PublishingStop


@dataclass(frozen=True)
class StopLine:
    """A stop that stands. Without an account everything stands still; without a person it was a refusal of WeChat."""

    id: int
    account: str | None
    stopped_by: str | None
    reason: str
    stopped_at: datetime


def standing(session: Session) -> list[StopLine]:
    """The stops that stand, everything first, then the oldest first. No secret: whoever waits may know why."""
    statement: Any = (
        select(PublishingStop, OfficialAccount.name, Person.name)
        .join(OfficialAccount, col(OfficialAccount.id) == col(PublishingStop.account_id), isouter=True)
        .join(Person, col(Person.id) == col(PublishingStop.stopped_by_id), isouter=True)
        .where(col(PublishingStop.lifted_at).is_(None))
        .order_by(col(PublishingStop.account_id).is_not(None), col(PublishingStop.id))
    )
    return [
        StopLine(row.id or 0, account, person, row.reason, row.stopped_at)
        for row, account, person in session.exec(statement)
    ]
