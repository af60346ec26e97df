"""群发次数 as the administrator set it."""

from __future__ import annotations

from dataclasses import asdict

from models import AuditAction, Setting
from services import audit
from services.errors import InvalidInput, NotAllowed
from services.queries.send_quotas import PREFIX, limits_of
from services.rules.permissions import Capability
from services.rules.send_quota import LABELS, LONGEST, SendLimits
from services.unit_of_work import UnitOfWork


def set_limits(work: UnitOfWork, *, limits: SendLimits) -> SendLimits:
    """Change how often accounts may notify their followers; a line of the trail.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` naming the field.
    """
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以修改群发次数。")
    before, after = asdict(limits_of(work.session)), asdict(limits)
    for name, value in after.items():
        if not 0 <= value <= LONGEST:
            raise InvalidInput(f"“{LABELS[name]}”须在 0 到 {LONGEST} 之间。", field=name)
    changed = {name: value for name, value in after.items() if value != before[name]}
    for name, value in changed.items():
        work.session.merge(Setting(key=PREFIX + name, value=str(value)))
    work.session.flush()
    if changed:
        details = {"from": {name: before[name] for name in changed}, "to": changed}
        audit.record(work, AuditAction.SETTING_CHANGED, "setting", None, details)
    return limits
