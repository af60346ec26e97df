"""Order between the places of one item, and the moment before which nothing of it goes out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import stamina

from models import AuditAction, PublicationState, PublicationWay, PublishOrder, Target
from services import claims, embargoes, publication_answers, publishing
from services.errors import InvalidInput, NotAllowed, NotFound, WrongState
from services.ports import Cure, DeliveryRefused
from tests.office import Office
from tests.press import Press, running_press

S = PublicationState
P = PublishOrder
WECHAT, SITE = Target.WECHAT, Target.SITE

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def queued(press: Press, order: PublishOrder | None, **values: object) -> dict[Target, int]:
    """An approved item queued for both places; the ids of its publications."""
    submission_id = press.office.approved()
    with press.office.acting_as("小赵") as work:
        rows = publishing.queue(
            work,
            press.office.box,
            submission_id=submission_id,
            way=PublicationWay.PUBLISH,
            order=order,
            **values,  # type: ignore[arg-type]  # named in each test
        )
        return {row.target: row.id or 0 for row in rows}


def states(press: Press, ids: dict[Target, int]) -> dict[Target, PublicationState]:
    return {target: press.state(id_) for target, id_ in ids.items()}


def broken_site() -> list[DeliveryRefused]:
    return [DeliveryRefused(code="full", sentence="磁盘已满。", cure=Cure.ADMIN, detail="disk full")]


@pytest.mark.parametrize(
    ("order", "after_one_round"),
    [
        (P.TOGETHER, {WECHAT: S.ACCEPTED, SITE: S.LIVE}),
        (P.SITE_FIRST, {WECHAT: S.ACCEPTED, SITE: S.LIVE}),
        (P.WECHAT_FIRST, {WECHAT: S.ACCEPTED, SITE: S.QUEUED}),
    ],
)
def test_the_second_place_starts_when_the_first_is_live(
    press: Press, order: PublishOrder, after_one_round: dict[Target, PublicationState]
) -> None:
    ids = queued(press, order)

    press.work()
    first_round = states(press, ids)
    press.work_for(seconds=10)

    assert first_round == after_one_round
    assert states(press, ids) == {WECHAT: S.LIVE, SITE: S.LIVE}


@sqlite_is_enough
def test_the_order_is_the_accounts_own_unless_the_item_has_another(press: Press) -> None:
    office = press.office
    with office.as_system() as work:
        publishing.set_order(work, account_id=office.account_id, order=P.SITE_FIRST)

    usual, together = queued(press, None), queued(press, P.TOGETHER)

    assert press.row(usual[WECHAT]).waits_for_id == usual[SITE]
    assert press.row(together[WECHAT]).waits_for_id is None


@sqlite_is_enough
def test_when_the_first_fails_the_second_waits_for_a_persons_choice(press: Press) -> None:
    press.site.failures = broken_site()  # type: ignore[assignment]  # a list of refusals is one of errors
    ids = queued(press, P.SITE_FIRST)
    press.work()
    stopped = states(press, ids)

    with pytest.raises(NotAllowed), press.office.acting_as("陈部长") as work:
        publication_answers.go_ahead(work, publication_id=ids[WECHAT])
    with press.office.acting_as("小赵") as work:
        publication_answers.go_ahead(work, publication_id=ids[WECHAT])
    press.work()

    assert stopped == {WECHAT: S.QUEUED, SITE: S.FAILED}
    assert press.state(ids[WECHAT]) is S.ACCEPTED
    with pytest.raises(WrongState, match="没有在等别的平台"), press.office.acting_as("小赵") as work:
        publication_answers.go_ahead(work, publication_id=ids[WECHAT])


@sqlite_is_enough
def test_when_the_first_goes_out_after_all_the_second_follows_by_itself(press: Press) -> None:
    press.site.failures = broken_site()  # type: ignore[assignment]  # as above
    ids = queued(press, P.SITE_FIRST)
    press.work()

    with press.office.acting_as("小赵") as work:
        publishing.retry(work, publication_id=ids[SITE])
    press.work()

    assert states(press, ids) == {WECHAT: S.ACCEPTED, SITE: S.LIVE}


@sqlite_is_enough
def test_what_was_called_off_in_the_first_place_is_not_waited_for(press: Press) -> None:
    ids = queued(press, P.SITE_FIRST)
    with press.office.acting_as("小赵") as work:
        publication_answers.cancel(work, publication_id=ids[SITE])

    press.work()
    waits = press.state(ids[WECHAT])
    press.queued(press.row(ids[WECHAT]).submission_id, way=PublicationWay.PUBLISH)
    press.work()

    assert (waits, press.state(ids[WECHAT])) == (S.QUEUED, S.ACCEPTED)


# --- Embargo ---------------------------------------------------------------------------------------------


def forbid(press: Press, submission_id: int, hours: int | None, who: str = "小赵") -> None:
    until = press.office.now + timedelta(hours=hours) if hours is not None else None
    with press.office.acting_as(who) as work:
        embargoes.set_embargo(work, submission_id=submission_id, until=until)


def test_nothing_of_an_item_goes_out_before_its_embargo_wherever_it_was_queued(press: Press) -> None:
    ids = queued(press, P.TOGETHER)
    item = press.row(ids[SITE]).submission_id
    forbid(press, item, 3)

    press.work_for(hours=2, minutes=59)
    before = (states(press, ids), press.platform.calls())
    press.work_for(minutes=1)

    assert before == ({WECHAT: S.QUEUED, SITE: S.QUEUED}, [])
    assert states(press, ids) == {WECHAT: S.ACCEPTED, SITE: S.LIVE}
    assert (AuditAction.EMBARGO_SET, "小赵") in [line[:2] for line in press.office.trail("submission", item)]


@sqlite_is_enough
def test_a_schedule_before_the_embargo_is_refused_and_one_after_it_stands(press: Press) -> None:
    item = press.office.approved()
    forbid(press, item, 3)

    with pytest.raises(InvalidInput, match="最早 2026年11月23日 12:00（北京时间）"):
        press.queued(item, SITE, at=press.office.now + timedelta(hours=2))
    soon = press.row(press.queued(item, SITE))
    later = press.row(press.queued(item, SITE, at=press.office.now + timedelta(hours=4)))

    assert (soon.run_after, later.run_after) == (
        press.office.now + timedelta(hours=3),
        press.office.now + timedelta(hours=4),
    )


@sqlite_is_enough
def test_a_lifted_embargo_lets_go_at_once(press: Press) -> None:
    ids = queued(press, P.TOGETHER)
    item = press.row(ids[SITE]).submission_id
    forbid(press, item, 3)
    forbid(press, item, None)

    press.work()

    assert press.state(ids[SITE]) is S.LIVE
    with pytest.raises(WrongState, match="已经在发或已经发出"):
        forbid(press, item, 5)


@sqlite_is_enough
def test_the_office_and_the_publishers_set_an_embargo_and_nobody_else(press: Press) -> None:
    item = press.office.approved()

    for who in ("小王", "张处长", "孙老师", "徐校长", "小林", "小吴"):
        with pytest.raises(NotAllowed, match="由宣传部审核人员或发布员设定"):
            forbid(press, item, 1, who)
    for hours, who in enumerate(("小赵", "老李", "陈部长"), start=1):
        forbid(press, item, hours, who)
    with pytest.raises(InvalidInput, match="须在以后"):
        forbid(press, item, 0)


def test_a_draft_nobody_sent_takes_no_embargo_of_others(press: Press) -> None:
    item = press.office.draft()

    for who in ("小赵", "老李", "陈部长"):
        with pytest.raises(NotFound):
            forbid(press, item, 1, who)
    press.office.hand_in(item)
    forbid(press, item, 1, "老李")

    assert press.office.stored(item).embargo_until == press.office.now + timedelta(hours=1)


def test_what_a_worker_has_just_taken_takes_no_embargo_any_more(press: Press) -> None:
    ids = queued(press, P.TOGETHER)
    item = press.row(ids[SITE]).submission_id
    claim = claims.take(press.runtime, worker="another", patience=1)

    with pytest.raises(WrongState, match="已经在发或已经发出"):
        forbid(press, item, 3)

    assert claim is not None
    assert press.office.stored(item).embargo_until is None
