"""How long somebody counts as looking at an item."""

from __future__ import annotations

from datetime import datetime, timedelta

from models import ReviewClaim

LASTS = timedelta(minutes=10)
"""After the last sign of life on its page; a closed lid tells nobody."""

RENEWED_AFTER = timedelta(minutes=1)
"""A page redraws at every click: its claim is written anew only now and then."""


def is_live(claim: ReviewClaim | None, now: datetime) -> bool:
    """Whether somebody counts as looking now."""
    return claim is not None and now < claim.until


def is_due(claim: ReviewClaim | None, person_id: int | None, now: datetime) -> bool:
    """Whether this person, who has the item open, should say so: it is free, or their own word grows old."""
    if claim is None or not is_live(claim, now):
        return True
    return claim.person_id == person_id and now >= claim.until - LASTS + RENEWED_AFTER
