"""成批办理: each item in a transaction of its own, with its own answer, held to everything a single one is held to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import pytest

from models import Action, CheckVerdict, SubmissionState
from services import bulk_decisions, checklist
from services.bulk_decisions import ONE_BY_ONE, BulkDecision, Chosen, RowResult
from services.errors import InvalidInput, ReasonRequired
from tests.office import STORY, Office

S = SubmissionState

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def chosen(office: Office, submission_ids: Iterable[int]) -> list[Chosen]:
    items = (office.stored(each) for each in submission_ids)
    return [Chosen(item.id or 0, item.title, item.version) for item in items]


def decide(office: Office, who: str, decision: BulkDecision, items: list[Chosen], comment: str = "") -> list[RowResult]:
    return bulk_decisions.decide(partial(office.acting_as, who), decision, items, comment=comment, clause="3.2")


def refusals(results: list[RowResult]) -> list[str]:
    return [each.refusal for each in results]


def states(office: Office, submission_ids: Iterable[int]) -> list[SubmissionState]:
    return [office.stored(each).state for each in submission_ids]


def test_one_refusal_stops_none_of_the_others(office: Office) -> None:
    mine, changed, foreign, gone = (office.submitted(title=f"第{number}篇") for number in range(1, 5))
    items = chosen(office, (mine, changed, foreign, gone))
    office.perform("张处长", Action.RETURN, changed, "先退回一次")
    office.hand_in(changed)
    office.perform("小王", Action.WITHDRAW, gone)
    office.perform("张处长", Action.SIGN_OFF, foreign)

    results = decide(office, "张处长", BulkDecision.PASS, items)

    assert refusals(results) == [
        "",
        "这篇稿件刚刚被处理过，页面上的状态已经过时：请刷新后再看，您写的意见仍在输入框里。",
        "这一环节不由您办理，请交给当前环节的负责人。",
        "稿件现在是“已撤回”，不能“初审通过”。请刷新页面查看最新状态。",
    ]
    assert states(office, (mine, changed, foreign, gone)) == [
        S.FIRST_REVIEW, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.WITHDRAWN,
    ]  # fmt: skip


def test_shared_reason_reaches_every_author_with_its_clause(office: Office) -> None:
    both = [office.submitted(), office.submitted()]

    results = decide(office, "张处长", BulkDecision.RETURN, chosen(office, both), "请补充活动时间")

    assert refusals(results) == ["", ""]
    assert states(office, both) == [S.RETURNED, S.RETURNED]
    details = [office.trail("submission", each)[-1] for each in both]
    assert [(who, said["comment"]) for _, who, said in details] == [("张处长", "请补充活动时间")] * 2


@on_sqlite
def test_return_without_a_reason_does_nothing_at_all(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(ReasonRequired, match="写明理由"):
        decide(office, "张处长", BulkDecision.RETURN, chosen(office, [submission_id]), "  ")

    assert states(office, [submission_id]) == [S.DEPARTMENT_REVIEW]


@on_sqlite
def test_last_signature_is_never_given_in_bulk_but_an_item_may_be_returned(office: Office) -> None:
    sealing, returned = office.submitted(), office.submitted()
    for each in (sealing, returned):
        office.perform("张处长", Action.SIGN_OFF, each)
        office.perform("老李", Action.PASS, each)

    passed = decide(office, "陈部长", BulkDecision.PASS, chosen(office, [sealing]))
    sent_back = decide(office, "陈部长", BulkDecision.RETURN, chosen(office, [returned]), "请核对人名")

    assert (refusals(passed), refusals(sent_back)) == ([ONE_BY_ONE], [""])
    assert states(office, (sealing, returned)) == [S.FINAL_REVIEW, S.RETURNED]


@on_sqlite
def test_open_marks_hold_an_item_in_bulk_as_they_do_alone(office: Office) -> None:
    clean, marked = office.submitted(), office.submitted(body_html=STORY + "<p>学校布署下一步工作。</p>")
    for each in (clean, marked):
        office.perform("张处长", Action.SIGN_OFF, each)

    results = decide(office, "老李", BulkDecision.PASS, chosen(office, (clean, marked)))

    assert [each.done for each in results] == [True, False]
    assert states(office, (clean, marked)) == [S.FINAL_REVIEW, S.FIRST_REVIEW]


@on_sqlite
def test_failed_item_of_the_checklist_holds_in_bulk_as_it_does_alone(office: Office) -> None:
    clean, failed = office.submitted(), office.submitted()
    for each in (clean, failed):
        office.perform("张处长", Action.SIGN_OFF, each)
    with office.acting_as("老李") as work:
        checklist.answer(
            work,
            submission_id=failed,
            seen_revision_id=office.stored(failed).revision_id or 0,
            item="C01",
            verdict=CheckVerdict.FAIL,
            note="导语与事实不符",
        )

    results = decide(office, "老李", BulkDecision.PASS, chosen(office, (clean, failed)))

    assert [each.done for each in results] == [True, False]
    assert states(office, (clean, failed)) == [S.FINAL_REVIEW, S.FIRST_REVIEW]


@on_sqlite
def test_own_item_and_an_item_of_another_department_are_refused_like_alone(office: Office) -> None:
    own = office.draft(author="张处长")
    office.hand_in(own, author="张处长")
    of_others = office.draft(author="小吴")
    office.hand_in(of_others, author="小吴")

    results = decide(office, "张处长", BulkDecision.PASS, chosen(office, (own, of_others)))

    assert refusals(results) == [
        "这是您本人的稿件，须由另一位同志审核。",
        "没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。",
    ]


@on_sqlite
def test_nothing_chosen_and_too_much_chosen_are_said_before_anything_is_done(office: Office) -> None:
    with pytest.raises(InvalidInput, match="先勾选"):
        decide(office, "张处长", BulkDecision.PASS, [])
    with pytest.raises(InvalidInput, match="一次最多办理 50 篇"):
        decide(office, "张处长", BulkDecision.PASS, [Chosen(1, "", 1)] * 51)
