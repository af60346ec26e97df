"""The further destinations: the same pages over SFTP, a WordPress, the campus CMS; doubt, settled as each allows.

SFTP writes pages whole and may do so twice. WordPress is asked by slug before anything is created there. The CMS
answers a repeated delivery like the first, because it carries the same key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from selectolax.lexbor import LexborHTMLParser

from models import Destination, Publication, PublicationState, Target
from services import destinations, site_pages, wechat_delivery
from services.bootstrap import Runtime
from services.claims import Claim
from services.errors import WrongState
from services.ports import Cure, DeliveryRefused, Outlet, SiteArticle, SiteShelf
from services.queries import site
from services.rules.delivery_times import CREATE_POST, ENOUGH_TO_REPEAT, HAND_OVER, MOST_TRIES
from services.rules.variants import Pictures, variant_from
from services.sealed_content import sealed_content
from services.site_delivery import TURN

S = PublicationState
NOTHING_AROUND = SiteShelf((), (), (), (), 0)


def _outlet(claim: Claim) -> Outlet:
    with claim.runtime.reading() as session:
        row = session.get_one(Destination, claim.publication.destination_id)
    if not row.active:
        raise WrongState(f"发布去处“{row.name}”已停用，没有发布。重新启用后可点“重试”。")
    return opened(claim.runtime, row)


def opened(runtime: Runtime, row: Destination) -> Outlet:
    """The place with its secret. Raises `WrongState` where this process has no further places."""
    if runtime.outlets is None:
        raise WrongState("这个程序没有配置发布去处，请系统管理员检查。")
    return runtime.outlets.open(destinations.opened(row, runtime.secrets))


def _article(claim: Claim) -> SiteArticle:
    """The page of the campus site, in the edition of this place. Raises what the seal's gate raises."""
    content = sealed_content(claim)
    article = site_pages.article_of(claim.runtime, claim.publication, content, now=claim.now())
    return in_edition(article, claim.publication)


def in_edition(article: SiteArticle, row: Publication) -> SiteArticle:
    """An article with the title, digest and pictures that were chosen for its place."""
    variant = variant_from(row.variant)
    entry = replace(
        article.entry,
        title=variant.title or article.entry.title,
        digest=variant.digest or article.entry.digest,
        cover_file=None if variant.pictures is Pictures.NONE else article.entry.cover_file,
    )
    if variant.pictures is Pictures.ALL:
        return replace(article, entry=entry)
    kept = [each for each in article.pictures if each.file_name == entry.cover_file]
    return replace(article, entry=entry, body=without_pictures(article.body), pictures=kept)


def without_pictures(body: str) -> str:
    """The body of an edition that shows none of its pictures."""
    tree = LexborHTMLParser(body)
    for node in tree.css("figure:has(img), img"):
        node.decompose()
    return tree.body.inner_html or "" if tree.body else ""


# --- The same pages over SFTP ----------------------------------------------------------------------------


def write_pages(claim: Claim) -> None:
    """Bring the page and its lists up; one article at a time for each place, because all stand in the same lists."""
    outlet = _outlet(claim)
    if not _has_turn(claim):
        claim.put_back(claim.after(TURN))
        return
    article = _article(claim)
    with claim.runtime.reading() as session:
        around = site.surroundings(session, article.entry.position, claim.publication.destination_id)
    with claim.reading("sftp/publish"):
        url = outlet.deliver(article, around)
    claim.move(S.LIVE, url=url, settled_at=article.entry.published_at)


def _has_turn(claim: Claim) -> bool:
    with claim.unit() as (work, row):
        is_free = not site_pages.is_being_written(work, row)
        if is_free and row.site_position is None:
            row.site_position = site.next_position(work, row.destination_id)
        return is_free


# --- WordPress -------------------------------------------------------------------------------------------


def post(claim: Claim) -> None:
    """Look whether our post is there; write it again if so, else create it."""
    outlet, article = _outlet(claim), _article(claim)
    with claim.reading("wordpress/find"):
        known = outlet.find(article.entry.slug)
    if known is not None:
        with claim.reading("wordpress/update"):
            url: str | None = outlet.replace(article, NOTHING_AROUND)
    else:
        with claim.creating(CREATE_POST):
            url = outlet.deliver(article, NOTHING_AROUND)
    claim.move(S.LIVE, calling=None, url=url)


def look_for_post(claim: Claim) -> None:
    """Found by its slug, it is ours; not found twice, it was never created."""
    outlet = _outlet(claim)
    with claim.reading("wordpress/find"):
        known = outlet.find(claim.publication.marker)
    if known is not None:
        claim.move(S.LIVE, calling=None, url=known)
    elif claim.publication.polls + 1 < ENOUGH_TO_REPEAT:
        wechat_delivery.look_again(claim)
    elif claim.publication.tries >= MOST_TRIES:
        failure = "网站多次没有回答建立文章的请求，那里也没有找到这篇文章。请检查网络后再点“重试”。"
        claim.move(S.FAILED, calling=None, failure_code="no_answer", failure=failure)
    else:
        claim.move(S.PREPARING, calling=None, polls=0, tries=claim.publication.tries + 1)


# --- The campus CMS --------------------------------------------------------------------------------------


def hand_over(claim: Claim) -> None:
    """Deliver it once; in doubt the same delivery is made again."""
    outlet, article = _outlet(claim), _article(claim)
    with claim.creating(HAND_OVER):
        url = outlet.deliver(article, NOTHING_AROUND)
    claim.move(S.LIVE, calling=None, url=url)


def hand_over_again(claim: Claim) -> None:
    """The same key: a receiver that has it answers as it did, one that has it not takes it now."""
    outlet, article = _outlet(claim), _article(claim)
    try:
        with claim.creating(HAND_OVER):
            url = outlet.deliver(article, NOTHING_AROUND)
    except DeliveryRefused as refused:
        if refused.cure is Cure.LATER:
            raise
        # It would have answered as before if it had taken the first one.
        claim.move(
            S.FAILED,
            calling=None,
            failure_code=refused.code,
            failure=refused.sentence,
            failure_raw=refused.detail,
        )
        return
    claim.move(S.LIVE, calling=None, url=url)


STEPS: Mapping[Target, Mapping[PublicationState, Callable[[Claim], None]]] = {
    Target.SFTP: {S.PREPARING: write_pages},
    Target.WORDPRESS: {S.PREPARING: post, S.UNKNOWN: look_for_post},
    Target.WEBHOOK: {S.PREPARING: hand_over, S.UNKNOWN: hand_over_again},
}
