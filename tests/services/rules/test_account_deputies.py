"""Deputies at the register of accounts: the principal's steps, minus what either has done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import AccountAction, AccountState, AnnualAction, AnnualState, RequestAction, RequestState, Role
from services.rules import account_life, account_requests, annual_review
from services.rules.account_life import AccountStanding, may_see
from services.rules.account_requests import RequestStanding, first_stage, standing_to_apply
from services.rules.annual_review import ReviewStanding
from services.rules.permissions import Actor, Principal

UNIT, OTHER_UNIT, OFFICE = 1, 2, 3
HEAD, OTHER_HEAD, APPROVER, LEADER, REVIEWER, APPLICANT, DEPUTY = 2, 4, 6, 10, 5, 3, 20

S, A = RequestState, RequestAction

REQUEST = RequestStanding(
    state=S.OFFICE,
    department_id=UNIT,
    applicant_id=APPLICANT,
    applied_by=frozenset({APPLICANT}),
    needs_leader=True,
)

PRINCIPALS = {
    "head": Principal(HEAD, "张处长", UNIT, frozenset({Role.DEPARTMENT_HEAD})),
    "head who applied": Principal(APPLICANT, "李处长", UNIT, frozenset({Role.DEPARTMENT_HEAD})),
    "head of another unit": Principal(OTHER_HEAD, "黄处长", OTHER_UNIT, frozenset({Role.DEPARTMENT_HEAD})),
    "reviewer": Principal(REVIEWER, "老李", OFFICE, frozenset({Role.REVIEWER})),
    "approver": Principal(APPROVER, "陈部长", OFFICE, frozenset({Role.APPROVER})),
    "leader": Principal(LEADER, "徐校长", OFFICE, frozenset({Role.LEADER})),
}


def deputy_of(*principals: str, roles: frozenset[Role] = frozenset({Role.CONTRIBUTOR})) -> Actor:
    lent = tuple(PRINCIPALS[each] for each in principals)
    return Actor(id=DEPUTY, name="小吴", department_id=OTHER_UNIT, roles=roles, acting_for=lent)


def offered(actor: Actor, **changes: object) -> set[RequestAction]:
    request = replace(REQUEST, **changes)  # type: ignore[arg-type]  # named in each test
    return {step.action for step in account_requests.available(actor, request)}


DECIDING = {
    S.DEPARTMENT: ({A.ENDORSE, A.RETURN, A.REFUSE}, "head"),
    S.OFFICE: ({A.GRANT, A.RETURN, A.REFUSE}, "approver"),
    S.LEADER: ({A.GRANT, A.RETURN, A.REFUSE}, "leader"),
}
OF_THE_APPLICANT = {
    S.DEPARTMENT: {A.WITHDRAW},
    S.OFFICE: {A.WITHDRAW},
    S.LEADER: {A.WITHDRAW},
    S.RETURNED: {A.SUBMIT, A.WITHDRAW},
}


@pytest.mark.parametrize("principal", list(PRINCIPALS))
@pytest.mark.parametrize("state", list(S))
def test_deputy_may_take_exactly_the_principals_steps(principal: str, state: RequestState) -> None:
    steps, holder = DECIDING.get(state, (set(), ""))
    own = OF_THE_APPLICANT.get(state, set()) if principal == "head who applied" else set()
    expected = steps if principal == holder else own

    assert offered(deputy_of(principal), state=state) == expected


@pytest.mark.parametrize("counted", [DEPUTY, APPROVER])
@pytest.mark.parametrize(
    ("changes", "left"), [("applied_by", set()), ("signers", {A.RETURN, A.REFUSE})], ids=["applied", "signed before"]
)
def test_deputy_and_principal_both_count(counted: int, changes: str, left: set[RequestAction]) -> None:
    assert offered(deputy_of("approver"), **{changes: frozenset({counted})}) == left


def test_the_refusal_names_what_stands_in_the_deputys_way() -> None:
    step = account_requests.step_for(A.GRANT, S.OFFICE)
    assert step is not None
    request = replace(REQUEST, signers=frozenset({DEPUTY}))

    missing = account_requests.missing_right(step, deputy_of("approver"), request)

    assert missing is account_requests.SIGNED_NO_OTHER_STAGE


@pytest.mark.parametrize(
    ("principals", "signature", "first"),
    [
        (("head",), "小吴 代 张处长", S.OFFICE),
        (("approver", "head"), "小吴 代 张处长", S.OFFICE),
        (("head of another unit",), None, None),
        (("approver",), None, None),
        (("leader",), None, None),
        ((), None, None),
    ],
)
def test_who_stands_in_for_the_head_applies_with_the_units_word(
    principals: tuple[str, ...], signature: str | None, first: RequestState | None
) -> None:
    able = standing_to_apply(deputy_of(*principals), UNIT)

    assert (able and able.signature, able and first_stage(able, REQUEST)) == (signature, first)


def test_a_reviewer_who_stands_in_for_the_head_speaks_for_the_unit_not_for_the_office() -> None:
    actor = deputy_of("head", roles=frozenset({Role.REVIEWER}))

    able = standing_to_apply(actor, UNIT)
    elsewhere = standing_to_apply(actor, OTHER_UNIT)

    assert [each.signature for each in (able, elsewhere) if each] == ["小吴 代 张处长", "小吴"]


@pytest.mark.parametrize(
    ("principal", "sees"),
    [("head", {UNIT}), ("head of another unit", {OTHER_UNIT}), ("reviewer", set())]
    + [(each, {UNIT, OTHER_UNIT}) for each in ("approver", "leader")],
)
def test_deputy_knows_of_the_entries_the_principal_decides_on(principal: str, sees: set[int]) -> None:
    assert {unit for unit in (UNIT, OTHER_UNIT) if may_see(deputy_of(principal), unit)} == sees


# --- The life of an account, and its annual review -------------------------------------------------------

ACCOUNT = AccountStanding(state=AccountState.ACTIVE, department_id=UNIT)

LIFE: dict[tuple[AccountState, str], set[AccountAction]] = {
    (AccountState.APPROVED, "head"): {AccountAction.REGISTER},
    (AccountState.APPROVED, "head who applied"): {AccountAction.REGISTER},
    (AccountState.SUSPENDED, "approver"): {AccountAction.RESUME},
    (AccountState.SUSPENDED, "leader"): {AccountAction.RESUME},
}
"""What can be done in somebody's place; keeping the register and stopping an account cannot."""


@pytest.mark.parametrize("principal", list(PRINCIPALS))
@pytest.mark.parametrize("state", list(AccountState))
def test_keeping_the_register_is_not_lent(principal: str, state: AccountState) -> None:
    steps = account_life.available(deputy_of(principal), replace(ACCOUNT, state=state))

    assert {step.action for step in steps} == LIFE.get((state, principal), set())


@pytest.mark.parametrize("counted", [DEPUTY, LEADER])
def test_who_stopped_an_account_in_whosever_place_does_not_resume_it(counted: int) -> None:
    stopped = replace(ACCOUNT, state=AccountState.SUSPENDED, suspended_by=frozenset({counted}))

    assert account_life.available(deputy_of("leader"), stopped) == []


N = AnnualState
OF_THE_UNIT = {
    N.NOT_STARTED: {AnnualAction.SELF_CHECK},
    N.SELF_CHECKED: {AnnualAction.SELF_CHECK, AnnualAction.CONFIRM},
}
OF_THE_OFFICE = {
    N.CONFIRMED: {
        AnnualAction.RETURN,
        AnnualAction.PASS,
        AnnualAction.PASS_GOOD,
        AnnualAction.ORDER,
        AnnualAction.FAIL,
    },
    N.CONDITIONAL: {AnnualAction.PASS, AnnualAction.FAIL},
}
REVIEWS: dict[str, dict[AnnualState, set[AnnualAction]]] = {
    "head": OF_THE_UNIT,
    "head who applied": OF_THE_UNIT,
    "reviewer": OF_THE_OFFICE,
    "approver": OF_THE_OFFICE,
}


@pytest.mark.parametrize("principal", list(PRINCIPALS))
@pytest.mark.parametrize("state", list(AnnualState))
def test_the_annual_review_can_be_done_in_the_heads_or_the_offices_place(principal: str, state: AnnualState) -> None:
    steps = annual_review.available(deputy_of(principal), ReviewStanding(state=state, department_id=UNIT))

    assert {step.action for step in steps} == REVIEWS.get(principal, {}).get(state, set())


@pytest.mark.parametrize("counted", [DEPUTY, REVIEWER])
def test_who_spoke_for_the_unit_in_whosever_place_does_not_decide(counted: int) -> None:
    review = ReviewStanding(state=N.CONFIRMED, department_id=UNIT, spoke_for_unit=frozenset({counted}))

    assert annual_review.available(deputy_of("reviewer"), review) == []
