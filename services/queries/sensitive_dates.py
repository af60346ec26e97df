"""The sensitive dates in force: the shipped ones, with the office's own rows above them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, select

from models import SensitiveDate
from services.rules.sensitive_dates import SHIPPED, Sensitive


@dataclass(frozen=True)
class DateLine:
    """One date as the office keeps it: shipped or its own, changed or not, warning or switched off."""

    sensitive: Sensitive
    shipped: bool
    changed: bool
    active: bool


def every(session: Session) -> list[DateLine]:
    """All dates through the year, those switched off included."""
    rows = {row.name: row for row in session.exec(select(SensitiveDate))}
    shipped = {each.name for each in SHIPPED}
    lines = [DateLine(each, shipped=True, changed=False, active=True) for each in SHIPPED if each.name not in rows]
    lines += [DateLine(_of(row), shipped=row.name in shipped, changed=True, active=row.active) for row in rows.values()]
    return sorted(lines, key=lambda line: (line.sensitive.month, line.sensitive.day, line.sensitive.name))


def in_force(session: Session) -> list[Sensitive]:
    """Those that warn."""
    return [line.sensitive for line in every(session) if line.active]


def _of(row: SensitiveDate) -> Sensitive:
    return Sensitive(row.name, row.month, row.day, row.days, row.year, row.advice)
