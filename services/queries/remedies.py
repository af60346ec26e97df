"""Reads about what was done to an item after it was published. Who may know of it is part of each query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import (
    DeedState,
    Person,
    ProofRead,
    Publication,
    Remedy,
    RemedyDeed,
    RemedyKind,
    RemedyState,
    Screenshot,
    Setting,
    Submission,
    Violation,
)
from services.queries import standings, violations
from services.rules.office_time import office_day
from services.rules.permissions import Actor, signature_of
from services.rules.proof_times import owes_screenshot
from services.rules.remedy_steps import (
    OPEN,
    TAKES_DOWN,
    Limits,
    RemedyStanding,
    RemedyStep,
    available,
    limits_from,
)

SETTING = "remedy."


def limits(session: Session) -> Limits:
    """The limits in force."""
    rows = session.exec(select(Setting).where(col(Setting.key).startswith(SETTING))).all()
    return limits_from({row.key.removeprefix(SETTING): row.value for row in rows})


def standing(remedy: Remedy) -> RemedyStanding:
    """The facts of one remedy that rights and steps are decided on."""
    proposers = frozenset(each for each in (remedy.proposed_by_id, remedy.proposed_for_id) if each is not None)
    return RemedyStanding(state=remedy.state, kind=remedy.kind, proposers=proposers)


# --- What it did to one copy -----------------------------------------------------------------------------


def corrections_made(session: Session, publication_id: int) -> list[tuple[str, str]]:
    """The corrections that stand on one published copy, oldest first."""
    rows = _done_on(session, publication_id, col(Remedy.kind) == RemedyKind.CORRECT)
    return [(each.wrong, each.right) for each in rows]


def told_to_readers(session: Session, publication_id: int) -> list[str]:
    """What stands above the text of one published copy, oldest first."""
    rows = _done_on(session, publication_id, col(Remedy.kind).in_([RemedyKind.CORRECT, RemedyKind.NOTE]))
    return [readers_words(each) for each in rows]


def readers_words(remedy: Remedy) -> str:
    """What readers are told of a remedy, with the day it was decided on."""
    day = office_day(remedy.decided_at or remedy.proposed_at)
    when = f"（{day.year}年{day.month}月{day.day}日）"
    if remedy.kind is RemedyKind.CORRECT:
        return f"更正：文中“{remedy.wrong}”应为“{remedy.right}”。{when}"
    return f"{remedy.note}{when}"


def _done_on(session: Session, publication_id: int, *conditions: ColumnElement[bool]) -> Sequence[Remedy]:
    return session.exec(
        select(Remedy)
        .join(RemedyDeed, col(RemedyDeed.remedy_id) == col(Remedy.id))
        .where(RemedyDeed.publication_id == publication_id, RemedyDeed.state == DeedState.DONE, *conditions)
        .order_by(col(RemedyDeed.done_at), col(Remedy.id))
    ).all()


def is_taken_down(session: Session, revision_id: int) -> bool:
    """Whether two people decided that this version is to be read nowhere."""
    decided = select(Remedy.id).where(
        Remedy.revision_id == revision_id,
        col(Remedy.kind).in_(TAKES_DOWN),
        col(Remedy.state).in_([RemedyState.CONFIRMED, RemedyState.DONE]),
    )
    return session.exec(decided.limit(1)).first() is not None


# --- For the screen --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DeedLine:
    """One copy of a remedy: what is done to it, the reading taken before (`evidence`), and how many screenshots there
    are of it.
    """

    deed: RemedyDeed
    publication: Publication
    evidence: ProofRead | None
    screenshots: int

    @property
    def owes_record(self) -> bool:
        """Whether nothing of this copy was kept yet."""
        return owes_screenshot(self.evidence.verdict if self.evidence else None, self.screenshots)


@dataclass(frozen=True)
class RemedyLine:
    """One remedy with everything its screen needs; `steps` are this reader's buttons."""

    remedy: Remedy
    title: str
    proposed_by: str
    decided_by: str
    deeds: Sequence[DeedLine]
    steps: Sequence[RemedyStep]

    def is_late(self, now: datetime) -> bool:
        return (self.remedy.done_at or now) > self.remedy.due_at


def of_submission(session: Session, actor: Actor, submission_id: int) -> list[RemedyLine]:
    """Every remedy of one item, newest first."""
    return _read(session, actor, col(Remedy.submission_id) == submission_id)


def open_ones(session: Session, actor: Actor) -> list[RemedyLine]:
    """What still has to be decided or done, the most urgent first."""
    found = _read(session, actor, col(Remedy.state).in_(OPEN))
    return sorted(found, key=lambda each: (each.remedy.due_at, each.remedy.id))


def waiting_for(session: Session, actor: Actor) -> list[RemedyLine]:
    """What this person may confirm now, the most urgent first."""
    return [each for each in open_ones(session, actor) if any(step.rights for step in each.steps if _confirms(step))]


def _confirms(step: RemedyStep) -> bool:
    return step.target is RemedyState.CONFIRMED


def _read(session: Session, actor: Actor, *conditions: ColumnElement[bool]) -> list[RemedyLine]:
    rows = session.exec(
        select(Remedy, Submission.title)
        .join(Submission, col(Submission.id) == col(Remedy.submission_id))
        .where(*conditions, standings.visible_to(actor))
        .order_by(col(Remedy.id).desc())
    ).all()
    ids = {each for remedy, _ in rows for each in _people(remedy)}
    names = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(ids))).all())
    deeds = _deeds(session, [remedy.id or 0 for remedy, _ in rows])
    return [
        RemedyLine(
            remedy=remedy,
            title=title,
            proposed_by=_signed(names, remedy.proposed_by_id, remedy.proposed_for_id),
            decided_by=_signed(names, remedy.decided_by_id, remedy.decided_for_id),
            deeds=[each for each in deeds if each.deed.remedy_id == remedy.id],
            steps=available(actor, standing(remedy)),
        )
        for remedy, title in rows
    ]


def cases_of(session: Session, actor: Actor, submission_id: int) -> dict[int, str]:
    """The violation cases about an item that this person may know of, by id."""
    rows = session.exec(
        select(Violation)
        .where(Violation.submission_id == submission_id, violations.visible_to(actor))
        .order_by(col(Violation.id))
    ).all()
    return {row.id or 0: f"{row.kind.label}（{row.state.label}）" for row in rows}


def _people(remedy: Remedy) -> list[int]:
    found = (remedy.proposed_by_id, remedy.proposed_for_id, remedy.decided_by_id, remedy.decided_for_id)
    return [each for each in found if each is not None]


def _signed(names: dict[int | None, str], person_id: int | None, for_id: int | None) -> str:
    return signature_of(names.get(person_id, ""), names.get(for_id) if for_id else None)


def owes_record(session: Session, deed: RemedyDeed) -> bool:
    """Whether a copy was neither read before it is changed nor photographed by anybody."""
    evidence = session.get(ProofRead, deed.evidence_id) if deed.evidence_id else None
    kept = select(func.count()).select_from(Screenshot).where(Screenshot.publication_id == deed.publication_id)
    return owes_screenshot(evidence.verdict if evidence else None, session.exec(kept).one())


def _deeds(session: Session, remedy_ids: Sequence[int]) -> list[DeedLine]:
    kept: Any = (
        select(func.count(col(Screenshot.id)))
        .where(Screenshot.publication_id == RemedyDeed.publication_id)
        .correlate(RemedyDeed)
        .scalar_subquery()
    )
    rows = session.exec(
        select(RemedyDeed, Publication, ProofRead, kept)
        .join(Publication, col(Publication.id) == col(RemedyDeed.publication_id))
        .join(ProofRead, col(ProofRead.id) == col(RemedyDeed.evidence_id), isouter=True)
        .where(col(RemedyDeed.remedy_id).in_(remedy_ids))
        .order_by(col(RemedyDeed.id))
    ).all()
    return [DeedLine(*row) for row in rows]
