"""How the process starts, and how it declines to."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from services import database, demo
from services.queries import sessions
from tests.app_process import ROOT
from ui import process

START = """
import asyncio
from ui import process

async def start():
    async with process.lifespan(None):
        print("started")

asyncio.run(start())
"""


def started(home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the process's life from beginning to end on a data folder."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("WEISHENTAI_", "DATABASE_"))}
    return subprocess.run(  # noqa: S603  # our own application
        [sys.executable, "-c", START],
        cwd=ROOT,
        env={**kept, "WEISHENTAI_HOME": str(home), **settings},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_half_made_settings_stop_the_start_with_one_sentence(tmp_path: Path) -> None:
    start = started(tmp_path, WEISHENTAI_MODE="live")

    assert (start.returncode, start.stdout, start.stderr) == (
        1,
        "",
        "正式模式缺少设置：WEISHENTAI_SECRET_KEY、WEISHENTAI_PUBLIC_URL。请补齐后再启动，或改用演练模式。\n",
    )


def test_newer_database_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "weishentai.db"
    database.upgrade(f"sqlite:///{path}")
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_from_the_future'")

    start = started(tmp_path)

    assert (start.returncode, start.stdout, start.stderr.count("\n")) == (1, "", 1)
    assert start.stderr.startswith("数据库由更新的版本建立")


def test_first_start_of_a_rehearsal_enters_the_demo_school_and_the_second_leaves_it_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEISHENTAI_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for _ in range(2):
        here = process.prepare()
        with here.reading() as session:
            listed = sessions.cast(session, here.now())
        here.close()

        assert [member.username for member in listed] == [member.username for member in demo.CAST]


def test_start_ends_by_itself_and_leaves_no_thread_behind(tmp_path: Path) -> None:
    start = started(tmp_path)

    assert (start.returncode, start.stdout) == (0, "started\n")
