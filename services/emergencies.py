"""紧急快速通道: who may open it, each use of it, and the full review it owes. The only writer of both tables.

The steps themselves are taken in `services/submissions.py`, like every step of an item.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from sqlmodel import col, select

from models import (
    Action,
    AfterReview,
    AuditAction,
    Emergency,
    EmergencyPerson,
    EmergencyReason,
    Notice,
    NoticeKind,
    Person,
    Submission,
)
from services import audit, notices
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired
from services.queries import emergencies as reads
from services.queries import standings
from services.rules.permissions import KEEPS_ROUTES, SEES_DEBTS, SETTLES, Capability
from services.rules.workflow import available
from services.unit_of_work import UnitOfWork

REVIEW_WITHIN = timedelta(hours=24)
"""Day and night, weekends too: the full review after an emergency publication (domain 3.1)."""

NOBODY_NAMED = "只有系统管理员和终审人可以修改紧急通道名单。"


# --- The list --------------------------------------------------------------------------------------------


def list_person(work: UnitOfWork, *, person_id: int) -> None:
    """Let somebody bring items into the channel. Raises `NotAllowed`, `NotFound`, `InvalidInput`."""
    _refuse_others(work)
    person = work.session.get(Person, person_id)
    if person is None or not person.active:
        raise NotFound("没有找到这位同志，或其账号已停用：请刷新页面。")
    if work.session.get(EmergencyPerson, person_id) is not None:
        raise InvalidInput(f"{person.name}已在名单上。", field="person")
    work.session.add(EmergencyPerson(person_id=person_id, added_by_id=work.actor.id, added_at=work.now))
    audit.record(work, AuditAction.EMERGENCY_LISTED, "person", person_id, {"name": person.name})


def unlist_person(work: UnitOfWork, *, person_id: int) -> None:
    """Take somebody off the list; what they opened goes on. Raises `NotAllowed`, `NotFound`."""
    _refuse_others(work)
    row = work.session.get(EmergencyPerson, person_id, with_for_update=True)
    if row is None:
        raise NotFound("这位同志不在名单上，可能刚被移出：请刷新页面。")
    work.session.delete(row)
    audit.record(work, AuditAction.EMERGENCY_UNLISTED, "person", person_id)


def _refuse_others(work: UnitOfWork) -> None:
    if work.actor.id is not None and not any(work.actor.may(each) for each in KEEPS_ROUTES):
        raise NotAllowed(NOBODY_NAMED)


# --- One use of it ---------------------------------------------------------------------------------------


def begin(
    work: UnitOfWork, submission: Submission, *, reason: EmergencyReason, words: str, owed_to_leader: bool
) -> Emergency:
    """Record why an item goes through the channel. Raises `ReasonRequired`."""
    if not words.strip():
        raise ReasonRequired("请写明是什么情况、谁要求、为什么不能按正常流程审核；补审时要核对。")
    row = Emergency(
        submission_id=submission.id or 0,
        review_round=submission.review_round,
        reason=reason,
        words=words.strip(),
        opened_by_id=work.person_id,
        opened_at=work.now,
        owed_to_leader=owed_to_leader,
    )
    submission.is_emergency = True
    work.session.add(row)
    work.session.flush()
    return row


def owe(work: UnitOfWork, submission: Submission) -> Emergency:
    """The item was approved in the channel: from now on its full review is owed, and those who may give it hear."""
    row = reads.of_round(work.session, submission)
    if row is None:
        raise RuntimeError(f"submission {submission.id} is an emergency without a record")
    row.approved_at = work.now
    row.due_at = work.now + REVIEW_WITHIN
    row.owed_to_leader = row.owed_to_leader and not work.actor.may(Capability.APPROVE_AS_LEADER)
    work.session.add(row)
    work.session.flush()
    facts = standings.standing(work.session, submission)
    able = [
        each.id
        for each in notices.holding(work, *SETTLES[facts.debt])
        if any(step.action is Action.SETTLE for step in available(each, facts))
    ]
    _tell(
        work,
        row,
        submission,
        able,
        NoticeKind.WAITING,
        event="owed",
        title=f"紧急稿件《{submission.title}》已签发，24 小时内须补审",
    )
    return row


def settle(work: UnitOfWork, submission: Submission, *, verdict: AfterReview, found: str) -> Emergency:
    """The full review was given. The caller has asked the workflow who may. Raises `ReasonRequired`, `NotFound`."""
    if not found.strip():
        raise ReasonRequired("请写明补审核对了什么、结论如何。")
    row = reads.of_round(work.session, submission)
    if row is None or row.settled_at is not None:
        raise NotFound("这篇稿件没有要补的审核，可能刚被别人办完：请刷新页面。")
    row.settled_at, row.settled_by_id = work.now, work.person_id
    row.verdict, row.found = verdict, found.strip()
    work.session.add(row)
    work.session.flush()
    if verdict is AfterReview.FAULTY:
        _tell(
            work,
            row,
            submission,
            _above(work),
            NoticeKind.ESCALATION,
            event="faulty",
            title=f"紧急稿件《{submission.title}》补审发现问题",
            body=row.found,
        )
    return row


def supersede(work: UnitOfWork, submission: Submission) -> None:
    """What went out was taken down and goes through the ordinary review, which is the full one: nothing is owed."""
    row = reads.of_round(work.session, submission)
    if row is not None and row.settled_at is None:
        row.settled_at, row.verdict = work.now, AfterReview.FAULTY
        row.found = "已撤下，按正常流程重新审核。"
        work.session.add(row)
        work.session.flush()


# --- Reminders -------------------------------------------------------------------------------------------


def remind(work: UnitOfWork) -> list[Notice]:
    """Tell approvers, oversight and leaders, once, of each full review that is overdue. At any hour."""
    overdue = work.session.exec(
        select(Emergency, Submission)
        .join(Submission, col(Submission.id) == col(Emergency.submission_id))
        .where(col(Emergency.settled_at).is_(None), col(Emergency.due_at) <= work.now)
        .order_by(col(Emergency.id))
    ).all()
    written: list[Notice] = []
    for row, submission in overdue:
        written += _tell(
            work,
            row,
            submission,
            _above(work),
            NoticeKind.ESCALATION,
            event="overdue",
            title=f"紧急稿件《{submission.title}》发出已过 24 小时，仍未补审",
        )
    return written


def _above(work: UnitOfWork) -> list[int | None]:
    return [each.id for each in notices.holding(work, *SEES_DEBTS)]


def _tell(
    work: UnitOfWork,
    row: Emergency,
    submission: Submission,
    whom: Iterable[int | None],
    kind: NoticeKind,
    *,
    event: str,
    title: str,
    body: str = "",
) -> list[Notice]:
    return notices.tell(
        work,
        whom,
        kind,
        event=f"emergency:{row.id}:{event}",
        subject=("submission", submission.id or 0),
        title=title,
        body=body or f"{row.reason.label}：{row.words}",
    )
