"""Why items of a department came back lately: what its next author should know before writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from models import Action, ReviewDecision, Submission
from services.rules.permissions import Actor

SHOWN = 3


@dataclass(frozen=True)
class ReturnReason:
    """One return: when, by which clause, with which words. Whose item it was is nobody's business here."""

    at: datetime
    clause: str
    comment: str


def of_department(session: Session, actor: Actor) -> Sequence[ReturnReason]:
    """The last three returns of the person's own department, newest first."""
    rows = session.exec(
        select(ReviewDecision.at, ReviewDecision.clause, ReviewDecision.comment)
        .join(Submission, col(Submission.id) == col(ReviewDecision.submission_id))
        .where(
            col(ReviewDecision.action) == Action.RETURN,
            col(Submission.department_id) == actor.department_id,
        )
        .order_by(col(ReviewDecision.at).desc(), col(ReviewDecision.id).desc())
        .limit(SHOWN)
    )
    return [ReturnReason(*row) for row in rows]
