"""What the services need from the outside world, in the office's words. Adapters fulfil it.

Every failure of a remote call leaves an adapter as exactly one of three: it was refused (nothing happened), it
was never sent (nothing happened), or nobody can know (`OutcomeUnknown`). Only the first two may be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable


class Cure(StrEnum):
    """What helps after a refusal."""

    LATER = "later"  # the platform is busy: repeat after a while
    TOMORROW = "tomorrow"  # the day's quota is used up
    CONTENT = "content"  # the article must change
    ADMIN = "admin"  # the account or its settings must change
    ON_PLATFORM = "on_platform"  # a person must finish on the WeChat site


class DeliveryError(Exception):
    """A remote call did not succeed. `detail` is for the log and the fold: redacted, never shown first."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class DeliveryRefused(DeliveryError):
    """The other side answered no: nothing was created. `sentence` is Chinese and says what to do."""

    def __init__(self, *, code: str, sentence: str, cure: Cure, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.sentence = sentence
        self.cure = cure


class NotSent(DeliveryError):
    """The other side was not reached: nothing was created."""


class OutcomeUnknown(DeliveryError):
    """The call may or may not have taken effect; it must not be repeated before reading back."""


class AssetStore(Protocol):
    """Files by the hash of their content."""

    def put(self, content: bytes) -> str:
        """Keep the bytes (once) and return their sha256 in hexadecimal."""

    def get(self, sha256: str) -> bytes:
        """The bytes again. Raises `FileNotFoundError`, or `ValueError` if the file no longer has this hash."""

    def discard(self, sha256: str) -> None:
        """Delete a file that nothing refers to any more; one that is not there is gone already."""


class PictureNotRead(Exception):
    """The writing in a picture could not be read; the message is for the log."""


class PictureReader(Protocol):
    """Reads the writing in a picture. An optional part of the installation."""

    def read(self, content: bytes) -> str:
        """One line for each line of writing; empty where there is none. Raises `PictureNotRead`."""


# --- WeChat ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeChatCredentials:
    app_id: str
    app_secret: str = field(repr=False)


@dataclass(frozen=True)
class WeChatArticle:
    """One article as the draft box takes it; `body` is a WeChat-safe fragment, `marker_url` carries our marker."""

    title: str
    digest: str
    author: str
    body: str
    cover_media_id: str
    marker_url: str


@dataclass(frozen=True)
class PublishReceipt:
    """Accepted, not live: `publish_id` is what to ask with, `msg_data_id` joins the reads later."""

    publish_id: str
    msg_data_id: str | None


class PublishOutcome(StrEnum):
    """The platform's publish_status (WeChat doc: freepublish/get)."""

    LIVE = "0"
    IN_PROGRESS = "1"
    ORIGINAL_CLAIM_FAILED = "2"
    FAILED = "3"
    PLATFORM_REJECTED = "4"
    REMOVED = "5"
    BANNED = "6"


@dataclass(frozen=True)
class PublishStatus:
    outcome: PublishOutcome
    article_id: str | None = None
    url: str | None = None


@dataclass(frozen=True)
class PublishedArticle:
    article_id: str
    url: str


@dataclass(frozen=True)
class PublishedCopy:
    """A published page as its readers get it now.

    `body` is the platform's own HTML of the article alone, `capture` everything that was received. What the page
    does not show is None. `strange` names what no page of ours contains (scripts, frames, forms).
    """

    title: str
    body: str
    capture: bytes = field(repr=False)
    author: str | None = None
    digest: str | None = None
    strange: tuple[str, ...] = ()


class ArticlePages(Protocol):
    """Public pages of articles on the platforms we publish to, and on no other address."""

    def serves(self, url: str) -> bool:
        """Whether this address is one of the platform's."""

    def read(self, url: str) -> PublishedCopy | None:
        """The article behind the address, or None where the platform says that it is gone. Raises `DeliveryError`s;
        `OutcomeUnknown` also where it shows something else (a question, a sign-in).
        """


class WeChatAccount(Protocol):
    """One official account's interface. Every method raises `DeliveryError`s."""

    def upload_picture(self, name: str, content: bytes, media_type: str) -> str:
        """A body picture; the address to put into the article. Harmless to repeat."""

    def upload_cover(self, name: str, content: bytes, media_type: str) -> str:
        """A permanent picture; its media id. Harmless to repeat."""

    def prove_credentials(self) -> None:
        """Ask for a token with the secret itself, whatever token is kept: proves secret and whitelist."""

    def count_drafts(self) -> int:
        """How many drafts there are: the lightest proof that address, secret and permission are right."""

    def count_published(self) -> int:
        """How many articles were published by interface: the lightest proof of the right to publish so."""

    def calls_left(self, path: str) -> int:
        """How many calls of `/cgi-bin/…` the account has left today."""

    def add_draft(self, article: WeChatArticle) -> str:
        """A new draft; its media id. Not to be repeated in doubt."""

    def read_draft(self, media_id: str) -> WeChatArticle | None:
        """The draft as the platform holds it, or None once it was published or deleted."""

    def find_draft(self, marker_url: str) -> str | None:
        """The media id of the draft that carries our marker."""

    def publish(self, media_id: str) -> PublishReceipt:
        """发布 without notice to followers. Not to be repeated in doubt."""

    def send_to_all(self, media_id: str, client_message_id: str) -> PublishReceipt:
        """群发 to all followers; the platform itself refuses a second send with the same id."""

    def publish_status(self, publish_id: str) -> PublishStatus:
        """How a 发布 stands."""

    def send_status(self, message_id: str) -> PublishStatus:
        """How a 群发 stands; the platform names no address here."""

    def find_published(self, marker_url: str) -> PublishedArticle | None:
        """The published article that carries our marker (发布 only; 群发 is not listed by the platform)."""

    def read_published(self, article_id: str) -> PublishedCopy | None:
        """A published article as the platform holds it, or None once it is gone (发布 only)."""

    def delete_published(self, article_id: str) -> None:
        """Delete an article sent by 发布, for good. One that is gone already counts as deleted."""

    def delete_sent(self, message_id: str) -> None:
        """Delete the page of an article sent by 群发; the cards already delivered stay."""


class WeChatPlatform(Protocol):
    def account(self, credentials: WeChatCredentials) -> WeChatAccount:
        """The interface of one account; the same object for the same app id."""


# --- What WeChat pushes ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class PushKeys:
    """What an account and the platform share to seal pushes (安全模式)."""

    token: str = field(repr=False)
    encoding_aes_key: str = field(repr=False)
    app_id: str


class PushForged(Exception):
    """A sealed push that the account's keys do not vouch for; the text is for the log and holds nothing secret."""


class PushCipher(Protocol):
    def open(self, sealed: str, keys: PushKeys, *, signature: str, timestamp: str, nonce: str) -> str:
        """The message inside a sealed push, whose signature covers it. Raises `PushForged`."""


# --- Notices that leave the house ------------------------------------------------------------------------


@dataclass(frozen=True)
class OutgoingMail:
    """One mail to one person; `key` is unique for the message, so that a second copy can be known as one."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    key: str


class Mail(Protocol):
    def send(self, mail: OutgoingMail) -> None:
        """Hand one message to the mail server. Raises `DeliveryRefused` and `NotSent`."""


class Robot(Protocol):
    def say(self, text: str) -> None:
        """Say something in the office's group. Raises `DeliveryRefused` and `NotSent`."""


# --- Campus site -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SitePicture:
    sha256: str
    file_name: str
    content: bytes = field(repr=False)


@dataclass(frozen=True)
class SiteFile:
    """A file to download beside an article; `label` is what readers call it."""

    label: str
    file_name: str
    content: bytes = field(repr=False)


SHELF_SIZE = 20
"""Entries on one archive page, on the front page and in the feed."""

SHARD_SIZE = 1000
"""Pages in one file of the site map."""


@dataclass(frozen=True)
class SiteEntry:
    """One line of a list page or the feed; `position` counts from 1 and is never reused."""

    position: int
    slug: str
    title: str
    digest: str
    department: str
    published_at: datetime
    cover_file: str | None = None


@dataclass(frozen=True)
class SiteArticle:
    """One page of the campus site; `body` is clean semantic HTML whose pictures are `../pictures/<file_name>`.

    `pictures` are all of them, the cover included; `attachments` are offered below the body, in their order; `notice`
    is what readers are told of a later correction.
    """

    entry: SiteEntry
    author: str
    photographer: str
    source: str
    body: str
    pictures: Sequence[SitePicture]
    wechat_url: str | None = None
    attachments: Sequence[SiteFile] = ()
    notice: str = ""


@dataclass(frozen=True)
class SiteTombstone:
    """What stands at the address of a page that was taken down: when, and what readers are told.

    `picture_files` and `attached_files` are the copies that no other page shows.
    """

    position: int
    slug: str
    title: str
    sentence: str
    at: datetime
    picture_files: Sequence[str] = ()
    attached_files: Sequence[str] = ()


@dataclass(frozen=True)
class SitePageCopy:
    """A page as it stands on the site now; `pictures` maps the files it shows to the hash of what lies there, `files`
    those it offers for download. The hash is None where nothing of the site's lies there, and empty where the site
    keeps the file at an address that is not opened.
    """

    page: PublishedCopy
    pictures: Mapping[str, str | None]
    files: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True)
class SiteMapLine:
    position: int
    slug: str
    published_at: datetime


@dataclass(frozen=True)
class SiteShelf:
    """What stands around an article and must change with it: bounded, however large the site is.

    `latest` are the newest entries (front page and feed), `shelf` the entries of the archive page the article
    stands on and `before` those of the page before, `shard` the lines of its file of the site map;
    `last_position` is the highest position in use. The article itself may be missing everywhere.
    """

    latest: Sequence[SiteEntry]
    shelf: Sequence[SiteEntry]
    before: Sequence[SiteEntry]
    shard: Sequence[SiteMapLine]
    last_position: int


class CampusSite(Protocol):
    """The campus mirror. Writing the same article twice leaves the same pages."""

    def publish(self, article: SiteArticle, around: SiteShelf) -> str:
        """Write the page and what stands around it; its absolute address. Raises `DeliveryError`s."""

    def rebuild(self, articles: Iterable[SiteArticle]) -> int:
        """Write every page and every list again, from these articles in their order; how many files changed.
        Raises `DeliveryError`s.
        """

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:
        """Put a short notice in the place of a page and take it out of every list; `around` no longer holds it.
        Doing it twice leaves the same. Raises `DeliveryError`s.
        """

    def read_back(self, slug: str) -> SitePageCopy | None:
        """The page as it stands now, or None if there is no article. Raises `DeliveryError`s."""

    def address_of(self, slug: str) -> str:
        """The absolute address a page has or will have."""

    def examine(self) -> None:
        """Find out whether pages could be written, leaving nothing behind. Raises `DeliveryError`s."""


# --- Further places --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OutletSettings:
    """One place with its secret, opened: `kind` and `fields` are those of `services/rules/destinations.py`."""

    id: int
    kind: str
    name: str
    fields: Mapping[str, str]
    secret: str = field(repr=False)


@dataclass(frozen=True)
class OutletFinding:
    """One step of a self-test: what was tried, whether it went well, and a sentence that says what to do."""

    step: str
    ok: bool
    sentence: str


class Outlet(Protocol):
    """One place beside WeChat and the campus site. Articles are known there by their slug, which is our marker."""

    def examine(self) -> Sequence[OutletFinding]:
        """Try the place step by step, leaving nothing behind; the first step that fails ends it."""

    def find(self, slug: str) -> str | None:
        """The address of our article there, or None. Raises `DeliveryError`s."""

    def deliver(self, article: SiteArticle, around: SiteShelf) -> str | None:
        """Make the article live; its address, if the place names one. Raises `DeliveryError`s."""

    def replace(self, article: SiteArticle, around: SiteShelf) -> str | None:
        """Write an article that is there again, with what it shall say and what readers are told of a correction; its
        address, if the place names one. Harmless to repeat. Raises `DeliveryRefused` where it is there no more.
        """

    def retract(self, tombstone: SiteTombstone, around: SiteShelf) -> None:
        """Put a short notice in the place of an article; one that is gone already stays gone. Harmless to repeat.
        Raises `DeliveryRefused` where the place has no way to do it.
        """


@runtime_checkable
class ReadableOutlet(Protocol):
    """A further place whose pages can be read back as they are kept there."""

    def read_back(self, slug: str) -> SitePageCopy | None:
        """The page as it stands there now, or None if there is no article. Raises `DeliveryError`s."""


@runtime_checkable
class ResendableOutlet(Protocol):
    """A further place that can be brought up whole again."""

    def resend(self, articles: Iterable[SiteArticle], *, mark: str, progress: Callable[[int, int], None]) -> None:
        """Bring every page, picture, attachment and list of these articles up again, whatever was remembered.

        `progress` is told how many of how many files are there, often enough to renew a lease of minutes, and may
        raise to stop. Called again with the same `mark` it goes on where it stopped. What else lies there stays.
        Raises `DeliveryError`s.
        """


class Outlets(Protocol):
    def open(self, settings: OutletSettings) -> Outlet:
        """The place with these settings; nothing is connected yet."""
