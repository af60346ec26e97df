"""Reads for the campus mirror: the line of an article, and the bounded rest that must be written with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func
from sqlmodel import Session, col, select

from models import Asset, AuditHead, Department, Publication, PublicationState, Revision, Submission, Target
from services.manuscript.pictures import EXTENSIONS
from services.ports import SHARD_SIZE, SHELF_SIZE, SiteEntry, SiteMapLine, SiteShelf
from services.unit_of_work import UnitOfWork


def next_position(work: UnitOfWork, destination_id: int | None = None) -> int:
    """The next free position of the site, or of the same pages at a further place; gaps are never filled, so that no
    page changes its neighbours.

    Two workers cannot be given the same one: they queue on the trail's head, as every act does.
    """
    work.session.exec(select(AuditHead).with_for_update()).one()
    highest = work.session.exec(select(func.max(Publication.site_position)).where(_is_at(destination_id))).one()
    return (highest or 0) + 1


def picture_file(sha256: str, media_type: str) -> str:
    """The name of a picture's copy on the site."""
    return f"{sha256[:16]}{EXTENSIONS[media_type]}"


def attachment_file(sha256: str, name: str) -> str:
    """The name of an attachment's copy on the site: what readers call it stands on the page."""
    return f"{sha256[:16]}{PurePath(name).suffix}"


def entry(session: Session, publication_id: int, *, now: datetime) -> SiteEntry:
    """The line of one publication on its way: it has its position, and goes live now unless it already did."""
    row = session.execute(_entries(col(Publication.id) == publication_id)).one()
    return _entry(row, now)


def surroundings(
    session: Session, position: int, destination_id: int | None = None, *, without: int | None = None
) -> SiteShelf:
    """What must be written again with the article at this position. Only what is live is listed, and `without` is a
    publication that is being taken down.
    """
    page_start = _start_of(position, SHELF_SIZE)
    listed = and_(_is_live(destination_id), col(Publication.id) != (without or 0))
    newest = _entries(listed).order_by(col(Publication.site_position).desc()).limit(SHELF_SIZE)
    latest = _read(session, newest)
    return SiteShelf(
        latest=latest,
        shelf=_read(session, _entries(listed, _on_page(page_start, SHELF_SIZE))),
        before=_read(session, _entries(listed, _on_page(page_start - SHELF_SIZE, SHELF_SIZE))),
        shard=_shard(session, _start_of(position, SHARD_SIZE), listed),
        last_position=max([position, *(each.position for each in latest)]),
    )


def _start_of(position: int, size: int) -> int:
    return (position - 1) // size * size + 1


def _on_page(start: int, size: int) -> ColumnElement[bool]:
    return col(Publication.site_position).between(start, start + size - 1)


def _is_at(destination_id: int | None) -> ColumnElement[bool]:
    if destination_id is None:
        return and_(col(Publication.target) == Target.SITE, col(Publication.destination_id).is_(None))
    return col(Publication.destination_id) == destination_id


def _is_live(destination_id: int | None) -> ColumnElement[bool]:
    return and_(
        _is_at(destination_id),
        col(Publication.state) == PublicationState.LIVE,
        col(Publication.site_position).is_not(None),
    )


def _entries(*conditions: ColumnElement[bool]) -> Select[Any]:
    statement: Select[Any] = (
        select(
            col(Publication.site_position),  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            col(Publication.marker),
            col(Revision.title),
            col(Revision.digest),
            col(Department.name),
            col(Publication.settled_at),
            col(Publication.queued_at),
            col(Revision.cover_sha256),
            col(Asset.media_type),
        )
        .join(Revision, col(Revision.id) == col(Publication.revision_id))
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(
            Asset,
            and_(
                col(Asset.submission_id) == col(Submission.id),
                col(Asset.sha256) == col(Revision.cover_sha256),
            ),
            isouter=True,
        )
        .where(*conditions)
    )
    return statement


def _read(session: Session, statement: Select[Any]) -> Sequence[SiteEntry]:
    return [_entry(row) for row in session.execute(statement)]


def _entry(row: Row[Any], now: datetime | None = None) -> SiteEntry:
    cover = picture_file(row.cover_sha256, row.media_type) if row.media_type else None
    return SiteEntry(
        position=row.site_position or 0,
        slug=row.marker,
        title=row.title,
        digest=row.digest,
        department=row.name,
        published_at=row.settled_at or now or row.queued_at,
        cover_file=cover,
    )


def _shard(session: Session, start: int, listed: ColumnElement[bool]) -> Sequence[SiteMapLine]:
    rows = session.exec(
        select(Publication.site_position, Publication.marker, Publication.settled_at, Publication.queued_at)
        .where(listed, _on_page(start, SHARD_SIZE))
        .order_by(col(Publication.site_position))
    )
    return [
        SiteMapLine(position=position or 0, slug=marker, published_at=settled_at or queued_at)
        for position, marker, settled_at, queued_at in rows
    ]
