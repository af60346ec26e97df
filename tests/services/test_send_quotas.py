"""群发次数 and the calls of the day: counted from our own calls, refused before the call."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import stamina

from models import AccountKind, OfficialAccount, PublicationState, PublicationWay
from services import send_limits
from services.errors import InvalidInput, NotAllowed, WrongState
from services.queries.send_quotas import calls_today, sends_left
from services.rules.send_quota import SendLimits, SendPeriod, period_for
from tests.office import Office
from tests.press import Press, running_press

W = PublicationWay
S = PublicationState

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        limit(office, SendLimits())
        yield press


def limit(office: Office, limits: SendLimits) -> None:
    with office.as_system() as work:
        send_limits.set_limits(work, limits=limits)


def left(office: Office) -> str:
    with office.reading() as session:
        account = session.get_one(OfficialAccount, office.account_id)
        return sends_left(session, account, office.now).sentence


def beijing(month: int, day: int) -> datetime:
    return datetime(2026, month, day, tzinfo=UTC) - timedelta(hours=8)


@pytest.mark.parametrize(
    ("kind", "moment", "period"),
    [
        (
            AccountKind.SUBSCRIPTION,
            datetime(2026, 11, 23, 16, 30, tzinfo=UTC),  # half past midnight on the 24th
            SendPeriod(beijing(11, 24), beijing(11, 25), "天", 1),
        ),
        (
            AccountKind.SERVICE,
            datetime(2026, 11, 30, 15, 59, tzinfo=UTC),
            SendPeriod(beijing(11, 1), beijing(12, 1), "月", 4),
        ),
        (
            AccountKind.SERVICE,
            datetime(2026, 12, 31, 12, 0, tzinfo=UTC),
            SendPeriod(beijing(12, 1), beijing(12, 1) + timedelta(days=31), "月", 4),
        ),
    ],
)
def test_a_send_counts_for_its_day_or_its_month_in_beijing(
    kind: AccountKind, moment: datetime, period: SendPeriod
) -> None:
    assert period_for(kind, SendLimits(), moment) == period


def test_a_second_send_of_the_day_is_refused_before_the_call_and_allowed_tomorrow(press: Press) -> None:
    office = press.office
    assert left(office) == "11月23日还可群发 1 次（每天 1 次，本系统已群发 0 次）"
    first = press.to_wechat(W.MASS)
    assert left(office) == "11月23日还可群发 0 次（每天 1 次，本系统已群发 0 次，已排 1 次）"
    press.work_for(seconds=1)
    press.work_for(seconds=20)

    item = office.approved()
    with pytest.raises(WrongState, match="11月23日还可群发 0 次（每天 1 次，本系统已群发 1 次）。请改约以后的日子"):
        press.queued(item, way=W.MASS)
    asked = press.asked("message/mass/sendall")
    tomorrow = press.queued(item, way=W.MASS, at=office.now + timedelta(days=1))

    assert (press.state(first), asked) == (S.LIVE, 1)
    assert press.state(tomorrow) is S.QUEUED


@sqlite_is_enough
def test_a_send_that_failed_gives_its_turn_back(press: Press) -> None:
    press.platform.faults.add("message/mass/sendall:outcome=send fail")
    first = press.to_wechat(W.MASS)
    press.work()
    press.work_for(seconds=10)

    assert press.state(first) is S.FAILED
    assert left(press.office) == "11月23日还可群发 1 次（每天 1 次，本系统已群发 0 次）"


@sqlite_is_enough
def test_queueing_the_same_item_again_does_not_count_it_twice(press: Press) -> None:
    item = press.office.approved()
    press.queued(item, way=W.MASS)

    press.queued(item, way=W.MASS, at=press.office.now + timedelta(hours=2))

    assert left(press.office) == "11月23日还可群发 0 次（每天 1 次，本系统已群发 0 次，已排 1 次）"


@sqlite_is_enough
def test_the_calls_of_the_day_are_counted_from_our_own(press: Press) -> None:
    press.to_wechat()
    press.work()
    press.work_for(seconds=10)
    office = press.office

    def today(now: datetime) -> dict[str, int]:
        with office.reading() as session:
            return calls_today(session, office.account_id, now)

    assert today(office.now) == {
        "draft/add": 1,
        "draft/get": 1,
        "freepublish/get": 1,
        "freepublish/submit": 1,
        "material/add_material": 1,
    }
    assert today(office.now + timedelta(days=1)) == {}


@sqlite_is_enough
def test_an_article_costs_at_most_eight_questions_how_it_ended(press: Press) -> None:
    press.platform.settings = press.platform.settings.__class__(publish_delay=10**9)
    publication_id = press.to_wechat()
    press.work()

    for _ in range(14):
        press.work_for(days=1)

    assert press.state(publication_id) is S.UNKNOWN
    assert press.asked("freepublish/get") == 8


@sqlite_is_enough
def test_only_the_administrator_changes_the_limits_within_reason(office: Office) -> None:
    with pytest.raises(NotAllowed), office.acting_as("小赵") as work:
        send_limits.set_limits(work, limits=SendLimits(subscription_per_day=2))
    with pytest.raises(InvalidInput, match="0 到 100"), office.acting_as("小林") as work:
        send_limits.set_limits(work, limits=SendLimits(service_per_month=101))
    with office.acting_as("小林") as work:
        send_limits.set_limits(work, limits=SendLimits(subscription_per_day=2))
    assert left(office).startswith("11月23日还可群发 2 次")
