"""审核收件箱: what waits for a person, what they handled, and all they may know of; narrowed by criteria and words.

Who may see what is part of each query, so that no filter can ask for more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    REVIEW_STAGES,
    Action,
    InboxView,
    ReviewClaim,
    ReviewDecision,
    Revision,
    SavedFilter,
    Submission,
)
from services.queries import review_claims, search, submission_lists
from services.queries.standings import visible_to
from services.queries.submission_lists import NEWEST_FIRST, SubmissionLine
from services.rules.list_filters import EVERYTHING, Criteria
from services.rules.permissions import DID_NOT_EDIT_LAST, STAGE_CAPABILITY, Actor, Capability, stage_capabilities
from services.rules.stage_clocks import ClockColour
from services.rules.workflow import SIGNATURES, STEPS

MOST_FOUND = 500
"""Of what words find, so many of the newest are listed; with more, another word helps more than another page."""
MOST_HANDLED = 2_000
"""Of what somebody decided, so many of the latest decisions are listed as theirs; what is older, the search finds."""
MOST_COUNTED = 10_000
"""A list of more is many; nobody leafs through to its end."""
HANDLING = (*SIGNATURES, Action.ADJUST, Action.RETURN, Action.REJECT)
MOST_URGENT_FIRST = (col(Submission.urgent_at), col(Submission.id))
"""By the earliest of a stage's end, the author's wish and a coming event (`services/rules/stage_clocks.py`)."""


def waiting_for(
    session: Session, actor: Actor, *, now: datetime, criteria: Criteria = EVERYTHING, page: int = 1
) -> Sequence[SubmissionLine]:
    """What this person is asked to sign, the most urgent first; never what another person must sign."""
    narrowed = _narrowed(session, _is_with(actor), criteria, now)
    found = submission_lists.lines(session, narrowed, order=MOST_URGENT_FIRST, number=page, now=now)
    looking = review_claims.looking_at(session, [line.id for line in found], now)
    others = {id_: each for id_, each in looking.items() if each.person_id != actor.id}
    return [replace(line, looking=others[line.id]) if line.id in others else line for line in found]


def passed_by(
    session: Session, actor: Actor, *, now: datetime, criteria: Criteria = EVERYTHING, page: int = 1
) -> Sequence[SubmissionLine]:
    """What this person decided on before, or changed, newest first."""
    narrowed = _narrowed(session, _was_with(actor), criteria, now)
    return submission_lists.lines(session, narrowed, order=NEWEST_FIRST, number=page, now=now)


def known_to(
    session: Session, actor: Actor, *, now: datetime, criteria: Criteria = EVERYTHING, page: int = 1
) -> Sequence[SubmissionLine]:
    """Everything this person may know of, newest first."""
    narrowed = _narrowed(session, visible_to(actor), criteria, now)
    return submission_lists.lines(session, narrowed, order=NEWEST_FIRST, number=page, now=now)


def listed(
    session: Session,
    actor: Actor,
    view: InboxView,
    *,
    now: datetime,
    criteria: Criteria = EVERYTHING,
    page: int = 1,
) -> Sequence[SubmissionLine]:
    """One page of one of the three lists of the inbox. Raises `InvalidInput` for words that cannot be searched for."""
    return READS[view](session, actor, now=now, criteria=criteria, page=page)


READS = {InboxView.WAITING: waiting_for, InboxView.HANDLED: passed_by, InboxView.ALL: known_to}


def count(
    session: Session,
    actor: Actor,
    view: InboxView,
    *,
    now: datetime,
    criteria: Criteria = EVERYTHING,
    at_most: int | None = None,
) -> int:
    """How many items one of these lists has; counting stops at `at_most`, of words' finds at `MOST_FOUND`. Raises as
    `listed`.
    """
    held = and_(_of_view(actor, view), *_asked(criteria, now))
    if criteria.words:
        at_most = min(at_most or MOST_FOUND, MOST_FOUND)
        held = and_(held, search.holds(session, criteria.words))
    return submission_lists.count(session, held, at_most=at_most)


def _of_view(actor: Actor, view: InboxView) -> ColumnElement[bool]:
    conditions = {InboxView.WAITING: _is_with, InboxView.HANDLED: _was_with, InboxView.ALL: visible_to}
    return conditions[view](actor)


def next_waiting(session: Session, actor: Actor, *, now: datetime, after: int) -> int | None:
    """The most urgent item that waits for this person, other than one; rather one that nobody else looks at."""
    claimed = exists().where(
        col(ReviewClaim.submission_id) == col(Submission.id),
        col(ReviewClaim.until) > now,
        col(ReviewClaim.person_id) != actor.id,
    )
    return session.exec(
        select(Submission.id)
        .where(_is_with(actor), col(Submission.id) != after)
        .order_by(case((claimed, 1), else_=0), *MOST_URGENT_FIRST)
    ).first()


@dataclass(frozen=True)
class FilterLine:
    """A kept filter with how many items it holds now; `many` where there are more than were counted."""

    id: int
    name: str
    view: InboxView
    criteria: Criteria
    number: int
    many: bool


COUNTED = 99
"""A counter beside a kept filter counts no further."""


def kept_filters(session: Session, actor: Actor, *, now: datetime) -> list[FilterLine]:
    """The person's own filters, in the order they were made."""
    rows = session.exec(select(SavedFilter).where(SavedFilter.person_id == actor.id).order_by(col(SavedFilter.id)))
    return [_filter_line(session, actor, row, now) for row in rows.all()]


def _filter_line(session: Session, actor: Actor, row: SavedFilter, now: datetime) -> FilterLine:
    criteria = Criteria.from_json(row.criteria)
    number = count(session, actor, row.view, now=now, criteria=criteria, at_most=COUNTED + 1)
    return FilterLine(row.id or 0, row.name, row.view, criteria, min(number, COUNTED), many=number > COUNTED)


# --- Which items a list holds -----------------------------------------------------------------------------


def _narrowed(session: Session, held: ColumnElement[bool], criteria: Criteria, now: datetime) -> ColumnElement[bool]:
    """What a list holds, of that what the criteria let through. Of what words find, the newest `MOST_FOUND`."""
    wanted = and_(held, *_asked(criteria, now))
    if not criteria.words:
        return wanted
    found = (
        select(Submission.id)
        .where(wanted, search.holds(session, criteria.words))
        .order_by(col(Submission.id).desc())
        .limit(MOST_FOUND)
    )
    return col(Submission.id).in_(found)


def _asked(criteria: Criteria, now: datetime) -> list[ColumnElement[bool]]:
    equal = (
        (Submission.department_id, criteria.department_id),
        (Submission.account_id, criteria.account_id),
        (Submission.category, criteria.category),
        (Submission.state, criteria.state),
    )
    asked = [col(column) == value for column, value in equal if value is not None]
    if criteria.colour is not None:
        asked.append(_has_colour(criteria.colour, now))
    return asked


def _has_colour(colour: ClockColour, now: datetime) -> ColumnElement[bool]:
    """`stage_clocks.colour_of` in SQL."""
    return {
        ClockColour.OK: col(Submission.near_at) > now,
        ClockColour.NEAR: and_(col(Submission.near_at) <= now, col(Submission.due_at) > now),
        ClockColour.OVERDUE: col(Submission.due_at) <= now,
    }[colour]


def _is_with(actor: Actor) -> ColumnElement[bool]:
    """`workflow.available` in SQL, for the steps that sign a stage, in whatever standing."""
    return or_(*(_is_with_standing(each) for each in actor.standings))


def _is_with_standing(actor: Actor) -> ColumnElement[bool]:
    stages = [stage for stage in REVIEW_STAGES if actor.may(STAGE_CAPABILITY[stage])]
    if not stages:
        return false()
    in_channel = [stage for stage in REVIEW_STAGES if any(map(actor.may, stage_capabilities(stage, is_emergency=True)))]
    of_unit = [stage for stage in stages if STAGE_CAPABILITY[stage] is Capability.SIGN_OFF]
    anywhere = [stage for stage in stages if stage not in of_unit]
    only_there = [stage for stage in in_channel if stage not in stages]
    state = col(Submission.state)
    at_stage = [
        condition
        for among, condition in (
            (anywhere, state.in_(anywhere)),
            (of_unit, and_(state.in_(of_unit), col(Submission.department_id) == actor.department_id)),
            (only_there, and_(state.in_(only_there), col(Submission.is_emergency))),
        )
        if among
    ]
    if len(at_stage) > 1:
        # Said once more for all: else SQLite finds no index for the alternatives, and reads every item there ever was.
        at_stage = [and_(state.in_((*stages, *only_there)), or_(*at_stage))]
    return and_(
        *at_stage,
        col(Submission.contributor_id).not_in(actor.counted),
        not_(_edited_last(actor)),
        not_(_signed_before(actor)),
    )


def _edited_last(actor: Actor) -> ColumnElement[bool]:
    stages = {
        state for (action, state), step in STEPS.items() if action in SIGNATURES and DID_NOT_EDIT_LAST in step.rights
    }
    made = exists().where(col(Revision.id) == col(Submission.revision_id), col(Revision.made_by_id).in_(actor.counted))
    made_for = exists().where(
        col(ReviewDecision.submission_id) == col(Submission.id),
        col(ReviewDecision.revision_id) == col(Submission.revision_id),
        col(ReviewDecision.action) == Action.ADJUST,
        col(ReviewDecision.for_id).in_(actor.counted),
    )
    return and_(col(Submission.state).in_(stages), or_(made, made_for))


def _signed_before(actor: Actor) -> ColumnElement[bool]:
    signature, later = aliased(ReviewDecision), aliased(ReviewDecision)
    superseded = exists().where(
        col(later.submission_id) == col(signature.submission_id),
        col(later.review_round) == col(signature.review_round),
        col(later.from_state) == col(signature.from_state),
        col(later.action).in_(SIGNATURES),
        col(later.id) > col(signature.id),
    )
    return exists().where(
        col(signature.submission_id) == col(Submission.id),
        col(signature.review_round) == col(Submission.review_round),
        or_(col(signature.actor_id).in_(actor.counted), col(signature.for_id).in_(actor.counted)),
        col(signature.action).in_(SIGNATURES),
        _place(col(signature.from_state)) < _place(col(Submission.state)),
        not_(superseded),
    )


def _place(state: Any) -> ColumnElement[int]:
    return case({stage: number for number, stage in enumerate(REVIEW_STAGES)}, value=state)


def _was_with(actor: Actor) -> ColumnElement[bool]:
    """What their latest decisions were about, in their own name or as somebody whose deputy decided."""
    latest = [
        select(ReviewDecision.submission_id)
        .where(column == actor.id, col(ReviewDecision.action).in_(HANDLING))
        .order_by(col(ReviewDecision.id).desc())
        .limit(MOST_HANDLED)
        .subquery()
        for column in (col(ReviewDecision.actor_id), col(ReviewDecision.for_id))
    ]
    own, as_principal = (select(each.c.submission_id) for each in latest)
    # A head who moved to another department, or whose deputising ended, no longer reads what they decided on there.
    return and_(col(Submission.id).in_(own.union_all(as_principal)), visible_to(actor))
