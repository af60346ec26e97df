"""The campus site target: a position, then the page with what stands around it. Writing twice is harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from models import PublicationState
from services import site_pages
from services.claims import Claim
from services.queries import site
from services.sealed_content import sealed_content

S = PublicationState
TURN = timedelta(seconds=1)


def publish(claim: Claim) -> None:
    """Write the page; two articles never at once, because each writes the lists the other stands in."""
    content = sealed_content(claim)
    if not _has_turn(claim):
        claim.put_back(claim.after(TURN))
        return
    now = claim.now()
    article = site_pages.article_of(claim.runtime, claim.publication, content, now=now)
    with claim.runtime.reading() as session:
        around = site.surroundings(session, article.entry.position)
    with claim.reading("site/publish"):
        url = claim.runtime.site.publish(article, around)
    claim.move(S.LIVE, url=url, settled_at=now)


def _has_turn(claim: Claim) -> bool:
    with claim.unit() as (work, row):
        is_free = not site_pages.is_being_written(work, row)
        if is_free and row.site_position is None:
            row.site_position = site.next_position(work)
        return is_free


STEPS: Mapping[PublicationState, Callable[[Claim], None]] = {S.PREPARING: publish}
