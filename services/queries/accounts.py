"""Reads about official accounts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session, col, select

from models import AccountState, OfficialAccount


def open_for_submissions(session: Session) -> Sequence[OfficialAccount]:
    """Accounts an item may be written for, in the order of the register."""
    return session.exec(
        select(OfficialAccount)
        .where(OfficialAccount.state == AccountState.ACTIVE)
        .order_by(col(OfficialAccount.id))
    ).all()


def every(session: Session) -> Sequence[OfficialAccount]:
    """The whole register."""
    return session.exec(select(OfficialAccount).order_by(col(OfficialAccount.id))).all()


def named(session: Session, name: str) -> OfficialAccount | None:
    """The account of this name."""
    return session.exec(select(OfficialAccount).where(OfficialAccount.name == name)).first()
