"""After publication, on the screens: what stands at an item, on the publishers' page, and before whoever decides."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlmodel import select
from streamlit.testing.v1 import AppTest

from models import (
    ProofOccasion,
    ProofRead,
    ProofVerdict,
    Publication,
    PublicationState,
    PublicationWay,
    Remedy,
    RemedyKind,
    RemedyReason,
    RemedyState,
    Target,
)
from services import proofs, publications, publishing, remedies
from services.published_copies import Reading
from services.queries import remedies as remedy_reads
from services.remedies import Proposal
from tests.desk import AppAs, Desk
from ui import published_alarms

S = PublicationState
ADDED = "多了“加微信领奖品！”。"
TITLE = "教务处举办教学经验交流会"


def live(desk: Desk, *targets: Target) -> int:
    """An item that is out on these targets (both unless named), as the worker leaves it; its id."""
    item = desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        rows = publishing.queue(
            work, desk.office.box, submission_id=item, way=PublicationWay.PUBLISH, targets=targets or None
        )
        ids = [row.id for row in rows]
    for id_ in ids:
        with desk.office.as_system() as work:
            row = work.session.get_one(Publication, id_)
            states = [S.PREPARING] if row.target is Target.SITE else [S.PREPARING, S.DRAFTED, S.SENDING, S.ACCEPTED]
            for state in states:
                publications.change(work, row, state)
            publications.change(work, row, S.LIVE, url=f"https://mp.weixin.qq.com/s/{id_}")
    return item


def read_back(desk: Desk, item: int, **verdicts: Reading) -> None:
    """Readings of both copies, as the watch enters them."""
    with desk.office.as_system() as work:
        rows = work.session.exec(select(Publication).where(Publication.submission_id == item)).all()
        for row in rows:
            reading = verdicts.get(row.target.value, Reading(ProofVerdict.SAME))
            proof = ProofRead(
                publication_id=row.id or 0, occasion=ProofOccasion.AFTER, asked_at=work.now, run_after=work.now
            )
            work.session.add(proof)
            work.session.flush()
            proofs.enter(work, desk.office.assets, proof, reading)


def at_item(app_as: AppAs, name: str, item: int) -> AppTest:
    app = app_as(name).run()
    app.switch_page("../pages/submission.py")
    app.query_params["id"] = str(item)
    return app.run()


def said(app: AppTest) -> str:
    return "\n".join(each.value for each in (*app.main.markdown, *app.main.caption, *app.error, *app.success))


def keys(app: AppTest) -> set[str]:
    return {button.key for button in app.button if button.key}


def stored(desk: Desk) -> list[Remedy]:
    with desk.runtime.reading() as session:
        return list(session.exec(select(Remedy)).all())


def test_an_item_shows_that_all_three_agree_and_when_it_was_read(desk: Desk, app_as: AppAs) -> None:
    item = live(desk)
    unread = at_item(app_as, "小赵", item)
    read_back(desk, item, wechat=Reading(ProofVerdict.REWRITTEN))

    app = at_item(app_as, "小赵", item)

    assert "还没有核对" in said(unread)
    assert "三份一致" not in said(unread)
    assert "三份一致：终审版、公众号、校园网站" in said(app)
    assert "仅平台改写" in said(app)
    assert "发布后读回 2026-11-23 09:00" in said(app)


def test_a_deviation_stands_at_the_item_and_on_three_pages_until_it_is_answered(desk: Desk, app_as: AppAs) -> None:
    item = live(desk)
    read_back(desk, item, wechat=Reading(ProofVerdict.DIFFERENT, (ADDED,), "k1"))
    for name, page in (("小赵", "publishing"), ("陈部长", "inbox"), ("孙老师", "violations")):
        app = app_as(name).run().switch_page(f"../pages/{page}.py").run()
        assert f"《{TITLE}》测试大学：与终审版不一致" in said(app), page
        assert ADDED.replace("！", "！") in said(app), page

    # WeChat takes no text back: who may act reads why no button does it, and what does.
    app = at_item(app_as, "小赵", item)
    assert published_alarms.NO_WAY_BACK in said(app)
    assert not [key for key in keys(app) if key.startswith("restore-")]

    app = at_item(app_as, "陈部长", item)
    (proof,) = [key for key in keys(app) if key.startswith("acknowledge-")]
    app.button(key=proof).click().run()
    assert "请写明这是什么情况" in said(app)
    app.text_area(key=proof.replace("acknowledge", "alarm-reason")).set_value("账号被盗，已改密码。")
    app.button(key=proof).click().run()

    assert "异常已确认" in said(app)
    assert "账号被盗，已改密码。" in said(app)
    assert proof not in keys(app)
    assert ADDED not in said(app_as("小赵").run().switch_page("../pages/publishing.py").run())


def test_what_could_not_be_read_asks_for_a_screenshot_at_the_item_and_on_the_publishers_page(
    desk: Desk, app_as: AppAs
) -> None:
    item = live(desk, Target.WECHAT)
    quiet = app_as("小赵").run().switch_page("../pages/publishing.py").run()
    read_back(desk, item, wechat=Reading(ProofVerdict.UNREAD, ("没有登记文章链接，系统无法打开。",)))

    app = at_item(app_as, "小赵", item)
    listed = app_as("小赵").run().switch_page("../pages/publishing.py").run()

    assert "欠发布截图" not in "".join(each.label for each in quiet.expander)
    assert [each.label for each in app.expander if "截图" in each.label] == ["发布截图（欠）"]
    assert "没有东西能证明读者看到的是什么。请登记一张截图。" in said(app)
    assert [each.label for each in listed.expander if "截图" in each.label] == ["欠发布截图　1"]


def test_a_changed_campus_page_is_brought_back_with_one_click(desk: Desk, app_as: AppAs) -> None:
    item = live(desk)
    read_back(desk, item, site=Reading(ProofVerdict.DIFFERENT, (ADDED,), "k1"))

    app = at_item(app_as, "小赵", item)
    (restore,) = [key for key in keys(app) if key.startswith("restore-")]
    app.button(key=restore).click().run()

    assert "的网页正在恢复" in said(app)
    assert [(each.kind, each.state) for each in stored(desk)] == [(RemedyKind.RESTORE, RemedyState.CONFIRMED)]


def test_a_contributor_sees_how_the_copies_stand_and_gets_no_button(desk: Desk, app_as: AppAs) -> None:
    item = live(desk)
    read_back(desk, item, site=Reading(ProofVerdict.DIFFERENT, (ADDED,), "k1"))

    app = at_item(app_as, "小王", item)

    assert ADDED in said(app)
    mine = [key for key in keys(app) if key.startswith(("proof-", "packet-", "acknowledge-", "remedy-"))]
    assert mine == []


def test_one_proposes_and_another_confirms_on_the_page_of_the_item(desk: Desk, app_as: AppAs) -> None:
    item = live(desk)
    app = at_item(app_as, "小赵", item)
    app.session_state[f"remedy-{item}-0-fold"] = True
    app.run()
    app.radio(key=f"remedy-{item}-0-kind").set_value(RemedyKind.TAKE_DOWN.value).run()
    app.button(key=f"remedy-{item}-0-propose").click().run()
    assert "请写明情况" in said(app)
    app.text_area(key=f"remedy-{item}-0-facts").set_value("照片里有证件号。").run()
    app.button(key=f"remedy-{item}-0-propose").click().run()
    assert "等另一位同志确认" in said(app)
    assert "须由另一位有权的同志确认后才会执行" in said(app)
    (proposed,) = stored(desk)
    assert f"confirm-remedy-do-{proposed.id}" not in keys(app)

    other = at_item(app_as, "陈部长", item)
    assert "处置时限还剩 24 小时" in said(other)
    assert "删除不能恢复" in said(other)
    other.button(key=f"confirm-remedy-do-{proposed.id}").click().run()

    assert [each.state for each in stored(desk)] == [RemedyState.CONFIRMED]
    assert "正在处置" in said(other)


def test_a_refusal_needs_its_reason_and_a_late_remedy_says_so(desk: Desk, app_as: AppAs) -> None:
    item = live(desk, Target.SITE)
    with desk.office.acting_as("小赵") as work:
        proposal = Proposal(kind=RemedyKind.SITE_ONLY, reason=RemedyReason.OTHER, facts="页面有误。")
        remedy = remedies.propose(work, submission_id=item, proposal=proposal).id
    desk.office.later(hours=25)

    app = at_item(app_as, "陈部长", item)
    assert "已超过处置时限 1 小时" in said(app)
    app.button(key=f"refuse-remedy-do-{remedy}").click().run()
    assert "前请写明理由" in said(app)
    app.text_area(key=f"remedy-answer-{remedy}").set_value("已经改好。")
    app.button(key=f"refuse-remedy-do-{remedy}").click().run()

    assert [each.state for each in stored(desk)] == [RemedyState.REFUSED]


def test_an_article_to_publish_by_hand_can_be_copied_and_proved(desk: Desk, app_as: AppAs) -> None:
    item = desk.office.approved()
    with desk.office.acting_as("小赵") as work:
        row = publishing.queue(
            work, desk.office.box, submission_id=item, way=PublicationWay.MANUAL, targets=[Target.WECHAT]
        )[0]
        publications.change(work, row, S.NEEDS_PERSON, failure="请人工发布。")
        publication_id = row.id or 0

    app = app_as("小赵").run().switch_page("../pages/publishing.py").run()

    assert "按下面的按钮逐项复制" in said(app)
    assert "版式与手机预览相同，作者署名" in said(app)
    copies = _copies(app)
    assert list(copies) == ["复制正文（带格式和图片）", "复制标题", "复制作者"]
    assert copies["复制标题"]["text"] == TITLE
    assert '<section style="font-size:16px' in copies["复制正文（带格式和图片）"]["html"]
    assert "六十余名教师参加" in copies["复制正文（带格式和图片）"]["text"]
    app.text_input(key=f"address-{publication_id}").set_value("https://mp.weixin.qq.com/s/abc").run()
    app.button(key=f"live-{publication_id}").click().run()
    assert "登记为已发出" in said(app)


def _downloads(app: AppTest) -> list[str]:
    return [each.proto.label for each in app.get("download_button")]


def _copies(app: AppTest) -> dict[str, dict[str, Any]]:
    """What the copy buttons were given, by their labels."""
    found = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    items = next(each["items"] for each in found if "items" in each)
    return {each["label"]: each for each in items}


@pytest.mark.parametrize(("hours", "shown"), [(23, False), (25, True)])
def test_what_did_not_follow_to_the_campus_site_is_listed(
    desk: Desk, app_as: AppAs, *, hours: int, shown: bool
) -> None:
    live(desk, Target.WECHAT)
    desk.office.later(hours=hours)

    app = app_as("小赵").run().switch_page("../pages/publishing.py").run()

    assert ("推送后 24 小时内同步" in said(app)) is shown


def test_a_packet_is_offered_at_the_item_and_for_a_month(desk: Desk, app_as: AppAs) -> None:
    item = live(desk, Target.SITE)

    app = at_item(app_as, "小赵", item)
    app.button(key=f"packet-{item}").click().run()
    assert _downloads(app)[0] == f"下载 20261123+{TITLE}.zip"

    month = app_as("小赵").run().switch_page("../pages/publishing.py").run()
    month.session_state["month-packet"] = True
    month.run()
    month.button(key="packet-month-make").click().run()
    assert "下载 2026年11月归档包（1 篇）" in _downloads(month)
    month.button(key="packet-month-archive").click().run()
    assert "已归档" in said(month)


def test_the_administrator_sets_the_clocks_to_containment(desk: Desk, app_as: AppAs) -> None:
    app = app_as("小林").run().switch_page("../pages/accounts.py").run()
    app.button_group(key="accounts_view").set_value("时限与日历").run()
    app.number_input(key="remedy-severe_minutes").set_value(15)
    app.button(key="remedy-limits-save").click().run()
    assert "从下一次处置起生效" in said(app)
    app.number_input(key="remedy-severe_minutes").set_value(500)
    app.button(key="remedy-limits-save").click().run()

    assert "问题越重，时限应当越短" in said(app)
    with desk.runtime.reading() as session:
        assert remedy_reads.limits(session).severe_minutes == 15
