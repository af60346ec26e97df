"""The database: two engines (writes begin immediately, reads do not), and its upgrades.

SQLite's driver reads outside a transaction unless told otherwise, so two writers lose each other's changes
without an error; `BEGIN IMMEDIATE` makes a writing unit wait for its turn instead.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from services.errors import NewerDatabase

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"
MIGRATION_LOCK = 4_202_611  # any constant: PostgreSQL processes that upgrade together queue on it


@dataclass(frozen=True)
class Engines:
    """`write` serialises units of work, `read` never blocks a writer."""

    write: Engine
    read: Engine

    @property
    def is_sqlite(self) -> bool:
        return self.write.dialect.name == "sqlite"

    def dispose(self) -> None:
        self.write.dispose()
        self.read.dispose()


def make_engines(url: str) -> Engines:
    """Engines for a SQLAlchemy address; on PostgreSQL one engine serves both purposes."""
    if make_url(url).get_backend_name() != "sqlite":
        engine = create_engine(url, pool_pre_ping=True, hide_parameters=True)
        return Engines(write=engine, read=engine)
    return Engines(write=_sqlite(url, "BEGIN IMMEDIATE"), read=_sqlite(url, "BEGIN"))


@contextmanager
def transaction(engines: Engines) -> Iterator[Session]:
    """A session for one act: committed whole at the end, or nothing of it kept."""
    with Session(engines.write, expire_on_commit=False) as session, session.begin():
        yield session


UNIQUE_VIOLATION = "23505"  # PostgreSQL's SQLSTATE
SQLITE_UNIQUE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def is_double(fault: IntegrityError) -> bool:
    """Whether a row was refused because one with the same key is there, and for no other reason."""
    known = getattr(fault.orig, "sqlstate", None) or getattr(fault.orig, "sqlite_errorname", None)
    return known in {UNIQUE_VIOLATION, *SQLITE_UNIQUE}


def _sqlite(url: str, begin: str) -> Engine:
    engine = create_engine(url, hide_parameters=True)  # a fault's text must not carry drafts and names into the log

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None  # the driver would begin by itself, too late
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    return engine


def upgrade(url: str) -> bool:
    """Bring the database to this code's schema; True if anything was done.

    All of it is one transaction under a lock: a failed upgrade leaves nothing behind, and processes that start
    together wait for each other. Raises `NewerDatabase` for a database of a later release. A non-empty SQLite
    file is copied beside itself first.
    """
    engine = _migration_engine(url)
    try:
        with engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
        head = ScriptDirectory(str(MIGRATIONS)).get_current_head()
        if present == head:
            return False
        refuse_newer(present)
        if present is not None:
            _copy_before_upgrade(url, present)
        with engine.begin() as connection:
            _run_upgrade(connection)
    finally:
        engine.dispose()
    return True


def _migration_engine(url: str) -> Engine:
    engine = create_engine(url)
    if engine.dialect.name == "sqlite":
        # Alembic's batch mode drops and recreates tables: with foreign keys on, children would be deleted.
        @event.listens_for(engine, "connect")
        def prepare(connection: sqlite3.Connection, _record: Any) -> None:
            connection.isolation_level = None
            connection.execute("PRAGMA foreign_keys=OFF")
            connection.execute("PRAGMA busy_timeout=60000")

        @event.listens_for(engine, "begin")
        def begin_transaction(connection: Connection) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def refuse_newer(present: str | None) -> None:
    """Raise `NewerDatabase` for a revision that this code does not know."""
    if present is None:
        return
    try:
        ScriptDirectory(str(MIGRATIONS)).get_revision(present)
    except CommandError as fault:
        raise NewerDatabase(
            "数据库由更新的版本建立，本程序不认识它。请改用新版程序启动，或恢复升级前的备份；数据没有被改动。"
        ) from fault


def _copy_before_upgrade(url: str, present: str) -> None:
    path = make_url(url).database
    if make_url(url).get_backend_name() != "sqlite" or not path:
        return
    copy = Path(path).with_suffix(f".before-{present}.db")
    copy.unlink(missing_ok=True)
    snapshot(Path(path), copy)


def snapshot(database: Path, copy: Path) -> None:
    """Copy a SQLite file as of one moment, in one piece, while others write to it. `copy` must not exist."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("VACUUM INTO ?", (str(copy),))


def _run_upgrade(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        orphans = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
        if orphans:
            raise RuntimeError(f"the upgrade would orphan rows: {orphans[:3]}")
