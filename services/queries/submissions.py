"""Reads about one submission, ready to draw. Who may know of it is asked first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    WITH_AUTHOR,
    Action,
    Asset,
    Content,
    Department,
    Draft,
    Finding,
    OfficialAccount,
    Person,
    Publication,
    ReturnTalk,
    ReviewDecision,
    Revision,
    Screening,
    Submission,
    SubmissionState,
    Vocabulary,
)
from services.errors import NotFound
from services.queries.standings import standing
from services.rules.permissions import Actor, Capability, may_see, signature_of
from services.rules.permissions import may_exempt as right_to_exempt
from services.rules.workflow import SIGNATURES, Transition, available


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
    talk: ReturnTalk | None = None


class Baseline(Vocabulary):
    """Which version the present one is compared with, as its reader would call it."""

    OWN = "own", "您上次审过的一版"
    REVIEWED = "reviewed", "上次审过的一版"
    HANDED_IN = "handed_in", "作者提交的一版"


@dataclass(frozen=True)
class SubmissionDetail:
    """Everything one screen shows of one item; fully loaded. `reviewed` is what `content` is compared with."""

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
    baseline: Baseline | None
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
    compared = _compared_with(session, actor, submission)
    return SubmissionDetail(
        submission=submission,
        content=revision or draft,
        draft=draft,
        revision_number=revision.number if revision else None,
        contributor=session.get_one(Person, submission.contributor_id).name,
        department=session.get_one(Department, submission.department_id).name,
        account=account,
        assets=session.exec(select(Asset).where(Asset.submission_id == submission_id).order_by(col(Asset.id))).all(),
        findings=latest_findings(session, submission_id, reader=actor),
        history=history(session, submission_id),
        steps=available(actor, facts),
        reviewed=compared[0] if compared else None,
        baseline=compared[1] if compared else None,
        publications=session.exec(
            select(Publication).where(Publication.submission_id == submission_id).order_by(col(Publication.id))
        ).all(),
    )


def written_by(session: Session, actor: Actor, submission_id: int) -> SubmissionDetail:
    """The same for the form its author writes in: nobody else reads the draft. Raises `NotFound` for all others."""
    item = detail(session, actor, submission_id)
    if item.submission.contributor_id != actor.id:
        raise NotFound("没有找到这篇稿件：它不存在，或不是您的稿件。")
    return item


def latest_findings(session: Session, submission_id: int, *, reader: Actor | None = None) -> Sequence[Finding]:
    """The marks of the last run of the machine check, in the order of the text.

    While its author rewrites an item, and once they gave it up, a `reader` is told what was found in the version they
    may read, and nothing that quotes the unsent text.
    """
    runs = select(func.max(Screening.id)).where(Screening.submission_id == submission_id)
    if reader is not None:
        runs = (
            runs.join(Submission, col(Submission.id) == col(Screening.submission_id))
            .join(Revision, col(Revision.id) == col(Submission.revision_id), isouter=True)
            .where(told_to(reader))
        )
    newest = runs.scalar_subquery()
    return session.exec(select(Finding).where(col(Finding.screening_id) == newest).order_by(col(Finding.id))).all()


def told_to(reader: Actor) -> ColumnElement[bool]:
    """The condition on a run of the check, its item and the item's present version (which may be missing) under which a
    reader of the item is told what the run found: an author's unsent text is quoted to nobody else, nor the date.
    """
    as_sent = and_(
        col(Screening.category) == col(Submission.category),
        col(Screening.event_date).is_not_distinct_from(col(Submission.event_date)),
    )
    return or_(
        col(Submission.contributor_id) == reader.id,
        col(Submission.state).not_in((*WITH_AUTHOR, SubmissionState.WITHDRAWN)),
        and_(col(Screening.fingerprint) == col(Revision.fingerprint), or_(col(Screening.category).is_(None), as_sent)),
    )


def checked_fingerprint(session: Session, submission_id: int) -> str | None:
    """The fingerprint of the content the machine check last ran on, or None if it never ran."""
    newest = select(Screening.fingerprint).where(Screening.submission_id == submission_id)
    return session.exec(newest.order_by(col(Screening.id).desc())).first()


def was_checked(session: Session, submission_id: int) -> bool:
    """Whether the machine check ever ran on this item."""
    return session.exec(select(Screening.id).where(Screening.submission_id == submission_id)).first() is not None


def may_exempt(session: Session, actor: Actor, submission_id: int) -> bool:
    """Whether the person may let what was marked in this item stand elsewhere too."""
    if not actor.reaches(Capability.APPROVE):
        return False  # most readers, whose page costs no further statements
    submission = session.get(Submission, submission_id)
    return submission is not None and right_to_exempt(actor, standing(session, submission))


def history(session: Session, submission_id: int) -> Sequence[HistoryLine]:
    """Every step of an item, oldest first; the trail's own steps are signed 系统."""
    principal = aliased(Person)
    rows = session.exec(
        select(ReviewDecision, Person.name, principal.name, ReturnTalk)
        .join(Person, col(Person.id) == col(ReviewDecision.actor_id), isouter=True)
        .join(principal, col(principal.id) == col(ReviewDecision.for_id), isouter=True)
        .join(ReturnTalk, _is_of_return(), isouter=True)
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
            talk=talk,
        )
        for each, name, of, talk in rows
    ]


def _is_of_return() -> ColumnElement[bool]:
    """A talk belongs to the return of its round."""
    return and_(
        col(ReviewDecision.action) == Action.RETURN,
        col(ReturnTalk.submission_id) == col(ReviewDecision.submission_id),
        col(ReturnTalk.review_round) == col(ReviewDecision.review_round),
    )


def revisions(session: Session, submission_id: int) -> Sequence[Revision]:
    """All versions of an item, oldest first."""
    return session.exec(
        select(Revision).where(Revision.submission_id == submission_id).order_by(col(Revision.number))
    ).all()


def _compared_with(session: Session, actor: Actor, submission: Submission) -> tuple[Revision, Baseline] | None:
    """The version a reader compares the present one with, or None where there is no other to speak of.

    The author: what they handed in, if the office changed it. Others: what they decided on last themselves, else what
    the review decided on last, else what the author handed in.
    """
    decided = session.exec(
        select(ReviewDecision)
        .where(
            ReviewDecision.submission_id == submission.id,
            col(ReviewDecision.action).in_((*SIGNATURES, Action.RETURN, Action.SUBMIT)),
            col(ReviewDecision.revision_id).is_not(None),
        )
        .order_by(col(ReviewDecision.id).desc())
    ).all()
    handed_in = [each for each in decided if each.action is Action.SUBMIT][:1]
    reviewed = [each for each in decided if each.action is not Action.SUBMIT]
    own = [each for each in reviewed if actor.id in (each.actor_id, each.for_id)]
    is_author = actor.id == submission.contributor_id
    for found, baseline in (
        (handed_in if is_author else [], Baseline.HANDED_IN),
        (own, Baseline.OWN),
        (reviewed, Baseline.REVIEWED),
        (handed_in, Baseline.HANDED_IN),
    ):
        other = next((each.revision_id for each in found if each.revision_id != submission.revision_id), None)
        if other is not None:
            return session.get_one(Revision, other), baseline
    return None
