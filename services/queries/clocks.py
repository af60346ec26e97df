"""The clocks of the rule in force: the defaults under what the administrator set."""

from __future__ import annotations

from sqlmodel import Session, col, select

from models import Setting
from services.rules.clocks import Clocks, clocks_from

PREFIX = "clock."
"""Before the name of a clock, among all that is set."""


def clocks_of(session: Session) -> Clocks:
    """The clocks in force."""
    rows = session.exec(select(Setting).where(col(Setting.key).startswith(PREFIX)))
    return clocks_from({row.key.removeprefix(PREFIX): row.value for row in rows})
