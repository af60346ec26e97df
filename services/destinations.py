"""发布去处: further places to publish to, entered and switched on by the administrator; off until then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlmodel import col, select

from models import IN_FLIGHT, AuditAction, Destination, Publication, Target
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.ports import OutletFinding, OutletSettings
from services.rules.destinations import KINDS, LONGEST_NAME, completed, fault_of, secret_fault
from services.rules.permissions import Capability
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

RESERVED = frozenset(each.value for each in Target) | frozenset(each.label for each in Target)
"""Names that commands understand already."""

SOMEBODY_WAS_FASTER = "这个去处刚刚被别人改过，这里没有覆盖它：请看过现在的内容再决定，您填写的还在。"


def add(
    work: UnitOfWork,
    box: SecretBox,
    *,
    kind: Target,
    name: str,
    settings: Mapping[str, str],
    secret: str,
    rehearsal: bool,
) -> Destination:
    """Enter a place; it stays off until a self-test went well and it is switched on.

    Raises `NotAllowed` for anybody but the administrator, `InvalidInput` naming the field.
    """
    _refuse_others(work)
    if kind not in KINDS:
        raise InvalidInput("请选择 SFTP、WordPress 或内容平台接口。", field="kind")
    chosen = _free_name(work, name)
    fields = completed(kind, settings)
    fault = fault_of(kind, fields, rehearsal=rehearsal) or secret_fault(kind, secret)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    row = Destination(
        kind=kind,
        name=chosen,
        settings=fields,
        secret_sealed=box.seal(secret.strip()),
        secret_changed_at=work.now,
        created_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    _to_trail(work, AuditAction.DESTINATION_ADDED, row, {"settings": fields})
    return row


def change(
    work: UnitOfWork,
    box: SecretBox,
    *,
    destination_id: int,
    seen_version: int,
    settings: Mapping[str, str],
    secret: str = "",
    rehearsal: bool,
) -> Destination:
    """Change a place; it goes off until it was tested again. An empty secret leaves the one it has.

    Raises `NotAllowed`, `NotFound`, `StaleState`, `InvalidInput` naming the field.
    """
    row = _seen(work, destination_id, seen_version)
    fields = completed(row.kind, settings)
    fault = fault_of(row.kind, fields, rehearsal=rehearsal) or (secret_fault(row.kind, secret) if secret else None)
    if fault is not None:
        raise InvalidInput(fault[1], field=fault[0])
    changed = {name: value for name, value in fields.items() if value != row.settings.get(name)}
    if not changed and not secret:
        return row
    row.settings, row.active, row.findings, row.tested_at = fields, False, [], None
    if secret:
        row.secret_sealed, row.secret_changed_at = box.seal(secret.strip()), work.now
    _to_trail(work, AuditAction.DESTINATION_CHANGED, row, {"changed": changed, "secret": bool(secret)})
    return row


def switch(work: UnitOfWork, *, destination_id: int, seen_version: int, active: bool) -> Destination:
    """Let items go there from now on, or no longer. What waits for it in the queue must be called off first.

    Raises `NotAllowed`, `NotFound`, `StaleState`, `WrongState` without a self-test that went well.
    """
    row = _seen(work, destination_id, seen_version)
    if active and (not row.findings or not all(each["ok"] for each in row.findings)):
        raise WrongState("请先做一次自检，全部通过后才能启用。")
    waiting = work.session.exec(
        select(Publication.id).where(Publication.destination_id == row.id, col(Publication.state).in_(IN_FLIGHT))
    ).first()
    if not active and waiting is not None:
        raise WrongState(f"还有任务要发到“{row.name}”，请先在“发布”页取消或等它们结束，再停用。")
    if row.active is not active:
        row.active = active
        _to_trail(work, AuditAction.DESTINATION_CHANGED, row, {"active": active})
    return row


def keep_test(work: UnitOfWork, *, destination_id: int, findings: Sequence[OutletFinding]) -> Destination:
    """Keep what a self-test found. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    row = _found(work, destination_id)
    row.findings, row.tested_at = [asdict(each) for each in findings], work.now
    details = {"failed": [each.step for each in findings if not each.ok]}
    audit.record(work, AuditAction.DESTINATION_TESTED, "destination", row.id, {"name": row.name, **details})
    work.session.flush()
    return row


def opened(row: Destination, box: SecretBox) -> OutletSettings:
    """The place with its secret. Raises `IncompleteSettings` where it cannot be opened."""
    return OutletSettings(
        id=row.id or 0, kind=row.kind.value, name=row.name, fields=row.settings, secret=box.open(row.secret_sealed)
    )


def _refuse_others(work: UnitOfWork) -> None:
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以管理发布去处。")


def _free_name(work: UnitOfWork, name: str) -> str:
    chosen = " ".join(name.split())
    if not chosen or len(chosen) > LONGEST_NAME:
        raise InvalidInput(f"请给这个去处起一个 {LONGEST_NAME} 字以内的名称，如“校报网站”。", field="name")
    if chosen in RESERVED or work.session.exec(select(Destination.id).where(Destination.name == chosen)).first():
        raise InvalidInput(f"“{chosen}”这个名称已经用了，请换一个。", field="name")
    return chosen


def _found(work: UnitOfWork, destination_id: int) -> Destination:
    row = work.session.get(Destination, destination_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这个发布去处，请刷新页面。")
    return row


def _seen(work: UnitOfWork, destination_id: int, seen_version: int) -> Destination:
    _refuse_others(work)
    row = _found(work, destination_id)
    work.claim(row, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    return row


def _to_trail(work: UnitOfWork, action: AuditAction, row: Destination, details: Mapping[str, object]) -> None:
    work.session.flush()
    audit.record(work, action, "destination", row.id, {"name": row.name, "kind": row.kind.value, **details})
