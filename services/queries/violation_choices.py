"""What the form that records a violation offers to choose from."""

from __future__ import annotations

from dataclasses import dataclass

from sqlmodel import Session, col, select

from models import Department, OfficialAccount, Person, Submission
from services.queries import standings
from services.rules.permissions import Actor

MOST_ITEMS = 100


@dataclass(frozen=True)
class Choices:
    """Departments, accounts and people by id, in the order of their registers."""

    departments: dict[int, str]
    accounts: dict[int, str]
    people: dict[int, str]


def choices(session: Session) -> Choices:
    """Everybody and everything a case can concern; whoever left since is still to be named."""
    departments = session.exec(select(Department.id, Department.name).order_by(col(Department.id)))
    registered = session.exec(select(OfficialAccount.id, OfficialAccount.name).order_by(col(OfficialAccount.id)))
    people = session.exec(
        select(Person.id, Person.name, Department.name)
        .join(Department, col(Department.id) == col(Person.department_id))
        .order_by(col(Department.id), col(Person.id))
    )
    return Choices(
        departments={id_: name for id_, name in departments if id_ is not None},
        accounts={id_: name for id_, name in registered if id_ is not None},
        people={id_: f"{name}（{department}）" for id_, name, department in people if id_ is not None},
    )


def items(session: Session, actor: Actor, *, department_id: int | None, text: str = "") -> dict[int, str]:
    """The latest items this person may know of, by id: of one department, with every word in the title."""
    statement = select(Submission.id, Submission.title).where(standings.visible_to(actor))
    if department_id is not None:
        statement = statement.where(Submission.department_id == department_id)
    for word in text.split():
        statement = statement.where(col(Submission.title).icontains(word, autoescape=True))
    newest = statement.order_by(col(Submission.updated_at).desc(), col(Submission.id).desc()).limit(MOST_ITEMS)
    return {id_: title for id_, title in session.exec(newest) if id_ is not None}
