"""稿件: who sees which buttons, and what pressing them does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from models import Action, Draft, SubmissionState
from services import people, submissions
from tests.desk import AppAs, Desk

S = SubmissionState


def open_item(app_as: AppAs, submission_id: int, who: str) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page("../pages/submission.py").run()


def offered(app: AppTest, submission_id: int) -> set[str]:
    keys = {str(button.key) for button in app.button}
    suffix = f"-{submission_id}"
    names = {action.value for action in Action}
    return {key.removesuffix(suffix) for key in keys if key.removesuffix(suffix) in names}


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("小王", {"recall", "withdraw"}),
        ("张处长", {"sign_off", "return", "raise"}),
        ("老李", set()),
        ("陈部长", set()),
        ("小赵", set()),
        ("孙老师", set()),
        ("徐校长", set()),
    ],
)
def test_each_person_is_offered_what_the_table_allows(desk: Desk, app_as: AppAs, who: str, buttons: set[str]) -> None:
    submission_id = desk.office.submitted()

    app = open_item(app_as, submission_id, who)

    assert offered(app, submission_id) == buttons


def test_signing_off_passes_the_item_on_and_says_so(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    app.button(key=f"check-rest-{submission_id}").click().run()

    app.button(key=f"sign_off-{submission_id}").click().run()

    assert desk.office.stored(submission_id).state is S.FIRST_REVIEW
    assert [done.value for done in app.success] == ["《教务处举办教学经验交流会》：部门审签通过。"]


def test_a_return_without_a_reason_is_refused_and_the_words_stay(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")

    app.button(key=f"return-{submission_id}").click().run()
    refused = [error.value for error in app.error]
    app.text_area(key=f"words-{submission_id}").set_value("请补充时间地点").run()
    app.button(key=f"return-{submission_id}").click().run()

    assert refused == ["退回修改前请写明理由，作者会看到它。"]
    assert desk.office.stored(submission_id).state is S.RETURNED


def test_whoever_was_slower_is_told_and_keeps_their_words(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    app.text_area(key=f"words-{submission_id}").set_value("我的意见").run()
    desk.office.perform("小王", Action.WITHDRAW, submission_id)

    app.button(key=f"return-{submission_id}").click().run()

    assert [error.value for error in app.error] == ["稿件现在是“已撤回”，不能“退回修改”。请刷新页面查看最新状态。"]


def test_a_disabled_persons_next_click_does_nothing(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_item(app_as, submission_id, "张处长")
    with desk.office.acting_as("小林") as work:
        people.disable(work, person_id=desk.office.people["张处长"], handover="副处长接手")

    app.button(key=f"sign_off-{submission_id}").click().run()

    assert desk.office.stored(submission_id).state is S.DEPARTMENT_REVIEW


def test_a_version_is_compared_with_the_one_before_once_it_is_opened(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("小王", Action.RECALL, submission_id)
    with desk.office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        changed = replace(submissions.draft_fields(draft), title="改过的标题")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=changed)
    desk.office.hand_in(submission_id)
    latest = desk.office.stored(submission_id).revision_id
    app = open_item(app_as, submission_id, "张处长")
    closed = compared(app)

    app.session_state[f"version-{latest}"] = True
    app.run()

    assert (closed, ["改过的标题" in body for body in compared(app)]) == ([], [True])


def compared(app: AppTest) -> list[str]:
    """The fields that are shown with what was taken out and put in."""
    shown = (each.proto.body for each in app.get("html"))
    return [body for body in shown if 'class="diff"' in body]


def test_an_outsider_learns_nothing(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()

    app = open_item(app_as, submission_id, "小吴")

    assert [error.value for error in app.error] == ["没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。"]
    assert len(app.subheader) == 0


@pytest.mark.parametrize("address", ["", "abc", "-1", "9" * 40, "1 OR 1=1", "\u0661"])
def test_a_nonsense_address_is_answered_quietly(desk: Desk, app_as: AppAs, address: str) -> None:  # noqa: ARG001  # the school must be there
    app = app_as("张处长").run()
    app.query_params["id"] = address

    app.switch_page("../pages/submission.py").run()

    assert ([info.value for info in app.info], len(app.exception)) == (
        ["请从“我的稿件”或“审核收件箱”里打开一篇稿件。"],
        0,
    )
