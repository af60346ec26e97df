"""Who may do what as a deputy, against a list written by hand: the principal's steps, minus what either has done."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import Action, Role, SubmissionState
from services.rules.permissions import Actor, Capability, Principal, may_see
from services.rules.workflow import available, missing_right, standing_for, step_for
from tests.services.rules.test_workflow import (
    APPROVER,
    CAST,
    HEAD,
    LEADER,
    LEGAL,
    OUTSIDE_HEAD,
    OUTSIDER,
    PUBLISHER,
    REVIEWER,
    TEACHING,
    item,
)

S = SubmissionState

PRINCIPALS = {
    "head": Principal(HEAD, "张处长", TEACHING, frozenset({Role.DEPARTMENT_HEAD})),
    "outside head": Principal(OUTSIDE_HEAD, "黄处长", 3, frozenset({Role.DEPARTMENT_HEAD})),
    "reviewer": Principal(REVIEWER, "老李", 1, frozenset({Role.REVIEWER})),
    "approver": Principal(APPROVER, "陈部长", 1, frozenset({Role.APPROVER})),
    "publisher": Principal(PUBLISHER, "小赵", 1, frozenset({Role.PUBLISHER})),
    "leader": Principal(LEADER, "徐校长", 5, frozenset({Role.LEADER})),
}
DEPUTIES = ("author", "head", "reviewer", "approver", "publisher", "supervisor", "admin", "outsider")

DECISIONS = {Action.SIGN_OFF, Action.PASS, Action.APPROVE, Action.ADJUST, Action.RAISE, Action.RETURN, Action.REJECT}
"""Nobody takes these on their own item, in whosever place."""


def deputy(who: str, *principals: str) -> Actor:
    return replace(CAST[who], acting_for=tuple(PRINCIPALS[each] for each in principals))


def offered(actor: Actor, state: SubmissionState, **changes: object) -> set[Action]:
    return {step.action for step in available(actor, item(state, **changes))}


@pytest.mark.parametrize("state", list(SubmissionState))
@pytest.mark.parametrize("principal", list(PRINCIPALS))
@pytest.mark.parametrize("who", DEPUTIES)
def test_deputy_may_do_their_own_and_the_principals_steps(who: str, principal: str, state: SubmissionState) -> None:
    own, lent = LEGAL.get((who, state), set()), LEGAL.get((principal, state), set())
    of_others = DECISIONS if who == "author" else set()

    assert offered(deputy(who, principal), state) == own | lent - of_others


@pytest.mark.parametrize("action", [Action.APPROVE, Action.RETURN, Action.REJECT, Action.ADJUST])
def test_nobody_decides_on_what_the_one_they_stand_in_for_wrote(action: Action) -> None:
    actor = deputy("outsider", "approver")

    assert action in offered(actor, S.FINAL_REVIEW)
    assert action not in offered(actor, S.FINAL_REVIEW, contributor_id=APPROVER)


@pytest.mark.parametrize("counted", [OUTSIDER, APPROVER])
def test_both_count_as_having_edited_last_and_as_having_signed(counted: int) -> None:
    actor = deputy("outsider", "approver")

    assert Action.APPROVE not in offered(actor, S.FINAL_REVIEW, last_editors=frozenset({counted}))
    assert Action.APPROVE not in offered(actor, S.FINAL_REVIEW, signers=frozenset({HEAD, counted}))


def test_who_may_decide_in_their_own_right_does_so() -> None:
    actor = replace(CAST["reviewer"], acting_for=(replace(PRINCIPALS["reviewer"], id=99, name="老周"),))
    step = step_for(Action.PASS, S.FIRST_REVIEW)
    assert step is not None

    own, lent = (
        standing_for(step, actor, item(S.FIRST_REVIEW)),
        standing_for(step, actor.standings[1], item(S.FIRST_REVIEW)),
    )

    assert [each.signature for each in (own, lent) if each] == ["老李", "老李 代 老周"]


def test_the_refusal_names_what_stands_in_the_deputys_way() -> None:
    step = step_for(Action.APPROVE, S.FINAL_REVIEW)
    assert step is not None
    actor = deputy("outsider", "approver")

    missing = missing_right(step, actor, item(S.FINAL_REVIEW, signers=frozenset({OUTSIDER})))

    assert missing is not None
    assert missing.sentence == "您已在本轮的另一环节签过意见，每个环节须由不同的人办理。"


@pytest.mark.parametrize(
    ("principal", "reaches"),
    [
        ("approver", {Capability.APPROVE}),
        ("reviewer", {Capability.REVIEW}),
        ("head", {Capability.SIGN_OFF}),
        ("leader", {Capability.APPROVE_AS_LEADER}),
        ("publisher", {Capability.PUBLISH}),
    ],
)
def test_cases_charts_trail_and_writing_are_never_lent(principal: str, reaches: set[Capability]) -> None:
    actor = deputy("admin", principal)
    own = {each for each in Capability if CAST["admin"].may(each)}

    assert {each for each in Capability if actor.reaches(each)} == own | reaches
    assert {each for each in Capability if actor.may(each)} == own


def test_deputy_sees_what_the_principal_sees_and_no_more() -> None:
    seen = {
        who: [may_see(deputy("outsider", who), item(state)) for state in (S.DRAFT, S.DEPARTMENT_REVIEW)]
        for who in PRINCIPALS
    }

    assert seen == {who: [False, who != "outside head"] for who in PRINCIPALS}
