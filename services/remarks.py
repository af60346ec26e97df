"""批注: remarks on words of an item, made by whoever reviews it, answered by its author, settled by the office.

A remark points at characters of one version and quotes them, so that it can be found again in the next. Its author is
told with the return, not while the reviewer is still reading; an answer is told at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import update
from sqlmodel import col

from models import (
    REVIEW_STAGES,
    AuditAction,
    NoticeKind,
    Remark,
    RemarkReply,
    Revision,
    Submission,
)
from services import audit, notices
from services.errors import InvalidInput, NotAllowed, NotFound, StaleState, WrongState
from services.manuscript import anchors
from services.queries import standings
from services.rules import remarks as rules
from services.rules.permissions import DECIDES_STAGE, Standing, able_standing, may_see
from services.unit_of_work import UnitOfWork

LONGEST = 500  # characters of one remark or reply
LONGEST_QUOTE = 300

CHANGED_MEANWHILE = "稿件内容刚刚有了新的一版，您选的字可能已经变了：请刷新页面，重新选中再写。"


def add(
    work: UnitOfWork, *, submission_id: int, seen_revision_id: int, field: str, start: int, end: int, text: str
) -> Remark:
    """Remark on `start` to `end` of a field's plain text, by whoever decides the item's stage.

    Raises `NotFound`, `NotAllowed`, `WrongState`, `StaleState` where the content changed since it was drawn, and
    `InvalidInput`.
    """
    submission, standing = _found(work, submission_id)
    if submission.state not in REVIEW_STAGES:
        raise WrongState(f"稿件现在是“{submission.state.label}”，批注只在审核环节添加。请刷新页面查看最新状态。")
    able = able_standing(DECIDES_STAGE, work.actor, standing)
    if able is None:
        raise NotAllowed("批注由当前环节的办理人添加，且不能批注本人的稿件；作者可以在批注下回复。")
    if submission.revision_id != seen_revision_id:
        raise StaleState(CHANGED_MEANWHILE)
    work = work.standing_as(able)
    revision = work.session.get_one(Revision, seen_revision_id)
    remark = Remark(
        submission_id=submission_id,
        revision_id=seen_revision_id,
        field=field,
        quote=_quoted(anchors.texts(revision), field, start, end),
        start=start,
        end=end,
        text=_said(text),
        made_by_id=work.person_id,
        for_id=work.for_id,
        made_at=work.now,
    )
    work.session.add(remark)
    work.session.flush()
    _record(work, AuditAction.REMARK_ADDED, remark, remark.text)
    return remark


def _quoted(texts: dict[str, str], field: str, start: int, end: int) -> str:
    text = texts.get(field, "")
    if not (0 <= start < end <= len(text)) or not text[start:end].strip():
        raise InvalidInput("请先在原文里点一句话，或选中几个字，再写批注。", field="quote")
    if end - start > LONGEST_QUOTE:
        raise InvalidInput(f"一条批注最多对着 {LONGEST_QUOTE} 个字：请少选一些。", field="quote")
    return text[start:end]


def _said(text: str) -> str:
    said = text.strip()
    if not said:
        raise InvalidInput("请写下要说的话。", field="text")
    if len(said) > LONGEST:
        raise InvalidInput(f"请不超过 {LONGEST} 字。", field="text")
    return said


def reply(work: UnitOfWork, *, remark_id: int, text: str) -> RemarkReply:
    """Answer a remark: its author, the item's author, and whoever decides the present stage. The others are told.

    Raises `NotFound`, `NotAllowed`, `WrongState` once the item is settled, and `InvalidInput`.
    """
    remark, submission, standing = _remark(work, remark_id)
    able = rules.answering(work.actor, standing, remark.made_by_id)
    if able is None:
        raise NotAllowed("批注由作者、批注人和当前环节的办理人回复。")
    work = work.standing_as(able)
    answer = RemarkReply(
        remark_id=remark_id,
        text=_said(text),
        made_by_id=work.person_id,
        for_id=work.for_id,
        made_at=work.now,
    )
    work.session.add(answer)
    work.session.flush()
    _record(work, AuditAction.REMARK_ANSWERED, remark, answer.text)
    notices.tell(
        work,
        [remark.made_by_id, submission.contributor_id],
        NoticeKind.REMARK,
        event=f"remark-reply:{answer.id}",
        subject=("submission", remark.submission_id),
        title=f"《{submission.title}》的批注有了回复",
        body=f"“{remark.quote}”：{answer.text}",
    )
    return answer


def settle(work: UnitOfWork, *, remark_id: int) -> None:
    """Say that a remark is dealt with: whoever made it, or decides the present stage; never the item's author.

    Raises as `reply`, and `StaleState` where it was settled before.
    """
    remark, _, standing = _remark(work, remark_id)
    work = _settling(work, remark, standing)
    values = {"settled_at": work.now, "settled_by_id": work.person_id, "settled_for_id": work.for_id}
    _turn(work, remark, is_settled=False, values=values, late="这条批注刚刚已经解决，请刷新页面。")
    _record(work, AuditAction.REMARK_SETTLED, remark)


def reopen(work: UnitOfWork, *, remark_id: int) -> None:
    """Take a settled remark up again; the item's author is told. Raises as `settle`."""
    remark, submission, standing = _remark(work, remark_id)
    work = _settling(work, remark, standing)
    values = {"settled_at": None, "settled_by_id": None, "settled_for_id": None}
    _turn(work, remark, is_settled=True, values=values, late="这条批注刚刚已经重新打开，请刷新页面。")
    _record(work, AuditAction.REMARK_REOPENED, remark)
    notices.tell(
        work,
        [submission.contributor_id],
        NoticeKind.REMARK,
        event=f"remark-reopened:{remark.id}:{work.now.isoformat()}",
        subject=("submission", remark.submission_id),
        title=f"《{submission.title}》的一条批注重新打开",
        body=f"“{remark.quote}”：{remark.text}",
    )


def _turn(work: UnitOfWork, remark: Remark, *, is_settled: bool, values: Mapping[str, object], late: str) -> None:
    settled = col(Remark.settled_at)
    unchanged = (col(Remark.id) == remark.id, settled.is_not(None) if is_settled else settled.is_(None))
    if work.session.execute(update(Remark).where(*unchanged).values(**values)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise StaleState(late)
    work.session.refresh(remark)


# --- Who may ---------------------------------------------------------------------------------------------


def _found(work: UnitOfWork, submission_id: int) -> tuple[Submission, Standing]:
    submission = standings.locked(work.session, submission_id)
    standing = standings.standing(work.session, submission) if submission else None
    if submission is None or standing is None or not may_see(work.actor, standing):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    return submission, standing


def _remark(work: UnitOfWork, remark_id: int) -> tuple[Remark, Submission, Standing]:
    remark = work.session.get(Remark, remark_id)
    if remark is None:
        raise NotFound("没有找到这条批注，请刷新页面。")
    submission, standing = _found(work, remark.submission_id)
    if submission.state not in rules.OPEN_TO_ANSWERS:
        raise WrongState(f"稿件现在是“{submission.state.label}”，批注只供查看。")
    return remark, submission, standing


def _settling(work: UnitOfWork, remark: Remark, standing: Standing) -> UnitOfWork:
    able = rules.settling(work.actor, standing, remark.made_by_id)
    if able is None:
        raise NotAllowed("批注由批注人或当前环节的办理人解决和重新打开；作者改好后请回复说明。")
    return work.standing_as(able)


def _record(work: UnitOfWork, action: AuditAction, remark: Remark, text: str = "") -> None:
    details = {"remark_id": remark.id, "field": remark.field, "quote": remark.quote, "comment": text}
    audit.record(work, action, "submission", remark.submission_id, details)
