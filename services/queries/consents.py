"""Reads about portrait consents, ready to draw, always masked. Only the keepers of the register see its lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import (
    Asset,
    PictureConsent,
    PortraitConsent,
    Publication,
    PublicationState,
    Setting,
    Submission,
    SubmissionState,
    Target,
    Vocabulary,
    WithdrawalTask,
)
from services.errors import NotAllowed
from services.queries.standings import visible_to
from services.rules.consents import KEEP_YEARS, WARN_WITHIN
from services.rules.permissions import Actor, Capability

PAGE_SIZE = 20
MOST_FOUND = 8


KEEP_YEARS_SETTING = "consents.keep_years"


def keep_years(session: Session) -> int:
    """How many years after its end the personal data of a consent are kept."""
    stored = session.get(Setting, KEEP_YEARS_SETTING)
    return int(stored.value) if stored is not None and stored.value.isdigit() else KEEP_YEARS


class ConsentStanding(Vocabulary):
    """Where a consent stands on a day."""

    IN_FORCE = "in_force", "有效"
    ENDING = "ending", "30 天内到期"
    ENDED = "ended", "已到期"
    WITHDRAWN = "withdrawn", "已撤回"
    ERASED = "erased", "个人信息已删除"


@dataclass(frozen=True)
class ConsentFilter:
    """What a keeper asked to see; `digest` is of an exact name."""

    digest: str = ""
    school_class: str = ""
    standing: ConsentStanding | None = None


EVERYTHING = ConsentFilter()


@dataclass(frozen=True)
class OpenWithdrawal:
    """An item that still shows somebody who withdrew."""

    id: int
    consent_id: int
    shown_name: str
    school_class: str
    submission_id: int
    title: str
    state: SubmissionState
    due_on: date
    live: tuple[tuple[Target, str | None], ...]


def standing_of(consent: PortraitConsent, today: date) -> ConsentStanding:
    """Where a consent stands today."""
    if consent.erased_at is not None:
        return ConsentStanding.ERASED
    if consent.withdrawn_at is not None:
        return ConsentStanding.WITHDRAWN
    if consent.valid_until < today:
        return ConsentStanding.ENDED
    return ConsentStanding.ENDING if consent.valid_until <= today + WARN_WITHIN else ConsentStanding.IN_FORCE


def pages_of(total: int) -> int:
    """How many pages a list of so many consents has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def count(session: Session, actor: Actor, *, today: date, wanted: ConsentFilter = EVERYTHING) -> int:
    """How many consents are asked for. Raises `NotAllowed`."""
    _refuse_others(actor)
    return session.exec(select(func.count()).select_from(PortraitConsent).where(*_conditions(wanted, today))).one()


def page(
    session: Session, actor: Actor, *, today: date, wanted: ConsentFilter = EVERYTHING, number: int = 1
) -> Sequence[PortraitConsent]:
    """One page of the register, the newest entry first. Raises `NotAllowed`."""
    _refuse_others(actor)
    return session.exec(
        select(PortraitConsent)
        .where(*_conditions(wanted, today))
        .order_by(col(PortraitConsent.id).desc())
        .limit(PAGE_SIZE)
        .offset((max(1, number) - 1) * PAGE_SIZE)
    ).all()


def named_exactly(session: Session, digest: str, *, today: date) -> Sequence[PortraitConsent]:
    """The consents of a person in force, for whoever knows the whole name: how a picture is linked."""
    return session.exec(
        select(PortraitConsent)
        .where(
            PortraitConsent.name_digest == digest,
            col(PortraitConsent.withdrawn_at).is_(None),
            col(PortraitConsent.valid_until) >= today,
        )
        .order_by(col(PortraitConsent.valid_until).desc(), col(PortraitConsent.id))
        .limit(MOST_FOUND)
    ).all()


def pictures_of(session: Session, consent_ids: Sequence[int]) -> dict[int, int]:
    """How many pictures each of these consents is linked to."""
    rows = session.exec(
        select(PictureConsent.consent_id, func.count())
        .where(col(PictureConsent.consent_id).in_(consent_ids))
        .group_by(col(PictureConsent.consent_id))
    )
    return dict(rows.all())


def open_withdrawals(session: Session, actor: Actor) -> Sequence[OpenWithdrawal]:
    """What still shows somebody who withdrew, the most urgent first. Raises `NotAllowed`."""
    _refuse_others(actor)
    rows = session.exec(
        select(WithdrawalTask, PortraitConsent, Submission)
        .join(PortraitConsent, col(PortraitConsent.id) == col(WithdrawalTask.consent_id))
        .join(Submission, col(Submission.id) == col(WithdrawalTask.submission_id))
        .where(col(WithdrawalTask.done_at).is_(None))
        .order_by(col(WithdrawalTask.due_on), col(WithdrawalTask.id))
    ).all()
    live = _live(session, [item.id for _, _, item in rows])
    return [
        OpenWithdrawal(
            id=task.id or 0,
            consent_id=task.consent_id,
            shown_name=consent.shown_name,
            school_class=consent.school_class,
            submission_id=task.submission_id,
            title=item.title,
            state=item.state,
            due_on=task.due_on,
            live=tuple(live.get(task.submission_id, ())),
        )
        for task, consent, item in rows
    ]


def count_open_withdrawals(session: Session) -> int:
    """How many items still wait, for the badge."""
    return session.exec(
        select(func.count()).select_from(WithdrawalTask).where(col(WithdrawalTask.done_at).is_(None))
    ).one()


def _live(session: Session, submission_ids: Sequence[int | None]) -> dict[int, list[tuple[Target, str | None]]]:
    rows = session.exec(
        select(Publication)
        .where(col(Publication.submission_id).in_(submission_ids), Publication.state == PublicationState.LIVE)
        .order_by(col(Publication.id))
    )
    found: dict[int, list[tuple[Target, str | None]]] = {}
    for each in rows:
        found.setdefault(each.submission_id, []).append((each.target, each.url))
    return found


def items_of(session: Session, actor: Actor, consent_id: int) -> Sequence[Submission]:
    """The items with a picture that is linked to a consent, as far as the person may know of them, the newest first."""
    showing = (
        select(Asset.submission_id)
        .join(PictureConsent, col(PictureConsent.asset_id) == col(Asset.id))
        .where(PictureConsent.consent_id == consent_id)
    )
    return session.exec(
        select(Submission).where(col(Submission.id).in_(showing), visible_to(actor)).order_by(col(Submission.id).desc())
    ).all()


def _conditions(wanted: ConsentFilter, today: date) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.digest:
        conditions.append(col(PortraitConsent.name_digest) == wanted.digest)
    if wanted.school_class:
        conditions.append(col(PortraitConsent.school_class).contains(wanted.school_class, autoescape=True))
    if wanted.standing is not None:
        conditions += _stands(wanted.standing, today)
    return conditions


def _stands(wanted: ConsentStanding, today: date) -> list[ColumnElement[bool]]:
    withdrawn, until = col(PortraitConsent.withdrawn_at), col(PortraitConsent.valid_until)
    erased = col(PortraitConsent.erased_at)
    if wanted is ConsentStanding.ERASED:
        return [erased.is_not(None)]
    if wanted is ConsentStanding.WITHDRAWN:
        return [erased.is_(None), withdrawn.is_not(None)]
    within = {
        ConsentStanding.ENDED: until < today,
        ConsentStanding.ENDING: until.between(today, today + WARN_WITHIN),
        ConsentStanding.IN_FORCE: until > today + WARN_WITHIN,
    }
    return [erased.is_(None), withdrawn.is_(None), within[wanted]]


def _refuse_others(actor: Actor) -> None:
    if not actor.may(Capability.KEEP_CONSENTS):
        raise NotAllowed("肖像授权由宣传部的审核员、终审人和发布员登记和保管。")
