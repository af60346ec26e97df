"""Order between the places of one item: who goes first, and who waits for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from models import Publication, PublicationState, PublishOrder, Target
from services.rules.publication_states import CANCELLED

Leads = Callable[[Publication], bool]

LEADERS: Mapping[PublishOrder, tuple[Leads, Leads]] = {
    PublishOrder.SITE_FIRST: (lambda row: row.target is Target.SITE, lambda row: row.target is Target.WECHAT),
    PublishOrder.WECHAT_FIRST: (lambda row: row.target is Target.WECHAT, lambda row: row.target is not Target.WECHAT),
}
"""For each order that is one: who leads, and who follows."""


def waiting_for(order: PublishOrder, row: Publication, others: Sequence[Publication]) -> Publication | None:
    """The publication that must be live before this one may start; None where it need not wait."""
    if order is PublishOrder.TOGETHER:
        return None
    leads, follows = LEADERS[order]
    if not follows(row):
        return None
    return next((each for each in others if leads(each) and _is_awaited(each)), None)


def _is_awaited(row: Publication) -> bool:
    return row.state is not PublicationState.LIVE and row.failure_code != CANCELLED
