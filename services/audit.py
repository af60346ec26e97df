"""The trail: one line per act, chained by hashes, written in the transaction of what it records.

What it promises: a line that was changed, removed from the middle or cut off at the end after the fact is
found by `verify`, as long as somebody outside the database keeps a later head (the monthly report prints it).
What it does not promise: that whoever can rewrite the whole database cannot forge a whole new chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import AwareDatetime
from sqlmodel import Session, SQLModel, col, select

from models import AuditAction, AuditEvent, AuditHead
from services.errors import UnreadableFile
from services.unit_of_work import UnitOfWork

GENESIS = "0" * 64
SECRET_WORDS = ("password", "secret", "token", "api_key", "encoding_aes")


def record(
    work: UnitOfWork,
    action: AuditAction,
    subject_type: str,
    subject_id: int | None,
    details: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add one line. `details` is what a reader needs to understand the act; values under a secret's name
    are masked, and personal data must be masked by the caller.
    """
    # The head row is locked until the transaction ends (PostgreSQL; SQLite has one writer anyway).
    head = work.session.exec(select(AuditHead).with_for_update()).one()
    event = AuditEvent(
        sequence=head.sequence + 1,
        at=work.now,
        actor_id=work.actor.id,
        action=action,
        subject_type=subject_type,
        subject_id=subject_id,
        details=json.dumps(_masked(_with_principal(work, details or {})), ensure_ascii=False, sort_keys=True),
        previous_hash=head.hash,
        hash="",
    )
    event.hash = link(event)
    head.sequence, head.hash = event.sequence, event.hash
    work.session.add(event)
    work.session.add(head)
    work.session.flush()
    return event


def _with_principal(work: UnitOfWork, details: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a deputy does says for whom it was done."""
    principal = work.actor.stands_in_for
    return details if principal is None else {**details, "for_id": principal.id, "for": principal.name}


def link(event: AuditEvent) -> str:
    """The hash of a line: sha256 over its columns and the hash of the line before, as canonical JSON."""
    columns = {
        "sequence": event.sequence,
        "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor_id": event.actor_id,
        "action": event.action.value,
        "subject_type": event.subject_type,
        "subject_id": event.subject_id,
        "details": event.details,
        "previous_hash": event.previous_hash,
    }
    canonical = json.dumps(columns, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Verdict:
    """Outcome of reading the whole chain; `broken_at` is the sequence number of the first bad line."""

    ok: bool
    events: int
    head: str
    broken_at: int | None


def verify(session: Session) -> Verdict:
    """Read the chain from its first line and say whether it is whole, or where it breaks."""
    end = session.exec(select(AuditHead)).one()
    # Lines added while this reads are not part of what is verified: they would look like a break.
    lines = session.exec(
        select(AuditEvent).where(col(AuditEvent.sequence) <= end.sequence).order_by(col(AuditEvent.sequence))
    ).yield_per(1000)
    count, head, broken_at = _follow(lines)
    if broken_at is None and (count, head) != (end.sequence, end.hash):
        broken_at = min(count, end.sequence) + 1
    return Verdict(ok=broken_at is None, events=count, head=head, broken_at=broken_at)


def export(session: Session, path: Path) -> int:
    """Write the whole chain to a file, one JSON line each, to be kept outside this machine; how many lines."""
    lines = session.exec(select(AuditEvent).order_by(AuditEvent.sequence)).yield_per(1000)  # type: ignore[arg-type]  # as above
    count = 0
    with path.open("w", encoding="utf-8") as file:
        for count, line in enumerate(lines, start=1):  # noqa: B007  # the last number is the answer
            file.write(line.model_dump_json(exclude={"id"}) + "\n")
    return count


def verify_export(path: Path) -> Verdict:
    """Follow the chain of an exported file. Raises `UnreadableFile`."""
    try:
        with path.open(encoding="utf-8") as file:
            count, head, broken_at = _follow(_exported(line) for line in file)
    except (OSError, ValueError) as fault:
        raise UnreadableFile(f"{path.name} 不是操作日志的导出文件，或已损坏。") from fault
    return Verdict(ok=broken_at is None, events=count, head=head, broken_at=broken_at)


class ExportedLine(SQLModel):
    """The columns of a line as a file holds them. A table model would take them without a look."""

    sequence: int
    at: AwareDatetime
    actor_id: int | None
    action: AuditAction
    subject_type: str
    subject_id: int | None
    details: str
    previous_hash: str
    hash: str


def _exported(line: str) -> AuditEvent:
    return AuditEvent(**ExportedLine.model_validate_json(line).model_dump())


def _follow(lines: Iterable[AuditEvent]) -> tuple[int, str, int | None]:
    count, head = 0, GENESIS
    for line in lines:
        expected = count + 1
        if line.sequence != expected or line.previous_hash != head or line.hash != link(line):
            return count, head, expected
        count, head = expected, line.hash
    return count, head, None


def _masked(details: Mapping[str, Any]) -> dict[str, Any]:
    return {
        key: "***" if any(word in key.lower() for word in SECRET_WORDS) else _plain(value)
        for key, value in details.items()
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _masked(value)
    return value.isoformat() if isinstance(value, datetime) else value
