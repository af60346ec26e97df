"""A page of the campus site as it shall stand: the text, its pictures, what readers are told, the link to WeChat."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from models import (
    Asset,
    Attachment,
    AuditHead,
    DeedKind,
    Publication,
    PublicationState,
    RemedyDeed,
    Revision,
    SiteResend,
    SourceKind,
    Target,
)
from services.bootstrap import Runtime
from services.manuscript import blocks, wechat_markup
from services.ports import SiteArticle, SiteFile, SitePicture
from services.queries import site
from services.sealed_content import asset_bytes
from services.unit_of_work import UnitOfWork

WRITING = (DeedKind.TOMBSTONE, DeedKind.REWRITE)


def article_of(
    runtime: Runtime, row: Publication, content: Revision, *, now: datetime, notice: str = ""
) -> SiteArticle:
    """The page of one publication. `now` is when it goes live, unless it is already. Raises `SealBroken`."""
    with runtime.reading() as session:
        entry = site.entry(session, row.id or 0, now=now)
        kinds = dict(
            session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == row.submission_id)).all()
        )
        wechat_url = session.exec(
            select(Publication.url).where(
                Publication.revision_id == row.revision_id,
                Publication.target == Target.WECHAT,
                Publication.state == PublicationState.LIVE,
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
        pictures=[SitePicture(sha256, name, asset_bytes(runtime.assets, sha256)) for sha256, name in files.items()],
        wechat_url=wechat_url,
        attachments=[_file(runtime, each["name"], each["sha256"]) for each in content.attachments],
        notice=notice,
    )


def _file(runtime: Runtime, label: str, sha256: str) -> SiteFile:
    return SiteFile(label, site.attachment_file(sha256, label), asset_bytes(runtime.assets, sha256))


def _source(content: Revision) -> str:
    if content.source_kind is SourceKind.ORIGINAL:
        return ""
    return " ".join(part for part in (content.source_name, content.source_url) if part)


def pictures_only_here(runtime: Runtime, row: Publication) -> list[str]:
    """The picture files of a page that no other page of the site shows: what may go with it."""
    with runtime.reading() as session:
        kinds = dict(
            session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == row.submission_id)).all()
        )
        elsewhere = _live_elsewhere(session, Asset, row, kinds)
    return [site.picture_file(sha256, kind) for sha256, kind in kinds.items() if sha256 not in elsewhere]


def attachments_only_here(runtime: Runtime, row: Publication) -> list[str]:
    """The same of the files a page offers for download."""
    with runtime.reading() as session:
        names = {each["sha256"]: each["name"] for each in session.get_one(Revision, row.revision_id).attachments}
        elsewhere = _live_elsewhere(session, Attachment, row, names)
    return [site.attachment_file(sha256, name) for sha256, name in names.items() if sha256 not in elsewhere]


def _live_elsewhere(
    session: Session, kept: type[Asset] | type[Attachment], row: Publication, hashes: Iterable[str]
) -> set[str]:
    return set(
        session.exec(
            select(kept.sha256)
            .join(Publication, col(Publication.submission_id) == col(kept.submission_id))
            .where(
                col(kept.sha256).in_(list(hashes)),
                kept.submission_id != row.submission_id,
                _same_place(row),
                Publication.state == PublicationState.LIVE,
            )
        )
    )


def _same_place(row: Publication) -> ColumnElement[bool]:
    same = (
        col(Publication.destination_id).is_(None)
        if row.destination_id is None
        else col(Publication.destination_id) == row.destination_id
    )
    return and_(col(Publication.target) == row.target, same)


def is_being_written(work: UnitOfWork, row: Publication, *, deed: int | None = None) -> bool:
    """Whether another publication, another remedy or a resending of everything writes pages of the same place right
    now: each writes the lists the others stand in. Whoever asks next waits at the trail's head and then sees this one
    writing.
    """
    work.session.exec(select(AuditHead).with_for_update()).one()
    resending = select(SiteResend.id).where(
        SiteResend.destination_id == row.destination_id,
        col(SiteResend.finished_at).is_(None),
        col(SiteResend.lease_until) > work.now,
    )
    if row.destination_id is not None and work.session.exec(resending.limit(1)).first() is not None:
        return True
    return _is_written(work, _same_place(row), publication=row.id or 0, deed=deed or 0)


def is_place_being_written(work: UnitOfWork, destination_id: int) -> bool:
    """The same for whoever sends all the pages of a further place again."""
    work.session.exec(select(AuditHead).with_for_update()).one()
    return _is_written(work, col(Publication.destination_id) == destination_id)


def _is_written(work: UnitOfWork, place: ColumnElement[bool], *, publication: int = 0, deed: int = 0) -> bool:
    publishing = select(Publication.id).where(
        place,
        Publication.state == PublicationState.PREPARING,
        Publication.id != publication,
        col(Publication.lease_until) > work.now,
    )
    mending = (
        select(RemedyDeed.id)
        .join(Publication, col(Publication.id) == col(RemedyDeed.publication_id))
        .where(
            place,
            col(RemedyDeed.kind).in_(WRITING),
            col(RemedyDeed.calling),
            RemedyDeed.id != deed,
            col(RemedyDeed.lease_until) > work.now,
        )
    )
    return any(work.session.exec(each.limit(1)).first() is not None for each in (publishing, mending))
