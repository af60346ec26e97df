"""日历: days in full, a time for what has none, and what speaks against it."""

from __future__ import annotations

from datetime import date, timedelta

from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Publication, PublicationState
from services import publishing
from services.queries import publications
from tests.desk import AppAs, Desk
from tests.office import Office
from ui.schedule_grid import read_pick

REFUSED = "您的角色不能打开“发布日历”。如果工作需要，请联系系统管理员为您添加角色。"


def open_schedule(app_as: AppAs, who: str, **query: str) -> AppTest:
    app = app_as(who).run().switch_page("../pages/schedule.py")
    for name, value in query.items():
        app.query_params[name] = value
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in app.main.markdown)


def planned_for(office: Office, submission_id: int) -> set[object]:
    with office.reading() as session:
        lines = publications.in_progress(session, office.actor("小赵"))
    return {line.scheduled_for for line in lines if line.submission_id == submission_id}


def test_picked_item_gets_a_time_on_the_picked_day(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.approved(title="运动会开幕")
    app = open_schedule(app_as, "小赵")
    app.date_input(key="day").set_value(date(2026, 11, 26)).run()
    app.selectbox(key="schedule.item").select(submission_id).run()
    sentence = said(app)
    app.button(key=f"queue-slot-{submission_id}-1126").click().run()

    assert "把《运动会开幕》排到 **11-26（周四）**" in sentence
    assert "按下后，**2026-11-26 10:00**（北京时间）" in sentence
    at_ten = office.now + timedelta(days=3, hours=1)
    assert planned_for(office, submission_id) == {at_ten}
    assert "10:00　**运动会开幕** :blue-badge[已排期]" in said(app)


def test_planned_item_is_moved_and_keeps_its_hour(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.approved()
    with office.acting_as("小赵") as work:
        publishing.queue(work, office.box, submission_id=submission_id, at=office.now + timedelta(days=1, hours=6))
    app = open_schedule(app_as, "小赵")
    app.date_input(key="day").set_value(date(2026, 11, 24)).run()
    app.button(key=f"move-{submission_id}").click().run()
    app.date_input(key="day").set_value(date(2026, 11, 27)).run()
    app.button(key=f"queue-slot-{submission_id}-1127").click().run()

    assert planned_for(office, submission_id) == {office.now + timedelta(days=4, hours=6)}
    with office.reading() as session:
        states = {row.state for row in session.exec(select(Publication))}
    assert states == {PublicationState.QUEUED}


def test_memorial_day_and_a_day_gone_by_are_said(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = open_schedule(app_as, "小赵")
    app.date_input(key="day").set_value(date(2026, 12, 13)).run()
    app.selectbox(key="schedule.item").select(submission_id).run()
    mourning = said(app)
    app.date_input(key="day").set_value(date(2026, 11, 20)).run()

    assert mourning.count("南京大屠杀死难者国家公祭日") >= 2
    assert "这一天不上班，请确认有人值班处理留言和突发情况。" in mourning
    assert [each.value for each in app.main.warning] == ["这一天已经过去，请在日历里改选以后的日子。"]


def test_office_reads_the_calendar_and_plans_nothing(desk: Desk, app_as: AppAs) -> None:
    office = desk.office
    submission_id = office.approved(title="运动会开幕")
    with office.acting_as("小赵") as work:
        publishing.queue(work, office.box, submission_id=submission_id, at=office.now + timedelta(hours=2))
    app = open_schedule(app_as, "老李")
    app.segmented_control(key="view").set_value("列表").run()

    assert "11:00　**运动会开幕** :blue-badge[已排期]" in said(app)
    assert [str(each.key) for each in app.button if str(each.key).startswith(("move-", "queue-"))] == []
    assert [each.value for each in open_schedule(app_as, "小王").error] == [REFUSED]
    assert [each.value for each in open_schedule(app_as, "孙老师").error] == [REFUSED]


def test_head_of_the_office_adds_a_date_of_the_schools_own(app_as: AppAs) -> None:
    app = open_schedule(app_as, "陈部长")
    app.text_input(key="sensitive-name").input("建校先贤纪念日")
    app.date_input(key="sensitive-day").set_value(date(2026, 11, 25))
    app.button(key="sensitive-save").click().run()
    app.date_input(key="day").set_value(date(2026, 11, 25)).run()

    assert "**2026-11-25　周三** :red-badge[建校先贤纪念日]" in said(app)
    assert [each for each in open_schedule(app_as, "老李").button if "sensitive" in str(each.key)] == []


def test_what_the_browser_sends_is_read_with_care() -> None:
    sent = {
        "both": {"day": "2026-11-26", "item": 7},
        "a day": {"day": "2026-11-26", "item": None},
        "no day": {"day": "tomorrow", "item": "7"},
        "yes": {"day": 3, "item": True},
        "nothing": None,
    }

    assert {name: read_pick(each) for name, each in sent.items()} == {
        "both": (date(2026, 11, 26), 7),
        "a day": (date(2026, 11, 26), None),
        "no day": (None, None),
        "yes": (None, None),
        "nothing": (None, None),
    }
