"""What readers get now, held against the seal: one reading of one published copy, outside of any transaction."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlmodel import col, select

from models import (
    Asset,
    Destination,
    OfficialAccount,
    ProofVerdict,
    Publication,
    PublicationWay,
    Revision,
    Target,
    UploadedPicture,
)
from services import accounts, layouts, outlet_delivery
from services.bootstrap import Runtime
from services.errors import Refusal
from services.manuscript import blocks, proofreading, wechat_markup
from services.manuscript.corrections import corrected
from services.manuscript.proofreading import Copy
from services.ports import (
    Cure,
    DeliveryError,
    DeliveryRefused,
    NotSent,
    OutcomeUnknown,
    PublishedCopy,
    PublishOutcome,
    ReadableOutlet,
    SitePageCopy,
    WeChatAccount,
)
from services.queries import remedies, site
from services.rules.variants import Pictures, variant_from

NO_ADDRESS = "没有登记文章链接，系统无法打开。请填写链接，或人工核对后上传截图。"
NOT_SHOWN = "公众平台没有显示文章（可能要求验证）。请在微信里打开核对，并上传截图。"
NOT_REACHED = "没有连上，系统会再读。"
NOT_OPENED = "这个平台上的页面系统不会打开，请人工核对，并上传截图。"
FOREIGN_ADDRESS = "登记的链接不是微信公众平台的文章地址，系统不会打开。请核对链接。"
GONE_WORDS: Mapping[Target, str] = {
    Target.WECHAT: "文章在公众平台上已看不到：被删除或被封禁。",
    Target.SITE: "网页在校园网站上已看不到。",
    Target.SFTP: "网页在网站服务器上已看不到。",
    Target.WORDPRESS: "文章在 WordPress 网站上已看不到：被删除、改为草稿或设了密码。",
}


TELLS_IN_ITS_TEXT = frozenset({Target.WORDPRESS})
"""Where what readers are told of a correction stands in the text itself, not beside it."""


@dataclass(frozen=True)
class Reading:
    """What one reading found. `capture` is what was received; `ended` is the platform's own word that it is gone.

    `again` says that nothing was reached and another try may help; `quota` that today's calls are used up.
    """

    verdict: ProofVerdict
    said: tuple[str, ...] = ()
    likeness: str = ""
    capture: bytes = b""
    ended: PublishOutcome | None = None
    detail: str = ""
    again: bool = False
    quota: bool = False


GONE_ON_WECHAT = Reading(ProofVerdict.GONE, (GONE_WORDS[Target.WECHAT],), likeness="gone")


def read(runtime: Runtime, row: Publication) -> Reading:
    """Read one published copy and judge it. Raises nothing that a platform or a network may do."""
    try:
        return READERS[row.target](runtime, row)
    except DeliveryRefused as fault:
        quota = fault.cure is Cure.TOMORROW
        return Reading(ProofVerdict.UNREAD, (fault.sentence,), detail=fault.detail, again=True, quota=quota)
    except OutcomeUnknown as fault:
        said = NOT_SHOWN if row.target is Target.WECHAT else NOT_REACHED
        return Reading(ProofVerdict.UNREAD, (said,), detail=fault.detail, again=True)
    except DeliveryError as fault:
        return Reading(ProofVerdict.UNREAD, (NOT_REACHED,), detail=fault.detail, again=isinstance(fault, NotSent))


def sealed_content(runtime: Runtime, row: Publication) -> Revision:
    """What readers should get: the sealed version with the corrections made since on this copy."""
    with runtime.reading() as session:
        content = session.get_one(Revision, row.revision_id)
        pairs = remedies.corrections_made(session, row.id or 0)
    return content.model_copy(update={"body_html": corrected(content.body_html, pairs)})


# --- WeChat ----------------------------------------------------------------------------------------------


def _of_wechat(runtime: Runtime, row: Publication) -> Reading:
    with runtime.reading() as session:
        account = session.get_one(OfficialAccount, row.account_id)
    credentials = accounts.credentials_of(account, runtime.secrets)
    interface = runtime.wechat.account(credentials) if credentials else None
    ended = _ended(interface, row) if interface else None
    if ended is not None:
        return replace(GONE_ON_WECHAT, ended=ended)
    found = _by_number(runtime, row, interface) if interface and row.article_id else _by_address(runtime, row)
    if isinstance(found, Reading):
        return found
    return _judged(_meant_for_wechat(runtime, row, account), found, proofreading.picture_names(found.body))


def _by_number(runtime: Runtime, row: Publication, interface: WeChatAccount) -> PublishedCopy | Reading:
    copy = interface.read_published(row.article_id or "")
    if copy is None:
        return replace(GONE_ON_WECHAT, ended=PublishOutcome.REMOVED)
    if row.publish_id is None and _is_closed_to_readers(runtime, row.url or ""):
        return GONE_ON_WECHAT
    return copy


def _by_address(runtime: Runtime, row: Publication) -> PublishedCopy | Reading:
    if not row.url:
        return Reading(ProofVerdict.UNREAD, (NO_ADDRESS,))
    if not runtime.pages.serves(row.url):
        return Reading(ProofVerdict.UNREAD, (FOREIGN_ADDRESS,))
    # A link that was typed wrongly looks as if the article were gone: what became of it, a person says.
    return runtime.pages.read(row.url) or GONE_ON_WECHAT


def _is_closed_to_readers(runtime: Runtime, url: str) -> bool:
    """Whether the page is banned although the interface still hands the article out: without a job there is no status
    to ask for.
    """
    if not runtime.pages.serves(url):
        return False
    try:
        return runtime.pages.read(url) is None
    except DeliveryError:
        return False


def _ended(interface: WeChatAccount, row: Publication) -> PublishOutcome | None:
    """The platform's word that the article was deleted or banned, as far as this account may ask."""
    if not row.publish_id:
        return None
    asks = interface.send_status if row.way is PublicationWay.MASS else interface.publish_status
    try:
        outcome = asks(row.publish_id).outcome
    except DeliveryRefused as refused:
        if refused.cure is Cure.TOMORROW:
            raise
        return None
    return outcome if outcome in {PublishOutcome.REMOVED, PublishOutcome.BANNED} else None


def _meant_for_wechat(runtime: Runtime, row: Publication, account: OfficialAccount) -> Copy:
    content = sealed_content(runtime, row)
    hashes = blocks.picture_hashes(content.body_html)
    known = _uploaded(runtime, account, hashes)
    urls = {sha256: known.get(sha256, f"https://mmbiz.qpic.cn/{sha256}/0") for sha256 in hashes}
    # What a person put together by hand has pictures under names of its own.
    by_hand = row.way is PublicationWay.MANUAL
    names = {sha256: "" if by_hand else _name(known.get(sha256, "")) for sha256 in hashes}
    with runtime.reading() as session:
        theme = layouts.theme_for(session, content.submission_id, account)
    return Copy(
        title=content.title,
        author=content.author,
        digest=content.digest or None,  # without one, WeChat takes the beginning of the text
        body=wechat_markup.to_wechat(
            content.body_html, theme=theme, picture_urls=urls, photographer=content.photographer
        ),
        pictures=tuple(names[sha256] for sha256 in hashes),
    )


def _uploaded(runtime: Runtime, account: OfficialAccount, hashes: Sequence[str]) -> dict[str, str]:
    with runtime.reading() as session:
        rows = session.exec(
            select(UploadedPicture.sha256, UploadedPicture.url).where(
                UploadedPicture.app_id == (account.app_id or ""), col(UploadedPicture.sha256).in_(hashes)
            )
        )
        return dict(rows.all())


def _name(address: str) -> str:
    return "".join(proofreading.picture_names(f'<img src="{address}">')) if address else ""


# --- The campus site -------------------------------------------------------------------------------------


def _of_site(runtime: Runtime, row: Publication) -> Reading:
    return _page_judged(runtime, row, runtime.site.read_back(row.marker))


def _of_outlet(runtime: Runtime, row: Publication) -> Reading:
    """The same article at a further place, where it lets itself be read."""
    with runtime.reading() as session:
        place = session.get_one(Destination, row.destination_id)
    try:
        outlet = outlet_delivery.opened(runtime, place)
    except Refusal as refusal:
        return Reading(ProofVerdict.UNREAD, (refusal.sentence,))
    if not isinstance(outlet, ReadableOutlet):
        return Reading(ProofVerdict.UNREAD, (NOT_OPENED,))
    return _page_judged(runtime, row, outlet.read_back(row.marker))


def _page_judged(runtime: Runtime, row: Publication, held: SitePageCopy | None) -> Reading:
    if held is None:
        return Reading(ProofVerdict.GONE, (GONE_WORDS[row.target],), likeness="gone")
    meant = _meant_for_page(runtime, row)
    shown = tuple(_found(held.pictures.get(name)) for name in proofreading.picture_files(held.page.body))
    offered = tuple((name, _found(sha256)) for name, sha256 in held.files.items())
    return _judged(meant, held.page, shown, offered)


def _found(sha256: str | None) -> str:
    return "missing" if sha256 is None else sha256


def _meant_for_page(runtime: Runtime, row: Publication) -> Copy:
    """What a page shall show there: the sealed version in the edition of its place."""
    content, variant = sealed_content(runtime, row), variant_from(row.variant)
    with runtime.reading() as session:
        kinds = dict(
            session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == row.submission_id)).all()
        )
        told = remedies.told_to_readers(session, row.id or 0) if row.target in TELLS_IN_ITS_TEXT else []
    hashes = blocks.picture_hashes(content.body_html)
    files = {sha256: site.picture_file(sha256, kinds[sha256]) for sha256 in hashes}
    body = wechat_markup.to_campus_body(
        content.body_html, picture_urls={sha256: f"../pictures/{name}" for sha256, name in files.items()}
    )
    has_pictures = variant.pictures is Pictures.ALL
    return Copy(
        title=variant.title or content.title,
        digest=variant.digest or content.digest,
        body=wechat_markup.with_notice(
            body if has_pictures else outlet_delivery.without_pictures(body), "\n".join(told)
        ),
        pictures=tuple(hashes) if has_pictures else (),
        files=tuple(
            (site.attachment_file(each["sha256"], each["name"]), each["sha256"]) for each in content.attachments
        ),
    )


def _judged(
    meant: Copy, copy: PublishedCopy, pictures: tuple[str, ...], files: tuple[tuple[str, str], ...] = ()
) -> Reading:
    seen = Copy(
        title=copy.title,
        author=copy.author,
        digest=copy.digest,
        body=copy.body,
        pictures=pictures,
        strange=copy.strange,
        files=files,
    )
    likeness = proofreading.compare(meant, seen)
    return Reading(likeness.verdict, likeness.said, likeness.key, copy.capture)


READERS: Mapping[Target, Callable[[Runtime, Publication], Reading]] = {
    Target.WECHAT: _of_wechat,
    Target.SITE: _of_site,
    Target.SFTP: _of_outlet,
    Target.WORDPRESS: _of_outlet,
    Target.WEBHOOK: _of_outlet,
}
