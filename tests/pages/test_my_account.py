"""我的账号, and what stands between the password and the pages."""

from __future__ import annotations

import pyotp
import pytest
from streamlit.testing.v1 import AppTest

from models import Person
from services import second_factor
from services.errors import SignedOut
from services.queries import sessions
from tests.desk import AppAs, Desk
from tests.factories import PASSWORD
from tests.office import CAST
from ui import access, runtime

NEW = "Xin-mima-2026"


def open_account(app_as: AppAs, who: str = "小王") -> AppTest:
    return app_as(who).run().switch_page("../pages/my_account.py").run()


def told(app: AppTest) -> list[str]:
    return [each.value for each in (*app.main.success, *app.main.error)]


def person(desk: Desk, name: str) -> Person:
    with desk.office.reading() as session:
        return session.get_one(Person, desk.office.people[name])


def change_password(app: AppTest, present: str, new: str, repeated: str) -> AppTest:
    app.text_input(key="password_present").set_value(present)
    app.text_input(key="password_new").set_value(new)
    app.text_input(key="password_repeated").set_value(repeated)
    return app.button(key="password_save").click().run()


def with_authenticator(desk: Desk, name: str) -> str:
    """Bind an authenticator to somebody an hour ago; its secret."""
    secret = second_factor.new_secret()
    desk.office.later(hours=-1)
    with desk.office.acting_as(name) as work:
        second_factor.enrol(work, desk.office.box, secret=secret, code=pyotp.TOTP(secret).at(work.now))
    desk.office.later(hours=1)
    return secret


def titles(app: AppTest) -> list[str]:
    return [each.value for each in (*app.main.title, *app.main.subheader)]


@pytest.mark.parametrize("who", [name for name, *_ in CAST])
def test_everybody_has_a_page_of_their_own(app_as: AppAs, who: str) -> None:
    app = open_account(app_as, who)

    assert (titles(app)[0], len(app.exception)) == ("我的账号", 0)
    assert app.main.markdown[1].value.startswith(f"**{who}**")


def test_password_is_changed_with_the_present_one(desk: Desk, app_as: AppAs) -> None:
    app = open_account(app_as)
    wrong = told(change_password(app, "guess", NEW, NEW))
    weak = told(change_password(app, PASSWORD, "short", "short"))
    done = told(change_password(app, PASSWORD, NEW, NEW))

    assert wrong == ["现在的密码不对，请重新输入。连续输错 5 次会退出登录。"]
    assert weak == ["密码太短：现在 5 位，至少要 12 位。"]
    assert done == ["密码已修改，其他设备上的登录都已退出。"]
    assert person(desk, "小王").failed_sign_ins == 1


def test_five_wrong_passwords_at_the_page_end_in_the_sign_in_page(app_as: AppAs) -> None:
    app = open_account(app_as)
    for _ in range(5):
        change_password(app, "guess", NEW, NEW)
    app.run()

    assert "sign_out" not in {button.key for button in app.button}


def test_temporary_password_must_be_replaced_before_any_page_opens(desk: Desk, app_as: AppAs) -> None:
    with desk.runtime.as_system() as work:
        work.session.get_one(Person, desk.office.people["小王"]).password_is_temporary = True
    app = app_as("小王").run()
    before = titles(app)
    app.text_input(key="password_new").set_value(NEW)
    app.text_input(key="password_repeated").set_value(NEW)
    app.button(key="password_save").click().run()
    app.switch_page("../pages/submit.py").run()

    assert (before, titles(app)[0]) == (["请先设定您自己的密码"], "投稿")


def test_authenticator_is_bound_and_its_recovery_codes_are_shown_once(desk: Desk, app_as: AppAs) -> None:
    app = open_account(app_as)
    app.toggle(key="second_factor_start").set_value(True).run()  # the widget's own signature
    secret = app.main.code[0].value.replace(" ", "")
    app.text_input(key="second_factor_code").set_value(pyotp.TOTP(secret).at(desk.office.now))
    app.button(key="second_factor_on").click().run()
    shown = app.main.code[0].value.split()
    app.button(key="recovery_codes_kept").click().run()

    assert len(shown) == 10
    assert titles(app)[0] == "我的账号"
    assert ":green-badge[已开启]　还有 10 个备用码没有用过。" in [each.value for each in app.main.markdown]
    assert person(desk, "小王").second_factor_sealed is not None


def test_code_is_asked_before_any_page_opens(desk: Desk, app_as: AppAs) -> None:
    secret = with_authenticator(desk, "老李")
    app = app_as("老李").run()
    before = titles(app)
    app.text_input(key="code_typed").set_value("000000")
    app.button(key="code_send").click().run()
    refused = told(app)
    app.text_input(key="code_typed").set_value(pyotp.TOTP(secret).at(desk.office.now))
    app.button(key="code_send").click().run()

    assert (before, len(refused)) == (["请输入动态口令"], 1)
    assert titles(app)[0] == "审核收件箱"


def test_nothing_can_be_done_while_the_code_is_owed(desk: Desk) -> None:
    with_authenticator(desk, "小王")
    user = desk.user("小王")

    with pytest.raises(SignedOut, match="登录还没有完成"), runtime.acting_as(user):
        pytest.fail("acted without the code")


def test_devices_are_listed_and_all_signed_out_at_once(desk: Desk, app_as: AppAs) -> None:
    elsewhere = desk.user("小王")
    app = open_account(app_as)
    listed = [each.value for each in app.main.markdown if "登录，最近使用" in each.value]
    app.button(key="sign_out_everywhere").click().run()

    with desk.office.reading() as session:
        assert sessions.of_person(session, desk.office.people["小王"], desk.office.now) == []
        assert sessions.by_id(session, elsewhere.session_id, desk.office.now) is None
    assert len(listed) == 2
    assert access.SESSION not in app.session_state


def test_idle_half_hour_signs_out_and_the_draft_is_still_there(desk: Desk, app_as: AppAs) -> None:
    desk.office.draft(title="写到一半")
    app = app_as("小王").run()
    desk.office.later(minutes=30)
    app.run()
    out = {button.key for button in app.button}
    again = app_as("小王").run().switch_page("../pages/my_submissions.py").run()

    assert "sign_out" not in out
    assert "**写到一半** :gray-badge[草稿]" in [each.value for each in again.main.markdown]
