"""Reads about readings of published copies: how each copy of an item stands, alarms, and what is not synchronised."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    OfficialAccount,
    Person,
    ProofOccasion,
    ProofRead,
    ProofVerdict,
    Publication,
    PublicationState,
    Screenshot,
    Submission,
    Target,
)
from services.queries import standings
from services.rules.permissions import Actor
from services.rules.proof_times import ALARMING, SYNCHRONISED_WITHIN, WATCHED_FOR, owes_screenshot

# --- One item --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class CopyStanding:
    """One published copy of an item: its last reading, whether one is waiting, and the screenshots people recorded."""

    publication: Publication
    account: str | None
    last: ProofRead | None
    is_waiting: bool
    screenshots: Sequence[Screenshot]

    @property
    def owes_screenshot(self) -> bool:
        return owes_screenshot(self.last.verdict if self.last else None, len(self.screenshots))


def of_submission(session: Session, actor: Actor, submission_id: int) -> list[CopyStanding]:
    """Every copy of an item that is or was live, in the order in which they were queued."""
    published = (PublicationState.LIVE, PublicationState.REMOVED, PublicationState.BANNED)
    rows = session.exec(
        select(Publication, OfficialAccount.name)
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Publication.account_id), isouter=True)
        .where(
            Publication.submission_id == submission_id,
            col(Publication.state).in_(published),
            standings.visible_to(actor),
        )
        .order_by(col(Publication.id))
    ).all()
    ids = [row.id or 0 for row, _ in rows]
    readings = session.exec(
        select(ProofRead)
        .where(col(ProofRead.publication_id).in_(ids))
        .order_by(col(ProofRead.read_at), col(ProofRead.id))
    ).all()
    last = {each.publication_id: each for each in readings if each.read_at is not None}
    waiting = {each.publication_id for each in readings if each.read_at is None}
    shots = session.exec(
        select(Screenshot).where(col(Screenshot.publication_id).in_(ids)).order_by(col(Screenshot.id))
    ).all()
    return [
        CopyStanding(
            publication=row,
            account=account,
            last=last.get(row.id or 0),
            is_waiting=row.id in waiting,
            screenshots=[each for each in shots if each.publication_id == row.id],
        )
        for row, account in rows
    ]


def screenshots_of(session: Session, publication_id: int) -> list[Screenshot]:
    """The screenshots people recorded of one publication, oldest first."""
    rows = select(Screenshot).where(Screenshot.publication_id == publication_id).order_by(col(Screenshot.id))
    return list(session.exec(rows))


def readings_of(session: Session, publication_id: int) -> Sequence[ProofRead]:
    """Every reading of one copy, oldest first."""
    return session.exec(
        select(ProofRead)
        .where(ProofRead.publication_id == publication_id, col(ProofRead.read_at).is_not(None))
        .order_by(col(ProofRead.read_at), col(ProofRead.id))
    ).all()


@dataclass(frozen=True)
class Unproved:
    """A live copy of which nothing proves what readers got."""

    submission_id: int
    title: str
    target: Target
    account: str | None
    live_at: datetime


def unproved(session: Session, actor: Actor, now: datetime) -> list[Unproved]:
    """The copies that the last reading did not reach and that nobody photographed, while they are watched; oldest
    first.
    """
    newest = (
        select(ProofRead.id)
        .where(ProofRead.publication_id == Publication.id, col(ProofRead.read_at).is_not(None))
        .order_by(col(ProofRead.read_at).desc(), col(ProofRead.id).desc())
        .limit(1)
        .correlate(Publication)
        .scalar_subquery()
    )
    kept = select(Screenshot.id).where(Screenshot.publication_id == Publication.id)
    columns: tuple[Any, ...] = (
        Submission.id,
        Submission.title,
        Publication.target,
        OfficialAccount.name,
        Publication.settled_at,
    )
    rows = session.exec(
        select(*columns)
        .join(Publication, col(Publication.submission_id) == col(Submission.id))
        .join(ProofRead, col(ProofRead.id) == newest)
        .join(OfficialAccount, col(OfficialAccount.id) == col(Publication.account_id), isouter=True)
        .where(
            Publication.state == PublicationState.LIVE,
            col(Publication.settled_at) > now - WATCHED_FOR,
            ProofRead.verdict == ProofVerdict.UNREAD,
            ~kept.exists(),
            standings.visible_to(actor),
        )
        .order_by(col(Publication.settled_at), col(Publication.id))
    ).all()
    return [Unproved(id_, title, Target.of(kind), account, at) for id_, title, kind, account, at in rows]


# --- Alarms ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Alarm:
    """A deviation nobody has answered yet."""

    proof: ProofRead
    publication: Publication
    title: str
    account: str | None


def alarms(session: Session, actor: Actor, *, submission_id: int | None = None) -> list[Alarm]:
    """The open alarms this person may know of, the oldest first; of one item, or of all."""
    asked = [] if submission_id is None else [col(Publication.submission_id) == submission_id]
    rows = session.exec(
        select(ProofRead, Publication, Submission.title, OfficialAccount.name)
        .join(Publication, col(Publication.id) == col(ProofRead.publication_id))
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Publication.account_id), isouter=True)
        .where(
            col(ProofRead.is_alarm),
            col(ProofRead.acknowledged_at).is_(None),
            standings.visible_to(actor),
            *asked,
        )
        .order_by(col(ProofRead.read_at), col(ProofRead.id))
    ).all()
    return [Alarm(*row) for row in rows]


def answered(session: Session, actor: Actor, submission_id: int) -> list[tuple[ProofRead, Target, str]]:
    """The alarms of an item that were answered, with the target and who answered, newest first."""
    rows = session.exec(
        select(ProofRead, Publication.target, Person.name)
        .join(Publication, col(Publication.id) == col(ProofRead.publication_id))
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(Person, col(Person.id) == col(ProofRead.acknowledged_by_id))
        .where(Publication.submission_id == submission_id, col(ProofRead.is_alarm), standings.visible_to(actor))
        .order_by(col(ProofRead.acknowledged_at).desc())
    ).all()
    return [(proof, Target.of(target), name) for proof, target, name in rows]


def is_known_deviation(session: Session, row: ProofRead) -> bool:
    """Whether an earlier alarm on the same copy was about the very same content."""
    known = select(ProofRead.id).where(
        ProofRead.publication_id == row.publication_id,
        ProofRead.id != row.id,
        ProofRead.likeness == row.likeness,
        col(ProofRead.is_alarm),
    )
    return row.verdict in ALARMING and session.exec(known.limit(1)).first() is not None


# --- Synchronisation (rule 3.1) --------------------------------------------------------------------------


@dataclass(frozen=True)
class Unsynchronised:
    """An item whose campus page did not follow the push within a day; `site_at` is when it did, if ever."""

    submission_id: int
    title: str
    wechat_at: datetime
    site_at: datetime | None


def unsynchronised(
    session: Session, actor: Actor, now: datetime, *, since: datetime | None = None, open_only: bool = True
) -> list[Unsynchronised]:
    """Items pushed on WeChat whose campus page is missing after 24 hours, oldest first. With `open_only=False` also
    those whose page came, but too late: what a month's count needs. `since` bounds the day of the push. The system
    knows of every item.
    """
    site = aliased(Publication)
    beside = and_(
        col(site.submission_id) == col(Publication.submission_id),
        col(site.target) != Target.WECHAT,
        # A page that was taken down had been there.
        col(site.state).in_([PublicationState.LIVE, PublicationState.REMOVED]),
    )
    first = func.min(site.settled_at)
    missing = first.is_(None)
    rows = session.exec(
        select(Submission.id, Submission.title, Publication.settled_at, first)
        .join(Publication, col(Publication.submission_id) == col(Submission.id))
        .join(site, beside, isouter=True)
        .where(
            Publication.target == Target.WECHAT,
            Publication.state == PublicationState.LIVE,
            col(Publication.settled_at) < now - SYNCHRONISED_WITHIN,
            *_since(since),
            *([standings.visible_to(actor)] if actor.id is not None else []),
        )
        .group_by(col(Submission.id), col(Submission.title), col(Publication.settled_at))
        # Of those whose page came at all, the few that came after the push are judged below.
        .having(missing if open_only else or_(missing, first > col(Publication.settled_at)))
        .order_by(col(Publication.settled_at))
    ).all()
    found = [Unsynchronised(id_ or 0, title, pushed, page) for id_, title, pushed, page in rows if pushed is not None]
    return [each for each in found if each.site_at is None or each.site_at - each.wechat_at > SYNCHRONISED_WITHIN]


def _since(since: datetime | None) -> list[ColumnElement[bool]]:
    return [] if since is None else [col(Publication.settled_at) >= since]


# --- For the worker --------------------------------------------------------------------------------------


def readings_since(session: Session, account_id: int, since: datetime) -> int:
    """How many readings of an account's articles were made since then: they have a daily quota."""
    return session.exec(
        select(func.count())
        .select_from(ProofRead)
        .join(Publication, col(Publication.id) == col(ProofRead.publication_id))
        .where(
            Publication.account_id == account_id,
            col(ProofRead.read_at) >= since,
            ProofRead.verdict != ProofVerdict.UNREAD,
        )
    ).one()


def is_asked_by_people(row: ProofRead) -> bool:
    """Whether somebody waits for it: such readings may use the last of the day's quota."""
    return row.occasion in {ProofOccasion.ASKED, ProofOccasion.EVIDENCE}
