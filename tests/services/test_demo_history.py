"""The demo school's past: seeded once, by the rules, and never out of its order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlmodel import col, func, select

from models import (
    AccountRequest,
    AuditEvent,
    Department,
    Publication,
    PublicationState,
    PublicationWay,
    RequestState,
    ReviewDecision,
    ScoreEntry,
    Submission,
    SubmissionState,
    Target,
    Violation,
    ViolationState,
    ViolationStep,
)
from services import audit, demo_history
from services.bootstrap import Runtime, bootstrap
from services.queries import operators
from services.rules.office_time import OFFICE_ZONE, office_day
from services.screening.engine import Screener
from services.settings import load_settings
from tests.databases import FreshDatabase

S = SubmissionState
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # a Monday, 09:00 in Beijing


@pytest.fixture(scope="module")
def seeded(
    fresh_sqlite: FreshDatabase, screener: Screener, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Runtime]:
    """A rehearsal as a newcomer finds it. Seeded once for all the tests here, which only read."""
    home = tmp_path_factory.mktemp("home")
    with fresh_sqlite() as url:
        settings = load_settings(home=home, database_url=url, mode="rehearsal", wechat_api="")
        runtime = replace(bootstrap(settings), clock=lambda: NOW, screener=lambda: screener)
        demo_history.seed(runtime)
        yield runtime
        runtime.close()


def rows_of_every_table(runtime: Runtime) -> dict[str, int]:
    tables = AuditEvent.metadata.sorted_tables
    with runtime.reading() as session:
        return {each.name: session.execute(select(func.count()).select_from(each)).scalar_one() for each in tables}


def test_seeding_twice_changes_nothing(seeded: Runtime) -> None:
    before = rows_of_every_table(seeded)

    demo_history.seed(seeded)

    assert rows_of_every_table(seeded) == before


def test_the_trail_is_whole_and_runs_forward(seeded: Runtime) -> None:
    with seeded.reading() as session:
        verdict = audit.verify(session)
        moments = session.exec(select(AuditEvent.at).order_by(col(AuditEvent.sequence))).all()

    assert verdict.ok
    assert list(moments) == sorted(moments)
    assert moments[-1] <= NOW


def test_every_item_is_where_its_history_leads(seeded: Runtime) -> None:
    with seeded.reading() as session:
        items = session.exec(select(Submission)).all()
        decisions = session.exec(select(ReviewDecision).order_by(col(ReviewDecision.id))).all()

    for item in items:
        steps = [each for each in decisions if each.submission_id == item.id]
        assert steps[0].from_state is S.DRAFT
        assert all(before.to_state is after.from_state for before, after in pairwise(steps))
        assert steps[-1].to_state is item.state


def test_something_of_everything_is_there(seeded: Runtime) -> None:
    with seeded.reading() as session:
        states = Counter(session.exec(select(Submission.state)).all())
        writing = session.exec(select(Department.name).join(Submission).distinct().order_by(col(Department.id))).all()

        requests = session.exec(select(AccountRequest.state)).all()

        rosters = operators.rosters(session, office_day(NOW))
        trained = {each.person: each.struck_reason for each in operators.trainings(session)}
        due = [each.person for each in operators.due_for_training(session, office_day(NOW))]

    assert requests == [RequestState.OFFICE]
    assert trained == dict.fromkeys(("赵琪", "李云", "黄海", "周敏", "高怡"), "") | {
        "方明": "当天请假，没有参加，按签到表更正"
    }
    assert due == ["唐颖", "方明", "周敏"]
    assert {each.account: [line.person for line in each.terms] for each in rosters} == {
        "演练大学": ["李云", "唐颖"],
        "演练大学学生处": ["黄海", "周敏"],
        "演练大学团委": ["方明", "高怡"],
        "演练大学图书馆": [],
        "演练大学计算机学院": [],
    }
    assert states == {
        S.PUBLISHED: 28,
        S.APPROVED: 2,
        S.FINAL_REVIEW: 1,
        S.FIRST_REVIEW: 2,
        S.DEPARTMENT_REVIEW: 2,
        S.RETURNED: 1,
        S.REJECTED: 2,
        S.WITHDRAWN: 2,
    }
    assert writing == ["教务处", "学生处", "计算机学院", "校团委"]


def test_no_two_items_have_the_same_title(seeded: Runtime) -> None:
    with seeded.reading() as session:
        titles = session.exec(select(Submission.title)).all()

    assert len(set(titles)) == len(titles) == demo_history.ITEMS


def test_the_items_lie_in_the_last_half_year(seeded: Runtime) -> None:
    with seeded.reading() as session:
        months = {f"{each:%Y-%m}" for each in session.exec(select(Submission.submitted_at)).all() if each}

    assert {"2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"} <= months
    assert months <= {"2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"}


def test_what_was_published_is_on_the_site_with_its_points_and_the_newest_waits_for_wechat(seeded: Runtime) -> None:
    with seeded.reading() as session:
        published = list(session.exec(select(col(Submission.id)).where(Submission.state == S.PUBLISHED)))
        rows = session.exec(select(Publication).order_by(col(Publication.id))).all()
        scored = session.exec(select(ScoreEntry.submission_id).where(col(ScoreEntry.violation_id).is_(None))).all()

    on_site = [each.submission_id for each in rows if each.target is Target.SITE]
    waiting = {(each.way, each.state) for each in rows if each.target is Target.WECHAT}
    assert {each.state for each in rows if each.target is Target.SITE} == {PublicationState.LIVE}
    assert set(on_site) == set(published)
    assert {each for each in scored if each} == set(published)
    assert [each.submission_id for each in rows if each.target is Target.WECHAT] == on_site[-3:]
    assert waiting == {(PublicationWay.PUBLISH, PublicationState.QUEUED)}
    pages = list((seeded.settings.site_folder / "articles").glob("*.html"))
    assert len(pages) == len(published)


def test_of_two_cases_one_was_closed_by_a_third_person(seeded: Runtime) -> None:
    with seeded.reading() as session:
        states = session.exec(select(Violation.state).order_by(col(Violation.recorded_at))).all()
        closed = session.exec(select(Violation.id).where(Violation.state == ViolationState.CLOSED)).one()
        steps = session.exec(select(ViolationStep).where(ViolationStep.violation_id == closed)).all()

    assert list(states) == [ViolationState.CLOSED, ViolationState.RECTIFYING]
    assert len({each.actor_id for each in steps}) == 4


@pytest.mark.parametrize("hour", range(0, 24, 3))
@pytest.mark.parametrize("day", range(7))
def test_every_act_falls_into_the_hours_of_the_office(day: int, hour: int) -> None:
    moment = NOW + timedelta(days=day, hours=hour)

    found = demo_history._in_office_hours(moment)

    local = found.astimezone(OFFICE_ZONE)
    assert found >= moment
    assert (local.weekday() < 5, demo_history.OPENS <= local.hour < demo_history.CLOSES) == (True, True)
