"""The WeChat target, step by step: material, draft, read back, send, ask how it ended; doubt, settled by reading.

Every step looks at one publication in one state and either moves it on or lets go of it for a while. What a step
raises is decided on in `services/delivery.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from models import (
    AccountState,
    Asset,
    CallOutcome,
    OfficialAccount,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    Revision,
    Target,
    UploadedPicture,
)
from services import accounts, layouts, publications
from services.claims import Claim
from services.errors import SealBroken, WrongState
from services.manuscript import blocks, pictures, proofreading, wechat_markup
from services.ports import (
    DeliveryError,
    DeliveryRefused,
    PublishedArticle,
    PublishOutcome,
    PublishReceipt,
    PublishStatus,
    WeChatAccount,
    WeChatArticle,
)
from services.rules.delivery_times import (
    ADD_DRAFT,
    CHECKS,
    DAILY,
    ENOUGH_TO_REPEAT,
    ENOUGH_TO_SUBMIT_AGAIN,
    KEY_REMEMBERED,
    MOST_TRIES,
    POLLS,
    SEND_TO_ALL,
    SUBMIT,
    WATCHES,
    next_of,
)
from services.rules.publication_states import DRAFT_GONE
from services.sealed_content import asset_bytes, sealed_content

S = PublicationState

UPLOADS_AT_ONCE = 24
"""Calls that mostly wait: all pictures of a long article and its cover take as long as the slowest of them."""
WAITS = "草稿已存入公众号草稿箱。请登录公众平台核对后发出；发出后系统会自动登记，也可以在这里填写链接。"
GONE = "草稿已不在公众号草稿箱里，已发布列表中也没有。请核实后登记：已发出的填写链接，没有发出的按“确认没有发出”。"
CHANGED = (
    "公众号草稿箱里的草稿与终审通过的版本不一致（{what}），已停止发布。"
    "请在公众平台删除这份草稿，再点“重试”；如需修改内容，请重新送审。"
)


# --- Preparing -------------------------------------------------------------------------------------------


def prepare(claim: Claim) -> None:
    """Material up, draft created; or the draft of an earlier try found again."""
    content = sealed_content(claim)
    account = _account(claim)
    if claim.publication.media_id is not None:
        _resume(claim, account, claim.publication.media_id)
        return
    article = _article(claim, account, content)
    with claim.creating(ADD_DRAFT):
        media_id = account.interface.add_draft(article)
    claim.move(S.DRAFTED, calling=None, media_id=media_id)


def _resume(claim: Claim, account: _Account, media_id: str) -> None:
    with claim.reading("draft/get"):
        draft = account.interface.read_draft(media_id)
    if draft is not None:
        claim.move(S.DRAFTED)
    else:
        _adopt_published(claim, account)


def _adopt_published(claim: Claim, account: _Account) -> None:
    """The draft is gone although we did not send it: somebody published it, or deleted it."""
    found = _published(claim, account)
    if found is not None:
        _went_live(claim, found)
    else:
        claim.move(S.UNKNOWN, polls=0, run_after=claim.after(DAILY), failure_code=DRAFT_GONE, failure=GONE)


@dataclass(frozen=True)
class _Account:
    """The account of one publication, opened."""

    row: OfficialAccount
    app_id: str
    interface: WeChatAccount


def _account(claim: Claim) -> _Account:
    with claim.runtime.reading() as session:
        row = session.get_one(OfficialAccount, claim.publication.account_id)
    credentials = accounts.credentials_of(row, claim.runtime.secrets)
    if credentials is None:
        raise WrongState(f"公众号“{row.name}”没有登记 AppID 和 AppSecret，请系统管理员填写后再点“重试”。")
    return _Account(row, credentials.app_id, claim.runtime.wechat.account(credentials))


def _refuse_inactive(account: OfficialAccount) -> None:
    if account.state is not AccountState.ACTIVE:
        raise WrongState(f"公众号“{account.name}”{account.state.label}，没有发布。恢复正常运行后可点“重试”。")


def _article(claim: Claim, account: _Account, content: Revision) -> WeChatArticle:
    _refuse_inactive(account.row)
    urls, cover_media_id = _uploaded(claim, account, content)
    with claim.runtime.reading() as session:
        theme = layouts.theme_for(session, content.submission_id, account.row)
    body = wechat_markup.to_wechat(content.body_html, theme=theme, picture_urls=urls, photographer=content.photographer)
    wechat_markup.check_wechat_limits(content.title, content.digest, content.author, body)
    return WeChatArticle(
        title=content.title,
        digest=content.digest,
        author=content.author,
        body=body,
        cover_media_id=cover_media_id,
        marker_url=marker_url(claim),
    )


def marker_url(claim: Claim) -> str:
    """The 阅读原文 link: the campus page if there is to be one, and our marker, by which the article is known."""
    row = claim.publication
    with claim.runtime.reading() as session:
        slug = session.exec(
            select(Publication.marker).where(
                Publication.revision_id == row.revision_id, Publication.target == Target.SITE
            )
        ).first()
    page = claim.runtime.site.address_of(slug) if slug else f"{claim.runtime.settings.site_url}/index.html"
    return f"{page}?pub={row.marker}"


def _uploaded(claim: Claim, account: _Account, content: Revision) -> tuple[Mapping[str, str], str]:
    """The addresses of the body's pictures and the media id of the cover, all sent side by side."""
    wanted = tuple(dict.fromkeys(blocks.picture_hashes(content.body_html)))
    kinds = _media_types(claim, content)
    urls = _known_urls(claim, account, wanted)
    missing = [sha256 for sha256 in wanted if sha256 not in urls]
    if not missing and claim.publication.cover_media_id:
        return urls, claim.publication.cover_media_id
    with ThreadPoolExecutor(UPLOADS_AT_ONCE, "upload") as pool:
        cover = pool.submit(_cover, claim, account, content, kinds)
        sending = {pool.submit(_send_picture, claim, account, sha256, kinds[sha256]): sha256 for sha256 in missing}
        if sending:
            with claim.reading("media/uploadimg"):
                urls |= _kept(claim, account, sending)
        with claim.reading("material/add_material"):
            cover_media_id = cover.result()
    if cover_media_id != claim.publication.cover_media_id:
        with claim.unit() as (_, row):
            row.cover_media_id = cover_media_id
    return urls, cover_media_id


def _media_types(claim: Claim, content: Revision) -> Mapping[str, str]:
    with claim.runtime.reading() as session:
        rows = session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == content.submission_id))
        return dict(rows.all())


def _known_urls(claim: Claim, account: _Account, wanted: Sequence[str]) -> dict[str, str]:
    with claim.runtime.reading() as session:
        rows = session.exec(
            select(UploadedPicture.sha256, UploadedPicture.url).where(
                UploadedPicture.app_id == account.app_id, col(UploadedPicture.sha256).in_(wanted)
            )
        )
        return dict(rows.all())


def _cover(claim: Claim, account: _Account, content: Revision, kinds: Mapping[str, str]) -> str:
    """Sent anew for each publication, so that its media id tells our articles apart."""
    if claim.publication.cover_media_id is not None:
        return claim.publication.cover_media_id
    sha256 = content.cover_sha256
    if sha256 is None or sha256 not in kinds:
        raise SealBroken("稿件没有封面图片，公众号不接受。请退回补充封面后重新送审。")
    file, media_type = pictures.for_wechat_cover(asset_bytes(claim.runtime.assets, sha256), kinds[sha256])
    return account.interface.upload_cover(f"cover{pictures.EXTENSIONS[media_type]}", file, media_type)


def _send_picture(claim: Claim, account: _Account, sha256: str, media_type: str) -> str:
    file, sent_type = pictures.for_wechat_body(asset_bytes(claim.runtime.assets, sha256), media_type)
    return account.interface.upload_picture(f"{sha256[:16]}{pictures.EXTENSIONS[sent_type]}", file, sent_type)


def _kept(claim: Claim, account: _Account, sending: Mapping[Future[str], str]) -> dict[str, str]:
    """Keep each address as soon as it is known, so that a later try sends only what is missing."""
    urls: dict[str, str] = {}
    faults: list[DeliveryError] = []
    for job in as_completed(sending):
        try:
            urls[sending[job]] = job.result()
        except DeliveryError as fault:
            faults.append(fault)
        else:
            _keep(claim, account, sending[job], urls[sending[job]])
    if faults:
        raise faults[0]
    return urls


def _keep(claim: Claim, account: _Account, sha256: str, url: str) -> None:
    try:
        with claim.runtime.as_system() as work:
            work.session.add(UploadedPicture(app_id=account.app_id, sha256=sha256, url=url, uploaded_at=work.now))
    except IntegrityError:
        # Another publication sent the same picture at the same time; either address is good.
        return


# --- Sending ---------------------------------------------------------------------------------------------


def send(claim: Claim) -> None:
    """Read the draft back, and only if it is what was approved let it go."""
    content = sealed_content(claim)
    account = _account(claim)
    media_id = _media_id(claim)
    with claim.reading("draft/get"):
        draft = account.interface.read_draft(media_id)
    if draft is None:
        _adopt_published(claim, account)
        return
    difference = _difference(draft, _article(claim, account, content))
    if difference:
        failure = CHANGED.format(what=difference)
        claim.move(S.FAILED, media_id=None, failure_code="draft_changed", failure=failure)
    elif claim.publication.way is PublicationWay.DRAFT:
        wait_for_person(claim, WAITS)
    else:
        _submit(claim, account, media_id)


def _submit(claim: Claim, account: _Account, media_id: str) -> None:
    call, act = _sending_call(claim, account, media_id)
    with claim.creating(call, S.SENDING):
        receipt = act()
    _accepted(claim, receipt)


def _sending_call(claim: Claim, account: _Account, media_id: str) -> tuple[str, Callable[[], PublishReceipt]]:
    if claim.publication.way is PublicationWay.MASS:
        return SEND_TO_ALL, lambda: account.interface.send_to_all(media_id, claim.publication.marker)
    return SUBMIT, lambda: account.interface.publish(media_id)


def _accepted(claim: Claim, receipt: PublishReceipt) -> None:
    claim.move(
        S.ACCEPTED,
        calling=None,
        publish_id=receipt.publish_id,
        msg_data_id=receipt.msg_data_id,
        polls=0,
        run_after=claim.after(POLLS[0]),
    )


def _media_id(claim: Claim) -> str:
    if claim.publication.media_id is None:
        raise RuntimeError(f"publication {claim.publication.id} is {claim.publication.state} without a draft")
    return claim.publication.media_id


def _difference(held: WeChatArticle, approved: WeChatArticle) -> str:
    """What of the platform's copy is not what was approved, in the office's words. What it does not show is not
    compared; of the body only the words, because the platform rewrites markup.
    """
    pairs = (
        ("标题", held.title, approved.title),
        ("作者", held.author, approved.author),
        ("封面", held.cover_media_id, approved.cover_media_id),
        ("阅读原文", held.marker_url.partition("?")[2], approved.marker_url.partition("?")[2]),
        ("正文", proofreading.words(held.body), proofreading.words(approved.body)),
    )
    return "、".join(
        label for label, seen, meant in pairs if seen.strip() and not proofreading.reads_the_same(meant, seen)
    )


# --- After it was accepted -------------------------------------------------------------------------------


def poll(claim: Claim) -> None:
    """Ask how the accepted job stands."""
    status = _status(claim, _account(claim))
    if status.outcome is PublishOutcome.IN_PROGRESS or not _applied(claim, status):
        look_again(claim)


def _status(claim: Claim, account: _Account) -> PublishStatus:
    number = claim.publication.publish_id or ""
    if claim.publication.way is PublicationWay.MASS:
        with claim.reading("message/mass/get"):
            return account.interface.send_status(number)
    with claim.reading("freepublish/get"):
        return account.interface.publish_status(number)


def _applied(claim: Claim, status: PublishStatus) -> bool:
    with claim.unit() as (work, row):
        return publications.apply_status(work, row, status)


def watch(claim: Claim) -> None:
    """Has the person sent the draft? A draft that is gone may be found in the list of what was published."""
    account = _account(claim)
    with claim.reading("draft/get"):
        draft = account.interface.read_draft(_media_id(claim))
    if draft is not None:
        look_again(claim)
        return
    found = _published(claim, account)
    if found is not None:
        _went_live(claim, found)
    else:
        look_again(claim, failure=GONE)


def wait_for_person(claim: Claim, sentence: str, *, code: str = "", raw: str = "") -> None:
    """The rest is done on the WeChat site; what becomes of the draft is watched."""
    claim.move(
        S.NEEDS_PERSON,
        calling=None,
        polls=0,
        run_after=claim.after(WATCHES[0]),
        failure_code=code,
        failure=sentence,
        failure_raw=raw,
    )


def _published(claim: Claim, account: _Account) -> PublishedArticle | None:
    try:
        with claim.reading("freepublish/batchget"):
            return account.interface.find_published(marker_url(claim))
    except DeliveryRefused:
        # An account without this right has no list to look into.
        return None


def _went_live(claim: Claim, found: PublishedArticle) -> None:
    claim.move(
        S.LIVE,
        calling=None,
        article_id=found.article_id,
        url=found.url,
    )


def look_again(claim: Claim, **columns: str) -> None:
    """Let go until the next look of this state's schedule."""
    row = claim.publication
    looks = row.polls + 1
    if row.state is S.ACCEPTED and next_of(POLLS, looks) is None:
        claim.move(
            S.UNKNOWN,
            polls=1,
            run_after=claim.after(DAILY),
            failure="微信一直没有回答发布结果。请登录公众平台核实后登记：已发出的填写链接，没有发出的按“确认没有发出”。",
        )
    else:
        wait = next_of(_schedule(row), looks) or DAILY
        claim.put_back(claim.after(wait), polls=looks, **columns)


def _schedule(row: Publication) -> tuple[timedelta, ...]:
    if row.state is S.ACCEPTED:
        return POLLS
    return CHECKS[row.calling] if row.state is S.UNKNOWN else WATCHES


# --- Doubt -----------------------------------------------------------------------------------------------


def settle_doubt(claim: Claim) -> None:
    """Read back what became of the call in doubt; repeat it only where the table of failures allows it."""
    DOUBTS[claim.publication.calling](claim, _account(claim))


def _look_for_draft(claim: Claim, account: _Account) -> None:
    """draft/add: found by its marker, it is ours; not found twice, it was never created."""
    with claim.reading("draft/batchget"):
        media_id = account.interface.find_draft(marker_url(claim))
    if media_id is not None:
        claim.move(S.DRAFTED, calling=None, media_id=media_id, polls=0)
    elif claim.publication.polls + 1 < ENOUGH_TO_REPEAT:
        look_again(claim)
    elif claim.publication.tries >= MOST_TRIES:
        failure = "微信多次没有回答建立草稿的请求，草稿箱里也没有找到。请检查网络后再点“重试”。"
        claim.move(S.FAILED, calling=None, failure_code="no_answer", failure=failure)
    else:
        claim.move(S.PREPARING, calling=None, polls=0, tries=claim.publication.tries + 1)


def _look_for_submission(claim: Claim, account: _Account) -> None:
    """freepublish/submit: a draft that is gone was taken; one that stays is submitted once more, itself."""
    media_id = _media_id(claim)
    with claim.reading("draft/get"):
        draft = account.interface.read_draft(media_id)
    enough = claim.publication.polls + 1 >= ENOUGH_TO_SUBMIT_AGAIN
    again = draft is not None and enough and not _was_repeated(claim)
    found = _published(claim, account) if draft is None or again else None
    if found is not None:
        _went_live(claim, found)
    elif again:
        _repeat(claim, account, media_id)
    else:
        look_again(claim)


def _send_again(claim: Claim, account: _Account) -> None:
    """message/mass/sendall: WeChat recognises our clientmsgid and answers with the send it already has."""
    began = _first_in_doubt(claim)
    if began is not None and claim.now() - began > KEY_REMEMBERED:
        look_again(claim)
    else:
        _repeat(claim, account, _media_id(claim))


def _look_for_end(claim: Claim, account: _Account) -> None:
    """Accepted, but never heard of again; or a draft that vanished. The budget of questions is used up: only a person
    who asks (polls begin at 0 again) costs one more.
    """
    if claim.publication.publish_id is not None and claim.publication.polls == 0:
        poll(claim)
        return
    found = _published(claim, account)
    if found is not None:
        _went_live(claim, found)
    else:
        look_again(claim)


def _repeat(claim: Claim, account: _Account, media_id: str) -> None:
    call, act = _sending_call(claim, account, media_id)
    with claim.creating(call):
        receipt = act()
    _accepted(claim, receipt)


def _was_repeated(claim: Claim) -> bool:
    with claim.runtime.reading() as session:
        in_doubt = session.exec(select(func.count()).select_from(PublicationAttempt).where(*_doubtful(claim))).one()
    return in_doubt > 1


def _first_in_doubt(claim: Claim) -> datetime | None:
    with claim.runtime.reading() as session:
        return session.exec(select(func.min(PublicationAttempt.at)).where(*_doubtful(claim))).one()


def _doubtful(claim: Claim) -> tuple[ColumnElement[bool], ...]:
    return (
        col(PublicationAttempt.publication_id) == claim.publication.id,
        col(PublicationAttempt.call) == claim.publication.calling,
        col(PublicationAttempt.outcome) == CallOutcome.UNKNOWN,
    )


DOUBTS: Mapping[str | None, Callable[[Claim, _Account], None]] = {
    ADD_DRAFT: _look_for_draft,
    SUBMIT: _look_for_submission,
    SEND_TO_ALL: _send_again,
    None: _look_for_end,
}

STEPS: Mapping[PublicationState, Callable[[Claim], None]] = {
    S.PREPARING: prepare,
    S.DRAFTED: send,
    S.ACCEPTED: poll,
    S.UNKNOWN: settle_doubt,
    S.NEEDS_PERSON: watch,
}
