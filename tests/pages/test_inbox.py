"""审核收件箱: what waits for each person, and what they decided on before."""

from __future__ import annotations

from datetime import timedelta

from streamlit.testing.v1 import AppTest

from models import Action, ContentCategory, SubmissionState
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


def test_most_urgent_stands_first_with_what_a_decider_looks_for(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    late = office.submitted(title="先到的稿件")
    office.later(hours=20)
    fresh = office.submitted(title="后到的稿件")
    office.later(hours=5)
    wanted = office.submitted(title="急件", wanted_at=office.now + timedelta(hours=-2))

    app = open_inbox(app_as, "张处长")

    assert listed(app) == [wanted, late, fresh]
    said = captions(app)
    assert "3 篇等您办理。最急的在前：先是紧急稿件，再按办理时限、希望发布时间、预告的活动日期里最早的一个排。" in said
    assert said.count("教务处 · 小王 · 新闻报道 · 测试大学") == 3
    words = [each.value for each in app.main.markdown]
    badges = ("red-badge[:material/schedule: 已超时]", "green-badge[:material/schedule: 时限内]")
    assert f"**先到的稿件** :blue-badge[部门审签] :{badges[0]}" in words
    assert f"**后到的稿件** :blue-badge[部门审签] :{badges[1]}" in words
    assert "已等 **25 小时**，:red[应在 2026-11-24 09:00 前办完]。" in words
    wanted_by = ":orange[希望 2026-11-24 08:00 发布，时间已过]"
    assert f"已等 **不到 1 分钟**，应在 2026-11-25 10:00 前办完。　{wanted_by}" in words


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
    assert "现由 **老李**、**老周**、**老唐** 办理，已等 不到 1 分钟。" in [each.value for each in app.main.markdown]


def test_button_opens_the_item(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    app = open_inbox(app_as, "张处长")

    app.button(key=f"open-{submission_id}").click().run()

    assert ([each.value for each in app.title], app.query_params["id"]) == (["稿件"], str(submission_id))


# --- Who is looking --------------------------------------------------------------------------------------


def test_open_item_is_shown_as_looked_at_until_somebody_takes_over(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    open_item(app_as, "老李", submission_id)
    in_the_list = captions(open_inbox(app_as, "老周"))
    second = open_item(app_as, "老周", submission_id)
    shown = [each.value for each in second.main.markdown if "正在看" in each.value]
    second.button(key="take-over").click().run()

    assert ":material/visibility: 老李 正在看（09:00 起）" in in_the_list
    assert shown == [
        ":material/visibility: **老李** 正在看这篇稿件（09:00 起）。您仍然可以办理；两人同时办理时，先办的算数。"
    ]
    assert ":material/visibility: 老周 正在看（09:00 起）" in captions(open_inbox(app_as, "老李"))
    office.later(minutes=11)
    assert [each for each in captions(open_inbox(app_as, "老李")) if "正在看" in each] == []


def open_item(app_as: AppAs, who: str, submission_id: int) -> AppTest:
    app = app_as(who).run()
    app.switch_page("../pages/submission.py")
    app.query_params["id"] = str(submission_id)
    return app.run()


def test_item_leads_on_to_the_next_that_nobody_else_looks_at(desk: Desk, app_as: AppAs) -> None:
    first, second, third = (desk.office.submitted() for _ in range(3))
    for each in (first, second, third):
        desk.office.perform("张处长", Action.SIGN_OFF, each)
    open_item(app_as, "老周", second)
    app = open_item(app_as, "老李", first)

    app.button(key="next-item").click().run()

    assert app.query_params["id"] == [str(third)] or app.query_params["id"] == str(third)


# --- Several at once -------------------------------------------------------------------------------------


def test_bulk_return_says_of_each_item_what_became_of_it(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    kept, gone = office.submitted(title="第一篇"), office.submitted(title="第二篇")
    app = open_inbox(app_as, "张处长")
    app.toggle(key="bulk").set_value(True).run()
    app.checkbox(key="bulk-all").check().run()
    app.button(key="bulk-return").click().run()
    without_reason = [each.value for each in app.error]
    app.text_area(key="bulk-words").input("请补充活动时间").run()
    office.perform("小王", Action.WITHDRAW, gone)
    app.button(key="bulk-return").click().run()

    assert without_reason == ["成批退回前请写明理由，每位作者都会看到它。"]
    words = [each.value for each in app.main.markdown]
    assert "**成批退回的结果**　1 篇已退回，1 篇没有办理" in words
    assert ":green[:material/check:] 《第一篇》已退回" in words
    assert (
        ":red[:material/close:] 《第二篇》没有办理：稿件现在是“已撤回”，不能“退回修改”。请刷新页面查看最新状态。"
        in words
    )
    assert office.stored(kept).state is SubmissionState.RETURNED
    app.button(key="bulk-read").click().run()
    assert not [each for each in app.main.markdown if "结果" in each.value]


# --- Narrowed --------------------------------------------------------------------------------------------


def test_words_and_filters_narrow_a_list_and_can_be_kept(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    sports = office.submitted(title="秋季运动会开幕", category=ContentCategory.NEWS)
    preview = office.submitted(title="运动会开幕预告", category=ContentCategory.PREVIEW)
    office.submitted(title="图书馆开放通知")
    app = open_inbox(app_as, "张处长")
    app.text_input(key="find").input("运动会").run()
    found = listed(app)
    app.selectbox(key="category").select("活动预告").run()
    narrowed = listed(app)
    app.text_input(key="filter-name").input("预告").run()
    app.button(key="filter-keep").click().run()
    app.button(key="filter-clear").click().run()
    everything = len(listed(app))
    (kept,) = [each for each in app.button if str(each.key).startswith("filter-") and str(each.key)[7:].isdigit()]
    kept.click().run()

    assert (set(found), narrowed, everything) == ({sports, preview}, [preview], 3)
    assert (kept.label, listed(app)) == ("预告　**1**", [preview])
    assert "已存为常用筛选“预告”。" not in [each.value for each in app.success]


def test_words_that_find_nothing_and_words_too_short_say_what_helps(desk: Desk, app_as: AppAs) -> None:
    desk.office.submitted()
    app = open_inbox(app_as, "张处长")
    app.text_input(key="find").input("天文台").run()
    nothing = [each.value for each in app.main.info]
    app.text_input(key="find").input("会").run()

    assert nothing == ["没有符合这些条件的稿件。可以换一个词、少设一个条件，或到“全部稿件”里查。"]
    assert [each.value for each in app.error] == ["“会”太短，查不了：每个词至少要有相连的两个字。"]


def test_everything_a_person_may_know_of_is_a_list_of_its_own(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    approved = office.approved()
    app = open_inbox(app_as, "老周")
    app.segmented_control(key="inbox").set_value("全部稿件").run()
    others = open_inbox(app_as, "黄处长")
    others.segmented_control(key="inbox").set_value("全部稿件").run()

    assert (listed(app), listed(others)) == ([approved], [])
    assert [each.value for each in others.main.info] == ["还没有您可以查看的稿件。部门交来第一篇后会出现在这里。"]
