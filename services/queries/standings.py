"""What rights on items are decided on: the facts of each, who may know of it, and who may carry it on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, and_, not_, or_
from sqlmodel import Session, col, select

from models import Action, Emergency, EmergencyPerson, ReviewDecision, Revision, Submission, SubmissionState
from services.rules.permissions import (
    CAPABILITIES,
    READS_EVERY_SUBMISSION,
    STAGE_CAPABILITY,
    UNSENT,
    Actor,
    Capability,
    Debt,
    Standing,
)
from services.rules.workflow import SIGNATURES, STEPS, TRANSITIONS, standing_for

DECIDING_ROLES = frozenset(
    role for role, held in CAPABILITIES.items() if held & {*STAGE_CAPABILITY.values(), Capability.PUBLISH}
)
"""Roles whose holders carry an item on at some stage."""


NOTHING_OWED: tuple[Debt, frozenset[int]] = (Debt.NONE, frozenset())
STEPS_INTO_CHANNEL = frozenset(state for action, state in STEPS if action is Action.EXPEDITE)


def locked(session: Session, submission_id: int) -> Submission | None:
    """The item as it stands now, locked until the transaction ends: of two who act on it at once, the second sees what
    the first did. Its lock comes before those of its publications and of the trail's head.
    """
    # Read anew: a row that this session knows already would keep its old values, lock or not.
    wanted = select(Submission).where(Submission.id == submission_id).with_for_update()
    return session.exec(wanted, execution_options={"populate_existing": True}).first()


def lock_all(session: Session, submission_ids: Collection[int]) -> None:
    """Lock several items before the first of them is acted on: after it the trail's head is held, and whoever holds
    another of them may be waiting for it.
    """
    wanted = select(Submission.id).where(col(Submission.id).in_(submission_ids)).order_by(col(Submission.id))
    session.exec(wanted.with_for_update()).all()


def standing(session: Session, submission: Submission) -> Standing:
    """The facts of one item that rights and transitions are decided on."""
    return standings(session, [submission])[0]


def standings(session: Session, submissions: Sequence[Submission]) -> list[Standing]:
    """The same for several items, in their order, in a few statements however many they are."""
    editors = _editors(session, submissions)
    signatures = _signatures(session, submissions)
    expediters = _expediters(session, submissions)
    debts = _debts(session, submissions)
    return [
        Standing(
            state=each.state,
            contributor_id=each.contributor_id,
            department_id=each.department_id,
            route=_route(each),
            last_editors=editors.get(each.revision_id, frozenset({each.contributor_id})),
            signers=_signers(each, signatures[each.id]),
            is_emergency=each.is_emergency,
            expediters=expediters,
            debt=debts.get(each.id, NOTHING_OWED)[0],
            opened_by=debts.get(each.id, NOTHING_OWED)[1],
            was_received=each.state is not SubmissionState.WITHDRAWN or each.submitted_at is not None,
        )
        for each in submissions
    ]


def _expediters(session: Session, submissions: Sequence[Submission]) -> frozenset[int]:
    """Who may bring an item into the emergency channel, where that is still a question."""
    may_enter = STEPS_INTO_CHANNEL.intersection(each.state for each in submissions)
    return frozenset(session.exec(select(EmergencyPerson.person_id))) if may_enter else frozenset()


def _debts(session: Session, submissions: Sequence[Submission]) -> dict[int | None, tuple[Debt, frozenset[int]]]:
    """By item, the full review it owes after the emergency channel, and who opened the channel for it."""
    in_channel = [each.id for each in submissions if each.is_emergency]
    if not in_channel:
        return {}
    rows = session.exec(
        select(Emergency.submission_id, Emergency.owed_to_leader, Emergency.opened_by_id).where(
            col(Emergency.submission_id).in_(in_channel),
            col(Emergency.approved_at).is_not(None),
            col(Emergency.settled_at).is_(None),
        )
    )
    return {
        submission_id: (Debt.TO_LEADER if to_leader else Debt.TO_OFFICE, frozenset({opener}))
        for submission_id, to_leader, opener in rows
    }


def _route(submission: Submission) -> tuple[SubmissionState, ...]:
    route = tuple(SubmissionState.of(stage) for stage in submission.route)
    return route or (SubmissionState.DEPARTMENT_REVIEW,)


def _editors(session: Session, submissions: Sequence[Submission]) -> dict[int | None, frozenset[int]]:
    """By present revision, who made it, and whom they stood in for."""
    present = [each.revision_id for each in submissions if each.revision_id is not None]
    rows = session.exec(
        select(Revision.id, Revision.made_by_id, ReviewDecision.for_id)
        .join(
            ReviewDecision,
            and_(
                # The item too, though the version says it: the decisions are found by it.
                col(ReviewDecision.submission_id) == col(Revision.submission_id),
                col(ReviewDecision.revision_id) == col(Revision.id),
                col(ReviewDecision.action) == Action.ADJUST,
            ),
            isouter=True,
        )
        .where(col(Revision.id).in_(present))
    )
    editors: defaultdict[int | None, set[int]] = defaultdict(set)
    for revision_id, *people_of_it in rows:
        editors[revision_id].update(each for each in people_of_it if each is not None)
    return {revision_id: frozenset(found) for revision_id, found in editors.items()}


def _signatures(session: Session, submissions: Sequence[Submission]) -> defaultdict[int | None, list[ReviewDecision]]:
    signed: defaultdict[int | None, list[ReviewDecision]] = defaultdict(list)
    rows = session.exec(
        select(ReviewDecision)
        .where(
            col(ReviewDecision.submission_id).in_([each.id for each in submissions]),
            col(ReviewDecision.action).in_(SIGNATURES),
        )
        .order_by(col(ReviewDecision.id))
    )
    for row in rows:
        signed[row.submission_id].append(row)
    return signed


def _signers(submission: Submission, signatures: Sequence[ReviewDecision]) -> frozenset[int]:
    """Who signed a stage before the present one, in this round, and for whom; of two signatures of a stage the
    later counts.
    """
    route = _route(submission)
    before = route[: route.index(submission.state)] if submission.state in route else route
    latest = {each.from_state: each for each in signatures if each.review_round == submission.review_round}
    counted = (signed_by for stage, each in latest.items() if stage in before for signed_by in _hands(each))
    return frozenset(signed_by for signed_by in counted if signed_by is not None)


def _hands(decision: ReviewDecision) -> tuple[int | None, int | None]:
    return decision.actor_id, decision.for_id


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition under which a person may know of an item; `permissions.may_see` in SQL."""
    never_sent = and_(col(Submission.state) == SubmissionState.WITHDRAWN, col(Submission.submitted_at).is_(None))
    sent = and_(col(Submission.state).not_in(UNSENT), not_(never_sent))
    reasons: list[ColumnElement[bool]] = [col(Submission.contributor_id) == actor.id]
    for standing_in in actor.standings:
        if standing_in.may(Capability.SIGN_OFF):
            reasons.append(and_(sent, col(Submission.department_id) == standing_in.department_id))
        if any(standing_in.may(each) for each in READS_EVERY_SUBMISSION):
            reasons.append(sent)
    return or_(*reasons)


def carries_on(actor: Actor, item: Standing) -> Actor | None:
    """In which standing the person may carry an item on: sign its stage, or publish it once it passed."""
    if item.state is SubmissionState.APPROVED:
        return next((each for each in actor.standings if each.may(Capability.PUBLISH)), None)
    signing = (step for step in TRANSITIONS if step.action in SIGNATURES and item.state in step.sources)
    return next((able for step in signing if (able := standing_for(step, actor, item))), None)
