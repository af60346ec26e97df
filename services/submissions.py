"""稿件: drafting, handing in, and every step of the workflow. The only writer of `Submission.state`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, update
from sqlmodel import col, select

from models import (
    WITH_AUTHOR,
    Action,
    AfterReview,
    AiUse,
    AuditAction,
    Content,
    ContentCategory,
    Draft,
    EmergencyReason,
    Particulars,
    ReviewDecision,
    Revision,
    RiskMark,
    SourceKind,
    Submission,
    SubmissionState,
)
from services import (
    appraisal,
    assets,
    audit,
    checklist,
    completeness,
    consent_checks,
    emergencies,
    findings,
    layouts,
    notices,
    review_claims,
    routes,
    search_texts,
    stage_clocks,
    talks,
    working_calendar,
)
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, SealBroken, StaleState, WrongState
from services.manuscript import blocks, wechat_markup
from services.manuscript.cleaning import clean
from services.manuscript.covers import plain_cover
from services.ports import AssetStore
from services.queries import accounts as account_reads
from services.queries import standings
from services.rules.office_time import office_day
from services.rules.permissions import Capability, Standing, may_see
from services.rules.typed import one_line
from services.rules.workflow import (
    EMERGENCY_ROUTE,
    SIGNATURES,
    Transition,
    joined,
    missing_right,
    standing_for,
    step_for,
    target_of,
)
from services.sealing import fingerprint_of
from services.talks import Talk
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这篇稿件刚刚被处理过，页面上的状态已经过时：请刷新后再看，您写的意见仍在输入框里。"


@dataclass(frozen=True)
class DraftFields:
    """What the form holds: the content, and what the office needs to know of it. Half-filled is fine."""

    title: str = ""
    digest: str = ""
    author: str = ""
    photographer: str = ""
    source_kind: SourceKind = SourceKind.ORIGINAL
    source_name: str = ""
    source_url: str = ""
    body_html: str = ""
    cover_sha256: str | None = None
    attachments: list[dict[str, str]] = field(default_factory=list)
    account_id: int | None = None
    category: ContentCategory = ContentCategory.NEWS
    event_date: date | None = None
    wanted_at: datetime | None = None
    declared_no_secrets: bool = False
    declared_rights: bool = False
    ai_use: AiUse = AiUse.NONE
    risks: tuple[RiskMark, ...] = ()
    theme: str | None = None


WITH_FORMS = (Action.SUBMIT, Action.ADJUST, Action.RAISE, Action.EXPEDITE, Action.SETTLE)
"""Steps that need more than words; each has a function of its own below."""

OFFICE_SIGNATURES = (Action.PASS, Action.APPROVE)

CONTENT_FIELDS = tuple(Content.model_fields)
PARTICULARS = tuple(Particulars.model_fields)
DRAFT_FIELDS = tuple(each.name for each in fields(DraftFields))


# --- Drafting --------------------------------------------------------------------------------------------


def start(work: UnitOfWork, *, draft: DraftFields | None = None) -> Submission:
    """A new draft of the acting contributor, for the account they wrote for last unless another is given.

    Raises `NotAllowed`.
    """
    if not work.actor.may(Capability.WRITE) or work.actor.department_id is None:
        raise NotAllowed("您没有投稿的权限：请联系系统管理员登记为本部门通讯员。")
    given = _tidied(draft or DraftFields(author=work.actor.name))
    if given.account_id is None:
        given = replace(given, account_id=account_reads.last_written_for(work.session, work.person_id))
    submission = Submission(
        title=given.title,
        contributor_id=work.person_id,
        department_id=work.actor.department_id,
        created_at=work.now,
        updated_at=work.now,
        stage_entered_at=work.now,
        **_values(given, PARTICULARS),
    )
    work.session.add(submission)
    work.session.flush()
    assert submission.id is not None  # noqa: S101  # flushed
    work.session.add(
        Draft(
            submission_id=submission.id,
            saved_at=work.now,
            saved_by_id=work.person_id,
            **_values(given, DRAFT_FIELDS),
        )
    )
    search_texts.keep(work.session, submission.id, work.session.get_one(Draft, submission.id))
    audit.record(work, AuditAction.SUBMISSION_CREATED, "submission", submission.id, {"title": submission.title})
    return submission


def save_draft(work: UnitOfWork, *, submission_id: int, seen_edition: int, draft: DraftFields) -> Draft:
    """Keep what the author typed; saving without a change keeps the edition.

    Raises `StaleState` when another tab or person saved since `seen_edition`, `WrongState` when the author no
    longer holds the pen.
    """
    submission = _for_author(work, submission_id)
    kept = work.session.get_one(Draft, submission_id)
    given = _tidied(draft)
    if given == draft_fields(kept):
        return kept
    _refuse_lowering(submission, given)
    if given.theme is not None:
        wechat_markup.theme_named(given.theme)
    _take_next_edition(work, submission_id, seen_edition)
    for name, value in _values(given, DRAFT_FIELDS).items():
        setattr(kept, name, value)
    kept.saved_at, kept.saved_by_id = work.now, work.person_id
    submission.updated_at = work.now
    # What the office received is what it names, lists and finds until it receives the next version.
    if submission.revision_id is None:
        submission.title = given.title
        _take_particulars(submission, kept)
        work.session.flush()
        search_texts.keep(work.session, submission_id, kept)
    work.session.flush()
    return kept


def _refuse_lowering(submission: Submission, given: DraftFields) -> None:
    dropped = [mark.label for mark in submission.risks if mark not in given.risks]
    if submission.review_round and dropped:
        raise InvalidInput(f"“{'、'.join(dropped)}”已在送审时标明，只能增加，不能去掉。", field="risks")


def draft_fields(draft: Draft) -> DraftFields:
    """What the form shows for a kept draft."""
    return DraftFields(**{name: getattr(draft, name) for name in DRAFT_FIELDS})


def _take_particulars(submission: Submission, draft: Draft) -> None:
    for name in PARTICULARS:
        setattr(submission, name, getattr(draft, name))


def _take_next_edition(work: UnitOfWork, submission_id: int, seen_edition: int) -> None:
    # The claim on the next edition is the conflict check: of two tabs that saw the same one, the first wins.
    unchanged = (col(Draft.submission_id) == submission_id, col(Draft.edition) == seen_edition)
    claim = update(Draft).where(*unchanged).values(edition=Draft.edition + 1)
    if work.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise StaleState("这份草稿已在另一个窗口保存过新内容，这里没有覆盖它。请先复制您刚写的文字，再刷新页面合并。")
    work.session.refresh(work.session.get_one(Draft, submission_id))


def _for_author(work: UnitOfWork, submission_id: int) -> Submission:
    submission, _ = _found(work, submission_id)
    if submission.contributor_id != work.actor.id:
        raise NotFound("没有找到这篇稿件：它不存在，或不是您的稿件。")
    if submission.state not in WITH_AUTHOR:
        raise WrongState(f"稿件现在是“{submission.state.label}”，不能再改；如需修改，请先“撤回修改”或等待退回。")
    return submission


def _tidied(draft: DraftFields) -> DraftFields:
    return replace(
        draft,
        title=one_line(draft.title),
        digest=one_line(draft.digest),
        author=one_line(draft.author),
        photographer=one_line(draft.photographer),
        source_name=one_line(draft.source_name),
        source_url=draft.source_url.strip(),
        body_html=clean(draft.body_html),
        risks=tuple(mark for mark in RiskMark if mark in draft.risks),
    )


def _values(draft: DraftFields, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: getattr(draft, name) for name in names}


def prepare(work: UnitOfWork, store: AssetStore, *, submission_id: int) -> Draft:
    """Fill in what the machine knows before the check: without a chosen cover, the first picture of the body,
    and without any picture a plain one (WeChat takes no article without a cover).
    """
    submission = _for_author(work, submission_id)
    draft = work.session.get_one(Draft, submission_id)
    if draft.cover_sha256 is None:
        pictures = blocks.picture_hashes(draft.body_html)
        draft.cover_sha256 = pictures[0] if pictures else _plain_cover(work, store, submission_id)
        draft.edition += 1
        submission.updated_at = work.now
        work.session.flush()
    return draft


def _plain_cover(work: UnitOfWork, store: AssetStore, submission_id: int) -> str:
    return assets.add(work, store, submission_id=submission_id, picture=plain_cover()).sha256


# --- Handing in ------------------------------------------------------------------------------------------


def submit(work: UnitOfWork, *, submission_id: int, seen_version: int) -> Submission:
    """Hand the draft in: checked against the rules, made an immutable revision, moved to its first stage.

    The machine check must have run on exactly this content (`findings.check`). Raises `InvalidInput` naming
    the field, `FindingsOpen`, and whatever the workflow refuses.
    """
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.SUBMIT, standing)
    draft = work.session.get_one(Draft, submission_id)
    completeness.refuse_incomplete(work, draft)
    _take_particulars(submission, draft)
    account = completeness.account_of(work, submission)
    completeness.check_content(draft, theme=layouts.theme_of(submission, account))
    completeness.refuse_foreign_files(work, submission_id, draft)
    consent_checks.refuse_withdrawn(work.session, draft)
    findings.refuse_open_blocks(work, submission_id=submission_id, fingerprint=fingerprint_of(draft), said=draft)
    _revise(work, submission, draft)
    asked = routes.route_for(work.session, account.id, submission.category, submission.risks)
    route = joined(asked, standing.route if submission.review_round else ())  # a later round is never a lower one
    submission.route = [stage.value for stage in route]
    submission.is_emergency = False  # each round is brought into the channel anew, with its own reason
    submission.review_round += 1
    submission.submitted_at = submission.submitted_at or work.now
    return _move(work, step, submission, replace(standing, route=route), seen_version=seen_version)


def _revise(work: UnitOfWork, submission: Submission, content: Content) -> bool:
    """Make the content a new revision if it differs from the present one; whether it did."""
    fingerprint = fingerprint_of(content)
    present = work.session.get(Revision, submission.revision_id) if submission.revision_id else None
    if present is not None and present.fingerprint == fingerprint:
        return False
    count = work.session.exec(
        select(func.count()).select_from(Revision).where(Revision.submission_id == submission.id)
    ).one()
    revision = Revision(
        submission_id=submission.id or 0,
        number=count + 1,
        fingerprint=fingerprint,
        made_by_id=work.person_id,
        made_at=work.now,
        **{name: getattr(content, name) for name in CONTENT_FIELDS},
    )
    work.session.add(revision)
    work.session.flush()
    submission.revision_id, submission.title = revision.id, content.title
    search_texts.keep(work.session, submission.id or 0, revision)
    return True


# --- The workflow ----------------------------------------------------------------------------------------


def perform(
    work: UnitOfWork,
    action: Action,
    *,
    submission_id: int,
    seen_version: int,
    comment: str = "",
    clause: str = "",
    talk: Talk | None = None,
) -> Submission:
    """Take one step of the workflow on the version the person saw; the last approval seals it.

    `talk` is what the third return of an item asks for, and every later one. Raises `NotAllowed` (whose sentence
    names the missing right), `ReasonRequired`, `WrongState`, `StaleState`, `TalkRequired`, `ChecksFailed` over a failed
    item of the checklist, and `FindingsOpen` where the office would sign over an unanswered warning of the check.
    """
    if action in WITH_FORMS:
        raise RuntimeError(f"{action} has a function of its own")
    submission, standing = _found(work, submission_id)
    work, step = _step(work, action, standing)
    if step.needs_reason and not comment.strip():
        raise ReasonRequired(f"{action.label}前请写明理由，作者会看到它。")
    if action is Action.RETURN:
        talks.keep(work, submission, talk)
    if action in SIGNATURES:
        checklist.refuse_failed(work, submission)
    if action in SIGNATURES:
        consent_checks.refuse_withdrawn(work.session, work.session.get_one(Revision, submission.revision_id))
    if action in OFFICE_SIGNATURES:
        findings.refuse_unanswered(work, submission_id=submission_id)
    return _move(work, step, submission, standing, seen_version=seen_version, comment=comment.strip(), clause=clause)


def raise_review(
    work: UnitOfWork,
    *,
    submission_id: int,
    seen_version: int,
    comment: str,
    risks: Collection[RiskMark] = (),
    stages: Collection[SubmissionState] = (),
) -> Submission:
    """Whoever holds the stage adds risk marks or later stages to an item; nothing can be taken away.

    Raises as `perform`, and `InvalidInput` where nothing would be added or the stage to add has gone by.
    """
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.RAISE, standing)
    if not comment.strip():
        raise ReasonRequired("请写明为什么要提高审核级别，后面的审核人会看到。")
    marks = tuple(mark for mark in RiskMark if mark in {*submission.risks, *risks})
    added_marks = [mark for mark in marks if mark not in submission.risks]
    route = joined(standing.route, routes.risk_route(work.session, added_marks), stages)
    added = [stage for stage in route if stage not in standing.route]
    if not added_marks and not added:
        raise InvalidInput("请选择要增加的风险标记或环节：审核级别只能提高，不能降低。", field="risks")
    gone_by = [stage.label for stage in added if route.index(stage) < route.index(standing.state)]
    if gone_by:
        raise InvalidInput(
            f"稿件已过“{gone_by[0]}”的位置，不能再加：请退回作者，请他重新提交时标明风险。", field="stages"
        )
    labels = "、".join(each.label for each in (*added_marks, *added))
    submission.risks, submission.route = marks, [stage.value for stage in route]
    work.session.get_one(Draft, submission_id).risks = marks  # the author's next draft has them too
    return _move(
        work,
        step,
        submission,
        replace(standing, route=route),
        seen_version=seen_version,
        comment=f"增加{labels}：{comment.strip()}",
    )


def expedite(
    work: UnitOfWork, *, submission_id: int, seen_version: int, reason: EmergencyReason, words: str
) -> Submission:
    """Somebody on the list brings an item into the emergency channel: one editor, then one who approves, and out.

    What was signed already stays signed. Raises as `perform`.
    """
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.EXPEDITE, standing)
    owed_to_leader = SubmissionState.LEADER_REVIEW in standing.route
    emergencies.begin(work, submission, reason=reason, words=words, owed_to_leader=owed_to_leader)
    signed = standing.route[: standing.route.index(standing.state)]
    route = joined(signed, EMERGENCY_ROUTE)
    submission.route = [stage.value for stage in route]
    comment = f"{reason.label}：{words.strip()}"
    return _move(work, step, submission, replace(standing, route=route), seen_version=seen_version, comment=comment)


def settle(work: UnitOfWork, *, submission_id: int, seen_version: int, verdict: AfterReview, found: str) -> Submission:
    """Somebody who had no hand in it gives the full review that an emergency item owes. Raises as `perform`."""
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.SETTLE, standing)
    emergencies.settle(work, submission, verdict=verdict, found=found)
    comment = f"{verdict.label}：{found.strip()}"
    return _move(work, step, submission, standing, seen_version=seen_version, comment=comment)


def adjust(work: UnitOfWork, *, submission_id: int, seen_version: int, content: Content) -> Submission:
    """The office changes the content; the author sees exactly what. After a pass this re-opens the review.

    Attachments may be left out; one that is to be exchanged goes back to its author. A save without a change does
    nothing at all. Raises as `perform`, and `InvalidInput`.
    """
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.ADJUST, standing)
    if submission.version != seen_version:
        raise StaleState(SOMEBODY_WAS_FASTER)
    cleaned = content.model_copy(update={"body_html": clean(content.body_html)})
    completeness.check_content(cleaned, theme=layouts.theme_of(submission, completeness.account_of(work, submission)))
    completeness.refuse_foreign_files(work, submission_id, cleaned)
    left_out = _left_out(work.session.get_one(Revision, submission.revision_id), cleaned)
    if not _revise(work, submission, cleaned):
        return submission
    for name in left_out:
        audit.record(work, AuditAction.ATTACHMENT_REMOVED, "submission", submission_id, {"name": name})
    _copy_to_draft(work, submission_id, cleaned)
    submission.seal = submission.sealed_revision_id = None
    if submission.state is SubmissionState.APPROVED and submission.is_emergency:
        standing = _back_to_full_route(work, submission, standing)
    return _move(work, step, submission, standing, seen_version=seen_version)


def _left_out(present: Content, adjusted: Content) -> list[str]:
    """The attachments an adjustment leaves out. Raises `InvalidInput` where it does anything else to them."""
    if any(each not in present.attachments for each in adjusted.attachments):
        raise InvalidInput("调整时只能移除附件：要换附件，请退回作者重新上传。", field="attachments")
    return [each["name"] for each in present.attachments if each not in adjusted.attachments]


def _back_to_full_route(work: UnitOfWork, submission: Submission, standing: Standing) -> Standing:
    """What went out in an emergency and is changed after its full review goes the ordinary way."""
    usual = routes.route_for(work.session, submission.account_id, submission.category, submission.risks)
    route = joined(usual, standing.route)
    submission.is_emergency, submission.route = False, [stage.value for stage in route]
    return replace(standing, route=route, is_emergency=False)


def release(work: UnitOfWork, *, submission_id: int) -> Submission:
    """The worker records that an approved item is out on every target it was queued for; it earns its points."""
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.RELEASE, standing)
    released = _move(work, step, submission, standing, seen_version=submission.version)
    appraisal.award_adoption(work, released)
    return released


def reopen(work: UnitOfWork, *, submission_id: int, comment: str) -> Submission:
    """Once its published version was taken down for it, an item goes through the office's review again. A new round
    begins, and the version that was taken down can no longer go out.
    """
    submission, standing = _found(work, submission_id)
    work, step = _step(work, Action.REOPEN, standing)
    submission.seal = submission.sealed_revision_id = None
    if submission.is_emergency:
        emergencies.supersede(work, submission)
        standing = _back_to_full_route(work, submission, standing)
    submission.review_round += 1
    return _move(work, step, submission, standing, seen_version=submission.version, comment=comment)


def sealed_revision(work: UnitOfWork, submission: Submission) -> Revision:
    """The approved revision, proved to be what was approved. Raises `WrongState` or `SealBroken`."""
    if submission.sealed_revision_id is None or submission.seal is None:
        raise WrongState("稿件还没有终审通过，不能发布。")
    revision = work.session.get_one(Revision, submission.sealed_revision_id)
    if fingerprint_of(revision) != submission.seal:
        raise SealBroken("稿件内容与终审通过的版本不一致，已停止发布：请退回重审，并告知系统管理员。")
    return revision


def _found(work: UnitOfWork, submission_id: int) -> tuple[Submission, Standing]:
    """The item, locked, and what rights on it are decided by, if this person may know of it. Locked, because a step
    also asks what others may be writing just then: the checklist, answers to marks, consents.
    """
    submission = standings.locked(work.session, submission_id)
    standing = standings.standing(work.session, submission) if submission else None
    if submission is None or standing is None or not may_see(work.actor, standing):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    return submission, standing


def _step(work: UnitOfWork, action: Action, standing: Standing) -> tuple[UnitOfWork, Transition]:
    """The row of the table for this person and item, with the unit in the standing they take it in; or the refusal."""
    step = step_for(action, standing.state)
    if step is None:
        raise WrongState(f"稿件现在是“{standing.state.label}”，不能“{action.label}”。请刷新页面查看最新状态。")
    able = standing_for(step, work.actor, standing)
    if able is None:
        raise NotAllowed(_why_not(step, work, standing))
    return work.standing_as(able), step


def _why_not(step: Transition, work: UnitOfWork, standing: Standing) -> str:
    missing = missing_right(step, work.actor, standing)
    sentence = missing.sentence if missing else ""
    return f"{sentence}代办时，您和委托人都算在内。" if work.actor.acting_for else sentence


def _move(
    work: UnitOfWork,
    step: Transition,
    submission: Submission,
    standing: Standing,
    *,
    seen_version: int,
    comment: str = "",
    clause: str = "",
) -> Submission:
    """State, decision and trail together; conditional on the version the screen was drawn from."""
    before, entered_at = submission.state, submission.stage_entered_at
    work.claim(submission, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    submission.state, submission.updated_at = target_of(step, standing), work.now
    if submission.state is not before or step.action is Action.EXPEDITE:
        submission.stage_entered_at = work.now
        stage_clocks.wind(work.session, submission, working_calendar.calendar_of(work.session, office_day(work.now)))
        review_claims.end(work.session, submission.id or 0)
    is_sealed_now = submission.state is SubmissionState.APPROVED and before is not SubmissionState.APPROVED
    if is_sealed_now:
        _seal(work, submission)
    decision = ReviewDecision(
        submission_id=submission.id or 0,
        revision_id=submission.revision_id,
        review_round=submission.review_round,
        action=step.action,
        from_state=before,
        to_state=submission.state,
        actor_id=work.actor.id,
        for_id=work.for_id,
        comment=comment,
        clause=clause,
        entered_at=entered_at,
        at=work.now,
    )
    work.session.add(decision)
    _write_to_trail(work, step, submission, decision)
    notices.about_step(work, submission, decision)
    if is_sealed_now and submission.is_emergency:
        emergencies.owe(work, submission)
    return submission


def _write_to_trail(work: UnitOfWork, step: Transition, submission: Submission, decision: ReviewDecision) -> None:
    details = {
        "from": decision.from_state.value,
        "to": decision.to_state.value,
        "revision": decision.revision_id,
        "comment": decision.comment,
        "seal": submission.seal,
    }
    audit.record(work, step.recorded_as, "submission", submission.id, details)


def _seal(work: UnitOfWork, submission: Submission) -> None:
    revision = work.session.get_one(Revision, submission.revision_id)
    submission.sealed_revision_id = revision.id
    submission.seal = fingerprint_of(revision)


def _copy_to_draft(work: UnitOfWork, submission_id: int, content: Content) -> None:
    # The author's next draft starts from what the office made of it, never from the text before.
    draft = work.session.get_one(Draft, submission_id)
    for name in CONTENT_FIELDS:
        setattr(draft, name, getattr(content, name))
    draft.edition += 1
    draft.saved_at, draft.saved_by_id = work.now, work.person_id
