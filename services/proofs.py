"""三份一致: readings of published copies, the alarms they raise, and who answers them.

The calendar and people ask; the worker (`services/proof_watch.py`) reads. Whatever it finds is entered here.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func
from sqlmodel import col, select

from models import (
    AuditAction,
    Notice,
    NoticeKind,
    ProofOccasion,
    ProofRead,
    ProofVerdict,
    Publication,
    PublicationState,
    Screenshot,
    Submission,
)
from services import audit, notices, publications
from services.errors import InvalidInput, NotFound, ReasonRequired, WrongState
from services.manuscript.pictures import process_picture
from services.ports import AssetStore, PublishStatus
from services.published_copies import Reading
from services.queries import proofs as reads
from services.queries import standings
from services.rules.permissions import Capability, may_see
from services.rules.proof_times import ALARMING
from services.rules.remedy_steps import ANSWERS_ALARMS, ASKS_FOR_PROOF, may_answer_alarms, may_propose
from services.unit_of_work import UnitOfWork

MOST_SCREENSHOTS = 10


def ask(work: UnitOfWork, *, submission_id: int) -> list[ProofRead]:
    """Let the worker read every live copy of an item now. Copies that wait for a reading already are not asked twice.

    Raises `NotAllowed`, `NotFound`, `WrongState` where nothing is live.
    """
    work = work.standing_that(may_propose, otherwise=ASKS_FOR_PROOF)
    live = work.session.exec(
        select(Publication)
        .where(Publication.submission_id == submission_id, Publication.state == PublicationState.LIVE)
        .order_by(col(Publication.id))
        .with_for_update()
    ).all()
    if not live:
        raise WrongState("这篇稿件没有已上线的文章或网页，没有可以核对的。")
    return [_asked(work, row.id or 0, ProofOccasion.ASKED) for row in live]


def _asked(work: UnitOfWork, publication_id: int, occasion: ProofOccasion) -> ProofRead:
    mine = (ProofRead.publication_id == publication_id, ProofRead.occasion == occasion)
    waiting = work.session.exec(select(ProofRead).where(*mine, col(ProofRead.read_at).is_(None))).first()
    if waiting is not None:
        waiting.run_after = min(waiting.run_after, work.now)
        return waiting
    last = work.session.exec(select(func.max(ProofRead.number)).where(*mine)).one()
    row = ProofRead(
        publication_id=publication_id,
        occasion=occasion,
        number=(last or 0) + 1,
        asked_by_id=work.actor.id,
        asked_at=work.now,
        run_after=work.now,
    )
    work.session.add(row)
    work.session.flush()
    return row


def take_evidence(work: UnitOfWork, store: AssetStore, publication: Publication, reading: Reading) -> ProofRead:
    """Keep what a copy was right before somebody changes it (保存有关记录)."""
    row = _asked(work, publication.id or 0, ProofOccasion.EVIDENCE)
    _fill(work, store, row, reading)
    return row


def enter(work: UnitOfWork, store: AssetStore, row: ProofRead, reading: Reading) -> None:
    """Write down what a reading found; a deviation nobody knows of yet becomes an alarm.

    The platform's own word that the article was deleted or banned moves the publication as well.
    """
    submission_id = work.session.get_one(Publication, row.publication_id).submission_id
    # In the order in which everybody locks: the item, its publications, the trail.
    submission = work.session.get_one(Submission, submission_id, with_for_update=True)
    publication = work.session.get_one(Publication, row.publication_id, with_for_update=True)
    _fill(work, store, row, reading)
    if publication.state is not PublicationState.LIVE:
        return
    known = reads.is_known_deviation(work.session, row)
    moved = reading.ended is not None and publications.apply_status(work, publication, PublishStatus(reading.ended))
    if reading.verdict not in ALARMING or known:
        return
    row.is_alarm = True
    work.session.flush()
    details = {
        "submission": submission_id,
        "target": publication.target.value,
        "verdict": reading.verdict.value,
        "said": list(reading.said),
    }
    audit.record(work, AuditAction.PROOF_ALARMED, "publication", publication.id, details)
    if not moved:
        notices.about_published(
            work,
            NoticeKind.ALARM,
            (Capability.PUBLISH, Capability.APPROVE),
            event=f"proof:{row.id}",
            submission_id=submission_id,
            title=f"《{submission.title}》在{publication.target.label}：{reading.verdict.label}",
            body="".join(reading.said),
        )


def _fill(work: UnitOfWork, store: AssetStore, row: ProofRead, reading: Reading) -> None:
    row.read_at, row.lease_until = work.now, None
    row.verdict, row.said, row.likeness = reading.verdict, list(reading.said), reading.likeness
    row.detail = reading.detail
    row.capture_sha256 = store.put(reading.capture) if reading.capture else None
    work.session.add(row)
    work.session.flush()


def acknowledge(work: UnitOfWork, *, proof_id: int, reason: str) -> ProofRead:
    """A person answers an alarm: what it was and what was done. The same content raises no alarm again.

    Raises `NotAllowed`, `NotFound`, `ReasonRequired`, `WrongState` where somebody answered already.
    """
    work = work.standing_that(may_answer_alarms, otherwise=ANSWERS_ALARMS)
    row = work.session.get(ProofRead, proof_id, with_for_update=True)
    if row is None or not row.is_alarm:
        raise NotFound("没有找到这条提醒，请刷新页面。")
    if row.acknowledged_at is not None:
        raise WrongState("这条提醒刚刚有人确认过，请刷新页面。")
    if not reason.strip():
        raise ReasonRequired("请写明这是什么情况、怎样处理的，它会留在记录里。")
    row.acknowledged_by_id, row.acknowledged_at, row.acknowledgement = work.person_id, work.now, reason.strip()
    work.session.flush()
    details = {"proof": row.id, "verdict": _code(row.verdict), "said": row.said, "reason": row.acknowledgement}
    audit.record(work, AuditAction.PROOF_ACKNOWLEDGED, "publication", row.publication_id, details)
    return row


def _code(verdict: ProofVerdict | None) -> str:
    return verdict.value if verdict else ""


# --- Synchronisation -------------------------------------------------------------------------------------

LOOKS_BACK = timedelta(days=3)


def remind(work: UnitOfWork) -> list[Notice]:
    """Tell the publishers, once for each item, that the campus site did not follow within a day (rule 3.1)."""
    since = work.now - LOOKS_BACK
    written: list[Notice] = []
    for each in reads.unsynchronised(work.session, work.actor, work.now, since=since):
        written += notices.about_published(
            work,
            NoticeKind.ALARM,
            (Capability.PUBLISH,),
            event=f"unsynchronised:{each.submission_id}",
            submission_id=each.submission_id,
            title=f"《{each.title}》推送已超过 24 小时，校园网站还没有同步",
            body="制度 3.1：公众号推送后 24 小时内同步到校园网站。请在“发布”页补发到校园网站。",
        )
    return written


# --- Screenshots -----------------------------------------------------------------------------------------


def add_screenshot(
    work: UnitOfWork, store: AssetStore, *, publication_id: int, content: bytes, name: str, note: str = ""
) -> Screenshot:
    """Keep a picture of the published page, as the person saw it. The same picture twice is one.

    Raises `NotAllowed`, `NotFound`, `UnreadableFile`, `InvalidInput` beyond ten pictures.
    """
    work = work.standing_that(may_propose, otherwise=ASKS_FOR_PROOF)
    publication = work.session.get(Publication, publication_id)
    if publication is None:
        raise NotFound("没有找到这次发布，请从列表重新打开。")
    _refuse_strangers(work, publication)
    picture = process_picture(content, name)
    kept = work.session.exec(select(Screenshot).where(Screenshot.publication_id == publication_id)).all()
    same = next((each for each in kept if each.sha256 == picture.sha256), None)
    if same is not None:
        return same
    if len(kept) >= MOST_SCREENSHOTS:
        raise InvalidInput(f"每次发布最多登记 {MOST_SCREENSHOTS} 张截图。", field="screenshot")
    store.put(picture.content)
    row = Screenshot(
        publication_id=publication_id,
        sha256=picture.sha256,
        media_type=picture.media_type,
        note=note.strip(),
        added_by_id=work.person_id,
        added_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    details = {"submission": publication.submission_id, "sha256": picture.sha256[:12], "note": row.note}
    audit.record(work, AuditAction.SCREENSHOT_ADDED, "publication", publication_id, details)
    return row


def _refuse_strangers(work: UnitOfWork, publication: Publication) -> None:
    submission = work.session.get_one(Submission, publication.submission_id)
    if not may_see(work.actor, standings.standing(work.session, submission)):
        raise NotFound("没有找到这次发布，请从列表重新打开。")
