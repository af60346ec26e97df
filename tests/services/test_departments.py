"""部门: who may open, rename and close a unit, and what keeps it open."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models import AuditAction, Department, DepartmentKind, Role
from services import departments, passwords, people
from services.errors import InvalidInput, NotAllowed, WrongState
from services.unit_of_work import UnitOfWork
from tests.office import CAST, Office

TEACHING = DepartmentKind.TEACHING_UNIT

Act = Callable[[UnitOfWork, int], object]
ACTS: dict[str, Act] = {
    "create": lambda work, _: departments.create(work, name="文学院", kind=TEACHING),
    "change": lambda work, id_: departments.change(
        work, department_id=id_, seen_version=1, name="教务部", kind=TEACHING
    ),
    "disable": lambda work, id_: departments.disable(work, department_id=id_),
    "enable": lambda work, id_: departments.enable(work, department_id=id_),
}


def opened(office: Office, name: str = "文学院") -> int:
    with office.acting_as("小林") as work:
        return departments.create(work, name=name, kind=TEACHING).id or 0


def stored(office: Office, department_id: int) -> tuple[str, DepartmentKind, bool]:
    with office.reading() as session:
        found = session.get_one(Department, department_id)
        return found.name, found.kind, found.active


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("act", ACTS)
def test_only_the_administrator_manages_units(office: Office, act: str) -> None:
    refused = []
    for name, _, roles in CAST:
        if Role.ADMIN in roles:
            continue
        with pytest.raises(NotAllowed, match="只有系统管理员"), office.acting_as(name) as work:
            ACTS[act](work, office.departments["教务处"])
        refused.append(name)

    assert len(refused) == len(CAST) - 1
    assert stored(office, office.departments["教务处"]) == ("教务处", DepartmentKind.ADMIN_DEPARTMENT, True)


def test_unit_is_renamed_closed_and_opened_again(office: Office) -> None:
    department_id = opened(office)

    with office.acting_as("小林") as work:
        departments.change(
            work, department_id=department_id, seen_version=1, name=" 人文学院 ", kind=DepartmentKind.MASS_ORGANISATION
        )
        departments.disable(work, department_id=department_id)
    closed = stored(office, department_id)
    with office.acting_as("小林") as work:
        departments.enable(work, department_id=department_id)

    assert closed == ("人文学院", DepartmentKind.MASS_ORGANISATION, False)
    assert stored(office, department_id) == ("人文学院", DepartmentKind.MASS_ORGANISATION, True)


@pytest.mark.parametrize("name", ["", "  ", "学生处", "长" * 61])
def test_name_that_is_missing_taken_or_too_long_is_refused(office: Office, name: str) -> None:
    with pytest.raises(InvalidInput, match="部门") as refusal, office.acting_as("小林") as work:
        departments.change(work, department_id=office.departments["教务处"], seen_version=1, name=name, kind=TEACHING)

    assert refusal.value.field == "name"


def test_unit_with_people_cannot_be_closed(office: Office) -> None:
    with pytest.raises(WrongState, match="还有 2 位在用人员"), office.acting_as("小林") as work:
        departments.disable(work, department_id=office.departments["教务处"])


def test_unit_with_open_items_cannot_be_closed(office: Office) -> None:
    office.draft()
    with office.acting_as("小林") as work:
        for name in ("小王", "张处长"):
            people.disable(work, person_id=office.people[name], handover="小吴接手")

    with pytest.raises(WrongState, match="还有 1 篇没有办完的稿件"), office.acting_as("小林") as work:
        departments.disable(work, department_id=office.departments["教务处"])


def test_nobody_is_entered_in_a_closed_unit(office: Office) -> None:
    department_id = opened(office)
    with office.acting_as("小林") as work:
        departments.disable(work, department_id=department_id)

    with pytest.raises(InvalidInput, match="已停用") as refusal, office.acting_as("小林") as work:
        people.create_person(
            work,
            username="newcomer",
            name="新同志",
            department_id=department_id,
            roles=[Role.CONTRIBUTOR],
            password_hash=passwords.NONE,
        )

    assert refusal.value.field == "department"


def test_closing_is_on_the_trail(office: Office) -> None:
    department_id = opened(office)
    with office.acting_as("小林") as work:
        departments.disable(work, department_id=department_id)

    assert office.trail("department", department_id) == [
        (AuditAction.DEPARTMENT_CREATED, "小林", {"name": "文学院"}),
        (AuditAction.DEPARTMENT_DISABLED, "小林", {"name": "文学院"}),
    ]
