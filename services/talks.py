"""约谈: what goes back for the third time needs a talk with its author, not another click (rule 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from models import Action, AuditAction, Notice, NoticeKind, ReturnTalk, ReviewDecision, Submission, SubmissionState
from services import audit, notices, working_calendar
from services.errors import InvalidInput, NotAllowed, NotFound, StaleState, TalkRequired
from services.queries import standings
from services.rules.notice_texts import in_office_hours, reminder_due
from services.rules.office_time import office_day
from services.rules.permissions import Capability, may_enter_talk, may_see
from services.unit_of_work import UnitOfWork

ASKED_FROM = 3
"""The return from which on a talk is asked for."""

LONGEST = 120  # characters of who talked


@dataclass(frozen=True)
class Talk:
    """Who talked with whom, and on which day."""

    who: str
    held_on: date | None


PUT_OFF = Talk(who="", held_on=None)
"""Said explicitly: the item goes back now, the talk is still to come."""

PUT_OFF_FOR = timedelta(days=2)
"""The working time in which a talk that was put off should be held."""

REMINDED_FOR = timedelta(days=60)
"""After which nobody is reminded any more: those above were told long ago."""

WITHOUT_SEQUEL = (SubmissionState.REJECTED, SubmissionState.WITHDRAWN)
"""States of an item that nobody will mend: its talk is nobody's debt."""


def returns_of(session: Session, submission_id: int) -> int:
    """How often an item was sent back so far."""
    returned = (ReviewDecision.submission_id == submission_id, col(ReviewDecision.action) == Action.RETURN)
    return session.exec(select(func.count()).select_from(ReviewDecision).where(*returned)).one()


def is_asked(session: Session, submission_id: int) -> bool:
    """Whether the next return asks for a talk."""
    return returns_of(session, submission_id) + 1 >= ASKED_FROM


def keep(work: UnitOfWork, submission: Submission, talk: Talk | None) -> None:
    """Write down the talk before a return that asks for one; nothing before the others.

    Raises `TalkRequired` where nobody said anything of it, and `InvalidInput`.
    """
    before = returns_of(work.session, submission.id or 0)
    if before + 1 < ASKED_FROM:
        return
    if talk is None:
        raise TalkRequired(
            f"这篇稿件已经退回过 {before} 次。再退回之前，请先与作者当面或电话谈一次，写明谁和谁谈的、哪天谈的；"
            "来不及谈的，请勾选“先退回，稍后再谈”。"
        )
    if talk != PUT_OFF:
        _refuse_incomplete(talk, office_day(work.now))
    work.session.add(
        ReturnTalk(
            submission_id=submission.id or 0,
            review_round=submission.review_round,
            who=talk.who.strip(),
            held_on=talk.held_on,
            entered_by_id=work.person_id,
            entered_at=work.now,
        )
    )


def _refuse_incomplete(talk: Talk, today: date) -> None:
    if not talk.who.strip() or len(talk.who.strip()) > LONGEST:
        raise InvalidInput(f"请写明谁和谁谈的，不超过 {LONGEST} 字。", field="who")
    if talk.held_on is None or talk.held_on > today:
        raise InvalidInput("请填写哪天谈的，不能晚于今天。", field="held_on")


# --- What was put off ------------------------------------------------------------------------------------


def enter(work: UnitOfWork, *, talk_id: int, talk: Talk) -> None:
    """Write down a talk that was put off, once it was held.

    Raises `NotFound`, `NotAllowed`, `StaleState` where it was written down before, and `InvalidInput`: it was held
    between the return and today.
    """
    row = work.session.get(ReturnTalk, talk_id)
    submission = work.session.get(Submission, row.submission_id) if row else None
    standing = standings.standing(work.session, submission) if submission else None
    if row is None or standing is None or not may_see(work.actor, standing):
        raise NotFound("没有找到这次约谈：请从列表重新打开稿件。")
    if not may_enter_talk(work.actor, standing, row.entered_by_id):
        raise NotAllowed("约谈由当时退回的人或终审人补记。")
    _refuse_incomplete(talk, office_day(work.now))
    if talk.held_on is not None and talk.held_on < office_day(row.entered_at):
        raise InvalidInput(f"约谈是退回之后谈的，日期不能早于 {office_day(row.entered_at)}。", field="held_on")
    open_still = (col(ReturnTalk.id) == talk_id, col(ReturnTalk.held_on).is_(None))
    values = {"who": talk.who.strip(), "held_on": talk.held_on}
    if work.session.execute(update(ReturnTalk).where(*open_still).values(**values)).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise StaleState("这次约谈刚刚已经补记，请刷新页面查看。")
    details = {"who": talk.who.strip(), "day": f"{talk.held_on}"}
    audit.record(work, AuditAction.TALK_ENTERED, "submission", row.submission_id, details)


def remind(work: UnitOfWork) -> list[Notice]:
    """Remind whoever put a talk off, at half of its time and at its end, then tell the approvers, once."""
    calendar = working_calendar.calendar_of(work.session, office_day(work.now))
    if not in_office_hours(calendar, work.now):
        return []
    put_off = (
        col(ReturnTalk.held_on).is_(None),
        col(ReturnTalk.entered_at) > work.now - REMINDED_FOR,
        col(Submission.state).not_in(WITHOUT_SEQUEL),
    )
    owed = select(ReturnTalk, Submission).join(Submission, col(Submission.id) == col(ReturnTalk.submission_id))
    written: list[Notice] = []
    for row, item in work.session.exec(owed.where(*put_off).order_by(col(ReturnTalk.id))).all():
        due = reminder_due(calendar, row.entered_at, work.now, limit=PUT_OFF_FOR)
        if due is None:
            continue
        number, kind, words = due
        is_late = kind is NoticeKind.ESCALATION
        approvers = [each.id for each in notices.holding(work, Capability.APPROVE)] if is_late else []
        written += notices.tell(
            work,
            [*approvers, row.entered_by_id],
            kind,
            event=f"talk:{row.id}:{number}",
            subject=("submission", item.id or 0),
            title=f"《{item.title}》退回时说好稍后约谈作者：{words}",
            body="谈过后，请在稿件页“补记约谈”里写明谁和谁谈的、哪天谈的。",
        )
    return written
