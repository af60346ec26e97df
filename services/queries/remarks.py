"""Reads about remarks on an item's words (批注), ready to draw: where they stand now, who said what."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import Content, Person, Remark, RemarkReply, Revision
from services.manuscript import anchors
from services.rules.permissions import signature_of

FIELD_ORDER = ("title", "digest", "body")


@dataclass(frozen=True)
class Reply:
    by: str
    at: datetime
    text: str


@dataclass(frozen=True)
class Thread:
    """One remark with its replies. `place` is where its words stand in the content it was read for, None where they
    are gone; `number` counts the remarks of the item in the order they were made.
    """

    id: int
    number: int
    field: str
    quote: str
    place: tuple[int, int] | None
    text: str
    by: str
    by_id: int
    at: datetime
    revision_number: int
    replies: tuple[Reply, ...]
    settled_by: str
    settled_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.settled_at is None


@dataclass(frozen=True)
class OpenRemark:
    """What was said about which words of the text, and what stood around these words then."""

    number: int
    quote: str
    before: str
    after: str
    text: str


def threads(session: Session, submission_id: int, content: Content) -> list[Thread]:
    """The remarks on an item: the open ones first, each group in the order of the text, what is gone at its end.

    Callers know that the reader may see the item.
    """
    maker, maker_for = aliased(Person), aliased(Person)
    settler, settler_for = aliased(Person), aliased(Person)
    rows = session.exec(
        select(Remark, Revision, maker.name, maker_for.name, settler.name, settler_for.name)  # type: ignore[call-overload]  # more columns than SQLModel's stubs know
        .join(Revision, col(Revision.id) == col(Remark.revision_id))
        .join(maker, col(maker.id) == col(Remark.made_by_id))
        .join(maker_for, col(maker_for.id) == col(Remark.for_id), isouter=True)
        .join(settler, col(settler.id) == col(Remark.settled_by_id), isouter=True)
        .join(settler_for, col(settler_for.id) == col(Remark.settled_for_id), isouter=True)
        .where(Remark.submission_id == submission_id)
        .order_by(col(Remark.id))
    ).all()
    replies = _replies(session, [each.id for each, *_ in rows])
    texts = anchors.texts(content)
    found = [
        Thread(
            id=each.id or 0,
            number=number,
            field=each.field,
            quote=each.quote,
            place=anchors.locate(anchors.texts(revision)[each.field], each.start, each.end, texts[each.field]),
            text=each.text,
            by=signature_of(name, of),
            by_id=each.made_by_id,
            at=each.made_at,
            revision_number=revision.number,
            replies=tuple(replies[each.id]),
            settled_by=signature_of(settled, settled_of) if settled else "",
            settled_at=each.settled_at,
        )
        for number, (each, revision, name, of, settled, settled_of) in enumerate(rows, start=1)
    ]
    return sorted(found, key=_reading_order)


def open_in_body(session: Session, submission_id: int) -> list[OpenRemark]:
    """The open remarks on the text of an item, numbered as in `threads`, with what stood around their words.

    The same whatever the author has written since. Callers know that the reader may see the item.
    """
    rows = session.exec(
        select(Remark, Revision)
        .join(Revision, col(Revision.id) == col(Remark.revision_id))
        .where(Remark.submission_id == submission_id)
        .order_by(col(Remark.id))
    ).all()
    found = []
    for number, (each, revision) in enumerate(rows, start=1):
        if each.field == "body" and each.settled_at is None:
            before, after = anchors.around(anchors.texts(revision)["body"], each.start, each.end)
            found.append(OpenRemark(number, each.quote, before, after, each.text))
    return found


def _reading_order(thread: Thread) -> tuple[bool, bool, int, int, int]:
    start = thread.place[0] if thread.place else 0
    return not thread.is_open, thread.place is None, FIELD_ORDER.index(thread.field), start, thread.number


def _replies(session: Session, remark_ids: Sequence[int | None]) -> dict[int | None, list[Reply]]:
    principal = aliased(Person)
    rows = session.exec(
        select(RemarkReply, Person.name, principal.name)
        .join(Person, col(Person.id) == col(RemarkReply.made_by_id))
        .join(principal, col(principal.id) == col(RemarkReply.for_id), isouter=True)
        .where(col(RemarkReply.remark_id).in_(remark_ids))
        .order_by(col(RemarkReply.id))
    )
    found: defaultdict[int | None, list[Reply]] = defaultdict(list)
    for each, name, of in rows:
        found[each.remark_id].append(Reply(signature_of(name, of), each.made_at, each.text))
    return found


def open_of(session: Session, submission_id: int) -> Sequence[Remark]:
    """The remarks nobody has settled, oldest first."""
    return session.exec(
        select(Remark)
        .where(Remark.submission_id == submission_id, col(Remark.settled_at).is_(None))
        .order_by(col(Remark.id))
    ).all()


def count_open(session: Session, submission_id: int) -> int:
    """How many remarks nobody has settled."""
    waiting = (Remark.submission_id == submission_id, col(Remark.settled_at).is_(None))
    return session.exec(select(func.count()).select_from(Remark).where(*waiting)).one()
