"""One-click corrections: a mark's replacement put into the draft or, by the office, into a new revision.

Masking personal data and mending wrong characters are the same act: the mark says what may take its place.
"""

from __future__ import annotations

from dataclasses import replace

from models import WITH_AUTHOR, Content, Draft, Finding, Revision, Screening, Submission
from services import findings, submissions
from services.errors import InvalidInput, StaleState
from services.manuscript.repair import Repair, in_body, in_text
from services.screening.engine import Screener
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork

TEXT_FIELDS = ("title", "digest", "author")


def apply(work: UnitOfWork, screener: Screener, *, finding_id: int, seen: int) -> str:
    """Put the replacement in the marked place and check again; the field that changed.

    `seen` is the edition of the draft the author saw, or the version of the item the office saw. Raises
    `NotFound`, `InvalidInput` for a mark without a replacement, `StaleState` when the text has changed since the
    check, and whatever saving or adjusting refuses.
    """
    finding = findings.known(work, finding_id)
    if finding.replacement is None or finding.field not in (*TEXT_FIELDS, "body"):
        raise InvalidInput("这处提示没有可以直接替换的写法，请手工修改。")
    submission = work.session.get_one(Submission, finding.submission_id)
    by_author = submission.contributor_id == work.actor.id and submission.state in WITH_AUTHOR
    content = _checked_content(work, submission, finding, by_author=by_author)
    repaired = _repaired(content, finding.field, Repair(finding.start, finding.end, finding.replacement))
    if by_author:
        kept = submissions.draft_fields(work.session.get_one(Draft, submission.id))
        draft = replace(kept, **{name: getattr(repaired, name) for name in (*TEXT_FIELDS, "body_html")})
        submissions.save_draft(work, submission_id=finding.submission_id, seen_edition=seen, draft=draft)
    else:
        submissions.adjust(work, submission_id=finding.submission_id, seen_version=seen, content=repaired)
    findings.check(work, screener, submission_id=finding.submission_id)
    return finding.field


def _checked_content(work: UnitOfWork, submission: Submission, finding: Finding, *, by_author: bool) -> Content:
    """The content the mark was made on: its offsets mean nothing in any other."""
    content: Content | None = (
        work.session.get(Draft, submission.id) if by_author else work.session.get(Revision, submission.revision_id)
    )
    run = work.session.get_one(Screening, finding.screening_id)
    if content is None or fingerprint_of(content) != run.fingerprint:
        raise StaleState("内容在机器初筛之后有改动：请先点“重新检查”。")
    return content


def _repaired(content: Content, field: str, repair: Repair) -> Content:
    if field == "body":
        values = {"body_html": in_body(content.body_html, repair)}
    else:
        values = {field: in_text(getattr(content, field), repair)}
    names = Content.model_fields
    return Content(**{name: getattr(content, name) for name in names} | values)
