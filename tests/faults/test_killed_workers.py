"""Workers as real processes, killed for real at the worst moments: nothing is lost, nothing goes out twice."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlmodel import select

from models import Publication, PublicationState, PublicationWay, Target
from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.records import Publication as PlatformPublication
from sandbox.server import RunningSandbox, start
from services import publishing
from services.adapters.asset_files import AssetFiles
from services.database import Engines
from services.screening.engine import Screener
from services.secret_box import SecretBox
from tests.office import Office, open_office
from tests.press import APP_ID, SECRET

ROOT = Path(__file__).resolve().parents[2]
OFFICE_KEY = "a test key that opens nothing real"
LONGEST = 900.0  # seconds; each worker is a new process, and only what has gone wrong takes all of them
KILLS = [
    # while the call is on its way, and it never arrives
    ("draft/add", ("delay=0.5", "drop-before-commit")),
    ("freepublish/submit", ("delay=0.5", "drop-before-commit")),
    # while the call is on its way, and it arrives after the worker is dead
    ("draft/add", ("delay=1",)),
    ("freepublish/submit", ("delay=1",)),
    # when the work was done, before the worker hears of it
    ("draft/add", ("delay-after-commit=20",)),
    ("freepublish/submit", ("delay-after-commit=20",)),
]


@dataclass
class Rehearsal:
    """An office, a platform and workers of one database."""

    office: Office
    box: RunningSandbox
    home: Path
    database_url: str

    def queue(self) -> int:
        submission_id = self.office.approved()
        with self.office.acting_as("小赵") as work:
            (row,) = publishing.queue(
                work,
                self.office.box,
                submission_id=submission_id,
                targets=[Target.WECHAT],
                way=PublicationWay.PUBLISH,
            )
            return row.id or 0

    def worker(self) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": os.environ["PATH"],
            "WEISHENTAI_HOME": str(self.home),
            "DATABASE_URL": self.database_url,
            "WEISHENTAI_SECRET_KEY": OFFICE_KEY,
            "WEISHENTAI_WECHAT_API": self.box.base_url,
        }
        command = [
            sys.executable,
            "-m",
            "services",
            "worker",
            "--once",
            "--patience",
            "0.02",
            "--wait",
            f"{LONGEST / 2:.0f}",
            "--json",
        ]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)  # noqa: S603  # our own worker

    def kill_worker_at(self, faults: Sequence[str]) -> None:
        """Kill a worker as soon as the first of these faults strikes."""
        board = self.box.platform.faults
        for fault in faults:
            board.add(fault)
        worker = self.worker()
        deadline = time.monotonic() + LONGEST
        while faults[0] in board.active():
            assert worker.poll() is None, worker.communicate()[1].decode()
            assert time.monotonic() < deadline, f"{faults[0]} never struck"
            time.sleep(0.005)
        worker.kill()
        worker.communicate()

    def states(self) -> dict[int, PublicationState]:
        with self.office.reading() as session:
            return dict(session.exec(select(Publication.id, Publication.state)).all())  # type: ignore[arg-type]  # stored rows have an id


@pytest.mark.faults
def test_a_killed_worker_leaves_one_draft_and_one_publication(
    engines: Engines, database_url: str, screener: Screener, tmp_path: Path
) -> None:
    office = open_office(engines, screener, datetime.now(UTC))  # the workers have only the real clock
    office.box = SecretBox(OFFICE_KEY)
    office.assets = AssetFiles(tmp_path / "assets")  # type: ignore[assignment]  # files, because the workers are other processes
    with start(platform=_platform()) as box:
        rehearsal = Rehearsal(office, box, tmp_path, database_url)
        queued = []
        for call, faults in KILLS:
            queued.append(rehearsal.queue())
            rehearsal.kill_worker_at([f"{call}:{fault}*1" for fault in faults])
        last = rehearsal.worker()
        out, err = last.communicate(timeout=LONGEST)

        assert rehearsal.states() == dict.fromkeys(queued, PublicationState.LIVE), err.decode()
        assert json.loads(out)["unknown"] == 0
        assert len(box.platform.publications) == len(KILLS)
        assert len({_marker(each) for each in box.platform.publications}) == len(KILLS)
        assert list(box.platform.drafts) == []
        assert sum(call.committed for call in box.platform.calls("draft/add")) == len(KILLS)


def _platform() -> Platform:
    return Platform(accounts=[Account(appid=APP_ID, secret=SECRET)], settings=Settings(publish_delay=0.2))


def _marker(publication: PlatformPublication) -> str:
    return str(publication.pages[0].article["content_source_url"])
