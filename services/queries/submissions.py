"""Reads about submissions, ready to draw. Who may see what is part of each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_
from sqlmodel import Session, col, select

from models import (
    REVIEW_STAGES,
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
)
from services.errors import NotFound
from services.rules.permissions import (
    READS_EVERY_SUBMISSION,
    STAGE_CAPABILITY,
    UNSENT,
    Actor,
    Capability,
    Standing,
    may_see,
)
from services.rules.workflow import SIGNATURES, Transition, available

PAGE_SIZE = 20


# --- What the rules need ---------------------------------------------------------------------------------


def standing(session: Session, submission: Submission) -> Standing:
    """The facts of one item that rights and transitions are decided on."""
    route = tuple(SubmissionState.of(stage) for stage in submission.route)
    if not route:
        route = (SubmissionState.DEPARTMENT_REVIEW,)
    return Standing(
        state=submission.state,
        contributor_id=submission.contributor_id,
        department_id=submission.department_id,
        route=route,
        last_editor_id=_last_editor(session, submission),
        signers=_signers(session, submission, route),
    )


def _last_editor(session: Session, submission: Submission) -> int:
    revision = session.get(Revision, submission.revision_id) if submission.revision_id else None
    return revision.made_by_id if revision else submission.contributor_id


def _signers(session: Session, submission: Submission, route: Sequence[SubmissionState]) -> frozenset[int]:
    """Who signed a stage before the present one, in this round; of two signatures of a stage the later counts."""
    before = route[: route.index(submission.state)] if submission.state in route else route
    decisions = session.exec(
        select(ReviewDecision)
        .where(
            ReviewDecision.submission_id == submission.id,
            ReviewDecision.review_round == submission.review_round,
            col(ReviewDecision.action).in_(SIGNATURES),
        )
        .order_by(col(ReviewDecision.id))
    )
    latest = {each.from_state: each.actor_id for each in decisions}
    return frozenset(actor for stage, actor in latest.items() if stage in before and actor is not None)


def visible_to(actor: Actor) -> ColumnElement[bool]:
    """The condition under which a person may know of an item; `permissions.may_see` in SQL."""
    sent = col(Submission.state).not_in(UNSENT)
    reasons: list[ColumnElement[bool]] = [col(Submission.contributor_id) == actor.id]
    if actor.may(Capability.SIGN_OFF):
        reasons.append(and_(sent, col(Submission.department_id) == actor.department_id))
    if any(actor.may(each) for each in READS_EVERY_SUBMISSION):
        reasons.append(sent)
    return or_(*reasons)


# --- Lists -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SubmissionLine:
    """One line of a list."""

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


@dataclass(frozen=True)
class Page:
    """One page of a list; `pages` is at least 1."""

    lines: Sequence[SubmissionLine]
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


_LINE_COLUMNS = (
    col(Submission.id),
    col(Submission.title),
    col(Submission.state),
    col(Submission.category),
    col(Person.name),
    col(Department.name),
    col(OfficialAccount.name),
    col(Submission.updated_at),
    col(Submission.submitted_at),
    col(Submission.stage_entered_at),
    col(Submission.wanted_at),
)


def _page(session: Session, *conditions: Any, order: Sequence[Any], number: int) -> Page:
    total = session.exec(select(func.count()).select_from(Submission).where(*conditions)).one()
    lines: Select[Any] = (
        select(*_LINE_COLUMNS)  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
        .join(Person, col(Person.id) == col(Submission.contributor_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(*conditions)
        .order_by(*order)
        .limit(PAGE_SIZE)
        .offset((max(1, number) - 1) * PAGE_SIZE)
    )
    return Page(lines=[SubmissionLine(*row) for row in session.execute(lines).all()], total=total)


def mine(session: Session, actor: Actor, *, page: int = 1) -> Page:
    """The person's own items, the one touched last first."""
    return _page(
        session,
        col(Submission.contributor_id) == actor.id,
        order=(col(Submission.updated_at).desc(), col(Submission.id).desc()),
        number=page,
    )


def waiting_for(session: Session, actor: Actor, *, page: int = 1) -> Page:
    """What this person is asked to decide on, the one waiting longest first; never their own items."""
    return _page(
        session,
        _is_with(actor),
        order=(col(Submission.stage_entered_at), col(Submission.id)),
        number=page,
    )


def passed_by(session: Session, actor: Actor, *, page: int = 1) -> Page:
    """What this person decided on before, newest first."""
    decided = select(ReviewDecision.submission_id).where(
        ReviewDecision.actor_id == actor.id,
        col(ReviewDecision.action).in_((*SIGNATURES, Action.RETURN, Action.REJECT)),
    )
    return _page(
        session,
        col(Submission.id).in_(decided),
        order=(col(Submission.updated_at).desc(), col(Submission.id).desc()),
        number=page,
    )


def count_waiting(session: Session, actor: Actor) -> int:
    """How many items wait for this person, for the badge in the menu."""
    return session.exec(select(func.count()).select_from(Submission).where(_is_with(actor))).one()


def _is_with(actor: Actor) -> ColumnElement[bool]:
    stages = [stage for stage in REVIEW_STAGES if actor.may(STAGE_CAPABILITY[stage])]
    if not stages:
        return false()
    at_stage = [
        and_(col(Submission.state) == stage, col(Submission.department_id) == actor.department_id)
        if STAGE_CAPABILITY[stage] is Capability.SIGN_OFF
        else col(Submission.state) == stage
        for stage in stages
    ]
    return and_(or_(*at_stage), col(Submission.contributor_id) != actor.id)


# --- One item --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HistoryLine:
    """One step as it is shown: who did what when, with which words."""

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
        assets=session.exec(
            select(Asset).where(Asset.submission_id == submission_id).order_by(col(Asset.id))
        ).all(),
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


def history(session: Session, submission_id: int) -> Sequence[HistoryLine]:
    """Every step of an item, oldest first; the trail's own steps are signed 系统."""
    rows = session.exec(
        select(ReviewDecision, Person.name)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id), isouter=True)
        .where(ReviewDecision.submission_id == submission_id)
        .order_by(col(ReviewDecision.id))
    ).all()
    return [
        HistoryLine(
            at=each.at,
            actor=name or "系统",
            action=each.action,
            to_state=each.to_state,
            comment=each.comment,
            clause=each.clause,
            revision_id=each.revision_id,
        )
        for each, name in rows
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
