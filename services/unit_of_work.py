"""A unit of work: who acts, when, and the transaction. Services flush; only its owner at the edge commits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from services.rules.permissions import Actor

SYSTEM = Actor(id=None, name="系统", department_id=None, roles=frozenset())
"""The worker and the installation: they record, they hold no right of a person."""


@dataclass(frozen=True)
class UnitOfWork:
    """Handed first to every writing service. `now` is read once, so that one act has one time (UTC)."""

    session: Session
    actor: Actor
    now: datetime

    @property
    def person_id(self) -> int:
        """The acting person's id; the system never does a person's work, so its absence is a fault."""
        if self.actor.id is None:
            raise RuntimeError("a person's act was started by the system")
        return self.actor.id
