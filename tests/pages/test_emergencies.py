"""紧急快速通道 on the screen: handed in, signed, owed where people look first, settled."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest

from models import Action, AfterReview, EmergencyReason, Submission, SubmissionState
from services import emergencies, submissions
from tests.desk import AppAs, Desk

S = SubmissionState
WHY = "校门口积水，值班领导要求立即提醒绕行"


def opened(app_as: AppAs, who: str, page: str, submission_id: int | None = None) -> AppTest:
    app = app_as(who).run()
    if submission_id is not None:
        app.query_params["id"] = str(submission_id)
    return app.switch_page(f"../pages/{page}.py").run()


def name_on_list(desk: Desk, *names: str) -> None:
    with desk.office.acting_as("小林") as work:
        for name in names:
            emergencies.list_person(work, person_id=desk.office.people[name])


def out_at_once(desk: Desk) -> int:
    name_on_list(desk, "小王")
    submission_id = desk.office.submitted()
    with desk.office.acting_as("小王") as work:
        submissions.expedite(
            work,
            submission_id=submission_id,
            seen_version=work.session.get_one(Submission, submission_id).version,
            reason=EmergencyReason.INCIDENT,
            words=WHY,
        )
    desk.office.perform("老李", Action.PASS, submission_id)
    desk.office.perform("陈部长", Action.APPROVE, submission_id)
    return submission_id


def told(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.main.markdown, *app.main.caption, *app.main.warning, *app.main.error))


def test_the_list_is_kept_on_the_settings_page(desk: Desk, app_as: AppAs) -> None:
    app = opened(app_as, "陈部长", "review_settings")
    assert "名单还是空的" in app.main.info[0].value

    app.selectbox(key="emergency-who").set_value(desk.office.people["小王"]).run()
    app.button(key="emergency-list").click().run()
    assert "**小王**　教务处" in told(app)

    app.button(key=f"unlist-{desk.office.people['小王']}").click().run()
    assert [done.value for done in app.success] == ["小王已移出名单。"]


def test_only_a_listed_author_is_offered_the_channel_and_hands_in_through_it(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    key = f"draft-{submission_id}-emergency"
    app = opened(app_as, "小王", "submit", submission_id)
    assert f"{key}-words" not in {each.key for each in app.text_area}
    name_on_list(desk, "小王")

    app.run()
    app.pills(key=f"{key}-reason").set_value(EmergencyReason.WARNING).run()
    app.text_area(key=f"{key}-words").set_value(WHY).run()
    app.button(key=f"draft-{submission_id}-hand-in").click().run()

    stored = desk.office.stored(submission_id)
    assert (stored.state, stored.is_emergency) == (S.FIRST_REVIEW, True)


def test_a_listed_editor_turns_an_item_at_the_department_into_an_emergency(desk: Desk, app_as: AppAs) -> None:
    name_on_list(desk, "老李")
    submission_id = desk.office.submitted()
    app = opened(app_as, "老李", "submission", submission_id)

    app.pills(key=f"expedite-{submission_id}-reason").set_value(EmergencyReason.SUPERIOR).run()
    app.text_area(key=f"expedite-{submission_id}-words").set_value(WHY).run()
    app.button(key=f"expedite-{submission_id}").click().run()

    assert desk.office.stored(submission_id).state is S.FIRST_REVIEW
    assert "**紧急快速通道 · 上级要求**" in told(app)
    assert f"pass-{submission_id}" in {button.key for button in app.button}


def test_the_debt_stands_where_people_look_first_and_turns_red(desk: Desk, app_as: AppAs) -> None:
    submission_id = out_at_once(desk)
    places = {"陈部长": "inbox", "孙老师": "violations", "徐校长": "dashboard"}
    early = {who: told(opened(app_as, who, page)) for who, page in places.items()}
    desk.office.later(hours=25)

    late = {who: told(opened(app_as, who, page)) for who, page in places.items()}

    assert all("紧急稿件待补审 1 篇**" in words and "已逾期" not in words for words in early.values())
    assert all("紧急稿件待补审 1 篇**，:red[1 篇已逾期]" in words for words in late.values())
    assert "2026年11月　使用 **1** 次，补审逾期 :red[1] 次，尚欠补审 1 篇" in late["徐校长"]
    assert "待补审" not in told(opened(app_as, "小王", "my_submissions"))
    assert submission_id


def test_somebody_without_a_hand_in_it_settles_on_the_item(desk: Desk, app_as: AppAs) -> None:
    submission_id = out_at_once(desk)
    signer = opened(app_as, "老李", "submission", submission_id)
    assert f"settle-{submission_id}" not in {button.key for button in signer.button}
    app = opened(app_as, "老周", "submission", submission_id)

    app.pills(key=f"settle-{submission_id}-verdict").set_value(AfterReview.CONFIRMED).run()
    app.button(key=f"settle-{submission_id}").click().run()
    assert [error.value for error in app.error] == ["请写明补审核对了什么、结论如何。"]
    app.text_area(key=f"settle-{submission_id}-found").set_value("路线、时间已核对").run()
    app.button(key=f"settle-{submission_id}").click().run()

    assert [done.value for done in app.success] == [
        "补审已记入稿件。",
        "补审通过：路线、时间已核对（老周 2026-11-23 09:00）",
    ]
