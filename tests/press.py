"""The office with a WeChat platform of its own on a socket and a campus site that remembers: everything a worker
needs. Office, platform and worker live by one clock, which stands still until it is moved.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlmodel import select

from models import (
    Action,
    Draft,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    Target,
)
from sandbox import server
from sandbox.platform import Platform, Settings
from sandbox.records import Account
from services import assets, delivery, publishing, send_limits, submissions
from services.adapters.article_pages import PlatformPages
from services.adapters.wechat import WeChatGateway
from services.adapters.wechat_pushes import WeChatPushCipher
from services.bootstrap import Runtime
from services.manuscript.pictures import process_picture
from services.ports import DeliveryError, PublishedCopy, SiteArticle, SitePageCopy, SiteShelf, SiteTombstone
from services.rules.send_quota import SendLimits
from services.settings import Settings as AppSettings
from tests.documents import photograph
from tests.office import Office
from tests.waiting import PATIENCE

APP_ID, SECRET = "wx00000000000000a1", "f" * 32


@dataclass
class RememberedSite:
    """A `CampusSite` that remembers what was written, and fails when told to."""

    written: list[tuple[SiteArticle, SiteShelf]] = field(default_factory=list)
    buried: list[tuple[SiteTombstone, SiteShelf]] = field(default_factory=list)
    failures: list[DeliveryError] = field(default_factory=list)
    rebuilt: list[SiteArticle] = field(default_factory=list)
    pages: dict[str, SitePageCopy] = field(default_factory=dict)

    def publish(self, article: SiteArticle, around: SiteShelf) -> str:
        if self.failures:
            raise self.failures.pop(0)
        self.written.append((article, around))
        page = PublishedCopy(title=article.entry.title, body=article.body, capture=article.body.encode())
        files = {each.file_name: each.sha256 for each in article.pictures}
        offered = {each.file_name: hashlib.sha256(each.content).hexdigest() for each in article.attachments}
        self.pages[article.entry.slug] = SitePageCopy(page=page, pictures=files, files=offered)
        return self.address_of(article.entry.slug)

    def rebuild(self, articles: Iterable[SiteArticle]) -> int:
        self.rebuilt = list(articles)
        return len(self.rebuilt)

    def examine(self) -> None:
        if self.failures:
            raise self.failures[0]

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.buried.append((tombstone, around))
        self.pages.pop(tombstone.slug, None)

    def read_back(self, slug: str) -> SitePageCopy | None:
        return self.pages.get(slug)

    def rewrite(self, slug: str, old: str, new: str) -> None:
        """What somebody does to a page behind the school's back."""
        held = self.pages[slug]
        body = held.page.body.replace(old, new)
        self.pages[slug] = replace(held, page=replace(held.page, body=body, capture=body.encode()))

    def address_of(self, slug: str) -> str:
        return f"https://news.example.edu.cn/articles/{slug}.html"


@dataclass
class Press:
    """Office, platform, site and worker; `address` is where the platform answers."""

    office: Office
    platform: Platform
    site: RememberedSite
    runtime: Runtime
    address: str

    def queued(self, submission_id: int, *targets: Target, way: PublicationWay | None = None, **values: Any) -> int:
        """Queue an approved item as the publisher; the id of its first publication."""
        with self.office.acting_as("小赵") as work:
            rows = publishing.queue(
                work,
                self.office.box,
                submission_id=submission_id,
                targets=targets or (Target.WECHAT,),
                way=way,
                **values,
            )
            return rows[0].id or 0

    def to_wechat(self, way: PublicationWay = PublicationWay.PUBLISH) -> int:
        """A fresh approved item, queued for WeChat; the id of its publication."""
        return self.queued(self.office.approved(), way=way)

    def illustrated(self, **attached: bytes) -> int:
        """An approved item with one picture in its body; `attached` are text files that go with it, by their names."""
        office = self.office
        item = office.draft()
        for name, content in attached.items():
            office.attach(item, f"{name}.txt", content)
        sha256 = picture_of(office, item)
        with office.acting_as("小王") as work:
            draft = work.session.get_one(Draft, item)
            kept = submissions.draft_fields(draft)
            body = f'{kept.body_html}<figure><img src="asset:{sha256}" alt="会场"></figure>'
            submissions.save_draft(
                work, submission_id=item, seen_edition=draft.edition, draft=replace(kept, body_html=body)
            )
        office.hand_in(item)
        for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
            office.perform(who, action, item)
        return item

    def live(self, *targets: Target, way: PublicationWay = PublicationWay.PUBLISH) -> dict[Target, int]:
        """An illustrated item, live on these targets (both unless named); its publications."""
        item = self.illustrated()
        self.queued(item, *(targets or (Target.WECHAT, Target.SITE)), way=way)
        self.work()
        self.work_for(seconds=10)
        self.work_for(seconds=1)
        with self.office.reading() as session:
            rows = session.exec(select(Publication).where(Publication.submission_id == item)).all()
        return {row.target: row.id or 0 for row in rows}

    def tamper(self, publication_id: int, old: str, new: str) -> None:
        """Change an article on the platform behind the school's back."""
        with self.platform.transaction():
            for publication in self.platform.publications:
                if publication.article_id == self.row(publication_id).article_id:
                    article = publication.pages[0].article
                    article["content"] = article["content"].replace(old, new)
                    self.platform.publications.put(publication)

    def work(self, *, patience: float = 1.0) -> None:
        """One round of a worker: everything that is due now."""
        delivery.deliver_due(self.runtime, worker="w1", patience=patience)

    def work_for(self, **delta: float) -> None:
        """Let time pass, then a round."""
        self.office.later(**delta)
        self.work()

    def row(self, publication_id: int) -> Publication:
        with self.office.reading() as session:
            return session.get_one(Publication, publication_id)

    def state(self, publication_id: int) -> PublicationState:
        return self.row(publication_id).state

    def calls(self, publication_id: int) -> list[tuple[str, str]]:
        """The calls of one publication and how they ended, as the office reads them."""
        with self.office.reading() as session:
            rows: Sequence[PublicationAttempt] = session.exec(
                select(PublicationAttempt).where(PublicationAttempt.publication_id == publication_id)
            ).all()
            rows = sorted(rows, key=lambda each: (each.at, each.id))
            return [(each.call, each.outcome.value) for each in rows]

    def count(self, endpoint: str) -> int:
        """How many times the platform did what a call asked for."""
        return sum(call.committed for call in self.platform.calls(endpoint))

    def asked(self, endpoint: str) -> int:
        """How many times a call arrived at the platform."""
        return len(self.platform.calls(endpoint))


def picture_of(office: Office, submission_id: int, *, seed: int = 1, author: str = "小王") -> str:
    """Add a photograph to a draft; its hash."""
    with office.acting_as(author) as work:
        picture = process_picture(photograph(640, 400, seed=seed), f"{seed}.jpg")
        return assets.add(work, office.assets, submission_id=submission_id, picture=picture).sha256


@contextmanager
def running_press(office: Office, **settings: Any) -> Iterator[Press]:
    """The press of an office, with a verified account on a platform whose publications end after two seconds."""

    def clock() -> float:
        return office.now.timestamp()

    platform = Platform(
        accounts=[Account(appid=APP_ID, secret=SECRET, mass_sends=100)],
        settings=Settings(**settings),
        clock=clock,
    )
    site = RememberedSite()
    with office.as_system() as work:
        send_limits.set_limits(work, limits=SendLimits(subscription_per_day=100))
    with server.start(platform=platform) as running:
        gateway = WeChatGateway(
            base_url=lambda: running.base_url,
            engines=office.engines,
            secrets=office.box,
            clock=lambda: office.now,
            timeout=(PATIENCE, PATIENCE),
        )
        runtime = Runtime(
            settings=AppSettings(public_url="https://news.example.edu.cn"),
            engines=office.engines,
            secrets=office.box,
            assets=office.assets,
            wechat=gateway,
            pushes=WeChatPushCipher(),
            pages=PlatformPages(lambda: running.base_url, timeout=(PATIENCE, PATIENCE)),
            site=site,
            screener=lambda: office.screener,
            clock=lambda: office.now,
        )
        yield Press(office, platform, site, runtime, running.base_url)
