"""Reads about attachments, ready to draw: what a version carries, and who opened what of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Attachment, AttachmentOpening, Content, Person


@dataclass(frozen=True)
class Opening:
    """That somebody opened a file, first when."""

    person_id: int
    name: str
    at: datetime


@dataclass(frozen=True)
class AttachmentLine:
    """One attachment of a version; the openings are of exactly these bytes, the earliest first."""

    name: str
    sha256: str
    media_type: str
    size: int
    openings: tuple[Opening, ...]

    def opened_by(self, person_id: int | None) -> bool:
        return any(each.person_id == person_id for each in self.openings)


def of_version(session: Session, submission_id: int, content: Content) -> Sequence[AttachmentLine]:
    """The attachments of a version of an item, in their order. Whoever may see the item may see them."""
    hashes = [each["sha256"] for each in content.attachments]
    if not hashes:
        return []
    wanted = (Attachment.submission_id == submission_id, col(Attachment.sha256).in_(hashes))
    rows = {each.sha256: each for each in session.exec(select(Attachment).where(*wanted))}
    openings = _openings(session, submission_id)
    return [
        AttachmentLine(
            name=each["name"],
            sha256=each["sha256"],
            media_type=rows[each["sha256"]].media_type,
            size=rows[each["sha256"]].size,
            openings=tuple(openings.get(each["sha256"], ())),
        )
        for each in content.attachments
    ]


def _openings(session: Session, submission_id: int) -> dict[str, list[Opening]]:
    rows = session.exec(
        select(AttachmentOpening, Person.name)
        .join(Person, col(Person.id) == col(AttachmentOpening.person_id))
        .where(AttachmentOpening.submission_id == submission_id)
        .order_by(col(AttachmentOpening.opened_at), col(AttachmentOpening.person_id))
    )
    found: dict[str, list[Opening]] = {}
    for each, name in rows:
        found.setdefault(each.sha256, []).append(Opening(each.person_id, name, each.opened_at))
    return found
