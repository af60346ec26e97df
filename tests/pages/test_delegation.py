"""代办: asking somebody to stand in, what the deputy then meets, and ending it."""

from __future__ import annotations

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Absence, Action, Delegation, Role, SubmissionState
from services import delegations
from services.rules.office_time import office_day
from tests.desk import AppAs, Desk
from ui import navigation


def open_page(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page("../pages/delegation.py").run()


def choose(app: AppTest, key: str, name: str) -> None:
    box = app.selectbox(key=key)
    box.set_value(next(each for each in box.options if each.startswith(f"{name}（")))


def lend(desk: Desk, principal: str, deputy: str, role: Role) -> int:
    today = office_day(desk.office.now)
    with desk.office.acting_as(principal) as work:
        row = delegations.delegate(
            work, deputy_id=desk.office.people[deputy], roles=[role], starts_on=today, ends_on=today
        )
        return row.id or 0


def test_approver_names_a_deputy_who_then_approves_as_x_for_y(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    desk.office.perform("老李", Action.PASS, submission_id)
    app = open_page(app_as, "陈部长")
    choose(app, "delegation_deputy", "小赵")
    app.run()
    app.button(key="delegate").click().run()
    assert [each.value for each in app.success] == ["代办已登记，双方都会收到通知。"]
    assert "**小赵 代 陈部长** :blue-badge[代办中]" in [each.value for each in app.main.markdown]

    deputy = app_as("小赵").run()
    deputy.query_params["id"] = str(submission_id)
    deputy.switch_page("../pages/submission.py").run()
    deputy.button(key=f"approve-{submission_id}").click().run()
    deputy.button(key=f"rest-approve-{submission_id}").click().run()

    assert desk.office.stored(submission_id).state is SubmissionState.APPROVED
    assert any("小赵 代 陈部长" in each.value for each in deputy.main.markdown)
    with desk.office.reading() as session:
        assert len(session.exec(select(Absence)).all()) == 1


def test_refusal_stands_where_the_form_is(desk: Desk, app_as: AppAs) -> None:
    lend(desk, "老周", "老李", Role.REVIEWER)
    app = open_page(app_as, "老李")
    choose(app, "delegation_deputy", "老周")
    app.run()

    app.button(key="delegate").click().run()

    assert ["循环代办" in each.value for each in app.error] == [True]
    with desk.office.reading() as session:
        assert len(session.exec(select(Delegation)).all()) == 1


@pytest.mark.parametrize("who", ["小王", "孙老师", "小吴"])
def test_who_decides_nothing_has_nothing_to_lend_but_days_away(app_as: AppAs, who: str) -> None:
    app = open_page(app_as, who)

    keys = {str(each.key) for each in app.main.button}

    assert keys == {"enter_absence"}


def test_the_deputys_menu_opens_what_the_delegation_needs(desk: Desk) -> None:
    before = [entry.name for entry in navigation.offered_to(desk.user("小吴"))]
    lend(desk, "张处长", "小吴", Role.DEPARTMENT_HEAD)
    after = [entry.name for entry in navigation.offered_to(desk.user("小吴"))]

    assert ("inbox" in before, "inbox" in after) == (False, True)


def test_deputy_ends_what_they_were_asked_to_do(desk: Desk, app_as: AppAs) -> None:
    delegation_id = lend(desk, "陈部长", "老李", Role.APPROVER)
    app = open_page(app_as, "老李")

    app.button(key=f"end-{delegation_id}").click().run()

    assert [each.value for each in app.success] == ["代办已结束。"]
    assert next(each.value for each in app.main.info).startswith("现在没有代办。")


def test_administrator_enters_a_delegation_for_somebody_else(app_as: AppAs) -> None:
    app = open_page(app_as, "小林")
    choose(app, "delegation_principal", "陈部长")
    app.run()
    choose(app, "delegation_deputy", "老李")
    app.run()

    app.button(key="delegate").click().run()

    assert "**老李 代 陈部长** :blue-badge[代办中]" in [each.value for each in app.main.markdown]


def test_item_page_names_who_may_decide_and_warns_where_nobody_may(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    today = office_day(desk.office.now)
    with desk.office.acting_as("张处长") as work:
        delegations.enter_absence(work, starts_on=today, ends_on=today)
    app = app_as("小王").run()
    app.query_params["id"] = str(submission_id)

    app.switch_page("../pages/submission.py").run()

    assert [each.value for each in app.main.warning] == [
        "“部门审签”现在没有人可以办理。请让有权办理的同志委托代办，或由系统管理员再指定一位部门负责人。"
    ]
    assert "宣传部终审：**陈部长**、**老唐**" in [each.value for each in app.main.markdown]
