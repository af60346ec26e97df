"""Who may do what in the life of an account, as a full table: person by state by action; and what the rule counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from models import AccountAction, AccountState, Role
from services.rules.account_life import (
    FOLLOWS_A_REQUEST,
    LIFE,
    AccountStanding,
    Freshness,
    Timeliness,
    Urgency,
    available,
    freshness,
    may_see,
    missing_right,
    step_for,
    timeliness,
    urgency,
)
from services.rules.clocks import Clocks
from services.rules.permissions import Actor
from services.rules.working_days import Calendar

S = AccountState
A = AccountAction

UNIT, OTHER_UNIT, OFFICE, OVERSIGHT = 1, 2, 3, 4


def actor(number: int, department: int, *roles: Role) -> Actor:
    return Actor(id=number, name=f"人员{number}", department_id=department, roles=frozenset(roles))


PEOPLE = {
    "contributor": actor(1, UNIT, Role.CONTRIBUTOR),
    "head": actor(2, UNIT, Role.DEPARTMENT_HEAD),
    "head of another unit": actor(3, OTHER_UNIT, Role.DEPARTMENT_HEAD),
    "reviewer": actor(4, OFFICE, Role.REVIEWER),
    "reviewer who handed in the proof": actor(5, OFFICE, Role.REVIEWER),
    "approver": actor(6, OFFICE, Role.APPROVER),
    "approver who suspended it": actor(7, OFFICE, Role.APPROVER),
    "publisher": actor(8, OFFICE, Role.PUBLISHER),
    "supervisor": actor(9, OVERSIGHT, Role.SUPERVISOR),
    "leader": actor(10, OFFICE, Role.LEADER),
    "admin": actor(11, OTHER_UNIT, Role.ADMIN),
}
ACCOUNT = AccountStanding(state=S.ACTIVE, department_id=UNIT, proven_by=frozenset({5}), suspended_by=frozenset({7}))

KEEPERS = {
    "reviewer",
    "reviewer who handed in the proof",
    "approver",
    "approver who suspended it",
    "admin",
}
CHECKERS = KEEPERS - {"reviewer who handed in the proof"}
WATCHERS = (KEEPERS - {"admin"}) | {"supervisor"}

LEGAL: dict[tuple[AccountState, AccountAction], tuple[AccountState, set[str]]] = {
    (S.APPROVED, A.REGISTER): (S.REGISTERED, KEEPERS | {"head"}),
    (S.REGISTERED, A.REJECT_PROOF): (S.APPROVED, CHECKERS),
    (S.REGISTERED, A.ACTIVATE): (S.ACTIVE, CHECKERS),
    (S.ACTIVE, A.SUSPEND): (S.SUSPENDED, WATCHERS),
    (S.SUSPENDED, A.RESUME): (S.ACTIVE, {"approver", "leader"}),
    (S.CANCELLING, A.CLOSE): (S.CANCELLED, CHECKERS),
}
"""Everything a person may do to an account; whatever is not in it may not."""

BY_REQUEST = {
    (S.REFUSED, A.APPLY): S.APPLIED,
    (S.WITHDRAWN, A.APPLY): S.APPLIED,
    (S.APPLIED, A.APPROVE): S.APPROVED,
    (S.APPLIED, A.REFUSE): S.REFUSED,
    (S.APPLIED, A.WITHDRAW): S.WITHDRAWN,
    (S.ACTIVE, A.CANCEL): S.CANCELLING,
    (S.SUSPENDED, A.CANCEL): S.CANCELLING,
}


@pytest.mark.parametrize("state", list(S))
@pytest.mark.parametrize("action", list(A))
def test_only_the_written_steps_exist_and_only_for_the_people_they_name(
    state: AccountState, action: AccountAction
) -> None:
    account = replace(ACCOUNT, state=state)
    allowed = {
        name: step.target
        for name, person in PEOPLE.items()
        for step in available(person, account)
        if step.action is action
    }

    target, people = LEGAL.get((state, action), (None, set()))
    assert allowed == dict.fromkeys(people, target)


def test_the_rest_of_the_table_follows_requests_and_is_never_a_button() -> None:
    automatic = {
        (source, step.action): step.target
        for step in LIFE
        if step.rights == (FOLLOWS_A_REQUEST,)
        for source in step.sources
    }

    assert automatic == BY_REQUEST
    assert {(source, step.action) for step in LIFE for source in step.sources} == {*LEGAL, *BY_REQUEST}


def test_a_cancelled_account_stays_cancelled() -> None:
    assert [action for action in A if step_for(action, S.CANCELLED)] == []


@pytest.mark.parametrize(
    ("who", "state", "action", "sentence"),
    [
        ("contributor", S.ACTIVE, A.SUSPEND, "只有宣传部审核人员或监督小组可以暂停公众号，请联系他们。"),
        ("head", S.REGISTERED, A.ACTIVATE, "只有宣传部或系统管理员可以这样做，请联系他们。"),
        ("reviewer who handed in the proof", S.REGISTERED, A.ACTIVATE, "证明材料由您提交，须由另一位同志核对。"),
        (
            "approver who suspended it",
            S.SUSPENDED,
            A.RESUME,
            "这个公众号由您暂停，须由另一位同志决定恢复。",
        ),
        ("admin", S.SUSPENDED, A.RESUME, "恢复运行由终审人或分管校领导决定，请交给他们办理。"),
        (
            "head of another unit",
            S.APPROVED,
            A.REGISTER,
            "只有主办单位的负责人可以这样做，或由宣传部代为办理。",
        ),
        ("admin", S.APPLIED, A.APPROVE, "这一步随申请的审批自动完成：请在“申请办理”里办理。"),
    ],
)
def test_a_refusal_names_the_missing_right(who: str, state: AccountState, action: AccountAction, sentence: str) -> None:
    step = step_for(action, state)
    assert step is not None
    missing = missing_right(step, PEOPLE[who], replace(ACCOUNT, state=state))
    assert missing is not None
    assert missing.sentence == sentence


def test_a_head_sees_the_units_own_accounts_and_a_contributor_none() -> None:
    seeing = {name for name, person in PEOPLE.items() if may_see(person, UNIT)}

    assert seeing == set(PEOPLE) - {"contributor", "head of another unit"}


@pytest.mark.parametrize(
    ("days", "word"),
    [
        (0, Freshness.FRESH),
        (9, Freshness.FRESH),
        (10, Freshness.WARNING),
        (13, Freshness.WARNING),
        (14, Freshness.OVERDUE),
        (29, Freshness.OVERDUE),
        (30, Freshness.DORMANT),
        (59, Freshness.DORMANT),
        (60, Freshness.ZOMBIE),
        (900, Freshness.ZOMBIE),
    ],
)
def test_silence_is_graded_from_the_day_each_clock_names(days: int, word: Freshness) -> None:
    assert freshness(Clocks(), days) is word


@pytest.mark.parametrize(("left", "word"), [(-1, Urgency.OVER), (0, Urgency.SOON), (14, Urgency.SOON)])
def test_a_date_is_over_only_from_the_day_after(left: int, word: Urgency) -> None:
    assert urgency(left, warn_within=14) is word
    assert urgency(15, warn_within=14) is Urgency.CALM


@pytest.mark.parametrize(
    ("filed_on", "word"),
    [
        (date(2026, 11, 20), Timeliness.IN_TIME),  # Friday the event, Friday the filing
        (date(2026, 11, 25), Timeliness.IN_TIME),  # three working days later
        (date(2026, 11, 26), Timeliness.LATE),
        (date(2026, 11, 27), Timeliness.LATE),
        (date(2026, 11, 28), Timeliness.LATE),  # a Saturday adds nothing
        (date(2026, 11, 30), Timeliness.VIOLATION),
    ],
)
def test_a_change_is_judged_by_working_days(filed_on: date, word: Timeliness) -> None:
    happened_on = date(2026, 11, 20)

    assert timeliness(Calendar(), Clocks(), happened_on=happened_on, filed_on=filed_on) is word
