"""Data for tests: complete rows with sensible values, each test naming only what it is about."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from sqlmodel import Session, select

from models import (
    Department,
    DepartmentKind,
    Discovery,
    Person,
    PersonRole,
    Publication,
    PublicationState,
    PublicationWay,
    Record,
    ReviewDecision,
    Revision,
    Role,
    Severity,
    Submission,
    Target,
    Violation,
    ViolationKind,
)

Row = TypeVar("Row", bound=Record)

NOW = datetime(2026, 5, 18, 2, 0, tzinfo=UTC)
"""A Monday in term, ten in the morning in Beijing."""

PASSWORD = "weishentai-2026"
PASSWORD_HASH = "$2b$04$.TSiDMLdgnAagmFy6sh0zesWghamMBUEb9HXrYxacw1aBOdCO.9XK"
"""`PASSWORD` with the cheapest work factor: a real one takes 0.3 s at every check."""

_numbers = itertools.count(1)


def department(
    session: Session, name: str = "教务处", kind: DepartmentKind = DepartmentKind.ADMIN_DEPARTMENT
) -> Department:
    """The department of this name, made on first use."""
    known = session.exec(select(Department).where(Department.name == name)).first()
    return known or _added(session, Department(name=name, kind=kind))


def person(
    session: Session,
    username: str,
    name: str,
    *roles: Role,
    department_name: str = "教务处",
    active: bool = True,
) -> Person:
    """Somebody who holds these roles since the beginning of the year and signs in with `PASSWORD`."""
    made = _added(
        session,
        Person(
            username=username,
            name=name,
            department_id=department(session, department_name).id or 0,
            password_hash=PASSWORD_HASH,
            active=active,
            created_at=NOW,
        ),
    )
    for role in roles:
        _added(session, PersonRole(person_id=made.id or 0, role=role, starts_on=date(2026, 1, 1)))
    return made


@dataclass(frozen=True)
class Cast:
    """The standing cast. `outsider` contributes for another department and must see nothing of the others'."""

    contributor: Person
    head: Person
    reviewer: Person
    second_reviewer: Person
    approver: Person
    publisher: Person
    supervisor: Person
    leader: Person
    admin: Person
    outsider: Person


def standing_cast(session: Session) -> Cast:
    """Everybody the office's rules speak of."""
    department(session, "党委宣传部", DepartmentKind.PUBLICITY_OFFICE)
    return Cast(
        contributor=person(session, "xiaowang", "小王", Role.CONTRIBUTOR),
        head=person(session, "zhangchu", "张处长", Role.DEPARTMENT_HEAD),
        reviewer=person(session, "laoli", "老李", Role.REVIEWER, department_name="党委宣传部"),
        second_reviewer=person(session, "xiaosun", "小孙", Role.REVIEWER, department_name="党委宣传部"),
        approver=person(session, "chenbu", "陈部长", Role.APPROVER, department_name="党委宣传部"),
        publisher=person(session, "xiaozhao", "小赵", Role.PUBLISHER, department_name="党委宣传部"),
        supervisor=person(session, "laoguo", "老郭", Role.SUPERVISOR, department_name="监督小组"),
        leader=person(session, "xuxiao", "徐校长", Role.LEADER, department_name="学校领导"),
        admin=person(session, "xiaolin", "小林", Role.ADMIN, department_name="网络中心"),
        outsider=person(session, "xiaozhou", "小周", Role.CONTRIBUTOR, department_name="学生处"),
    )


def submission(session: Session, contributor: Person, **values: Any) -> Submission:
    """An item of the person's department, without content; `revision` gives it some."""
    defaults: dict[str, Any] = {
        "title": f"稿件{next(_numbers)}",
        "created_at": NOW,
        "updated_at": NOW,
        "stage_entered_at": NOW,
    }
    owners = {"contributor_id": id_of(contributor), "department_id": contributor.department_id}
    return _added(session, Submission(**(owners | defaults | values)))


def revision(session: Session, item: Submission, **values: Any) -> Revision:
    """A version of the content, made by the contributor; from now on the item's present one."""
    defaults: dict[str, Any] = {
        "submission_id": id_of(item),
        "title": item.title,
        "body_html": "<p>正文</p>",
        "number": 1,
        "fingerprint": f"{next(_numbers):064x}",
        "made_by_id": item.contributor_id,
        "made_at": NOW,
    }
    made = _added(session, Revision(**(defaults | values)))
    item.revision_id = made.id
    session.flush()
    return made


def decision(session: Session, item: Submission, **values: Any) -> ReviewDecision:
    """One step of an item; `action`, `from_state` and `to_state` are the test's to say."""
    defaults: dict[str, Any] = {
        "submission_id": id_of(item),
        "review_round": 1,
        "entered_at": NOW,
        "at": NOW,
    }
    return _added(session, ReviewDecision(**(defaults | values)))


def publication(session: Session, content: Revision, **values: Any) -> Publication:
    """A publication to the campus site, queued by the author of the revision."""
    defaults: dict[str, Any] = {
        "submission_id": content.submission_id,
        "revision_id": id_of(content),
        "target": Target.SITE,
        "way": PublicationWay.PUBLISH,
        "state": PublicationState.QUEUED,
        "seal": content.fingerprint,
        "marker": f"m{next(_numbers)}",
        "run_after": NOW,
        "queued_by_id": content.made_by_id,
        "queued_at": NOW,
    }
    return _added(session, Publication(**(defaults | values)))


def violation(session: Session, recorder: Person, **values: Any) -> Violation:
    """A recorded case without the steps that led to its state; `department_id` is the test's to say."""
    defaults: dict[str, Any] = {
        "kind": ViolationKind.WORDING,
        "severity": Severity.MINOR,
        "clause": "3.3",
        "discovery": Discovery.INSPECTION,
        "happened_on": NOW.date(),
        "facts": "标题有错别字",
        "recorded_by_id": id_of(recorder),
        "recorded_at": NOW,
    }
    return _added(session, Violation(**(defaults | values)))


def id_of(row: Any) -> int:
    """The id of a row these functions made."""
    assert isinstance(row.id, int)
    return row.id


def _added(session: Session, row: Row) -> Row:
    session.add(row)
    session.flush()
    return row
