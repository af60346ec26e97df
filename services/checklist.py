"""审核清单: the reviewer's answers, each on the revision it was given for, and what the machine says beside them.

An answer holds while what it is about stays as it was: a change elsewhere in the item leaves it standing, a change
there opens it again. A new round begins with an empty list that remembers what was found wrong.
"""

from __future__ import annotations

from sqlmodel import Session

from models import AuditAction, CheckAnswer, CheckVerdict, Content, Revision, SourceKind, Submission, SubmissionState
from services import audit, picture_checks
from services.errors import ChecksFailed, InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, WrongState
from services.manuscript import blocks, parts
from services.queries import checklist as reads
from services.queries import standings
from services.queries import submissions as submission_reads
from services.rules import checklist as rules
from services.rules.checklist import Facts, Given, Line, MachineMark, Part
from services.rules.permissions import DECIDES_STAGE, able_standing, may_see
from services.screening.catalogue import rule as catalogue_rule
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork

CHANGED_MEANWHILE = "稿件内容刚刚有了新的一版，清单答的是旧版：请刷新页面，看过改动再填。"


def lines(session: Session, submission: Submission) -> tuple[Line, ...]:
    """The list of the stage the item is in; empty outside the review."""
    if submission.revision_id is None or not rules.items_at(submission.state):
        return ()
    present = session.get_one(Revision, submission.revision_id)
    now, before = _given(session, submission, present)
    return rules.lines(submission.state, facts=_facts(session, submission, present), answers=now, before=before)


def answer(
    work: UnitOfWork, *, submission_id: int, seen_revision_id: int, item: str, verdict: CheckVerdict, note: str = ""
) -> None:
    """Answer one item of the stage's list. Saying the same again writes nothing.

    Raises `NotFound`, `NotAllowed`, `StaleState` where the content changed since it was drawn, `ReasonRequired` for
    a 不通过 without its note, `InvalidInput` and `WrongState`.
    """
    work, submission = _for_holder(work, submission_id, seen_revision_id)
    line = next((each for each in lines(work.session, submission) if each.item.code == item), None)
    if line is None:
        raise WrongState("这一项不在当前环节的清单里：请刷新页面。")
    note = note.strip()
    if verdict is CheckVerdict.FAIL and not note:
        raise ReasonRequired(f"“{line.item.label}”不通过须写明哪里不通过，作者会看到它。")
    if len(note) > rules.LONGEST_NOTE:
        raise InvalidInput(f"说明请不超过 {rules.LONGEST_NOTE} 字。", field="note")
    if line.answer is not None and (line.answer.verdict, line.answer.note) == (verdict, note):
        return
    _write(work, submission, {item: (verdict, note)})
    details = {"item": item, "verdict": verdict.value, "reason": note, **_where(submission)}
    audit.record(work, AuditAction.CHECKLIST_ANSWERED, "submission", submission_id, details)


def answer_rest(work: UnitOfWork, *, submission_id: int, seen_revision_id: int) -> int:
    """其余均通过: answer what is open and without a doubt of the machine's; how many items that were.

    The person answers, not the machine: what it would look at again stays open. Raises as `answer`.
    """
    work, submission = _for_holder(work, submission_id, seen_revision_id)
    filled = rules.filled(lines(work.session, submission))
    if not filled:
        return 0
    _write(work, submission, filled)
    details = {"items": {code: verdict.value for code, (verdict, _) in filled.items()}, **_where(submission)}
    audit.record(work, AuditAction.CHECKLIST_ANSWERED, "submission", submission_id, details)
    return len(filled)


def refuse_failed(work: UnitOfWork, submission: Submission) -> None:
    """The gate before a stage is signed: no item that blocks stands at 不通过. Raises `ChecksFailed`."""
    failed = [each for each in lines(work.session, submission) if each.stops]
    if failed:
        named = "、".join(f"{each.item.code} {each.item.label}" for each in failed)
        why = f"（{failed[0].answer.by}：{failed[0].answer.note}）" if failed[0].answer else ""
        raise ChecksFailed(
            f"审核清单有 {len(failed)} 项不通过：{named}{why}。请退回修改；如已改好，请把该项改为“通过”后再签字。"
        )


def _where(submission: Submission) -> dict[str, object]:
    return {
        "stage": submission.state.value,
        "round": submission.review_round,
        "revision": submission.revision_id,
    }


def _for_holder(work: UnitOfWork, submission_id: int, seen_revision_id: int) -> tuple[UnitOfWork, Submission]:
    """The item, and the unit in the standing in which the person decides its stage."""
    submission = standings.locked(work.session, submission_id)
    standing = standings.standing(work.session, submission) if submission else None
    if submission is None or standing is None or not may_see(work.actor, standing):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    if submission.state not in rules.LEVEL_OF:
        raise WrongState(f"稿件现在是“{submission.state.label}”，清单只在审核环节填写。请刷新页面查看最新状态。")
    able = able_standing(DECIDES_STAGE, work.actor, standing)
    if able is None:
        raise NotAllowed("审核清单由当前环节的办理人填写，且不能填写本人的稿件。")
    if submission.revision_id != seen_revision_id:
        raise StaleState(CHANGED_MEANWHILE)
    return work.standing_as(able), submission


def _write(work: UnitOfWork, submission: Submission, given: dict[str, tuple[CheckVerdict, str]]) -> None:
    work.session.add_all(
        CheckAnswer(
            submission_id=submission.id or 0,
            review_round=submission.review_round,
            stage=submission.state,
            item=code,
            verdict=verdict,
            note=note,
            revision_id=submission.revision_id or 0,
            answered_by_id=work.person_id,
            for_id=work.for_id,
            answered_at=work.now,
        )
        for code, (verdict, note) in given.items()
    )
    work.session.flush()


# --- What is known ---------------------------------------------------------------------------------------


def _given(session: Session, submission: Submission, present: Revision) -> tuple[dict[str, Given], dict[str, Given]]:
    """The answers of this stage in this round, and those of the last round before that has any."""
    of_stage = [each for each in reads.answers(session, submission.id or 0) if each.stage is submission.state]
    earlier = max((each.review_round for each in of_stage if each.review_round < submission.review_round), default=0)
    changed = _changes(session, {each.revision_id for each in of_stage}, present)
    rounds: dict[int, dict[str, Given]] = {submission.review_round: {}, earlier: {}}
    for each in of_stage:
        if each.review_round in rounds:
            since = changed[each.revision_id]
            rounds[each.review_round][each.item] = Given(each.verdict, each.note, each.by, since)
    return rounds[submission.review_round], rounds[earlier]


def _changes(session: Session, revision_ids: set[int], present: Revision) -> dict[int, frozenset[Part]]:
    return {
        each: parts.changed(session.get_one(Revision, each), present) if each != present.id else frozenset()
        for each in revision_ids
    }


def _facts(session: Session, submission: Submission, content: Revision) -> Facts:
    submission_id = submission.id or 0
    records = picture_checks.recorded(session, submission_id)
    shown = _pictures(content)
    known = [records[each] for each in shown if each in records]
    return Facts(
        checked=submission_reads.checked_fingerprint(session, submission_id) == fingerprint_of(content),
        marks=_marks(session, submission),
        pictures=len(shown),
        unrecorded=len(shown) - len(known),
        with_minors=sum(each.has_minors for each in known),
        with_maps=sum(each.has_map for each in known),
        made_by_ai=sum(each.made_by_ai for each in known),
        links=sum(len(each.links) for each in blocks.blocks(content.body_html)),
        is_reprint=content.source_kind is SourceKind.REPRINT,
        source=content.source_name or content.source_url,
        ai_use=submission.ai_use,
    )


def _pictures(content: Content) -> set[str]:
    """The pictures a reader sees, but for the plain cover the machine gives to items without any."""
    shown = {*blocks.picture_hashes(content.body_html), content.cover_sha256 or ""}
    return shown - {"", picture_checks.plain_cover_sha256()}


def _marks(session: Session, submission: Submission) -> tuple[MachineMark, ...]:
    return tuple(
        MachineMark(
            code=catalogue_rule(each.rule).checklist,
            level=each.level,
            quote=each.quote,
            answered=each.answer is not None,
            explained=each.answer is not None and each.answered_by_id != submission.contributor_id,
        )
        for each in submission_reads.latest_findings(session, submission.id or 0)
    )


def answered_in(session: Session, submission: Submission) -> list[reads.AnswerLine]:
    """What counts of the present round, stage by stage, in the order of the list: for whoever may only read it."""
    counted = reads.latest(reads.answers(session, submission.id or 0))
    of_round = [each for each in counted.values() if each.review_round == submission.review_round]
    stages = list(SubmissionState)
    return sorted(of_round, key=lambda each: (stages.index(each.stage), each.item))
