"""备份与恢复: what a backup holds, what proves it, and what may not happen after the way back."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import col, func, select

from models import (
    AuditAction,
    AuditEvent,
    Heartbeat,
    Notice,
    Publication,
    PublicationState,
    PublicationWay,
    PublishingStop,
    Record,
    ResetCode,
    SignInSession,
    Submission,
    Target,
)
from services import audit, backups, doctor, publishing, publishing_stops, reset_codes, restoring
from services.errors import InvalidInput, NewerDatabase, UnreadableFile, WrongState
from services.settings import Mode, Settings
from tests.desk import Desk

LETTER = "各单位请于周五前报送材料。".encode()
DERIVED = {
    "attachmentopening.sha256",
    "attachmentreading.sha256",
    "picturereading.sha256",
    "picturetraits.sha256",
    "uploadedpicture.sha256",
    "submission.cover_sha256",
    "draft.cover_sha256",
    "revision.cover_sha256",
}
"""Columns that speak of a file which another column names."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "备份 一?#%"


def database_of(desk: Desk) -> Path:
    return backups.database_file(desk.runtime.settings)


def with_a_file(desk: Desk) -> str:
    """A draft with an attachment; the hash of the file."""
    return desk.office.attach(desk.office.draft(), "通知.txt", LETTER)


def queued(desk: Desk, way: PublicationWay = PublicationWay.DRAFT, target: Target = Target.WECHAT) -> int:
    """An approved item on its way; its publication."""
    submission_id = desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        (row,) = publishing.queue(work, desk.office.box, submission_id=submission_id, way=way, targets=[target])
        assert row.id is not None
        return row.id


def state_of(desk: Desk, publication_id: int) -> PublicationState:
    with desk.runtime.reading() as session:
        return session.get_one(Publication, publication_id).state


def submissions_of(desk: Desk) -> int:
    with desk.runtime.reading() as session:
        return session.exec(select(func.count()).select_from(Submission)).one()


# --- What a backup holds ---------------------------------------------------------------------------------


def test_a_backup_holds_the_database_and_every_file_that_it_names(desk: Desk, out: Path) -> None:
    sha256 = with_a_file(desk)

    verdict = backups.make(desk.runtime, out)

    assert (verdict.ok, verdict.files, verdict.faults) == (True, 1, [])
    assert (verdict.rows["submission"], verdict.rows["attachment"], verdict.rows["person"]) == (1, 1, 13)
    assert backups.file_of(out, sha256).read_bytes() == LETTER
    assert sorted(each.name for each in out.iterdir()) == ["assets", "manifest.json", "weishentai.db"]
    assert backups.verify(out) == verdict
    with desk.runtime.reading() as session:
        line = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence).desc())).first()
        assert line is not None
        manifest = backups.manifest_of(out)
        assert (line.action, line.previous_hash) == (AuditAction.DATABASE_BACKED_UP, manifest.head)
        assert json.loads(line.details) == {"files": 1, "faults": 0, "events": manifest.events}


def test_every_column_that_names_a_stored_file_is_followed() -> None:
    named = {f"{each.class_.__tablename__}.{each.key}" for each in backups.NAMING_FILES}
    columns = {
        f"{table.name}.{column.name}"
        for table in Record.metadata.tables.values()
        for column in table.columns
        if column.name.endswith("sha256")
    }

    assert named == columns - DERIVED


def test_a_stored_file_that_is_gone_is_named_and_the_rest_is_kept(desk: Desk, out: Path) -> None:
    sha256 = with_a_file(desk)
    desk.office.assets.discard(sha256)

    verdict = backups.make(desk.runtime, out)

    assert (verdict.ok, verdict.faults) == (False, [f"数据库提到的文件 {sha256[:12]}… 不在备份里。"])
    assert (out / "weishentai.db").is_file()


def test_a_backup_overwrites_nothing_and_leaves_nothing_half_made(desk: Desk, out: Path) -> None:
    out.mkdir()
    with pytest.raises(InvalidInput, match="已经存在：备份从不覆盖旧的"):
        backups.make(desk.runtime, out)
    out.rmdir()
    broken = replace(desk.runtime, secrets=None)  # type: ignore[arg-type]  # it fails after the copy was made
    with pytest.raises(AttributeError):
        backups.make(broken, out)

    assert [each.name for each in out.parent.iterdir() if each.name.startswith(out.name)] == []


def test_postgresql_has_its_own_tools() -> None:
    with pytest.raises(WrongState, match="pg_dump -Fc"):
        backups.database_file(Settings(database_url="postgresql+psycopg://office@db/weishentai"))


# --- What proves it --------------------------------------------------------------------------------------


def _changed_file(out: Path) -> None:
    next((out / "assets").glob("*/*")).write_bytes(b"other")


def _lost_file(out: Path) -> None:
    next((out / "assets").glob("*/*")).unlink()


def _unlisted_file(out: Path) -> None:
    _rewrite(out, files=[])


def _changed_row(out: Path) -> None:
    _in_the_copy(out, "UPDATE person SET name = '别人' WHERE id = 1")


def _lost_rows(out: Path) -> None:
    _in_the_copy(out, "DELETE FROM attachment")
    _rewrite(out, database=_hash(out))


def _forged_history(out: Path) -> None:
    _in_the_copy(out, "UPDATE auditevent SET details = '{}' WHERE sequence = 2")
    _rewrite(out, database=_hash(out))


def _another_end(out: Path) -> None:
    _rewrite(out, head="0" * 64)


def _in_the_copy(out: Path, statement: str) -> None:
    with closing(sqlite3.connect(out / "weishentai.db")) as connection, connection:
        connection.execute(statement)


def _hash(out: Path) -> str:
    return hashlib.sha256((out / "weishentai.db").read_bytes()).hexdigest()


def _rewrite(out: Path, **changes: object) -> None:
    said = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps(said | changes))


DAMAGES: tuple[tuple[Callable[[Path], None], str], ...] = (
    (_changed_file, "缺失或被改动"),
    (_lost_file, "缺失或被改动"),
    (_unlisted_file, "不在备份里"),
    (_changed_row, "数据库缺失，或与备份时不同。"),
    (_lost_rows, "数据库的行数与备份时不同。"),
    (_forged_history, "操作日志在第 2 条断开"),
    (_another_end, "操作日志的末端与备份时不同。"),
)


@pytest.mark.parametrize(("damage", "said"), DAMAGES, ids=lambda value: getattr(value, "__name__", None))
def test_a_damaged_backup_is_found_and_never_restored(
    desk: Desk, out: Path, damage: Callable[[Path], None], said: str
) -> None:
    with_a_file(desk)
    backups.make(desk.runtime, out)
    before = submissions_of(desk)

    damage(out)

    verdict = backups.verify(out)
    assert (verdict.ok, [said in each for each in verdict.faults]) == (False, [True])
    with pytest.raises(UnreadableFile, match="这份备份不完整，没有恢复，现有数据没有改动"):
        restoring.restore(desk.runtime, out)
    assert submissions_of(desk) == before


@pytest.mark.parametrize("content", [None, "", "{}", "一封信"], ids=["missing", "empty", "nothing", "letter"])
def test_what_is_no_backup_is_refused(out: Path, content: str | None) -> None:
    out.mkdir()
    if content is not None:
        (out / "manifest.json").write_text(content)

    with pytest.raises(UnreadableFile, match="不是微审台的备份，或备份没有做完"):
        backups.verify(out)


def test_a_backup_of_a_later_release_is_refused(desk: Desk, out: Path) -> None:
    backups.make(desk.runtime, out)
    _in_the_copy(out, "UPDATE alembic_version SET version_num = '9999'")
    _rewrite(out, database=_hash(out))

    with pytest.raises(NewerDatabase):
        restoring.restore(desk.runtime, out)


# --- The way back ----------------------------------------------------------------------------------------


def test_the_office_is_back_at_that_moment_and_what_was_is_kept(desk: Desk, out: Path) -> None:
    sha256 = with_a_file(desk)
    backups.make(desk.runtime, out)
    desk.office.later(hours=3)
    desk.office.draft()
    desk.office.assets.discard(sha256)

    done = restoring.restore(desk.runtime, out)

    assert (done.files, done.doubtful, done.same_key) == (1, 0, True)
    assert (submissions_of(desk), desk.office.assets.get(sha256)) == (1, LETTER)
    assert done.kept is not None
    assert done.kept.name.endswith(".before-restore-20261123-120000.db")
    with closing(sqlite3.connect(done.kept)) as kept:
        assert kept.execute("SELECT count(*) FROM submission").fetchone() == (2,)
    with desk.runtime.reading() as session:
        assert audit.verify(session).ok
        line = session.exec(select(AuditEvent).where(AuditEvent.action == AuditAction.DATABASE_RESTORED)).one()
        assert json.loads(line.details)["made_at"] == "2026-11-23T01:00:00+00:00"
    assert [each.name for each in database_of(desk).parent.glob("restoring-*")] == []


def test_a_broken_or_missing_database_can_be_replaced(desk: Desk, out: Path) -> None:
    backups.make(desk.runtime, out)
    database = database_of(desk)
    desk.runtime.engines.dispose()

    database.write_bytes(b"not a database at all" * 1000)
    broken = restoring.restore(desk.runtime, out)
    assert broken.kept is not None
    database.unlink()
    missing = restoring.restore(desk.runtime, out)

    assert (missing.kept, submissions_of(desk)) == (None, 0)


def test_nothing_is_restored_under_a_running_program(desk: Desk, out: Path) -> None:
    backups.make(desk.runtime, out)
    with desk.runtime.as_system() as work:
        work.session.add(Heartbeat(worker="publishing", at=work.now))
    desk.office.later(seconds=119)
    desk.office.draft()

    with pytest.raises(WrongState, match="请先停止全部网页和发布任务，等两分钟再试"):
        restoring.restore(desk.runtime, out)

    assert submissions_of(desk) == 1
    desk.office.later(seconds=1)
    restoring.restore(desk.runtime, out)
    assert submissions_of(desk) == 0


def test_nobody_who_was_out_is_in_again(desk: Desk, out: Path) -> None:
    opened = desk.opened("小王")
    with desk.runtime.acting_as(desk.office.people["小林"]) as work:
        reset_codes.issue(work, desk.office.box, person_id=desk.office.people["老李"], reason="忘记密码")
    backups.make(desk.runtime, out)

    restoring.restore(desk.runtime, out)

    with desk.runtime.reading() as session:
        now = desk.runtime.now()
        assert session.get_one(SignInSession, opened.session_id).revoked_at == now
        assert session.exec(select(ResetCode.expires_at)).one() == now


# What may not happen: an article that went out after the backup goes out again.
ON_THE_WAY = [
    (PublicationWay.DRAFT, Target.WECHAT, PublicationState.UNKNOWN),
    (PublicationWay.PUBLISH, Target.WECHAT, PublicationState.UNKNOWN),
    (PublicationWay.MASS, Target.WECHAT, PublicationState.UNKNOWN),
    (PublicationWay.MANUAL, Target.WECHAT, PublicationState.QUEUED),  # the machine sends nothing
    (PublicationWay.DRAFT, Target.SITE, PublicationState.QUEUED),  # a page written twice is one page
]


@pytest.mark.parametrize(("way", "target", "after"), ON_THE_WAY)
def test_what_was_on_its_way_to_wechat_waits_in_doubt(
    desk: Desk, out: Path, way: PublicationWay, target: Target, after: PublicationState
) -> None:
    publication_id = queued(desk, way, target)
    backups.make(desk.runtime, out)

    done = restoring.restore(desk.runtime, out)

    assert (done.doubtful, state_of(desk, publication_id)) == (int(after is PublicationState.UNKNOWN), after)


@pytest.mark.parametrize("state", PublicationState)
def test_of_every_state_only_those_that_call_again_are_doubted(desk: Desk, out: Path, state: PublicationState) -> None:
    publication_id = queued(desk)
    with desk.runtime.as_system() as work:
        row = work.session.get_one(Publication, publication_id)
        row.state, row.calling = state, "draft/add" if state is PublicationState.UNKNOWN else None
    backups.make(desk.runtime, out)

    restoring.restore(desk.runtime, out)

    calls_again = {"queued", "preparing", "drafted", "sending", "unknown"}
    expected = PublicationState.UNKNOWN if state.value in calls_again else state
    with desk.runtime.reading() as session:
        row = session.get_one(Publication, publication_id)
    # With a call named, doubt may end in repeating it; without one, the worker only reads.
    assert (row.state, row.calling) == (expected, None)


def test_everything_stands_still_until_a_person_has_looked(desk: Desk, out: Path) -> None:
    queued(desk)
    backups.make(desk.runtime, out)
    desk.office.later(days=1)

    restoring.restore(desk.runtime, out)

    with desk.runtime.reading() as session:
        (stop,) = session.exec(select(PublishingStop).where(col(PublishingStop.lifted_at).is_(None))).all()
        told = session.exec(select(Notice.title).where(Notice.person_id == desk.office.people["小赵"])).all()
    assert (stop.account_id, stop.stopped_by_id) == (None, None)
    assert stop.reason == restoring.LOOK_FIRST.format(moment="2026年11月23日 09:00（北京时间）")
    assert any("结果待核实" in each for each in told)


def test_an_older_stop_gives_way_to_the_new_reason(desk: Desk, out: Path) -> None:
    with desk.runtime.acting_as(desk.office.people["小赵"]) as work:
        publishing_stops.stop_everything(work, reason="国庆值守")
    backups.make(desk.runtime, out)

    restoring.restore(desk.runtime, out)

    with desk.runtime.reading() as session:
        standing = session.exec(select(PublishingStop.reason).where(col(PublishingStop.lifted_at).is_(None))).all()
    assert [each[:6] for each in standing] == ["数据已恢复到"]


# --- Looked after ----------------------------------------------------------------------------------------


def test_the_doctor_says_how_old_the_last_backup_is(desk: Desk, out: Path) -> None:
    live = replace(desk.runtime, settings=desk.runtime.settings.model_copy(update={"mode": Mode.LIVE}))

    def said() -> tuple[bool, str]:
        (check,) = [each for each in doctor.examine(live) if each.name == "backup"]
        return check.ok, check.message

    assert said() == (False, "还没有备份过：请运行 weishentai backup 文件夹，并复制到别的机器。")
    backups.make(live, out)
    desk.office.later(days=7)
    assert said() == (True, "最近一次备份在 7 天前。")
    desk.office.now += timedelta(seconds=1)
    assert said() == (False, "最近一次备份在 7 天前，太久了：请再备份一次。")
