"""Reads about the review checklist, ready to draw and to print: who answered what, on which revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import CheckAnswer, CheckVerdict, Person, SubmissionState
from services.rules.permissions import signature_of


@dataclass(frozen=True)
class AnswerLine:
    """One answer as it is shown; a deputy's as X 代 Y."""

    review_round: int
    stage: SubmissionState
    item: str
    verdict: CheckVerdict
    note: str
    by: str
    at: datetime
    revision_id: int


def answers(session: Session, submission_id: int) -> list[AnswerLine]:
    """Every answer given for an item, oldest first; callers know that the reader may see the item."""
    principal = aliased(Person)
    rows = session.exec(
        select(CheckAnswer, Person.name, principal.name)
        .join(Person, col(Person.id) == col(CheckAnswer.answered_by_id))
        .join(principal, col(principal.id) == col(CheckAnswer.for_id), isouter=True)
        .where(CheckAnswer.submission_id == submission_id)
        .order_by(col(CheckAnswer.review_round), col(CheckAnswer.id))
    )
    return [
        AnswerLine(
            review_round=each.review_round,
            stage=each.stage,
            item=each.item,
            verdict=each.verdict,
            note=each.note,
            by=signature_of(name, of),
            at=each.answered_at,
            revision_id=each.revision_id,
        )
        for each, name, of in rows
    ]


def latest(given: list[AnswerLine]) -> dict[tuple[int, SubmissionState, str], AnswerLine]:
    """Of several answers to one item in one stage of one round, the one that counts."""
    return {(each.review_round, each.stage, each.item): each for each in given}
