"""备份: the database as of one moment, every file it names, and a manifest of hashes that proves both (rule 4.1).

The settings' key is not part of it: whoever steals a backup must not be able to open the secrets in it.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import quote

from alembic.runtime.migration import MigrationContext
from pydantic import AwareDatetime, BaseModel, ValidationError
from sqlalchemy import create_engine, inspect, make_url, table
from sqlmodel import Session, func, select

from models import AccountFile, Asset, Attachment, AuditAction, PortraitConsent, ProofRead, Record, Screenshot
from services import audit
from services.bootstrap import Runtime
from services.database import refuse_newer, snapshot
from services.errors import InvalidInput, UnreadableFile, WrongState
from services.settings import Settings

DATABASE = "weishentai.db"
MANIFEST = "manifest.json"
NAMING_FILES: tuple[Any, ...] = (
    Asset.sha256,
    Attachment.sha256,
    AccountFile.sha256,
    PortraitConsent.scan_sha256,
    ProofRead.capture_sha256,
    Screenshot.sha256,
)
"""Every column that names a stored file."""


class Manifest(BaseModel):
    """What a backup says of itself. `events` and `head` are the end of the trail; `files` are hashes of their content,
    under which they are stored; `key` recognises the settings' key and does not give it away.
    """

    made_at: AwareDatetime
    key: str
    events: int
    head: str
    rows: dict[str, int]
    database: str
    files: list[str]


@dataclass(frozen=True)
class Verdict:
    """What reading a backup showed: the number of files in it, rows by table, and in sentences what is wrong."""

    ok: bool
    files: int
    rows: dict[str, int]
    faults: list[str]


def database_file(settings: Settings) -> Path:
    """Where the database is. Raises `WrongState` where it is none of our files."""
    address = make_url(settings.database)
    if address.get_backend_name() != "sqlite" or not address.database:
        raise WrongState(
            "数据库是 PostgreSQL：请用 pg_dump -Fc 备份、pg_restore 恢复，并复制数据目录里的 assets/（见部署说明）。"
        )
    return Path(address.database)


def make(runtime: Runtime, out: Path) -> Verdict:
    """Back up into a new folder while the office works, read it back, and say in the trail that it was done.

    A stored file that is missing or damaged is left out and named among the faults: the rest is worth having.
    Raises `WrongState` on PostgreSQL, `InvalidInput` for a folder that exists, `OSError` where it cannot be written.
    """
    database = database_file(runtime.settings)
    if out.exists():
        raise InvalidInput(f"{out} 已经存在：备份从不覆盖旧的，请换一个新的文件夹名。", field="out")
    draft = out.with_name(f"{out.name}.{secrets.token_hex(4)}")
    draft.mkdir(parents=True, mode=0o700)
    try:
        # The files after the database: no row of the copy can point at what came too late.
        snapshot(database, draft / DATABASE)
        manifest = _described(runtime, draft)
        _write(draft / MANIFEST, manifest.model_dump_json(indent=1).encode())
        verdict = verify(draft)
        draft.rename(out)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    with runtime.as_system() as work:
        details = {"files": verdict.files, "faults": len(verdict.faults), "events": manifest.events}
        audit.record(work, AuditAction.DATABASE_BACKED_UP, "database", None, details)
    return verdict


def manifest_of(folder: Path) -> Manifest:
    """What a backup says of itself. Raises `UnreadableFile`."""
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except (OSError, ValidationError) as fault:
        raise UnreadableFile(f"{folder} 不是微审台的备份，或备份没有做完：里面没有可读的 {MANIFEST}。") from fault


def file_of(folder: Path, sha256: str) -> Path:
    """Where a backup keeps a stored file."""
    return folder / "assets" / sha256[:2] / sha256


def verify(folder: Path) -> Verdict:
    """Read a whole backup and hold it against its manifest; nothing is changed.

    Raises `UnreadableFile`, and `NewerDatabase` for a backup of a later release.
    """
    manifest = manifest_of(folder)
    kept = set(manifest.files)
    faults = [f"文件 {sha256[:12]}… 缺失或被改动。" for sha256 in manifest.files if not _is_whole(folder, sha256)]
    database = folder / DATABASE
    if not database.is_file() or _hash_of(database) != manifest.database:
        faults.insert(0, "数据库缺失，或与备份时不同。")
    else:
        with _reading(database) as session:
            refuse_newer(MigrationContext.configure(session.connection()).get_current_revision())
            faults += _faults_of(session, manifest)
            faults += [f"数据库提到的文件 {each[:12]}… 不在备份里。" for each in _named(session) if each not in kept]
    return Verdict(ok=not faults, files=len(manifest.files), rows=manifest.rows, faults=faults)


def _faults_of(session: Session, manifest: Manifest) -> Iterator[str]:
    checked = session.connection().exec_driver_sql("PRAGMA quick_check").scalar_one()
    if checked != "ok":
        yield f"数据库文件损坏：{checked}。"
    if session.connection().exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
        yield "数据库里有指向不存在内容的行。"
    if _rows(session, manifest.rows) != manifest.rows:
        yield "数据库的行数与备份时不同。"
    trail = audit.verify(session)
    if not trail.ok:
        yield f"操作日志在第 {trail.broken_at} 条断开：备份之前就有人改动过历史。"
    elif (trail.events, trail.head) != (manifest.events, manifest.head):
        yield "操作日志的末端与备份时不同。"


def _described(runtime: Runtime, draft: Path) -> Manifest:
    """The files beside the copy of the database, and the manifest of it all."""
    with _reading(draft / DATABASE) as session:
        trail = audit.verify(session)
        rows = _rows(session, Record.metadata.tables)
        files = [sha256 for sha256 in _named(session) if _kept(runtime, draft, sha256)]
    return Manifest(
        made_at=runtime.now().astimezone(UTC),
        key=key_of(runtime),
        events=trail.events,
        head=trail.head,
        rows=rows,
        database=_hash_of(draft / DATABASE),
        files=files,
    )


def key_of(runtime: Runtime) -> str:
    """By what a backup recognises the key with which its secrets were sealed."""
    return runtime.secrets.signature("backup")


def _kept(runtime: Runtime, draft: Path, sha256: str) -> bool:
    try:
        content = runtime.assets.get(sha256)
    except (FileNotFoundError, ValueError):
        return False
    path = file_of(draft, sha256)
    path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, content)
    return True


def _named(session: Session) -> list[str]:
    """The stored files that the database names; one of an older release may not have every column."""
    tables = inspect(session.connection())
    there = {(name, each["name"]) for name in tables.get_table_names() for each in tables.get_columns(name)}
    known = [each for each in NAMING_FILES if (each.class_.__tablename__, each.key) in there]
    return sorted({sha256 for column in known for sha256 in session.exec(select(column).where(column.is_not(None)))})


def _rows(session: Session, tables: Iterable[str]) -> dict[str, int]:
    connection = session.connection()
    there = set(inspect(connection).get_table_names())
    count = select(func.count()).select_from
    return {name: connection.execute(count(table(name))).scalar_one() for name in sorted(tables) if name in there}


@contextmanager
def _reading(database: Path) -> Iterator[Session]:
    """A session on a file that is not changed, not even by looking."""
    address = f"file:{quote(str(database.resolve()))}?mode=ro&immutable=1"
    engine = create_engine("sqlite://", creator=lambda: sqlite3.connect(address, uri=True), hide_parameters=True)
    try:
        with Session(engine) as session:
            yield session
    finally:
        engine.dispose()


def _is_whole(folder: Path, sha256: str) -> bool:
    path = file_of(folder, sha256)
    return path.is_file() and _hash_of(path) == sha256


def _hash_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
