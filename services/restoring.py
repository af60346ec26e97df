"""从备份恢复: the way back to an earlier day, without sending anything a second time.

A backup remembers less than the world: what went out after it is out, and the database that returns does not know.
So whatever might have gone to WeChat since stands in doubt, everything stands still until a person has looked, and
nobody who was out is in again.
"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from models import AuditAction
from services import audit, backups, health, publications, publishing_stops, reset_codes, sign_in
from services.backups import Manifest
from services.bootstrap import Runtime
from services.database import make_engines, transaction, upgrade
from services.errors import UnreadableFile, WrongState
from services.rules.office_time import OFFICE_ZONE, on_the_clock
from services.unit_of_work import SYSTEM, UnitOfWork

PARTS = ("", "-wal", "-shm")
"""What a SQLite database consists of. With a part of another one beside it, it would read wrongly without a word."""
LOOK_FIRST = (
    "数据已恢复到{moment}的备份。在那以后公众号可能已经发过文章：请先到公众平台“发表记录”，"
    "逐篇核对那以后发出的，再恢复发布"
)
IN_DOUBT = "数据恢复到了{moment}的备份：那以后这一篇有没有发出，系统不知道。"


@dataclass(frozen=True)
class Restored:
    """What came back. `doubtful` publications wait to be settled; `kept` is where the database before it lies now,
    None where there was none; `same_key` whether the secrets in it can be opened.
    """

    files: int
    rows: dict[str, int]
    doubtful: int
    kept: Path | None
    same_key: bool


def restore(runtime: Runtime, folder: Path) -> Restored:
    """Put a backup in the place of the database, which is kept beside it; files that are there stay.

    The copy is made ready before it takes its place, so that no worker ever sees it as it was. Raises `WrongState`
    on PostgreSQL and while the program runs, `UnreadableFile` for a backup that is not whole, `NewerDatabase`.
    """
    database = backups.database_file(runtime.settings)
    verdict = backups.verify(folder)
    if not verdict.ok:
        raise UnreadableFile(f"这份备份不完整，没有恢复，现有数据没有改动：{''.join(verdict.faults[:3])}")
    if database.exists():
        _refuse_at_work(runtime)
    manifest = backups.manifest_of(folder)
    with tempfile.TemporaryDirectory(dir=database.parent, prefix="restoring-") as room:
        ready = Path(room) / backups.DATABASE
        shutil.copyfile(folder / backups.DATABASE, ready)
        upgrade(f"sqlite:///{ready}")
        doubtful = _make_ready(runtime, ready, manifest)
        for sha256 in manifest.files:
            runtime.assets.put(backups.file_of(folder, sha256).read_bytes())
        kept = _put_aside(runtime, database)
        ready.replace(database)
    same_key = manifest.key == backups.key_of(runtime)
    return Restored(files=verdict.files, rows=verdict.rows, doubtful=doubtful, kept=kept, same_key=same_key)


def _refuse_at_work(runtime: Runtime) -> None:
    # A broken database answers that nobody was seen, and is why somebody restores.
    seen = health.examine(runtime.engines).worker_seen_at
    if seen is not None and runtime.now() - seen < health.SILENT_AFTER:
        raise WrongState("程序还在运行，没有恢复。请先停止全部网页和发布任务，等两分钟再试。")


def _make_ready(runtime: Runtime, ready: Path, manifest: Manifest) -> int:
    engines = make_engines(f"sqlite:///{ready}")
    try:
        with transaction(engines) as session:
            doubtful = _doubt(session, runtime, manifest)
    finally:
        engines.dispose()
    with closing(sqlite3.connect(ready)) as connection:
        connection.execute("PRAGMA journal_mode=DELETE")  # one file, which a rename moves whole
    return doubtful


def _doubt(session: Session, runtime: Runtime, manifest: Manifest) -> int:
    work = UnitOfWork(session=session, actor=SYSTEM, now=runtime.now())
    moment = on_the_clock(manifest.made_at)
    ended = sign_in.sign_out_everybody(work)
    reset_codes.withdraw_all(work)
    publishing_stops.stop_after_restore(work, reason=LOOK_FIRST.format(moment=moment))
    doubtful = publications.doubt_after_restore(work, sentence=IN_DOUBT.format(moment=moment))
    details = {
        "made_at": manifest.made_at,
        "events": manifest.events,
        "head": manifest.head,
        "doubtful": doubtful,
        "sessions": ended,
    }
    audit.record(work, AuditAction.DATABASE_RESTORED, "database", None, details)
    return doubtful


def _put_aside(runtime: Runtime, database: Path) -> Path | None:
    if not database.exists():
        return None
    runtime.engines.dispose()
    stamp = f"{runtime.now().astimezone(OFFICE_ZONE):%Y%m%d-%H%M%S}"
    kept = database.with_name(f"{database.stem}.before-restore-{stamp}{database.suffix}")
    for part in PARTS:
        with suppress(FileNotFoundError):
            Path(f"{database}{part}").replace(f"{kept}{part}")
    return kept
