"""Who is looking at which item just now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Person, ReviewClaim


@dataclass(frozen=True)
class Looking:
    """Somebody who has an item open; `until` is when that ends by itself."""

    person_id: int
    name: str
    since: datetime
    until: datetime


def looking_at(session: Session, submission_ids: Collection[int], now: datetime) -> dict[int, Looking]:
    """By item, who is looking at it now."""
    rows = session.exec(
        select(ReviewClaim, Person.name)
        .join(Person, col(Person.id) == col(ReviewClaim.person_id))
        .where(col(ReviewClaim.submission_id).in_(submission_ids), col(ReviewClaim.until) > now)
    )
    return {claim.submission_id: Looking(claim.person_id, name, claim.since, claim.until) for claim, name in rows}


def claim_of(session: Session, submission_id: int) -> ReviewClaim | None:
    """The last word of somebody looking at an item, whether it still stands or not."""
    return session.get(ReviewClaim, submission_id)
