"""正在看: who has an item under review open, so that two people do not read the same one. It locks nobody out.

Left out of the trail: it decides nothing and is gone after minutes.
"""

from __future__ import annotations

from sqlmodel import Session

from models import ReviewClaim, Submission
from services.errors import NotAllowed, NotFound
from services.queries import standings
from services.rules.permissions import may_see
from services.rules.review_claims import LASTS, is_due
from services.rules.workflow import available, is_decision
from services.unit_of_work import UnitOfWork


def look(work: UnitOfWork, *, submission_id: int) -> ReviewClaim | None:
    """Say that the acting person, who may decide on it, has an item open; whose claim stands now.

    Of two who open it together the first is named. Who may not decide claims nothing. Raises `NotFound`.
    """
    may_decide = _may_decide(work, submission_id)
    claim = work.session.get(ReviewClaim, submission_id)
    if may_decide and is_due(claim, work.actor.id, work.now):
        return _claimed(work, submission_id, claim)
    return claim


def take_over(work: UnitOfWork, *, submission_id: int) -> ReviewClaim:
    """Look at an item instead of whoever does. Raises `NotFound`, and `NotAllowed` for who may not decide on it."""
    if not _may_decide(work, submission_id):
        raise NotAllowed("这篇稿件现在不由您办理，不必接手；刷新页面可以看到它到了哪一步。")
    return _claimed(work, submission_id, work.session.get(ReviewClaim, submission_id))


def end(session: Session, submission_id: int) -> None:
    """Nobody looks at it any more: it went on."""
    claim = session.get(ReviewClaim, submission_id)
    if claim is not None:
        session.delete(claim)
        session.flush()


def _may_decide(work: UnitOfWork, submission_id: int) -> bool:
    # Locked, so that of two who open it together the second finds the claim of the first.
    submission = work.session.get(Submission, submission_id, with_for_update=True)
    facts = standings.standing(work.session, submission) if submission else None
    if facts is None or not may_see(work.actor, facts):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    return any(is_decision(step) for step in available(work.actor, facts))


def _claimed(work: UnitOfWork, submission_id: int, claim: ReviewClaim | None) -> ReviewClaim:
    if claim is None:
        claim = ReviewClaim(
            submission_id=submission_id, person_id=work.person_id, since=work.now, until=work.now + LASTS
        )
    elif claim.person_id != work.person_id or claim.until <= work.now:
        claim.person_id, claim.since = work.person_id, work.now
    claim.until = work.now + LASTS
    work.session.add(claim)
    work.session.flush()
    return claim
