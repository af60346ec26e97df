"""批注: who has a say on a remark. The screen asks, the service enforces."""

from __future__ import annotations

from models import REVIEW_STAGES, WITH_AUTHOR
from services.rules.permissions import DECIDES_STAGE, Actor, Standing, able_standing

OPEN_TO_ANSWERS = (*REVIEW_STAGES, *WITH_AUTHOR)
"""States of an item in which its remarks are answered and settled; afterwards they are only read."""


def answering(actor: Actor, item: Standing, made_by_id: int) -> Actor | None:
    """In which standing the person may answer: whoever decides the present stage, who made it, the item's author."""
    if item.state not in OPEN_TO_ANSWERS:
        return None
    own = actor if actor.id in (item.contributor_id, made_by_id) else None
    return able_standing(DECIDES_STAGE, actor, item) or own


def settling(actor: Actor, item: Standing, made_by_id: int) -> Actor | None:
    """In which standing the person may settle it or take it up again: as above, but never the item's author."""
    return None if actor.id == item.contributor_id else answering(actor, item, made_by_id)
