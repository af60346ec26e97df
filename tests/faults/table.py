"""The fault table: every remote call of a publication × what can go wrong with it × the ways × one or two workers.

`python -m tests.faults.table` runs all cases and prints them. Each case is one publication on its way through one
fault; its workers are processes, and where the fault is a death they are killed with SIGKILL. Afterwards the platform
and the office must agree: nothing twice, nothing lost, and what nobody can know waits for a person.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import typer
from PIL import Image
from sqlmodel import delete, select

from models import Asset, Publication, PublicationState, PublicationWay, Revision, Submission, Target, WeChatToken
from sandbox import tokens
from sandbox.platform import Platform, Settings
from sandbox.records import Account
from sandbox.server import RunningSandbox
from sandbox.server import start as start_platform
from services import publication_answers, publishing, send_limits
from services.adapters.asset_files import AssetFiles
from services.database import Engines, make_engines, upgrade
from services.errors import Refusal
from services.rules.send_quota import SendLimits
from services.screening.engine import default_screener
from services.sealing import fingerprint_of
from services.secret_box import SecretBox
from tests.faults import outlets, worker
from tests.office import Office, open_office
from tests.press import APP_ID, SECRET

OFFICE_KEY = "a test key that opens nothing real"
WITHIN = 300.0
"""Seconds; a busy machine takes long, and only what has gone wrong takes all of them."""

ENDED = frozenset(
    {PublicationState.LIVE, PublicationState.FAILED, PublicationState.NEEDS_PERSON, PublicationState.MISSED}
)

S = PublicationState
W = PublicationWay

PREPARING = ("stable_token", "media/uploadimg", "material/add_material", "draft/add", "draft/get")
CALLS: dict[PublicationWay, tuple[str, ...]] = {
    W.DRAFT: PREPARING,
    W.PUBLISH: (*PREPARING, "freepublish/submit", "freepublish/get"),
    W.MASS: (*PREPARING, "message/mass/sendall", "message/mass/get"),
}
SITE = "site/publish"

FAULTS: dict[str, tuple[str, ...]] = {
    "refused for now": ("errcode=45011",),
    "error page before": ("http=502",),
    "error page after": ("http-after-commit=502",),
    "cut before": ("drop-before-commit",),
    "cut after": ("drop-after-commit",),
    "no answer in time": ("delay-after-commit=6",),
    "busy after": ("errcode-after-commit=-1",),
    "half an answer": ("cut-json",),
    "killed before": ("delay=0.5", "drop-before-commit"),
    "killed after": ("delay-after-commit=3",),
}
"""What the platform is told to do, once, to the call; by the name it has in the table."""

SITE_FAULTS = ("folder gone", "killed before", "killed after")


@dataclass(frozen=True)
class Case:
    """One row of the table."""

    call: str
    fault: str
    way: PublicationWay
    workers: int
    database: str

    @property
    def kills(self) -> bool:
        return self.fault.startswith("killed")

    def __str__(self) -> str:
        return f"{self.database:10} {self.way.value:8} {self.workers} {self.call:22} {self.fault}"


@dataclass(frozen=True)
class Lane:
    """Cases that follow one another on one office and one platform; lanes run side by side."""

    name: str
    database: str
    cases: tuple[Case, ...]


def lanes() -> list[Lane]:
    """The whole table on SQLite, and on PostgreSQL the calls that must not be repeated."""
    found = [
        Lane(
            f"sqlite-{way.value}-{workers}-{part}",
            "sqlite",
            tuple(Case(call, fault, way, workers, "sqlite") for call in CALLS[way] for fault in FAULTS)[part::2],
        )
        for way in CALLS
        for workers in (1, 2)
        for part in (0, 1)
    ]
    site = tuple(Case(SITE, fault, W.PUBLISH, workers, "sqlite") for workers in (1, 2) for fault in SITE_FAULTS)
    hard = [("draft/add", W.DRAFT), ("freepublish/submit", W.PUBLISH), ("message/mass/sendall", W.MASS)]
    slice_ = tuple(Case(call, fault, way, 2, "postgresql") for call, way in hard for fault in FAULTS)
    further = tuple(Case(call, fault, W.PUBLISH, workers, "sqlite") for call, fault, workers in outlets.rows())
    return [
        *found,
        Lane("sqlite-site", "sqlite", site),
        Lane("sqlite-outlets", "sqlite", further),
        Lane("postgresql", "postgresql", slice_),
    ]


@dataclass(frozen=True)
class Result:
    """How a case ended; `wrong` says what must not be, and is empty where all is well."""

    case: Case
    state: PublicationState
    drafts: int
    published: int
    seconds: float
    wrong: str


# --- The scene -------------------------------------------------------------------------------------------


@dataclass
class Scene:
    """An office, a platform and a campus folder, for the cases of one lane."""

    office: Office
    box: RunningSandbox
    home: worker.Home
    model_id: int
    stand: outlets.OutletStand | None = None
    _seed: int = 0
    _running: list[BaseProcess] = field(default_factory=list)

    def run(self, case: Case) -> Result:
        """One publication through one fault."""
        began = time.monotonic()
        self.staff(case.workers)
        self._hurry_if(case.fault == "no answer in time")
        self._until_all_look_anew()
        self._forget_token()
        publication_id = self._queued_into(case)
        wrong = ""
        try:
            if case.call in outlets.CALLS:
                self._through_outlet(case, publication_id)
            elif case.call == SITE:
                self._through_site(case, publication_id)
            else:
                self._through_wechat(case, publication_id)
            self._until(lambda: self._is_settled(publication_id), "never settled")
        except TimeoutError as fault:
            wrong = str(fault)
        result = self._judged(case, publication_id, time.monotonic() - began, wrong)
        self._clear_away(publication_id)
        return result

    def close(self) -> None:
        for each in self._running:
            each.kill()
            each.join()

    def row(self, publication_id: int) -> Publication:
        with self.office.reading() as session:
            return session.get_one(Publication, publication_id)

    # The item

    def queued(self, way: PublicationWay, target: Target = Target.WECHAT, destination_id: int | None = None) -> int:
        """Another item, queued; the id of its publication."""
        self._seed += 1
        submission_id = self.another_item([self._seed])
        self.office.now = datetime.now(UTC)
        with self.office.acting_as("小赵") as work:
            (row,) = publishing.queue(
                work,
                self.office.box,
                submission_id=submission_id,
                targets=[] if destination_id else [target],
                destinations=[destination_id] if destination_id else None,
                way=way,
            )
            return row.id or 0

    def another_item(self, pictures: Sequence[int]) -> int:
        """An approved item like the first with these pictures; its id."""
        files = [self.office.assets.put(_picture(each)) for each in pictures]
        with self.office.as_system() as work:
            first = work.session.get_one(Submission, self.model_id)
            item = Submission(**first.model_dump(exclude={"id"}))
            work.session.add(item)
            work.session.flush()
            sealed = work.session.get_one(Revision, first.sealed_revision_id)
            shown = "".join(f'<figure><img src="asset:{each}" alt=""></figure>' for each in files)
            body = sealed.body_html + shown
            changes: dict[str, Any] = {"submission_id": item.id, "body_html": body}
            revision = Revision(**sealed.model_dump(exclude={"id", *changes}), **changes)
            work.session.add(revision)
            for asset in work.session.exec(select(Asset).where(Asset.submission_id == first.id)).all():
                work.session.add(Asset(**asset.model_dump(exclude={"id", "submission_id"}), submission_id=item.id or 0))
            for each in files:
                work.session.add(_asset(item.id or 0, each, first.contributor_id, work.now))
            work.session.flush()
            item.revision_id = item.sealed_revision_id = revision.id
            item.seal = revision.fingerprint = fingerprint_of(revision)
            return item.id or 0

    def _hurry_if(self, late: bool) -> None:  # noqa: FBT001  # private, and its name asks
        if late:
            self.home.hurry.touch()
        else:
            self.home.hurry.unlink(missing_ok=True)

    def _until_all_look_anew(self) -> None:
        """Until no worker is at work on anything of the case before, or has anything of it in its memory."""
        seen = {each: self._rounds(each) for each in self._running}
        self._until(
            lambda: all(self._rounds(each) > before for each, before in seen.items()), "a worker does not come back"
        )

    def _rounds(self, each: BaseProcess) -> int:
        path = self.home.rounds(each.pid or 0)
        return path.stat().st_size if path.exists() else 0

    def _forget_token(self) -> None:
        with self.office.as_system() as work:
            work.session.exec(delete(WeChatToken))
        with self.box.platform.transaction():
            tokens.revoke_all(self.box.platform, APP_ID)

    # The fault

    def _queued_into(self, case: Case) -> int:
        """Queue a publication into the fault that waits for it."""
        if self.stand is not None and case.call in outlets.CALLS:
            self.stand.break_next(case.call, case.fault)
            kind, *_ = outlets.CALLS[case.call]
            return self.queued(case.way, kind, self.stand.ids[kind])
        folder = self.home.folder / "site"
        if case.call != SITE:
            for fault in FAULTS[case.fault]:
                self.box.platform.faults.add(f"{case.call}:{fault}*1")
        elif case.fault == "folder gone":
            shutil.rmtree(folder, ignore_errors=True)
            folder.write_text("a file where the folder belongs")
        return self.queued(case.way, Target.SITE if case.call == SITE else Target.WECHAT)

    def _through_wechat(self, case: Case, publication_id: int) -> None:
        first = f"{case.call}:{FAULTS[case.fault][0]}*1"
        self._until(lambda: first not in self.box.platform.faults.active(), "the fault never struck")
        if case.kills:
            self._kill_holder(case, publication_id)

    def _through_outlet(self, case: Case, publication_id: int) -> None:
        stand = self.stand
        assert stand is not None
        if case.call == "sftp/publish" and case.kills:
            # Each file takes a while: dead before the page is there, or with the page there and the lists to come.
            marker = self.row(publication_id).marker
            self._until(lambda: self.row(publication_id).state is not S.QUEUED, "never begun")
            if case.fault == "killed after":
                self._until(lambda: stand.count(case.call, marker) > 0, "never written")
            self._kill_holder(case, publication_id)
            stand.mend()
            return
        self._until(lambda: stand.has_struck(case.call), "the fault never struck")
        stand.mend()
        if case.kills:
            self._kill_holder(case, publication_id)

    def _through_site(self, case: Case, publication_id: int) -> None:
        folder = self.home.folder / "site"
        page = folder / "articles" / f"{self.row(publication_id).marker}.html"
        if case.fault == "folder gone":
            self._until(lambda: self.row(publication_id).tries > 0, "never tried")
            folder.unlink()
        elif case.fault == "killed before":
            self._until(lambda: self.row(publication_id).state is not S.QUEUED, "never begun")
            self._kill_holder(case, publication_id)
        else:
            self._until(page.exists, "never written")
            self._kill_holder(case, publication_id)

    def staff(self, workers: int) -> None:
        """As many living workers as wanted, none more."""
        self._running = [each for each in self._running if each.is_alive()]
        while len(self._running) < workers:
            self._running.append(worker.start(self.home))
        while len(self._running) > workers:
            surplus = self._running.pop()
            surplus.kill()
            surplus.join()

    def _kill_holder(self, case: Case, publication_id: int) -> None:
        """SIGKILL to the worker that has the publication; the other goes on, and a new one comes."""
        owner = self.row(publication_id).lease_owner
        pid = int(owner.split("/")[1]) if owner else None
        for each in self._running:
            if each.pid == pid:
                each.kill()
                each.join()
        self.staff(case.workers)

    def _is_settled(self, publication_id: int) -> bool:
        row = self.row(publication_id)
        if row.lease_owner is not None:
            return False
        ahead = row.run_after - datetime.now(UTC) > worker.LONGEST
        return row.state in ENDED or (row.state is S.UNKNOWN and ahead)

    def _clear_away(self, publication_id: int) -> None:
        """What waits for a person is decided on by one: looks at it would meet the next case's fault."""
        self.box.platform.faults.clear()
        self._until(lambda: self._is_decided(publication_id), "never free for a person")

    def _is_decided(self, publication_id: int) -> bool:
        row = self.row(publication_id)
        if row.state not in {S.UNKNOWN, S.NEEDS_PERSON}:
            return True
        try:
            with self.office.acting_as("小赵") as work:
                publication_answers.settle(work, publication_id=publication_id, live=False)
        except Refusal:  # a worker is just looking
            return False
        self.box.platform.drafts.drop(row.media_id or "")
        return True

    @staticmethod
    def _until(happened: Callable[[], bool], otherwise: str) -> None:
        deadline = time.monotonic() + WITHIN
        while not happened():
            if time.monotonic() > deadline:
                raise TimeoutError(otherwise)
            time.sleep(0.01)

    # The verdict

    def _judged(self, case: Case, publication_id: int, seconds: float, wrong: str) -> Result:
        row = self.row(publication_id)
        platform = self.box.platform
        mine = f"pub={row.marker}"
        drafts = sum(mine in each.articles[0]["content_source_url"] for each in platform.drafts)
        published = sum(mine in each.pages[0].article["content_source_url"] for each in platform.publications)
        if self.stand is not None and case.call in outlets.CALLS:
            published = self.stand.count(case.call, row.marker)
        elif case.call == SITE:
            published = len(list((self.home.folder / "site" / "articles").glob(f"{row.marker}.html")))
        return Result(case, row.state, drafts, published, seconds, wrong or _wrong(case, row, drafts, published))


def _wrong(case: Case, row: Publication, drafts: int, published: int) -> str:
    """What must not be: something twice, something lost, or a state that is not true of the platform."""
    if published > 1 or drafts > 1 or drafts + published > 1:
        return f"{drafts} drafts and {published} publications"
    if row.state is S.LIVE:
        return "" if published == 1 else "live, but not published"
    if case.way is W.DRAFT and row.state is S.NEEDS_PERSON:
        return "" if drafts == 1 else "waits for a draft that does not exist"
    if row.state in {S.UNKNOWN, S.NEEDS_PERSON} and row.failure:
        return ""
    return f"lost in {row.state.value}: {row.failure or row.failure_raw}"


def _asset(submission_id: int, sha256: str, added_by_id: int, now: datetime) -> Asset:
    return Asset(
        submission_id=submission_id,
        sha256=sha256,
        media_type="image/png",
        width=64,
        height=64,
        size=1,
        original_name="p.png",
        added_by_id=added_by_id,
        added_at=now,
    )


def _picture(seed: int) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), (seed % 256, seed // 256, 99)).save(file, "PNG")
    return file.getvalue()


@contextmanager
def scene(database_url: str, folder: Path) -> Iterator[Scene]:
    """A fresh office on an empty, migrated database, and a platform of its own."""
    engines = make_engines(database_url)
    box = start_platform(platform=_platform())
    try:
        home = worker.Home(folder, database_url, box.base_url, OFFICE_KEY)
        office = _office(engines, folder)
        with office.as_system() as work:
            send_limits.set_limits(work, limits=SendLimits(subscription_per_day=100))
        made = Scene(office, box, home, model_id=office.approved())
        try:
            yield made
        finally:
            made.close()
    finally:
        box.stop()
        engines.dispose()


def _office(engines: Engines, folder: Path) -> Office:
    office = open_office(engines, default_screener(), datetime.now(UTC))  # the workers have only the real clock
    office.box = SecretBox(OFFICE_KEY)
    office.assets = AssetFiles(folder / "assets")  # type: ignore[assignment]  # files, because the workers are processes
    return office


def _platform() -> Platform:
    account = Account(appid=APP_ID, secret=SECRET, mass_sends=10_000)
    settings = Settings(publish_delay=0.1, mass_delay=0.1, quotas={"*": 1_000_000})
    return Platform(accounts=[account], settings=settings)


def run_lane(lane: Lane, database_url: str, folder: Path) -> list[Result]:
    """The cases of a lane, one after the other."""
    with scene(database_url, folder) as made, ExitStack() as stack:
        if any(case.call in outlets.CALLS for case in lane.cases):
            made.stand = stack.enter_context(outlets.running(made.office, folder))
        return [_told(made.run(case)) for case in lane.cases]


def _told(result: Result) -> Result:
    sys.stdout.write(f"{line(result)}\n")
    sys.stdout.flush()
    return result


def line(result: Result) -> str:
    """One row of the table: the case, how it ended, drafts left, publications, how long it took, what is wrong."""
    ended = f"{result.state.value:13} {result.drafts} {result.published} {result.seconds:5.1f} s"
    return f"{result.case}".ljust(70) + f"{ended}  {result.wrong}".rstrip()


# --- The command -----------------------------------------------------------------------------------------


def _on_sqlite(lane: Lane, template: Path) -> list[Result]:
    folder = template.parent / lane.name
    folder.mkdir()
    shutil.copyfile(template, folder / "office.db")
    return run_lane(lane, f"sqlite:///{folder / 'office.db'}", folder)


def summary(results: Sequence[Result]) -> str:
    """How many cases there were and how they ended."""
    ends = Counter(each.state.value for each in results)
    killed = sum(each.case.kills for each in results)
    ended = ", ".join(f"{count} {state}" for state, count in sorted(ends.items()))
    wrong = sum(bool(each.wrong) for each in results)
    return f"{len(results)} cases, {killed} with a killed worker: {ended}; wrong: {wrong}"


def main(only: str = "", at_once: int = 6) -> None:
    """Run every case on SQLite, print each as it ends, and the sum; the slice on PostgreSQL runs with the tests."""
    began = time.monotonic()
    chosen = [lane for lane in lanes() if lane.database == "sqlite" and only in lane.name]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(at_once) as pool:
        template = Path(folder) / "template.db"
        upgrade(f"sqlite:///{template}")
        results = [each for lane in pool.map(partial(_on_sqlite, template=template), chosen) for each in lane]
    typer.echo(summary(results))
    typer.echo(f"{time.monotonic() - began:.0f} s")
    sys.exit(any(each.wrong for each in results))


if __name__ == "__main__":
    typer.run(main)
