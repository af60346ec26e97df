"""What a monitor is told."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from models import Heartbeat
from services.database import make_engines
from services.health import Health, examine
from tests.office import Office


def test_health_names_the_latest_beat_of_any_worker(office: Office) -> None:
    with office.as_system() as work:
        work.session.add(Heartbeat(worker="one", at=office.now - timedelta(hours=3)))
        work.session.add(Heartbeat(worker="two", at=office.now))

    assert examine(office.engines) == Health(database=True, worker_seen_at=office.now)


def test_unreachable_database_is_an_answer(tmp_path: Path) -> None:
    engines = make_engines(f"sqlite:///{tmp_path / 'no such folder' / 'x.db'}")

    assert examine(engines) == Health(database=False, worker_seen_at=None)
