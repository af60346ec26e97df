"""The further destinations of a lane: their servers, their rows, and what a fault of theirs is told to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from models import Destination, Target
from services import destinations
from services.ports import OutletFinding
from tests.office import Office
from tests.receivers import PASSWORD, SHARED_KEY, USER, CmsServer, Receiver, SftpServer, WordPressServer

CALLS: Mapping[str, tuple[Target, str, str]] = {
    "wordpress/find": (Target.WORDPRESS, "GET", "/posts"),
    "wordpress/media": (Target.WORDPRESS, "POST", "/media"),
    "wordpress/create": (Target.WORDPRESS, "POST", "/posts"),
    "webhook/deliver": (Target.WEBHOOK, "POST", "/in"),
    "sftp/publish": (Target.SFTP, "", ""),
}

FAULTS: Mapping[str, str] = {
    "error page before": "http-before",
    "error page after": "http-after",
    "cut before": "drop-before",
    "cut after": "drop-after",
    "no answer in time": "slow-after",
    "killed before": "slow-drop",
    "killed after": "slow-after",
}
KILLS = ("killed before", "killed after")
SFTP_FAULTS = ("file refused", *KILLS)


def rows() -> Iterator[tuple[str, str, int]]:
    """Call, fault and workers of each case: every fault of the calls that create, the worst ones of the others."""
    for call in ("wordpress/create", "webhook/deliver"):
        for fault in FAULTS:
            yield call, fault, 1
        for fault in KILLS:
            yield call, fault, 2
    for call in ("wordpress/find", "wordpress/media"):
        yield call, "cut after", 1
    for fault in SFTP_FAULTS:
        yield "sftp/publish", fault, 1


@dataclass
class OutletStand:
    """Three running servers and the ids of their destinations."""

    wordpress: WordPressServer
    cms: CmsServer
    sftp: SftpServer
    ids: dict[Target, int]

    def break_next(self, call: str, fault: str) -> None:
        """Let the fault wait for the call."""
        target, method, path = CALLS[call]
        if target is Target.SFTP:
            self.sftp.fail_after[:] = [2] if fault == "file refused" else []
            self.sftp.pause[:] = [0.3] if fault in KILLS else []
            return
        self._receiver(target).faults.append((method, path, FAULTS[fault]))

    def has_struck(self, call: str) -> bool:
        """Whether the fault met its call."""
        target, *_ = CALLS[call]
        if target is Target.SFTP:
            return not self.sftp.fail_after or self.sftp.fail_after[0] < 0
        return not self._receiver(target).faults

    def mend(self) -> None:
        """Let everything work again."""
        self.sftp.fail_after.clear()
        self.sftp.pause.clear()

    def count(self, call: str, marker: str) -> int:
        """How often the article stands there."""
        target, *_ = CALLS[call]
        if target is Target.WORDPRESS:
            return sum(each["slug"].startswith(marker) for each in self.wordpress.posts)
        if target is Target.WEBHOOK:
            return sum(each["id"] == marker for each in self.cms.articles.values())
        return len(list(self.sftp.root.glob(f"articles/{marker}.html")))

    def _receiver(self, target: Target) -> Receiver:
        return self.wordpress if target is Target.WORDPRESS else self.cms


@contextmanager
def running(office: Office, folder: Path) -> Iterator[OutletStand]:
    """The servers, entered, tested and switched on."""
    root = folder / "web-root"
    root.mkdir()
    stand = OutletStand(WordPressServer(), CmsServer(), SftpServer(root), {})
    with stand.wordpress.running() as blog, stand.cms.running() as cms, stand.sftp.running() as port:
        _enter(office, stand, Target.WORDPRESS, {"address": blog, "user": USER}, PASSWORD)
        _enter(office, stand, Target.WEBHOOK, {"address": f"{cms}/in"}, SHARED_KEY)
        settings = {
            "host": "127.0.0.1",
            "port": str(port),
            "user": USER,
            "folder": "/",
            "host_key": stand.sftp.host_key,
        }
        _enter(office, stand, Target.SFTP, settings | {"address": "https://xb.example.edu.cn"}, PASSWORD)
        yield stand


def _enter(office: Office, stand: OutletStand, kind: Target, settings: dict[str, str], secret: str) -> None:
    with office.as_system() as work:
        row = destinations.add(
            work, office.box, kind=kind, name=kind.value.upper(), settings=settings, secret=secret, rehearsal=True
        )
        destinations.keep_test(
            work, destination_id=row.id or 0, findings=[OutletFinding("tested", ok=True, sentence="好。")]
        )
        work.session.get_one(Destination, row.id).active = True
        stand.ids[kind] = row.id or 0
