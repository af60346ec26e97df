"""Reads about the office's usual reasons, ready to offer."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlmodel import Session, col, select

from models import Action, ReasonTemplate


def offered(session: Session, actions: Collection[Action]) -> Sequence[ReasonTemplate]:
    """The templates in use for these decisions: returns first, each group in the order it was entered."""
    return session.exec(
        select(ReasonTemplate)
        .where(col(ReasonTemplate.active), col(ReasonTemplate.action).in_(actions))
        .order_by(col(ReasonTemplate.action).desc(), col(ReasonTemplate.id))
    ).all()
