"""The route of an item as steps: what is signed and by whom, where it stands, what is still ahead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import Person, ReviewDecision, Submission, SubmissionState
from services.rules.permissions import signature_of
from services.rules.workflow import SIGNATURES


@dataclass(frozen=True)
class RouteStep:
    """One stage of the present round. `signed_by` and `signed_at` are there once it is signed."""

    stage: SubmissionState
    is_present: bool
    signed_by: str = ""
    signed_at: datetime | None = None


def of_item(session: Session, submission: Submission) -> tuple[RouteStep, ...]:
    """The stages of an item in the round it is in; empty before it was handed in.

    A stage after the present one shows no signature, even if it had one before a change of content took the item
    back.
    """
    route = tuple(SubmissionState.of(stage) for stage in submission.route)
    signed = _signatures(session, submission)
    reached = route.index(submission.state) if submission.state in route else len(route)
    return tuple(
        RouteStep(stage, is_present=number == reached, signed_by=by, signed_at=at)
        for number, stage in enumerate(route)
        for by, at in [signed.get(stage, ("", None)) if number < reached else ("", None)]
    )


def _signatures(session: Session, submission: Submission) -> dict[SubmissionState, tuple[str, datetime | None]]:
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id))
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .where(
            ReviewDecision.submission_id == submission.id,
            ReviewDecision.review_round == submission.review_round,
            col(ReviewDecision.action).in_(SIGNATURES),
        )
        .order_by(col(ReviewDecision.id))
    )
    return {each.from_state: (signature_of(name, of), each.at) for each, name, of in rows}
