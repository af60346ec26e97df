"""附件检查: what the machine says about the attachments of an item.

A file is read once a day for each state of the lists, outside every transaction; what was marked is kept by the
file's hash, personal data masked. The text of a file is never kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, select

from models import AttachmentReading, Content, Draft, FindingLevel, Revision, Submission
from services.rules.office_time import office_day
from services.screening.attached_files import screen_file
from services.screening.bounded_reading import read_bounded
from services.screening.catalogue import rule as catalogue_rule
from services.screening.engine import Screener
from services.screening.file_text import NoText
from services.screening.marks import Mark

if TYPE_CHECKING:
    from services.bootstrap import Runtime

FIELD = "attachment:"


def read_attachments(runtime: Runtime, *, submission_id: int) -> int:
    """Read the attachments of an item that nobody read yet with the lists of today; how many."""
    with runtime.reading() as session:
        attached = _attached(session, submission_id)
        known = {each.sha256: each.versions for each in _rows(session, list(attached))}
    if not attached:
        return 0
    screener, now = runtime.screener(), runtime.now()
    wanted = _versions(screener, office_day(now))
    fresh = [
        reading_of(screener, name, runtime.assets.get(sha256), now=now)
        for sha256, name in attached.items()
        if known.get(sha256) != wanted
    ]
    with runtime.as_system() as work:
        for each in fresh:
            work.session.merge(each)
    return len(fresh)


def reading_of(screener: Screener, name: str, content: bytes, *, now: datetime) -> AttachmentReading:
    """What the machine marks in a file. Raises `UnreadableFile` for what cannot be read whole; a scan is marked."""
    today, sha256 = office_day(now), hashlib.sha256(content).hexdigest()
    try:
        marks = screen_file(screener, read_bounded(content, name), today=today).marks
    except NoText:
        advice = "机器读不出文字，可能是扫描件：请打开附件，逐页核对后写明核对情况。"
        # Recognised by its content: an answer given to one scan says nothing of another of the same name.
        marks = (replace(_mark("attachment.scan", FindingLevel.WARN, advice), digest=sha256),)
    return AttachmentReading(
        sha256=sha256,
        versions=_versions(screener, today),
        marks=[_written(mark) for mark in marks],
        read_at=now,
    )


def marks(session: Session, content: Content) -> list[Mark]:
    """The marks of all attachments of a version, in their order.

    One that was never read is marked too: nothing goes on unread, however the check was started.
    """
    readings = {each.sha256: each for each in _rows(session, [each["sha256"] for each in content.attachments])}
    return [
        replace(mark, field=f"{FIELD}{each['name']}", quote=mark.quote or each["name"])
        for each in content.attachments
        for mark in _read_again(readings.get(each["sha256"]))
    ]


def version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of the attachments it looked at; nothing where there was nothing to say."""
    if not found:
        return {}
    written = "\n".join(repr(each) for each in found)
    return {"attachments": hashlib.sha256(written.encode()).hexdigest()[:12]}


def _read_again(reading: AttachmentReading | None) -> Iterator[Mark]:
    if reading is None:
        yield _mark("attachment.unread", FindingLevel.BLOCK, "这个附件还没有检查：请点“重新检查”。")
        return
    yield from (Mark(**{**each, "level": FindingLevel.of(each["level"])}) for each in reading.marks)


def _written(mark: Mark) -> dict[str, Any]:
    return {**asdict(mark), "level": mark.level.value}


def _mark(rule: str, level: FindingLevel, suggestion: str) -> Mark:
    return Mark(rule, level, quote="", start=0, end=0, clause=catalogue_rule(rule).clause, suggestion=suggestion)


def _versions(screener: Screener, day: date) -> dict[str, str]:
    # An entry of the list begins and ends on a day, so what was marked yesterday may not be what is marked today.
    return {**screener.screen_text("").versions, "day": day.isoformat()}


def _attached(session: Session, submission_id: int) -> dict[str, str]:
    """The files of the draft and of the version in review: their names by their hashes."""
    revision_id = session.get_one(Submission, submission_id).revision_id
    versions = (session.get(Draft, submission_id), session.get(Revision, revision_id) if revision_id else None)
    return {each["sha256"]: each["name"] for content in versions if content for each in content.attachments}


def _rows(session: Session, hashes: list[str]) -> list[AttachmentReading]:
    return list(session.exec(select(AttachmentReading).where(col(AttachmentReading.sha256).in_(hashes))))
