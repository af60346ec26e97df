"""What two people decided about a published item, done to each of its copies.

First every copy is kept as it is (evidence), then it is changed. A deletion is on record before it leaves; when its
answer is lost, the article is read back and the call repeated only while the article still stands. What the
interface cannot do, or may not do any more today, waits for a person at once: a clock is running.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import col, select

from models import (
    CallOutcome,
    DeedKind,
    DeedState,
    Destination,
    OfficialAccount,
    ProofVerdict,
    Publication,
    PublicationAttempt,
    PublicationWay,
    Remedy,
    RemedyDeed,
    RemedyKind,
    RemedyState,
    Submission,
    Target,
)
from services import accounts, outlet_delivery, proofs, published_copies, remedies, site_pages
from services.bootstrap import Runtime
from services.errors import Refusal, WrongState
from services.manuscript.corrections import corrected
from services.outlet_delivery import NOTHING_AROUND
from services.ports import Cure, DeliveryError, DeliveryRefused, NotSent, OutcomeUnknown, SiteTombstone
from services.published_copies import Reading
from services.queries import remedies as reads
from services.queries import site
from services.unit_of_work import UnitOfWork

log = structlog.get_logger()

LEASE = timedelta(minutes=2)
DELETE, DELETE_SENT = "freepublish/delete", "message/mass/delete"
READ_BACK_AFTER = timedelta(seconds=15)
AGAIN_AFTER = timedelta(seconds=30)
TURN = timedelta(seconds=1)
WITH_LISTS = (Target.SITE, Target.SFTP)
MOST_TRIES = 5

BY_HAND: Mapping[RemedyKind, str] = {
    RemedyKind.CORRECT: (
        "请登录公众平台，在“发表记录”里打开这篇文章，点“修改”，把“{wrong}”改为“{right}”。微信只允许改一次。"
    ),
    RemedyKind.NOTE: "请登录公众平台，在这篇文章的留言区发表并置顶这段说明，或在下一次推送中刊登：{note}",
    RemedyKind.TAKE_DOWN: "请登录公众平台，在“发表记录”里删除这篇文章。",
    RemedyKind.REPUBLISH: "请登录公众平台，在“发表记录”里删除这篇文章。修改后的新版通过审核后另行发布。",
}
NOT_BY_INTERFACE = "系统没能通过接口删除：{why}请登录公众平台，在“发表记录”里删除这篇文章，再登记完成。"
NOT_WRITTEN = "系统没能改写或撤下网页：{why}请在网站上人工处理，再登记完成。"
NOBODY_KNOWS = "删除请求没有收到明确回答，文章也读不到。请在公众平台核对，没有删除就删除，再登记完成。"


def do_due(runtime: Runtime, *, stop: threading.Event | None = None) -> int:
    """Do everything that is due; how many copies were looked after."""
    count = 0
    while stop is None or not stop.is_set():
        deed = _take(runtime)
        if deed is None:
            break
        try:
            _keep_evidence(runtime, deed)
            _do(runtime, deed)
        except DeliveryError as fault:
            _set_back(runtime, deed, fault)
        except Refusal as refusal:
            _finish(runtime, deed, DeedState.NEEDS_PERSON, failure=refusal.sentence)
        count += 1
    return count


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Remedy.state) == RemedyState.CONFIRMED,
        col(RemedyDeed.state).in_([DeedState.WAITING, DeedState.UNKNOWN]),
        col(RemedyDeed.run_after) <= now,
        or_(col(RemedyDeed.lease_until).is_(None), col(RemedyDeed.lease_until) <= now),
    )


def _take(runtime: Runtime) -> RemedyDeed | None:
    with runtime.reading() as session:
        due = select(RemedyDeed.id).join(Remedy, col(Remedy.id) == col(RemedyDeed.remedy_id))
        if session.exec(due.where(_is_due(runtime.now())).limit(1)).first() is None:
            return None
    with runtime.as_system() as work:
        deed = work.session.exec(
            select(RemedyDeed)
            .join(Remedy, col(Remedy.id) == col(RemedyDeed.remedy_id))
            .where(_is_due(work.now))
            .order_by(col(Remedy.due_at), col(RemedyDeed.id))
            .limit(1)
            .with_for_update(skip_locked=True, of=RemedyDeed)
        ).first()
        if deed is None:
            return None
        if deed.calling:
            # Its worker died during the call: whether the call arrived, only reading back can tell.
            _close_calls(work, deed)
            deed.calling = False
            if deed.kind is DeedKind.DELETE and deed.state is DeedState.WAITING:
                deed.state = DeedState.UNKNOWN
        deed.lease_until, deed.tries = work.now + LEASE, deed.tries + 1
        work.session.flush()
        work.session.expunge_all()
        return deed


def _close_calls(work: UnitOfWork, deed: RemedyDeed) -> None:
    calls = work.session.exec(
        select(PublicationAttempt).where(
            PublicationAttempt.publication_id == deed.publication_id,
            PublicationAttempt.outcome == CallOutcome.STARTED,
            col(PublicationAttempt.call).in_([DELETE, DELETE_SENT]),
        )
    ).all()
    for call in calls:
        call.outcome, call.finished_at = CallOutcome.UNKNOWN, work.now
        call.detail = "the worker ended during the call"


# --- Evidence --------------------------------------------------------------------------------------------


def _keep_evidence(runtime: Runtime, deed: RemedyDeed) -> None:
    """Keep every copy of the remedy as it is, before any of them is changed (保存有关记录)."""
    with runtime.reading() as session:
        missing = session.exec(
            select(RemedyDeed, Publication)
            .join(Publication, col(Publication.id) == col(RemedyDeed.publication_id))
            .where(RemedyDeed.remedy_id == deed.remedy_id, col(RemedyDeed.evidence_id).is_(None))
            .order_by(col(RemedyDeed.id))
        ).all()
    for each, publication in missing:
        reading = published_copies.read(runtime, publication)
        if reading.again and deed.tries < MOST_TRIES:
            raise NotSent(f"no evidence of publication {publication.id} yet: {reading.detail}")
        _keep(runtime, each, publication, reading)


def _keep(runtime: Runtime, deed: RemedyDeed, publication: Publication, reading: Reading) -> None:
    with runtime.as_system() as work:
        work.session.get(Submission, publication.submission_id, with_for_update=True)
        row = work.session.get_one(RemedyDeed, deed.id, with_for_update=True)
        if row.evidence_id is None:
            held = work.session.get_one(Publication, publication.id)
            row.evidence_id = proofs.take_evidence(work, runtime.assets, held, reading).id


# --- Doing it --------------------------------------------------------------------------------------------


def _do(runtime: Runtime, deed: RemedyDeed) -> None:
    with runtime.reading() as session:
        remedy = session.get_one(Remedy, deed.remedy_id)
        row = session.get_one(Publication, deed.publication_id)
    DEEDS[deed.kind](runtime, deed, remedy, row)


def _delete(runtime: Runtime, deed: RemedyDeed, _remedy: Remedy, row: Publication) -> None:
    if deed.state is DeedState.UNKNOWN:
        reading = published_copies.read(runtime, row)
        if reading.verdict is ProofVerdict.GONE:
            _finish(runtime, deed, DeedState.DONE)
        elif reading.verdict is not ProofVerdict.UNREAD:
            _finish(runtime, deed, DeedState.WAITING)
        elif deed.tries >= MOST_TRIES:
            _finish(runtime, deed, DeedState.NEEDS_PERSON, failure=NOBODY_KNOWS, raw=reading.detail)
        else:
            raise NotSent(reading.detail)
        return
    call, act = _deletion(runtime, row)
    attempt = _begin_call(runtime, deed, call)
    try:
        act()
    except DeliveryError as fault:
        _end_call(runtime, attempt, fault)
        raise
    _end_call(runtime, attempt, None)
    _finish(runtime, deed, DeedState.DONE)


def _deletion(runtime: Runtime, row: Publication) -> tuple[str, Callable[[], None]]:
    with runtime.reading() as session:
        account = session.get_one(OfficialAccount, row.account_id)
    credentials = accounts.credentials_of(account, runtime.secrets)
    if credentials is None:
        raise DeliveryRefused(code="", sentence="公众号没有登记接口凭证。", cure=Cure.ADMIN, detail="no credentials")
    interface = runtime.wechat.account(credentials)
    if row.article_id:
        article_id = row.article_id
        return DELETE, lambda: interface.delete_published(article_id)
    if row.way is PublicationWay.MASS and row.publish_id:
        message_id = row.publish_id
        return DELETE_SENT, lambda: interface.delete_sent(message_id)
    raise DeliveryRefused(code="", sentence="系统不知道文章的编号。", cure=Cure.ADMIN, detail="no article id")


def _begin_call(runtime: Runtime, deed: RemedyDeed, call: str) -> PublicationAttempt:
    """On record before it leaves."""
    with runtime.as_system() as work:
        mine = work.session.get_one(RemedyDeed, deed.id, with_for_update=True)
        mine.calling = True
        attempt = PublicationAttempt(publication_id=deed.publication_id, call=call, at=work.now)
        work.session.add(attempt)
        work.session.flush()
        work.session.expunge(attempt)
    return attempt


def _end_call(runtime: Runtime, attempt: PublicationAttempt, fault: DeliveryError | None) -> None:
    with runtime.as_system() as work:
        row = work.session.get_one(PublicationAttempt, attempt.id)
        row.finished_at, row.detail = work.now, fault.detail if fault else ""
        row.outcome, row.code = _outcome(fault)


def _outcome(fault: DeliveryError | None) -> tuple[CallOutcome, str]:
    if fault is None:
        return CallOutcome.OK, ""
    if isinstance(fault, DeliveryRefused):
        return CallOutcome.REFUSED, fault.code
    return (CallOutcome.NOT_SENT if isinstance(fault, NotSent) else CallOutcome.UNKNOWN), ""


def _bury(runtime: Runtime, deed: RemedyDeed, remedy: Remedy, row: Publication) -> None:
    """A short notice in the place of the page, and out of every list we write."""
    # WordPress and the campus CMS keep lists of their own.
    position = _position(row) if row.target in WITH_LISTS else 0
    if not _has_turn(runtime, deed, row):
        return
    with runtime.reading() as session:
        around = (
            site.surroundings(session, position, row.destination_id, without=row.id) if position else NOTHING_AROUND
        )
        title = session.get_one(Submission, row.submission_id).title
        place = session.get_one(Destination, row.destination_id) if row.destination_id else None
    tombstone = SiteTombstone(
        position=position,
        slug=row.marker,
        title=title,
        sentence=remedy.note or remedies.TOLD_INSTEAD,
        at=runtime.now(),
        picture_files=site_pages.pictures_only_here(runtime, row),
        attached_files=site_pages.attachments_only_here(runtime, row),
    )
    (outlet_delivery.opened(runtime, place) if place else runtime.site).retract(tombstone, around)
    _finish(runtime, deed, DeedState.DONE)


def _rewrite(runtime: Runtime, deed: RemedyDeed, remedy: Remedy, row: Publication) -> None:
    """The page again in its place, with the correction and what readers are told of it."""
    position = _position(row) if row.target in WITH_LISTS else 0
    if not _has_turn(runtime, deed, row):
        return
    content = published_copies.sealed_content(runtime, row)
    if remedy.kind is RemedyKind.CORRECT:
        body = corrected(content.body_html, [(remedy.wrong, remedy.right)])
        content = content.model_copy(update={"body_html": body})
    with runtime.reading() as session:
        told = reads.told_to_readers(session, row.id or 0)
        around = site.surroundings(session, position, row.destination_id) if position else NOTHING_AROUND
        place = session.get_one(Destination, row.destination_id) if row.destination_id else None
    if remedy.kind is not RemedyKind.RESTORE:
        told.append(reads.readers_words(remedy))
    article = site_pages.article_of(runtime, row, content, now=runtime.now(), notice="\n".join(told))
    if place is None:
        runtime.site.publish(article, around)
    else:
        outlet_delivery.opened(runtime, place).replace(outlet_delivery.in_edition(article, row), around)
    _finish(runtime, deed, DeedState.DONE)


def _position(row: Publication) -> int:
    if row.site_position is None:
        raise WrongState("校园网页没有登记位置，系统不能改写它。请在网站上人工处理，再登记完成。")
    return row.site_position


def _has_turn(runtime: Runtime, deed: RemedyDeed, row: Publication) -> bool:
    with runtime.as_system() as work:
        mine = work.session.get_one(RemedyDeed, deed.id, with_for_update=True)
        if site_pages.is_being_written(work, row, deed=deed.id):
            mine.lease_until, mine.run_after = None, work.now + TURN
            mine.tries -= 1
            return False
        mine.calling = True
        return True


def _hand_over(runtime: Runtime, deed: RemedyDeed, remedy: Remedy, _row: Publication) -> None:
    """WeChat's interface has no call for this: say what to do, word by word."""
    words = BY_HAND[remedy.kind].format(wrong=remedy.wrong, right=remedy.right, note=remedy.note)
    _finish(runtime, deed, DeedState.NEEDS_PERSON, failure=words)


DEEDS: Mapping[DeedKind, Callable[[Runtime, RemedyDeed, Remedy, Publication], None]] = {
    DeedKind.DELETE: _delete,
    DeedKind.TOMBSTONE: _bury,
    DeedKind.REWRITE: _rewrite,
    DeedKind.BY_HAND: _hand_over,
}


# --- What a failure proves -------------------------------------------------------------------------------


def _set_back(runtime: Runtime, deed: RemedyDeed, fault: DeliveryError) -> None:
    log.info("deed.set_back", deed=deed.id, detail=fault.detail)
    if isinstance(fault, DeliveryRefused) and fault.cure is not Cure.LATER:
        failure = _handed_over(deed, fault.sentence)
        _finish(runtime, deed, DeedState.NEEDS_PERSON, failure=failure, raw=fault.detail)
    elif isinstance(fault, OutcomeUnknown) and deed.kind is DeedKind.DELETE and deed.state is DeedState.WAITING:
        _finish(runtime, deed, DeedState.UNKNOWN, failure="没有收到微信的明确回答，正在核实。", raw=fault.detail)
    elif deed.tries >= MOST_TRIES:
        failure = _handed_over(deed, "多次没有连上。")
        _finish(runtime, deed, DeedState.NEEDS_PERSON, failure=failure, raw=fault.detail)
    else:
        with runtime.as_system() as work:
            mine = work.session.get_one(RemedyDeed, deed.id, with_for_update=True)
            mine.calling, mine.lease_until, mine.run_after = False, None, work.now + AGAIN_AFTER
            mine.failure_raw = fault.detail


def _handed_over(deed: RemedyDeed, why: str) -> str:
    return (NOT_BY_INTERFACE if deed.kind is DeedKind.DELETE else NOT_WRITTEN).format(why=why)


def _finish(runtime: Runtime, deed: RemedyDeed, state: DeedState, *, failure: str = "", raw: str = "") -> None:
    with runtime.as_system() as work:
        # In the order in which everybody locks: the item, then its publications, then the rest.
        remedy = work.session.get_one(Remedy, deed.remedy_id)
        work.session.get(Submission, remedy.submission_id, with_for_update=True)
        mine = work.session.get_one(RemedyDeed, deed.id, with_for_update=True)
        if mine.state is not deed.state or remedy.state is not RemedyState.CONFIRMED:
            # A person was faster.
            return
        if state is DeedState.UNKNOWN:
            mine.run_after = work.now + READ_BACK_AFTER
        remedies.move_deed(work, mine, state, failure=failure, raw=raw)
