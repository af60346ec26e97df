"""归档包 (rule 3.1, 60-day record): everything about a published item in one folder that opens without this system.

Text as web page and Word file, pictures, attachments, the review form, what happened in review and after publication,
the pages as they were read back, screenshots, and a list of hashes. The folder is called YYYYMMDD+事件.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from html import escape
from typing import IO

from sqlmodel import Session, col, select

from models import (
    Action,
    AuditAction,
    Person,
    ProofRead,
    Publication,
    PublicationAttempt,
    PublicationState,
    Revision,
    Screenshot,
    Submission,
    SubmissionState,
)
from services import audit, submissions
from services.errors import NotAllowed, NotFound, WrongState
from services.manuscript import blocks, wechat_markup
from services.manuscript.pictures import EXTENSIONS
from services.manuscript.word_writer import to_word
from services.office_forms import review_form
from services.ports import AssetStore
from services.queries import remedies as remedy_reads
from services.queries import review_forms as review_form_reads
from services.queries import standings
from services.queries import submissions as submission_reads
from services.queries.submissions import HistoryLine
from services.rules.office_time import OFFICE_ZONE, office_day
from services.rules.permissions import Actor, Capability, may_see
from services.unit_of_work import UnitOfWork

MAKES_PACKETS = (Capability.PUBLISH, Capability.APPROVE, Capability.DECIDE_VIOLATIONS)
REFUSED = "只有发布员、终审人或监督小组可以导出归档包。"
PUBLISHED = (PublicationState.LIVE, PublicationState.REMOVED, PublicationState.BANNED)
LONGEST_NAME = 60
UNSAFE = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')
MANIFEST = "清单（SHA256）.txt"


@dataclass(frozen=True)
class _Item:
    """What one packet is made of."""

    submission: Submission
    revision: Revision
    department: str
    history: Sequence[HistoryLine]
    publications: Sequence[Publication]
    attempts: Sequence[PublicationAttempt]
    readings: Sequence[ProofRead]
    screenshots: Sequence[Screenshot]
    remedies: Sequence[remedy_reads.RemedyLine]
    kinds: dict[str, str]
    names: dict[int | None, str]
    form: bytes


def may_make(actor: Actor) -> bool:
    """Whether the person may take packets out of the system."""
    return any(actor.reaches(each) for each in MAKES_PACKETS)


def file_name_of(submission: Submission, published_on: date) -> str:
    """The name of a packet's folder: YYYYMMDD+事件."""
    day = submission.event_date or published_on
    return f"{day:%Y%m%d}+{UNSAFE.sub('', submission.title).strip()[:LONGEST_NAME]}"


def item_packet(
    session: Session, actor: Actor, store: AssetStore, file: IO[bytes], *, submission_id: int, now: datetime
) -> str:
    """Write the packet of one item and say its name. Raises `NotAllowed`, `NotFound`, `WrongState`.

    Nothing is locked while it is written; whoever hands it out enters that in the trail (`record_made`).
    """
    _refuse_others(actor)
    item = _read(session, actor, submission_id, now)
    name = file_name_of(item.submission, _published_on(item))
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        _write(archive, store, name, item)
    return name


def month_packet(
    session: Session, actor: Actor, store: AssetStore, file: IO[bytes], *, year: int, month: int, now: datetime
) -> list[int]:
    """Write the packets of everything first published in a month of Beijing's calendar; which items.

    Raises `NotAllowed`, `WrongState` for a month in which nothing was.
    """
    _refuse_others(actor)
    ids = published_in(session, actor, year=year, month=month)
    if not ids:
        raise WrongState(f"{year}年{month}月没有发布过稿件，没有可以归档的。")
    names: set[str] = set()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for submission_id in ids:
            item = _read(session, actor, submission_id, now)
            name = file_name_of(item.submission, _published_on(item))
            # Two items of one day may have one title.
            name = name if name not in names else f"{name}-{submission_id}"
            names.add(name)
            _write(archive, store, name, item)
    return ids


def record_made(work: UnitOfWork, *, submission_ids: Sequence[int], packet: str) -> None:
    """Enter in the trail that somebody took a packet of these items out of the system. Raises `NotAllowed`."""
    _refuse_others(work.actor)
    for submission_id in submission_ids:
        audit.record(work, AuditAction.PACKET_MADE, "submission", submission_id, {"packet": packet})


def _refuse_others(actor: Actor) -> None:
    if not may_make(actor):
        raise NotAllowed(REFUSED)


def published_in(session: Session, actor: Actor, *, year: int, month: int) -> list[int]:
    """The items first published in a month that this person may know of, in that order."""
    rows = session.exec(
        select(Submission.id, Publication.settled_at)
        .join(Publication, col(Publication.submission_id) == col(Submission.id))
        .where(
            col(Publication.state).in_(PUBLISHED),
            col(Publication.settled_at).is_not(None),
            standings.visible_to(actor),
        )
        .order_by(col(Publication.settled_at))
    ).all()
    first: dict[int, date] = {}
    for id_, settled_at in rows:
        if id_ is not None and settled_at is not None:
            first.setdefault(id_, office_day(settled_at))
    return [id_ for id_, day in first.items() if (day.year, day.month) == (year, month)]


def archive_month(work: UnitOfWork, *, year: int, month: int) -> int:
    """月度归档: close everything published in a month that still stands as published; how many. Raises `NotAllowed`."""
    if not work.actor.reaches(Capability.PUBLISH):
        raise NotAllowed("只有发布员可以归档。")
    closed = 0
    published = published_in(work.session, work.actor, year=year, month=month)
    standings.lock_all(work.session, published)
    for submission_id in published:
        submission = work.session.get_one(Submission, submission_id)
        if submission.state is SubmissionState.PUBLISHED:
            submissions.perform(
                work, Action.ARCHIVE, submission_id=submission_id, seen_version=submission.version, comment="月度归档"
            )
            closed += 1
    return closed


# --- Reading ---------------------------------------------------------------------------------------------


def _read(session: Session, actor: Actor, submission_id: int, now: datetime) -> _Item:
    submission = session.get(Submission, submission_id)
    if submission is None or not may_see(actor, standings.standing(session, submission)):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    publications = session.exec(
        select(Publication)
        .where(Publication.submission_id == submission_id, col(Publication.state).in_(PUBLISHED))
        .order_by(col(Publication.settled_at), col(Publication.id))
    ).all()
    if not publications:
        raise WrongState("这篇稿件还没有发布，没有可以归档的。")
    ids = [row.id or 0 for row in publications]
    detail = submission_reads.detail(session, actor, submission_id)
    return _Item(
        submission=submission,
        revision=session.get_one(Revision, publications[-1].revision_id),
        department=detail.department,
        history=detail.history,
        publications=publications,
        attempts=session.exec(
            select(PublicationAttempt)
            .where(col(PublicationAttempt.publication_id).in_(ids))
            .order_by(col(PublicationAttempt.at), col(PublicationAttempt.id))
        ).all(),
        readings=session.exec(
            select(ProofRead)
            .where(col(ProofRead.publication_id).in_(ids), col(ProofRead.read_at).is_not(None))
            .order_by(col(ProofRead.read_at), col(ProofRead.id))
        ).all(),
        screenshots=session.exec(
            select(Screenshot).where(col(Screenshot.publication_id).in_(ids)).order_by(col(Screenshot.id))
        ).all(),
        remedies=remedy_reads.of_submission(session, actor, submission_id),
        kinds={each.sha256: each.media_type for each in detail.assets},
        form=review_form.fill(review_form_reads.of_item(session, actor, submission_id), now),
        names=dict(session.exec(select(Person.id, Person.name)).all()),
    )


def _published_on(item: _Item) -> date:
    return office_day(next(row.settled_at for row in item.publications if row.settled_at is not None))


# --- Writing ---------------------------------------------------------------------------------------------


def _write(archive: zipfile.ZipFile, store: AssetStore, folder: str, item: _Item) -> None:
    lines = []
    for name, content in _files(store, item):
        archive.writestr(f"{folder}/{name}", content)
        lines.append(f"{hashlib.sha256(content).hexdigest()}  {name}")
    archive.writestr(f"{folder}/{MANIFEST}", "\n".join([*lines, ""]))


def _files(store: AssetStore, item: _Item) -> Iterator[tuple[str, bytes]]:
    content = item.revision
    hashes = list(dict.fromkeys(blocks.picture_hashes(content.body_html)))
    files = {sha256: f"图片/{_picture(item, sha256, f'图{n:02}')}" for n, sha256 in enumerate(hashes, start=1)}
    if content.cover_sha256 and content.cover_sha256 not in files:
        files[content.cover_sha256] = f"图片/{_picture(item, content.cover_sha256, '封面')}"
    body = wechat_markup.to_campus_body(content.body_html, picture_urls=files)
    yield "正文.html", _page(content.title, f"{_facts(item)}{body}")
    facts = [("作者", content.author), ("单位", item.department)]
    yield "正文.docx", to_word(content.body_html, title=content.title, facts=facts, picture=store.get)
    for sha256, name in files.items():
        yield name, store.get(sha256)
    for number, attached in enumerate(content.attachments, start=1):
        yield f"附件/{number:02}-{UNSAFE.sub('', attached['name'])}", store.get(attached["sha256"])
    yield "信息发布审批表.docx", item.form
    yield "审核与发布记录.html", _page(f"{content.title}：审核与发布记录", _record(item))
    targets = {row.id: row.target.label for row in item.publications}
    for each in item.readings:
        if each.capture_sha256 and each.read_at:
            captured = store.get(each.capture_sha256)
            ending = "json" if captured.lstrip().startswith(b"{") else "html"
            at = f"{each.read_at.astimezone(OFFICE_ZONE):%Y%m%d-%H%M}"
            yield f"页面留存/{targets[each.publication_id]}-{at}-{each.occasion.label}-{each.id}.{ending}", captured
    for number, shot in enumerate(item.screenshots, start=1):
        yield f"截图/{number:02}{EXTENSIONS.get(shot.media_type, '.jpg')}", store.get(shot.sha256)


def _picture(item: _Item, sha256: str, name: str) -> str:
    return f"{name}{EXTENSIONS.get(item.kinds.get(sha256, ''), '.jpg')}"


def _page(title: str, body: str) -> bytes:
    style = (
        "body{max-width:46em;margin:2em auto;padding:0 1em;font:16px/1.8 sans-serif}img{max-width:100%}"
        "table{border-collapse:collapse;width:100%;margin:.5em 0 1.5em}td,th{border:1px solid #ccc;padding:.3em .6em;"
        "text-align:left;vertical-align:top}"
    )
    return (
        '<!DOCTYPE html>\n<html lang="zh-CN"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'; "
        "style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head><body><h1>{escape(title)}</h1>\n{body}\n"
        "</body></html>\n"
    ).encode()


def _facts(item: _Item) -> str:
    content = item.revision
    facts = (
        ("供稿单位", item.department),
        ("作者", content.author),
        ("摄影", content.photographer),
        ("活动日期", str(item.submission.event_date or "")),
        ("摘要", content.digest),
        ("封版指纹", item.publications[-1].seal),
    )
    return _table(("项目", "内容"), [fact for fact in facts if fact[1]])


def _record(item: _Item) -> str:
    names = {row.id: row.target.label for row in item.publications}
    parts = [
        _facts(item),
        "<h2>审核经过</h2>",
        _table(
            ("时间", "办理人", "步骤", "意见", "条款"),
            [(_at(each.at), each.actor, each.action.label, each.comment, each.clause) for each in item.history],
        ),
        "<h2>发布</h2>",
        _table(
            ("平台", "方式", "状态", "时间", "地址"),
            [
                (row.target.label, row.way.label, row.state.label, _at(row.settled_at), row.url or "")
                for row in item.publications
            ],
        ),
        "<h2>接口调用记录</h2><p>保存不少于 60 日（互联网信息服务管理办法），本系统不删除。</p>",
        _table(
            ("时间", "平台", "调用", "结果"),
            [(_at(each.at), names[each.publication_id], each.call, each.outcome.label) for each in item.attempts],
        ),
        "<h2>读回核对</h2>",
        _table(
            ("时间", "平台", "场合", "结论", "不一致之处", "确认"),
            [
                (
                    _at(each.read_at),
                    names[each.publication_id],
                    each.occasion.label,
                    each.verdict.label if each.verdict else "",
                    "；".join(each.said),
                    _acknowledged(item, each),
                )
                for each in item.readings
            ],
        ),
        "<h2>发布后的处置</h2>",
        _table(
            ("提出", "提出人", "处置", "情况", "确认人", "结果"),
            [
                (
                    _at(line.remedy.proposed_at),
                    line.proposed_by,
                    f"{line.remedy.kind.label}（{line.remedy.reason.label}）",
                    line.remedy.facts,
                    line.decided_by,
                    f"{line.remedy.state.label} {_at(line.remedy.done_at)}",
                )
                for line in item.remedies
            ],
        ),
    ]
    return "\n".join(parts)


def _acknowledged(item: _Item, each: ProofRead) -> str:
    if each.acknowledged_at is None:
        return ""
    return f"{item.names.get(each.acknowledged_by_id, '')} {_at(each.acknowledged_at)}：{each.acknowledgement}"


def _at(moment: datetime | None) -> str:
    return f"{moment.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M}" if moment else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = ["".join(f"<td>{escape(each)}</td>" for each in row) for row in rows]
    if not lines:
        return "<p>无。</p>"
    top = "".join(f"<th>{escape(each)}</th>" for each in heads)
    return f"<table><tr>{top}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
