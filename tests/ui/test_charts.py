"""What the board's charts draw: places, heights, words, colours, and the rows each bar stands for."""

from __future__ import annotations

from typing import Any

import pytest

from models import REVIEW_STAGES, DepartmentKind, SubmissionState
from services.queries.kpi import Board, Figure, MonthFigures, StageHours
from services.rules.months import Months
from ui import charts
from ui.charts import Bar, Grouping, Look, Totals

AUTUMN = Board(Months(202609, 202611))
COLOURS = ["red", "blue", "ochre", "green", "violet", "grey"]
S = SubmissionState


def cell(department_id: int, period: int, **numbers: int) -> MonthFigures:
    name = {1: "教务处", 2: "学生处"}[department_id]
    return MonthFigures(department_id, name, DepartmentKind.ADMIN_DEPARTMENT, period, **numbers)


CELLS = [
    cell(1, 202609, submitted=4, adopted=3, decided=4, first_pass=3, points=1500),
    cell(1, 202611, submitted=2, adopted=1, decided=2, points=500, deductions=-200),
    cell(2, 202609, submitted=1),
]


def drawn(by: Grouping) -> list[charts.Group]:
    return charts.groups(CELLS, AUTUMN, by)


def values(bars: list[Bar]) -> list[tuple[str, str, float, str]]:
    return [(each.group, each.series, each.value, each.shown) for each in bars]


def test_months_are_all_there_also_the_empty_ones() -> None:
    assert [(each.label, each.board, each.totals) for each in drawn(Grouping.MONTH)] == [
        ("9月", Board(Months(202609, 202609)), Totals(5, 3, 4, 3, 1500, 0)),
        ("10月", Board(Months(202610, 202610)), Totals()),
        ("11月", Board(Months(202611, 202611)), Totals(2, 1, 2, 0, 500, -200)),
    ]


def test_departments_add_up_their_months_and_keep_to_the_register() -> None:
    assert [(each.label, each.board, each.totals) for each in drawn(Grouping.DEPARTMENT)] == [
        ("教务处", Board(AUTUMN.months, 1), Totals(6, 4, 6, 3, 2000, -200)),
        ("学生处", Board(AUTUMN.months, 2), Totals(submitted=1)),
    ]


def test_a_month_of_one_department_stays_with_that_department() -> None:
    board = Board(Months(202609, 202609), department_id=1)

    [group] = charts.groups(CELLS[:1], board, Grouping.MONTH)

    assert group.board == board


@pytest.mark.parametrize(("months", "label"), [(Months(202512, 202611), "11月"), (Months(202511, 202611), "26年11月")])
def test_a_month_names_its_year_where_the_name_alone_would_be_two(months: Months, label: str) -> None:
    assert charts.short_month(202611, months) == label


def test_handed_in_stands_beside_adopted() -> None:
    assert values(charts.counts(drawn(Grouping.DEPARTMENT))) == [
        ("教务处", "投稿", 6, "6 篇"),
        ("教务处", "采用", 4, "4 篇"),
        ("学生处", "投稿", 1, "1 篇"),
        ("学生处", "采用", 0, "0 篇"),
    ]


def test_a_rate_says_what_it_divides_and_is_left_out_where_nothing_was_counted() -> None:
    assert values(charts.shares(drawn(Grouping.DEPARTMENT))) == [
        ("教务处", "采用率", 4 / 6, "67%（4 ÷ 6）"),
        ("教务处", "一次通过率", 0.5, "50%（3 ÷ 6）"),
        ("学生处", "采用率", 0, "0%（0 ÷ 1）"),
    ]


def test_a_rate_opens_the_rows_above_its_line() -> None:
    assert [each.figure for each in charts.shares(drawn(Grouping.DEPARTMENT))[:2]] == [
        Figure.ADOPTED,
        Figure.FIRST_PASS,
    ]
    assert [each.figure for each in charts.denominators(drawn(Grouping.DEPARTMENT))[:2]] == [
        Figure.SUBMITTED,
        Figure.DECIDED,
    ]


def test_points_are_shown_in_points_and_deductions_below_zero() -> None:
    assert values(charts.points(drawn(Grouping.MONTH)))[4:] == [
        ("11月", "得分", 5, "5 分"),
        ("11月", "扣分", -2, "-2 分"),
    ]


def test_hours_find_their_month_and_their_stage() -> None:
    lines = [
        StageHours(S.FIRST_REVIEW, 4.25, 3, period=202609),
        StageHours(S.DEPARTMENT_REVIEW, 26, 1, period=202611),
    ]

    bars = charts.hours(lines, drawn(Grouping.MONTH))

    assert values(bars) == [
        ("9月", "初审", 4.25, "4.2 小时（3 次）"),
        ("11月", "部门审签", 26, "26 小时（1 次）"),
    ]
    assert [(each.figure, each.stage, each.board.months.first) for each in bars] == [
        (Figure.HOURS, S.FIRST_REVIEW, 202609),
        (Figure.HOURS, S.DEPARTMENT_REVIEW, 202611),
    ]


def test_hours_find_their_department() -> None:
    lines = [StageHours(S.FINAL_REVIEW, 8, 2, department_id=2)]

    assert values(charts.hours(lines, drawn(Grouping.DEPARTMENT))) == [("学生处", "终审", 8, "8 小时（2 次）")]


# --- The drawing -----------------------------------------------------------------------------------------


def specification(by: Grouping, look: Look) -> dict[str, Any]:
    bars = charts.counts(drawn(by))
    made: dict[str, Any] = charts.draw(bars, by=by, look=look, palette=COLOURS).to_dict()
    return made


def test_months_run_to_the_right_and_departments_down() -> None:
    months = specification(Grouping.MONTH, Look(axis="d"))["encoding"]
    departments = specification(Grouping.DEPARTMENT, Look(axis="d"))["encoding"]

    assert (months["x"]["field"], months["x"]["sort"], months["y"]["field"]) == (
        "group",
        ["9月", "10月", "11月"],
        "value",
    )
    assert (departments["y"]["field"], departments["y"]["sort"], departments["x"]["field"]) == (
        "group",
        ["教务处", "学生处"],
        "value",
    )
    assert ("xOffset" in months, "yOffset" in departments) == (True, True)


def test_a_series_has_its_colour_of_the_theme() -> None:
    scale = specification(Grouping.MONTH, Look(axis="d"))["encoding"]["color"]["scale"]

    assert scale == {"domain": ["投稿", "采用"], "range": ["grey", "blue"]}


def test_every_series_has_a_colour_of_its_own_on_its_chart() -> None:
    together = (
        [Figure.SUBMITTED.label, Figure.ADOPTED.label],
        [charts.ADOPTION, charts.FIRST_PASS],
        [Figure.POINTS.label, Figure.DEDUCTIONS.label],
        [charts.stage_name(each) for each in REVIEW_STAGES],
    )

    assert [len({charts.PALETTE[each] for each in series}) for series in together] == [2, 2, 2, 5]


def test_rates_are_a_line_over_months_and_bars_over_departments() -> None:
    look = Look(axis="%", line=True)

    assert specification(Grouping.MONTH, look)["mark"]["type"] == "line"
    assert specification(Grouping.DEPARTMENT, look)["mark"]["type"] == "bar"


def test_more_departments_make_a_higher_chart_and_months_do_not() -> None:
    more = [*CELLS, MonthFigures(3, "校团委", DepartmentKind.MASS_ORGANISATION, 202609, submitted=1)]

    def height(cells: list[MonthFigures], by: Grouping) -> int:
        bars = charts.counts(charts.groups(cells, AUTUMN, by))
        made: int = charts.draw(bars, by=by, look=Look(axis="d"), palette=COLOURS).to_dict()["height"]
        return made

    assert height(more, Grouping.DEPARTMENT) > height(CELLS, Grouping.DEPARTMENT)
    assert height(more, Grouping.MONTH) == height(CELLS, Grouping.MONTH)


def test_a_click_names_the_bar_by_its_place_and_series() -> None:
    [parameter] = specification(Grouping.MONTH, Look(axis="d"))["params"]

    assert (parameter["name"], parameter["select"]["type"], parameter["select"]["fields"]) == (
        "picked",
        "point",
        ["group", "series"],
    )
    assert [each.name for each in charts.counts(drawn(Grouping.MONTH))][:2] == ["9月 · 投稿", "9月 · 采用"]
