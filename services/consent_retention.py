"""到期删除: the personal data of consents that ended, erased after the time the school keeps them (个保法 47).

What stays says that there was a consent: its number, places, days, and the pictures it was for. The trail keeps its own
lines, which name people masked.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from models import (
    Asset,
    AuditAction,
    PictureConsent,
    PortraitConsent,
    Publication,
    PublicationState,
    Setting,
    WithdrawalTask,
)
from services import audit
from services.errors import InvalidInput, NotAllowed
from services.ports import AssetStore
from services.queries import consents as reads
from services.rules.consents import MOST_KEEP_YEARS, kept_from, number_of
from services.rules.office_time import midnight_of, office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

AT_ONCE = 50
"""Consents erased in one transaction: everybody who saves something waits meanwhile."""


def set_years(work: UnitOfWork, *, years: int) -> int:
    """Change how long they are kept; a line of the trail.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput`.
    """
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以修改肖像授权的保存期限。")
    if not 0 <= years <= MOST_KEEP_YEARS:
        raise InvalidInput(f"保存期限须在 0 到 {MOST_KEEP_YEARS} 年之间。", field="years")
    before = reads.keep_years(work.session)
    if years != before:
        work.session.merge(Setting(key=reads.KEEP_YEARS_SETTING, value=str(years)))
        work.session.flush()
        details = {"from": {"consent_years": before}, "to": {"consent_years": years}}
        audit.record(work, AuditAction.SETTING_CHANGED, "setting", None, details)
    return years


def has_due(session: Session, now: datetime) -> bool:
    """Whether anything was kept long enough: asked often, and answered without holding up whoever saves."""
    due = select(PortraitConsent.id).where(*_is_due(now, reads.keep_years(session))).limit(1)
    return session.exec(due).first() is not None


def erase_due(work: UnitOfWork, store: AssetStore) -> int:
    """Erase what was kept long enough, the oldest first; how many."""
    years = reads.keep_years(work.session)
    due = work.session.exec(
        select(PortraitConsent)
        .where(*_is_due(work.now, years))
        .order_by(col(PortraitConsent.id))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for consent in due:
        _erase(work, store, consent, years=years)
    return len(due)


def _is_due(now: datetime, years: int) -> tuple[ColumnElement[bool], ...]:
    """Ended so long ago, with nothing left to do: no withdrawal waits to be dealt with, and where it was not withdrawn,
    nothing that it covers is still out and needs its proof.
    """
    kept = kept_from(office_day(now), years)
    waiting = select(WithdrawalTask.id).where(
        WithdrawalTask.consent_id == PortraitConsent.id, col(WithdrawalTask.done_at).is_(None)
    )
    still_out = (
        select(PictureConsent.consent_id)
        .join(Asset, col(Asset.id) == col(PictureConsent.asset_id))
        .join(Publication, col(Publication.submission_id) == col(Asset.submission_id))
        .where(PictureConsent.consent_id == PortraitConsent.id, Publication.state == PublicationState.LIVE)
    )
    withdrawn = col(PortraitConsent.withdrawn_at)
    return (
        col(PortraitConsent.erased_at).is_(None),
        or_(
            withdrawn < midnight_of(kept),
            and_(withdrawn.is_(None), col(PortraitConsent.valid_until) < kept, ~still_out.exists()),
        ),
        ~waiting.exists(),
    )


def _erase(work: UnitOfWork, store: AssetStore, consent: PortraitConsent, *, years: int) -> None:
    number = consent.id or 0
    if consent.scan_sha256 is not None:
        # Sealed anew each time, so no other row has this file. Gone before the row says so: never the other way.
        store.discard(consent.scan_sha256)
    ended = office_day(consent.withdrawn_at) if consent.withdrawn_at else consent.valid_until
    details = {"ended": ended.isoformat(), "years": years, "scan": consent.scan_sha256 is not None}
    consent.shown_name, consent.name_digest, consent.school_class = number_of(number), "", ""
    consent.details_sealed, consent.withdrawal_reason, consent.scan_sha256 = "", "", None
    consent.erased_at = work.now
    work.session.flush()
    audit.record(work, AuditAction.CONSENT_ERASED, "consent", number, details)
