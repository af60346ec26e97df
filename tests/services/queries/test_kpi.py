"""The figures of a small hand-made school, and that each opens exactly the rows it counts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from models import (
    Action,
    DepartmentKind,
    Indicator,
    Person,
    ScoreEntry,
    Submission,
    SubmissionState,
)
from services.database import Engines
from services.queries import kpi, people
from services.queries.kpi import Board, Figure, MonthFigures, StageHours
from services.rules.months import Months
from services.rules.permissions import Actor
from tests import factories
from tests.factories import NOW, Cast, id_of

S = SubmissionState
AUTUMN = Months(202609, 202610)


def on(month: int, day: int, hour: int = 2) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=UTC)


@dataclass
class School:
    session: Session
    cast: Cast

    def actor(self, name: str = "leader") -> Actor:
        actor = people.actor(self.session, id_of(getattr(self.cast, name)), NOW.date())
        assert actor is not None
        return actor

    def item(self, author: Person, submitted_at: datetime | None, state: SubmissionState) -> Submission:
        return factories.submission(self.session, author, submitted_at=submitted_at, state=state)

    def step(
        self,
        item: Submission,
        action: Action,
        from_state: SubmissionState,
        to_state: SubmissionState,
        at: datetime,
        hours: float = 1,
    ) -> None:
        factories.decision(
            self.session,
            item,
            action=action,
            from_state=from_state,
            to_state=to_state,
            at=at,
            entered_at=at - timedelta(hours=hours),
        )

    def points(self, item: Submission, indicator: Indicator, hundredths: int, at: datetime, cause: str) -> None:
        self.session.add(
            ScoreEntry(
                scheme="2026-default",
                period=at.year * 100 + at.month,
                department_id=item.department_id,
                indicator=indicator,
                hundredths=hundredths,
                formula="公式",
                cause=cause,
                submission_id=item.id,
                given_at=at,
            )
        )
        self.session.flush()


@pytest.fixture
def school(engines: Engines) -> Iterator[School]:
    """教务处: one item approved at once in September, one returned and approved in October, one refused,
    one draft. 学生处: one withdrawn, one waiting; and one item handed in before the autumn.
    """
    with Session(engines.write) as session:
        school = School(session, factories.standing_cast(session))
        ours, theirs = school.cast.contributor, school.cast.outsider

        smooth = school.item(ours, on(9, 10), S.PUBLISHED)
        school.step(smooth, Action.SIGN_OFF, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, on(9, 10), 2)
        school.step(smooth, Action.PASS, S.FIRST_REVIEW, S.FINAL_REVIEW, on(9, 11), 4)
        school.step(smooth, Action.APPROVE, S.FINAL_REVIEW, S.APPROVED, on(9, 12), 1)
        school.step(smooth, Action.RELEASE, S.APPROVED, S.PUBLISHED, on(9, 13), 24)
        school.points(smooth, Indicator.ADOPTION, 500, on(9, 13), "submission:1")
        school.points(smooth, Indicator.DEDUCTION, -200, on(10, 8), "violation:1")

        rough = school.item(ours, on(9, 29), S.APPROVED)
        school.step(rough, Action.RETURN, S.DEPARTMENT_REVIEW, S.RETURNED, on(9, 29), 6)
        school.step(rough, Action.SIGN_OFF, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, on(9, 30), 4)
        # 30 September, 16:00 UTC is the first of October in Beijing.
        school.step(rough, Action.RETURN, S.FIRST_REVIEW, S.RETURNED, on(9, 30, 16), 10)
        school.step(rough, Action.PASS, S.FIRST_REVIEW, S.FINAL_REVIEW, on(10, 2), 3)
        school.step(rough, Action.APPROVE, S.FINAL_REVIEW, S.APPROVED, on(10, 3), 5)

        refused = school.item(ours, on(10, 5), S.REJECTED)
        school.step(refused, Action.ADJUST, S.FIRST_REVIEW, S.FIRST_REVIEW, on(10, 6), 100)
        school.step(refused, Action.REJECT, S.FIRST_REVIEW, S.REJECTED, on(10, 7), 8)

        school.item(ours, None, S.DRAFT)

        withdrawn = school.item(theirs, on(10, 1), S.WITHDRAWN)
        school.step(withdrawn, Action.WITHDRAW, S.FIRST_REVIEW, S.WITHDRAWN, on(10, 2), 50)
        school.item(theirs, on(10, 20), S.DEPARTMENT_REVIEW)

        earlier = school.item(theirs, on(8, 31), S.FIRST_REVIEW)
        school.step(earlier, Action.SIGN_OFF, S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, on(8, 31), 9)
        session.flush()
        yield school


def figures(school: School, department: str, period: int, **numbers: int) -> MonthFigures:
    owner = school.cast.contributor if department == "教务处" else school.cast.outsider
    return MonthFigures(
        department_id=owner.department_id,
        department=department,
        kind=DepartmentKind.ADMIN_DEPARTMENT,
        period=period,
        **numbers,
    )


def test_the_figures_of_each_department_and_month(school: School) -> None:
    assert kpi.by_department_and_month(school.session, school.actor(), Board(AUTUMN)) == [
        figures(school, "教务处", 202609, submitted=2, adopted=1, decided=1, first_pass=1, points=500),
        figures(school, "教务处", 202610, submitted=1, adopted=1, decided=2, deductions=-200),
        figures(school, "学生处", 202610, submitted=2),
    ]


def test_one_month_and_one_department_alone(school: School) -> None:
    board = Board(Months(202610, 202610), department_id=school.cast.contributor.department_id)

    assert kpi.by_department_and_month(school.session, school.actor(), board) == [
        figures(school, "教务处", 202610, submitted=1, adopted=1, decided=2, deductions=-200),
    ]


def test_an_approval_taken_back_for_a_change_counts_once_when_it_is_given_again(school: School) -> None:
    item = school.item(school.cast.outsider, on(9, 1), S.APPROVED)
    school.step(item, Action.APPROVE, S.FINAL_REVIEW, S.APPROVED, on(9, 2))
    school.step(item, Action.ADJUST, S.APPROVED, S.FIRST_REVIEW, on(9, 3))
    school.step(item, Action.PASS, S.FIRST_REVIEW, S.FINAL_REVIEW, on(10, 4))
    school.step(item, Action.APPROVE, S.FINAL_REVIEW, S.APPROVED, on(10, 5))
    board = Board(AUTUMN, department_id=school.cast.outsider.department_id)

    assert kpi.by_department_and_month(school.session, school.actor(), board) == [
        figures(school, "学生处", 202609, submitted=1, decided=1, first_pass=1),
        figures(school, "学生处", 202610, submitted=2, adopted=1),
    ]


def to_the_second(lines: Sequence[StageHours]) -> list[StageHours]:
    return [replace(line, hours=round(line.hours, 4)) for line in lines]


def test_the_median_of_each_stage_leaves_out_authors_and_adjustments_on_the_spot(school: School) -> None:
    assert to_the_second(kpi.median_hours(school.session, school.actor(), Board(AUTUMN))) == [
        StageHours(S.DEPARTMENT_REVIEW, 4, 3),  # 2, 4, 6
        StageHours(S.FIRST_REVIEW, 6, 4),  # 3, 4, 8, 10
        StageHours(S.FINAL_REVIEW, 3, 2),  # 1, 5
    ]


def test_the_median_by_month_and_by_department(school: School) -> None:
    ours = school.cast.contributor.department_id
    by_month = kpi.median_hours(school.session, school.actor(), Board(AUTUMN), by="month")
    by_department = kpi.median_hours(school.session, school.actor(), Board(AUTUMN), by="department")

    assert [line for line in to_the_second(by_month) if line.stage is S.FIRST_REVIEW] == [
        StageHours(S.FIRST_REVIEW, 4, 1, period=202609),
        StageHours(S.FIRST_REVIEW, 8, 3, period=202610),
    ]
    assert [line for line in to_the_second(by_department) if line.stage is S.FINAL_REVIEW] == [
        StageHours(S.FINAL_REVIEW, 3, 2, department_id=ours)
    ]


@pytest.mark.parametrize("name", ["leader", "reviewer", "approver", "supervisor", "head"])
def test_every_figure_opens_exactly_the_rows_it_counts(school: School, name: str) -> None:
    actor = school.actor(name)
    cells = kpi.by_department_and_month(school.session, actor, Board(AUTUMN))
    assert cells != []

    for cell in cells:
        board = Board(Months(cell.period, cell.period), department_id=cell.department_id)
        behind = {figure: kpi.rows_behind(school.session, actor, figure, board) for figure in Figure}
        assert {figure: behind[figure].total for figure in kpi.COUNTS} == {
            figure: getattr(cell, figure.value) for figure in kpi.COUNTS
        }
        assert {figure: sum(row.value or 0 for row in behind[figure].lines) for figure in kpi.SUMS} == {
            figure: getattr(cell, figure.value) for figure in kpi.SUMS
        }


def test_a_row_behind_names_its_item_and_its_reason(school: School) -> None:
    [row] = kpi.rows_behind(school.session, school.actor(), Figure.DEDUCTIONS, Board(AUTUMN)).lines

    assert (row.at, row.department, row.note, row.value) == (on(10, 8), "教务处", "公式", -200)
    assert row.title.startswith("稿件")


def test_the_hours_of_one_stage_open_the_items_behind_them(school: School) -> None:
    rows = kpi.rows_behind(school.session, school.actor(), Figure.HOURS, Board(AUTUMN), stage=S.FIRST_REVIEW)

    assert [(row.stage, round(row.value or 0, 4)) for row in rows.lines] == [
        (S.FIRST_REVIEW, hours) for hours in (8, 3, 10, 4)
    ]


def test_a_head_sees_the_own_department_only_and_others_nothing(school: School) -> None:
    def departments(name: str) -> set[str]:
        cells = kpi.by_department_and_month(school.session, school.actor(name), Board(AUTUMN))
        return {cell.department for cell in cells}

    assert {name: departments(name) for name in vars(school.cast)} == {
        "contributor": set(),
        "head": {"教务处"},
        "reviewer": {"教务处", "学生处"},
        "second_reviewer": {"教务处", "学生处"},
        "approver": {"教务处", "学生处"},
        "publisher": set(),
        "supervisor": {"教务处", "学生处"},
        "leader": {"教务处", "学生处"},
        "admin": set(),
        "outsider": set(),
    }


def test_a_head_does_not_open_another_department_by_asking_for_it(school: School) -> None:
    board = Board(AUTUMN, department_id=school.cast.outsider.department_id)

    assert kpi.rows_behind(school.session, school.actor("head"), Figure.SUBMITTED, board).total == 0


def test_the_rows_come_page_by_page(school: School) -> None:
    for _ in range(kpi.PAGE_SIZE):
        school.item(school.cast.outsider, on(10, 9), S.FIRST_REVIEW)
    pages = [
        kpi.rows_behind(school.session, school.actor(), Figure.SUBMITTED, Board(AUTUMN), page=number)
        for number in (1, 2)
    ]

    assert [(len(page.lines), page.total, page.pages) for page in pages] == [(50, 55, 2), (5, 55, 2)]
