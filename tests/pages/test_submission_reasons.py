"""常用理由 and 约谈 on the item's page: what picking fills, who keeps the list, what the third return asks."""

from __future__ import annotations

import pytest
from sqlmodel import select

from models import Action, CheckVerdict, ReasonTemplate, ReviewDecision, SubmissionState
from services.rules.office_time import office_day
from tests.desk import AppAs, Desk
from tests.pages.test_submission import open_item
from tests.services.test_checklist import answer
from tests.services.test_talks import kept, returned_twice

S = SubmissionState
FIRST = "请补充活动的时间、地点、主办单位和参加人数。"


def test_a_picked_reason_fills_words_and_clause_and_leaves_what_was_typed(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    app.text_area(key=f"words-{submission_id}").set_value("我的话").run()

    picker = app.selectbox(key=f"reason-{submission_id}")
    picker.set_value(picker.options[0]).run()
    filled = app.text_area(key=f"words-{submission_id}").value
    app.text_area(key=f"words-{submission_id}").set_value(f"{FIRST}谢谢").run()
    app.button(key=f"return-{submission_id}").click().run()

    with desk.office.reading() as session:
        sent = session.exec(select(ReviewDecision).where(ReviewDecision.action == Action.RETURN)).one()
    assert picker.options[0] == f"退回｜{FIRST}"
    assert filled == f"我的话\n{FIRST}"
    assert (sent.comment, sent.clause) == (f"{FIRST}谢谢", "1.3")


def test_what_the_checklist_found_wrong_is_offered_first(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    answer(desk.office, "张处长", submission_id, "C03", CheckVerdict.FAIL, "职务写错")

    app = open_item(app_as, submission_id, "张处长")

    assert app.selectbox(key=f"reason-{submission_id}").options[:2] == [
        "清单 C03｜职务写错",
        "退回｜人名、职务或排序与实际不符，请核对后修改。",
    ]


@pytest.mark.parametrize(("who", "keeps"), [("老李", True), ("张处长", False)])
def test_the_office_keeps_the_list_where_it_uses_it(desk: Desk, app_as: AppAs, who: str, *, keeps: bool) -> None:
    submission_id = desk.office.submitted()
    if who == "老李":
        desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = open_item(app_as, submission_id, who)

    offered = f"reason-{submission_id}-keep" in [each.key for each in app.button]
    if offered:
        app.button(key=f"reason-{submission_id}-keep").click().run()
        app.text_area(key="reason-edit-new-text").set_value("请附主办单位证明。")
        app.button(key="reason-save").click().run()

    with desk.office.reading() as session:
        added = session.exec(select(ReasonTemplate.text).where(ReasonTemplate.changed_by_id != None)).all()  # noqa: E711  # SQL
    assert (offered, list(added)) == (keeps, ["请附主办单位证明。"] if keeps else [])


def test_the_third_return_asks_for_a_talk_and_then_goes(desk: Desk, app_as: AppAs) -> None:
    submission_id = returned_twice(desk.office)
    app = open_item(app_as, submission_id, "张处长")
    app.text_area(key=f"words-{submission_id}").set_value("请再改").run()

    app.button(key=f"return-{submission_id}").click().run()
    refused = [each.value for each in app.error]
    app.checkbox(key=f"talk-{submission_id}-2-later").check().run()
    app.button(key=f"return-{submission_id}").click().run()

    assert refused[0].startswith("这篇稿件已经退回过 2 次。")
    assert desk.office.stored(submission_id).state is S.RETURNED
    assert kept(desk.office, submission_id)[-1] == ("", None)


def test_the_first_return_shows_no_field_of_a_talk(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()

    app = open_item(app_as, submission_id, "张处长")

    assert [each.key for each in app.checkbox if str(each.key).startswith("talk-")] == []


def test_a_talk_put_off_is_written_down_later_by_who_put_it_off(desk: Desk, app_as: AppAs) -> None:
    submission_id = returned_twice(desk.office)
    app = open_item(app_as, submission_id, "张处长")
    app.text_area(key=f"words-{submission_id}").set_value("请再改")
    app.checkbox(key=f"talk-{submission_id}-2-later").check()
    app.button(key=f"return-{submission_id}").click().run()

    app.button(key="talk-owed-1-enter").click().run()
    refused = [each.value for each in app.error]
    app.text_input(key="talk-owed-1-who").set_value("张处长与小王")
    app.date_input(key="talk-owed-1-day").set_value(office_day(desk.office.now))
    app.button(key="talk-owed-1-enter").click().run()

    assert refused == ["请写明谁和谁谈的，不超过 120 字。"]
    assert kept(desk.office, submission_id)[-1] == ("张处长与小王", office_day(desk.office.now))
    assert "talk-owed-1-enter" not in [each.key for each in app.button]
    assert "talk-owed-1-enter" not in [each.key for each in open_item(app_as, submission_id, "小王").button]
