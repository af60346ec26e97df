"""机器初筛: running the check on a submission, keeping its marks, taking people's answers.

The machine marks; it never approves and never rejects. A block is answered before the item is handed in.
"""

from __future__ import annotations

from sqlmodel import col, select

from models import (
    AuditAction,
    Content,
    Draft,
    Finding,
    FindingAnswer,
    FindingLevel,
    Revision,
    Screening,
    Submission,
)
from services import audit
from services.errors import FindingsOpen, NotAllowed, NotFound, ReasonRequired
from services.manuscript import blocks
from services.rules.office_time import office_day
from services.rules.permissions import STAGE_CAPABILITY
from services.screening.engine import Manuscript, Screener
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork


def check(work: UnitOfWork, screener: Screener, *, submission_id: int) -> list[Finding]:
    """Run the machine check on the present content (the draft, or what the office made of it) and keep the marks.

    Content that was already checked by the same lists is not checked again. Answers given to the same mark on
    an earlier version are carried over. Raises `NotFound` for anybody who has no business with the item.
    """
    submission = _found(work, submission_id)
    content = _present_content(work, submission)
    fingerprint = fingerprint_of(content)
    result = screener.screen(_manuscript(work, submission, content))
    present = _latest(work, submission_id)
    if present is not None and (present.fingerprint, present.versions) == (fingerprint, result.versions):
        return _marks_of(work, present)
    run = Screening(
        submission_id=submission_id, fingerprint=fingerprint, versions=result.versions, run_at=work.now
    )
    earlier = {_likeness(each): each for each in _answered(work, submission_id)}
    work.session.add(run)
    work.session.flush()
    marks = [
        Finding(
            screening_id=run.id or 0,
            submission_id=submission_id,
            rule=mark.rule,
            level=mark.level,
            field=mark.field,
            quote=mark.quote,
            start=mark.start,
            end=mark.end,
            clause=mark.clause,
            suggestion=mark.suggestion,
            digest=mark.digest,
        )
        for mark in result.marks
    ]
    for each in marks:
        _carry_over(each, earlier.get(_likeness(each)))
    work.session.add_all(marks)
    work.session.flush()
    return marks


def answer(work: UnitOfWork, *, finding_id: int, answer: FindingAnswer, reason: str = "") -> Finding:
    """Answer one mark. Saying that it is right as it stands, or a false alarm, needs a reason.

    Raises `NotFound`, `NotAllowed`, `ReasonRequired`.
    """
    finding = work.session.get(Finding, finding_id)
    if finding is None:
        raise NotFound("没有找到这条提示，请刷新页面。")
    submission = _found(work, finding.submission_id)
    stage = STAGE_CAPABILITY.get(submission.state)
    if work.actor.id != submission.contributor_id and not (stage and work.actor.reaches(stage)):
        raise NotAllowed("只有作者和当前环节的办理人可以答复机器提示。")
    if answer is not FindingAnswer.FIXED and not reason.strip():
        raise ReasonRequired(f"选择“{answer.label}”须写明理由，审核人会看到它。")
    finding.answer, finding.reason = answer, reason.strip()
    finding.answered_by_id, finding.answered_at = work.actor.id, work.now
    work.session.flush()
    details = {"finding": finding.id, "rule": finding.rule, "answer": answer.value, "reason": finding.reason}
    audit.record(work, AuditAction.FINDING_ANSWERED, "submission", finding.submission_id, details)
    return finding


def refuse_open_blocks(work: UnitOfWork, *, submission_id: int, fingerprint: str) -> None:
    """The gate before handing in: checked exactly as it is, and no block left unanswered.

    Raises `FindingsOpen`.
    """
    run = _latest(work, submission_id)
    if run is None or run.fingerprint != fingerprint:
        raise FindingsOpen("内容在机器初筛之后有改动：请再点一次“检查并提交”。")
    open_blocks = [
        each for each in _marks_of(work, run) if each.level is FindingLevel.BLOCK and each.answer is None
    ]
    if open_blocks:
        first = open_blocks[0]
        raise FindingsOpen(
            f"机器初筛拦截了 {len(open_blocks)} 处，须先处理：例如“{first.quote}”，{first.suggestion}"
        )


def _found(work: UnitOfWork, submission_id: int) -> Submission:
    submission = work.session.get(Submission, submission_id)
    if submission is None:
        raise NotFound("没有找到这篇稿件，请从列表重新打开。")
    return submission


def _present_content(work: UnitOfWork, submission: Submission) -> Content:
    stage = STAGE_CAPABILITY.get(submission.state)
    if work.actor.id == submission.contributor_id and stage is None:
        return work.session.get_one(Draft, submission.id)
    if submission.revision_id is None or not (
        work.actor.id == submission.contributor_id or (stage and work.actor.reaches(stage))
    ):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。")
    return work.session.get_one(Revision, submission.revision_id)


def _manuscript(work: UnitOfWork, submission: Submission, content: Content) -> Manuscript:
    return Manuscript(
        title=content.title,
        digest=content.digest,
        author=content.author,
        body=blocks.plain_text(content.body_html),
        category=submission.category.value,
        source_kind=content.source_kind.value,
        today=office_day(work.now),
        event_date=submission.event_date,
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
    # "Fixed" is not carried over: if the mark is there again, it was not fixed.
    if earlier is None or earlier.answer is FindingAnswer.FIXED:
        return
    finding.answer, finding.reason = earlier.answer, earlier.reason
    finding.answered_by_id, finding.answered_at = earlier.answered_by_id, earlier.answered_at
