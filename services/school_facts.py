"""学校信息: the school's domains, the formats of its numbers and its names, as far as the machine check needs them.

Worked on in rows and put in force with the next version of the lists, like the lists themselves.
"""

from __future__ import annotations

from collections.abc import Callable

from sqlmodel import Session, col, select

from models import AuditAction, Department, SchoolFact, SchoolFactKind
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.rules.permissions import keeps_lists
from services.screening import school
from services.screening.school import School
from services.unit_of_work import UnitOfWork

MOST = 200  # of one kind
READERS: dict[SchoolFactKind, Callable[[str], str]] = {
    SchoolFactKind.OWN_DOMAIN: school.domain,
    SchoolFactKind.TRUSTED_DOMAIN: school.domain,
    SchoolFactKind.STUDENT_NUMBER: school.number,
    SchoolFactKind.STAFF_NUMBER: school.number,
    SchoolFactKind.NAME: school.name,
}


def add(work: UnitOfWork, *, kind: SchoolFactKind, value: str, note: str = "") -> SchoolFact:
    """Enter a domain, a number format or a name; in force with the next activation.

    Raises `NotAllowed`, `InvalidInput`.
    """
    _refuse_others(work)
    try:
        written = READERS[kind](value)
    except ValueError as fault:
        raise InvalidInput(str(fault), field="value") from fault
    known = set(work.session.exec(select(SchoolFact.value).where(SchoolFact.kind == kind)))
    if written in known:
        raise InvalidInput(f"“{written}”已经登记过。", field="value")
    if len(known) >= MOST:
        raise InvalidInput(f"“{kind.label}”最多登记 {MOST} 条，请先删去不用的。", field="value")
    row = SchoolFact(kind=kind, value=written, note=note.strip(), added_by_id=work.actor.id, added_at=work.now)
    work.session.add(row)
    work.session.flush()
    _record(work, row, "fact added")
    return row


def remove(work: UnitOfWork, *, fact_id: int) -> None:
    """Take a fact out of the next version; earlier versions keep it. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    row = work.session.get(SchoolFact, fact_id)
    if row is None:
        raise NotFound("没有找到这一条，请刷新页面。")
    _record(work, row, "fact removed")
    work.session.delete(row)
    work.session.flush()


def working(session: Session) -> School:
    """What is entered, and the units of the school by their names in the register of departments."""
    rows = session.exec(select(SchoolFact).order_by(col(SchoolFact.value))).all()
    units = session.exec(select(Department.name).where(col(Department.active).is_(True))).all()

    def values(kind: SchoolFactKind) -> tuple[str, ...]:
        return tuple(each.value for each in rows if each.kind is kind)

    return School(
        own_domains=values(SchoolFactKind.OWN_DOMAIN),
        trusted_domains=values(SchoolFactKind.TRUSTED_DOMAIN),
        student_numbers=values(SchoolFactKind.STUDENT_NUMBER),
        staff_numbers=values(SchoolFactKind.STAFF_NUMBER),
        names=values(SchoolFactKind.NAME),
    ).with_names(tuple(units))


def _record(work: UnitOfWork, row: SchoolFact, what: str) -> None:
    details = {"what": what, "kind": row.kind.value, "value": row.value}
    audit.record(work, AuditAction.LEXICON_CHANGED, "lexicon", None, details)


def _refuse_others(work: UnitOfWork) -> None:
    if not keeps_lists(work.actor):
        raise NotAllowed("只有终审人和系统管理员可以维护学校信息。")
