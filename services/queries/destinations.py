"""Reads about further places to publish to. Their secrets are not among them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models import Destination


def every(session: Session) -> Sequence[Destination]:
    """All of them, in the order they were entered."""
    return session.exec(select(Destination).order_by(col(Destination.id))).all()


def active(session: Session) -> Sequence[Destination]:
    """Those that items go to."""
    return session.exec(select(Destination).where(col(Destination.active)).order_by(col(Destination.id))).all()


def named(session: Session, name: str) -> Destination | None:
    """The one of this name."""
    return session.exec(select(Destination).where(Destination.name == name)).first()
