"""通知: each person's own, the number at the bell, the way to the very item, and the administrator's list."""

from __future__ import annotations

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import Action, Notice, NoticeChannel, Sending, SendingState
from tests.desk import AppAs, Desk
from tests.office import CAST

REASON = "请补充活动时间"


def open_notices(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page("../pages/notices.py").run()


def returned(desk: Desk) -> int:
    submission_id = desk.office.submitted()
    desk.office.perform("张处长", Action.RETURN, submission_id, REASON)
    return submission_id


def words(app: AppTest) -> list[str]:
    return [each.value for each in app.main.markdown]


def bell(app: AppTest) -> str:
    links = [str(each.proto.label) for each in app.sidebar.get("page_link")]
    return next(label for label in links if label.startswith("通知"))


def test_author_reads_why_the_item_came_back_and_opens_it(desk: Desk, app_as: AppAs) -> None:
    submission_id = returned(desk)
    app = open_notices(app_as, "小王")
    before = bell(app)

    assert "**《教务处举办教学经验交流会》** :orange-badge[退回修改]" in words(app)
    assert f"张处长 退回修改：{REASON}" in words(app)
    app.button(key=next(str(each.key) for each in app.button if str(each.key).startswith("open-"))).click().run()

    assert ([each.value for each in app.title], app.query_params["id"]) == (["稿件"], str(submission_id))
    assert (before, bell(app)) == ("通知 :red-badge[1]", "通知")


def test_everybody_sees_only_their_own(desk: Desk, app_as: AppAs) -> None:
    returned(desk)

    seen = {
        name: len([each for each in open_notices(app_as, name).button if str(each.key).startswith("open-")])
        for name, *_ in CAST
    }

    assert {name: count for name, count in seen.items() if count} == {"小王": 1, "张处长": 1}


def test_all_are_marked_as_read_at_once(desk: Desk, app_as: AppAs) -> None:
    returned(desk)
    app = open_notices(app_as, "小王")

    app.button(key="read_all").click().run()

    assert "共 1 条，0 条未读。" in [each.value for each in app.main.caption]


def test_an_empty_inbox_says_what_will_appear(app_as: AppAs) -> None:
    app = open_notices(app_as, "徐校长")

    assert [each.value for each in app.main.info] == [
        "还没有通知。稿件退回、通过、发布，或有事项等您办理时，会出现在这里。"
    ]


@pytest.mark.parametrize(("who", "sees"), [("小林", True), ("小王", False), ("陈部长", False), ("徐校长", False)])
def test_only_the_administrator_sees_what_became_of_messages(
    desk: Desk, app_as: AppAs, who: str, *, sees: bool
) -> None:
    returned(desk)
    with desk.office.as_system() as work:
        notice = work.session.exec(select(Notice)).first()
        assert notice is not None
        failed = Sending(
            key="mail-1",
            channel=NoticeChannel.MAIL,
            notice_id=notice.id or 0,
            tries=4,
            state=SendingState.FAILED,
            run_after=desk.office.now,
            failure="邮件服务器拒绝了这封邮件",
        )
        work.session.add(failed)
        work.session.flush()
        key = f"resend-{failed.id}"

    app = open_notices(app_as, who)

    assert (key in [each.key for each in app.button]) is sees
    if sees:
        app.button(key=key).click().run()
        with desk.office.reading() as session:
            assert session.exec(select(Sending.state)).one() is SendingState.WAITING
