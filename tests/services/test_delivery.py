"""The worker, against the platform over HTTP, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from models import PublicationState, PublicationWay, SubmissionState, Target
from tests.office import Office
from tests.press import Press, running_press

S = PublicationState


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def test_an_approved_item_is_drafted_submitted_and_found_live(press: Press) -> None:
    publication_id = press.to_wechat()

    press.work()
    assert press.state(publication_id) is S.ACCEPTED
    press.work_for(seconds=10)

    row = press.row(publication_id)
    assert row.state is S.LIVE
    assert press.platform.summary()["publications"][0]["urls"] == [row.url]
    assert press.office.stored(row.submission_id).state is SubmissionState.PUBLISHED
    assert press.calls(publication_id) == [
        ("media/uploadimg", "ok"),
        ("draft/add", "ok"),
        ("draft/get", "ok"),
        ("freepublish/submit", "ok"),
        ("freepublish/get", "ok"),
    ]
