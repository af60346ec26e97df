"""Reads about quotas, counted from our own calls: what an account used today, and what it may still send."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import (
    AccountTest,
    CallOutcome,
    OfficialAccount,
    Person,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    QuotaAnswer,
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


@dataclass(frozen=True)
class Answered:
    """What WeChat itself said last of an account's calls left: when, and who asked."""

    left: Mapping[str, int]
    at: datetime
    by: str


def last_answer(session: Session, account_id: int) -> Answered | None:
    """The newest answer, whether somebody asked for it alone or with a self-test. None where there was none yet."""
    asked = session.exec(
        select(QuotaAnswer.calls_left, QuotaAnswer.asked_at, Person.name)
        .join(Person, col(Person.id) == col(QuotaAnswer.asked_by_id))
        .where(QuotaAnswer.account_id == account_id)
        .order_by(col(QuotaAnswer.id).desc())
        .limit(1)
    ).first()
    tested = session.exec(
        select(AccountTest.quotas, AccountTest.tested_at, Person.name)
        .join(Person, col(Person.id) == col(AccountTest.tested_by_id))
        .where(AccountTest.account_id == account_id)
        .order_by(col(AccountTest.id).desc())
        .limit(1)
    ).first()
    # A test that failed early asked for nothing.
    found = [Answered(*each) for each in (asked, tested) if each is not None and each[0]]
    return max(found, key=lambda each: each.at, default=None)
