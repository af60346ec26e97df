"""Reads about whole sites that are sent to a web root again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import Person, Publication, PublicationState, SiteResend


@dataclass(frozen=True)
class ResendLine:
    """The last resending of a place, and who asked for it."""

    resend: SiteResend
    asked_by: str

    @property
    def is_open(self) -> bool:
        return self.resend.finished_at is None


def last_of(session: Session, destination_id: int) -> ResendLine | None:
    """The newest of a place; an open one is always the newest."""
    row = session.exec(
        select(SiteResend, Person.name)
        .join(Person, col(Person.id) == col(SiteResend.asked_by_id))
        .where(SiteResend.destination_id == destination_id)
        .order_by(col(SiteResend.id).desc())
        .limit(1)
    ).first()
    return ResendLine(*row) if row else None


def live_at(session: Session, destination_id: int) -> Sequence[int]:
    """The publications whose pages stand at a place, in their order."""
    ids = session.exec(
        select(Publication.id)
        .where(
            Publication.destination_id == destination_id,
            Publication.state == PublicationState.LIVE,
            col(Publication.site_position).is_not(None),
        )
        .order_by(col(Publication.site_position))
    ).all()
    return [each or 0 for each in ids]


def count_live_at(session: Session, destination_id: int) -> int:
    """How many they are."""
    return session.exec(
        select(func.count())
        .select_from(Publication)
        .where(
            Publication.destination_id == destination_id,
            Publication.state == PublicationState.LIVE,
            col(Publication.site_position).is_not(None),
        )
    ).one()
