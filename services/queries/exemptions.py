"""Reads about what approvers let stand: for the keepers of the lists, the one that ends first on top."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import Exemption, Person
from services.queries.lexicon import refuse_others
from services.rules.permissions import Actor

PAGE_SIZE = 20


@dataclass(frozen=True)
class ExemptionLine:
    """One that is in force, and who approved it."""

    exemption: Exemption
    approver: str


def count(session: Session, actor: Actor, *, rules: Collection[str], today: date) -> int:
    """How many are in force; `rules` are those that have exemptions. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(select(func.count()).select_from(Exemption).where(*_in_force(rules, today))).one()


def page(
    session: Session, actor: Actor, *, rules: Collection[str], today: date, number: int = 1
) -> Sequence[ExemptionLine]:
    """A page of them. Raises `NotAllowed`."""
    refuse_others(actor)
    rows = session.exec(
        select(Exemption, Person.name)
        .join(Person, col(Person.id) == col(Exemption.approved_by_id))
        .where(*_in_force(rules, today))
        .order_by(col(Exemption.ends_on), col(Exemption.id))
        .limit(PAGE_SIZE)
        .offset((max(1, number) - 1) * PAGE_SIZE)
    ).all()
    return [ExemptionLine(*row) for row in rows]


def _in_force(rules: Collection[str], today: date) -> tuple[ColumnElement[bool], ...]:
    # One that was given before its rule lost exemptions has no effect any more.
    return (
        col(Exemption.ended_at).is_(None),
        col(Exemption.ends_on) >= today,
        col(Exemption.rule).in_(rules),
    )
