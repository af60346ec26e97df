"""重建校园网站: every page as readers should get it now, while everything stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import stamina
from sqlmodel import select

from models import AuditAction, AuditEvent, RemedyKind, RemedyReason, Target
from services import publishing_stops, site_rebuild
from services.errors import WrongState
from services.remedies import Proposal
from tests.office import Office
from tests.press import Press, running_press
from tests.services.test_remedies import carried_out, decided


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def test_every_page_comes_back_with_the_corrections_made_since(press: Press) -> None:
    office = press.office
    rows = [press.row(press.queued(office.approved(), Target.SITE)) for _ in range(2)]
    press.work()
    wrong = Proposal(
        kind=RemedyKind.CORRECT, reason=RemedyReason.FACTUAL, facts="人数有误。", wrong="六十余名", right="五十余名"
    )
    decided(press, rows[1].submission_id, wrong)
    carried_out(press)

    with pytest.raises(WrongState, match="先在“发布”页按“停止全部发布”"):
        site_rebuild.rebuild(press.runtime)
    with office.acting_as("小赵") as work:
        publishing_stops.stop_everything(work, reason="重建网站")
    assert site_rebuild.rebuild(press.runtime) == 2

    first, second = press.site.rebuilt
    assert [first.entry.slug, second.entry.slug] == [row.marker for row in rows]
    assert ("六十余名" in first.body, "六十余名" in second.body, "五十余名" in second.body) == (True, False, True)
    assert (first.notice, second.notice[:14]) == ("", "更正：文中“六十余名”应为“")
    with office.reading() as session:
        event = session.exec(select(AuditEvent).where(AuditEvent.action == AuditAction.SITE_REBUILT)).one()
        assert event.details.replace(" ", "") == '{"files":2,"pages":2}'
