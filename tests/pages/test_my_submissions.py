"""我的稿件: where each of mine stands, with whom, and why it came back."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import Action
from services.queries import submission_lists as reads
from tests.desk import AppAs, Desk


def open_list(app_as: AppAs, who: str = "小王") -> AppTest:
    return app_as(who).run().switch_page("../pages/my_submissions.py").run()


def listed(app: AppTest) -> list[int]:
    keys = [str(button.key) for button in app.main.button]
    return [int(key.removeprefix("open-")) for key in keys if key.startswith("open-")]


def told(app: AppTest) -> str:
    """The words of the page itself, as Markdown."""
    return "\n".join(each.value for each in (*app.main.markdown, *app.main.caption))


def test_contributor_sees_with_whom_the_item_is_and_since_when(desk: Desk, app_as: AppAs) -> None:
    desk.office.submitted(title="迎新大会")
    desk.office.later(hours=3)

    words = told(open_list(app_as))

    assert "**迎新大会** :blue-badge[部门审签]" in words
    assert "现由 **张处长** 办理，已等 3 小时。" in words
    assert "应在 2026-11-24 09:00 前办完；通过后送宣传部初审。" in words


def test_a_late_stage_is_said_to_be_late_and_the_last_one_leads_to_the_seal(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    desk.office.perform("老李", Action.PASS, submission_id)
    desk.office.later(days=3)

    words = told(open_list(app_as))

    assert ":red[应在 2026-11-24 09:00 前办完，已超时，系统已提醒办理人]；通过后封版，等待发布。" in words


def test_the_reasons_of_the_department_stand_above_the_form(desk: Desk, app_as: AppAs) -> None:
    returned = desk.office.submitted()
    desk.office.perform("张处长", Action.RETURN, returned, "请写明全称")

    app = app_as("小王").run().switch_page("../pages/submit.py").run()

    assert app.main.expander[0].label == "本部门最近 1 次被退回的原因"
    assert "2026-11-23　请写明全称" in told(app)


def test_returned_item_shows_the_whole_reason_as_it_was_typed(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.RETURN, submission_id, "请写明 *全称*\n并补充时间")

    app = open_list(app_as)

    assert [each.value for each in app.main.warning] == [
        "**张处长 于 2026\\-11\\-23 09\\:00 退回修改**  \n请写明 \\*全称\\*  \n并补充时间"
    ]
    assert f"write-{submission_id}" in {button.key for button in app.main.button}


def test_item_under_review_cannot_be_written_on(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()

    app = open_list(app_as)

    assert [button.key for button in app.main.button] == [f"open-{submission_id}"]


def test_item_nobody_may_sign_says_so(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft(author="张处长")
    desk.office.hand_in(submission_id, author="张处长")

    assert "现在没有人可以办理这一环节" in told(open_list(app_as, "张处长"))


def test_filter_keeps_items_of_one_progress(desk: Desk, app_as: AppAs) -> None:
    draft, waiting = desk.office.draft(), desk.office.submitted()
    app = open_list(app_as)
    everything = listed(app)

    app.segmented_control(key="progress").set_value("写作中").run()

    assert (everything, listed(app)) == ([waiting, draft], [draft])


def test_list_turns_pages_and_begins_anew_with_another_filter(
    desk: Desk, app_as: AppAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads, "PAGE_SIZE", 2)
    made = [desk.office.draft() for _ in range(5)]
    app = open_list(app_as)
    first = listed(app)

    app.pagination(key="page_all").set_value(3).run()
    last = listed(app)
    app.segmented_control(key="progress").set_value("写作中").run()

    assert (first, last, listed(app)) == ([made[4], made[3]], [made[0]], [made[4], made[3]])


def test_nobody_meets_the_items_of_others(desk: Desk, app_as: AppAs) -> None:
    desk.office.submitted(title="教务处的稿件")

    for other in ("小吴", "张处长"):
        assert (listed(open_list(app_as, other)), "教务处的稿件" in told(open_list(app_as, other))) == ([], False)


def test_empty_list_says_how_to_begin(app_as: AppAs) -> None:
    app = open_list(app_as)

    assert [each.value for each in app.main.info] == [
        "您还没有稿件。上传一份 Word 文件，或直接写，几分钟就能交给部门审签。"
    ]
    assert [link.proto.label for link in app.main.get("page_link")] == ["去投稿"]


@pytest.mark.parametrize(("button", "title"), [("write", "投稿"), ("open", "稿件")])
def test_buttons_lead_to_the_item(desk: Desk, app_as: AppAs, button: str, title: str) -> None:
    submission_id = desk.office.draft()
    app = open_list(app_as)

    app.button(key=f"{button}-{submission_id}").click().run()

    assert ([each.value for each in app.title], app.query_params["id"]) == ([title], str(submission_id))
