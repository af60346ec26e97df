"""The campus site target: a position, then the page with what stands around it. Writing twice is harmless."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlmodel import col, select

from models import Asset, AuditHead, Publication, PublicationState, Revision, SourceKind, Target
from services.claims import Claim
from services.manuscript import blocks, wechat_markup
from services.ports import SiteArticle, SiteFile, SitePicture
from services.queries import site
from services.sealed_content import asset_bytes, sealed_content

S = PublicationState
TURN = timedelta(seconds=1)


def publish(claim: Claim) -> None:
    """Write the page; two articles never at once, because each writes the lists the other stands in."""
    content = sealed_content(claim)
    if not _has_turn(claim):
        claim.put_back(claim.after(TURN))
        return
    now = claim.now()
    article = _article(claim, content, now)
    with claim.runtime.reading() as session:
        around = site.surroundings(session, article.entry.position)
    with claim.reading("site/publish"):
        url = claim.runtime.site.publish(article, around)
    claim.move(S.LIVE, url=url, settled_at=now)


def _has_turn(claim: Claim) -> bool:
    with claim.unit() as (work, row):
        # Whoever asks next waits at the trail's head and then sees this one writing.
        work.session.exec(select(AuditHead).with_for_update()).one()
        others = work.session.exec(
            select(Publication.id).where(
                Publication.target == Target.SITE,
                Publication.state == S.PREPARING,
                Publication.id != row.id,
                col(Publication.lease_until) > work.now,
            )
        ).first()
        if others is None and row.site_position is None:
            row.site_position = site.next_position(work)
        return others is None


def _article(claim: Claim, content: Revision, now: datetime) -> SiteArticle:
    row = claim.publication
    with claim.runtime.reading() as session:
        entry = site.entry(session, row.id or 0, now=now)
        kinds = dict(
            session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == row.submission_id)).all()
        )
        wechat_url = session.exec(
            select(Publication.url).where(
                Publication.revision_id == row.revision_id,
                Publication.target == Target.WECHAT,
                Publication.state == S.LIVE,
            )
        ).first()
    in_body = dict.fromkeys(blocks.picture_hashes(content.body_html))
    shown = dict.fromkeys([*in_body, *([content.cover_sha256] if content.cover_sha256 else [])])
    files = {sha256: site.picture_file(sha256, kinds[sha256]) for sha256 in shown}
    return SiteArticle(
        entry=entry,
        author=content.author,
        photographer=content.photographer,
        source=_source(content),
        body=wechat_markup.to_campus_body(
            content.body_html, picture_urls={sha256: f"../pictures/{files[sha256]}" for sha256 in in_body}
        ),
        pictures=[
            SitePicture(sha256, name, asset_bytes(claim.runtime.assets, sha256)) for sha256, name in files.items()
        ],
        wechat_url=wechat_url,
        attachments=[_file(claim, each["name"], each["sha256"]) for each in content.attachments],
    )


def _file(claim: Claim, label: str, sha256: str) -> SiteFile:
    return SiteFile(label, site.attachment_file(sha256, label), asset_bytes(claim.runtime.assets, sha256))


def _source(content: Revision) -> str:
    if content.source_kind is SourceKind.ORIGINAL:
        return ""
    return " ".join(part for part in (content.source_name, content.source_url) if part)


STEPS: Mapping[PublicationState, Callable[[Claim], None]] = {S.PREPARING: publish}
