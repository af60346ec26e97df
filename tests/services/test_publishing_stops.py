"""急停: nothing goes out while a stop stands; a refusal of a whole account stops that account alone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina

from models import AuditAction, PublicationState, Target
from services import publishing_stops
from services.errors import InvalidInput, NotAllowed, WrongState
from services.queries import publishing_stops as reads
from services.queries.publishing_stops import StopLine
from tests.office import Office
from tests.press import Press, running_press

S = PublicationState


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
        return reads.standing(session)


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
