"""The database: upgrades that either happen whole or not at all, and writers that never lose a change."""

from __future__ import annotations

import multiprocessing
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text

from models import Record
from services import database
from services.database import Engines, make_engines, transaction, upgrade
from services.errors import NewerDatabase
from tests.waiting import PATIENCE


def address(path: Path) -> str:
    return f"sqlite:///{path}"


def is_in_the_models(name: str | None, kind: str, _parents: object) -> bool:
    """The index of the search is the databases' own, with the tables SQLite keeps for it."""
    return not (kind == "table" and str(name).startswith("search_grams"))


def test_the_migrations_make_exactly_the_tables_of_the_models(engines: Engines) -> None:
    with engines.read.connect() as connection:
        opts = {"compare_type": False, "include_name": is_in_the_models}
        context = MigrationContext.configure(connection, opts=opts)
        differences = compare_metadata(context, Record.metadata)

    assert differences == []


def test_a_second_upgrade_does_nothing(database_url: str) -> None:
    assert upgrade(database_url) is False


def test_a_database_of_a_later_release_is_refused_and_left_alone(engines: Engines, database_url: str) -> None:
    with transaction(engines) as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerDatabase, match="更新的版本"):
        upgrade(database_url)

    with engines.read.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"


def test_a_failed_upgrade_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = address(tmp_path / "new.db")

    def fail(connection: object) -> None:
        database_upgrade(connection)  # type: ignore[arg-type]  # as it is called
        raise RuntimeError("the power went")

    database_upgrade = database._run_upgrade
    monkeypatch.setattr(database, "_run_upgrade", fail)
    with pytest.raises(RuntimeError, match="the power went"):
        upgrade(url)
    monkeypatch.undo()

    engines = make_engines(url)
    with engines.read.connect() as connection:
        assert inspect(connection).get_table_names() == []
    engines.dispose()
    assert upgrade(url) is True


def _upgrade_in_another_process(url: str, results: multiprocessing.Queue[bool]) -> None:
    results.put(upgrade(url))


def test_processes_that_start_together_upgrade_once(tmp_path: Path) -> None:
    url = address(tmp_path / "shared.db")
    spawn = multiprocessing.get_context("spawn")
    results: multiprocessing.Queue[bool] = spawn.Queue()
    starters = [spawn.Process(target=_upgrade_in_another_process, args=(url, results)) for _ in range(2)]

    for starter in starters:
        starter.start()
    for starter in starters:
        starter.join(PATIENCE)

    assert [starter.exitcode for starter in starters] == [0, 0]
    with sqlite3.connect(tmp_path / "shared.db") as connection:
        assert connection.execute("SELECT count(*) FROM audithead").fetchone() == (1,)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_unit_of_work_takes_its_turn_before_it_reads(engines: Engines) -> None:
    # The driver's own way is to read outside a transaction, so that two people who save together lose one save.
    with transaction(engines) as first:
        first.execute(text("SELECT sequence FROM audithead"))
        with sqlite3.connect(str(engines.write.url.database), timeout=0) as second:
            second.isolation_level = None
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                second.execute("BEGIN IMMEDIATE")


def test_a_reader_is_not_kept_waiting_by_a_writer(engines: Engines) -> None:
    with transaction(engines) as writer:
        writer.execute(text("UPDATE audithead SET sequence = 7"))
        with engines.read.connect() as reader:
            assert reader.execute(text("SELECT sequence FROM audithead")).scalar_one() == 0
