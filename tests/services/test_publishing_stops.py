"""急停: nothing goes out while a stop stands; a refusal of a whole account stops that account alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
import stamina

from models import AuditAction, InterfaceRight, PublicationState, PublicationWay, Target
from services import interface_probe, publication_answers, publishing, publishing_stops
from services.errors import InvalidInput, NotAllowed, WrongState
from services.interface_probe import ProbeOutcome
from services.queries import publishing_stops as reads
from services.queries.publishing_stops import StopLine
from services.rules.breakers import breaker_for
from tests.office import Office
from tests.press import Press, running_press

S = PublicationState
W = PublicationWay
TOMORROW = datetime(2026, 11, 23, 16, 5, tzinfo=UTC)  # 00:05 in Beijing

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def stop(office: Office, who: str = "小赵", reason: str = "先核对一篇稿件") -> int:
    with office.acting_as(who) as work:
        return publishing_stops.stop_everything(work, reason=reason).id or 0


def resume(office: Office, stop_id: int, who: str = "小赵") -> None:
    with office.acting_as(who) as work:
        publishing_stops.resume(work, stop_id=stop_id)


def standing(office: Office) -> list[StopLine]:
    with office.reading() as session:
        return reads.standing(session, office.now)


def test_nothing_goes_out_while_everything_is_stopped(press: Press) -> None:
    office = press.office
    wechat, site = press.to_wechat(), press.queued(office.approved(), Target.SITE)
    stop_id = stop(office)

    press.work()
    held = (press.state(wechat), press.state(site), press.platform.calls())
    resume(office, stop_id)
    press.work()

    assert held == (S.QUEUED, S.QUEUED, [])
    assert (press.state(wechat), press.state(site)) == (S.ACCEPTED, S.LIVE)


def test_a_stop_says_who_and_why_and_is_in_the_trail(office: Office) -> None:
    stop_id = stop(office, who="陈部长")

    assert standing(office) == [StopLine(stop_id, None, "陈部长", "先核对一篇稿件", office.now)]
    resume(office, stop_id)
    assert standing(office) == []
    assert [(act, who, details["reason"]) for act, who, details in office.trail("publishing_stop", stop_id)] == [
        (AuditAction.PUBLISHING_STOPPED, "陈部长", "先核对一篇稿件"),
        (AuditAction.PUBLISHING_RESUMED, "小赵", "先核对一篇稿件"),
    ]


def test_only_publishers_and_approvers_stop_and_resume(office: Office) -> None:
    stop_id = stop(office)

    for who in ("小王", "张处长", "老李", "孙老师", "徐校长", "小林"):
        with pytest.raises(NotAllowed):
            stop(office, who)
        with pytest.raises(NotAllowed):
            resume(office, stop_id, who)
    assert len(standing(office)) == 1


def test_a_stop_needs_a_reason_and_is_pressed_once(office: Office) -> None:
    with pytest.raises(InvalidInput, match="理由"):
        stop(office, reason=" ")
    stop_id = stop(office)
    with pytest.raises(WrongState, match="已经停止"):
        stop(office)
    resume(office, stop_id)
    with pytest.raises(WrongState, match="已经恢复"):
        resume(office, stop_id)


REFUSALS = [
    # WeChat's answer       which call                 the way held back   it ends
    ("48001",               "freepublish/submit",      W.PUBLISH,          None),
    ("48001",               "message/mass/sendall",    W.MASS,             None),
    ("45009",               "freepublish/submit",      W.PUBLISH,          TOMORROW),
    ("45009",               "draft/add",               None,               TOMORROW),
    ("45028",               "message/mass/sendall",    W.MASS,             TOMORROW),
    ("40243",               "stable_token",            None,               None),
]  # fmt: skip


@sqlite_is_enough
@pytest.mark.parametrize(("code", "call", "held", "ends"), REFUSALS)
def test_a_refusal_holds_back_exactly_what_would_meet_it_again_and_says_so_once(
    press: Press, code: str, call: str, held: PublicationWay | None, ends: datetime | None
) -> None:
    office = press.office
    press.platform.faults.add(f"{call}:errcode={code}")
    way = held or W.PUBLISH
    waiting = [press.to_wechat(way), press.to_wechat(way)]

    press.work()

    (stop,) = standing(office)
    assert (stop.way, stop.ends_at, stop.stopped_by, stop.reason[-1]) == (held, ends, None, "。")
    assert press.asked(call) == 1
    assert press.state(waiting[1]) is S.QUEUED
    assert office.told("小赵", "已暂停") == office.told("小林", "已暂停") == 1
    by_hand = press.to_wechat(W.MANUAL)
    other = press.to_wechat(W.DRAFT)
    press.work()
    assert press.state(by_hand) is S.NEEDS_PERSON
    assert press.state(other) is (S.NEEDS_PERSON if held else S.QUEUED)
    with office.reading() as session:
        reasons = reads.reasons(session, [waiting[1], by_hand, other], office.now)
    assert reasons == dict.fromkeys([waiting[1]] if held else [waiting[1], other], stop.reason)


@sqlite_is_enough
def test_a_draft_that_may_not_be_published_by_interface_waits_for_a_person(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:errcode=48001")
    publication_id = press.to_wechat()

    press.work()

    row = press.row(publication_id)
    assert (row.state, row.failure_code, row.media_id is not None) == (S.NEEDS_PERSON, "48001", True)
    assert row.failure.startswith("这个公众号没有接口发布或群发的权限，草稿已存入草稿箱。")


def test_a_used_up_quota_returns_by_itself_after_midnight(press: Press) -> None:
    office = press.office
    press.platform.faults.add("freepublish/submit:errcode=45009*1")
    waiting = [press.to_wechat(), press.to_wechat()]
    press.work()
    held = [press.state(each) for each in waiting]

    office.now = TOMORROW
    press.work()

    assert held == [S.QUEUED, S.QUEUED]
    assert standing(office) == []
    assert [press.state(each) for each in waiting] == [S.ACCEPTED, S.ACCEPTED]


@sqlite_is_enough
def test_what_is_held_goes_another_way_with_one_press(press: Press) -> None:
    office = press.office
    press.platform.faults.add("freepublish/submit:errcode=48001")
    first, held = press.to_wechat(), press.to_wechat()
    press.work()
    (stop,) = standing(office)

    with pytest.raises(WrongState, match="“接口发布（不通知粉丝）”现在不能用"):
        press.to_wechat(W.PUBLISH)
    with pytest.raises(NotAllowed), office.acting_as("陈部长") as work:
        publishing.divert(work, office.box, account_id=office.account_id, held=W.PUBLISH, way=W.DRAFT)
    with office.acting_as("小赵") as work:
        moved = publishing.divert(work, office.box, account_id=office.account_id, held=W.PUBLISH, way=W.DRAFT)
    press.work()

    assert (stop.held, moved) == (1, 1)
    assert [press.state(each) for each in (first, held)] == [S.NEEDS_PERSON, S.NEEDS_PERSON]


@sqlite_is_enough
@pytest.mark.parametrize(
    ("code", "right", "left"),
    [
        ("48001", InterfaceRight.FULL, 0),
        ("48001", InterfaceRight.DRAFTS, 1),
        ("40164", InterfaceRight.DRAFTS, 0),
        ("40164", InterfaceRight.NOTHING, 1),
        ("45009", InterfaceRight.FULL, 1),
    ],
)
def test_a_self_test_that_went_well_lifts_what_it_proves(
    office: Office, code: str, right: InterfaceRight, left: int
) -> None:
    breaker = breaker_for(code, "freepublish/submit", office.now)
    assert breaker
    with office.as_system() as work:
        publishing_stops.break_account(
            work, account_id=office.account_id, code=code, sentence="不行。", breaker=breaker
        )

    with office.acting_as("小赵") as work:
        interface_probe.keep(work, account_id=office.account_id, outcome=ProbeOutcome(right, (), {}))

    assert len(standing(office)) == left


def test_a_server_off_the_whitelist_holds_the_account_back_with_one_notice(press: Press) -> None:
    office = press.office
    press.platform.faults.add("stable_token:errcode=40164")
    waiting = [press.to_wechat(), press.to_wechat()]
    site = press.queued(office.approved(), Target.SITE)

    press.work()
    (notice,) = standing(office)
    asked = press.asked("stable_token")
    held = [press.state(each) for each in waiting]
    press.platform.faults.clear()
    resume(office, notice.id)
    press.work()

    assert (notice.account, notice.stopped_by, asked) == ("测试大学", None, 1)
    assert "白名单" in notice.reason
    assert (held, press.state(site)) == ([S.QUEUED, S.QUEUED], S.LIVE)
    assert [press.state(each) for each in waiting] == [S.ACCEPTED, S.ACCEPTED]


def test_nobody_is_promised_a_look_while_a_stop_holds_the_doubt_back(press: Press) -> None:
    office = press.office
    publication_id = press.to_wechat(W.DRAFT)
    press.work()
    assert press.state(publication_id) is S.NEEDS_PERSON
    stop_id = stop(office)

    with pytest.raises(WrongState, match="发布暂停着"), office.acting_as("小赵") as work:
        publication_answers.look_now(work, publication_id=publication_id)

    resume(office, stop_id)
    with office.acting_as("小赵") as work:
        assert publication_answers.look_now(work, publication_id=publication_id).run_after == work.now
