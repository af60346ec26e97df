"""审核设置: the head of the office sets stages and risks in a few clicks; a fault says what to do."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from models import Action, ContentCategory, RiskMark, SubmissionState
from services import routes
from tests.desk import AppAs, Desk

S = SubmissionState


@pytest.fixture
def at_page(app_as: AppAs) -> AppTest:
    return app_as("陈部长").run().switch_page("../pages/review_settings.py").run()


def test_a_notice_goes_through_two_stages_after_two_clicks(desk: Desk, at_page: AppTest) -> None:
    at_page.pills(key="route-all-notice").set_value([S.FIRST_REVIEW, S.FINAL_REVIEW])
    at_page.button(key="routes-save").click().run()

    assert [done.value for done in at_page.success] == ["审核环节已保存，从下一篇提交的稿件起生效。"]
    notice = desk.office.submitted(category=ContentCategory.NOTICE)
    assert desk.office.stored(notice).route == [S.FIRST_REVIEW, S.FINAL_REVIEW]


def test_one_person_alone_is_refused_on_the_spot_and_nothing_is_kept(desk: Desk, at_page: AppTest) -> None:
    at_page.pills(key="route-all-notice").set_value([S.FIRST_REVIEW, S.FINAL_REVIEW])
    at_page.pills(key="route-all-news").set_value([S.FIRST_REVIEW, S.FINAL_REVIEW])
    at_page.button(key="routes-save").click().run()

    assert [error.value for error in at_page.error] == [
        "新闻报道：只有通知公告和活动预告可以用两个环节，其他稿件至少三个。"
    ]
    with desk.office.reading() as session:
        assert len(routes.base_route(session, None, ContentCategory.NOTICE)) == 3


def test_a_form_drawn_before_somebody_elses_change_takes_nothing_of_it_back(desk: Desk, at_page: AppTest) -> None:
    two, three = (S.FIRST_REVIEW, S.FINAL_REVIEW), (S.FIRST_REVIEW, S.SECOND_REVIEW, S.FINAL_REVIEW)
    with desk.office.acting_as("小林") as work:
        routes.set_route(work, stages=two, category=ContentCategory.NOTICE)

    at_page.pills(key="route-all-feature").set_value([*three])
    at_page.button(key="routes-save").click().run()
    at_page.pills(key="route-all-notice").set_value([*three])
    at_page.button(key="routes-save").click().run()

    assert [error.value for error in at_page.error] == [routes.SOMEBODY_WAS_FASTER.format("通知公告")]
    assert at_page.pills(key="route-all-notice").value == [*three]
    with desk.office.reading() as session:
        kept = routes.base_routes(session, None)
    assert (kept[ContentCategory.NOTICE], kept[ContentCategory.FEATURE]) == (two, three)


def test_a_risk_asks_for_a_second_look_instead_of_the_leader(desk: Desk, at_page: AppTest) -> None:
    at_page.pills(key="risk-figures").set_value([S.SECOND_REVIEW])
    at_page.button(key="risks-save").click().run()

    with desk.office.reading() as session:
        assert routes.risk_stages(session)[RiskMark.FIGURES] == (S.SECOND_REVIEW,)


def test_the_reviewer_raises_on_the_item_and_the_author_sees_the_longer_route(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.SIGN_OFF, submission_id)
    app = opened(app_as, "老李", submission_id)

    app.pills(key=f"raise-{submission_id}-risks").set_value([RiskMark.LEADERS]).run()
    app.text_input(key=f"raise-{submission_id}-why").set_value("校长出席").run()
    app.button(key=f"raise-{submission_id}").click().run()

    assert [done.value for done in app.success] == ["审核级别已提高，后面的环节已相应增加。"]
    seen = opened(app_as, "小王", submission_id)
    (route,) = [each.value for each in seen.main.markdown if "-badge[分管校领导审批" in each.value]
    assert route == (
        ":green-badge[:material/check: 部门审签 张处长 11-23] :gray[→] :blue-badge[:material/pending: 宣传部初审] "
        ":gray[→] :gray-badge[宣传部终审] :gray[→] :gray-badge[分管校领导审批]　"
        ":orange-badge[:material/flag: 涉校领导活动]"
    )
    assert f"raise-{submission_id}" not in {button.key for button in seen.main.button}


def opened(app_as: AppAs, who: str, submission_id: int) -> AppTest:
    app = app_as(who).run()
    app.query_params["id"] = str(submission_id)
    return app.switch_page("../pages/submission.py").run()


def test_the_author_declares_a_risk_and_sees_who_will_sign(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.draft()
    app = app_as("小王").run()
    app.query_params["id"] = str(submission_id)
    app.switch_page("../pages/submit.py").run()

    app.pills(key=f"draft-{submission_id}-risks").set_value([RiskMark.OBITUARY]).run()

    assert desk.office.stored(submission_id).risks == (RiskMark.OBITUARY,)
    assert "提交后依次由：部门审签 → 宣传部初审 → 宣传部终审 → 分管校领导审批" in [
        each.value for each in app.main.caption
    ]
