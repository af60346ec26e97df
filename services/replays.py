"""重放: an old run of the machine check once more, with the lists, the text and the day it was made with.

What depended on other items, on pictures, on attachments or on consents is not run again: their state of the day is
not kept. A different release may mark differently; it says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from models import Content, Draft, Finding, LexiconVersion, Revision, Screening, Submission
from services import lexicon
from services.errors import NotFound
from services.findings import manuscript_of
from services.queries.standings import visible_to
from services.queries.submissions import told_to
from services.rules.office_time import office_day
from services.rules.permissions import Actor
from services.screening.engine import Manuscript, ScreeningSettings
from services.screening.entries import lexicon_version
from services.screening.marks import FIELDS, Mark
from services.sealing import fingerprint_of

COMPARED = ("rules", "lexicon", "folding", "settings")
_LOOKED_UP = "duplicate."


@dataclass(frozen=True)
class Place:
    """One mark as it is compared."""

    rule: str
    field: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True)
class Replay:
    """What the repetition says: marks of then that are missing now, and marks of now that were not there then.

    `differs_in` names the versions that are not those of the run; with none of them, the marks must agree.
    """

    run_id: int
    run_at: datetime
    edition: int | None
    versions: dict[str, str]
    differs_in: tuple[str, ...]
    compared: int
    missing: tuple[Place, ...]
    added: tuple[Place, ...]

    @property
    def is_same(self) -> bool:
        return not self.missing and not self.added


def replay(session: Session, actor: Actor, settings: ScreeningSettings, *, submission_id: int) -> Replay:
    """Repeat the last run of an item. Half a second for a list of 50,000 entries.

    Raises `NotFound` for whoever may not know of the item, where nothing was checked yet, and where the text or the
    lists of the run are no longer there.
    """
    run, submission = _last_run(session, actor, submission_id)
    content = _content_of(session, run)
    version = _version_of(session, run)
    screener = lexicon.screener_of(version, settings)
    result = screener.screen(_as_said_then(run, manuscript_of(submission, content, office_day(run.run_at))))
    then = _of_findings(session.exec(select(Finding).where(Finding.screening_id == run.id)))
    now = _of_marks(result.marks)
    return Replay(
        run_id=run.id or 0,
        run_at=run.run_at,
        edition=version.number if version else None,
        versions=result.versions,
        differs_in=tuple(name for name in COMPARED if run.versions.get(name) != result.versions[name]),
        compared=len(then),
        missing=_in_order(then - now),
        added=_in_order(now - then),
    )


def _last_run(session: Session, actor: Actor, submission_id: int) -> tuple[Screening, Submission]:
    found = session.exec(
        select(Screening, Submission)
        .join(Submission, col(Submission.id) == col(Screening.submission_id))
        .join(Revision, col(Revision.id) == col(Submission.revision_id), isouter=True)
        .where(Screening.submission_id == submission_id, visible_to(actor), told_to(actor))
        .order_by(col(Screening.id).desc())
    ).first()
    if found is None:
        raise NotFound("没有可以重放的检查：稿件还没有检查过，或不由您查看。")
    return found


def _content_of(session: Session, run: Screening) -> Content:
    revision = session.exec(
        select(Revision).where(Revision.submission_id == run.submission_id, Revision.fingerprint == run.fingerprint)
    ).first()
    if revision is not None:
        return revision
    draft = session.get(Draft, run.submission_id)
    if draft is None or fingerprint_of(draft) != run.fingerprint:
        raise NotFound("这次检查用的草稿后来又改过，没有留存：请先“重新检查”，再重放。")
    return draft


def _as_said_then(run: Screening, manuscript: Manuscript) -> Manuscript:
    if run.category is None:
        return manuscript
    return replace(manuscript, category=run.category.value, event_date=run.event_date)


def _version_of(session: Session, run: Screening) -> LexiconVersion | None:
    """The lists of the run: by their number, and for runs of an older release by their fingerprint."""
    if "edition" in run.versions:
        return lexicon.numbered(session, int(run.versions["edition"]))
    every: list[LexiconVersion | None] = [None]
    every += session.exec(select(LexiconVersion).order_by(col(LexiconVersion.number).desc())).all()
    for version in every:
        if lexicon_version(lexicon.lists_of(version).terms) == run.versions.get("lexicon"):
            return version
    raise NotFound("没有找到这次检查用的词库版本：可能是随旧版程序提供的起始词表。")


def _of_findings(findings: Iterable[Finding]) -> set[Place]:
    return {
        Place(each.rule, each.field, each.start, each.end, each.quote)
        for each in findings
        if each.field in FIELDS and not each.rule.startswith(_LOOKED_UP)
    }


def _of_marks(marks: Iterable[Mark]) -> set[Place]:
    return {Place(each.rule, each.field, each.start, each.end, each.quote) for each in marks}


def _in_order(places: Iterable[Place]) -> tuple[Place, ...]:
    return tuple(sorted(places, key=lambda each: (FIELDS.index(each.field), each.start, each.end, each.rule)))
