"""The clocks of the rule as the administrator set them."""

from __future__ import annotations

from dataclasses import asdict

from sqlmodel import Session, select

from models import AuditAction, Setting
from services import audit
from services.errors import InvalidInput, NotAllowed
from services.rules.clocks import Clocks, clocks_from, fault_of
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork

PREFIX = "clock."


def clocks_of(session: Session) -> Clocks:
    """The clocks in force."""
    rows = session.exec(select(Setting)).all()
    return clocks_from({row.key.removeprefix(PREFIX): row.value for row in rows if row.key.startswith(PREFIX)})


def set_clocks(work: UnitOfWork, *, clocks: Clocks) -> Clocks:
    """Change clocks; what runs already is counted by the new ones. Each change is a line of the trail.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` naming the field.
    """
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以修改时限。")
    fault = fault_of(clocks)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    before, after = asdict(clocks_of(work.session)), asdict(clocks)
    changed = {name: value for name, value in after.items() if value != before[name]}
    for name, value in changed.items():
        work.session.merge(Setting(key=PREFIX + name, value=str(value)))
    work.session.flush()
    if changed:
        details = {"from": {name: before[name] for name in changed}, "to": changed}
        audit.record(work, AuditAction.SETTING_CHANGED, "setting", None, details)
    return clocks
