"""Who may do what in an annual review, as a full table: person by state by action; and what rules a pass out."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from models import AnnualAction, AnnualState, Role
from services.rules.annual_review import (
    ITEMS,
    Answer,
    Facts,
    ReviewStanding,
    available,
    fault_of,
    grounds_for_failing,
    long_gaps,
    missing_right,
    step_for,
    usual_window,
)
from services.rules.clocks import Clocks
from services.rules.permissions import Actor

S = AnnualState
A = AnnualAction

UNIT, OTHER_UNIT, OFFICE = 1, 2, 3


def actor(number: int, department: int, *roles: Role) -> Actor:
    return Actor(id=number, name=f"人员{number}", department_id=department, roles=frozenset(roles))


PEOPLE = {
    "contributor": actor(1, UNIT, Role.CONTRIBUTOR),
    "head": actor(2, UNIT, Role.DEPARTMENT_HEAD),
    "head of another unit": actor(3, OTHER_UNIT, Role.DEPARTMENT_HEAD),
    "reviewer": actor(4, OFFICE, Role.REVIEWER),
    "approver": actor(5, OFFICE, Role.APPROVER),
    "approver who confirmed": actor(6, OFFICE, Role.APPROVER),
    "publisher": actor(7, OFFICE, Role.PUBLISHER),
    "supervisor": actor(8, OFFICE, Role.SUPERVISOR),
    "leader": actor(9, OFFICE, Role.LEADER),
    "admin": actor(10, OTHER_UNIT, Role.ADMIN),
}
OF_UNIT = ReviewStanding(state=S.NOT_STARTED, department_id=UNIT, spoke_for_unit=frozenset({6}))
OF_OFFICE = replace(OF_UNIT, department_id=OFFICE, is_office=True)

DECIDERS = {"reviewer", "approver"}
EVERY_OFFICER = {"reviewer", "approver", "approver who confirmed"}

DECIDING: dict[tuple[AnnualState, AnnualAction], tuple[AnnualState, set[str]]] = {
    (S.CONFIRMED, A.RETURN): (S.SELF_CHECKED, DECIDERS),
    (S.CONFIRMED, A.PASS): (S.PASSED, DECIDERS),
    (S.CONFIRMED, A.PASS_GOOD): (S.PASSED_GOOD, DECIDERS),
    (S.CONFIRMED, A.ORDER): (S.CONDITIONAL, DECIDERS),
    (S.CONFIRMED, A.FAIL): (S.FAILED, DECIDERS),
    (S.CONDITIONAL, A.PASS): (S.PASSED, DECIDERS),
    (S.CONDITIONAL, A.FAIL): (S.FAILED, DECIDERS),
}
LEGAL_OF_UNIT = DECIDING | {
    (S.NOT_STARTED, A.SELF_CHECK): (S.SELF_CHECKED, {"head"}),
    (S.SELF_CHECKED, A.SELF_CHECK): (S.SELF_CHECKED, {"head"}),
    (S.SELF_CHECKED, A.CONFIRM): (S.CONFIRMED, {"head"}),
}
LEGAL_OF_OFFICE = DECIDING | {
    (S.NOT_STARTED, A.SELF_CHECK): (S.SELF_CHECKED, EVERY_OFFICER),
    (S.SELF_CHECKED, A.SELF_CHECK): (S.SELF_CHECKED, EVERY_OFFICER),
    (S.SELF_CHECKED, A.CONFIRM): (S.CONFIRMED, EVERY_OFFICER - {"reviewer"}),
}


@pytest.mark.parametrize(
    ("review", "legal"),
    [(OF_UNIT, LEGAL_OF_UNIT), (OF_OFFICE, LEGAL_OF_OFFICE)],
    ids=["a unit's account", "the office's own account"],
)
@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", list(A))
def test_only_the_written_steps_exist_and_only_for_the_people_they_name(
    review: ReviewStanding,
    legal: dict[tuple[AnnualState, AnnualAction], tuple[AnnualState, set[str]]],
    state: AnnualState,
    action: AnnualAction,
) -> None:
    allowed = {
        name: step.target
        for name, person in PEOPLE.items()
        for step in available(person, replace(review, state=state))
        if step.action is action
    }

    target, people = legal.get((state, action), (None, set()))
    assert allowed == dict.fromkeys(people, target)


@pytest.mark.parametrize(
    ("who", "state", "action", "sentence"),
    [
        ("contributor", S.NOT_STARTED, A.SELF_CHECK, "自查由主办单位负责人填写，请联系他们。"),
        ("reviewer", S.SELF_CHECKED, A.CONFIRM, "自查结果由主办单位负责人确认，请联系他们。"),
        ("head", S.CONFIRMED, A.PASS, "年检结论由宣传部审核员或终审人作出。"),
        (
            "approver who confirmed",
            S.CONFIRMED,
            A.PASS,
            "这份自查由您填写或确认，须由另一位同志作出结论。",
        ),
        ("admin", S.NOT_STARTED, A.MISS, "逾期未确认的账号在公示时自动登记为未参加年检。"),
    ],
)
def test_a_refusal_names_the_missing_right(who: str, state: AnnualState, action: AnnualAction, sentence: str) -> None:
    step = step_for(action, state)
    assert step is not None
    missing = missing_right(step, PEOPLE[who], replace(OF_UNIT, state=state))
    assert missing is not None
    assert missing.sentence == sentence


@pytest.mark.parametrize(
    ("facts", "grounds"),
    [
        (Facts(), []),
        (Facts(violations=3, gaps=5, silent_days=59), []),
        (Facts(grave=1), ["有认定为“严重”的内容违规（V01—V10）"]),
        (Facts(advertising=1), ["有认定的商业推广"]),
        (Facts(concealed=1), ["有认定的账号管理违规（隐瞒变更）"]),
        (Facts(refused=1, silent_days=60), ["拒不整改或逾期不整改", "已 60 天没有更新"]),
    ],
)
def test_what_rules_a_pass_out(facts: Facts, grounds: list[str]) -> None:
    assert grounds_for_failing(facts, Clocks()) == grounds


def test_facts_survive_being_stored() -> None:
    facts = Facts(posts=12, gaps=1, password_changed_on="2026-09-01")

    assert Facts.from_json(facts.as_json()) == facts


def test_only_pauses_of_more_than_fourteen_days_are_gaps() -> None:
    assert long_gaps([date(2026, 3, 1), date(2026, 3, 15), date(2026, 3, 30)]) == 1
    assert long_gaps([]) == long_gaps([date(2026, 3, 1)]) == 0


def test_every_item_is_answered_and_a_no_explained() -> None:
    every_yes = {item: Answer(yes=True) for item in ITEMS}

    assert fault_of(every_yes) is None
    assert fault_of({**every_yes, "comments": Answer(yes=False, evidence="已安排专人，12 月底前补齐")}) is None
    assert fault_of({**every_yes, "comments": Answer(yes=False, evidence=" ")}) == (
        "comments",
        "“留言有人管理”回答为否时，请写明情况和整改打算。",
    )
    assert fault_of({**every_yes, "filing": Answer(yes=True, evidence="长" * 301)}) == (
        "filing",
        "“备案信息完整，变更均已备案”的说明请控制在 300 字以内。",
    )
    assert fault_of({}) == ("filing", "请回答“备案信息完整，变更均已备案”。")


def test_the_usual_window_is_the_first_twenty_days_of_december() -> None:
    assert usual_window(2026) == (date(2026, 12, 1), date(2026, 12, 20))
