"""Who may decide a request about an account, as a full table: person by state by action."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import AccountTask, ChangeKind, RegisterEntry, RequestAction, RequestKind, RequestState, Role
from services.rules.account_requests import (
    AFTER,
    CANCELLATION_TASKS,
    CHANGED_FIELDS,
    HANDOVER_TASKS,
    RequestStanding,
    available,
    first_stage,
    missing_right,
    standing_to_apply,
    step_for,
    target_of,
    tasks_of,
)
from services.rules.permissions import Actor

S = RequestState
A = RequestAction

UNIT, OTHER_UNIT, OFFICE = 1, 2, 3


def actor(number: int, department: int, *roles: Role) -> Actor:
    return Actor(id=number, name=f"人员{number}", department_id=department, roles=frozenset(roles))


PEOPLE = {
    "contributor": actor(1, UNIT, Role.CONTRIBUTOR),
    "head": actor(2, UNIT, Role.DEPARTMENT_HEAD),
    "head who applied": actor(3, UNIT, Role.DEPARTMENT_HEAD),
    "head of another unit": actor(4, OTHER_UNIT, Role.DEPARTMENT_HEAD),
    "reviewer": actor(5, OFFICE, Role.REVIEWER),
    "approver": actor(6, OFFICE, Role.APPROVER),
    "approver and leader who signed": actor(7, OFFICE, Role.APPROVER, Role.LEADER),
    "publisher": actor(8, OFFICE, Role.PUBLISHER),
    "supervisor": actor(9, OFFICE, Role.SUPERVISOR),
    "leader": actor(10, OFFICE, Role.LEADER),
    "admin": actor(11, OFFICE, Role.ADMIN),
}
REQUEST = RequestStanding(
    state=S.OFFICE,
    department_id=UNIT,
    applicant_id=3,
    applied_by=frozenset({3}),
    needs_leader=True,
    signers=frozenset({7}),
)

APPROVERS = {"approver", "approver and leader who signed"}
LEADERS = {"leader", "approver and leader who signed"}

LEGAL: dict[tuple[RequestState, RequestAction], tuple[RequestState, set[str]]] = {
    (S.RETURNED, A.SUBMIT): (S.OFFICE, {"head who applied"}),
    (S.RETURNED, A.WITHDRAW): (S.WITHDRAWN, {"head who applied"}),
    (S.DEPARTMENT, A.ENDORSE): (S.OFFICE, {"head"}),
    (S.DEPARTMENT, A.RETURN): (S.RETURNED, {"head"}),
    (S.DEPARTMENT, A.REFUSE): (S.REFUSED, {"head"}),
    (S.DEPARTMENT, A.WITHDRAW): (S.WITHDRAWN, {"head who applied"}),
    (S.OFFICE, A.GRANT): (S.LEADER, {"approver"}),
    (S.OFFICE, A.RETURN): (S.RETURNED, APPROVERS),
    (S.OFFICE, A.REFUSE): (S.REFUSED, APPROVERS),
    (S.OFFICE, A.WITHDRAW): (S.WITHDRAWN, {"head who applied"}),
    (S.LEADER, A.GRANT): (S.GRANTED, {"leader"}),
    (S.LEADER, A.RETURN): (S.RETURNED, LEADERS),
    (S.LEADER, A.REFUSE): (S.REFUSED, LEADERS),
    (S.LEADER, A.WITHDRAW): (S.WITHDRAWN, {"head who applied"}),
}
"""Everything that may happen to a request; whatever is not in it may not."""


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", list(A))
def test_only_the_written_steps_exist_and_only_for_the_people_they_name(
    state: RequestState, action: RequestAction
) -> None:
    request = replace(REQUEST, state=state)
    allowed = {
        name: target_of(step, person, request)
        for name, person in PEOPLE.items()
        for step in available(person, request)
        if step.action is action
    }

    target, people = LEGAL.get((state, action), (None, set()))
    assert allowed == dict.fromkeys(people, target)


def test_without_need_of_the_leader_the_office_decides() -> None:
    request = replace(REQUEST, needs_leader=False)
    step = step_for(A.GRANT, S.OFFICE)

    assert step is not None
    assert target_of(step, PEOPLE["approver"], request) is S.GRANTED


@pytest.mark.parametrize(
    ("who", "has_units_word", "first"),
    [
        ("head", False, S.OFFICE),
        ("reviewer", False, S.DEPARTMENT),
        ("admin", False, S.DEPARTMENT),
        ("head of another unit", False, S.DEPARTMENT),
        ("reviewer", True, S.OFFICE),
    ],
)
def test_a_request_begins_with_the_unit_unless_it_has_the_units_word(
    who: str,
    has_units_word: bool,  # noqa: FBT001  # a column of the table
    first: RequestState,
) -> None:
    assert first_stage(PEOPLE[who], replace(REQUEST, has_units_word=has_units_word)) is first


def test_only_the_units_head_and_the_keepers_of_the_register_apply() -> None:
    applying = {name for name, person in PEOPLE.items() if standing_to_apply(person, UNIT)}

    assert applying == {
        "head",
        "head who applied",
        "reviewer",
        "approver",
        "approver and leader who signed",
        "admin",
    }


@pytest.mark.parametrize(
    ("who", "state", "applied_by", "sentence"),
    [
        ("approver", S.OFFICE, 6, "这份申请由您提出，须由另一位同志审批。"),
        ("reviewer", S.OFFICE, 3, "这一环节不由您办理，请交给当前环节的负责人。"),
        (
            "approver and leader who signed",
            S.LEADER,
            3,
            "您已在这份申请的另一环节签过意见，每个环节须由不同的人办理。",
        ),
    ],
)
def test_a_refusal_names_the_missing_right(who: str, state: RequestState, applied_by: int, sentence: str) -> None:
    step = step_for(A.GRANT, state)
    assert step is not None
    request = replace(REQUEST, state=state, applicant_id=applied_by, applied_by=frozenset({applied_by}))
    missing = missing_right(step, PEOPLE[who], request)
    assert missing is not None
    assert missing.sentence == sentence


def test_every_changed_field_is_in_the_register_and_changes_by_one_kind_only() -> None:
    names = [name for fields in CHANGED_FIELDS.values() for name in fields]

    assert len(names) == len(set(names))
    assert set(names) - set(RegisterEntry.model_fields) == {"name", "owner_department_id"}
    assert set(CHANGED_FIELDS) == set(ChangeKind)


def test_what_a_grant_leaves_owing() -> None:
    assert tasks_of(RequestKind.CANCELLATION, None) == CANCELLATION_TASKS
    assert tasks_of(RequestKind.CHANGE, ChangeKind.ADMINISTRATORS) == HANDOVER_TASKS
    assert tasks_of(RequestKind.CHANGE, ChangeKind.CONTACT) == ()
    assert tasks_of(RequestKind.OPENING, None) == ()


def test_no_step_of_the_checklist_waits_for_itself() -> None:
    assert {*CANCELLATION_TASKS, *HANDOVER_TASKS} == set(AccountTask)
    for task, earlier in AFTER.items():
        assert all(CANCELLATION_TASKS.index(each) < CANCELLATION_TASKS.index(task) for each in earlier)
