"""Reads about quotas, counted from our own calls: what an account used today, and what it may still send."""

from __future__ import annotations

from datetime import datetime, time

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import (
    CallOutcome,
    OfficialAccount,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    Setting,
)
from services.rules.delivery_times import SEND_TO_ALL
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.send_quota import SendLimits, SendQuota, limits_from, period_for

PREFIX = "sends."
NOT_SENT_YET = (PublicationState.QUEUED, PublicationState.PREPARING, PublicationState.DRAFTED)


def limits_of(session: Session) -> SendLimits:
    """The limits in force."""
    rows = session.exec(select(Setting).where(col(Setting.key).startswith(PREFIX))).all()
    return limits_from({row.key.removeprefix(PREFIX): row.value for row in rows})


def calls_today(session: Session, account_id: int, now: datetime) -> dict[str, int]:
    """How often each interface was called for an account since midnight in Beijing; what never left is not counted."""
    midnight = datetime.combine(office_day(now), time(), OFFICE_ZONE)
    rows = session.exec(
        select(PublicationAttempt.call, func.count())
        .join(Publication, col(Publication.id) == col(PublicationAttempt.publication_id))
        .where(
            Publication.account_id == account_id,
            PublicationAttempt.at >= midnight,
            PublicationAttempt.outcome != CallOutcome.NOT_SENT,
        )
        .group_by(col(PublicationAttempt.call))
        .order_by(col(PublicationAttempt.call))
    )
    return dict(rows.all())


def sends_left(
    session: Session, account: OfficialAccount, moment: datetime, *, but_submission: int | None = None
) -> SendQuota:
    """What the period of this moment has left for an account, apart from what is planned for one item.

    A send that failed gave its turn back; one in doubt is counted. What people send on WeChat's own site nobody
    tells us.
    """
    period = period_for(account.kind, limits_of(session), moment)
    sent = session.exec(
        select(func.count(func.distinct(col(Publication.id))))
        .select_from(Publication)
        .join(PublicationAttempt, col(PublicationAttempt.publication_id) == col(Publication.id))
        .where(
            Publication.account_id == account.id,
            PublicationAttempt.call == SEND_TO_ALL,
            PublicationAttempt.at >= period.begins,
            PublicationAttempt.at < period.ends,
            col(PublicationAttempt.outcome).in_((CallOutcome.OK, CallOutcome.UNKNOWN, CallOutcome.STARTED)),
            Publication.state != PublicationState.FAILED,
        )
    ).one()
    planned = session.exec(
        select(func.count())
        .select_from(Publication)
        .where(
            Publication.account_id == account.id,
            Publication.way == PublicationWay.MASS,
            Publication.submission_id != (but_submission or 0),
            col(Publication.state).in_(NOT_SENT_YET),
            Publication.run_after >= period.begins,
            Publication.run_after < period.ends,
        )
    ).one()
    return SendQuota(period, sent, planned)
