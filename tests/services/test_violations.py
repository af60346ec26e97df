"""A case from its record to its end, on a real database; and the points that follow it."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from models import (
    AuditAction,
    AuditEvent,
    Discovery,
    Indicator,
    ScoreEntry,
    Severity,
    Violation,
    ViolationAction,
    ViolationKind,
    ViolationPerson,
    ViolationState,
    ViolationStep,
)
from services import violations
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, Refusal, StaleState, WrongState
from services.rules.office_time import office_day
from tests.office import Office

A = ViolationAction
S = ViolationState


def record(office: Office, who: str = "老李", **changes: Any) -> int:
    """A minor wording case against 教务处; its id."""
    given: dict[str, Any] = {
        "kind": ViolationKind.WORDING,
        "severity": Severity.MINOR,
        "department_id": office.departments["教务处"],
        "clause": "3.3",
        "facts": "推文标题把“典礼”写成“点礼”",
        "happened_on": office_day(office.now),
        "discovery": Discovery.INSPECTION,
    }
    with office.acting_as(who) as work:
        violation = violations.record(work, **(given | changes))
        assert violation.id is not None
        return violation.id


def perform(office: Office, who: str, action: ViolationAction, case: int, comment: str = "情况属实") -> Violation:
    version = stored(office, case).version
    with office.acting_as(who) as work:
        return violations.perform(work, action, violation_id=case, seen_version=version, comment=comment)


def stored(office: Office, case: int) -> Violation:
    with office.reading() as session:
        return session.get_one(Violation, case)


def decided(office: Office, **changes: Any) -> int:
    """A case 老李 recorded and 孙老师 decided."""
    case = record(office, **changes)
    perform(office, "老李", A.INVESTIGATE, case)
    perform(office, "孙老师", A.DECIDE, case)
    return case


def ledger(session: Session) -> list[tuple[Indicator, int, str, int]]:
    rows = session.exec(select(ScoreEntry).order_by(col(ScoreEntry.id)))
    return [(each.indicator, each.hundredths, each.cause, each.period) for each in rows]


def steps(office: Office, case: int) -> list[tuple[ViolationAction, ViolationState, str]]:
    with office.reading() as session:
        rows = session.exec(
            select(ViolationStep).where(ViolationStep.violation_id == case).order_by(col(ViolationStep.id))
        )
        return [(each.action, each.to_state, each.comment) for each in rows]


def test_a_case_goes_from_record_to_close_through_three_people(office: Office) -> None:
    case = record(office)

    perform(office, "老李", A.CONTAIN, case, "已更正标题")
    perform(office, "老李", A.INVESTIGATE, case, "")
    perform(office, "老李", A.ORDER, case, "三日内自查同类差错")
    perform(office, "张处长", A.REPORT_FIXED, case, "已自查，无同类差错")
    perform(office, "孙老师", A.DECIDE, case, "文字差错，一般")
    closed = perform(office, "郭老师", A.CLOSE, case, "")

    assert steps(office, case) == [
        (A.RECORD, S.RECORDED, ""),
        (A.CONTAIN, S.CONTAINED, "已更正标题"),
        (A.INVESTIGATE, S.INVESTIGATING, ""),
        (A.ORDER, S.RECTIFYING, "三日内自查同类差错"),
        (A.REPORT_FIXED, S.RECHECKING, "已自查，无同类差错"),
        (A.DECIDE, S.DECIDED, "文字差错，一般"),
        (A.CLOSE, S.CLOSED, ""),
    ]
    assert (closed.state, closed.version, closed.done_at_once, closed.decided_by_id, closed.closed_at) == (
        S.CLOSED,
        7,
        "已更正标题",
        office.people["孙老师"],
        office.now,
    )


def test_a_case_does_not_name_a_draft_that_nobody_handed_in(office: Office) -> None:
    """A case shows the title of its item to everybody who reads the case."""
    draft = office.draft(title="还没交的稿件")

    with pytest.raises(InvalidInput, match="没有找到所选的稿件"):
        record(office, submission_id=draft)
    office.hand_in(draft)

    assert stored(office, record(office, submission_id=draft)).submission_id == draft


def test_what_was_done_at_once_is_written_once_and_contains_the_case(office: Office) -> None:
    case = record(office, done_at_once="已删除推文")

    violation = stored(office, case)
    assert (violation.state, violation.done_at_once) == (S.CONTAINED, "已删除推文")
    assert steps(office, case) == [(A.RECORD, S.RECORDED, ""), (A.CONTAIN, S.CONTAINED, "已删除推文")]


def test_the_people_of_a_case_are_kept_once_each(office: Office) -> None:
    wang = office.people["小王"]
    case = record(office, people=[wang, wang])

    with office.reading() as session:
        named = session.exec(select(ViolationPerson.person_id).where(ViolationPerson.violation_id == case)).all()
    assert named == [wang]


@pytest.mark.parametrize("who", ["小王", "张处长", "小赵", "徐校长", "小林"])
def test_only_the_office_and_the_oversight_record_violations(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        record(office, who)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"facts": "  "}, "facts"),
        ({"clause": ""}, "clause"),
        ({"department_id": 999}, "department_id"),
        ({"submission_id": 999}, "submission_id"),
        ({"account_id": 999}, "account_id"),
        ({"people": [999]}, "people"),
    ],
)
def test_an_incomplete_record_names_its_field_and_leaves_nothing(
    office: Office, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record(office, **changes)

    assert refusal.value.field == field
    with office.reading() as session:
        assert session.exec(select(Violation)).all() == []


def test_a_violation_cannot_happen_tomorrow(office: Office) -> None:
    with pytest.raises(InvalidInput) as refusal:
        record(office, happened_on=office_day(office.now) + timedelta(days=1))

    assert refusal.value.field == "happened_on"


def test_who_recorded_a_case_does_not_decide_it(office: Office) -> None:
    case = record(office, "孙老师")
    perform(office, "孙老师", A.INVESTIGATE, case)

    with pytest.raises(NotAllowed, match="由您登记"):
        perform(office, "孙老师", A.DECIDE, case)

    with office.reading() as session:
        assert (stored(office, case).state, ledger(session)) == (S.INVESTIGATING, [])


def test_who_decided_a_case_does_not_close_it(office: Office) -> None:
    case = decided(office)

    with pytest.raises(NotAllowed, match="由您认定"):
        perform(office, "孙老师", A.CLOSE, case)

    assert stored(office, case).state is S.DECIDED


def test_who_recorded_a_case_does_not_close_it(office: Office) -> None:
    case = record(office, "老唐")
    perform(office, "老李", A.INVESTIGATE, case)
    perform(office, "孙老师", A.DECIDE, case)

    with pytest.raises(NotAllowed, match="由您登记"):
        perform(office, "老唐", A.CLOSE, case)


def test_nobody_decides_a_case_that_names_them(office: Office) -> None:
    case = record(office, people=[office.people["孙老师"]])
    perform(office, "老李", A.INVESTIGATE, case)

    with pytest.raises(NotAllowed, match="涉及您本人"):
        perform(office, "孙老师", A.DECIDE, case)


def test_nobody_decides_a_case_of_their_own_department(office: Office) -> None:
    case = record(office, "孙老师", department_id=office.departments["宣传部"])
    perform(office, "孙老师", A.INVESTIGATE, case)

    with pytest.raises(NotAllowed, match="您所在的部门"):
        perform(office, "陈部长", A.DECIDE, case)


def test_who_decided_does_not_answer_the_appeal(office: Office) -> None:
    case = decided(office)
    perform(office, "张处长", A.APPEAL, case, "标题已在发布前更正")

    with pytest.raises(NotAllowed, match="由您认定"):
        perform(office, "孙老师", A.DECIDE, case)


def test_a_deduction_is_entered_once_however_often_it_is_upheld(office: Office) -> None:
    case = decided(office, severity=Severity.MAJOR)
    perform(office, "张处长", A.APPEAL, case, "请复核")
    perform(office, "郭老师", A.DECIDE, case, "维持")

    with office.reading() as session:
        assert ledger(session) == [(Indicator.DEDUCTION, -500, f"violation:{case}", 202611)]


def test_an_appeal_that_succeeds_gives_the_points_back_in_a_row_of_its_own(office: Office) -> None:
    case = decided(office, severity=Severity.SEVERE)
    office.later(days=10)
    perform(office, "张处长", A.APPEAL, case, "请复核")
    perform(office, "郭老师", A.DISMISS, case, "证据不足")

    assert stored(office, case).state is S.DISMISSED
    with office.reading() as session:
        assert ledger(session) == [
            (Indicator.DEDUCTION, -1500, f"violation:{case}", 202611),
            (Indicator.DEDUCTION, 1500, f"violation:{case}:overturned", 202612),
        ]


def test_a_dismissed_case_costs_nothing(office: Office) -> None:
    case = record(office)
    perform(office, "孙老师", A.DISMISS, case, "核查后不属实")

    with office.reading() as session:
        assert ledger(session) == []
    assert stored(office, case).closed_at == office.now


def test_a_decision_without_its_reason_is_refused_and_nothing_happens(office: Office) -> None:
    case = record(office)
    perform(office, "老李", A.INVESTIGATE, case)

    with pytest.raises(ReasonRequired):
        perform(office, "孙老师", A.DECIDE, case, "  ")

    with office.reading() as session:
        assert (stored(office, case).state, ledger(session)) == (S.INVESTIGATING, [])


def test_of_two_people_with_the_same_page_the_second_is_told(office: Office) -> None:
    case = record(office)
    seen = stored(office, case).version
    perform(office, "老李", A.INVESTIGATE, case)

    with pytest.raises(StaleState, match="刚刚被处理过"), office.acting_as("老周") as work:
        violations.perform(work, A.ORDER, violation_id=case, seen_version=seen, comment="限期整改")

    assert len(steps(office, case)) == 2


def test_a_step_that_does_not_exist_in_a_state_names_the_state(office: Office) -> None:
    case = record(office)

    with pytest.raises(WrongState, match="已登记"):
        perform(office, "郭老师", A.CLOSE, case)


def test_a_contact_of_another_department_does_not_learn_that_the_case_exists(office: Office) -> None:
    case = record(office)
    refusals: list[Refusal] = []
    for unknown in (case, case + 1):
        with pytest.raises(NotFound) as refusal, office.acting_as("黄处长") as work:
            violations.perform(work, A.APPEAL, violation_id=unknown, seen_version=1, comment="申诉")
        refusals.append(refusal.value)

    assert refusals[0].sentence == refusals[1].sentence


def test_every_step_and_every_deduction_leaves_its_line_in_the_trail(office: Office) -> None:
    case = decided(office)

    with office.reading() as session:
        lines = session.exec(
            select(AuditEvent)
            .where(AuditEvent.subject_type == "violation", AuditEvent.subject_id == case)
            .order_by(col(AuditEvent.sequence))
        ).all()
    assert [(each.action, json.loads(each.details).get("action")) for each in lines] == [
        (AuditAction.VIOLATION_RECORDED, "record"),
        (AuditAction.VIOLATION_MOVED, "investigate"),
        (AuditAction.VIOLATION_MOVED, "decide"),
        (AuditAction.POINTS_GIVEN, None),
    ]
