"""部门: the units of the school."""

from __future__ import annotations

from sqlmodel import col, func, select

from models import (
    REVIEW_STAGES,
    WITH_AUTHOR,
    AuditAction,
    Department,
    DepartmentKind,
    Person,
    Submission,
    SubmissionState,
)
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.rules.permissions import Capability
from services.rules.typed import one_line
from services.unit_of_work import UnitOfWork

SOMEBODY_WAS_FASTER = "这个部门刚刚被别人改过，这里没有覆盖它：请看过现在的内容再决定，您填写的还在。"
LONGEST_NAME = 60
OPEN = (*WITH_AUTHOR, *REVIEW_STAGES, SubmissionState.APPROVED)
"""States in which somebody of the department may still be asked about an item."""


def create(work: UnitOfWork, *, name: str, kind: DepartmentKind) -> Department:
    """A new unit. Raises `NotAllowed`, `InvalidInput` (name missing, too long or taken)."""
    _refuse_others(work)
    department = Department(name=_free_name(work, name), kind=kind)
    work.session.add(department)
    work.session.flush()
    audit.record(work, AuditAction.DEPARTMENT_CREATED, "department", department.id, {"name": department.name})
    return department


def change(work: UnitOfWork, *, department_id: int, seen_version: int, name: str, kind: DepartmentKind) -> Department:
    """Another name or group for a unit; what it did before stays its own.

    Raises `NotAllowed`, `NotFound`, `InvalidInput`, `StaleState`.
    """
    _refuse_others(work)
    department = _found(work, department_id)
    wanted = _free_name(work, name, but_for=department_id)
    if (department.name, department.kind) == (wanted, kind):
        return department
    work.claim(department, seen_version, otherwise=SOMEBODY_WAS_FASTER)
    details = {"name": [department.name, wanted], "kind": [department.kind.value, kind.value]}
    department.name, department.kind = wanted, kind
    audit.record(work, AuditAction.DEPARTMENT_CHANGED, "department", department_id, details)
    return department


def disable(work: UnitOfWork, *, department_id: int) -> Department:
    """Close a unit that has nobody and nothing left. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    _refuse_others(work)
    department = _found(work, department_id)
    if not department.active:
        raise WrongState("这个部门已经停用，不必再办。")
    people = _count(work, Person, col(Person.department_id) == department_id, col(Person.active))
    if people:
        raise WrongState(f"{department.name}还有 {people} 位在用人员：请先把他们调到别的部门或停用，再停用部门。")
    items = _count(work, Submission, col(Submission.department_id) == department_id, col(Submission.state).in_(OPEN))
    if items:
        raise WrongState(f"{department.name}还有 {items} 篇没有办完的稿件：请等办完、撤回或不予采用后，再停用部门。")
    department.active = False
    audit.record(work, AuditAction.DEPARTMENT_DISABLED, "department", department_id, {"name": department.name})
    return department


def enable(work: UnitOfWork, *, department_id: int) -> Department:
    """Open a unit again. Raises `NotAllowed`, `NotFound`, `WrongState`."""
    _refuse_others(work)
    department = _found(work, department_id)
    if department.active:
        raise WrongState("这个部门没有停用，不必恢复。")
    department.active = True
    audit.record(work, AuditAction.DEPARTMENT_ENABLED, "department", department_id, {"name": department.name})
    return department


def _refuse_others(work: UnitOfWork) -> None:
    # The installation creates the first departments; after that only an administrator does.
    if work.actor.id is not None and not work.actor.may(Capability.ADMINISTER):
        raise NotAllowed("只有系统管理员可以管理人员和部门。")


def _found(work: UnitOfWork, department_id: int) -> Department:
    department = work.session.get(Department, department_id, with_for_update=True)
    if department is None:
        raise NotFound("没有找到这个部门，请刷新列表。")
    return department


def _free_name(work: UnitOfWork, name: str, *, but_for: int = 0) -> str:
    wanted = one_line(name)
    if not wanted:
        raise InvalidInput("请填写部门名称。", field="name")
    if len(wanted) > LONGEST_NAME:
        raise InvalidInput(f"部门名称太长：最多 {LONGEST_NAME} 个字。", field="name")
    taken = work.session.exec(select(Department.id).where(Department.name == wanted)).first()
    if taken not in (None, but_for):
        raise InvalidInput(f"已有名为“{wanted}”的部门。", field="name")
    return wanted


def _count(work: UnitOfWork, table: type[Person] | type[Submission], *conditions: object) -> int:
    statement = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]  # columns
    return work.session.exec(statement).one()
