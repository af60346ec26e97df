"""肖像授权 on the screens: entered by the class, opened for a reason, linked to a picture, withdrawn and settled."""

from __future__ import annotations

from datetime import date

from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import (
    Action,
    AuditAction,
    PictureConsent,
    PortraitConsent,
    PortraitScope,
    WithdrawalOutcome,
    WithdrawalTask,
)
from services import consent_retention
from tests.desk import AppAs, Desk
from tests.services.test_consent_import import sheet
from tests.services.test_consents import FORM, asset_of, link, pictured, recorded, withdraw


def register(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page("../pages/consents.py").run()


def item_page(app_as: AppAs, page: str, submission_id: int, who: str) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page(f"../pages/{page}.py").run()


def rows(desk: Desk) -> list[PortraitConsent]:
    with desk.office.reading() as session:
        return [*session.exec(select(PortraitConsent).order_by(PortraitConsent.id))]  # type: ignore[arg-type]  # a column


def fill(app: AppTest, **words: str) -> None:
    for name, word in words.items():
        app.text_input(key=f"consent-form-{name}").set_value(word)


def test_papers_are_entered_by_the_class(desk: Desk, app_as: AppAs) -> None:
    app = register(app_as, "老李")
    empty = [each.value for each in app.info]

    fill(app, **{"name": "王小明", "class": "三（2）班", "guardian": "王大明", "relation": "父亲"})
    app.button(key="consent-form-save").click().run()
    left = {name: app.text_input(key=f"consent-form-{name}").value for name in ("name", "class", "guardian")}
    fill(app, name="李芳", guardian="李大伟", relation="母亲")
    app.button(key="consent-form-save").click().run()

    assert empty == ["还没有登记：收到签好的授权书后，在上面“登记一份授权”。"]
    assert left == {"name": "", "class": "三（2）班", "guardian": ""}
    kept = [(each.shown_name, each.school_class, each.scopes, each.signed_on, each.valid_until) for each in rows(desk)]
    both = ["wechat", "site"]
    assert kept == [(name, "三（2）班", both, date(2026, 11, 23), date(2027, 7, 31)) for name in ("王*明", "李*")]


def test_papers_of_a_class_are_entered_from_a_sheet_with_masked_names(desk: Desk, app_as: AppAs) -> None:
    app = register(app_as, "老李")
    app.session_state["consent-import"] = True
    app.run()

    app.file_uploader(key="consent-import-0").upload("三二班.xlsx", sheet({}, {"监护人": ""})).run()
    told = [each.value for each in app.markdown if each.value.startswith("- 第")]
    before = rows(desk)
    app.button(key="consent-import-go").click().run()

    assert told == ["- 第 **3** 行 李\\*芳：未满 18 周岁须由监护人签署：请填写监护人姓名和与本人的关系。"]
    assert (before, [each.shown_name for each in rows(desk)]) == ([], ["李*芳"])
    assert [each.value for each in app.success] == ["已登记 1 份授权。扫描件请在下面逐份补传。"]
    assert "consent-import-0" not in app.session_state


def test_the_administrator_sets_how_long_and_the_register_shows_what_was_erased(desk: Desk, app_as: AppAs) -> None:
    consent_id = recorded(desk.office, valid_until=date(2026, 11, 25))
    admin = app_as("小林").run().switch_page("../pages/accounts.py").run()
    admin.button_group(key="accounts_view").set_value("时限与日历").run()
    admin.number_input(key="consent-years-value").set_value(0)
    admin.button(key="consent-years-save").click().run()
    desk.office.later(days=3)
    with desk.office.as_system() as work:
        consent_retention.erase_due(work, desk.office.assets)

    app = register(app_as, "老李")

    said = [each.value for each in (*app.caption, *app.text)]
    assert f"{consent_id} 号授权" in said
    assert any("到期或撤回 0 年后" in each for each in said)
    assert any("按保存期限删除了姓名、监护人、联系方式和扫描件" in each for each in said)
    assert not any(f"-{consent_id}" in str(button.key) for button in app.button)


def test_a_refused_paper_stays_as_it_was_typed(desk: Desk, app_as: AppAs) -> None:
    app = register(app_as, "小赵")

    fill(app, name="王小明")
    app.button(key="consent-form-save").click().run()

    assert [each.value for each in app.error] == ["未满 18 周岁须由监护人签署：请填写监护人姓名和与本人的关系。"]
    assert (app.text_input(key="consent-form-name").value, rows(desk)) == ("王小明", [])


def test_the_list_is_masked_and_the_whole_row_needs_a_reason(desk: Desk, app_as: AppAs) -> None:
    consent_id = recorded(desk.office)
    app = register(app_as, "老李")
    shown = "".join(each.value for each in (*app.text, *app.caption, *app.markdown))

    app.button(key=f"consent-{consent_id}-show").click().run()
    refused = [each.value for each in app.error]
    app.text_input(key=f"consent-{consent_id}-why").set_value("家长来电核对")
    app.button(key=f"consent-{consent_id}-show").click().run()

    assert [word for word in (FORM.name, FORM.guardian, FORM.contact) if word in shown] == []
    assert refused == ["查看完整信息须写明用途，它会记入操作日志。"]
    opened = {"姓名：王小明", "监护人：王大明", "联系方式：13812345678"}
    assert opened <= {each.value for each in app.text}
    assert opened & {each.value for each in app.run().text} == set()
    assert desk.office.trail("consent", consent_id)[-1][0] is AuditAction.CONSENT_OPENED


def test_the_author_links_by_the_whole_name_and_the_question_is_gone(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    consent_id, submission_id = recorded(office), pictured(office)
    asset_id = asset_of(office, submission_id)
    app = item_page(app_as, "submit", submission_id, "小王")

    app.text_input(key=f"portrait-{asset_id}").set_value("王小").run()
    part_of_the_name = {each.key for each in app.button}
    app.text_input(key=f"portrait-{asset_id}").set_value("王小明").run()
    app.button(key=f"link-{asset_id}-{consent_id}").click().run()

    assert f"link-{asset_id}-{consent_id}" not in part_of_the_name
    assert "王*明　三（2）班　公众号、校园网站　至 2027-07-31" in [each.value for each in app.text]
    with office.reading() as session:
        assert session.exec(select(PictureConsent)).one().consent_id == consent_id


def test_a_reviewer_links_and_a_bystander_reads_how_many(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    consent_id, submission_id = recorded(office), pictured(office)
    asset_id = asset_of(office, submission_id)
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = item_page(app_as, "submission", submission_id, "老李")

    app.text_input(key=f"portrait-{asset_id}").set_value("王小明").run()
    app.button(key=f"link-{asset_id}-{consent_id}").click().run()
    bystander = item_page(app_as, "submission", submission_id, "孙老师")

    assert {"来源 本校拍摄　含人像、含可辨认的未成年人", "已关联 1 份肖像授权"} <= {
        each.value for each in bystander.caption
    }
    assert f"portrait-{asset_id}" not in {each.key for each in bystander.text_input}


def test_a_withdrawal_opens_the_list_that_is_settled_here(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    consent_id, submission_id = recorded(office), pictured(office)
    link(office, submission_id, consent_id)
    office.hand_in(submission_id)
    app = register(app_as, "小赵")

    app.text_input(key=f"consent-{consent_id}-reason").set_value("家长来电")
    app.button(key=f"withdraw-{consent_id}").click().run()
    said = [each.value for each in app.success]
    heads = [each.value for each in app.subheader]
    with office.reading() as session:
        task_id = session.exec(select(WithdrawalTask)).one().id
    app.radio(key=f"withdrawal-{task_id}-how").set_value(WithdrawalOutcome.BLURRED)
    app.text_input(key=f"withdrawal-{task_id}-note").set_value("已退回作者换图")
    app.button(key=f"withdrawal-{task_id}-settle").click().run()

    assert said == ["已撤回 王*明 的授权：有 1 篇稿件须在 2026-11-25 前处理，见上方。"]
    assert (heads, [each.value for each in app.subheader]) == (["撤回授权，待处理（1）"], [])
    with office.reading() as session:
        assert session.exec(select(WithdrawalTask)).one().outcome is WithdrawalOutcome.BLURRED


def test_the_register_is_searched_on_the_page(desk: Desk, app_as: AppAs) -> None:
    first = recorded(desk.office)
    second = recorded(desk.office, name="李芳", school_class="五（1）班", scopes=(PortraitScope.SITE,))
    withdraw(desk.office, second)
    app = register(app_as, "陈部长")

    def listed() -> set[int]:
        return {each for each in (first, second) if f"consent-{each}-show" in {button.key for button in app.button}}

    everything = listed()
    app.text_input(key="consents-name").set_value("李芳").run()
    by_name = listed()
    app.text_input(key="consents-name").set_value("李").run()
    by_part = listed()

    assert (everything, by_name, by_part) == ({first, second}, {second}, set())
