"""附件: files that go out with an item. Read before they are kept, part of the version, opened by who reviews them."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import PurePath

from sqlalchemy import ColumnElement, delete
from sqlmodel import col, select

from models import (
    Attachment,
    AttachmentOpening,
    AttachmentReading,
    AuditAction,
    AuditHead,
    Draft,
    Record,
    Revision,
    Submission,
)
from services import attachment_checks, audit, submissions
from services.errors import InvalidInput, NotFound, UnreadableFile
from services.ports import AssetStore
from services.queries.standings import standing
from services.rules.attachments import KINDS, LONGEST_NAME, MOST_ATTACHMENTS, media_type_of
from services.rules.permissions import may_see
from services.screening.engine import Screener
from services.submissions import DraftFields
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class ReadAttachment:
    """A file that may be attached, and what the machine marked in it."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    reading: AttachmentReading = field(repr=False)


def read(screener: Screener, *, name: str, content: bytes, now: datetime) -> ReadAttachment:
    """Open a file and check it, before any transaction: a long PDF takes seconds.

    Raises `UnreadableFile` for a kind that may not be attached, and for what cannot be read whole; a scan may be
    attached and is marked as one.
    """
    shown = tidy_name(name)
    media_type = media_type_of(shown)
    if media_type is None:
        raise UnreadableFile(f"附件只能是 {'、'.join(KINDS)} 文件：请把“{shown}”另存为其中一种。")
    if not content:
        raise UnreadableFile(f"“{shown}”是空文件，请重新选择。")
    reading = attachment_checks.reading_of(screener, shown, content, now=now)
    return ReadAttachment(shown, media_type, content, reading)


def tidy_name(name: str) -> str:
    """The name a file is shown under: its last part, printable, its end kept however long the rest is."""
    path = PurePath(name.replace("\\", "/"))
    stem = " ".join("".join(each for each in path.stem if each.isprintable()).split())
    ending = path.suffix.lower()
    return f"{stem[: LONGEST_NAME - len(ending)] or '附件'}{ending}"


def attach(
    work: UnitOfWork, store: AssetStore, *, submission_id: int, seen_edition: int, attachment: ReadAttachment
) -> Draft:
    """Put a file into the draft; one of the same name is replaced by it.

    Raises `InvalidInput` where there are too many, and whatever saving the draft refuses.
    """
    kept = _draft_fields(work, submission_id)
    sha256 = attachment.reading.sha256
    entry = {"name": attachment.name, "sha256": sha256}
    if any(each["name"] == attachment.name for each in kept.attachments):
        attached = [entry if each["name"] == attachment.name else each for each in kept.attachments]
    else:
        attached = [*kept.attachments, entry]
    if len(attached) > MOST_ATTACHMENTS:
        raise InvalidInput(f"一篇稿件最多 {MOST_ATTACHMENTS} 个附件，请先移除不需要的。", field="attachments")
    draft = _saved(work, submission_id, seen_edition, replace(kept, attachments=attached))
    _keep_row(work, submission_id, attachment)
    work.session.merge(attachment.reading)
    details = {"name": attachment.name, "sha256": sha256[:12], "bytes": len(attachment.content)}
    audit.record(work, AuditAction.ATTACHMENT_ADDED, "submission", submission_id, details)
    # Behind the trail's head, as `forget` is: a file that is being deleted is not taken for one that is there.
    store.put(attachment.content)
    return draft


def _keep_row(work: UnitOfWork, submission_id: int, attachment: ReadAttachment) -> None:
    sha256 = attachment.reading.sha256
    if _row(work, submission_id, sha256) is None:
        work.session.add(
            Attachment(
                submission_id=submission_id,
                sha256=sha256,
                media_type=attachment.media_type,
                size=len(attachment.content),
                added_by_id=work.person_id,
                added_at=work.now,
            )
        )


def detach(work: UnitOfWork, *, submission_id: int, seen_edition: int, name: str) -> Draft:
    """Take a file out of the draft; versions handed in before keep theirs. Raises what saving the draft refuses."""
    kept = _draft_fields(work, submission_id)
    left = [each for each in kept.attachments if each["name"] != name]
    draft = _saved(work, submission_id, seen_edition, replace(kept, attachments=left))
    if len(left) < len(kept.attachments):
        audit.record(work, AuditAction.ATTACHMENT_REMOVED, "submission", submission_id, {"name": name})
    return draft


def forget(work: UnitOfWork, store: AssetStore, *, submission_id: int) -> int:
    """Delete the files of an item that its author took out before any version was handed in with them; how many.

    A list that was replaced by a masked one is nobody's business any more (个保法 47). What a version carries, or
    anything else in the database refers to, stays; so nothing goes that anybody can see, and no right is asked for.
    """
    work.session.exec(select(AuditHead).with_for_update()).one()
    draft = work.session.get(Draft, submission_id)
    versions = work.session.exec(select(Revision.attachments).where(Revision.submission_id == submission_id)).all()
    carried = {each["sha256"] for attached in (draft.attachments if draft else [], *versions) for each in attached}
    rows = work.session.exec(select(Attachment).where(Attachment.submission_id == submission_id)).all()
    gone = [row for row in rows if row.sha256 not in carried]
    for row in gone:
        work.session.execute(delete(AttachmentOpening).where(*_openings_of(row)))
        work.session.delete(row)
    work.session.flush()
    for row in gone:
        if not _is_referred_to(work, row.sha256):
            work.session.execute(delete(AttachmentReading).where(col(AttachmentReading.sha256) == row.sha256))
            store.discard(row.sha256)
    return len(gone)


def _openings_of(row: Attachment) -> tuple[ColumnElement[bool], ...]:
    return (
        col(AttachmentOpening.submission_id) == row.submission_id,
        col(AttachmentOpening.sha256) == row.sha256,
    )


def _is_referred_to(work: UnitOfWork, sha256: str) -> bool:
    """Whether any row of the database holds this hash in a column of hashes, whatever table comes to be added."""
    marks_only = (AttachmentReading.__tablename__, AttachmentOpening.__tablename__)
    columns = [
        column
        for table in Record.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("sha256") and table.name not in marks_only
    ]
    return any(work.session.execute(select(column).where(column == sha256).limit(1)).first() for column in columns)


def _draft_fields(work: UnitOfWork, submission_id: int) -> DraftFields:
    submission, draft = work.session.get(Submission, submission_id), work.session.get(Draft, submission_id)
    # Before anything is said of the draft; saving it asks again, and more.
    if submission is None or draft is None or submission.contributor_id != work.actor.id:
        raise NotFound("没有找到这篇稿件：它不存在，或不是您的稿件。")
    return submissions.draft_fields(draft)


def _saved(work: UnitOfWork, submission_id: int, seen_edition: int, fields: DraftFields) -> Draft:
    return submissions.save_draft(work, submission_id=submission_id, seen_edition=seen_edition, draft=fields)


def open_file(work: UnitOfWork, store: AssetStore, *, submission_id: int, sha256: str) -> bytes:
    """The bytes of an attachment, for whoever may see the item; who opened it first when is kept.

    Raises `NotFound`.
    """
    submission = work.session.get(Submission, submission_id)
    row = _row(work, submission_id, sha256)
    if submission is None or row is None or not may_see(work.actor, standing(work.session, submission)):
        raise NotFound("没有找到这个附件：它不存在，或不由您办理。请刷新页面。")
    content = store.get(sha256)
    # Somebody who clicks twice opens it twice at once: the second waits here and then sees the first.
    work.session.exec(select(AuditHead).with_for_update()).one()
    if work.session.get(AttachmentOpening, (submission_id, sha256, work.person_id)) is None:
        opening = AttachmentOpening(
            submission_id=submission_id, sha256=sha256, person_id=work.person_id, opened_at=work.now
        )
        work.session.add(opening)
        audit.record(work, AuditAction.ATTACHMENT_OPENED, "submission", submission_id, {"sha256": sha256[:12]})
    return content


def _row(work: UnitOfWork, submission_id: int, sha256: str) -> Attachment | None:
    wanted = (Attachment.submission_id == submission_id, Attachment.sha256 == sha256)
    return work.session.exec(select(Attachment).where(*wanted)).first()
