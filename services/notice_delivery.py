"""What leaves the house: notices turned into mails and words of the group robot, sent, and sent again if need be.

It works beside the publishing loop: a mail server that does not answer holds up no publication. A message in doubt
is sent again: a second copy (with the same Message-ID) is better than none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, or_
from sqlmodel import Session, col, select

from models import Notice, NoticeAddress, NoticeChannel, Person, Sending, SendingState
from services import (
    account_reminders,
    consent_retention,
    consents,
    emergencies,
    notices,
    proofs,
    remedies,
    rounds,
    search_texts,
    shortage,
    talks,
)
from services.bootstrap import Runtime
from services.ports import DeliveryError, DeliveryRefused, OutgoingMail
from services.rounds import Seldom
from services.rules.notice_texts import ROBOT_CLOSING, ROBOT_WORDS, path_of
from services.unit_of_work import UnitOfWork

log = structlog.get_logger()

IDLE = 2.0
"""Seconds between two looks."""
REMIND_EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=1)
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""After which a message that was not sent is tried again; then it has failed, and an administrator may resend it."""
BATCH = 100
NOT_REACHED = "连不上服务器，多次重试都没有成功。请检查网络和设置，再点“重发”。"
NO_CHANNEL = "这个渠道现在没有配置，消息没有发出。请补齐设置后再点“重发”。"


def work_until(runtime: Runtime, stopping: threading.Event) -> None:
    """Send what is due, remind who is late, look after the search and erase what was kept long enough, until told to
    stop.
    """
    reminders = Seldom(REMIND_EVERY)

    def look() -> None:
        reminders.do(lambda: _remind_and_tidy(runtime), now=runtime.now())
        send_due(runtime, stop=stopping)

    rounds.until(stopping, look, of="notices", idle=IDLE)


def _remind_and_tidy(runtime: Runtime) -> None:
    remind(runtime)
    _keep_search_whole(runtime)
    _erase_old_consents(runtime)


REMINDERS: tuple[Callable[[UnitOfWork], Sequence[Notice]], ...] = (
    notices.remind,
    account_reminders.remind,
    emergencies.remind,
    talks.remind,
    shortage.warn,
    consents.remind,
    remedies.remind,
    proofs.remind,
)


def remind(runtime: Runtime) -> int:
    """Write the reminders and warnings that are due; how many."""
    written = 0
    for each in REMINDERS:
        # Each on its own: on SQLite everybody who saves something waits meanwhile.
        with runtime.as_system() as work:
            written += len(each(work))
    return written


def _keep_search_whole(runtime: Runtime) -> None:
    """Items of an older release are taken into the search in small steps, beside everything else."""
    with runtime.as_system() as work:
        search_texts.fill(work.session)


def _erase_old_consents(runtime: Runtime) -> None:
    with runtime.reading() as session:
        if not consent_retention.has_due(session, runtime.now()):
            return
    with runtime.as_system() as work:
        consent_retention.erase_due(work, runtime.assets)


def send_due(runtime: Runtime, *, stop: threading.Event | None = None) -> int:
    """Turn new notices into messages and send all that are due; how many were sent."""
    with runtime.reading() as session:
        if not _has_work(session, runtime.now()):
            return 0
    with runtime.as_system() as work:
        _dispatch(work, runtime)
    sent = 0
    while stop is None or not stop.is_set():
        taken = _take(runtime)
        if taken is None:
            break
        sent += _send(runtime, taken)
    return sent


def _has_work(session: Session, now: datetime) -> bool:
    fresh = select(Notice.id).where(col(Notice.dispatched_at).is_(None)).limit(1)
    due = select(Sending.id).where(_is_due(now)).limit(1)
    return session.exec(fresh).first() is not None or session.exec(due).first() is not None


# --- From notices to messages ----------------------------------------------------------------------------


def _dispatch(work: UnitOfWork, runtime: Runtime) -> None:
    fresh = work.session.exec(
        select(Notice)
        .where(col(Notice.dispatched_at).is_(None))
        .order_by(col(Notice.id))
        .limit(BATCH)
        .with_for_update()
    ).all()
    wanting = select(NoticeAddress.person_id).where(col(NoticeAddress.person_id).in_([n.person_id for n in fresh]))
    reachable = set(work.session.exec(wanting)) if runtime.mail else set()
    for notice in fresh:
        notice.dispatched_at = work.now
        if notice.person_id in reachable:
            _queue(work, notice, NoticeChannel.MAIL, key=f"mail-{notice.id}")
        if runtime.robot and notice.kind in ROBOT_WORDS:
            text = f"{ROBOT_WORDS[notice.kind]}{ROBOT_CLOSING}\n{_link(runtime, notice)}"
            _queue(work, notice, NoticeChannel.ROBOT, key=f"robot-{notice.event}", text=text)
    work.session.flush()


def _queue(work: UnitOfWork, notice: Notice, channel: NoticeChannel, *, key: str, text: str = "") -> None:
    # Of an event that concerns several people the group hears once.
    if work.session.exec(select(Sending.id).where(Sending.key == key)).first() is None:
        work.session.add(Sending(key=key, channel=channel, notice_id=notice.id or 0, text=text, run_after=work.now))
        work.session.flush()


def _link(runtime: Runtime, notice: Notice) -> str:
    return f"{runtime.settings.public_url.rstrip('/')}/{path_of(notice.subject_type, notice.subject_id)}"


# --- Sending ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Message:
    """One message in this worker's hands: a mail, or words for the robot."""

    sending_id: int
    channel: NoticeChannel
    tries: int
    mail: OutgoingMail
    words: str


def _is_due(now: datetime) -> ColumnElement[bool]:
    return and_(
        col(Sending.state) == SendingState.WAITING,
        col(Sending.run_after) <= now,
        or_(col(Sending.lease_until).is_(None), col(Sending.lease_until) <= now),
    )


def _take(runtime: Runtime) -> Message | None:
    with runtime.as_system() as work:
        row = work.session.exec(
            select(Sending)
            .where(_is_due(work.now))
            .order_by(col(Sending.run_after), col(Sending.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is None:
            return None
        row.lease_until, row.tries = work.now + LEASE, row.tries + 1
        notice = work.session.get_one(Notice, row.notice_id)
        address = work.session.get(NoticeAddress, notice.person_id)
        name = work.session.get_one(Person, notice.person_id).name
        text = (
            f"{name}：\n\n{notice.title}\n{notice.body}\n\n打开：{_link(runtime, notice)}\n\n微审台自动发送，请勿回复。"
        )
        return Message(
            sending_id=row.id or 0,
            channel=row.channel,
            tries=row.tries,
            mail=OutgoingMail(
                to=address.mail if address else "", subject=f"【微审台】{notice.title}", text=text, key=row.key
            ),
            words=row.text,
        )


def _send(runtime: Runtime, message: Message) -> bool:
    try:
        if not _deliver(runtime, message):
            _settle(runtime, message, SendingState.FAILED, failure=NO_CHANNEL)
            return False
    except DeliveryRefused as fault:
        _settle(runtime, message, SendingState.FAILED, failure=fault.sentence, raw=fault.detail)
    except DeliveryError as fault:
        _postpone(runtime, message, fault)
    else:
        _settle(runtime, message, SendingState.SENT)
        return True
    return False


def _deliver(runtime: Runtime, message: Message) -> bool:
    """Whether there was a door to hand the message to."""
    if message.channel is NoticeChannel.ROBOT and runtime.robot:
        runtime.robot.say(message.words)
        return True
    if message.channel is NoticeChannel.MAIL and runtime.mail and message.mail.to:
        runtime.mail.send(message.mail)
        return True
    return False


def _postpone(runtime: Runtime, message: Message, fault: DeliveryError) -> None:
    if message.tries > len(PAUSES):
        _settle(runtime, message, SendingState.FAILED, failure=NOT_REACHED, raw=fault.detail)
        return
    with runtime.as_system() as work:
        row = work.session.get_one(Sending, message.sending_id)
        row.lease_until, row.run_after = None, work.now + PAUSES[message.tries - 1]
        row.failure_raw = fault.detail


def _settle(runtime: Runtime, message: Message, state: SendingState, *, failure: str = "", raw: str = "") -> None:
    with runtime.as_system() as work:
        row = work.session.get_one(Sending, message.sending_id)
        row.state, row.lease_until, row.settled_at = state, None, work.now
        row.failure, row.failure_raw = failure, raw
    log.info("notice.settled", sending=message.sending_id, channel=message.channel.value, state=state.value)
