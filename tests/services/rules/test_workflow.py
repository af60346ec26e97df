"""Who may do what in which state: the whole product, against a list written by hand."""

from __future__ import annotations

import pytest

from models import REVIEW_STAGES, Action, ContentCategory, RiskMark, Role, SubmissionState
from services.rules.permissions import Actor, Debt, Standing
from services.rules.workflow import (
    DEFAULT_RISK_STAGES,
    DEFAULT_ROUTE,
    EMERGENCY_ROUTE,
    STEPS,
    available,
    joined,
    missing_right,
    risk_fault,
    route_fault,
    step_for,
    target_of,
)

S = SubmissionState

AUTHOR, HEAD, REVIEWER, APPROVER, PUBLISHER, SUPERVISOR, LEADER, ADMIN, OUTSIDER, OUTSIDE_HEAD = range(1, 11)
PUBLICITY, TEACHING, STUDENTS = 1, 2, 3

CAST = {
    "author": Actor(AUTHOR, "小王", TEACHING, frozenset({Role.CONTRIBUTOR})),
    "head": Actor(HEAD, "张处长", TEACHING, frozenset({Role.DEPARTMENT_HEAD})),
    "reviewer": Actor(REVIEWER, "老李", PUBLICITY, frozenset({Role.REVIEWER})),
    "approver": Actor(APPROVER, "陈部长", PUBLICITY, frozenset({Role.APPROVER})),
    "publisher": Actor(PUBLISHER, "小赵", PUBLICITY, frozenset({Role.PUBLISHER})),
    "supervisor": Actor(SUPERVISOR, "孙老师", 4, frozenset({Role.SUPERVISOR})),
    "leader": Actor(LEADER, "徐校长", 5, frozenset({Role.LEADER})),
    "admin": Actor(ADMIN, "小林", 6, frozenset({Role.ADMIN})),
    "outsider": Actor(OUTSIDER, "小吴", STUDENTS, frozenset({Role.CONTRIBUTOR})),
    "outside head": Actor(OUTSIDE_HEAD, "黄处长", STUDENTS, frozenset({Role.DEPARTMENT_HEAD})),
    "system": Actor(None, "系统", None, frozenset()),
}

LEGAL: dict[tuple[str, SubmissionState], set[Action]] = {
    ("author", S.DRAFT): {Action.SUBMIT, Action.WITHDRAW},
    ("author", S.RETURNED): {Action.SUBMIT, Action.WITHDRAW},
    **{("author", stage): {Action.RECALL, Action.WITHDRAW} for stage in REVIEW_STAGES},
    ("head", S.DEPARTMENT_REVIEW): {Action.SIGN_OFF, Action.RETURN, Action.RAISE},
    ("reviewer", S.FIRST_REVIEW): {Action.PASS, Action.ADJUST, Action.RETURN, Action.REJECT, Action.RAISE},
    ("reviewer", S.SECOND_REVIEW): {Action.PASS, Action.ADJUST, Action.RETURN, Action.REJECT, Action.RAISE},
    ("reviewer", S.APPROVED): {Action.ADJUST, Action.WITHDRAW},
    ("approver", S.FINAL_REVIEW): {Action.APPROVE, Action.ADJUST, Action.RETURN, Action.REJECT, Action.RAISE},
    ("approver", S.APPROVED): {Action.ADJUST, Action.WITHDRAW},
    ("leader", S.LEADER_REVIEW): {Action.APPROVE, Action.RETURN, Action.REJECT},
    ("publisher", S.PUBLISHED): {Action.ARCHIVE},
    ("system", S.APPROVED): {Action.RELEASE, Action.REOPEN},
    ("system", S.PUBLISHED): {Action.REOPEN},
    ("system", S.ARCHIVED): {Action.REOPEN},
}


def item(state: SubmissionState, **changes: object) -> Standing:
    given: dict[str, object] = {
        "state": state,
        "contributor_id": AUTHOR,
        "department_id": TEACHING,
        "route": REVIEW_STAGES,
        "last_editors": frozenset({AUTHOR}),
        "signers": frozenset(),
    }
    return Standing(**(given | changes))  # type: ignore[arg-type]  # each test names what it changes


@pytest.mark.parametrize("state", list(SubmissionState))
@pytest.mark.parametrize("who", list(CAST))
def test_each_person_may_do_exactly_this_in_each_state(who: str, state: SubmissionState) -> None:
    offered = {step.action for step in available(CAST[who], item(state))}

    assert offered == LEGAL.get((who, state), set())


# --- In the emergency channel ----------------------------------------------------------------------------

LISTED = frozenset({AUTHOR, REVIEWER, PUBLISHER})

IN_CHANNEL: dict[tuple[str, SubmissionState], set[Action]] = LEGAL | {
    ("leader", S.FINAL_REVIEW): {Action.APPROVE, Action.RETURN, Action.REJECT, Action.RAISE},
}


@pytest.mark.parametrize("state", list(SubmissionState))
@pytest.mark.parametrize("who", list(CAST))
def test_in_the_channel_the_last_word_is_the_approvers_or_a_leaders(who: str, state: SubmissionState) -> None:
    offered = {step.action for step in available(CAST[who], item(state, is_emergency=True, expediters=LISTED))}

    assert offered == IN_CHANNEL.get((who, state), set())


@pytest.mark.parametrize("state", list(SubmissionState))
@pytest.mark.parametrize("who", list(CAST))
def test_only_the_listed_bring_an_item_into_the_channel_and_only_before_the_office_signed(
    who: str, state: SubmissionState
) -> None:
    offered = {step.action for step in available(CAST[who], item(state, expediters=LISTED))}

    listed = who in {"author", "reviewer", "publisher"}
    assert (Action.EXPEDITE in offered) is (listed and state in {S.DEPARTMENT_REVIEW, S.FIRST_REVIEW})


OWING: dict[tuple[str, SubmissionState], set[Action]] = {
    ("reviewer", S.APPROVED): {Action.SETTLE},
    ("approver", S.APPROVED): {Action.SETTLE},
    ("leader", S.APPROVED): {Action.SETTLE},
    ("reviewer", S.PUBLISHED): {Action.SETTLE},
    ("approver", S.PUBLISHED): {Action.SETTLE},
    ("leader", S.PUBLISHED): {Action.SETTLE},
    ("system", S.APPROVED): {Action.RELEASE, Action.REOPEN},
    ("system", S.PUBLISHED): {Action.REOPEN},
    ("system", S.ARCHIVED): {Action.REOPEN},
}


@pytest.mark.parametrize("state", [S.APPROVED, S.PUBLISHED, S.ARCHIVED])
@pytest.mark.parametrize("who", list(CAST))
def test_what_owes_its_full_review_is_reviewed_before_anything_else_happens_to_it(
    who: str, state: SubmissionState
) -> None:
    owing = item(state, is_emergency=True, expediters=LISTED, debt=Debt.TO_OFFICE)

    assert {step.action for step in available(CAST[who], owing)} == OWING.get((who, state), set())


@pytest.mark.parametrize(
    ("who", "changes", "why"),
    [
        ("head", {}, "补审由宣传部审核员、终审人或分管校领导办理"),
        ("publisher", {}, "补审由宣传部审核员、终审人或分管校领导办理"),
        ("reviewer", {"debt": Debt.TO_LEADER}, "由分管校领导补审"),
        ("reviewer", {"contributor_id": REVIEWER}, "这是您本人的稿件"),
        ("reviewer", {"signers": frozenset({REVIEWER, APPROVER})}, "由您转入紧急通道或签过字"),
        ("approver", {"signers": frozenset({REVIEWER, APPROVER})}, "由您转入紧急通道或签过字"),
        ("reviewer", {"opened_by": frozenset({REVIEWER})}, "由您转入紧急通道或签过字"),
        ("reviewer", {"last_editors": frozenset({REVIEWER})}, "这一稿最后由您修改"),
        ("reviewer", {"debt": Debt.NONE}, "没有要补的审核"),
    ],
)
def test_the_full_review_is_refused_to_whoever_had_a_hand_in_it(who: str, changes: dict[str, object], why: str) -> None:
    owing = item(S.PUBLISHED, **{"is_emergency": True, "debt": Debt.TO_OFFICE, **changes})

    missing = missing_right(STEPS[Action.SETTLE, S.PUBLISHED], CAST[who], owing)

    assert missing is not None
    assert why in missing.sentence


def test_the_least_there_is_are_two_stages_one_of_them_an_approval() -> None:
    assert EMERGENCY_ROUTE == (S.FIRST_REVIEW, S.FINAL_REVIEW)
    assert route_fault(EMERGENCY_ROUTE, ContentCategory.NOTICE) is None


def test_no_step_is_hidden_behind_another() -> None:
    assert all(STEPS[step.action, source] is step for step in STEPS.values() for source in step.sources)


@pytest.mark.parametrize("action", [Action.SIGN_OFF, Action.PASS, Action.APPROVE, Action.RETURN, Action.REJECT])
def test_nobody_decides_on_what_they_wrote_whatever_their_roles(action: Action) -> None:
    everything = Actor(AUTHOR, "小王", TEACHING, frozenset(Role))

    offered = {step.action for stage in REVIEW_STAGES for step in available(everything, item(stage))}

    assert action not in offered


def test_nobody_seals_what_they_edited_last() -> None:
    approver = CAST["approver"]

    steps = available(approver, item(S.FINAL_REVIEW, last_editors=frozenset({APPROVER})))

    assert Action.APPROVE not in {step.action for step in steps}


def test_a_reviewer_may_pass_what_they_adjusted_because_another_person_approves_it() -> None:
    steps = available(CAST["reviewer"], item(S.FIRST_REVIEW, last_editors=frozenset({REVIEWER})))

    assert Action.PASS in {step.action for step in steps}


def test_each_stage_of_a_round_is_signed_by_a_different_person() -> None:
    both = Actor(REVIEWER, "老唐", PUBLICITY, frozenset({Role.REVIEWER, Role.APPROVER}))

    steps = available(both, item(S.FINAL_REVIEW, signers=frozenset({HEAD, REVIEWER})))

    assert {step.action for step in steps} == {Action.ADJUST, Action.RETURN, Action.REJECT, Action.RAISE}


@pytest.mark.parametrize(
    ("action", "state", "target"),
    [
        (Action.SUBMIT, S.DRAFT, S.DEPARTMENT_REVIEW),
        (Action.SUBMIT, S.RETURNED, S.DEPARTMENT_REVIEW),
        (Action.SIGN_OFF, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW),
        (Action.PASS, S.FIRST_REVIEW, S.FINAL_REVIEW),
        (Action.APPROVE, S.FINAL_REVIEW, S.APPROVED),
        (Action.ADJUST, S.FIRST_REVIEW, S.FIRST_REVIEW),
        (Action.ADJUST, S.FINAL_REVIEW, S.FIRST_REVIEW),
        (Action.ADJUST, S.APPROVED, S.FIRST_REVIEW),
        (Action.RAISE, S.FIRST_REVIEW, S.FIRST_REVIEW),
        (Action.EXPEDITE, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW),
        (Action.EXPEDITE, S.FIRST_REVIEW, S.FIRST_REVIEW),
        (Action.SETTLE, S.PUBLISHED, S.PUBLISHED),
        (Action.RAISE, S.FINAL_REVIEW, S.FINAL_REVIEW),
        (Action.RETURN, S.FINAL_REVIEW, S.RETURNED),
        (Action.REJECT, S.FIRST_REVIEW, S.REJECTED),
        (Action.RECALL, S.FINAL_REVIEW, S.RETURNED),
        (Action.WITHDRAW, S.FIRST_REVIEW, S.WITHDRAWN),
        (Action.RELEASE, S.APPROVED, S.PUBLISHED),
        (Action.ARCHIVE, S.PUBLISHED, S.ARCHIVED),
        (Action.REOPEN, S.PUBLISHED, S.FIRST_REVIEW),
        (Action.REOPEN, S.ARCHIVED, S.FIRST_REVIEW),
    ],
)
def test_where_each_step_leads_on_the_usual_route(
    action: Action, state: SubmissionState, target: SubmissionState
) -> None:
    step = step_for(action, state)

    assert step is not None
    assert target_of(step, item(state, route=DEFAULT_ROUTE)) is target


def test_after_the_last_stage_of_a_longer_route_the_item_is_approved() -> None:
    route = (S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW, S.LEADER_REVIEW)
    approve = STEPS[Action.APPROVE, S.FINAL_REVIEW]

    assert target_of(approve, item(S.FINAL_REVIEW, route=route)) is S.LEADER_REVIEW
    assert target_of(approve, item(S.LEADER_REVIEW, route=route)) is S.APPROVED


TWO = (S.FIRST_REVIEW, S.FINAL_REVIEW)


@pytest.mark.parametrize(
    ("stages", "category", "allowed"),
    [
        (DEFAULT_ROUTE, None, True),
        (REVIEW_STAGES, None, True),
        ((S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.LEADER_REVIEW), None, True),
        (TWO, None, False),
        (TWO, ContentCategory.NEWS, False),
        (TWO, ContentCategory.NOTICE, True),
        ((S.DEPARTMENT_REVIEW, S.FINAL_REVIEW), ContentCategory.PREVIEW, True),
        ((S.DEPARTMENT_REVIEW, S.LEADER_REVIEW), ContentCategory.NOTICE, False),  # nobody of the office looks
        ((), ContentCategory.NOTICE, False),
        ((S.FINAL_REVIEW,), ContentCategory.NOTICE, False),
        ((S.FINAL_REVIEW, S.FIRST_REVIEW), ContentCategory.NOTICE, False),
        ((S.FIRST_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW), None, False),
        ((S.DEPARTMENT_REVIEW, S.FIRST_REVIEW), ContentCategory.NOTICE, False),
        ((S.FIRST_REVIEW, S.APPROVED), ContentCategory.NOTICE, False),
    ],
)
def test_a_route_has_three_stages_or_two_for_routine_items_and_ends_with_an_approval(
    stages: tuple[SubmissionState, ...], category: ContentCategory | None, *, allowed: bool
) -> None:
    assert (route_fault(stages, category) is None) is allowed


def test_every_risk_asks_for_the_school_leader_unless_the_office_says_otherwise() -> None:
    assert dict.fromkeys(RiskMark, (S.LEADER_REVIEW,)) == DEFAULT_RISK_STAGES


@pytest.mark.parametrize(
    ("stages", "allowed"),
    [
        ((S.LEADER_REVIEW,), True),
        ((S.SECOND_REVIEW,), True),
        ((S.SECOND_REVIEW, S.LEADER_REVIEW), True),
        ((), False),
        ((S.FINAL_REVIEW,), False),
    ],
)
def test_a_risk_adds_a_second_look_or_the_leader_never_nothing(
    stages: tuple[SubmissionState, ...], *, allowed: bool
) -> None:
    assert (risk_fault(stages) is None) is allowed


def test_routes_are_joined_in_the_fixed_order() -> None:
    assert joined((S.FINAL_REVIEW, S.FIRST_REVIEW), (S.LEADER_REVIEW,), (S.FIRST_REVIEW,)) == (
        S.FIRST_REVIEW,
        S.FINAL_REVIEW,
        S.LEADER_REVIEW,
    )


def test_ended_items_stay_ended() -> None:
    ended = (S.ARCHIVED, S.REJECTED, S.WITHDRAWN)

    # An archived version that two people take down may have to be written anew.
    assert [key for key in STEPS if key[1] in ended] == [(Action.REOPEN, S.ARCHIVED)]
