"""公众号台账 as each person meets it: what they see, what they may press, what they are refused."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from models import (
    AccountAction,
    AccountKind,
    AccountState,
    CalendarOverride,
    CampaignState,
    ChangeKind,
    OfficialAccount,
    RegisterEntry,
    RequestState,
    Role,
)
from services import account_requests, accounts, delegations, publishing_stops, working_calendar
from services.queries import account_requests as request_reads
from services.queries import accounts as account_reads
from services.queries import annual_reviews as review_reads
from services.queries.clocks import clocks_of
from services.rules.breakers import Breaker
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from tests.desk import AppAs, Desk
from tests.services.test_account_register import prove
from ui import navigation, publication_stops

ENTRY = RegisterEntry(
    purpose="发布教务通知",
    first_responsible="张处长",
    admin_a="王老师",
    admin_b="赵老师",
    contact="010-12345678",
)


def applied(desk: Desk, who: str = "张处长") -> int:
    with desk.office.acting_as(who) as work:
        request = account_requests.apply_for_account(
            work,
            name="测试大学教务处",
            owner_department_id=desk.office.departments["教务处"],
            entry=ENTRY,
        )
        return request.account_id


def running(desk: Desk) -> int:
    """An account of 教务处 that the school had before."""
    with desk.office.as_system() as work:
        account = accounts.register(
            work,
            desk.office.box,
            name="测试大学教务处",
            kind=AccountKind.SUBSCRIPTION,
            owner_department_id=desk.office.departments["教务处"],
            entry=ENTRY,
        )
        return account.id or 0


def stored(desk: Desk, account_id: int) -> OfficialAccount:
    with desk.runtime.reading() as session:
        return session.get_one(OfficialAccount, account_id)


def request_id(desk: Desk, account_id: int) -> int:
    with desk.runtime.reading() as session:
        request = request_reads.under_way(session, account_id)
    assert request is not None
    return request.id or 0


def open_register(app_as: AppAs, who: str, view: str = "") -> AppTest:
    app = app_as(who).run().switch_page("../pages/accounts.py").run()
    return app.segmented_control(key="accounts_view").set_value(view).run() if view else app


def open_account(app_as: AppAs, who: str, account_id: int) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(account_id)
    return app.switch_page("../pages/account.py").run()


def keys(app: AppTest) -> set[str]:
    """The buttons a person is offered on the page itself."""
    return {str(button.key) for button in app.main.button if button.key}


def said(app: AppTest) -> list[str]:
    return [each.value for each in (*app.main.success, *app.main.error)]


READERS = ("老李", "陈部长", "小赵", "孙老师", "徐校长", "小林")


@pytest.mark.parametrize(
    ("who", "said", "led"),
    [
        ("小林", "台账还是空的。先录入部门和人员；", ["people"]),
        ("张处长", "台账里还没有您可以查看的公众号。", []),
    ],
)
def test_empty_register_says_what_to_do_first(
    app_as: AppAs, monkeypatch: pytest.MonkeyPatch, who: str, said: str, led: list[str]
) -> None:
    monkeypatch.setattr("services.queries.accounts.register", lambda *_, **__: [])
    monkeypatch.setattr("services.queries.account_requests.waiting_for", lambda *_: 0)

    app = open_register(app_as, who)

    assert [each.value.startswith(said) for each in app.info] == [True]
    assert [each.proto.page for each in app.main.get("page_link")] == led


@pytest.mark.parametrize("who", [*READERS, "张处长", "黄处长"])
def test_each_reader_sees_their_part_of_the_register(desk: Desk, app_as: AppAs, who: str) -> None:
    applied(desk)

    app = open_register(app_as, who)

    names = [
        name for name in ("测试大学", "测试大学教务处") if any(f"**{name}**" == each.value for each in app.markdown)
    ]
    expected = {"张处长": ["测试大学教务处"], "黄处长": []}.get(who, ["测试大学", "测试大学教务处"])
    assert (names, len(app.exception)) == (expected, 0)


@pytest.mark.parametrize(
    ("who", "views"),
    [
        ("张处长", ["台账", "申请开通", "申请办理", "年检"]),
        ("老李", ["台账", "申请开通", "申请办理", "年检"]),
        ("小赵", ["台账", "申请办理", "年检"]),
        ("徐校长", ["台账", "申请办理", "年检"]),
        ("小林", ["台账", "申请开通", "申请办理", "年检", "发布去处", "时限与日历"]),
    ],
)
def test_each_person_is_offered_what_they_can_use(app_as: AppAs, who: str, views: list[str]) -> None:
    app = open_register(app_as, who)

    assert app.segmented_control(key="accounts_view").options == views


@pytest.mark.parametrize("who", ["小王", "小吴"])
def test_contributors_do_not_meet_the_register(desk: Desk, app_as: AppAs, who: str) -> None:
    app = open_register(app_as, who)

    assert [error.value for error in app.error] == [
        "您的角色不能打开“公众号台账”。如果工作需要，请联系系统管理员为您添加角色。"
    ]
    offered = [entry.name for entry in navigation.offered_to(desk.user(who))]
    assert not {"accounts", "account"} & set(offered)


def test_a_head_applies_on_the_page(desk: Desk, app_as: AppAs) -> None:
    app = open_register(app_as, "张处长", "申请开通")
    app.text_input(key="apply-name").set_value("测试大学教务处")
    for name in ("purpose", "first_responsible", "admin_a", "admin_b"):
        app.text_input(key=f"apply-{name}").set_value(getattr(ENTRY, name))
    app.button(key="apply-send").click().run()
    assert said(app) == ["请填写联系电话。"]
    assert app.text_input(key="apply-purpose").value == "发布教务通知"

    app.text_input(key="apply-contact").set_value("010-12345678")
    app.button(key="apply-send").click().run()

    assert said(app) == ["“测试大学教务处”的开通申请已提交。"]
    with desk.runtime.reading() as session:
        account = account_reads.named(session, "测试大学教务处")
    assert account is not None
    assert (account.state, account.owner_department_id) == (
        AccountState.APPLIED,
        desk.office.departments["教务处"],
    )


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("陈部长", {"request-grant", "request-return", "request-refuse"}),
        ("张处长", {"request-withdraw"}),
        ("老李", set()),
        ("徐校长", set()),
        ("小林", set()),
        ("孙老师", set()),
    ],
)
def test_the_buttons_of_a_request_are_those_of_the_table(
    desk: Desk, app_as: AppAs, who: str, buttons: set[str]
) -> None:
    account_id = applied(desk)
    number = request_id(desk, account_id)

    app = open_register(app_as, who, "申请办理")

    assert {key for key in keys(app) if key.startswith("request-")} == {f"{each}-{number}" for each in buttons}


def test_an_approver_grants_on_the_page(desk: Desk, app_as: AppAs) -> None:
    account_id = applied(desk)
    number = request_id(desk, account_id)

    app = open_account(app_as, "陈部长", account_id)
    app.button(key=f"request-return-{number}").click().run()
    assert said(app) == ["“退回补充”前请写明理由，申请人会看到它。"]
    app.button(key=f"request-grant-{number}").click().run()

    assert said(app) == ["“测试大学教务处”的开通申请：批准。"]
    assert stored(desk, account_id).state is AccountState.APPROVED


def test_what_came_back_says_why_beside_the_form_it_is_mended_in(desk: Desk, app_as: AppAs) -> None:
    account_id = applied(desk)
    number = request_id(desk, account_id)
    approver = open_account(app_as, "陈部长", account_id)
    approver.text_area(key=f"request-words-{number}").set_value("请写明内容类别")
    approver.button(key=f"request-return-{number}").click().run()

    applicant = open_account(app_as, "张处长", account_id)
    assert (why(applicant, "退回补充"), f"again-{number}-2-send" in keys(applicant)) == ("> 请写明内容类别", True)

    applicant.button(key=f"again-{number}-2-send").click().run()
    approver = open_account(app_as, "陈部长", account_id)
    approver.button(key=f"request-grant-{number}").click().run()
    prove(desk.office, account_id)
    checker = open_account(app_as, "陈部长", account_id)
    assert [each.proto.label for each in checker.get("download_button") if str(each.key).startswith("proof-")] == [
        "注册证明：证明.png（2026-11-23）"
    ]
    checker.text_area(key=f"account-words-{account_id}").set_value("截图看不清")
    checker.button(key=f"reject_proof-{account_id}").click().run()

    applicant = open_account(app_as, "张处长", account_id)
    assert why(applicant, AccountAction.REJECT_PROOF.label) == "> 截图看不清"


def test_a_unit_reads_why_its_account_rests(desk: Desk, app_as: AppAs) -> None:
    account_id = running(desk)
    with desk.office.acting_as("孙老师") as work:
        accounts.perform(work, AccountAction.SUSPEND, account_id=account_id, seen_version=1, comment="三个月没有更新")

    app = open_account(app_as, "张处长", account_id)

    assert why(app, AccountAction.SUSPEND.label) == "> 三个月没有更新"


def why(app: AppTest, what: str) -> str:
    """The words below the line that says what came back."""
    drawn = [each.value for each in app.main.markdown]
    (place,) = (number for number, each in enumerate(drawn) if f"**{what}**" in each and "undo" in each)
    return drawn[place + 1]


def test_a_deputy_is_led_to_the_request_and_grants_it_in_the_approvers_place(desk: Desk, app_as: AppAs) -> None:
    account_id = applied(desk)
    number, today = request_id(desk, account_id), office_day(desk.office.now)
    with desk.office.acting_as("陈部长") as work:
        deputy = desk.office.people["小吴"]
        delegations.delegate(work, deputy_id=deputy, roles=[Role.APPROVER], starts_on=today, ends_on=today)

    app = open_account(app_as, "小吴", account_id)
    drawn = [each.value for each in (*app.caption, *app.markdown)]
    assert ":material/supervisor_account: 以“小吴 代 陈部长”的名义办理。" in drawn
    assert "宣传部审核：**陈部长**、**老唐**、**小吴 代 陈部长**" in drawn
    app.button(key=f"request-grant-{number}").click().run()

    assert said(app) == ["“测试大学教务处”的开通申请：批准。"]
    assert any("**批准**　小吴 代 陈部长" in each.value for each in app.markdown)
    assert stored(desk, account_id).state is AccountState.APPROVED


@pytest.mark.parametrize(
    ("who", "buttons"),
    [
        ("老李", {"suspend"}),
        ("陈部长", {"suspend"}),
        ("孙老师", {"suspend"}),
        ("小赵", set()),
        ("徐校长", set()),
        ("小林", set()),
    ],
)
def test_the_buttons_of_an_account_are_those_of_the_table(
    desk: Desk, app_as: AppAs, who: str, buttons: set[str]
) -> None:
    account_id = desk.office.account_id

    app = open_account(app_as, who, account_id)

    moves = {f"{action.value}-{account_id}" for action in AccountAction}
    assert keys(app) & moves == {f"{each}-{account_id}" for each in buttons}
    assert len(app.exception) == 0


def test_an_account_of_another_unit_is_not_found(desk: Desk, app_as: AppAs) -> None:
    app = open_account(app_as, "张处长", desk.office.account_id)

    assert [error.value for error in app.error] == [
        "没有找到这个公众号：它不存在，或不由您办理。请从“公众号台账”重新打开。"
    ]


@pytest.mark.parametrize("given", ["", "x", "999999", "1;drop", "٣"])
def test_an_address_that_names_no_account_says_so(app_as: AppAs, given: str) -> None:
    app = app_as("老李").run()
    app.query_params["id"] = given

    app.switch_page("../pages/account.py").run()

    assert (len(app.exception), len(app.info) + len(app.error)) == (0, 1)


def test_a_head_asks_for_a_change_on_the_page(desk: Desk, app_as: AppAs) -> None:
    account_id = running(desk)
    app = open_account(app_as, "张处长", account_id)
    app.selectbox(key=f"change-kind-{account_id}").set_value(ChangeKind.CONTACT).run()

    key = f"change-{account_id}-1-contact"
    app.text_input(key=f"{key}-contact").set_value("010-99999999")
    app.text_area(key=f"{key}-reason").set_value("办公室搬迁")
    app.button(key=f"change-send-{account_id}").click().run()

    assert said(app) == ["变更申请已提交，批准后生效。"]
    with desk.runtime.reading() as session:
        request = request_reads.under_way(session, account_id)
    assert request is not None
    assert (request.state, request.changes) == (RequestState.OFFICE, {"contact": "010-99999999"})


def test_secrets_never_come_back_to_the_screen(desk: Desk, app_as: AppAs) -> None:
    account_id = desk.office.account_id
    app = open_account(app_as, "小林", account_id)
    secret = "0123456789abcdef" * 2

    app.text_input(key=f"credentials-{account_id}-1-secret").set_value(secret)
    app.button(key=f"credentials-send-{account_id}").click().run()

    assert said(app) == ["凭证已加密保存，请再做一次接口自检。"]
    drawn = "".join(str(each) for each in app)
    assert secret not in drawn
    assert any("AppSecret：**已设置（2026-11-23）**" in each.value for each in app.markdown)
    assert [each.value for each in app.code] == [f"{desk.runtime.settings.public_url}/wechat/callback/{account_id}"]


@pytest.mark.parametrize("who", ["老李", "陈部长", "小赵", "孙老师", "徐校长"])
def test_only_the_administrator_meets_the_form_of_credentials(desk: Desk, app_as: AppAs, who: str) -> None:
    app = open_account(app_as, who, desk.office.account_id)

    assert [each.key for each in app.text_input if "credentials" in str(each.key)] == []


def test_a_year_is_opened_checked_and_confirmed_on_the_page(desk: Desk, app_as: AppAs) -> None:
    running(desk)
    app = open_register(app_as, "老李", "年检")
    app.date_input(key="annual-from").set_value(date(2026, 11, 23))
    app.button(key="annual-begin").click().run()
    assert said(app) == ["2026 年年检已经开始。"]

    with desk.runtime.reading() as session:
        campaign = review_reads.campaigns(session)[0]
        (line,) = review_reads.lines(
            session, desk.office.actor("张处长"), campaign, now=desk.office.now, clocks=Clocks()
        )
    assert campaign.state is CampaignState.OPEN
    # A notice leads to the account's own page, which shows the review, too.
    app = open_account(app_as, "张处长", line.account.id or 0)
    app.button(key=f"check-send-{line.id}").click().run()
    assert said(app) == ["请回答“备案信息完整，变更均已备案”。"]
    for radio in app.main.radio:
        radio.set_value("是")
    app.button(key=f"check-send-{line.id}").click().run()
    app.button(key=f"review-confirm-{line.id}").click().run()

    assert said(app) == ["“测试大学教务处”年检：单位确认。"]


def test_the_administrator_keeps_calendar_and_clocks(desk: Desk, app_as: AppAs) -> None:
    app = open_register(app_as, "小林", "时限与日历")
    assert any("2027 年的调休安排还没有公布或录入" in each.value for each in app.warning)

    app.date_input(key="calendar-0-from").set_value(date(2027, 2, 14))
    app.radio(key="calendar-0-works").set_value(True)
    app.button(key="calendar-save").click().run()
    assert said(app) == ["请写明依据，例如“国务院办公厅 2027 年放假通知”或“寒假”。"]
    assert app.date_input(key="calendar-0-from").value == date(2027, 2, 14)
    app.text_input(key="calendar-0-note").set_value("2027 年放假通知")
    app.button(key="calendar-save").click().run()
    assert (said(app), app.text_input(key="calendar-1-note").value) == (["2027-02-14：上班。"], "")
    app.number_input(key="clock-filing_days").set_value(10)
    app.button(key="clocks-save").click().run()

    with desk.runtime.reading() as session:
        assert session.get(CalendarOverride, date(2027, 2, 14)) is not None
        assert clocks_of(session).filing_days == 10
        calendar = working_calendar.calendar_of(session, office_day(desk.office.now))
    assert calendar.note(date(2027, 3, 1)) == ""


def test_the_administrator_enters_an_existing_account_on_the_page(desk: Desk, app_as: AppAs) -> None:
    app = open_register(app_as, "小林", "申请开通")
    app.text_input(key="existing-name").set_value("测试大学图书馆")
    app.selectbox(key="existing-unit").set_value(desk.office.departments["学生处"])
    for name in ("purpose", "first_responsible", "admin_a", "admin_b", "contact"):
        app.text_input(key=f"existing-{name}").set_value(getattr(ENTRY, name))
    app.button(key="existing-send").click().run()

    assert (said(app), len(app.exception)) == (["“测试大学图书馆”已登记。"], 0)


@pytest.mark.parametrize("who", ["老李", "陈部长", "张处长"])
def test_others_are_not_offered_to_skip_the_approval(app_as: AppAs, who: str) -> None:
    app = open_register(app_as, who, "申请开通")

    assert "existing-send" not in keys(app)


def test_a_stop_of_its_publications_stands_on_the_page_of_the_account_where_it_is_mended(
    desk: Desk, app_as: AppAs
) -> None:
    other = running(desk)
    with desk.office.as_system() as work:
        publishing_stops.break_account(
            work, account_id=desk.office.account_id, code="40164", sentence="不在白名单里。", breaker=Breaker()
        )

    here, elsewhere = (open_account(app_as, "小林", id_) for id_ in (desk.office.account_id, other))

    assert [each.value for each in here.error] == [
        f"**公众号“测试大学”的发布已暂停**（2026-11-23 09:00）：不在白名单里。{publication_stops.TESTED}"
    ]
    assert [each.value for each in elsewhere.error] == []
