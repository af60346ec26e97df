"""A unit of work: who acts, when, and the transaction. Services flush; only its owner at the edge commits."""

from __future__ import annotations

from dataclasses import dataclass, replace
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

    def standing_as(self, standing: Actor) -> UnitOfWork:
        """The same unit in one of the actor's standings: what is decided and recorded from here on says for whom."""
        return replace(self, actor=standing)

    @property
    def for_id(self) -> int | None:
        """Whom the acting person stands in for, or None in their own right."""
        principal = self.actor.stands_in_for
        return principal.id if principal else None

    @property
    def person_id(self) -> int:
        """The acting person's id; the system never does a person's work, so its absence is a fault."""
        if self.actor.id is None:
            raise RuntimeError("a person's act was started by the system")
        return self.actor.id
