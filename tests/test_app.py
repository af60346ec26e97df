"""The frame around every page: signing in, the menu, signing out, faults."""

from __future__ import annotations

import io
import json

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from models import AuditAction, AuditEvent, Role, SignInSession
from services import faults, sign_in
from services.demo import CastMember
from tests.desk import AppAs, Desk
from tests.factories import PASSWORD
from tests.waiting import PATIENCE
from ui import access, navigation

SIGN_IN = "FormSubmitter:sign_in-登录"


def fill_in(app: AppTest, username: str, password: str) -> AppTest:
    """Send the sign-in form; the authenticator gives its two fields no keys."""
    app.text_input[0].set_value(username)
    app.text_input[1].set_value(password)
    return app.button(key=SIGN_IN).click().run()


def errors(app: AppTest) -> list[str]:
    return [error.value for error in app.error]


def is_inside(app: AppTest) -> bool:
    return any(button.key == "sign_out" for button in app.sidebar.button)


# --- Signing in ------------------------------------------------------------------------------------------


def test_right_password_leads_inside(app_as: AppAs) -> None:
    app = fill_in(app_as(None).run(), "person0", PASSWORD)

    assert (is_inside(app), errors(app)) == (True, [])
    assert app.session_state[access.TICKET]


def test_username_may_be_typed_with_capitals_and_blanks(app_as: AppAs) -> None:
    assert is_inside(fill_in(app_as(None).run(), " Person0 ", f"{PASSWORD} "))


@pytest.mark.parametrize(
    ("username", "password", "said"),
    [
        ("person0", "wrong", sign_in.REFUSED),
        ("nobody", PASSWORD, sign_in.REFUSED),
        ("", "", "请填写用户名和密码。"),
        ("person0", "a" * 73, "密码太长：最多 72 个字节，约 24 个汉字或 72 个字母数字。请核对后重新输入。"),
    ],
)
def test_whatever_is_wrong_is_said_on_the_form(app_as: AppAs, username: str, password: str, said: str) -> None:
    app = fill_in(app_as(None).run(), username, password)

    assert (errors(app), is_inside(app)) == ([said], False)


def test_refused_attempt_is_counted_although_it_is_refused(desk: Desk, app_as: AppAs) -> None:
    app = app_as(None).run()
    for _ in range(5):
        fill_in(app, "person0", "wrong")

    assert errors(fill_in(app, "person0", PASSWORD)) == [sign_in.REFUSED]
    with desk.runtime.reading() as session:
        actions = session.exec(select(AuditEvent.action).order_by(col(AuditEvent.sequence).desc()).limit(6)).all()
    assert actions == [AuditAction.SIGN_IN_FAILED] * 6


def test_rehearsal_offers_its_cast_and_signs_in_with_one_click(app_as: AppAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.demo.DEMO_PASSWORD", PASSWORD)
    monkeypatch.setattr("services.demo.CAST", (CastMember("person0", "小王", "教务处", (Role.CONTRIBUTOR,)),))
    app = app_as(None).run()

    offered = [each.key for each in app.button if str(each.key).startswith("enter-")]
    assert offered == ["enter-person0"]
    assert app.button(key="enter-person0").label == "**小王**　person0  \n通讯员　教务处"
    assert is_inside(app.button(key="enter-person0").click().run())


def test_rehearsal_of_a_school_of_its_own_offers_nobody_and_no_password(app_as: AppAs) -> None:
    app = app_as(None).run()

    assert [each.key for each in app.button if str(each.key).startswith("enter-")] == []
    assert [each.value for each in app.subheader if each.value == "演练学校"] == []


def test_every_screen_of_a_rehearsal_says_so(app_as: AppAs) -> None:
    said = "**演练模式**　数据都是演练用的，不会发到任何真实的公众号。"

    for app in (app_as(None).run(), app_as("小王").run()):
        assert said in [text.value for text in app.markdown]


# --- The end of a session --------------------------------------------------------------------------------


def test_signing_out_ends_the_session_in_the_database(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run()
    session_id = app.session_state[access.SESSION]

    app.button(key="sign_out").click().run()

    assert (is_inside(app), [each.value for each in app.success]) == (False, ["您已退出登录。"])
    with desk.runtime.reading() as session:
        assert session.get_one(SignInSession, session_id).revoked_at == desk.office.now


def test_disabled_person_is_out_at_the_next_click(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run()
    assert is_inside(app)

    desk.disable("小王")

    assert not is_inside(app.run())


def test_signing_out_after_the_session_was_ended_elsewhere_is_no_fault(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run()
    desk.disable("小王")

    app.button(key="sign_out").click().run()

    assert (is_inside(app), len(errors(app))) == (False, 1)


def test_clicks_keep_a_session_alive(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run()
    for _ in range(3):
        desk.office.now += sign_in.IDLE_FOR - sign_in.STEP
        app.run()

    assert is_inside(app)


def test_silence_ends_it(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小王").run()
    desk.office.now += sign_in.IDLE_FOR

    assert not is_inside(app.run())


# --- The menu --------------------------------------------------------------------------------------------


CAST = ("小王", "张处长", "老李", "陈部长", "小赵", "孙老师", "徐校长", "小林")


@pytest.mark.parametrize("name", CAST)
def test_nobody_is_offered_more_than_seven_entries(desk: Desk, name: str) -> None:
    assert len(navigation.offered_to(desk.user(name))) <= 7


def test_every_page_file_but_home_has_one_row_in_the_table() -> None:
    files = {path.stem for path in navigation.PAGES.glob("*.py")} - {navigation.HOME}

    assert sorted(entry.name for entry in navigation.TABLE) == sorted(files)


@pytest.mark.parametrize("name", CAST)
def test_everybody_lands_where_they_may_be(app_as: AppAs, name: str) -> None:
    app = app_as(name).run()

    assert (is_inside(app), errors(app), [each.message for each in app.exception]) == (True, [], [])


# --- Faults ----------------------------------------------------------------------------------------------


def test_fault_is_logged_whole_and_shown_by_its_number() -> None:
    log = io.StringIO()
    faults.configure(log)

    def page() -> None:
        from ui import feedback as shown  # noqa: PLC0415  # AppTest runs this function's text elsewhere

        shown.show_fault(ValueError("数据库里没有 access_token=SECRET"))

    app = AppTest.from_function(page, default_timeout=PATIENCE).run()

    line = json.loads(log.getvalue())
    assert (line["event"], line["level"], "SECRET" in log.getvalue()) == ("fault", "error", False)
    assert "ValueError: 数据库里没有 access_token=***" in line["exception"]
    (sentence,) = errors(app)
    assert f"请把故障编号 {line['number']} 告诉系统管理员。" in sentence


def test_refusal_nobody_caught_is_shown_as_what_it_is() -> None:
    log = io.StringIO()
    faults.configure(log)

    def page() -> None:
        from services.errors import NotFound as Missing  # noqa: PLC0415  # as above
        from ui import feedback as shown  # noqa: PLC0415

        shown.show_fault(Missing("没有找到这篇稿件，请从列表重新打开。"))

    app = AppTest.from_function(page, default_timeout=PATIENCE).run()

    assert (errors(app), log.getvalue()) == (["没有找到这篇稿件，请从列表重新打开。"], "")
