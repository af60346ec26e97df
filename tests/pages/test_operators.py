"""运营队伍 and 岗位职责 as those who manage meet them, and as everybody meets their own duties."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import Role
from services import duty
from tests.desk import AppAs, Desk
from ui import access, navigation


def open_page(app_as: AppAs, who: str, name: str = "operators") -> AppTest:
    return app_as(who).run().switch_page(f"../pages/{name}.py").run()


def words(app: AppTest) -> list[str]:
    return [each.value for each in app.main.markdown]


@pytest.mark.parametrize(("who", "offered"), [("小林", True), ("陈部长", True), ("老李", False), ("小王", False)])
def test_it_stands_in_the_menu_of_those_who_manage(desk: Desk, who: str, *, offered: bool) -> None:
    menu = [entry.name for entry in navigation.offered_to(desk.user(who))]

    assert ("operators" in menu, len(menu) <= 7) == (offered, True)


def test_approver_names_an_operator_and_ends_the_term(app_as: AppAs) -> None:
    app = open_page(app_as, "陈部长")
    before = words(app)
    box = app.selectbox(key="operator_person")
    box.set_value(next(each for each in box.options if each.startswith("小赵（"))).run()
    app.button(key="name_operator").click().run()
    named = words(app)
    app.button(key=next(str(each.key) for each in app.button if str(each.key).startswith("end_term-"))).click().run()

    assert "**测试大学** :orange-badge[缺 A 角] :orange-badge[缺 B 角]" in before
    assert "**测试大学** :orange-badge[缺 B 角]" in named
    assert words(app) == before


def test_each_view_opens(app_as: AppAs) -> None:
    app = open_page(app_as, "小林")

    for view in ("值班", "培训", "职责", "人员"):
        app.segmented_control(key="operators_view").set_value(view).run()
        assert len(app.exception) == 0, view


def test_a_training_entered_twice_or_wrongly_is_refused_and_struck_out(desk: Desk, app_as: AppAs) -> None:
    app = open_page(app_as, "小林")
    app.segmented_control(key="operators_view").set_value("培训").run()
    box = app.selectbox(key="training_person")
    box.set_value(next(each for each in box.options if each.startswith("小赵（"))).run()
    app.text_input(key="training_subject").set_value("保密教育")
    app.button(key="enter_training").click().run()
    app.button(key="enter_training").click().run()
    twice = [each.value for each in app.main.error]

    app.selectbox(key="struck_training").set_value(1).run()
    app.button(key="strike").click().run()
    without_reason = [each.value for each in app.main.error]
    app.text_input(key="struck_reason").set_value("是小周参加的")
    app.button(key="strike").click().run()

    day = f"{desk.office.now:%Y-%m-%d}"
    assert [each.value for each in app.main.warning] == ["还没有培训记录：小赵"]
    assert twice == [f"小赵 {day} 的“保密教育”已经登记过，不必再登记。"]
    assert without_reason == ["请写明哪里登记错了，例如“登记到了别人名下”；它会留在这条记录上。"]
    listed = app.main.dataframe[0].value
    assert (list(listed["内容"]), list(listed["说明"])) == (["（已划掉）保密教育"], [f"是小周参加的（小林，{day}）"])
    assert "strike" not in [each.key for each in app.button]


def test_everybody_reads_and_acknowledges_their_own_duties(desk: Desk, app_as: AppAs) -> None:
    app = open_page(app_as, "老唐", "duties")
    link = [each.proto.label for each in app.sidebar.get("page_link") if "岗位职责" in each.proto.label]
    for role in (Role.REVIEWER, Role.APPROVER):
        app.button(key=f"acknowledge-{role.value}").click().run()
    gone = [each.proto.label for each in app.sidebar.get("page_link") if "岗位职责" in each.proto.label]
    with desk.office.acting_as("小林") as work:
        duty.write_duties(work, role=Role.APPROVER, text="新的职责。", seen_version=1)
    app.run()

    assert (link, gone) == (["岗位职责 :orange-badge[待确认]"], [])
    assert [str(each.key) for each in app.main.button] == ["acknowledge-approver"]


def test_the_word_about_duties_is_said_once_and_blocks_nothing(app_as: AppAs) -> None:
    app = app_as("小王")
    app.session_state[access.TICKET] = "just signed in"
    first = [each.value for each in app.run().toast]
    app.run()

    assert len(first) == 1
    assert len(app.toast) == 0
    assert len(app.exception) == 0
