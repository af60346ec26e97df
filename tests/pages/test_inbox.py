"""审核收件箱: what waits for each person, and what they decided on before."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from models import Action
from tests.desk import AppAs, Desk

DECIDERS = ("张处长", "黄处长", "老李", "老周", "陈部长", "老唐", "徐校长")
OTHERS = ("小王", "小赵", "孙老师", "小林", "小吴")


def open_inbox(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page("../pages/inbox.py").run()


def listed(app: AppTest) -> list[int]:
    keys = [str(button.key) for button in app.main.button]
    return [int(key.removeprefix("open-")) for key in keys if key.startswith("open-")]


def captions(app: AppTest) -> list[str]:
    return [each.value for each in app.main.caption]


def test_item_waits_only_for_those_who_may_sign_it(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    with_the_head = {who: listed(open_inbox(app_as, who)) for who in DECIDERS}
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    with_the_office = {who: listed(open_inbox(app_as, who)) for who in DECIDERS}

    nobody: dict[str, list[int]] = {who: [] for who in DECIDERS}
    assert with_the_head == nobody | {"张处长": [submission_id]}
    assert with_the_office == nobody | {who: [submission_id] for who in ("老李", "老周", "老唐")}


def test_those_who_decide_nothing_have_no_inbox(app_as: AppAs) -> None:
    refused = "您的角色不能打开“审核收件箱”。如果工作需要，请联系系统管理员为您添加角色。"

    assert {who: [each.value for each in open_inbox(app_as, who).error] for who in OTHERS} == {
        who: [refused] for who in OTHERS
    }


def test_longest_waiting_stands_first_with_what_a_decider_looks_for(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    first = office.submitted(title="先到的稿件", wanted_at=office.now)
    office.later(hours=5)
    second = office.submitted(title="后到的稿件")
    office.later(minutes=20)

    app = open_inbox(app_as, "张处长")

    assert listed(app) == [first, second]
    assert captions(app)[0] == "2 篇等您办理，等得最久的在前。"
    assert captions(app)[1] == "教务处 · 小王 · 新闻报道 · 测试大学"
    words = [each.value for each in app.main.markdown]
    assert "**先到的稿件** :blue-badge[部门审签]" in words
    assert "已等 **5 小时**。　:orange[希望 2026-11-23 09:00 发布，时间已过]" in words
    assert "已等 **20 分钟**。" in words


def test_empty_inbox_says_that_nothing_waits(app_as: AppAs) -> None:
    app = open_inbox(app_as, "老李")

    assert [each.value for each in app.main.info] == ["没有等您办理的稿件。新稿件到您这一环节时会出现在这里。"]


def test_second_view_shows_what_became_of_decided_items(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = open_inbox(app_as, "张处长")
    waiting = listed(app)

    app.segmented_control(key="inbox").set_value("我办过的").run()

    assert (waiting, listed(app)) == ([], [submission_id])
    assert "您办理过 1 篇，最近有变化的在前。" in captions(app)
    assert "现由 **老李**、**老周**、**老唐** 办理，已等 0 分钟。" in [each.value for each in app.main.markdown]


def test_button_opens_the_item(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_inbox(app_as, "张处长")

    app.button(key=f"open-{submission_id}").click().run()

    assert ([each.value for each in app.title], app.query_params["id"]) == (["稿件"], str(submission_id))
