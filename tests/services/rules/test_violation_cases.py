"""Who may do what with a violation, as a full table: person by state by action."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import Role, Severity, ViolationAction, ViolationKind, ViolationState
from services.rules import violation_cases as cases
from services.rules.permissions import Actor
from services.rules.violation_cases import (
    DEFAULT_SEVERITY,
    CaseStanding,
    available,
    may_see,
    missing_right,
    step_for,
)

S = ViolationState
A = ViolationAction

ACADEMIC_AFFAIRS, STUDENT_AFFAIRS, OFFICE, OVERSIGHT = 1, 2, 3, 4


def actor(number: int, department: int, *roles: Role) -> Actor:
    return Actor(id=number, name=f"人员{number}", department_id=department, roles=frozenset(roles))


PEOPLE = {
    "contributor": actor(1, ACADEMIC_AFFAIRS, Role.CONTRIBUTOR),
    "head": actor(2, ACADEMIC_AFFAIRS, Role.DEPARTMENT_HEAD),
    "head of another department": actor(3, STUDENT_AFFAIRS, Role.DEPARTMENT_HEAD),
    "reviewer": actor(4, OFFICE, Role.REVIEWER),
    "who recorded it": actor(5, OFFICE, Role.APPROVER),
    "who decided it": actor(6, OFFICE, Role.APPROVER),
    "who reported the fix": actor(7, OVERSIGHT, Role.SUPERVISOR),
    "supervisor": actor(8, OVERSIGHT, Role.SUPERVISOR),
    "supervisor named in it": actor(9, OVERSIGHT, Role.SUPERVISOR),
    "supervisor of the same department": actor(10, ACADEMIC_AFFAIRS, Role.SUPERVISOR),
    "publisher": actor(11, OFFICE, Role.PUBLISHER),
    "leader": actor(12, OFFICE, Role.LEADER),
    "admin": actor(13, OFFICE, Role.ADMIN),
    "named contributor elsewhere": actor(14, STUDENT_AFFAIRS, Role.CONTRIBUTOR),
}

CASE = CaseStanding(
    state=S.RECORDED,
    department_id=ACADEMIC_AFFAIRS,
    recorded_by_id=5,
    named=frozenset({9, 14}),
    fixers=frozenset({7}),
    deciders=frozenset({6}),
)

EVERY_HANDLER = {
    "reviewer",
    "who recorded it",
    "who decided it",
    "who reported the fix",
    "supervisor",
    "supervisor named in it",
    "supervisor of the same department",
}
IMPARTIAL = EVERY_HANDLER - {"supervisor named in it", "supervisor of the same department"}

LEGAL: dict[tuple[ViolationState, ViolationAction], tuple[ViolationState, set[str]]] = {
    (S.RECORDED, A.CONTAIN): (S.CONTAINED, EVERY_HANDLER),
    (S.RECORDED, A.INVESTIGATE): (S.INVESTIGATING, IMPARTIAL),
    (S.RECORDED, A.DISMISS): (S.DISMISSED, {"who decided it", "supervisor"}),
    (S.CONTAINED, A.INVESTIGATE): (S.INVESTIGATING, IMPARTIAL),
    (S.CONTAINED, A.DISMISS): (S.DISMISSED, {"who decided it", "supervisor"}),
    (S.INVESTIGATING, A.ORDER): (S.RECTIFYING, IMPARTIAL - {"who reported the fix"}),
    (S.INVESTIGATING, A.DECIDE): (S.DECIDED, {"who decided it", "supervisor"}),
    (S.INVESTIGATING, A.DISMISS): (S.DISMISSED, {"who decided it", "supervisor"}),
    (S.RECTIFYING, A.REPORT_FIXED): (S.RECHECKING, EVERY_HANDLER | {"head"}),
    (S.RECHECKING, A.ORDER): (S.RECTIFYING, IMPARTIAL - {"who reported the fix"}),
    (S.RECHECKING, A.DECIDE): (S.DECIDED, {"who decided it", "supervisor"}),
    (S.RECHECKING, A.DISMISS): (S.DISMISSED, {"who decided it", "supervisor"}),
    (S.DECIDED, A.APPEAL): (S.APPEALED, {"head"}),
    (S.DECIDED, A.CLOSE): (S.CLOSED, {"supervisor"}),
    (S.APPEALED, A.DECIDE): (S.DECIDED, {"supervisor"}),
    (S.APPEALED, A.DISMISS): (S.DISMISSED, {"supervisor"}),
}
"""Everything that may happen to a case; whatever is not in it may not."""


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", list(A))
def test_only_the_written_steps_exist_and_only_for_the_people_they_name(
    state: ViolationState, action: ViolationAction
) -> None:
    case = replace(CASE, state=state)
    allowed = {
        name: step.target
        for name, person in PEOPLE.items()
        for step in available(person, case)
        if step.action is action
    }

    target, people = LEGAL.get((state, action), (None, set()))
    assert allowed == dict.fromkeys(people, target)


def test_what_the_screen_offers_is_what_the_service_accepts() -> None:
    for state in S:
        case = replace(CASE, state=state)
        for person in PEOPLE.values():
            offered = [step.action for step in available(person, case)]
            accepted = [
                action
                for action in A
                if (step := step_for(action, state)) and missing_right(step, person, case) is None
            ]
            assert sorted(offered) == sorted(accepted)


@pytest.mark.parametrize(
    ("person", "state", "action", "missing"),
    [
        ("contributor", S.RECORDED, A.CONTAIN, cases.HANDLES_CASES),
        ("publisher", S.RECORDED, A.INVESTIGATE, cases.HANDLES_CASES),
        ("reviewer", S.INVESTIGATING, A.DECIDE, cases.DECIDES_CASES),
        ("leader", S.DECIDED, A.CLOSE, cases.DECIDES_CASES),
        ("supervisor of the same department", S.INVESTIGATING, A.DECIDE, cases.IS_OF_ANOTHER_DEPARTMENT),
        ("supervisor of the same department", S.DECIDED, A.CLOSE, cases.IS_OF_ANOTHER_DEPARTMENT),
        ("supervisor named in it", S.INVESTIGATING, A.DECIDE, cases.IS_NOT_NAMED),
        ("supervisor named in it", S.DECIDED, A.CLOSE, cases.IS_NOT_NAMED),
        ("who recorded it", S.INVESTIGATING, A.DECIDE, cases.DID_NOT_RECORD),
        ("who recorded it", S.DECIDED, A.CLOSE, cases.DID_NOT_RECORD),
        ("who reported the fix", S.RECHECKING, A.DECIDE, cases.DID_NOT_FIX),
        ("who decided it", S.DECIDED, A.CLOSE, cases.DID_NOT_DECIDE),
        ("who decided it", S.APPEALED, A.DECIDE, cases.DID_NOT_DECIDE),
        ("who decided it", S.APPEALED, A.DISMISS, cases.DID_NOT_DECIDE),
        ("contributor", S.DECIDED, A.APPEAL, cases.ANSWERS_FOR_DEPARTMENT),
        ("head of another department", S.DECIDED, A.APPEAL, cases.ANSWERS_FOR_DEPARTMENT),
        ("head of another department", S.RECTIFYING, A.REPORT_FIXED, cases.REPORTS_FOR_DEPARTMENT),
    ],
)
def test_the_refused_person_is_told_which_right_is_missing(
    person: str, state: ViolationState, action: ViolationAction, missing: cases.CaseRight
) -> None:
    step = step_for(action, state)
    assert step is not None
    assert missing_right(step, PEOPLE[person], replace(CASE, state=state)) == missing


def test_a_case_is_appealed_once() -> None:
    step = step_for(A.APPEAL, S.DECIDED)
    assert step is not None
    answered = replace(CASE, state=S.DECIDED, was_appealed=True)
    assert missing_right(step, PEOPLE["head"], answered) == cases.WAS_NOT_APPEALED


def test_a_step_against_somebody_says_why() -> None:
    silent = {step.action for step in cases.CASE_STEPS if not step.needs_reason}
    assert silent == {A.INVESTIGATE, A.CLOSE}


def test_nothing_follows_the_end_of_a_case() -> None:
    assert [state for state in S if not any(state in step.sources for step in cases.CASE_STEPS)] == list(cases.ENDED)


def test_who_knows_of_a_case() -> None:
    assert {name for name, person in PEOPLE.items() if may_see(person, CASE)} == EVERY_HANDLER | {
        "contributor",
        "head",
        "leader",
        "named contributor elsewhere",
    }


def test_every_kind_has_the_severity_the_taxonomy_gives_it() -> None:
    by_severity = {
        severity: [kind.value for kind in ViolationKind if DEFAULT_SEVERITY[kind] is severity] for severity in Severity
    }
    assert by_severity == {
        Severity.MINOR: ["V09", "V12", "V14", "V16", "V17"],
        Severity.MAJOR: ["V04", "V05", "V06", "V07", "V08", "V10", "V11", "V13", "V15", "V18"],
        Severity.SEVERE: ["V01", "V02", "V03"],
    }
