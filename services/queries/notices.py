"""Reads about notices: each person's own, and for the administrator what became of mails and the robot's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from models import Notice, NoticeAddress, NoticeChannel, NoticeKind, Person, Sending, SendingState, Submission
from services.errors import NotAllowed
from services.queries.standings import visible_to
from services.rules.permissions import Actor, Capability

PAGE_SIZE = 20
MOST_SENDINGS = 50


@dataclass(frozen=True)
class NoticeLine:
    """One notice of the person's own, in the words it was sent in. `now_called` is the title of its item where it has
    another by now, for whoever may know of it.
    """

    id: int
    kind: NoticeKind
    title: str
    body: str
    subject_type: str
    subject_id: int
    made_at: datetime
    is_new: bool
    now_called: str = ""


def count_new(session: Session, actor: Actor) -> int:
    """How many notices the person has not read: the number at the bell."""
    unread = select(func.count()).select_from(Notice).where(Notice.person_id == actor.id, col(Notice.read_at).is_(None))
    return session.exec(unread).one()


def count(session: Session, actor: Actor) -> int:
    """How many notices the person has."""
    return session.exec(select(func.count()).select_from(Notice).where(Notice.person_id == actor.id)).one()


def of_person(session: Session, actor: Actor, *, page: int = 1) -> Sequence[NoticeLine]:
    """One page of the person's own notices, newest first."""
    rows = session.exec(
        select(Notice)
        .where(Notice.person_id == actor.id)
        .order_by(col(Notice.id).desc())
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    ).all()
    titles = _titles_of_items(session, actor, rows)
    return [
        NoticeLine(
            id=each.id or 0,
            kind=each.kind,
            title=each.title,
            body=each.body,
            subject_type=each.subject_type,
            subject_id=each.subject_id,
            made_at=each.made_at,
            is_new=each.read_at is None,
            now_called=_another_title(each, titles),
        )
        for each in rows
    ]


def _titles_of_items(session: Session, actor: Actor, rows: Sequence[Notice]) -> dict[int, str]:
    """By item, the present title of those that are spoken of and that the person may know of."""
    spoken_of = {each.subject_id for each in rows if each.subject_type == "submission"}
    if not spoken_of:
        return {}
    wanted = select(Submission.id, Submission.title).where(col(Submission.id).in_(spoken_of), visible_to(actor))
    return {id_ or 0: title for id_, title in session.exec(wanted)}


def _another_title(notice: Notice, titles: Mapping[int, str]) -> str:
    title = titles.get(notice.subject_id, "") if notice.subject_type == "submission" else ""
    return title if "《" in notice.title and f"《{title}》" not in notice.title else ""


def pages_of(total: int) -> int:
    """How many pages a list of so many notices has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def mail_of(session: Session, actor: Actor) -> str:
    """Where the person wants mail; empty for nowhere."""
    row = session.get(NoticeAddress, actor.id) if actor.id is not None else None
    return row.mail if row else ""


@dataclass(frozen=True)
class SendingLine:
    """One message that left the house or should have; whom it was for, never what it said."""

    id: int
    channel: NoticeChannel
    kind: NoticeKind
    person: str
    state: SendingState
    tries: int
    made_at: datetime
    failure: str
    detail: str


def sendings(session: Session, actor: Actor, *, failed_only: bool = False) -> Sequence[SendingLine]:
    """The latest messages, failures first. Raises `NotAllowed` for all but administrators."""
    if not actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以查看发送记录。")
    statement = (
        select(Sending, Notice, Person.name)
        .join(Notice, col(Notice.id) == col(Sending.notice_id))
        .join(Person, col(Person.id) == col(Notice.person_id))
        .order_by(col(Sending.state) != SendingState.FAILED, col(Sending.id).desc())
        .limit(MOST_SENDINGS)
    )
    if failed_only:
        statement = statement.where(Sending.state == SendingState.FAILED)
    return [
        SendingLine(
            id=row.id or 0,
            channel=row.channel,
            kind=notice.kind,
            person=name if row.channel is NoticeChannel.MAIL else "工作群",
            state=row.state,
            tries=row.tries,
            made_at=notice.made_at,
            failure=row.failure,
            detail=row.failure_raw,
        )
        for row, notice, name in session.exec(statement)
    ]
