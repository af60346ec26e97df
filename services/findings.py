"""机器初筛: running the check on a submission, keeping its marks, taking people's answers.

The machine marks; it never approves and never rejects. A block is answered before the item is handed in, a
warning before the office passes the item. What was changed is not answered: it is gone after the next run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlmodel import col, select

from models import (
    REVIEW_STAGES,
    WITH_AUTHOR,
    AuditAction,
    Content,
    Draft,
    Finding,
    FindingAnswer,
    FindingLevel,
    Particulars,
    Revision,
    Screening,
    Submission,
)
from services import (
    attachment_checks,
    audit,
    consent_checks,
    duplicates,
    exemptions,
    picture_checks,
    picture_text_checks,
)
from services.errors import FindingsOpen, InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.manuscript import blocks
from services.manuscript.links import links
from services.queries import standings
from services.rules.office_time import office_day
from services.rules.permissions import HOLDS_STAGE, STAGE_CAPABILITY, may_see
from services.screening.catalogue import possible_answers
from services.screening.engine import Manuscript, Screener
from services.screening.links import Link
from services.screening.marks import Mark
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork


def check(work: UnitOfWork, screener: Screener, *, submission_id: int) -> list[Finding]:
    """Run the machine check on the present content (the draft, or what the office made of it) and keep the marks.

    Content that was already checked by the same lists, with the same category and event date, is not checked again
    unless the day brought other marks. Answers given to the same mark on an earlier version are carried over. Raises
    `NotFound` for anybody who has no business with the item.
    """
    submission = _found(work, submission_id)
    content = _present_content(work, submission)
    said: Particulars = content if isinstance(content, Draft) else submission
    fingerprint = fingerprint_of(content)
    result = screener.screen(manuscript_of(said, content, office_day(work.now)))
    pictures = picture_checks.marks(work.session, submission_id, content, trusted=screener.trusted_domains)
    alike = duplicates.marks(work.session, submission_id, content)
    attached = attachment_checks.marks(work.session, content)
    portraits = consent_checks.marks(work.session, submission_id, content, day=_day_of(work, said))
    written = picture_text_checks.marks(work.session, content)
    exempt = exemptions.in_force(work.session, office_day(work.now))
    versions = {
        **result.versions,
        **_version(result.marks),
        **exemptions.version(exempt),
        **picture_checks.version(pictures),
        **duplicates.version(alike),
        **attachment_checks.version(attached),
        **consent_checks.version(portraits),
        **picture_text_checks.version(written),
    }
    present = _latest(work, submission_id)
    read: dict[str, Any] = {
        "fingerprint": fingerprint,
        "category": said.category,
        "event_date": said.event_date,
        "versions": versions,
    }
    if present is not None and {name: getattr(present, name) for name in read} == read:
        return _marks_of(work, present)
    run = Screening(submission_id=submission_id, run_at=work.now, **read)
    earlier = {_likeness(each): each for each in _answered(work, submission_id)}
    work.session.add(run)
    work.session.flush()
    seen = [*result.marks, *alike, *pictures, *portraits, *written, *attached]
    marks = [_finding(run, mark) for mark in seen]
    for each in marks:
        _carry_over(each, earlier.get(_likeness(each)))
        exemptions.apply(exempt, each)
    if present is not None:
        _settle_what_is_gone(work, _marks_of(work, present), {_likeness(each) for each in marks})
    work.session.add_all(marks)
    duplicates.remember(work.session, submission_id, content.body_html)
    work.session.flush()
    return marks


def _version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of the words it looked at, which another day may read otherwise; nothing where nothing was
    found.
    """
    if not found:
        return {}
    return {"words": hashlib.sha256("\n".join(map(repr, found)).encode()).hexdigest()[:12]}


def _day_of(work: UnitOfWork, said: Particulars) -> date:
    """The day the item is to go out, as far as anybody knows."""
    return max(office_day(work.now), office_day(said.wanted_at or work.now))


def _finding(run: Screening, mark: Mark) -> Finding:
    return Finding(
        screening_id=run.id or 0,
        submission_id=run.submission_id,
        rule=mark.rule,
        level=mark.level,
        field=mark.field,
        place=mark.place,
        quote=mark.quote,
        start=mark.start,
        end=mark.end,
        clause=mark.clause,
        suggestion=mark.suggestion,
        digest=mark.digest,
        replacement=mark.replacement,
        entry=mark.entry,
        related_id=mark.related_id,
    )


def _settle_what_is_gone(work: UnitOfWork, before: list[Finding], still: set[tuple[str, str, str]]) -> None:
    """A mark that the new content no longer has was acted on: this is what tells a good rule from a bad one."""
    for each in before:
        if each.answer is None and _likeness(each) not in still:
            each.answer, each.answered_by_id, each.answered_at = FindingAnswer.FIXED, work.actor.id, work.now


def answer(work: UnitOfWork, *, finding_id: int, answer: FindingAnswer, reason: str = "") -> Finding:
    """Say that a marked place is right as it stands, or a false alarm; both need a reason.

    Raises `NotFound`, `NotAllowed`, `WrongState` once the review is over, `ReasonRequired`, and `InvalidInput` for
    "fixed", which nobody can say: a place that was changed is gone after the next run. So for what is missing: it is
    filled in, not argued away.
    """
    finding = known(work, finding_id)
    _refuse_bystanders(work, finding.submission_id)
    if answer is FindingAnswer.FIXED:
        raise InvalidInput("改过之后请点“重新检查”：改好的地方不会再有提示。", field="answer")
    _refuse_impossible(finding, answer)
    if not reason.strip():
        raise ReasonRequired(f"选择“{answer.label}”须写明理由，审核人会看到它。")
    finding.answer, finding.reason = answer, reason.strip()
    finding.answered_by_id, finding.answered_at = work.actor.id, work.now
    work.session.flush()
    details = {"finding": finding.id, "rule": finding.rule, "answer": answer.value, "reason": finding.reason}
    audit.record(work, AuditAction.FINDING_ANSWERED, "submission", finding.submission_id, details)
    return finding


def _refuse_impossible(finding: Finding, answer: FindingAnswer) -> None:
    possible = possible_answers(finding.rule, finding.level)
    if not possible:
        raise InvalidInput(f"这处不能写理由代替：{finding.suggestion}改好后点“重新检查”。", field="answer")
    if answer not in possible:
        raise InvalidInput("这处不是误报：请人工核对后选“确认无误”，写明核对的结果。", field="answer")


def known(work: UnitOfWork, finding_id: int) -> Finding:
    """A mark on an item that the person may know of. Raises `NotFound`."""
    finding = work.session.get(Finding, finding_id)
    submission = work.session.get_one(Submission, finding.submission_id) if finding else None
    if finding is None or submission is None or not may_see(work.actor, standings.standing(work.session, submission)):
        raise NotFound("没有找到这条提示：稿件可能已重新检查，或不由您办理。请刷新页面。")
    return finding


def _refuse_bystanders(work: UnitOfWork, submission_id: int) -> None:
    # Locked like every step: of an answer and a signature at the same moment, the second sees the first.
    submission = standings.locked(work.session, submission_id)
    assert submission is not None  # noqa: S101  # a mark belongs to an item, and items are never deleted
    standing = standings.standing(work.session, submission)
    holds = any(HOLDS_STAGE.holds(each, standing) for each in work.actor.standings)
    if work.actor.id != submission.contributor_id and not holds:
        raise NotAllowed("只有作者和当前环节的办理人可以答复机器提示。")
    if submission.state not in (*WITH_AUTHOR, *REVIEW_STAGES):
        # What was answered when it was signed is part of the record.
        raise WrongState(f"稿件现在是“{submission.state.label}”，机器提示不再答复。")


def refuse_open_blocks(work: UnitOfWork, *, submission_id: int, fingerprint: str, said: Particulars) -> None:
    """The gate before handing in: checked exactly as it is, with what is `said` of it, and no block left unanswered.

    Raises `FindingsOpen`.
    """
    run = _latest(work, submission_id)
    if run is None or run.fingerprint != fingerprint or not _is_about(run, said):
        raise FindingsOpen("内容在机器初筛之后有改动：请再点一次“检查并提交”。")
    open_blocks = [each for each in _marks_of(work, run) if each.level is FindingLevel.BLOCK and each.answer is None]
    if open_blocks:
        first = open_blocks[0]
        raise FindingsOpen(f"机器初筛拦截了 {len(open_blocks)} 处，须先处理：例如“{first.quote}”，{first.suggestion}")


def _is_about(run: Screening, said: Particulars) -> bool:
    return run.category is None or (run.category, run.event_date) == (said.category, said.event_date)


def refuse_unanswered(work: UnitOfWork, *, submission_id: int) -> None:
    """The gate before the office signs: every block and warning of the last run has its answer.

    Raises `FindingsOpen`.
    """
    run = _latest(work, submission_id)
    marks = _marks_of(work, run) if run else []
    waiting = [each for each in marks if each.level is not FindingLevel.INFO and each.answer is None]
    if waiting:
        first = waiting[0]
        raise FindingsOpen(
            f"机器初筛还有 {len(waiting)} 处没有答复：例如“{first.quote}”，{first.suggestion}"
            "请作者或审核人改正，或写明理由确认后再通过。"
        )


def _found(work: UnitOfWork, submission_id: int) -> Submission:
    submission = work.session.get(Submission, submission_id)
    if submission is None:
        raise NotFound("没有找到这篇稿件，请从列表重新打开。")
    return submission


def _present_content(work: UnitOfWork, submission: Submission) -> Content:
    """The author's draft while they hold the pen, else the revision in review."""
    stage = STAGE_CAPABILITY.get(submission.state)
    if work.actor.id == submission.contributor_id and stage is None:
        return work.session.get_one(Draft, submission.id)
    if submission.revision_id is None or not may_see(work.actor, standings.standing(work.session, submission)):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。")
    return work.session.get_one(Revision, submission.revision_id)


def manuscript_of(said: Particulars, content: Content, today: date) -> Manuscript:
    """What the text check is given of a version of an item, with what is said of that version."""
    return Manuscript(
        title=content.title,
        digest=content.digest,
        author=content.author,
        body=blocks.plain_text(content.body_html),
        category=said.category.value,
        source_kind=content.source_kind.value,
        today=today,
        event_date=said.event_date,
        links=tuple(Link(each.start, each.end, each.address) for each in links(content.body_html)),
        pictures=len(blocks.picture_hashes(content.body_html)),
        photographer=content.photographer,
    )


def _latest(work: UnitOfWork, submission_id: int) -> Screening | None:
    newest = select(Screening).where(Screening.submission_id == submission_id).order_by(col(Screening.id).desc())
    return work.session.exec(newest).first()


def _marks_of(work: UnitOfWork, run: Screening) -> list[Finding]:
    return list(work.session.exec(select(Finding).where(Finding.screening_id == run.id).order_by(col(Finding.id))))


def _answered(work: UnitOfWork, submission_id: int) -> list[Finding]:
    given = (
        select(Finding)
        .where(Finding.submission_id == submission_id, col(Finding.answer).is_not(None))
        .order_by(col(Finding.id))
    )
    return list(work.session.exec(given))


def _likeness(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.field, finding.digest or finding.quote


def _carry_over(finding: Finding, earlier: Finding | None) -> None:
    # "Fixed" is not carried over: if the mark is there again, it was not fixed. Nor what nobody could answer today.
    if earlier is None or earlier.answer not in possible_answers(finding.rule, finding.level):
        return
    finding.answer, finding.reason = earlier.answer, earlier.reason
    finding.answered_by_id, finding.answered_at = earlier.answered_by_id, earlier.answered_at
