"""A returned item: its author writes on a working copy, and the office sees what it received until it is sent again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from models import AccountKind, Action, AiUse, ContentCategory, Draft, RiskMark, SubmissionState
from services import accounts, findings, routes, submissions
from services.errors import InvalidInput
from services.ports import WeChatCredentials
from services.queries import inbox, schedule, submission_lists
from services.queries import submissions as reads
from services.rules.list_filters import Criteria
from services.submissions import PARTICULARS, DraftFields
from tests.office import MONDAY_MORNING, Office

S = SubmissionState
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def rewritten(office: Office, submission_id: int, **changes: Any) -> DraftFields:
    """What the author's form shows after they changed some of it."""
    with office.acting_as("小王") as work:
        kept = work.session.get_one(Draft, submission_id)
        given = replace(submissions.draft_fields(kept), **changes)
        submissions.save_draft(work, submission_id=submission_id, seen_edition=kept.edition, draft=given)
    return form(office, submission_id)


def form(office: Office, submission_id: int) -> DraftFields:
    with office.reading() as session:
        return submissions.draft_fields(session.get_one(Draft, submission_id))


def another_account(office: Office) -> int:
    with office.as_system() as work:
        made = accounts.register(
            work,
            office.box,
            name="教务处公众号",
            kind=AccountKind.SUBSCRIPTION,
            owner_department_id=office.departments["教务处"],
            credentials=WeChatCredentials("wx00000000000000a2", "f" * 32),
            verified=True,
        )
        return made.id or 0


def said(office: Office, submission_id: int) -> dict[str, Any]:
    """What the office's pages are given of an item."""
    with office.reading() as session:
        item = reads.detail(session, office.actor("老李"), submission_id).submission
        return {name: getattr(item, name) for name in PARTICULARS}


def listed(office: Office, submission_id: int) -> tuple[Any, ...]:
    """What its line in the list of the office shows, in which filters it is, and on which days of the calendar."""
    reviewer = office.actor("老李")
    with office.reading() as session:
        (line,) = inbox.known_to(session, reviewer, now=office.now)
        of_category = [
            category
            for category in ContentCategory
            if inbox.known_to(session, reviewer, now=office.now, criteria=Criteria(category=category))
        ]
        days = schedule.entries(session, reviewer, date(2026, 11, 1), date(2026, 12, 31), wanted=schedule.Filter())
    assert line.id == submission_id
    return line.account, line.category, line.wanted_at, of_category, [entry.at for entry in days]


def test_the_office_sees_what_it_returned_until_the_author_sends_again(office: Office) -> None:
    other = another_account(office)
    wished, later = MONDAY_MORNING + timedelta(days=2), MONDAY_MORNING + timedelta(days=9)
    submission_id = office.submitted(wanted_at=wished, event_date=date(2026, 11, 20))
    office.perform("张处长", Action.RETURN, submission_id, "请核对日期和公众号")
    returned = said(office, submission_id), listed(office, submission_id)

    working = rewritten(
        office,
        submission_id,
        account_id=other,
        category=ContentCategory.NOTICE,
        event_date=date(2026, 11, 21),
        wanted_at=later,
        declared_no_secrets=True,
        declared_rights=True,
        ai_use=AiUse.ASSISTED,
        theme="band",
        risks=(RiskMark.LEADERS,),
    )

    assert (said(office, submission_id), listed(office, submission_id)) == returned
    assert returned[1] == ("测试大学", ContentCategory.NEWS, wished, [ContentCategory.NEWS], [])
    with office.reading() as session:
        (own,) = submission_lists.mine(session, office.actor("小王"), now=office.now)
    assert (own.account, own.category, own.wanted_at) == ("教务处公众号", ContentCategory.NOTICE, later)
    office.hand_in(submission_id)
    assert said(office, submission_id) == {name: getattr(working, name) for name in PARTICULARS}
    assert listed(office, submission_id) == (
        "教务处公众号",
        ContentCategory.NOTICE,
        later,
        [ContentCategory.NOTICE],
        [later],
    )


def test_who_is_asked_follows_what_is_sent(office: Office) -> None:
    with office.acting_as("小林") as work:
        routes.set_route(
            work, stages=(S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW), category=ContentCategory.FEATURE
        )
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请改为专题")
    before = office.stored(submission_id).route

    rewritten(office, submission_id, category=ContentCategory.FEATURE, risks=(RiskMark.LEADERS,))

    assert office.stored(submission_id).route == before == [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW]
    office.hand_in(submission_id)
    assert office.stored(submission_id).route == [
        S.DEPARTMENT_REVIEW,
        S.FIRST_REVIEW,
        S.SECOND_REVIEW,
        S.FINAL_REVIEW,
        S.LEADER_REVIEW,
    ]


def test_what_is_missing_is_asked_of_what_is_sent(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请重新声明")
    rewritten(office, submission_id, account_id=None, declared_rights=False)

    with pytest.raises(InvalidInput) as refused:
        office.hand_in(submission_id)

    assert refused.value.sentence == (
        "提交前还有 2 处要补：（1）请选择要发布的公众号。（2）请勾选版权声明：确认文字和图片有权使用。"
    )
    assert (said(office, submission_id)["account_id"], said(office, submission_id)["declared_rights"]) == (
        office.account_id,
        True,
    )


@on_sqlite
def test_a_risk_can_be_taken_out_again_until_it_is_sent(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请补充")
    rewritten(office, submission_id, risks=(RiskMark.MAJOR,))

    assert rewritten(office, submission_id, risks=()).risks == ()


def test_what_the_office_raised_is_in_the_authors_next_draft(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("张处长") as work:
        submissions.raise_review(
            work,
            submission_id=submission_id,
            seen_version=office.stored(submission_id).version,
            comment="涉及校领导",
            risks=(RiskMark.LEADERS,),
        )
    office.perform("张处长", Action.RETURN, submission_id, "请补充")

    assert form(office, submission_id).risks == (RiskMark.LEADERS,)
    with pytest.raises(InvalidInput, match="只能增加"):
        rewritten(office, submission_id, risks=())


def test_an_item_withdrawn_while_it_is_rewritten_stays_as_it_was_received(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "请补充")
    returned = said(office, submission_id)
    rewritten(office, submission_id, title="没有提交过的标题", category=ContentCategory.NOTICE)

    office.perform("小王", Action.WITHDRAW, submission_id)

    assert said(office, submission_id) == returned
    with office.reading() as session:
        assert reads.detail(session, office.actor("老李"), submission_id).content.title == "教务处举办教学经验交流会"


@on_sqlite
def test_the_authors_check_goes_by_what_they_are_writing(office: Office) -> None:
    submission_id = office.submitted(title="教学经验交流会圆满举行", event_date=date(2026, 11, 20))
    office.perform("张处长", Action.RETURN, submission_id, "请核对")
    rewritten(office, submission_id, digest="补充了时间", event_date=date(2026, 12, 1))

    with office.acting_as("小王") as work:
        marks = findings.check(work, office.screener, submission_id=submission_id)

    assert [each.suggestion for each in marks if "2026-12-01" in each.suggestion] == [
        "登记的活动日期是 2026-12-01，还没有到，稿件却说活动已经举行：请核对日期。"
    ]
