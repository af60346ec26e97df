"""敏感日期: the office keeps the list; each change is a line of the trail."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

from models import AuditAction, SensitiveDate
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.queries import sensitive_dates as reads
from services.rules.permissions import KEEPS_SENSITIVE_DATES
from services.rules.sensitive_dates import Sensitive, fault_of
from services.unit_of_work import UnitOfWork


def keep(work: UnitOfWork, *, given: Sensitive, active: bool = True) -> SensitiveDate:
    """Add a date, or put the office's word in the place of the one of that name.

    Raises `NotAllowed` for anybody but the administrator and the head of the office, `InvalidInput` naming the field.
    """
    _refuse_others(work)
    tidied = replace(given, name=" ".join(given.name.split()), advice=" ".join(given.advice.split()))
    fault = fault_of(tidied)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    row = work.session.get(SensitiveDate, tidied.name)
    values: dict[str, Any] = asdict(tidied) | {
        "active": active, "changed_by_id": work.person_id, "changed_at": work.now,
    }  # fmt: skip
    if row is None:
        row = SensitiveDate(**values)
    else:
        for name, value in values.items():
            setattr(row, name, value)
    work.session.add(row)
    work.session.flush()
    _record(work, tidied.name, asdict(tidied) | {"active": active})
    return row


def switch(work: UnitOfWork, *, name: str, active: bool) -> SensitiveDate:
    """Let a date warn, or no longer. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    line = next((each for each in reads.every(work.session) if each.sensitive.name == name), None)
    if line is None:
        raise NotFound("这个日期已经删除了，请刷新页面。")
    return keep(work, given=line.sensitive, active=active)


def forget(work: UnitOfWork, *, name: str) -> None:
    """Delete one of the office's own, or its word on a shipped one, which then holds as shipped again.

    Raises `NotAllowed`, `NotFound`.
    """
    _refuse_others(work)
    row = work.session.get(SensitiveDate, name, with_for_update=True)
    if row is None:
        raise NotFound("这个日期已经删除了，请刷新页面。")
    work.session.delete(row)
    work.session.flush()
    _record(work, name, {"removed": True})


def _refuse_others(work: UnitOfWork) -> None:
    if not any(work.actor.may(each) for each in KEEPS_SENSITIVE_DATES):
        raise NotAllowed("敏感日期由终审人或系统管理员维护。")


def _record(work: UnitOfWork, name: str, details: dict[str, object]) -> None:
    audit.record(work, AuditAction.SENSITIVE_DATE_CHANGED, "calendar", None, {"name": name, **details})
