"""What became of a department's last items: what its reviewer sees beside the next one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from models import Action, ReviewDecision, Submission, SubmissionState
from services.queries.standings import visible_to
from services.rules.permissions import Actor

SHOWN = 5


@dataclass(frozen=True)
class SentBack:
    """One return or refusal of an item, in its reviewer's words."""

    action: Action
    at: datetime
    clause: str
    comment: str


@dataclass(frozen=True)
class RecordLine:
    """One earlier item with its outcome, and why it was sent back on the way, newest first."""

    id: int
    title: str
    state: SubmissionState
    submitted_at: datetime
    sent_back: tuple[SentBack, ...]


def before(session: Session, actor: Actor, submission: Submission) -> Sequence[RecordLine]:
    """The last items the department of this one handed in, newest first, as far as the person may know of them."""
    statement: Any = (
        select(Submission.id, Submission.title, Submission.state, Submission.submitted_at)
        .where(
            col(Submission.department_id) == submission.department_id,
            col(Submission.submitted_at).is_not(None),
            col(Submission.id) != submission.id,
            visible_to(actor),
        )
        .order_by(col(Submission.submitted_at).desc(), col(Submission.id).desc())
        .limit(SHOWN)
    )
    rows = session.exec(statement).all()
    sent_back = _sent_back(session, [each[0] for each in rows])
    return [
        RecordLine(id_, title, state, submitted_at, tuple(sent_back[id_])) for id_, title, state, submitted_at in rows
    ]


def _sent_back(session: Session, submission_ids: Sequence[int]) -> dict[int, list[SentBack]]:
    decisions = session.exec(
        select(ReviewDecision)
        .where(
            col(ReviewDecision.submission_id).in_(submission_ids),
            col(ReviewDecision.action).in_((Action.RETURN, Action.REJECT)),
        )
        .order_by(col(ReviewDecision.id).desc())
    )
    found: defaultdict[int, list[SentBack]] = defaultdict(list)
    for each in decisions:
        found[each.submission_id].append(SentBack(each.action, each.at, each.clause, each.comment))
    return found
