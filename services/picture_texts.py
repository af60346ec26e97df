"""Reading the writing in pictures, beside everything else: one picture at a time, where a reader is installed."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import structlog
from sqlalchemy import and_, or_
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from models import REVIEW_STAGES, WITH_AUTHOR, Asset, AuditHead, PictureReading, Submission
from services import findings, picture_text_checks, rounds
from services.bootstrap import Runtime
from services.ports import PictureNotRead, PictureReader
from services.rules.office_time import office_day
from services.unit_of_work import UnitOfWork

log = structlog.get_logger()

IDLE = 5.0
"""Seconds between two looks."""

LEASE = timedelta(minutes=5)
MOST_TRIES = 2
"""A picture that ends its reader twice is left to people."""


def work_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Read what waits until told to stop; nothing at all without a reader."""
    if runtime.picture_reader is not None:
        rounds.until(stopping, lambda: read_due(runtime, stop=stopping), of="picture texts", idle=IDLE)


def read_due(runtime: Runtime, *, stop: threading.Event | None = None) -> int:
    """Read the pictures of items that are being written or reviewed, newest first; how many."""
    reader, count = runtime.picture_reader, 0
    while reader is not None and not (stop is not None and stop.is_set()):
        sha256 = _taken(runtime)
        if sha256 is None:
            break
        _read(runtime, reader, sha256)
        count += 1
    return count


def _taken(runtime: Runtime) -> str | None:
    """The next picture, leased; of two workers the second waits at the trail's head and then sees the lease."""
    lists = picture_text_checks.lists_of(runtime.screener())
    with runtime.reading() as session:
        if session.exec(_unread(lists, runtime.now())).first() is None:
            return None
    with runtime.as_system() as work:
        work.session.exec(select(AuditHead).with_for_update()).one()
        sha256 = work.session.exec(_unread(lists, work.now)).first()
        if sha256 is not None:
            row = work.session.get(PictureReading, sha256) or PictureReading(
                sha256=sha256, lists=lists, marks=[], lease_until=work.now
            )
            if row.read_at is not None:
                row.tries, row.read_at = 0, None
            row.tries, row.lists, row.lease_until = row.tries + 1, lists, work.now + LEASE
            work.session.add(row)
        return sha256


def _unread(lists: str, now: datetime) -> SelectOfScalar[str]:
    """The newest picture in the hands of authors or reviewers that nobody read, or read by other lists than these."""
    unread = and_(
        col(PictureReading.read_at).is_(None),
        col(PictureReading.tries) < MOST_TRIES,
        col(PictureReading.lease_until) <= now,
    )
    outdated = and_(col(PictureReading.read_at).is_not(None), col(PictureReading.lists) != lists)
    return (
        select(Asset.sha256)
        .join(Submission, col(Submission.id) == col(Asset.submission_id))
        .join(PictureReading, col(PictureReading.sha256) == col(Asset.sha256), isouter=True)
        .where(
            col(Submission.state).in_((*WITH_AUTHOR, *REVIEW_STAGES)),
            or_(col(PictureReading.sha256).is_(None), unread, outdated),
        )
        .order_by(col(Asset.id).desc())
        .limit(1)
    )


def _read(runtime: Runtime, reader: PictureReader, sha256: str) -> None:
    screener, today = runtime.screener(), office_day(runtime.now())
    try:
        text = reader.read(runtime.assets.get(sha256))
        marks = picture_text_checks.screened(screener, text, today=today)
    except (PictureNotRead, FileNotFoundError, ValueError) as fault:
        log.warning("picture_texts.not_read", picture=sha256[:12], fault=type(fault).__name__)
        marks = None
    with runtime.as_system() as work:
        row = work.session.get_one(PictureReading, sha256)
        if marks is None and row.tries < MOST_TRIES:
            row.lease_until = work.now
            return
        row.marks = picture_text_checks.given_up() if marks is None else marks
        row.read_at = work.now
        work.session.flush()
        if row.marks:
            # Handed in before its pictures were read: the office must see what was found since.
            for submission_id in _in_review(work, sha256):
                findings.check(work, screener, submission_id=submission_id)


def _in_review(work: UnitOfWork, sha256: str) -> list[int]:
    rows = work.session.exec(
        select(Asset.submission_id)
        .join(Submission, col(Submission.id) == col(Asset.submission_id))
        .where(Asset.sha256 == sha256, col(Submission.state).in_(REVIEW_STAGES))
        .order_by(col(Asset.submission_id))
    )
    return list(rows)
