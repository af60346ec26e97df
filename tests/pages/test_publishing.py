"""The publisher's page: what may go out, what is on its way, what waits for a person, what is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, select
from streamlit.testing.v1 import AppTest

from models import (
    AccountState,
    Destination,
    Heartbeat,
    InterfaceRight,
    OfficialAccount,
    Publication,
    PublicationAttempt,
    PublicationState,
    PublicationWay,
    Target,
)
from services import embargoes, publications, publishing, publishing_stops, quota_answers
from services.rules.breakers import Breaker
from services.rules.office_time import OFFICE_ZONE
from services.unit_of_work import UnitOfWork
from tests.desk import AppAs, Desk
from tests.office import CAST
from ui import publication_answers, publication_plan

S = PublicationState
TITLE = "教务处举办教学经验交流会"
NOTHING_LOST = "，排入的任务暂时不会发出，任务不会丢失。请系统管理员检查程序是否在运行。"
OTHERS = [name for name, *_ in CAST if name != "小赵"]


def at_publishing(app_as: AppAs, name: str = "小赵") -> AppTest:
    return app_as(name).run().switch_page("../pages/publishing.py").run()


def planning(app_as: AppAs, submission_id: int) -> AppTest:
    """The page with the plan of one item opened."""
    app = at_publishing(app_as)
    app.session_state[f"planning-{submission_id}"] = True
    return app.run()


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def said(app: AppTest) -> list[str]:
    """Everything on the page in words."""
    return [element.value for element in (*app.main.markdown, *app.main.caption)]


def told(app: AppTest) -> list[str]:
    """What the page answered to the last act."""
    return [element.value for element in (*app.success, *app.error)]


def on_the_clock(day: int, hour: int, minute: int = 0) -> datetime:
    """What a date and time field holds: Beijing time without saying so."""
    return datetime(2026, 11, day, hour, minute, tzinfo=OFFICE_ZONE).replace(tzinfo=None)


def every_row(desk: Desk) -> list[Publication]:
    with desk.runtime.reading() as session:
        return list(session.exec(select(Publication).order_by(col(Publication.id))).all())


def queued(desk: Desk, *targets: Target, at: datetime | None = None, way: PublicationWay | None = None) -> int:
    """A fresh approved item, queued by the publisher; the id of its first publication."""
    submission_id = desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        rows = publishing.queue(
            work,
            desk.office.box,
            submission_id=submission_id,
            targets=targets or (Target.WECHAT,),
            at=at,
            way=way,
        )
        return rows[0].id or 0


def moved(desk: Desk, publication_id: int, *states: PublicationState, **columns: object) -> int:
    """Take a publication along these states, as the worker does; `columns` are written with the last one."""
    with desk.office.as_system() as work:
        for state in states:
            _move(work, publication_id, state, columns if state is states[-1] else {})
    return publication_id


def _move(work: UnitOfWork, publication_id: int, state: PublicationState, columns: dict[str, Any]) -> None:
    publications.change(work, work.session.get_one(Publication, publication_id), state, **columns)


def beaten(desk: Desk, ago: timedelta) -> None:
    with desk.office.as_system() as work:
        work.session.add(Heartbeat(worker="w1", at=work.now - ago))


# --- Who may be here -------------------------------------------------------------------------------------


def test_nobody_but_the_publisher_sees_what_may_go_out(desk: Desk, app_as: AppAs) -> None:
    desk.office.approved()

    pages = {name: at_publishing(app_as, name) for name in OTHERS}

    refused = ["您的角色不能打开“发布”。如果工作需要，请联系系统管理员为您添加角色。"]
    assert {name: (told(app), said(app)) for name, app in pages.items()} == dict.fromkeys(OTHERS, (refused, []))


def test_an_empty_page_says_of_every_part_that_there_is_nothing(desk: Desk, app_as: AppAs) -> None:
    beaten(desk, ago=timedelta(0))

    assert said(at_publishing(app_as))[2:] == [
        "后台发布程序最近运行于 09:00　·　演练模式，只发到本机的演练平台",
        "没有等待发布的稿件。终审通过的稿件会出现在这里。",
        "没有正在发布的任务。",
        "没有需要人工处理的事项。",
        "还没有发布过。发出的文章和网页会列在这里。",
    ]


# --- The worker ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ago", "warning"),
    [
        (timedelta(minutes=2), []),
        (
            timedelta(minutes=5),
            ["后台发布程序已有 5 分钟 没有运行" + NOTHING_LOST],
        ),
        (
            None,
            ["后台发布程序还没有运行过" + NOTHING_LOST],
        ),
    ],
)
def test_a_worker_silent_for_more_than_two_minutes_is_warned_of(
    desk: Desk, app_as: AppAs, ago: timedelta | None, warning: list[str]
) -> None:
    if ago is not None:
        beaten(desk, ago=ago)

    assert [each.value for each in at_publishing(app_as).warning] == warning


# --- Queueing --------------------------------------------------------------------------------------------


def test_an_approved_item_is_queued_for_both_targets_in_the_accounts_own_way(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)
    assert "按下后，**立即**把文章存入“测试大学”的草稿箱等您发出，并在校园网站上线。" in said(app)

    app.button(key=f"queue-{submission_id}").click().run()

    assert told(app) == [f"《{TITLE}》已排入发布，马上开始。"]
    assert [(row.target, row.way, row.state, row.scheduled_for) for row in every_row(desk)] == [
        (Target.WECHAT, PublicationWay.DRAFT, S.QUEUED, None),
        (Target.SITE, PublicationWay.PUBLISH, S.QUEUED, None),
    ]
    assert f"queue-{submission_id}" not in keys(app)


def test_what_a_stop_or_the_embargo_delays_is_not_promised_at_once(desk: Desk, app_as: AppAs) -> None:
    embargoed, plain = desk.office.approved(), desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        embargoes.set_embargo(work, submission_id=embargoed, until=datetime(2026, 11, 24, 8, 0, tzinfo=OFFICE_ZONE))
    app = planning(app_as, embargoed)
    effect = "把文章存入“测试大学”的草稿箱等您发出，并在校园网站上线。"
    assert f"按下后，**2026-11-24 08:00**（北京时间）{effect}" in said(app)

    with desk.office.as_system() as work:
        publishing_stops.break_account(
            work, account_id=desk.office.account_id, code="40164", sentence="不在白名单里。", breaker=Breaker()
        )
    app = planning(app_as, plain)
    only_wechat = "公众号的发布现在暂停着，排入后等恢复才发到公众号。"
    assert f":orange[:material/front_hand: {only_wechat}]" in said(app)
    app.button(key=f"queue-{plain}").click().run()
    assert f"《{TITLE}》已排入发布，马上开始。{only_wechat}" in told(app)

    with desk.office.acting_as("小赵") as work:
        publishing_stops.stop_everything(work, reason="先核对")
    app = planning(app_as, desk.office.approved())
    app.button(key="queue-3").click().run()
    assert f"《{TITLE}》已排入发布。全部发布现在停着，排入后等恢复才发。" in told(app)


def test_target_way_and_time_are_taken_as_chosen_in_beijing_time(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)

    app.pills(key=f"plan-{submission_id}-targets").set_value([Target.WECHAT.value])
    app.radio(key=f"plan-{submission_id}-way").set_value(PublicationWay.PUBLISH.value)
    app.segmented_control(key=f"plan-{submission_id}-when").set_value(publication_plan.LATER).run()
    app.datetime_input(key=f"plan-{submission_id}-at").set_value(on_the_clock(23, 18, 30)).run()
    assert "按下后，**2026-11-23 18:30**（北京时间）在“测试大学”上发布（不通知粉丝）。" in said(app)
    app.button(key=f"queue-{submission_id}").click().run()

    assert [(row.target, row.way, row.scheduled_for) for row in every_row(desk)] == [
        (Target.WECHAT, PublicationWay.PUBLISH, datetime(2026, 11, 23, 18, 30, tzinfo=OFFICE_ZONE))
    ]


def test_the_authors_wish_is_the_time_offered(desk: Desk, app_as: AppAs) -> None:
    wish = datetime(2026, 11, 25, 8, 0, tzinfo=OFFICE_ZONE)
    submission_id = desk.office.approved(wanted_at=wish)

    app = planning(app_as, submission_id)

    assert app.segmented_control(key=f"plan-{submission_id}-when").value == publication_plan.LATER
    assert app.datetime_input(key=f"plan-{submission_id}-at").value == on_the_clock(25, 8)


def test_sending_to_all_followers_is_asked_twice(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)

    app.radio(key=f"plan-{submission_id}-way").set_value(PublicationWay.MASS.value).run()
    assert app.button(key=f"queue-{submission_id}").disabled
    app.checkbox(key=f"plan-{submission_id}-sure").check().run()
    app.button(key=f"queue-{submission_id}").click().run()

    assert every_row(desk)[0].way is PublicationWay.MASS


@pytest.mark.parametrize(
    ("changes", "ways", "why"),
    [
        ({}, ["draft", "publish", "mass", "manual"], ""),
        ({"verified": False}, ["draft", "manual"], "没有微信认证"),
        ({"app_secret_sealed": None}, ["manual"], "还没有登记 AppID 和 AppSecret"),
        ({"interface_right": InterfaceRight.DRAFTS}, ["draft", "manual"], "自检没有发布和群发的权限"),
        ({"interface_right": InterfaceRight.NOTHING}, ["manual"], "自检没有通过"),
    ],
)
def test_only_ways_the_account_may_use_are_offered_with_a_word_about_the_others(
    desk: Desk, app_as: AppAs, changes: dict[str, object], ways: list[str], why: str
) -> None:
    submission_id = desk.office.approved()
    _change_account(desk, **changes)

    app = planning(app_as, submission_id)

    radio = app.radio(key=f"plan-{submission_id}-way")
    labels = [PublicationWay.of(code).label for code in ways]
    said = [each.value for each in app.caption if each.value.startswith(":material/info:")]
    assert (list(radio.options), radio.value) == (labels, ways[0])
    assert [why in each for each in said] == ([True] if why else [])


def test_before_a_mass_send_wechats_own_answer_is_shown_and_a_fresh_one_is_not_asked_again(
    desk: Desk, app_as: AppAs
) -> None:
    submission_id = desk.office.approved()
    with desk.office.acting_as("小林") as work:
        quota_answers.keep(work, account_id=desk.office.account_id, left={"接口群发": 7})
    app = planning(app_as, submission_id)
    app.radio(key=f"plan-{submission_id}-way").set_value(PublicationWay.MASS.value).run()
    shown = said(app)

    app.button(key=f"plan-{submission_id}-quota-ask").click().run()

    assert "微信说当天接口还可调用：接口群发 7 次（2026-11-23 09:00 小林 问）。" in shown
    assert [each for each in told(app) if "刚刚问过" in each] == [
        "09:00 刚刚问过，答复就在页面上；每问一次也占微信的次数，请 10 分钟后再问。"
    ]


def test_an_item_of_a_suspended_account_can_only_go_to_the_site(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    _change_account(desk, state=AccountState.SUSPENDED)
    app = planning(app_as, submission_id)

    app.button(key=f"queue-{submission_id}").click().run()

    assert [row.target for row in every_row(desk)] == [Target.SITE]


def _change_account(desk: Desk, **changes: object) -> None:
    with desk.office.as_system() as work:
        account = work.session.get_one(OfficialAccount, desk.office.account_id)
        for name, value in changes.items():
            setattr(account, name, value)
        work.session.add(account)


def test_what_the_service_refuses_is_told_and_nothing_is_queued(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)
    app.segmented_control(key=f"plan-{submission_id}-when").set_value(publication_plan.LATER).run()
    app.datetime_input(key=f"plan-{submission_id}-at").set_value(on_the_clock(22, 9)).run()

    app.button(key=f"queue-{submission_id}").click().run()

    assert (told(app), every_row(desk)) == (
        ["定时发布的时间已经过去，请改选以后的时间，或立即发布。"],
        [],
    )


def test_without_a_target_nothing_can_be_queued(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)

    app.pills(key=f"plan-{submission_id}-targets").set_value([]).run()

    assert app.button(key=f"queue-{submission_id}").disabled


def test_a_right_withdrawn_while_the_page_was_open_is_gone(desk: Desk, app_as: AppAs) -> None:
    submission_id = desk.office.approved()
    app = planning(app_as, submission_id)
    desk.disable("小赵")

    app.button(key=f"queue-{submission_id}").click().run()

    assert every_row(desk) == []


# --- On its way ------------------------------------------------------------------------------------------


def test_what_is_on_its_way_says_what_happens_next(desk: Desk, app_as: AppAs) -> None:
    queued(desk, at=datetime(2026, 11, 23, 18, 0, tzinfo=OFFICE_ZONE))

    words = said(at_publishing(app_as))

    assert "**微信公众号** :gray-badge[排队中]　存入草稿箱，由人在公众平台发出" in words
    assert "将于 2026-11-23 18:00（北京时间）开始。" in words


def test_what_a_stop_holds_back_never_says_that_it_starts_at_once(desk: Desk, app_as: AppAs) -> None:
    queued(desk, at=datetime(2026, 11, 23, 18, 0, tzinfo=OFFICE_ZONE))
    moved(desk, queued(desk), S.PREPARING, S.DRAFTED, S.SENDING, S.ACCEPTED)
    in_doubt(desk)
    with desk.office.acting_as("小赵") as work:
        publishing_stops.stop_everything(work, reason="先核对")

    app = at_publishing(app_as)
    app.button(key="look-3").click().run()

    held = "发布暂停着（原因见页面上方），恢复后"
    words = [word for word in said(app) if held in word]
    assert words == [
        f"{held}自动继续。",
        f"排在 2026-11-23 18:00（北京时间）。{held}自动继续。",
        f"没有收到微信的明确回答。　{held}系统再核对。",
    ]
    assert any(each.startswith("发布暂停着，系统现在不向对方提问") for each in told(app))


def test_what_still_waits_in_the_queue_can_be_called_off(desk: Desk, app_as: AppAs) -> None:
    publication_id = queued(desk)
    app = at_publishing(app_as)

    app.button(key=f"cancel-{publication_id}").click().run()

    assert told(app) == [f"《{TITLE}》在微信公众号的发布已取消。"]
    assert [(row.state, row.failure) for row in every_row(desk)] == [(S.FAILED, "小赵取消了这次发布。")]


def test_what_the_worker_has_in_hand_cannot_be_called_off(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(desk, queued(desk), S.PREPARING)

    assert f"cancel-{publication_id}" not in keys(at_publishing(app_as))


def test_every_call_and_its_raw_answer_stand_behind_a_fold(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(desk, queued(desk), S.PREPARING, S.DRAFTED)
    with desk.office.as_system() as work:
        made = PublicationAttempt(publication_id=publication_id, call="draft/add", at=work.now, detail="errmsg: ok")
        work.session.add(made)
    app = at_publishing(app_as)
    assert [each.value for each in app.code] == []

    app.session_state[f"calls-{publication_id}"] = True
    app.run()

    assert [each.value for each in app.code] == ["errmsg: ok"]
    assert any("建立草稿" in each for each in said(app))


# --- Waiting for a person --------------------------------------------------------------------------------


def test_a_draft_that_a_person_sends_is_registered_with_its_link(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(desk, queued(desk), S.PREPARING, S.DRAFTED, S.NEEDS_PERSON)
    app = at_publishing(app_as)
    assert publication_answers.SEND_THE_DRAFT.strip() in [each.strip() for each in said(app)]

    app.text_input(key=f"address-{publication_id}").set_value("https://mp.weixin.qq.com/s/abc")
    app.button(key=f"live-{publication_id}").click().run()

    assert told(app) == [f"《{TITLE}》已登记为已发出。"]
    assert [(row.state, row.url) for row in every_row(desk)] == [(S.LIVE, "https://mp.weixin.qq.com/s/abc")]


def test_an_unknown_outcome_is_explained_and_settled_as_live_with_a_link(desk: Desk, app_as: AppAs) -> None:
    publication_id = in_doubt(desk)
    app = at_publishing(app_as)
    assert publication_answers.IN_DOUBT in said(app)

    app.text_input(key=f"address-{publication_id}").set_value("https://mp.weixin.qq.com/s/abc")
    app.button(key=f"live-{publication_id}").click().run()

    assert every_row(desk)[0].state is S.LIVE


def test_an_unknown_outcome_is_not_settled_as_live_without_a_link(desk: Desk, app_as: AppAs) -> None:
    publication_id = in_doubt(desk)
    app = at_publishing(app_as)

    app.button(key=f"live-{publication_id}").click().run()

    assert (told(app), every_row(desk)[0].state) == (
        ["请填写文章的链接（在微信里打开文章，右上角“复制链接”）。"],
        S.UNKNOWN,
    )


def test_an_unknown_outcome_that_is_not_live_may_be_tried_again(desk: Desk, app_as: AppAs) -> None:
    publication_id = in_doubt(desk)
    app = at_publishing(app_as)
    assert f"retry-{publication_id}" not in keys(app)

    app.button(key=f"not-live-{publication_id}").click().run()
    assert every_row(desk)[0].failure == "小赵核实：没有发出。"
    app.button(key=f"retry-{publication_id}").click().run()

    assert every_row(desk)[0].state is S.QUEUED


@pytest.mark.parametrize(
    ("target", "begins"),
    [
        (Target.WORDPRESS, "**校友网上可能已经有这篇文章。** 那里没有明确回答。系统会先去查找"),
        (Target.WEBHOOK, "**校友网可能已经收下这篇文章。** 那里没有明确回答。系统会用同一个编号再交一次"),
    ],
)
def test_a_doubt_elsewhere_is_told_of_that_place_and_not_of_wechat(
    desk: Desk, app_as: AppAs, target: Target, begins: str
) -> None:
    publication_id = queued(desk)
    with desk.office.as_system() as work:
        row = work.session.get_one(Publication, publication_id)
        place = Destination(
            kind=target, name="校友网", settings={}, secret_sealed="", secret_changed_at=work.now, created_at=work.now
        )
        work.session.add(place)
        work.session.flush()
        row.target, row.destination_id, row.account_id = target, place.id, None
    moved(desk, publication_id, S.PREPARING, S.UNKNOWN, failure="没有收到对方的明确回答。")

    app = at_publishing(app_as)

    assert [each for each in said(app) if each.startswith(begins)]
    assert not [each for each in said(app) if "公众平台" in each]
    assert f"address-{publication_id}" not in {each.key for each in app.text_input}


def test_a_draft_that_is_gone_is_not_told_as_a_call_without_an_answer(desk: Desk, app_as: AppAs) -> None:
    moved(desk, queued(desk), S.PREPARING, S.DRAFTED, S.UNKNOWN, failure_code="draft_gone", failure="草稿不在了。")

    assert publication_answers.DRAFT_IS_GONE in said(at_publishing(app_as))


def test_a_draft_in_doubt_is_not_told_as_an_article_that_may_be_out(desk: Desk, app_as: AppAs) -> None:
    moved(desk, queued(desk), S.PREPARING, S.UNKNOWN, calling="draft/add", failure="没有收到微信的明确回答。")

    words = said(at_publishing(app_as))

    assert publication_answers.DRAFT_IN_DOUBT in words
    assert publication_answers.IN_DOUBT not in words


def in_doubt(desk: Desk) -> int:
    return moved(desk, queued(desk), S.PREPARING, S.DRAFTED, S.SENDING, S.UNKNOWN, failure="没有收到微信的明确回答。")


def test_a_refused_publication_shows_the_reason_and_the_raw_answer_behind_a_fold(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(
        desk,
        queued(desk),
        S.PREPARING,
        S.FAILED,
        failure_code="40164",
        failure="本服务器地址不在公众号的 IP 白名单里。",
        failure_raw="errcode 40164: invalid ip 10.0.0.1",
    )
    app = at_publishing(app_as)
    assert "本服务器地址不在公众号的 IP 白名单里。" in said(app)
    assert [each.value for each in app.code] == []

    app.session_state[f"calls-{publication_id}"] = True
    app.run()

    assert [each.value for each in app.code] == ["errcode 40164: invalid ip 10.0.0.1"]


def test_what_only_a_new_version_can_cure_offers_no_retry(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(
        desk, queued(desk), S.PREPARING, S.FAILED, failure_code="platform_rejected", failure="微信平台审核未通过。"
    )

    app = at_publishing(app_as)

    assert {f"retry-{publication_id}", f"queue-again-{publication_id}"} & keys(app) == set()


def test_what_failed_can_go_another_way(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(
        desk,
        queued(desk, way=PublicationWay.PUBLISH),
        S.PREPARING,
        S.FAILED,
        failure_code="48001",
        failure="没有权限。",
    )
    app = at_publishing(app_as)
    app.session_state[f"replan-{publication_id}"] = True
    app.run()

    app.radio(key=f"plan-again-{publication_id}-way").set_value(PublicationWay.DRAFT.value).run()
    app.button(key=f"queue-again-{publication_id}").click().run()

    assert [(row.way, row.state) for row in every_row(desk)] == [(PublicationWay.DRAFT, S.QUEUED)]


def test_a_missed_time_is_made_good_by_one_button(desk: Desk, app_as: AppAs) -> None:
    publication_id = moved(desk, queued(desk), S.MISSED, failure="已错过发布时间。")

    at_publishing(app_as).button(key=f"retry-{publication_id}").click().run()

    assert every_row(desk)[0].state is S.QUEUED


# --- Done ------------------------------------------------------------------------------------------------


def test_what_is_live_shows_its_links(desk: Desk, app_as: AppAs) -> None:
    publication_id = queued(desk, Target.SITE)
    moved(desk, publication_id, S.PREPARING, S.LIVE, url="http://127.0.0.1:8501/site/articles/a.html")

    app = at_publishing(app_as)

    assert "**校园网站** :green-badge[已上线]　:gray[2026-11-23 09:00]" in said(app)
    assert [each.proto.url for each in app.get("link_button")] == ["/site/articles/a.html"]


def test_what_is_done_comes_in_pages(desk: Desk, app_as: AppAs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.publication_view.DONE_ON_A_PAGE", 1)
    addresses = [f"https://news.example.edu.cn/{name}.html" for name in "ab"]
    for address in addresses:
        moved(desk, queued(desk, Target.SITE), S.PREPARING, S.LIVE, url=address)
        desk.office.later(minutes=1)
    app = at_publishing(app_as)
    first = [each.proto.url for each in app.get("link_button")]

    app.query_params["page"] = "2"
    app.session_state["page"] = 2
    app.run()

    second = [each.proto.url for each in app.get("link_button")]
    assert [*second, *first] == ["/a.html", "/b.html"]


def test_what_is_out_in_one_place_can_be_sent_to_the_other(desk: Desk, app_as: AppAs) -> None:
    publication_id = queued(desk, Target.SITE)
    moved(desk, publication_id, S.PREPARING, S.LIVE, url="https://news.example.edu.cn/a.html")
    app = at_publishing(app_as)
    submission_id = every_row(desk)[0].submission_id

    app.session_state[f"rest-{submission_id}"] = True
    app.run()
    app.button(key=f"queue-rest-{submission_id}").click().run()

    assert [(row.target, row.state) for row in every_row(desk)] == [
        (Target.SITE, S.LIVE),
        (Target.WECHAT, S.QUEUED),
    ]


# --- Stopping --------------------------------------------------------------------------------------------


def test_a_quota_that_returns_by_itself_may_be_lifted_before_and_is_not_called_mended(
    desk: Desk, app_as: AppAs
) -> None:
    with desk.office.as_system() as work:
        ends_at = datetime(2026, 11, 24, 0, 5, tzinfo=OFFICE_ZONE)
        publishing_stops.break_account(
            work,
            account_id=desk.office.account_id,
            code="45009",
            sentence="次数已用完。",
            breaker=Breaker(None, ends_at),
        )

    app = at_publishing(app_as)

    (told_so,) = app.error
    assert told_so.value == (
        "**公众号“测试大学”的发布已暂停**（2026-11-23 09:00）：次数已用完。 "
        "2026-11-24 00:05（北京时间）自动恢复，不必处理。"
    )
    assert app.button(key="resume-1").label == "不等了，现在恢复"


def test_everything_is_stopped_with_a_reason_shown_in_red_and_resumed(app_as: AppAs) -> None:
    app = at_publishing(app_as)
    app.text_input(key="stop-reason").set_value("先核对一篇稿件")
    app.button(key="stop-now").click().run()
    stopped = [each.value for each in app.error]

    app.button(key="resume-1").click().run()

    assert stopped == [
        "**全部发布已停止。** 小赵 于 2026-11-23 09:00 停止，理由：先核对一篇稿件。排入的任务不会丢失，恢复后继续。"
    ]
    assert told(app) == ["发布已恢复，排入的任务马上继续。"]
