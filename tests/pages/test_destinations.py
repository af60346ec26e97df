"""发布去处 on the administrator's page, and in a publisher's plan."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from models import Destination, Target
from services.queries.send_quotas import limits_of
from services.rules.send_quota import SendLimits
from tests.desk import AppAs, Desk
from tests.pages.test_publishing import every_row, planning, told
from tests.receivers import PASSWORD, USER, WordPressServer


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def test_a_place_is_entered_tested_switched_on_and_gets_the_next_item(desk: Desk, app_as: AppAs) -> None:
    server = WordPressServer()
    with server.running() as base:
        app = app_as("小林").run().switch_page("../pages/accounts.py").run()
        app.button_group(key="accounts_view").set_value("发布去处").run()
        app.radio(key="destination-kind").set_value("wordpress").run()
        app.text_input(key="new-wordpress-name").set_value("校报网站")
        app.text_input(key="new-wordpress-address").set_value("https://xb.example.edu.cn")
        app.text_input(key="new-wordpress-user").set_value(USER)
        app.text_input(key="new-wordpress-secret").set_value(PASSWORD)
        press(app, "destination-save-wordpress")
        assert told(app) == ["演练模式只能连接本机（127.0.0.1）。要连真实的网站，请改用正式模式。"]

        app.text_input(key="new-wordpress-address").set_value(base)
        press(app, "destination-save-wordpress")
        assert told(app) == ["已保存。请做一次自检，通过后再启用。"]
        press(app, "switch-destination-1")
        assert told(app) == ["请先做一次自检，全部通过后才能启用。"]
        press(app, "test-destination-1")
        press(app, "switch-destination-1")
        assert told(app) == ["“校报网站”已启用，以后排入发布时会带上它。"]

    submission_id = desk.office.approved()
    plan = planning(app_as, submission_id)
    plan.session_state[f"plan-{submission_id}-to-1-open"] = True
    plan.run()
    plan.text_input(key=f"plan-{submission_id}-to-1-title").set_value("教务处举办交流会").run()
    press(plan, f"queue-{submission_id}")
    rows = {row.target: row for row in every_row(desk)}
    assert set(rows) == {Target.WECHAT, Target.SITE, Target.WORDPRESS}
    assert rows[Target.WORDPRESS].variant == {"title": "教务处举办交流会"}
    assert any("**校报网站**" in element.value for element in plan.main.markdown)


def test_a_web_root_is_sent_again_with_its_progress_on_the_page(desk: Desk, app_as: AppAs) -> None:
    with desk.office.as_system() as work:
        place = Destination(
            kind=Target.SFTP, name="校报网站", active=True, secret_sealed=desk.office.box.seal("x"),
            settings={"host": "127.0.0.1", "port": "22", "user": "u", "folder": "/", "host_key": "", "address": "x"},
            secret_changed_at=work.now, created_at=work.now,
        )  # fmt: skip
        work.session.add(place)
    app = app_as("小林").run().switch_page("../pages/accounts.py").run()
    app.button_group(key="accounts_view").set_value("发布去处").run()
    press(app, "resend-go-1")
    assert told(app) == ["已安排全部重发，进度显示在这里。"]
    keys = {button.key for button in app.button}
    assert ("resend-go-1" in keys, "resend-stop-1" in keys) == (False, True)

    press(app, "resend-stop-1")
    said = [each.value for each in app.caption]
    assert any("没有传完（0 / 0 个文件）：小林停止。" in each for each in said)
    assert "resend-go-1" in {button.key for button in app.button}


def test_nobody_but_the_administrator_is_offered_the_places_or_the_limits(desk: Desk, app_as: AppAs) -> None:
    offered = app_as("小赵").run().switch_page("../pages/accounts.py").run().button_group(key="accounts_view").options
    assert "发布去处" not in offered

    app = app_as("小林").run().switch_page("../pages/accounts.py").run()
    app.button_group(key="accounts_view").set_value("时限与日历").run()
    app.number_input(key="sends-subscription_per_day").set_value(2)
    press(app, "sends-save")
    with desk.runtime.reading() as session:
        assert limits_of(session) == SendLimits(subscription_per_day=2)
