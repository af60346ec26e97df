"""The platform's state: what it remembers, its clock, its numbers, its faults, its record of calls."""

from __future__ import annotations

import secrets
import threading
import time
from collections import Counter as Tally
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from sandbox.faults import FaultBoard
from sandbox.records import (
    Account,
    Counter,
    Draft,
    MassSend,
    MassStatus,
    Material,
    Picture,
    Publication,
    PublishJob,
    PublishStatus,
    Token,
    Usage,
)
from sandbox.store import FolderStore, MemoryStore, Shelf

CALLS_KEPT = 100_000
FIRST_NUMBER = 2_247_483_655


@dataclass(frozen=True)
class Call:
    """One call received: what was asked, how many bytes came, how it was answered, whether work was done."""

    number: int
    at: float
    method: str
    path: str
    endpoint: str
    appid: str
    body_size: int
    outcome: str
    errcode: int
    committed: bool
    rid: str


@dataclass
class Event:
    """A push to an account's callback address: the XML, when it is due, how often it was tried."""

    appid: str
    name: str
    xml: str
    due_at: float
    attempts: int = 0
    state: str = "waiting"


@dataclass(frozen=True)
class Settings:
    """What a rehearsal may choose. Times are seconds.

    `open_registration` accepts any appid with any secret at first sight, as a verified account, which may send to its
    followers `mass_sends` times a day.
    `quotas` maps an endpoint, or ``*``, to calls per day for every account.
    `drafts_survive_failure`: whether a draft stays in the box when its publication fails.
    `digest_bytes` also limits a digest's UTF-8 length where set (some accounts were seen to do so).
    """

    open_registration: bool = False
    mass_sends: int = 1
    publish_delay: float = 2.0
    mass_delay: float = 2.0
    event_delay: float = 0.0
    event_retry_delay: float = 1.0
    quotas: Mapping[str, int] = field(default_factory=dict)
    drafts_survive_failure: bool = True
    digest_bytes: int | None = None


class Platform:
    """Everything the platform knows, for any number of accounts; safe to use from several threads.

    `store` is a folder to keep the state in; without one it is forgotten with the process.
    `clock` returns epoch seconds. The rules that change the state live in the modules named after their nouns.
    """

    def __init__(
        self,
        *,
        accounts: Iterable[Account] = (),
        settings: Settings | None = None,
        store: Path | None = None,
        clock: Callable[[], float] = time.time,
        faults: Iterable[str] = (),
        public_url: str = "",
    ) -> None:
        self.settings = settings or Settings()
        self.clock = clock
        self.public_url = public_url
        self.faults = FaultBoard(list(faults))
        self.accounts = Shelf("account", Account)
        self.tokens = Shelf("token", Token)
        self.usage = Shelf("usage", Usage)
        self.pictures = Shelf("picture", Picture)
        self.materials = Shelf("material", Material)
        self.drafts = Shelf("draft", Draft)
        self.jobs = Shelf("job", PublishJob)
        self.mass_sends = Shelf("mass", MassSend)
        self.publications = Shelf("publication", Publication)
        self.counters = Shelf("counter", Counter)
        self.events: deque[Event] = deque(maxlen=CALLS_KEPT)
        self.changed = threading.Condition(threading.RLock())
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._calls_seen = 0
        self._store = FolderStore(store) if store else MemoryStore()
        self._store.load(self._shelves)
        self.under_way = {job.publish_id for job in self.jobs if job.status == PublishStatus.IN_PROGRESS}
        self.under_way |= {mass.msg_id for mass in self.mass_sends if mass.status == MassStatus.SENDING}
        with self.transaction():
            for account in accounts:
                self.accounts.put(account)

    @property
    def _shelves(self) -> tuple[Shelf[Any], ...]:
        return (
            self.accounts,
            self.tokens,
            self.usage,
            self.pictures,
            self.materials,
            self.drafts,
            self.jobs,
            self.mass_sends,
            self.publications,
            self.counters,
        )

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Hold the platform for one answer and keep what it changed, also when it ends in a refusal."""
        with self.changed:
            try:
                yield
            finally:
                self._store.save(self._shelves)
                self.changed.notify_all()

    def close(self) -> None:
        with self.changed:
            self._store.close()

    def ends_under_way(self) -> list[float]:
        """Return when each job and each mass send still under way will end."""
        found = [self.jobs.get(number) or self.mass_sends.get(number) for number in self.under_way]
        return [each.finish_at for each in found if each is not None]

    def next_number(self) -> int:
        counter = self.counters.get("number") or Counter("number", FIRST_NUMBER)
        counter.last += 1
        return self.counters.put(counter).last

    def new_rid(self) -> str:
        return f"{int(self.clock()):08x}-{secrets.token_hex(4)}-{secrets.token_hex(4)}"

    def keep_picture(self, data: bytes) -> str:
        return self._store.keep_picture(data)

    def picture_bytes(self, picture: Picture) -> bytes:
        return self._store.picture(picture.sha256)

    def page_url(self, slug: str) -> str:
        """Return the address of a published article's page, which can be opened in a browser."""
        return f"{self.public_url}/s/{slug}"

    def draft_url(self, draft: Draft, index: int) -> str:
        return f"{self.public_url}/draft/{draft.media_id}/{index}"

    def record(self, **seen: Any) -> Call:
        with self.changed:
            self._calls_seen += 1
            call = Call(number=self._calls_seen, **seen)
            self._calls.append(call)
            return call

    def calls(self, endpoint: str | None = None) -> list[Call]:
        """Return the calls received, oldest first, of one endpoint or of all."""
        with self.changed:
            return [call for call in self._calls if endpoint in (None, call.endpoint)]

    def summary(self) -> dict[str, Any]:
        """Return counts of everything, for rehearsals and tests that must know nothing happened twice."""
        with self.changed:
            calls = Tally(call.endpoint for call in self._calls)
            committed = Tally(call.endpoint for call in self._calls if call.committed)
            return {
                "accounts": [
                    {"appid": account.appid, "name": account.name, "verified": account.verified}
                    for account in self.accounts
                ],
                "drafts": len(self.drafts),
                "materials": len(self.materials),
                "pictures": len(self.pictures),
                "publish_jobs": [asdict(job) for job in self.jobs],
                "mass_sends": [asdict(mass) for mass in self.mass_sends],
                "publications": [
                    {
                        "article_id": publication.article_id,
                        "notified": publication.notified,
                        "deleted": publication.deleted,
                        "banned": publication.banned,
                        "titles": [page.article["title"] for page in publication.pages],
                        "urls": [self.page_url(page.slug) for page in publication.pages],
                    }
                    for publication in self.publications
                ],
                "events": [asdict(event) for event in self.events],
                "faults": self.faults.active(),
                "calls": dict(calls),
                "committed": dict(committed),
            }
