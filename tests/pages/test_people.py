"""人员与部门: what the administrator does there, and that nobody else gets to see it."""

from __future__ import annotations

from datetime import date
from io import BytesIO

from openpyxl import load_workbook
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from models import Person, PersonRole, Role
from services import people_import
from services.queries import sessions
from tests.desk import AppAs, Desk
from tests.office import CAST
from ui import navigation

TODAY = date(2026, 11, 23)


def open_page(app_as: AppAs, who: str = "小林", view: str = "人员") -> AppTest:
    app = app_as(who).run().switch_page("../pages/people.py").run()
    return app if view == "人员" else app.segmented_control(key="people_view").set_value(view).run()


def open_card(app_as: AppAs, person_id: int) -> AppTest:
    app = app_as("小林").run()
    app.query_params["id"] = str(person_id)
    return app.switch_page("../pages/people.py").run()


def listed(app: AppTest) -> list[int]:
    keys = [str(button.key) for button in app.main.button]
    return [int(key.removeprefix("open-")) for key in keys if key.startswith("open-")]


def told(app: AppTest) -> list[str]:
    return [each.value for each in (*app.main.success, *app.main.error, *app.main.warning)]


def stored(desk: Desk, person_id: int) -> Person:
    with desk.office.reading() as session:
        return session.get_one(Person, person_id)


def held(desk: Desk, person_id: int) -> list[PersonRole]:
    with desk.office.reading() as session:
        statement = select(PersonRole).where(PersonRole.person_id == person_id).order_by(col(PersonRole.id))
        return list(session.exec(statement))


def test_everybody_but_the_administrator_is_refused(app_as: AppAs) -> None:
    refused = "您的角色不能打开“人员与部门”。如果工作需要，请联系系统管理员为您添加角色。"
    others = [name for name, _, roles in CAST if Role.ADMIN not in roles]

    assert {who: [each.value for each in open_page(app_as, who).error] for who in others} == {
        who: [refused] for who in others
    }


def test_list_finds_by_name_department_and_role(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    app = open_page(app_as)
    everybody = listed(app)

    by_name = listed(app.text_input(key="people_text").set_value("小").run())
    app.text_input(key="people_text").set_value("").run()
    by_department = listed(app.selectbox(key="people_department").set_value(office.departments["教务处"]).run())
    by_both = listed(app.selectbox(key="people_role").set_value(Role.DEPARTMENT_HEAD).run())

    assert sorted(everybody) == sorted(office.people.values())
    assert set(by_name) == {id_ for name, id_ in office.people.items() if "小" in name}
    assert set(by_department) == {office.people["小王"], office.people["张处长"]}
    assert by_both == [office.people["张处长"]]


def test_new_person_gets_a_code_that_is_shown_once(desk: Desk, app_as: AppAs) -> None:
    app = open_page(app_as)
    app.text_input(key="person_name-0").set_value("新同志")
    app.text_input(key="person_username-0").set_value("xintz")
    app.selectbox(key="person_department-0").set_value(desk.office.departments["学生处"])
    app.multiselect(key="person_roles-0").set_value([Role.CONTRIBUTOR])
    app.button(key="person_save-0").click().run()

    shown = [each.value for each in app.main.code]
    app.button(key="issued_codes_kept").click().run()

    with desk.office.reading() as session:
        cast = {member.username: member for member in sessions.cast(session, desk.office.now)}
    assert len(shown) == 1
    assert len(shown[0].split("-")) == 3
    assert list(app.main.code) == []
    assert cast["xintz"] == sessions.CastMember("xintz", "新同志", "学生处", (Role.CONTRIBUTOR,))


def test_card_of_a_person_who_does_not_exist_is_one_sentence(app_as: AppAs) -> None:
    app = open_card(app_as, 4711)

    assert [each.value for each in app.error] == ["没有找到这位人员，请从列表重新打开。"]


def test_details_are_corrected(desk: Desk, app_as: AppAs) -> None:
    person_id = desk.office.people["小王"]
    app = open_card(app_as, person_id)
    app.text_input(key="details_name").set_value("王晓敏")
    app.text_input(key="details_phone").set_value("8123-4567")
    app.button(key="details_save").click().run()

    person = stored(desk, person_id)
    assert (told(app), person.name, person.phone) == (["资料已保存。"], "王晓敏", "8123-4567")


def test_person_who_holds_something_is_disabled_only_with_a_successor(desk: Desk, app_as: AppAs) -> None:
    person_id = desk.office.people["小王"]
    desk.office.draft(title="没写完的稿件")
    app = open_card(app_as, person_id)

    app.button(key="disable").click().run()
    refused, still = told(app), stored(desk, person_id).active
    app.text_input(key="handover").set_value("由张处长接手").run()
    app.button(key="disable").click().run()

    assert refused == [
        "小王手上还有 1 项没有交接：请先写明由谁接手。",
        "还有 1 项没有交接，请先写明由谁接手。",
    ]
    assert (still, stored(desk, person_id).active, told(app)) == (True, False, ["小王已停用。"])


def test_disabled_person_comes_back(desk: Desk, app_as: AppAs) -> None:
    person_id = desk.office.people["小吴"]
    desk.disable("小吴")
    app = open_card(app_as, person_id)

    app.button(key="enable").click().run()

    assert (stored(desk, person_id).active, told(app)) == (True, ["小吴已恢复使用。"])


def test_role_is_added_given_other_days_and_taken_back(desk: Desk, app_as: AppAs) -> None:
    person_id = desk.office.people["小王"]

    def roles() -> list[tuple[Role, date, date | None]]:
        return [(each.role, each.starts_on, each.ends_on) for each in held(desk, person_id)]

    app = open_card(app_as, person_id)
    app.selectbox(key="role_new").set_value(Role.PUBLISHER).run()
    app.button(key="role_new_save").click().run()
    added = roles()
    role_id = held(desk, person_id)[-1].id
    app.date_input(key=f"until-{role_id}").set_value(date(2026, 12, 31)).run()
    app.button(key=f"role_save-{role_id}").click().run()
    limited = roles()
    app.button(key=f"role_end-{role_id}").click().run()

    contributes = (Role.CONTRIBUTOR, TODAY, None)
    assert added == [contributes, (Role.PUBLISHER, TODAY, None)]
    assert limited == [contributes, (Role.PUBLISHER, TODAY, date(2026, 12, 31))]
    assert roles() == [contributes]


def test_last_administrator_keeps_the_role(desk: Desk, app_as: AppAs) -> None:
    person_id = desk.office.people["小林"]
    app = open_card(app_as, person_id)
    role_id = held(desk, person_id)[0].id

    app.button(key=f"role_end-{role_id}").click().run()

    assert told(app) == ["这是最后一位长期任职的系统管理员：请先给另一位同志加上没有结束日期的系统管理员角色。"]


def test_code_for_somebody_who_forgot_needs_a_reason(desk: Desk, app_as: AppAs) -> None:
    app = open_card(app_as, desk.office.people["老李"])

    app.button(key="reset_code").click().run()
    refused = told(app)
    app.text_input(key="entrance_why").set_value("本人来办公室，忘记密码").run()
    app.button(key="reset_code").click().run()

    assert refused == ["请写明为什么发登录码，例如“本人来办公室，忘记密码”。"]
    assert len(app.main.code) == 1


def test_department_is_opened_renamed_and_not_closed_with_people_in_it(desk: Desk, app_as: AppAs) -> None:
    app = open_page(app_as, view="部门")
    app.text_input(key="department_form-new-0-name").set_value("文学院")
    app.button(key="department_save-new").click().run()
    opened = told(app)

    app.button(key=f"department_disable-{desk.office.departments['教务处']}").click().run()

    assert opened == ["部门已保存。"]
    assert told(app) == ["教务处还有 2 位在用人员：请先把他们调到别的部门或停用，再停用部门。"]


def test_administrator_has_at_most_seven_entries(desk: Desk) -> None:
    assert len(navigation.offered_to(desk.user("小林"))) <= 7


def test_import_shows_each_fault_first_and_enters_the_good_rows_when_told(desk: Desk, app_as: AppAs) -> None:
    book = load_workbook(BytesIO(people_import.template()))
    book.active.append(("zhangwei", "张伟", "天文台", "通讯员"))
    content = BytesIO()
    book.save(content)
    app = open_page(app_as, view="从表格导入")

    app.file_uploader(key="import_file-0").upload("人员.xlsx", content.getvalue()).run()
    faults = [each.value for each in app.main.markdown if each.value.startswith("- 第")]
    app.button(key="import_confirm").click().run()

    assert faults == ["- 第 **3** 行 张伟：没有名为“天文台”的部门，请先新建。"]
    assert told(app) == ["已导入 1 人。"]
    with desk.office.reading() as session:
        assert "wangxm" in {member.username for member in sessions.cast(session, desk.office.now)}
