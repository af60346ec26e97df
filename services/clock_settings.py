"""The clocks of the rule as the administrator set them."""

from __future__ import annotations

from dataclasses import asdict

from models import AuditAction, Setting
from services import audit, stage_clocks, working_calendar
from services.errors import InvalidInput, NotAllowed
from services.queries.clocks import PREFIX, clocks_of
from services.rules.clocks import Clocks, fault_of
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.unit_of_work import UnitOfWork


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
        calendar = working_calendar.calendar_of(work.session, office_day(work.now))
        stage_clocks.wind_all(work.session, calendar)
        details = {"from": {name: before[name] for name in changed}, "to": changed}
        audit.record(work, AuditAction.SETTING_CHANGED, "setting", None, details)
    return clocks
