"""通知: one row for each person concerned, written in the transaction of what it reports.

Nobody is told of their own act, nobody twice of the same event. What leaves the house is the worker's
(`services/notice_delivery.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlmodel import col, select

from models import (
    REVIEW_STAGES,
    Action,
    AuditAction,
    Destination,
    Notice,
    NoticeAddress,
    NoticeKind,
    OfficialAccount,
    Person,
    Publication,
    PublishingStop,
    ReviewDecision,
    Role,
    Sending,
    SendingState,
    Submission,
    SubmissionState,
    Violation,
    ViolationAction,
    ViolationPerson,
    Vocabulary,
)
from services import audit, stage_clocks, working_calendar
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.queries import people, remarks, standings
from services.queries.clocks import clocks_of
from services.rules.notice_texts import ALARMING, ESCALATES_TO, reminder_due
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability, signature_of
from services.unit_of_work import UnitOfWork

MAIL = re.compile(r"[^@\s<>,;\"'\\]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
Subject = tuple[str, int]


def tell(
    work: UnitOfWork,
    person_ids: Iterable[int | None],
    kind: NoticeKind,
    *,
    event: str,
    subject: Subject,
    title: str,
    body: str = "",
) -> list[Notice]:
    """Write a notice to each of these people, leaving out whoever acts, whoever was disabled and whoever was told."""
    wanted = {each for each in person_ids if each is not None and each != work.actor.id}
    told = set(work.session.exec(select(Notice.person_id).where(Notice.event == event)))
    active = work.session.exec(
        select(Person.id).where(col(Person.id).in_(wanted - told), col(Person.active)).order_by(col(Person.id))
    ).all()
    written = [
        Notice(
            event=event,
            person_id=person_id or 0,
            kind=kind,
            subject_type=subject[0],
            subject_id=subject[1],
            title=title,
            body=body.strip(),
            made_at=work.now,
        )
        for person_id in active
    ]
    work.session.add_all(written)
    work.session.flush()
    return written


# --- What happened to a submission -----------------------------------------------------------------------

REMARKS_IN_FULL = 5

TO_AUTHOR: dict[Action, tuple[NoticeKind, str]] = {
    Action.RETURN: (NoticeKind.RETURNED, "退回修改"),
    Action.REJECT: (NoticeKind.REJECTED, "不予采用"),
    Action.WITHDRAW: (NoticeKind.WITHDRAWN, "已由宣传部撤回"),
    Action.ADJUST: (NoticeKind.ADJUSTED, "内容有调整，请到稿件页查看改动"),
    Action.RAISE: (NoticeKind.ADJUSTED, "审核级别已提高"),
    Action.RELEASE: (NoticeKind.PUBLISHED, "已发布"),
}


def about_step(work: UnitOfWork, submission: Submission, decision: ReviewDecision) -> None:
    """Tell those whom a step of a submission concerns: who decides next, its author, the publishers."""
    work.session.flush()
    item = f"《{submission.title}》"
    event = f"decision:{decision.id}"
    said = _said(work, decision)
    subject = ("submission", submission.id or 0)
    author = [submission.contributor_id]
    if decision.action in TO_AUTHOR:
        kind, words = TO_AUTHOR[decision.action]
        body = f"{said}{_remarks(work, decision)}"
        tell(work, author, kind, event=f"{event}:author", subject=subject, title=f"{item}{words}", body=body)
    if submission.state in REVIEW_STAGES and decision.action is not Action.RAISE:
        urgent = "【紧急】" if submission.is_emergency else ""
        title = f"{urgent}{item}等您办理：{submission.state.label}"
        waiting = _who_carries_on(work, submission)
        tell(work, waiting, NoticeKind.WAITING, event=event, subject=subject, title=title, body=said)
        if not waiting:
            nobody(work, submission, submission.state, event=event)
    if submission.state is SubmissionState.APPROVED:
        words = f"{item}终审通过"
        tell(work, author, NoticeKind.APPROVED, event=f"{event}:author", subject=subject, title=words, body=said)
        publishers = _who_carries_on(work, submission)
        title = f"{words}，等待发布"
        tell(work, publishers, NoticeKind.TO_PUBLISH, event=event, subject=subject, title=title)


def _said(work: UnitOfWork, decision: ReviewDecision) -> str:
    """Who decided, with which words and by which clause: a message without its reason is half a message."""
    if decision.actor_id is None or decision.action is Action.SUBMIT:
        return ""
    names = people.names(work.session)
    by = signature_of(names[decision.actor_id], names[decision.for_id] if decision.for_id else None)
    clause = f"（制度 {decision.clause}）" if decision.clause else ""
    words = f"：{decision.comment}" if decision.comment else ""
    return f"{by} {decision.action.label}{clause}{words}"


def _remarks(work: UnitOfWork, decision: ReviewDecision) -> str:
    """What a return carries: the remarks nobody has settled, the first of them in full."""
    if decision.action is not Action.RETURN:
        return ""
    waiting = remarks.open_of(work.session, decision.submission_id)
    if not waiting:
        return ""
    shown = [f"“{each.quote}”：{each.text}" for each in waiting[:REMARKS_IN_FULL]]
    more = ["其余请到稿件页查看。"] if len(waiting) > len(shown) else []
    return "\n".join([f"\n批注 {len(waiting)} 处：", *shown, *more])


def _who_carries_on(work: UnitOfWork, submission: Submission) -> list[int | None]:
    standing = standings.standing(work.session, submission)
    deciders = people.actors(work.session, standings.DECIDING_ROLES, office_day(work.now))
    return [each.id for each in deciders if standings.carries_on(each, standing)]


def nobody(work: UnitOfWork, submission: Submission, stage: Vocabulary, *, event: str) -> list[Notice]:
    """Tell the administrators and the head of the office that nobody may decide a stage of an item."""
    subject = ("submission", submission.id or 0)
    return nobody_decides(work, f"《{submission.title}》", stage, event=event, subject=subject)


def nobody_decides(work: UnitOfWork, what: str, stage: Vocabulary, *, event: str, subject: Subject) -> list[Notice]:
    """The same of whatever passes stages; `what` is how it is called."""
    return tell(
        work,
        [each.id for each in holding(work, Capability.ADMINISTER, Capability.APPROVE)],
        NoticeKind.SHORTAGE,
        event=f"nobody:{event}",
        subject=subject,
        title=f"{what}的“{stage.label}”没有人可以办理",
        body="请让一位有权办理的同志委托代办，或由系统管理员再指定一位办理人。",
    )


def holding(work: UnitOfWork, *capabilities: Capability) -> list[Actor]:
    """Everybody who holds one of these capabilities today, in their own right."""
    everybody = people.actors(work.session, list(Role), office_day(work.now))
    return [each for each in everybody if any(each.may(capability) for capability in capabilities)]


# --- What happened to a publication or a case ------------------------------------------------------------


def about_publication(work: UnitOfWork, row: Publication) -> None:
    """Tell the publishers what the machine cannot finish, with the reason."""
    if row.state not in ALARMING:
        return
    submission = work.session.get_one(Submission, row.submission_id)
    everybody = people.actors(work.session, standings.DECIDING_ROLES, office_day(work.now))
    publishers = [each.id for each in everybody if each.reaches(Capability.PUBLISH)]
    tell(
        work,
        publishers,
        NoticeKind.DELIVERY,
        event=f"publication:{row.id}:{row.state.value}:{work.now.isoformat()}",
        subject=("submission", row.submission_id),
        title=f"《{submission.title}》在{_place(work, row)}：{row.state.label}",
        body=row.failure,
    )


def _place(work: UnitOfWork, row: Publication) -> str:
    return work.session.get_one(Destination, row.destination_id).name if row.destination_id else row.target.label


def about_stop(work: UnitOfWork, row: PublishingStop) -> None:
    """Tell publishers and administrators, once, that an account's publications are held back, and what to do."""
    account = work.session.get_one(OfficialAccount, row.account_id)
    concerned = f"“{row.way.label}”" if row.way else "发布"
    tell(
        work,
        [each.id for each in holding(work, Capability.PUBLISH, Capability.ADMINISTER)],
        NoticeKind.DELIVERY,
        event=f"stop:{row.id}",
        subject=("account", account.id or 0),
        title=f"公众号“{account.name}”的{concerned}已暂停",
        body=row.reason,
    )


def about_published(
    work: UnitOfWork,
    kind: NoticeKind,
    capabilities: tuple[Capability, ...],
    *,
    event: str,
    submission_id: int,
    title: str,
    body: str = "",
    also: Iterable[int | None] = (),
) -> list[Notice]:
    """Tell whoever holds one of these, themselves or for somebody, of something about an item that is out."""
    everybody = people.actors(work.session, list(Role), office_day(work.now))
    able = [each.id for each in everybody if any(each.reaches(capability) for capability in capabilities)]
    subject = ("submission", submission_id)
    return tell(work, [*able, *also], kind, event=event, subject=subject, title=title, body=body)


def about_unqueued_emergency(work: UnitOfWork, submission_id: int, why: str) -> None:
    """Tell the publishers, once, that what was approved in an emergency could not be queued by itself."""
    submission = work.session.get_one(Submission, submission_id)
    tell(
        work,
        [each.id for each in holding(work, Capability.PUBLISH)],
        NoticeKind.DELIVERY,
        event=f"unqueued:{submission_id}:{submission.version}",
        subject=("submission", submission_id),
        title=f"紧急稿件《{submission.title}》没有能自动排入发布，请立即处理",
        body=why,
    )


def about_case(work: UnitOfWork, violation: Violation, action: ViolationAction, comment: str) -> None:
    """Tell whom a step of a case concerns: those it names, the head of the department, who recorded it, who decides."""
    named = work.session.exec(
        select(ViolationPerson.person_id).where(ViolationPerson.violation_id == violation.id)
    ).all()
    heads = [each.id for each in holding(work, Capability.SIGN_OFF) if each.department_id == violation.department_id]
    deciders = [
        each.id for each in holding(work, Capability.DECIDE_VIOLATIONS) if each.department_id != violation.department_id
    ]
    tell(
        work,
        [*named, *heads, *deciders, violation.recorded_by_id],
        NoticeKind.VIOLATION,
        event=f"violation:{violation.id}:{violation.version}:{action.value}",
        subject=("violation", violation.id or 0),
        title=f"违规“{violation.kind.label}”：{action.label}",
        body=comment,
    )


# --- Reminders -------------------------------------------------------------------------------------------


def remind(work: UnitOfWork) -> list[Notice]:
    """Remind those who have not decided: at half of the stage's limit and at its end, then tell those above, once."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    stage_clocks.wind_missing(work.session, calendar)
    near = (col(Submission.state).in_(REVIEW_STAGES), col(Submission.near_at) <= work.now)
    clocks = clocks_of(work.session)
    written: list[Notice] = []
    for item in work.session.exec(select(Submission).where(*near)):
        due = reminder_due(calendar, item.stage_entered_at, work.now, limit=clocks.stage_limit(item.state))
        if due is not None:
            number, kind, words = due
            above = kind is NoticeKind.ESCALATION
            whom = _above(work, item) if above else _who_carries_on(work, item)
            written += tell(
                work,
                whom,
                kind,
                event=f"reminder:{item.id}:{item.stage_entered_at.isoformat()}:{number}",
                subject=("submission", item.id or 0),
                title=f"《{item.title}》{item.state.label}{words}",
            )
    return written


def _above(work: UnitOfWork, item: Submission) -> list[int | None]:
    return [each.id for each in holding(work, ESCALATES_TO[item.state])]


# --- A person's own --------------------------------------------------------------------------------------


def mark_read(work: UnitOfWork, *, notice_id: int | None = None) -> int:
    """Mark one notice of the person as read, or all of them; how many were new."""
    unread = [col(Notice.person_id) == work.person_id, col(Notice.read_at).is_(None)]
    if notice_id is not None:
        unread.append(col(Notice.id) == notice_id)
    marked = work.session.execute(update(Notice).where(*unread).values(read_at=work.now))
    return int(marked.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result has it


def settle_before(work: UnitOfWork, moment: datetime) -> None:
    """Take everything older as read and sent: a past that was entered in one go tells nobody anything."""
    old = (col(Notice.made_at) < moment, col(Notice.read_at).is_(None))
    work.session.execute(update(Notice).where(*old).values(read_at=Notice.made_at, dispatched_at=Notice.made_at))


def receive_mail_at(work: UnitOfWork, *, mail: str) -> None:
    """Where the person wants mail; an empty address means none. Raises `InvalidInput`."""
    given = mail.strip()
    if given and not MAIL.fullmatch(given):
        raise InvalidInput("邮箱地址不完整，请写成 name@school.edu.cn 的样子。", field="mail")
    row = work.session.get(NoticeAddress, work.person_id)
    if (row.mail if row else "") == given:
        return
    if row is not None and not given:
        work.session.delete(row)
    elif row is not None:
        row.mail = given
    else:
        work.session.add(NoticeAddress(person_id=work.person_id, mail=given))
    work.session.flush()
    audit.record(work, AuditAction.NOTICE_ADDRESS_CHANGED, "person", work.person_id, {"receives": bool(given)})


def resend(work: UnitOfWork, *, sending_id: int) -> Sending:
    """Send again what failed, by an administrator. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    if not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以重发通知。")
    row = work.session.get(Sending, sending_id, with_for_update=True)
    if row is None:
        raise NotFound("没有找到这条发送记录，请刷新页面。")
    if row.state is not SendingState.FAILED:
        raise WrongState(f"这条通知现在是“{row.state.label}”，不需要重发。")
    row.state, row.tries, row.run_after = SendingState.WAITING, 0, work.now
    row.failure = row.failure_raw = ""
    row.settled_at = None
    work.session.flush()
    audit.record(work, AuditAction.NOTICE_RESENT, "notice", row.notice_id, {"channel": row.channel.value})
    return row
