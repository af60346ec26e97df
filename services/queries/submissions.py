"""Reads about submissions, ready to draw. Who may see what is part of each query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, false, func, not_, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    ADOPTED,
    REVIEW_STAGES,
    WITH_AUTHOR,
    Action,
    Asset,
    Content,
    ContentCategory,
    Department,
    Draft,
    Finding,
    OfficialAccount,
    Person,
    Publication,
    ReviewDecision,
    Revision,
    Screening,
    Submission,
    SubmissionState,
    Vocabulary,
)
from services.errors import NotFound
from services.queries import delegations, people
from services.rules.office_time import office_day
from services.rules.permissions import (
    CAPABILITIES,
    DID_NOT_EDIT_LAST,
    READS_EVERY_SUBMISSION,
    STAGE_CAPABILITY,
    UNSENT,
    Actor,
    Capability,
    Standing,
    may_see,
    signature_of,
)
from services.rules.workflow import SIGNATURES, STEPS, TRANSITIONS, Transition, available, standing_for

PAGE_SIZE = 20


# --- What the rules need ---------------------------------------------------------------------------------


def standing(session: Session, submission: Submission) -> Standing:
    """The facts of one item that rights and transitions are decided on."""
    return standings(session, [submission])[0]


def standings(session: Session, submissions: Sequence[Submission]) -> list[Standing]:
    """The same for several items, in their order, in two statements however many they are."""
    editors = _editors(session, submissions)
    signatures = _signatures(session, submissions)
    return [
        Standing(
            state=each.state,
            contributor_id=each.contributor_id,
            department_id=each.department_id,
            route=_route(each),
            last_editors=editors.get(each.revision_id, frozenset({each.contributor_id})),
            signers=_signers(each, signatures[each.id]),
        )
        for each in submissions
    ]


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
            and_(col(ReviewDecision.revision_id) == col(Revision.id), col(ReviewDecision.action) == Action.ADJUST),
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
    sent = col(Submission.state).not_in(UNSENT)
    reasons: list[ColumnElement[bool]] = [col(Submission.contributor_id) == actor.id]
    for standing_in in actor.standings:
        if standing_in.may(Capability.SIGN_OFF):
            reasons.append(and_(sent, col(Submission.department_id) == standing_in.department_id))
        if any(standing_in.may(each) for each in READS_EVERY_SUBMISSION):
            reasons.append(sent)
    return or_(*reasons)


# --- Lists -----------------------------------------------------------------------------------------------


class Progress(Vocabulary):
    """How far their items are, as contributors sort them."""

    WRITING = "writing", "写作中"
    IN_REVIEW = "in_review", "审核中"
    RETURNED = "returned", "退回"
    PASSED = "passed", "已通过"


STATES_OF: dict[Progress, tuple[SubmissionState, ...]] = {
    Progress.WRITING: (SubmissionState.DRAFT,),
    Progress.IN_REVIEW: REVIEW_STAGES,
    Progress.RETURNED: (SubmissionState.RETURNED,),
    Progress.PASSED: ADOPTED,
}

ENDED_BY_WORDS = (SubmissionState.RETURNED, SubmissionState.REJECTED, SubmissionState.WITHDRAWN)
"""States an item came to by a step that gives its reason (an author's own withdrawal may go without)."""


@dataclass(frozen=True)
class Reason:
    """Why an item is where it is, in the words of whoever sent it there."""

    actor: str
    at: datetime
    comment: str
    clause: str


@dataclass(frozen=True)
class SubmissionLine:
    """One line of a list. `holders` may carry the item on now: sign its stage, or publish it once it passed."""

    id: int
    title: str
    state: SubmissionState
    category: ContentCategory
    contributor: str
    department: str
    account: str | None
    updated_at: datetime
    submitted_at: datetime | None
    stage_entered_at: datetime
    wanted_at: datetime | None
    holders: tuple[str, ...]
    reason: Reason | None


@dataclass(frozen=True)
class Unfinished:
    """An item that waits for its author to go on writing."""

    id: int
    title: str
    state: SubmissionState
    updated_at: datetime


def unfinished(session: Session, actor: Actor) -> Sequence[Unfinished]:
    """The person's drafts and returned items, the one touched last first; a page of them."""
    statement: Any = (
        select(Submission.id, Submission.title, Submission.state, Submission.updated_at)
        .where(col(Submission.contributor_id) == actor.id, col(Submission.state).in_(WITH_AUTHOR))
        .order_by(col(Submission.updated_at).desc(), col(Submission.id).desc())
        .limit(PAGE_SIZE)
    )
    return [Unfinished(*row) for row in session.exec(statement)]


def pages_of(total: int) -> int:
    """How many pages a list of so many lines has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def mine(
    session: Session, actor: Actor, *, now: datetime, progress: Progress | None = None, page: int = 1
) -> Sequence[SubmissionLine]:
    """The person's own items, the one touched last first."""
    newest_first = (col(Submission.updated_at).desc(), col(Submission.id).desc())
    return _lines(session, _is_of(actor, progress), order=newest_first, number=page, now=now)


def count_mine(session: Session, actor: Actor, *, progress: Progress | None = None) -> int:
    """How many items the person has."""
    return _count(session, _is_of(actor, progress))


def waiting_for(session: Session, actor: Actor, *, now: datetime, page: int = 1) -> Sequence[SubmissionLine]:
    """What this person is asked to sign, the one waiting longest first; never what another person must sign."""
    longest_first = (col(Submission.stage_entered_at), col(Submission.id))
    return _lines(session, _is_with(actor), order=longest_first, number=page, now=now)


def count_waiting(session: Session, actor: Actor) -> int:
    """How many items wait for this person, for the badge in the menu."""
    return _count(session, _is_with(actor))


def passed_by(session: Session, actor: Actor, *, now: datetime, page: int = 1) -> Sequence[SubmissionLine]:
    """What this person decided on before, or changed, newest first."""
    newest_first = (col(Submission.updated_at).desc(), col(Submission.id).desc())
    return _lines(session, _was_with(actor), order=newest_first, number=page, now=now)


def count_passed(session: Session, actor: Actor) -> int:
    """How many items this person decided on before."""
    return _count(session, _was_with(actor))


def _count(session: Session, condition: ColumnElement[bool]) -> int:
    return session.exec(select(func.count()).select_from(Submission).where(condition)).one()


def _lines(
    session: Session, condition: ColumnElement[bool], *, order: Sequence[Any], number: int, now: datetime
) -> list[SubmissionLine]:
    statement: Any = (
        select(Submission, Person.name, Department.name, OfficialAccount.name)
        .join(Person, col(Person.id) == col(Submission.contributor_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(condition)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((max(1, number) - 1) * PAGE_SIZE)
    )
    rows = session.exec(statement).all()
    items = [item for item, *_ in rows]
    holders, reasons = _holders(session, items, now), _reasons(session, items)
    return [
        SubmissionLine(
            id=item.id,
            title=item.title,
            state=item.state,
            category=item.category,
            contributor=contributor,
            department=department,
            account=account,
            updated_at=item.updated_at,
            submitted_at=item.submitted_at,
            stage_entered_at=item.stage_entered_at,
            wanted_at=item.wanted_at,
            holders=names,
            reason=reasons.get(item.id),
        )
        for (item, contributor, department, account), names in zip(rows, holders, strict=True)
    ]


# Whose turn it is, and why an item came back


DECIDING_ROLES = frozenset(
    role for role, held in CAPABILITIES.items() if held & {*STAGE_CAPABILITY.values(), Capability.PUBLISH}
)


def _holders(session: Session, items: Sequence[Submission], now: datetime) -> list[tuple[str, ...]]:
    """By name, who may carry each item on, leaving out who is away today."""
    away = delegations.away_until(session, office_day(now))
    candidates = [each for each in people.actors(session, DECIDING_ROLES, office_day(now)) if each.id not in away]
    return [
        tuple(able.signature for each in candidates if (able := carries_on(each, item)))
        for item in standings(session, items)
    ]


def carries_on(actor: Actor, item: Standing) -> Actor | None:
    """In which standing the person may carry an item on: sign its stage, or publish it once it passed."""
    if item.state is SubmissionState.APPROVED:
        return next((each for each in actor.standings if each.may(Capability.PUBLISH)), None)
    signing = (step for step in TRANSITIONS if step.action in SIGNATURES and item.state in step.sources)
    return next((able for step in signing if (able := standing_for(step, actor, item))), None)


def _reasons(session: Session, items: Sequence[Submission]) -> dict[int, Reason]:
    ended = [each.id for each in items if each.state in ENDED_BY_WORDS]
    last = (
        select(func.max(ReviewDecision.id))
        .where(col(ReviewDecision.submission_id).in_(ended))
        .group_by(col(ReviewDecision.submission_id))
    )
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id))
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .where(col(ReviewDecision.id).in_(last))
    )
    return {
        each.submission_id: Reason(actor=signature_of(name, of), at=each.at, comment=each.comment, clause=each.clause)
        for each, name, of in rows
        if each.comment
    }


# Which items a list holds


def _is_of(actor: Actor, progress: Progress | None) -> ColumnElement[bool]:
    own = col(Submission.contributor_id) == actor.id
    return own if progress is None else and_(own, col(Submission.state).in_(STATES_OF[progress]))


def _is_with(actor: Actor) -> ColumnElement[bool]:
    """`workflow.available` in SQL, for the steps that sign a stage, in whatever standing."""
    return or_(*(_is_with_standing(each) for each in actor.standings))


def _is_with_standing(actor: Actor) -> ColumnElement[bool]:
    stages = [stage for stage in REVIEW_STAGES if actor.may(STAGE_CAPABILITY[stage])]
    if not stages:
        return false()
    at_stage = [
        and_(col(Submission.state) == stage, col(Submission.department_id) == actor.department_id)
        if STAGE_CAPABILITY[stage] is Capability.SIGN_OFF
        else col(Submission.state) == stage
        for stage in stages
    ]
    return and_(
        or_(*at_stage),
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
    decided = select(ReviewDecision.submission_id).where(
        or_(col(ReviewDecision.actor_id) == actor.id, col(ReviewDecision.for_id) == actor.id),
        col(ReviewDecision.action).in_((*SIGNATURES, Action.ADJUST, Action.RETURN, Action.REJECT)),
    )
    return col(Submission.id).in_(decided)


# --- One item --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HistoryLine:
    """One step as it is shown: who did what when, with which words; a deputy as X 代 Y."""

    at: datetime
    actor: str
    action: Action
    to_state: SubmissionState
    comment: str
    clause: str
    revision_id: int | None


@dataclass(frozen=True)
class SubmissionDetail:
    """Everything one screen shows of one item; fully loaded."""

    submission: Submission
    content: Content
    draft: Draft
    revision_number: int | None
    contributor: str
    department: str
    account: OfficialAccount | None
    assets: Sequence[Asset]
    findings: Sequence[Finding]
    history: Sequence[HistoryLine]
    steps: Sequence[Transition]
    reviewed: Revision | None
    publications: Sequence[Publication]

    def may(self, action: Action) -> bool:
        """Whether the person the detail was read for may take this action now."""
        return any(step.action is action for step in self.steps)


def detail(session: Session, actor: Actor, submission_id: int) -> SubmissionDetail:
    """One item for one person. Raises `NotFound` for whoever may not know of it."""
    submission = session.get(Submission, submission_id)
    facts = standing(session, submission) if submission else None
    if submission is None or facts is None or not may_see(actor, facts):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    draft = session.get_one(Draft, submission_id)
    revision = session.get(Revision, submission.revision_id) if submission.revision_id else None
    account = session.get(OfficialAccount, submission.account_id) if submission.account_id else None
    return SubmissionDetail(
        submission=submission,
        content=revision or draft,
        draft=draft,
        revision_number=revision.number if revision else None,
        contributor=session.get_one(Person, submission.contributor_id).name,
        department=session.get_one(Department, submission.department_id).name,
        account=account,
        assets=session.exec(select(Asset).where(Asset.submission_id == submission_id).order_by(col(Asset.id))).all(),
        findings=latest_findings(session, submission_id),
        history=history(session, submission_id),
        steps=available(actor, facts),
        reviewed=_last_reviewed(session, submission),
        publications=session.exec(
            select(Publication).where(Publication.submission_id == submission_id).order_by(col(Publication.id))
        ).all(),
    )


def latest_findings(session: Session, submission_id: int) -> Sequence[Finding]:
    """The marks of the last run of the machine check, in the order of the text."""
    newest = select(func.max(Screening.id)).where(Screening.submission_id == submission_id).scalar_subquery()
    return session.exec(select(Finding).where(col(Finding.screening_id) == newest).order_by(col(Finding.id))).all()


def was_checked(session: Session, submission_id: int) -> bool:
    """Whether the machine check ever ran on this item."""
    return session.exec(select(Screening.id).where(Screening.submission_id == submission_id)).first() is not None


def history(session: Session, submission_id: int) -> Sequence[HistoryLine]:
    """Every step of an item, oldest first; the trail's own steps are signed 系统."""
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id), isouter=True)
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .where(ReviewDecision.submission_id == submission_id)
        .order_by(col(ReviewDecision.id))
    ).all()
    return [
        HistoryLine(
            at=each.at,
            actor=signature_of(name or "系统", of),
            action=each.action,
            to_state=each.to_state,
            comment=each.comment,
            clause=each.clause,
            revision_id=each.revision_id,
        )
        for each, name, of in rows
    ]


def revisions(session: Session, submission_id: int) -> Sequence[Revision]:
    """All versions of an item, oldest first."""
    return session.exec(
        select(Revision).where(Revision.submission_id == submission_id).order_by(col(Revision.number))
    ).all()


def _last_reviewed(session: Session, submission: Submission) -> Revision | None:
    """The version the review last decided on, other than the present one: what the diff is against."""
    decided = session.exec(
        select(ReviewDecision.revision_id)
        .where(
            ReviewDecision.submission_id == submission.id,
            col(ReviewDecision.action).in_((*SIGNATURES, Action.RETURN)),
            col(ReviewDecision.revision_id).is_not(None),
            col(ReviewDecision.revision_id) != submission.revision_id,
        )
        .order_by(col(ReviewDecision.id).desc())
    ).first()
    return session.get(Revision, decided) if decided else None
