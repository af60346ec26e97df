"""A year's review on a real database: opened, checked, confirmed, decided, published."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from models import (
    AccountKind,
    AnnualAction,
    AnnualCampaign,
    AnnualReview,
    AnnualState,
    CampaignState,
    Discovery,
    Severity,
    ViolationAction,
    ViolationKind,
)
from services import accounts, annual_reviews, audit, violations
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, WrongState
from services.queries import annual_reviews as reads
from services.queries.annual_reviews import ReviewLine
from services.rules.annual_review import ITEMS, Answer
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from tests.office import Office

A = AnnualAction
S = AnnualState
YES = {item: Answer(yes=True) for item in ITEMS}


@pytest.fixture
def unit_account(office: Office) -> int:
    """A running account of 教务处, beside the office's own."""
    with office.as_system() as work:
        account = accounts.register(
            work,
            office.box,
            name="测试大学教务处",
            kind=AccountKind.SUBSCRIPTION,
            owner_department_id=office.departments["教务处"],
        )
        return account.id or 0


def begin(office: Office, who: str = "老李", **changes: Any) -> AnnualCampaign:
    given: dict[str, Any] = {"year": 2026, "opens_on": date(2026, 11, 23), "closes_on": date(2026, 12, 20)}
    with office.acting_as(who) as work:
        return annual_reviews.open_campaign(work, **(given | changes))


def lines(office: Office, who: str = "老李") -> dict[str, ReviewLine]:
    with office.reading() as session:
        campaign = reads.campaigns(session)[0]
        found = reads.lines(session, office.actor(who), campaign, now=office.now, clocks=Clocks())
    return {line.account.name: line for line in found}


def review(office: Office, name: str = "测试大学教务处") -> AnnualReview:
    return lines(office)[name].review


def answer(office: Office, who: str = "张处长", name: str = "测试大学教务处", **changes: Answer) -> None:
    given = review(office, name)
    with office.acting_as(who) as work:
        annual_reviews.answer(work, review_id=given.id or 0, seen_version=given.version, answers={**YES, **changes})


def perform(
    office: Office, who: str, action: AnnualAction, comment: str = "", name: str = "测试大学教务处"
) -> AnnualReview:
    given = review(office, name)
    with office.acting_as(who) as work:
        return annual_reviews.perform(
            work, action, review_id=given.id or 0, seen_version=given.version, comment=comment
        )


def publish(office: Office, who: str = "老李") -> AnnualCampaign:
    with office.reading() as session:
        campaign = reads.campaigns(session)[0]
    with office.acting_as(who) as work:
        return annual_reviews.publish(work, campaign_id=campaign.id or 0, seen_version=campaign.version)


def confirmed(office: Office) -> None:
    answer(office)
    perform(office, "张处长", A.CONFIRM)


@pytest.mark.usefixtures("unit_account")
def test_a_review_runs_from_the_self_check_to_the_published_list(office: Office) -> None:
    begin(office)
    confirmed(office)
    perform(office, "老李", A.PASS)
    answer(office, who="老周", name="测试大学")
    perform(office, "陈部长", A.CONFIRM, name="测试大学")
    perform(office, "老李", A.PASS_GOOD, "更新及时，零违规", name="测试大学")

    campaign = publish(office)

    assert campaign.state is CampaignState.PUBLISHED
    assert {name: line.review.state for name, line in lines(office).items()} == {
        "测试大学": S.PASSED_GOOD,
        "测试大学教务处": S.PASSED,
    }
    with office.reading() as session:
        assert audit.verify(session).ok


@pytest.mark.usefixtures("unit_account")
def test_who_does_not_confirm_in_time_did_not_take_part(office: Office) -> None:
    begin(office)
    answer(office)
    with pytest.raises(WrongState, match="年检到 2026-12-20 截止"):
        publish(office)

    office.later(days=28)
    with pytest.raises(WrongState, match="按“未参加年检”登记"):
        perform(office, "张处长", A.CONFIRM)
    assert lines(office)["测试大学教务处"].is_late
    publish(office)

    assert review(office).state is S.MISSED


@pytest.mark.usefixtures("unit_account")
def test_nothing_is_published_while_a_decision_is_owed(office: Office) -> None:
    begin(office)
    confirmed(office)
    office.later(days=28)

    with pytest.raises(WrongState, match="还有 1 个公众号等宣传部作出结论"):
        publish(office)


@pytest.mark.usefixtures("unit_account")
def test_progress_is_counted_by_unit(office: Office) -> None:
    begin(office)
    confirmed(office)

    progress = reads.progress(list(lines(office).values()))

    assert [(each.department, each.accounts, each.confirmed, each.decided) for each in progress] == [
        ("宣传部", 1, 0, 0),
        ("教务处", 1, 1, 0),
    ]


@pytest.mark.usefixtures("unit_account")
def test_returned_self_checks_are_mended_and_counted_anew(office: Office) -> None:
    begin(office)
    confirmed(office)
    assert review(office).facts["silent_days"] == 0
    office.later(days=30)
    perform(office, "老李", A.RETURN, "请补充留言管理说明")

    answer(office, comments=Answer(yes=False, evidence="已安排值守"))
    perform(office, "张处长", A.CONFIRM)

    kept = review(office)
    assert (kept.state, kept.facts["silent_days"], kept.answers["comments"]) == (
        S.CONFIRMED,
        30,
        {"yes": False, "evidence": "已安排值守"},
    )


def test_grounds_of_the_rule_leave_no_pass(office: Office, unit_account: int) -> None:
    decide_severe_case(office, unit_account)
    begin(office)
    confirmed(office)

    with pytest.raises(WrongState, match="有认定为“严重”的内容违规"):
        perform(office, "老李", A.PASS)
    perform(office, "老李", A.FAIL, "有严重违规")

    assert (review(office).state, review(office).comment) == (S.FAILED, "有严重违规")


def decide_severe_case(office: Office, account_id: int) -> None:
    with office.acting_as("老李") as work:
        case = violations.record(
            work,
            kind=ViolationKind.UNTRUE,
            severity=Severity.SEVERE,
            department_id=office.departments["教务处"],
            account_id=account_id,
            clause="3.3",
            facts="报道失实",
            happened_on=office_day(office.now),
            discovery=Discovery.COMPLAINT,
        )
        violations.perform(work, ViolationAction.INVESTIGATE, violation_id=case.id or 0, seen_version=case.version)
    with office.acting_as("孙老师") as work:
        violations.perform(
            work, ViolationAction.DECIDE, violation_id=case.id or 0, seen_version=case.version, comment="属实"
        )


@pytest.mark.usefixtures("unit_account")
def test_what_was_ordered_passes_after_a_second_look(office: Office) -> None:
    begin(office)
    confirmed(office)
    perform(office, "老李", A.ORDER, "一个月内补齐审核记录")
    with pytest.raises(ReasonRequired):
        perform(office, "老李", A.PASS)

    perform(office, "老李", A.PASS, "记录已补齐")

    assert review(office).state is S.PASSED


@pytest.mark.usefixtures("unit_account")
def test_page_of_an_account_shows_its_review_while_something_is_to_be_done(office: Office, unit_account: int) -> None:
    def shown() -> AnnualState | None:
        with office.reading() as session:
            found = reads.under_way(session, office.actor("张处长"), unit_account, now=office.now, clocks=Clocks())
        return found[1].review.state if found else None

    before = shown()
    begin(office)
    confirmed(office)
    seen = [shown()]
    perform(office, "老李", A.ORDER, "请补登密码更换日期")
    office.later(days=40)
    publish(office)
    seen.append(shown())
    perform(office, "老李", A.PASS, "已补登")
    seen.append(shown())

    assert (before, seen) == (None, [S.CONFIRMED, S.CONDITIONAL, None])


def test_who_confirmed_for_the_office_does_not_decide(office: Office) -> None:
    begin(office)
    answer(office, who="老周", name="测试大学")
    perform(office, "陈部长", A.CONFIRM, name="测试大学")

    for who in ("老周", "陈部长"):
        with pytest.raises(NotAllowed, match="这份自查由您填写或确认，须由另一位同志作出结论"):
            perform(office, who, A.PASS, name="测试大学")


@pytest.mark.usefixtures("unit_account")
def test_of_two_decisions_on_the_same_version_one_wins(office: Office) -> None:
    begin(office)
    confirmed(office)
    seen = review(office)
    perform(office, "老李", A.RETURN, "请补充")
    perform(office, "张处长", A.CONFIRM)

    with office.acting_as("陈部长") as work, pytest.raises(StaleState):
        annual_reviews.perform(work, A.PASS, review_id=seen.id or 0, seen_version=seen.version)


@pytest.mark.usefixtures("unit_account")
def test_a_unit_sees_its_own_review_only(office: Office) -> None:
    begin(office)

    assert {who: sorted(lines(office, who)) for who in ("张处长", "黄处长", "孙老师")} == {
        "张处长": ["测试大学教务处"],
        "黄处长": [],
        "孙老师": ["测试大学", "测试大学教务处"],
    }
    with pytest.raises(NotFound):
        perform(office, "黄处长", A.SELF_CHECK)


@pytest.mark.usefixtures("unit_account")
def test_an_unanswered_item_is_named(office: Office) -> None:
    begin(office)
    given = review(office)

    with office.acting_as("张处长") as work, pytest.raises(InvalidInput) as refusal:
        annual_reviews.answer(
            work,
            review_id=given.id or 0,
            seen_version=given.version,
            answers={item: each for item, each in YES.items() if item != "rights"},
        )

    assert refusal.value.field == "rights"


def test_the_self_check_waits_for_the_window(office: Office) -> None:
    begin(office, opens_on=date(2026, 12, 1))

    with pytest.raises(WrongState, match="从 2026-12-01 开始"):
        answer(office, who="老李", name="测试大学")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"closes_on": date(2026, 11, 22)}, "closes_on"),
        ({"opens_on": date(2026, 12, 21)}, "closes_on"),
        ({"opens_on": date(2026, 11, 1), "closes_on": date(2026, 11, 20)}, "closes_on"),
        ({"year": 2024}, "opens_on"),
    ],
)
def test_a_window_that_cannot_be_so_is_refused(office: Office, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        begin(office, **changes)

    assert refusal.value.field == field


def test_a_year_is_reviewed_once(office: Office) -> None:
    begin(office)

    with pytest.raises(InvalidInput, match="2026 年的年检已经开始"):
        begin(office)


@pytest.mark.parametrize("who", ["张处长", "小赵", "孙老师", "徐校长", "小王"])
def test_others_neither_open_nor_publish(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed, match="年检由宣传部或系统管理员开始和公示"):
        begin(office, who)
    begin(office, "小林")
    with pytest.raises(NotAllowed, match="年检由宣传部或系统管理员开始和公示"):
        publish(office, who)
