"""What the platform remembers. Times are epoch seconds, as everywhere in WeChat's own answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Any

Fields = dict[str, Any]


@dataclass
class Callback:
    """Where an account wants its events pushed, and how they are signed (and sealed, with an AES key)."""

    url: str
    token: str
    aes_key: str = ""


@dataclass
class Account:
    """An Official Account. `whitelist=None` lets every address fetch tokens.

    `quotas` maps an endpoint such as ``draft/add`` (or ``*`` for all) to its calls per day, over the defaults.
    """

    appid: str
    secret: str
    name: str = "演练公众号"
    verified: bool = True
    can_comment: bool = True
    secret_frozen: bool = False
    whitelist: list[str] | None = None
    quotas: dict[str, int] = field(default_factory=dict)
    mass_sends: int = 1
    mass_period: str = "day"
    followers: int = 4
    original_id: str = "gh_000000000000"
    callback: Callback | None = None

    @property
    def key(self) -> str:
        return self.appid


@dataclass
class Token:
    """An access token. `stable` and plain tokens are two families that never touch each other."""

    value: str
    appid: str
    stable: bool
    issued_at: float
    expires_at: float
    revoked: bool = False

    @property
    def key(self) -> str:
        return self.value


@dataclass
class Usage:
    """Calls of one account to one endpoint in one period (a day, a month)."""

    appid: str
    endpoint: str
    period: str
    used: int = 0

    @property
    def key(self) -> str:
        return f"{self.appid}|{self.endpoint}|{self.period}"


@dataclass
class Picture:
    """An uploaded picture. `route` is its path on the picture host; the bytes lie under `sha256`."""

    appid: str
    route: str
    sha256: str
    mime: str

    @property
    def key(self) -> str:
        return self.route


@dataclass
class Material:
    """A picture with a media id: permanent in the library, or temporary and gone after three days."""

    media_id: str
    appid: str
    media_type: str
    route: str
    expires_at: float | None = None

    @property
    def key(self) -> str:
        return self.media_id


@dataclass
class Draft:
    """One to eight articles in the draft box, as stored after the content filter."""

    media_id: str
    appid: str
    number: int
    articles: list[Fields]
    created_at: float
    updated_at: float

    @property
    def key(self) -> str:
        return self.media_id


class PublishStatus(IntEnum):
    """`publish_status` of freepublish/get."""

    SUCCESS = 0
    IN_PROGRESS = 1
    ORIGINAL_CLAIM_FAILED = 2
    FAILED = 3
    REVIEW_REJECTED = 4
    DELETED_BY_AUTHOR = 5
    BANNED_BY_PLATFORM = 6


@dataclass
class PublishJob:
    """A submitted draft on its way. `outcome` and `fail_idx` are what it will end with at `finish_at`."""

    publish_id: str
    msg_data_id: int
    appid: str
    media_id: str
    submitted_at: float
    finish_at: float
    outcome: int = PublishStatus.SUCCESS
    outcome_fail_idx: list[int] = field(default_factory=list)
    status: int = PublishStatus.IN_PROGRESS
    fail_idx: list[int] = field(default_factory=list)
    article_id: str = ""

    @property
    def key(self) -> str:
        return self.publish_id


class MassStatus(StrEnum):
    """`msg_status` of message/mass/get."""

    SENDING = "SENDING"
    SEND_SUCCESS = "SEND_SUCCESS"
    SEND_FAIL = "SEND_FAIL"
    DELETE = "DELETE"


@dataclass
class MassSend:
    """A message to all followers on its way. `outcome` is the `Status` of its event, such as ``err(20001)``."""

    msg_id: str
    msg_data_id: int
    appid: str
    media_id: str
    clientmsgid: str
    submitted_at: float
    finish_at: float
    outcome: str = "send success"
    status: str = MassStatus.SENDING
    article_id: str = ""

    @property
    def key(self) -> str:
        return self.msg_id


@dataclass
class PublishedPage:
    """One article of a publication, with a page of its own at ``/s/<slug>``. `reads` counts openings by day."""

    slug: str
    article: Fields
    deleted: bool = False
    reads: dict[str, int] = field(default_factory=dict)


@dataclass
class Publication:
    """What one draft became. `notified` tells a mass send, which freepublish/batchget never lists."""

    article_id: str
    appid: str
    number: int
    msg_data_id: int
    notified: bool
    published_at: float
    pages: list[PublishedPage]
    banned: bool = False

    @property
    def key(self) -> str:
        return self.article_id

    @property
    def deleted(self) -> bool:
        return all(page.deleted for page in self.pages)


@dataclass
class Counter:
    """The last number given out: ids of jobs and messages rise and exceed 2^31, as the real ones do."""

    name: str
    last: int

    @property
    def key(self) -> str:
        return self.name
