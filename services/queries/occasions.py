"""Reads about the templates of occasions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models import Occasion


def offered(session: Session) -> Sequence[Occasion]:
    """The templates a new draft may begin with, in the order they were entered."""
    return session.exec(select(Occasion).where(col(Occasion.active)).order_by(col(Occasion.id))).all()


def everything(session: Session) -> Sequence[Occasion]:
    """All templates, those out of use last."""
    return session.exec(select(Occasion).order_by(col(Occasion.active).desc(), col(Occasion.id))).all()
