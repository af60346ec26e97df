"""Reads about the trail, ready to draw: who did what, newest first.

Whoever reads the trail still learns no more of an item or a case than elsewhere: a name or words they may not
read are left out here, not on the screen.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func
from sqlmodel import Session, col, select

from models import (
    AuditAction,
    AuditEvent,
    Delegation,
    Department,
    OfficialAccount,
    Person,
    Publication,
    Submission,
    Violation,
    Vocabulary,
)
from services.errors import NotAllowed
from services.queries import standings, violations
from services.rules.office_time import OFFICE_ZONE
from services.rules.permissions import Actor, Capability

PAGE_SIZE = 50

ABOUT_THE_ACT = frozenset(
    {
        "account",
        "action",
        "answer",
        "bytes",
        "code",
        "consent",
        "deed",
        "destination",
        "due_at",
        "ends_at",
        "field",
        "finding",
        "for",
        "for_id",
        "from",
        "item",
        "items",
        "kind",
        "outcome",
        "picture",
        "planned",
        "proof",
        "reason_kind",
        "remark_id",
        "remedy",
        "revision",
        "round",
        "rule",
        "scheduled_for",
        "seal",
        "severity",
        "sha256",
        "stage",
        "submission",
        "target",
        "to",
        "until",
        "verdict",
        "violation",
        "waits_for",
        "way",
    }
)
"""Details that say how an act was done. Every other may say something of the content of an item or a case (a title, a
reason, a file's name), and is told only to whoever may read it.
"""


class TrailGroup(Vocabulary):
    """What the trail is about, as its readers look for it."""

    SUBMISSIONS = "submissions", "稿件"
    PUBLICATIONS = "publications", "发布"
    VIOLATIONS = "violations", "违规与记分"
    SIGN_INS = "sign_ins", "登录"
    OFFICE = "office", "人员与设置"


KINDS_IN: dict[TrailGroup, tuple[str, ...]] = {
    TrailGroup.SUBMISSIONS: (
        "submission",
        "checklist",
        "comment",
        "remark",
        "finding",
        "exemption",
        "picture",
        "attachment",
        "consent",
    ),
    TrailGroup.PUBLICATIONS: ("publication", "publishing", "proof", "remedy", "packet"),
    TrailGroup.VIOLATIONS: ("violation", "points"),
    TrailGroup.SIGN_INS: ("session",),
    TrailGroup.OFFICE: (
        "database",
        "person",
        "department",
        "account",
        "annual",
        "route",
        "emergency",
        "occasion",
        "setting",
        "calendar",
        "delegation",
        "absence",
        "notice",
        "operator",
        "training",
        "duty",
        "duties",
        "lexicon",
        "roster",
        "reason",
    ),
}
"""The first part of an action's code."""


def actions_in(group: TrailGroup) -> list[AuditAction]:
    """The actions of a group."""
    return [action for action in AuditAction if action.value.partition(".")[0] in KINDS_IN[group]]


@dataclass(frozen=True)
class TrailFilter:
    """What the person asked to see; nothing given means everything. Days are Beijing days, both inclusive."""

    group: TrailGroup | None = None
    person_id: int | None = None
    subject_id: int | None = None
    since: date | None = None
    until: date | None = None


EVERYTHING = TrailFilter()


@dataclass(frozen=True)
class TrailLine:
    """One act. `subject` is the name of what it was done to: empty if it has none, or none for this reader."""

    sequence: int
    at: datetime
    actor: str
    action: AuditAction
    subject_type: str
    subject_id: int | None
    subject: str
    details: Mapping[str, Any]


def pages_of(total: int) -> int:
    """How many pages a list of so many lines has; at least 1."""
    return max(1, -(-total // PAGE_SIZE))


def count(session: Session, actor: Actor, *, wanted: TrailFilter = EVERYTHING) -> int:
    """How many acts are asked for. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(select(func.count()).select_from(AuditEvent).where(*_conditions(wanted))).one()


def lines(session: Session, actor: Actor, *, wanted: TrailFilter = EVERYTHING, page: int = 1) -> Sequence[TrailLine]:
    """One page of the acts asked for, newest first. Raises `NotAllowed`."""
    refuse_others(actor)
    rows = session.exec(
        select(AuditEvent, Person.name)
        .join(Person, col(Person.id) == col(AuditEvent.actor_id), isouter=True)
        .where(*_conditions(wanted))
        .order_by(col(AuditEvent.sequence).desc())
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    ).all()
    names = _subject_names(session, actor, [event for event, _ in rows])
    return [_line(event, name or "系统", names) for event, name in rows]


def refuse_others(actor: Actor) -> None:
    """Raise `NotAllowed` for whoever may not read the trail."""
    if not actor.may(Capability.READ_TRAIL):
        raise NotAllowed("您的角色不能查看操作日志。如果工作需要，请联系系统管理员为您添加角色。")


def _conditions(wanted: TrailFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.group is not None:
        conditions.append(col(AuditEvent.action).in_(actions_in(wanted.group)))
    if wanted.person_id is not None:
        conditions.append(col(AuditEvent.actor_id) == wanted.person_id)
    if wanted.subject_id is not None:
        conditions.append(col(AuditEvent.subject_id) == wanted.subject_id)
    if wanted.since is not None:
        conditions.append(col(AuditEvent.at) >= _midnight(wanted.since))
    if wanted.until is not None:
        conditions.append(col(AuditEvent.at) < _midnight(wanted.until + timedelta(days=1)))
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICE_ZONE)


# --- What the acts were done to --------------------------------------------------------------------------

Subject = tuple[str, int]

NAMES: dict[str, Any] = {
    "submission": select(Submission.id, Submission.title),
    "publication": select(Publication.id, Submission.title).join(
        Submission, col(Submission.id) == col(Publication.submission_id)
    ),
    "violation": select(Violation.id, Violation.kind),
    "person": select(Person.id, Person.name),
    "department": select(Department.id, Department.name),
    "delegation": select(Delegation.id, Person.name).join(Person, col(Person.id) == col(Delegation.principal_id)),
    "account": select(OfficialAccount.id, OfficialAccount.name),
}
GUARDED = ("submission", "publication", "violation")
"""Subjects that not everybody may know of."""


def _subject_names(session: Session, actor: Actor, events: Collection[AuditEvent]) -> dict[Subject, str]:
    """The names this reader may know, one statement for each kind of subject."""
    names: dict[Subject, str] = {}
    for kind, statement in NAMES.items():
        ids = {event.subject_id for event in events if event.subject_type == kind}
        if ids:
            visible = statement.where(statement.selected_columns[0].in_(ids), *_visible(kind, actor))
            names |= {(kind, id_): _named(name) for id_, name in session.exec(visible)}
    return names


def _visible(kind: str, actor: Actor) -> list[ColumnElement[bool]]:
    if kind == "violation":
        return [violations.visible_to(actor)]
    return [standings.visible_to(actor)] if kind in GUARDED else []


def _named(name: str) -> str:
    return name.label if isinstance(name, Vocabulary) else name


def _line(event: AuditEvent, actor: str, names: Mapping[Subject, str]) -> TrailLine:
    subject = (event.subject_type, event.subject_id or 0)
    details = json.loads(event.details)
    if event.subject_type in GUARDED and subject not in names:
        details = {key: value for key, value in details.items() if key in ABOUT_THE_ACT}
    return TrailLine(
        sequence=event.sequence,
        at=event.at,
        actor=actor,
        action=event.action,
        subject_type=event.subject_type,
        subject_id=event.subject_id,
        subject=names.get(subject, ""),
        details=details,
    )
