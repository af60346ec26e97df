"""操作日志: what the chain promises, and what it says when somebody rewrote history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlmodel import col, delete, select, update

from models import AuditAction, AuditEvent, AuditHead
from services import audit
from services.errors import UnreadableFile
from tests.office import Office


def write(office: Office, count: int = 5) -> None:
    for number in range(count):
        with office.as_system() as work:
            audit.record(work, AuditAction.PERSON_CHANGED, "person", number, {"note": f"第{number}次"})


def verdict(office: Office) -> audit.Verdict:
    with office.reading() as session:
        return audit.verify(session)


def test_an_untouched_chain_is_whole(office: Office) -> None:
    write(office)

    found = verdict(office)

    with office.reading() as session:
        end = session.exec(select(AuditHead)).one()
    assert found == audit.Verdict(ok=True, events=end.sequence, head=end.hash, broken_at=None)


@pytest.mark.parametrize(
    "change",
    [
        {"details": '{"note": "改过"}'},
        {"actor_id": 1},
        {"subject_id": 99},
        {"action": AuditAction.PERSON_DISABLED},
    ],
)
def test_a_changed_line_is_named(office: Office, change: dict[str, object]) -> None:
    write(office)
    with office.as_system() as work:
        work.session.execute(update(AuditEvent).where(col(AuditEvent.sequence) == 3).values(**change))

    assert (verdict(office).ok, verdict(office).broken_at) == (False, 3)


def test_a_line_taken_out_of_the_middle_is_named(office: Office) -> None:
    write(office)
    with office.as_system() as work:
        work.session.execute(delete(AuditEvent).where(col(AuditEvent.sequence) == 4))

    assert verdict(office).broken_at == 4


def test_lines_cut_off_at_the_end_are_missed(office: Office) -> None:
    write(office)
    with office.as_system() as work:
        end = work.session.exec(select(AuditHead)).one().sequence
        work.session.execute(delete(AuditEvent).where(col(AuditEvent.sequence) == end))

    assert verdict(office).broken_at == end


def test_a_rolled_back_act_leaves_no_line(office: Office) -> None:
    before = verdict(office)

    with pytest.raises(RuntimeError, match="half-way"):
        _record_and_fail(office)

    assert verdict(office) == before


def _record_and_fail(office: Office) -> None:
    with office.as_system() as work:
        audit.record(work, AuditAction.PERSON_CHANGED, "person", 1)
        raise RuntimeError("half-way")


def test_secrets_are_masked_in_the_trail(office: Office) -> None:
    with office.as_system() as work:
        details = {"app_secret": "abc", "nested": {"new_password": "xyz"}, "name": "测试大学"}
        event = audit.record(work, AuditAction.ACCOUNT_CREATED, "account", 1, details)

    assert json.loads(event.details) == {"app_secret": "***", "nested": {"new_password": "***"}, "name": "测试大学"}


def test_an_exported_chain_verifies_away_from_the_database(office: Office, tmp_path: Path) -> None:
    write(office)
    with office.reading() as session:
        count = audit.export(session, tmp_path / "trail.jsonl")

    assert audit.verify_export(tmp_path / "trail.jsonl") == verdict(office)
    assert count == verdict(office).events


def test_a_changed_export_is_named(office: Office, tmp_path: Path) -> None:
    write(office)
    path = tmp_path / "trail.jsonl"
    with office.reading() as session:
        audit.export(session, path)
    path.write_text(path.read_text(encoding="utf-8").replace("第2次", "第9次"), encoding="utf-8")

    found = audit.verify_export(path)

    with office.reading() as session:
        third = session.exec(select(AuditEvent.sequence).where(col(AuditEvent.details).contains("第2次"))).one()
    assert found.broken_at == third


def test_what_is_no_export_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("不是日志\n", encoding="utf-8")

    with pytest.raises(UnreadableFile, match=r"notes\.txt"):
        audit.verify_export(tmp_path / "notes.txt")
