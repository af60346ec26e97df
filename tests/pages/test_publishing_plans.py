"""Planning on the publisher's page: order, embargo, the trial, and what the head of the office may stop."""

from __future__ import annotations

from datetime import datetime

from streamlit.testing.v1 import AppTest

from models import PublicationState, PublicationWay, PublishOrder, Submission, Target
from services import publishing, publishing_stops
from services.queries import publishing_stops as stop_reads
from services.rules.breakers import Breaker
from services.rules.office_time import OFFICE_ZONE
from tests.desk import AppAs, Desk
from tests.pages.test_publishing import at_publishing, every_row, moved, planning, said, told

S = PublicationState
W = PublicationWay


def press(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def site_first(desk: Desk) -> tuple[int, int]:
    """An item for both places, the site first; the ids on the site and on WeChat."""
    submission_id = desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        rows = publishing.queue(work, desk.office.box, submission_id=submission_id, order=PublishOrder.SITE_FIRST)
        ids = {row.target: row.id or 0 for row in rows}
    return ids[Target.SITE], ids[Target.WECHAT]


def test_an_item_is_tried_forbidden_before_a_moment_and_queued_in_order(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)

    press(app, f"try-{submission_id}")
    assert [each.value for each in app.success] == ["检查通过，可以排入。"]
    assert every_row(desk) == []

    app.datetime_input(key=f"embargo-{submission_id}-at").set_value(
        datetime(2026, 11, 24, 9, tzinfo=OFFICE_ZONE).replace(tzinfo=None)
    )
    press(app, f"embargo-{submission_id}-set")
    assert told(app) == ["2026-11-24 09:00（北京时间）之前，各平台都不会发出。"]
    with desk.runtime.reading() as session:
        assert session.get_one(Submission, submission_id).embargo_until == datetime(2026, 11, 24, 9, tzinfo=OFFICE_ZONE)

    app.button_group(key=f"plan-{submission_id}-order").set_value("site_first").run()
    press(app, f"queue-{submission_id}")
    rows = {row.target: row for row in every_row(desk)}
    assert rows[Target.WECHAT].waits_for_id == rows[Target.SITE].id
    assert "最早 2026-11-24 09:00（北京时间）才能发布，此前不发。" in said(app)


def test_what_waits_for_the_first_place_says_so_and_may_be_let_go(desk: Desk, app_as: AppAs) -> None:
    site, wechat = site_first(desk)
    app = at_publishing(app_as)
    assert "等校园网站先上线（现在“排队中”），随后自动开始。" in said(app)

    moved(desk, site, S.PREPARING, S.FAILED, failure="磁盘已满。")
    app = at_publishing(app_as)
    assert any(words.startswith("校园网站“未发出”，这里还没有发。") for words in said(app))
    press(app, f"ahead-{wechat}")

    assert {row.id: row.waits_for_id for row in every_row(desk)} == {site: None, wechat: None}


def test_a_closed_way_is_shown_with_what_to_do_and_the_queue_takes_another(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.approved()
    with office.acting_as("小赵") as work:
        publishing.queue(work, office.box, submission_id=submission_id, targets=[Target.WECHAT], way=W.PUBLISH)
    with office.as_system() as work:
        publishing_stops.break_account(
            work, account_id=office.account_id, code="48001", sentence="没有开通。", breaker=Breaker(W.PUBLISH)
        )
    app = at_publishing(app_as)
    (told_so,) = app.error
    assert told_so.value == (
        "**公众号“测试大学”的“接口发布（不通知粉丝）”已暂停**（2026-11-23 09:00）：没有开通。 "
        "处理好后按“已处理，再试”；在公众号页按“开始自检”，通过后也自动恢复。"
    )
    assert "发布暂停着（原因见页面上方），恢复后自动继续。" in [each.value for each in app.main.caption]

    press(app, "divert-1-draft")
    assert [row.way for row in every_row(desk)] == [W.DRAFT]


def test_the_head_of_the_office_stops_and_resumes_beside_the_inbox(desk: Desk, app_as: AppAs) -> None:
    app = app_as("陈部长").run().switch_page("../pages/inbox.py").run()
    app.text_input(key="stop-reason").set_value("哀悼日")
    press(app, "stop-now")
    assert "全部发布已停止。" in told(app)[0]

    press(app, "resume-1")
    with desk.runtime.reading() as session:
        assert stop_reads.standing(session, desk.runtime.now()) == []
    reviewer = app_as("老李").run().switch_page("../pages/inbox.py").run()
    assert [each.key for each in reviewer.button if each.key == "stop-now"] == []
