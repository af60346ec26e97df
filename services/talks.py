"""约谈: what goes back for the third time needs a talk with its author, not another click (rule 3.1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func
from sqlmodel import Session, col, select

from models import Action, ReturnTalk, ReviewDecision, Submission
from services.errors import InvalidInput, TalkRequired
from services.rules.office_time import office_day
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
