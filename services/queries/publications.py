"""Reads about publications: what may go out, what is on its way, what waits for a person, what is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from models import (
    Asset,
    Department,
    Destination,
    OfficialAccount,
    Person,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    Revision,
    Submission,
    SubmissionState,
    Target,
)
from services.queries import destinations, publishing_stops
from services.rules.office_time import OFFICE_ZONE
from services.rules.permissions import Actor, Capability
from services.rules.publication_states import CANCELLED, MAY_GO_OUT, Place, targets_of
from services.rules.variants import Variant, variant_from

S = PublicationState
SEALED = Variant()

ON_THE_WAY = (S.QUEUED, S.PREPARING, S.DRAFTED, S.SENDING, S.ACCEPTED)
OPEN = (S.UNKNOWN, S.NEEDS_PERSON)
FOR_A_PERSON = (*OPEN, S.FAILED, S.MISSED)
DONE = (S.LIVE, S.REMOVED, S.BANNED)


@dataclass(frozen=True)
class ReadyItem:
    """An approved item nothing was queued for yet; `wanted_at` is the author's wish."""

    submission_id: int
    title: str
    department: str
    account: str | None
    default_way: PublicationWay | None
    account_verified: bool
    approved_at: datetime
    wanted_at: datetime | None
    embargo_until: datetime | None = None


@dataclass(frozen=True)
class WaitedFor:
    """The publication that must be live first, and how it stands."""

    target: Target
    state: PublicationState


@dataclass(frozen=True)
class PublicationLine:
    """One publication in a list. `waits_for` is set while it does wait for another place; `calling` is the call
    whose outcome nobody knows.
    """

    id: int
    submission_id: int
    title: str
    department: str
    account: str | None
    target: Target
    way: PublicationWay
    state: PublicationState
    scheduled_for: datetime | None
    run_after: datetime
    queued_by: str
    queued_at: datetime
    settled_at: datetime | None
    failure: str
    failure_code: str
    media_id: str | None
    url: str | None
    waits_for: WaitedFor | None = None
    embargo_until: datetime | None = None
    destination_id: int | None = None
    destination: str | None = None
    variant: Variant = SEALED
    calling: str | None = None

    @property
    def place(self) -> str:
        """Where it goes, by its name."""
        return self.destination or self.target.label


@dataclass(frozen=True)
class PublicationDetail:
    """One publication with every call that was made for it, oldest first. The raw answer belongs behind a fold."""

    line: PublicationLine
    publication: Publication
    attempts: Sequence[PublicationAttempt]


def ready_to_publish(session: Session, actor: Actor) -> list[ReadyItem]:
    """Approved items whose approved version goes nowhere: nothing was queued, or all of it was called off. The
    longest waiting first.
    """
    if not actor.reaches(Capability.PUBLISH):
        return []
    queued = exists().where(
        col(Publication.submission_id) == col(Submission.id),
        col(Publication.revision_id) == col(Submission.sealed_revision_id),
        col(Publication.failure_code) != CANCELLED,
    )
    rows = session.exec(
        select(Submission, Department.name, OfficialAccount)
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(Submission.state == SubmissionState.APPROVED, ~queued)
        .order_by(col(Submission.stage_entered_at), col(Submission.id))
    )
    return [_ready(*row) for row in rows]


def _ready(submission: Submission, department: str, account: OfficialAccount | None) -> ReadyItem:
    return ReadyItem(
        submission_id=submission.id or 0,
        title=submission.title,
        department=department,
        account=account.name if account else None,
        default_way=account.default_way if account else None,
        account_verified=account.verified if account else False,
        approved_at=submission.stage_entered_at,
        wanted_at=submission.wanted_at,
        embargo_until=submission.embargo_until,
    )


def in_progress(session: Session, actor: Actor) -> list[PublicationLine]:
    """What the worker has before it or in hand, in the order it will be looked at."""
    order = [col(Publication.run_after), col(Publication.id)]
    return _read(session, actor, [col(Publication.state).in_(ON_THE_WAY)], order)


def waiting_for_person(session: Session, actor: Actor) -> list[PublicationLine]:
    """What does not go on without somebody: drafts to send, doubts, failures, missed times; the oldest first.

    Of what failed or was missed only what may still go out: the item's approval stands for this very version, and
    nobody called it off.
    """
    still_wanted = and_(
        col(Submission.state).in_(MAY_GO_OUT),
        col(Submission.sealed_revision_id) == col(Publication.revision_id),
        col(Publication.failure_code) != CANCELLED,
    )
    conditions = [col(Publication.state).in_(FOR_A_PERSON), or_(col(Publication.state).in_(OPEN), still_wanted)]
    return _read(session, actor, conditions, [col(Publication.queued_at), col(Publication.id)])


def done(session: Session, actor: Actor, *, limit: int = 100, offset: int = 0) -> list[PublicationLine]:
    """What is, or was, live; the newest first."""
    order = [col(Publication.settled_at).desc(), col(Publication.id)]
    return _read(session, actor, [col(Publication.state).in_(DONE)], order, limit=limit, offset=offset)


def count_done(session: Session, actor: Actor) -> int:
    """How many publications are, or were, live."""
    if not actor.reaches(Capability.PUBLISH):
        return 0
    return session.exec(select(func.count()).where(col(Publication.state).in_(DONE))).one()


@dataclass(frozen=True)
class TargetsLeft:
    """Where an item that is out somewhere could still go, in the version that was approved."""

    item: ReadyItem
    targets: tuple[Target, ...]
    further: tuple[Place, ...] = ()


def targets_left(session: Session, actor: Actor, submission_ids: Iterable[int]) -> dict[int, TargetsLeft]:
    """Of these items, those that were published without some target, or with one called off, by their id."""
    if not actor.reaches(Capability.PUBLISH):
        return {}
    rows = session.exec(
        select(Submission, Department.name, OfficialAccount)
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Submission.account_id), isouter=True)
        .where(col(Submission.id).in_(list(submission_ids)), Submission.state == SubmissionState.PUBLISHED)
    ).all()
    taken: dict[int, list[Publication]] = {}
    for each in session.exec(
        select(Publication).where(
            col(Publication.submission_id).in_([item.id for item, *_ in rows]),
            Publication.failure_code != CANCELLED,
        )
    ):
        taken.setdefault(each.revision_id, []).append(each)
    further = [Place(each.kind, each.id, each.name) for each in destinations.active(session)]
    left = {}
    for item, department, account in rows:
        there = taken.get(item.sealed_revision_id or 0, [])
        built_in = (Place(target) for target in targets_of(item.account_id))
        left[item.id or 0] = TargetsLeft(
            _ready(item, department, account),
            tuple(place.target for place in built_in if not any(map(place.holds, there))),
            tuple(place for place in further if not any(map(place.holds, there))),
        )
    return {id_: each for id_, each in left.items() if each.targets or each.further}


def to_carry_over(session: Session, publication_id: int) -> tuple[Revision, OfficialAccount | None, dict[str, str]]:
    """What a person carries over by hand: the sealed version, the account, and the kinds of its pictures."""
    row = session.get_one(Publication, publication_id)
    kinds = session.exec(select(Asset.sha256, Asset.media_type).where(Asset.submission_id == row.submission_id)).all()
    account = session.get(OfficialAccount, row.account_id) if row.account_id else None
    return session.get_one(Revision, row.revision_id), account, dict(kinds)


def detail(session: Session, actor: Actor, publication_id: int) -> PublicationDetail | None:
    """One publication, or None if it does not exist or is not this person's to see."""
    lines = _read(session, actor, [col(Publication.id) == publication_id], [])
    if not lines:
        return None
    return PublicationDetail(
        line=lines[0],
        publication=session.get_one(Publication, publication_id),
        attempts=_attempts(session, [publication_id]),
    )


def _read(
    session: Session,
    actor: Actor,
    conditions: Iterable[ColumnElement[bool]],
    order: Iterable[Any],
    *,
    limit: int | None = None,
    offset: int = 0,
) -> list[PublicationLine]:
    if not actor.reaches(Capability.PUBLISH):
        return []
    first = aliased(Publication)
    statement: Any = (
        select(  # type: ignore[call-overload]  # SQLModel's overloads end at four columns
            Publication,
            Revision.title,
            Department.name,
            OfficialAccount.name,
            Person.name,
            Submission.embargo_until,
            first.target,
            first.state,
            Destination.name,
        )
        .join(Revision, col(Revision.id) == col(Publication.revision_id))
        .join(Submission, col(Submission.id) == col(Publication.submission_id))
        .join(Department, col(Department.id) == col(Submission.department_id))
        .join(Person, col(Person.id) == col(Publication.queued_by_id))
        .join(OfficialAccount, col(OfficialAccount.id) == col(Publication.account_id), isouter=True)
        .join(first, col(first.id) == col(Publication.waits_for_id), isouter=True)
        .join(Destination, col(Destination.id) == col(Publication.destination_id), isouter=True)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
        .offset(offset)
    )
    return [_line(*row) for row in session.exec(statement)]


def _line(  # noqa: PLR0917  # the columns of the statement above, in their order
    row: Publication,
    title: str,
    department: str,
    account: str | None,
    queued_by: str,
    embargo_until: datetime | None,
    first_target: Target | None,
    first_state: PublicationState | None,
    destination: str | None,
) -> PublicationLine:
    waits = None
    if row.state is S.QUEUED and first_target and first_state and first_state is not S.LIVE:
        waits = WaitedFor(first_target, first_state)
    return PublicationLine(
        id=row.id or 0,
        submission_id=row.submission_id,
        title=title,
        department=department,
        account=account,
        target=row.target,
        way=row.way,
        state=row.state,
        scheduled_for=row.scheduled_for,
        run_after=row.run_after,
        queued_by=queued_by,
        queued_at=row.queued_at,
        settled_at=row.settled_at,
        failure=row.failure,
        failure_code=row.failure_code,
        media_id=row.media_id,
        url=row.url,
        waits_for=waits,
        embargo_until=embargo_until,
        destination_id=row.destination_id,
        destination=destination,
        variant=variant_from(row.variant),
        calling=row.calling,
    )


# --- For scripts -----------------------------------------------------------------------------------------


def records(
    session: Session, now: datetime, *, publication_id: int | None = None, submission_id: int | None = None
) -> list[dict[str, Any]]:
    """Publications as JSON documents, oldest first; all of them unless one or one item's are asked for."""
    asked = ((Publication.id, publication_id), (Publication.submission_id, submission_id))
    rows = session.exec(
        select(Publication)
        .where(*(col(column) == value for column, value in asked if value is not None))
        .order_by(col(Publication.id))
    ).all()
    ids = [row.id or 0 for row in rows]
    calls: dict[int, list[PublicationAttempt]] = {}
    for each in _attempts(session, ids):
        calls.setdefault(each.publication_id, []).append(each)
    names = {each.id or 0: each.name for each in session.exec(select(Destination)).all()}
    held = publishing_stops.reasons(session, ids, now)
    return [_record(row, calls, names) | {"held_back": held.get(row.id or 0)} for row in rows]


def _record(
    row: Publication, calls: Mapping[int, Sequence[PublicationAttempt]], names: Mapping[int, str]
) -> dict[str, Any]:
    return {
        "id": row.id,
        "submission": row.submission_id,
        "target": row.target.value,
        "destination": names.get(row.destination_id or 0),
        "way": row.way.value,
        "state": row.state.value,
        "seal": row.seal,
        "scheduled_for": _instant(row.scheduled_for),
        "waits_for": row.waits_for_id,
        "failure": {"code": row.failure_code, "sentence": row.failure, "raw": row.failure_raw},
        "attempts": [
            {"call": each.call, "at": _instant(each.at), "outcome": each.outcome.value, "code": each.code}
            for each in calls.get(row.id or 0, ())
        ],
        "remote": {
            "media_id": row.media_id,
            "publish_id": row.publish_id,
            "msg_data_id": row.msg_data_id,
            "article_id": row.article_id,
            "url": row.url,
        },
    }


def _instant(moment: datetime | None) -> str | None:
    return moment.astimezone(OFFICE_ZONE).isoformat(timespec="milliseconds") if moment else None


def _attempts(session: Session, publication_ids: Sequence[int]) -> Sequence[PublicationAttempt]:
    return session.exec(
        select(PublicationAttempt)
        .where(col(PublicationAttempt.publication_id).in_(publication_ids))
        .order_by(col(PublicationAttempt.publication_id), col(PublicationAttempt.at), col(PublicationAttempt.id))
    ).all()
