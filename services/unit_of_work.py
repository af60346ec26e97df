"""A unit of work: who acts, when, and the transaction. Services flush; only its owner at the edge commits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import update
from sqlmodel import Session

from services.errors import NotAllowed, StaleState
from services.rules.permissions import Actor

SYSTEM = Actor(id=None, name="系统", department_id=None, roles=frozenset())
"""The worker and the installation: they record, they hold no right of a person."""


class Versioned(Protocol):
    """A row whose every change counts its version on."""

    id: int | None
    version: int


@dataclass(frozen=True)
class UnitOfWork:
    """Handed first to every writing service. `now` is read once, so that one act has one time (UTC)."""

    session: Session
    actor: Actor
    now: datetime

    def standing_as(self, standing: Actor) -> UnitOfWork:
        """The same unit in one of the actor's standings: what is decided and recorded from here on says for whom."""
        return replace(self, actor=standing)

    def standing_that(self, may: Callable[[Actor], bool], *, otherwise: str) -> UnitOfWork:
        """The same unit in the first standing that may: the person's own if it does, else that in somebody's place.

        Raises `NotAllowed` with the sentence given where none may.
        """
        able = next((each for each in self.actor.standings if may(each)), None)
        if able is None:
            raise NotAllowed(otherwise)
        return self.standing_as(able)

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

    def claim(self, row: Versioned, seen_version: int, *, otherwise: str) -> None:
        """Make a change of this row one's own, if it is still as the screen showed it: of two people at once, one wins.

        Raises `StaleState` with the sentence given for the other one.
        """
        table: Any = type(row)
        self.session.flush()
        claimed = self.session.execute(
            update(table).where(table.id == row.id, table.version == seen_version).values(version=seen_version + 1)
        )
        if claimed.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
            raise StaleState(otherwise)
        self.session.refresh(row)
