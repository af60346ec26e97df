"""Where a publication stands: the only writer of `Publication.state`, and what the platform's word means for it.

Whoever calls has locked the submission and its publications, in this order (`services/publishing.py` says why).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlmodel import col, select

from models import (
    IN_FLIGHT,
    AuditAction,
    Publication,
    PublicationState,
    PublicationWay,
    Submission,
    SubmissionState,
    Target,
)
from services import audit, notices, submissions
from services.errors import NotFound, StaleState
from services.ports import PublishOutcome, PublishStatus
from services.rules.permissions import PUBLISHES, Capability
from services.rules.publication_states import CALLS_AGAIN, CANCELLED, TAKEN_DOWN, may_follow
from services.unit_of_work import SYSTEM, UnitOfWork


@dataclass(frozen=True)
class Ending:
    """What a publish_status means for us; `code` and `sentence` are kept where it failed."""

    state: PublicationState
    code: str = ""
    sentence: str = ""


ENDINGS: Mapping[PublishOutcome, Ending] = {
    PublishOutcome.LIVE: Ending(PublicationState.LIVE),
    PublishOutcome.ORIGINAL_CLAIM_FAILED: Ending(
        PublicationState.FAILED,
        "original_claim_failed",
        "微信审核原创声明未通过。请由编辑修改后重新送审，或改为不声明原创。",
    ),
    PublishOutcome.FAILED: Ending(
        PublicationState.FAILED,
        "publish_failed",
        "微信没有发出这篇文章，也没有说明原因。请登录公众平台查看通知，再决定是否重试。",
    ),
    PublishOutcome.PLATFORM_REJECTED: Ending(
        PublicationState.FAILED,
        "platform_rejected",
        "微信平台审核未通过。请登录公众平台查看原因，修改后重新送审；系统不会自动重发。",
    ),
    PublishOutcome.REMOVED: Ending(PublicationState.REMOVED),
    PublishOutcome.BANNED: Ending(PublicationState.BANNED),
}


def change(
    work: UnitOfWork,
    row: Publication,
    state: PublicationState,
    *,
    recorded_as: AuditAction = AuditAction.PUBLICATION_CHANGED,
    **columns: Any,
) -> None:
    """Move a publication, which the caller has locked, and write it to the trail.

    It leaves the hands of whatever worker held it, unless `columns` say otherwise. When it makes the last of an
    item's publications live, the item is released. A change that the table does not know is a fault.
    """
    before = row.state
    if not may_follow(before, state):
        raise RuntimeError(f"publication {row.id}: {state} may not follow {before}")
    ended = {"settled_at": work.now} if state not in IN_FLIGHT and before in IN_FLIGHT else {}
    write(work, row, state=state, **{"lease_owner": None, "lease_until": None} | ended | columns)
    record(work, recorded_as, row, before=before)
    if row.failure_code not in {CANCELLED, TAKEN_DOWN}:
        notices.about_publication(work, row)
    if state is PublicationState.LIVE:
        _release_when_all_live(work, row)


def call_off(work: UnitOfWork, row: Publication, *, reason: str) -> bool:
    """Take out of the queue what has not begun, because its version is to be read nowhere; whether it was there.
    The caller has locked it.
    """
    if row.state is not PublicationState.QUEUED or is_busy(work, row):
        return False
    change(
        work,
        row,
        PublicationState.FAILED,
        recorded_as=AuditAction.PUBLICATION_CANCELLED,
        failure_code=CANCELLED,
        failure=reason,
    )
    return True


def doubt_after_restore(work: UnitOfWork, *, sentence: str) -> int:
    """Hold in doubt what was on its way to WeChat when a restored backup was made; how many.

    It may have gone out since, by a call that this database no longer knows. The worker may find it in the list of
    what is published; otherwise a person says what became of it.
    """
    rows = work.session.exec(
        select(Publication)
        .where(
            Publication.target == Target.WECHAT,
            Publication.way != PublicationWay.MANUAL,
            col(Publication.state).in_(CALLS_AGAIN),
        )
        .order_by(col(Publication.id))
    ).all()
    for row in rows:
        columns: dict[str, Any] = {
            "calling": None,
            "polls": 0,
            "run_after": work.now,
            "failure_code": "",
            "failure": sentence,
        }
        if row.state is PublicationState.UNKNOWN:
            write(work, row, **columns)
        else:
            change(work, row, PublicationState.UNKNOWN, **columns)
    return len(rows)


def apply_status(work: UnitOfWork, row: Publication, status: PublishStatus) -> bool:
    """Take the platform's word on a publication, from an answer or from an event; whether anything changed.

    Words that come twice, or late and out of order, change nothing.
    """
    ending = ENDINGS.get(status.outcome)
    if ending is None or not may_follow(row.state, ending.state):
        return False
    change(
        work,
        row,
        ending.state,
        calling=None,
        article_id=status.article_id or row.article_id,
        url=status.url or row.url,
        failure_code=ending.code,
        failure=ending.sentence,
        failure_raw=f"publish_status {status.outcome.value}" if ending.code else "",
    )
    return True


def is_busy(work: UnitOfWork, row: Publication) -> bool:
    """Whether a worker has the publication in its hands."""
    return row.lease_until is not None and row.lease_until > work.now


def write(work: UnitOfWork, row: Publication, **columns: Any) -> None:
    """Set columns other than the state of a publication that the caller has locked."""
    for name, value in columns.items():
        setattr(row, name, value)
    work.session.add(row)
    work.session.flush()


def record(work: UnitOfWork, action: AuditAction, row: Publication, *, before: PublicationState | None) -> None:
    """Write to the trail what was done to a publication, with where it stands now."""
    details = {
        "submission": row.submission_id,
        "target": row.target.value,
        "destination": row.destination_id,
        "variant": row.variant,
        "way": row.way.value,
        "from": before.value if before else None,
        "to": row.state.value,
        "scheduled_for": row.scheduled_for,
        "waits_for": row.waits_for_id,
        "seal": row.seal,
        "code": row.failure_code,
        "url": row.url,
    }
    audit.record(work, action, "publication", row.id, details)


def _release_when_all_live(work: UnitOfWork, row: Publication) -> None:
    # The caller has locked the submission: of two targets that go live together, the second sees the first.
    submission = work.session.get_one(Submission, row.submission_id)
    not_live = work.session.exec(
        select(Publication.id).where(
            Publication.revision_id == row.revision_id,
            Publication.state != PublicationState.LIVE,
            Publication.failure_code != CANCELLED,
        )
    ).first()
    if submission.state is SubmissionState.APPROVED and not_live is None:
        # Whoever wrote the last one live, the step itself is nobody's decision.
        submissions.release(replace(work, actor=SYSTEM), submission_id=row.submission_id)


# --- What every act of a person begins with --------------------------------------------------------------


def as_publisher(work: UnitOfWork) -> UnitOfWork:
    """The unit in the standing that publishes: the person's own, else that of a publisher they stand in for.

    Raises `NotAllowed`.
    """
    return work.standing_that(lambda each: each.may(Capability.PUBLISH), otherwise=PUBLISHES.sentence)


def found(work: UnitOfWork, publication_id: int) -> tuple[Publication, Submission]:
    """One publication and its item, both locked, the item first. Raises `NotFound`."""
    row = work.session.get(Publication, publication_id)
    if row is None:
        raise NotFound("没有找到这次发布，请从列表重新打开。")
    submission = locked_submission(work, row.submission_id)
    work.session.refresh(row, with_for_update=True)
    return row, submission


def locked_submission(work: UnitOfWork, submission_id: int) -> Submission:
    """An item nobody else writes about meanwhile. Raises `NotFound`."""
    submission = work.session.get(Submission, submission_id, with_for_update=True)
    if submission is None:
        raise NotFound("没有找到这篇稿件，请从列表重新打开。")
    return submission


def refuse_busy(work: UnitOfWork, row: Publication) -> None:
    """Raises `StaleState` while a worker has it in hand."""
    if is_busy(work, row):
        raise StaleState("系统正在处理这次发布，请过几秒刷新后再试。")
