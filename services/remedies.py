"""发布后的处置 (rule 3.3): proposed by one person, confirmed by another, then carried out on every copy.

The only writer of `Remedy.state`. What is done to each copy is the worker's (`services/remedy_delivery.py`); what
only a person can do on WeChat's site is reported here. Locks in the usual order: the item, its publications, the trail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func
from sqlmodel import col, select

from models import (
    AuditAction,
    DeedKind,
    DeedState,
    Notice,
    NoticeKind,
    OfficialAccount,
    Publication,
    PublicationState,
    PublicationWay,
    Remedy,
    RemedyAction,
    RemedyDeed,
    RemedyKind,
    RemedyReason,
    RemedyState,
    Revision,
    Setting,
    Severity,
    Submission,
    SubmissionState,
    Violation,
)
from services import audit, notices, publications, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, WrongState
from services.manuscript.corrections import corrected
from services.queries import remedies as reads
from services.queries import standings, violations
from services.rules.permissions import PUBLISHES, Capability, may_see
from services.rules.proof_times import KEEPS_A_RECORD
from services.rules.publication_states import TAKEN_DOWN
from services.rules.remedy_steps import (
    DEED_CHANGES,
    NEEDS_NO_SECOND,
    OPEN,
    PROPOSES,
    TAKES_DOWN,
    Limits,
    RemedyStep,
    changed_characters,
    deed_for,
    fault_of,
    may_propose,
    missing_right,
    standing_for,
    step_for,
)
from services.rules.violation_cases import may_see as may_see_case
from services.unit_of_work import SYSTEM, UnitOfWork

LONGEST_NOTE = 200
TOLD_INSTEAD = "本文已由学校宣传部下架。"
"""What stands in the place of a page when nobody wrote anything else for its readers."""
ON_SITES_ALONE = (RemedyKind.SITE_ONLY, RemedyKind.RESTORE)
SOMEBODY_WAS_FASTER = "这项处置刚刚被办理过，页面上的状态已经过时：请刷新后再看。"
CONCERNED = (Capability.PUBLISH, Capability.APPROVE, Capability.DECIDE_VIOLATIONS)


@dataclass(frozen=True)
class Proposal:
    """What the form holds. `facts` are for the record, `note` is what readers are told."""

    kind: RemedyKind
    reason: RemedyReason
    severity: Severity = Severity.MINOR
    facts: str = ""
    wrong: str = ""
    right: str = ""
    note: str = ""
    violation_id: int | None = None


# --- Proposing -------------------------------------------------------------------------------------------


def propose(work: UnitOfWork, *, submission_id: int, proposal: Proposal) -> Remedy:
    """Propose what shall be done about an item that is out; the clock to containment begins.

    Raises `NotAllowed`, `NotFound`, `WrongState` (nothing is live, or another remedy is open), `InvalidInput`.
    """
    work = work.standing_that(may_propose, otherwise=PROPOSES)
    submission = _visible(work, submission_id)
    live = _live_copies(work, submission_id)
    deeds = _deeds(work, proposal.kind, live)
    if not deeds:
        where = "网站" if proposal.kind in ON_SITES_ALONE else "任何平台"
        raise WrongState(f"这篇稿件没有在{where}上线，没有需要处置的。")
    _refuse_another(work, submission_id)
    revision = work.session.get_one(Revision, deeds[0][0].revision_id)
    limits = reads.limits(work.session)
    _refuse_incomplete(work, proposal, revision, limits)
    remedy = Remedy(
        submission_id=submission_id,
        revision_id=revision.id or 0,
        kind=proposal.kind,
        reason=proposal.reason,
        severity=proposal.severity,
        facts=proposal.facts.strip(),
        wrong=proposal.wrong.strip() if proposal.kind is RemedyKind.CORRECT else "",
        right=proposal.right.strip() if proposal.kind is RemedyKind.CORRECT else "",
        note=proposal.note.strip(),
        violation_id=proposal.violation_id,
        proposed_by_id=work.person_id,
        proposed_for_id=work.for_id,
        proposed_at=work.now,
        due_at=limits.due(proposal.severity, work.now),
    )
    work.session.add(remedy)
    work.session.flush()
    for row, kind in deeds:
        work.session.add(
            RemedyDeed(remedy_id=remedy.id or 0, publication_id=row.id or 0, kind=kind, run_after=work.now)
        )
    work.session.flush()
    if remedy.kind in NEEDS_NO_SECOND:
        remedy.state, remedy.decided_at = RemedyState.CONFIRMED, work.now
        remedy.decided_by_id, remedy.decided_for_id = work.person_id, work.for_id
    _enter(work, submission, remedy, RemedyAction.PROPOSE, before=RemedyState.PROPOSED)
    return remedy


def _visible(work: UnitOfWork, submission_id: int) -> Submission:
    submission = work.session.get(Submission, submission_id, with_for_update=True)
    if submission is None or not may_see(work.actor, standings.standing(work.session, submission)):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    return submission


def _live_copies(work: UnitOfWork, submission_id: int) -> Sequence[Publication]:
    return work.session.exec(
        select(Publication)
        .where(Publication.submission_id == submission_id, Publication.state == PublicationState.LIVE)
        .order_by(col(Publication.id))
        .with_for_update()
    ).all()


def _deeds(work: UnitOfWork, kind: RemedyKind, live: Sequence[Publication]) -> list[tuple[Publication, DeedKind]]:
    chosen = [(row, deed_for(kind, row.target, by_interface=_is_in_reach(work, row))) for row in live]
    return [(row, deed) for row, deed in chosen if deed is not None]


def _is_in_reach(work: UnitOfWork, row: Publication) -> bool:
    """Whether WeChat's interface can delete this article: it needs the right, and the number of the article."""
    account = work.session.get(OfficialAccount, row.account_id) if row.account_id else None
    named = row.article_id or (row.way is PublicationWay.MASS and row.publish_id)
    return bool(account and account.verified and account.app_id and account.app_secret_sealed and named)


def _refuse_another(work: UnitOfWork, submission_id: int) -> None:
    open_one = select(Remedy.id).where(
        Remedy.submission_id == submission_id,
        col(Remedy.state).in_([RemedyState.PROPOSED, RemedyState.CONFIRMED]),
    )
    if work.session.exec(open_one.limit(1)).first() is not None:
        raise WrongState("这篇稿件已有一项处置在办理，请先确认、撤回或等它完成。")


def _refuse_incomplete(work: UnitOfWork, proposal: Proposal, revision: Revision, limits: Limits) -> None:
    if not proposal.facts.strip():
        raise InvalidInput("请写明情况：哪里有问题、怎样发现的。它会留在记录里，读者看不到。", field="facts")
    if len(proposal.note.strip()) > LONGEST_NOTE:
        raise InvalidInput(f"给读者的说明最多 {LONGEST_NOTE} 字，请缩短。", field="note")
    if proposal.kind is RemedyKind.NOTE and not proposal.note.strip():
        raise InvalidInput("请写出给读者的更正说明。", field="note")
    if proposal.kind is RemedyKind.CORRECT:
        _refuse_correction(work, proposal, revision, limits)
    if proposal.violation_id is not None:
        case = work.session.get(Violation, proposal.violation_id)
        if case is None or not may_see_case(work.actor, violations.standing(work.session, case)):
            raise InvalidInput("没有找到所选的违规案件，请重新选择。", field="violation_id")


def _refuse_correction(work: UnitOfWork, proposal: Proposal, revision: Revision, limits: Limits) -> None:
    wrong, right = proposal.wrong.strip(), proposal.right.strip()
    if not wrong or wrong == right:
        raise InvalidInput("请从正文里复制要更正的文字，并写出正确的文字。", field="wrong")
    corrected(revision.body_html, [(wrong, right)])
    changed = changed_characters(wrong, right)
    if changed > limits.correction_characters:
        raise InvalidInput(
            f"这处更正改动 {changed} 字，微信发布后最多改 {limits.correction_characters} 字。"
            "改动较大时请选“下架并重新送审”，或刊登更正说明。",
            field="right",
        )
    made = work.session.exec(
        select(func.count())
        .select_from(Remedy)
        .where(
            Remedy.revision_id == revision.id,
            Remedy.kind == RemedyKind.CORRECT,
            col(Remedy.state).in_([RemedyState.CONFIRMED, RemedyState.DONE]),
        )
    ).one()
    if made >= limits.corrections_per_article:
        raise InvalidInput(
            f"微信发布后每篇最多更正 {limits.corrections_per_article} 次，这篇已经用完。"
            "请选“刊登更正说明”或“下架并重新送审”。",
            field="kind",
        )


# --- Deciding --------------------------------------------------------------------------------------------


def decide(work: UnitOfWork, action: RemedyAction, *, remedy_id: int, seen_version: int, answer: str = "") -> Remedy:
    """Confirm, refuse or withdraw a proposal, on the version the person saw.

    Raises `NotFound`, `WrongState`, `NotAllowed` (whose sentence names the missing right), `ReasonRequired`,
    `StaleState`.
    """
    remedy = work.session.get(Remedy, remedy_id)
    if remedy is None:
        raise NotFound("没有找到这项处置，请刷新页面。")
    submission = _visible(work, remedy.submission_id)
    work.session.refresh(remedy, with_for_update=True)
    work, step = _step(work, action, remedy)
    if step.needs_reason and not answer.strip():
        raise ReasonRequired(f"“{action.label}”前请写明理由，提出人会看到。")
    before = remedy.state
    work.claim(remedy, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    remedy.state, remedy.answer = step.target, answer.strip()
    remedy.decided_by_id, remedy.decided_for_id, remedy.decided_at = work.person_id, work.for_id, work.now
    if action is RemedyAction.CONFIRM:
        _begin(work, remedy)
    _enter(work, submission, remedy, action, before=before)
    return remedy


def _step(work: UnitOfWork, action: RemedyAction, remedy: Remedy) -> tuple[UnitOfWork, RemedyStep]:
    item = reads.standing(remedy)
    step = step_for(action, remedy.state)
    if step is None:
        raise WrongState(f"这项处置现在是“{remedy.state.label}”，不能“{action.label}”。请刷新页面。")
    able = standing_for(step, work.actor, item)
    if able is None:
        missing = missing_right(step, work.actor, item)
        raise NotAllowed(missing.sentence if missing else "")
    return work.standing_as(able), step


def _begin(work: UnitOfWork, remedy: Remedy) -> None:
    """From now on the worker acts; what has not gone out yet of a version that is taken down, does not."""
    for deed in _deeds_of(work, remedy):
        deed.run_after = work.now
    if remedy.kind not in TAKES_DOWN:
        return
    rows = work.session.exec(
        select(Publication)
        .where(Publication.revision_id == remedy.revision_id, Publication.state == PublicationState.QUEUED)
        .with_for_update()
    ).all()
    for row in rows:
        publications.call_off(work, row, reason="这一版已决定下架，取消了还没有开始的发布。")


def _deeds_of(work: UnitOfWork, remedy: Remedy) -> Sequence[RemedyDeed]:
    return work.session.exec(
        select(RemedyDeed).where(RemedyDeed.remedy_id == remedy.id).order_by(col(RemedyDeed.id)).with_for_update()
    ).all()


def _enter(
    work: UnitOfWork, submission: Submission, remedy: Remedy, action: RemedyAction, *, before: RemedyState
) -> None:
    work.session.flush()
    details = {
        "remedy": remedy.id,
        "action": action.value,
        "from": before.value,
        "to": remedy.state.value,
        "kind": remedy.kind.value,
        "reason_kind": remedy.reason.value,
        "severity": remedy.severity.value,
        "reason": remedy.facts if action is RemedyAction.PROPOSE else remedy.answer,
        "wrong": remedy.wrong,
        "right": remedy.right,
        "violation": remedy.violation_id,
        "due_at": remedy.due_at,
    }
    audit.record(work, AuditAction.REMEDY_MOVED, "submission", submission.id, details)
    waits = remedy.state is RemedyState.PROPOSED
    notices.about_published(
        work,
        NoticeKind.REMEDY,
        CONCERNED if waits else (),
        event=f"remedy:{remedy.id}:{remedy.version}:{action.value}",
        submission_id=submission.id or 0,
        title=f"《{submission.title}》{remedy.kind.label}：{remedy.state.label}",
        body=remedy.facts if waits else remedy.answer,
        also=() if waits else (remedy.proposed_by_id, remedy.decided_by_id, submission.contributor_id),
    )


# --- Carrying out ----------------------------------------------------------------------------------------


def move_deed(work: UnitOfWork, deed: RemedyDeed, state: DeedState, *, failure: str = "", raw: str = "") -> None:
    """Move one copy along; what is done to a copy is on record, and after the last one the remedy is done.

    The caller has locked the item and the deed. A change the table does not know is a fault.
    """
    if (deed.state, state) not in DEED_CHANGES:
        raise RuntimeError(f"deed {deed.id}: {state} may not follow {deed.state}")
    before = deed.state
    deed.state, deed.failure, deed.failure_raw = state, failure, raw
    deed.calling, deed.lease_until = False, None
    remedy = work.session.get_one(Remedy, deed.remedy_id, with_for_update=True)
    if state is DeedState.DONE:
        deed.done_at, deed.done_by_id = work.now, work.actor.id
    work.session.flush()
    details = {
        "submission": remedy.submission_id,
        "remedy": remedy.id,
        "deed": deed.kind.value,
        "from": before.value,
        "to": state.value,
        "failure": failure,
    }
    audit.record(work, AuditAction.DEED_DONE, "publication", deed.publication_id, details)
    if state is DeedState.DONE:
        _take_out(work, remedy, deed)
        _finish_when_done(work, remedy)
    elif state is DeedState.NEEDS_PERSON:
        submission = work.session.get_one(Submission, remedy.submission_id)
        notices.about_published(
            work,
            NoticeKind.REMEDY,
            (Capability.PUBLISH,),
            event=f"deed:{deed.id}:{work.now.isoformat()}",
            submission_id=remedy.submission_id,
            title=f"《{submission.title}》{remedy.kind.label}：请在公众平台完成",
            body=failure,
        )


def _take_out(work: UnitOfWork, remedy: Remedy, deed: RemedyDeed) -> None:
    """A copy that was taken down is removed; the platform or the watch may have said so already."""
    gone = deed.kind in {DeedKind.DELETE, DeedKind.TOMBSTONE} or (
        deed.kind is DeedKind.BY_HAND and remedy.kind in TAKES_DOWN
    )
    row = work.session.get_one(Publication, deed.publication_id, with_for_update=True)
    if gone and row.state is PublicationState.LIVE:
        failure = f"已按两人的决定{remedy.kind.label}。"
        publications.change(work, row, PublicationState.REMOVED, failure_code=TAKEN_DOWN, failure=failure)


def _finish_when_done(work: UnitOfWork, remedy: Remedy) -> None:
    if any(each.state is not DeedState.DONE for each in _deeds_of(work, remedy)):
        return
    before = remedy.state
    remedy.state, remedy.done_at, remedy.version = RemedyState.DONE, work.now, remedy.version + 1
    submission = work.session.get_one(Submission, remedy.submission_id)
    system = replace(work, actor=SYSTEM)
    _enter(system, submission, remedy, RemedyAction.FINISH, before=before)
    if remedy.kind is RemedyKind.REPUBLISH and submission.state in REOPENS_FROM:
        submissions.reopen(system, submission_id=remedy.submission_id, comment=remedy.facts)


REOPENS_FROM = (SubmissionState.APPROVED, SubmissionState.PUBLISHED, SubmissionState.ARCHIVED)


def report_done(work: UnitOfWork, *, deed_id: int, no_record: str = "") -> RemedyDeed:
    """A publisher says that what only a person can do on the platform is done; the copy is read back at once.

    Where the machine kept nothing of it beforehand, a screenshot did, or `no_record` says why there is none: it goes
    into the trail. Raises `NotAllowed`, `NotFound`, `WrongState`, `ReasonRequired`.
    """
    work = work.standing_that(lambda each: each.may(Capability.PUBLISH), otherwise=PUBLISHES.sentence)
    deed = work.session.get(RemedyDeed, deed_id)
    if deed is None:
        raise NotFound("没有找到这一步处置，请刷新页面。")
    remedy = work.session.get_one(Remedy, deed.remedy_id)
    _visible(work, remedy.submission_id)
    work.session.refresh(deed, with_for_update=True)
    if deed.state is not DeedState.NEEDS_PERSON:
        raise WrongState(f"这一步现在是“{deed.state.label}”，不需要人工登记。请刷新页面。")
    said = no_record.strip()
    if reads.owes_record(work.session, deed):
        if not said:
            raise ReasonRequired(f"{KEEPS_A_RECORD}请先登记截图；已经来不及的，写明原因。")
        details = {"submission": remedy.submission_id, "remedy": remedy.id, "no_record": said}
        audit.record(work, AuditAction.RECORD_MISSING, "publication", deed.publication_id, details)
    move_deed(work, deed, DeedState.DONE)
    return deed


# --- The clock -------------------------------------------------------------------------------------------

HALF, WHOLE = "处置时限已过一半", "已超过处置时限"


def remind(work: UnitOfWork) -> list[Notice]:
    """Tell whoever may act that half of a clock to containment has run, and once more when it has run out."""
    open_ones = work.session.exec(
        select(Remedy, Submission.title)
        .join(Submission, col(Submission.id) == col(Remedy.submission_id))
        .where(col(Remedy.state).in_(OPEN))
        .order_by(col(Remedy.due_at))
    ).all()
    written: list[Notice] = []
    for remedy, title in open_ones:
        half = remedy.proposed_at + (remedy.due_at - remedy.proposed_at) / 2
        words = WHOLE if work.now >= remedy.due_at else HALF if work.now >= half else ""
        if words:
            written += notices.about_published(
                work,
                NoticeKind.REMEDY,
                CONCERNED,
                event=f"remedy:{remedy.id}:{words}",
                submission_id=remedy.submission_id,
                title=f"《{title}》{remedy.kind.label}：{words}",
                body=f"现在是“{remedy.state.label}”，请尽快办理。",
            )
    return written


# --- Settings --------------------------------------------------------------------------------------------


def set_limits(work: UnitOfWork, *, limits: Limits) -> Limits:
    """Change the clocks to containment and WeChat's own limits of corrections; each change is a line of the trail.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` naming the field.
    """
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以修改时限。")
    fault = fault_of(limits)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    before, after = vars(reads.limits(work.session)), vars(limits)
    changed = {name: value for name, value in after.items() if value != before[name]}
    for name, value in changed.items():
        work.session.merge(Setting(key=reads.SETTING + name, value=str(value)))
    work.session.flush()
    if changed:
        details = {"from": {name: before[name] for name in changed}, "to": changed}
        audit.record(work, AuditAction.SETTING_CHANGED, "setting", None, details)
    return limits
