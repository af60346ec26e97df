"""What the publisher's page and scripts read."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest
from sqlmodel import Session

from models import Action, Publication, PublicationAttempt, PublicationState, PublicationWay, Target
from services import publication_answers, publications, publishing, publishing_stops
from services.queries import publications as reads
from services.rules.permissions import Actor
from tests.databases import counting
from tests.office import Office

S = PublicationState


@pytest.fixture
def publisher(office: Office) -> Actor:
    return office.actor("小赵")


def queued(office: Office, submission_id: int) -> list[Publication]:
    with office.acting_as("小赵") as work:
        return publishing.queue(work, office.box, submission_id=submission_id)


def put_in_state(office: Office, row: Publication, state: PublicationState) -> None:
    with office.as_system() as work:
        work.session.get_one(Publication, row.id).state = state


def ids(lines: Sequence[reads.PublicationLine]) -> list[int]:
    return [line.id for line in lines]


def test_an_approved_item_waits_to_be_queued_and_then_stands_in_the_queue(office: Office, publisher: Actor) -> None:
    submission_id = office.approved(title="读书节开幕")
    with office.reading() as session:
        (ready,) = reads.ready_to_publish(session, publisher)
    rows = queued(office, submission_id)

    with office.reading() as session:
        assert reads.ready_to_publish(session, publisher) == []
        lines = reads.in_progress(session, publisher)

    assert (ready.submission_id, ready.title, ready.account) == (submission_id, "读书节开幕", "测试大学")
    assert ids(lines) == [row.id for row in rows]
    assert [(line.target, line.account, line.queued_by) for line in lines] == [
        (Target.WECHAT, "测试大学", "小赵"),
        (Target.SITE, None, "小赵"),
    ]


def test_every_state_stands_in_exactly_one_list(office: Office, publisher: Actor) -> None:
    row, _ = queued(office, office.approved())
    lists = (reads.in_progress, reads.waiting_for_person, reads.done)

    for state in S:
        put_in_state(office, row, state)
        with office.reading() as session:
            assert [row.id in ids(read(session, publisher)) for read in lists].count(True) == 1, state


def test_nobody_but_a_publisher_sees_the_lists(office: Office) -> None:
    office.approved()
    row, _ = queued(office, office.approved())
    with office.reading() as session:
        for name in ("小王", "老李", "陈部长", "小林"):
            actor = office.actor(name)
            assert reads.ready_to_publish(session, actor) == []
            assert reads.in_progress(session, actor) == []
            assert reads.detail(session, actor, row.id or 0) is None


def test_a_publication_is_a_json_document_with_its_calls(office: Office) -> None:
    row, site = queued(office, office.approved())
    call = PublicationAttempt(publication_id=row.id or 0, call="draft/add", at=office.now)
    with office.as_system() as work:
        work.session.add(call)

    with office.reading() as session:
        every = reads.records(session, office.now)
        of_item = reads.records(session, office.now, submission_id=row.submission_id)
        document = json.loads(json.dumps(reads.records(session, office.now, publication_id=row.id)))

    assert [each["id"] for each in every] == [each["id"] for each in of_item] == [row.id, site.id]
    assert document == [
        {
            "id": row.id,
            "submission": row.submission_id,
            "target": "wechat",
            "destination": None,
            "way": PublicationWay.DRAFT.value,
            "state": "queued",
            "seal": row.seal,
            "scheduled_for": None,
            "waits_for": None,
            "failure": {"code": "", "sentence": "", "raw": ""},
            "attempts": [
                {"call": "draft/add", "at": "2026-11-23T09:00:00.000+08:00", "outcome": "started", "code": ""}
            ],
            "remote": {"media_id": None, "publish_id": None, "msg_data_id": None, "article_id": None, "url": None},
            "held_back": None,
        }
    ]


def test_a_publication_says_which_stop_holds_it_back(office: Office) -> None:
    queued(office, office.approved())

    def held() -> list[str | None]:
        with office.reading() as session:
            return [each["held_back"] for each in reads.records(session, office.now)]

    before = held()
    with office.acting_as("小赵") as work:
        stop_id = publishing_stops.stop_everything(work, reason="先核对一篇稿件").id or 0
    during = held()
    with office.acting_as("小赵") as work:
        publishing_stops.resume(work, stop_id=stop_id)

    assert (before, during, held()) == ([None] * 2, ["先核对一篇稿件"] * 2, [None] * 2)


def test_a_detail_shows_every_call_oldest_first(office: Office, publisher: Actor) -> None:
    row, _ = queued(office, office.approved())
    with office.as_system() as work:
        for name in ("draft/add", "draft/get"):
            work.session.add(PublicationAttempt(publication_id=row.id or 0, call=name, at=office.now))

    with office.reading() as session:
        detail = reads.detail(session, publisher, row.id or 0)

    assert detail
    assert [call.call for call in detail.attempts] == ["draft/add", "draft/get"]


def test_a_list_costs_one_query_however_long_it_is(office: Office, publisher: Actor) -> None:
    for _ in range(2):
        queued(office, office.approved())
    with office.reading() as session:
        assert queries_of(session, publisher) == 1


def queries_of(session: Session, actor: Actor) -> int:
    with counting(session) as sent:
        reads.in_progress(session, actor)
    return len(sent)


# --- What is still wanted --------------------------------------------------------------------------------


def waiting(office: Office, publisher: Actor) -> list[int]:
    with office.reading() as session:
        return ids(reads.waiting_for_person(session, publisher))


def test_a_failure_whose_approval_is_gone_waits_for_nobody(office: Office, publisher: Actor) -> None:
    submission_id = office.approved()
    row, _ = queued(office, submission_id)
    put_in_state(office, row, S.FAILED)
    before = waiting(office, publisher)

    office.perform("老李", Action.WITHDRAW, submission_id, "活动取消")

    assert (before, waiting(office, publisher)) == ([row.id], [])


def test_an_item_of_which_everything_was_called_off_may_be_planned_again(office: Office, publisher: Actor) -> None:
    submission_id = office.approved()
    for row in queued(office, submission_id):
        with office.acting_as("小赵") as work:
            publication_answers.cancel(work, publication_id=row.id or 0)

    with office.reading() as session:
        ready = reads.ready_to_publish(session, publisher)

    assert [each.submission_id for each in ready] == [submission_id]
    assert waiting(office, publisher) == []


def test_the_targets_left_are_those_nothing_stands_for(office: Office, publisher: Actor) -> None:
    submission_id = office.approved()
    wechat, site = queued(office, submission_id)
    with office.acting_as("小赵") as work:
        publication_answers.cancel(work, publication_id=wechat.id or 0)
    put_in_state(office, site, S.PREPARING)
    with office.as_system() as work:
        publications.change(work, work.session.get_one(Publication, site.id), S.LIVE)

    with office.reading() as session:
        left = reads.targets_left(session, publisher, [submission_id])

    assert left[submission_id].targets == (Target.WECHAT,)


def test_what_is_done_comes_in_pages(office: Office, publisher: Actor) -> None:
    rows = queued(office, office.approved())
    for row in rows:
        put_in_state(office, row, S.LIVE)

    with office.reading() as session:
        pages = [ids(reads.done(session, publisher, limit=1, offset=offset)) for offset in (0, 1, 2)]
        count = reads.count_done(session, publisher)

    assert (count, sorted(each for page in pages for each in page)) == (2, sorted(ids_of(rows)))


def ids_of(rows: Sequence[Publication]) -> list[int]:
    return [row.id or 0 for row in rows]
