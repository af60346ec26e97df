"""The charts of the board: every bar knows which rows it counts. Data in, Altair out; nothing is read here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import pandas as pd

from models import REVIEW_STAGES, SubmissionState, Vocabulary
from services.queries.kpi import Board, Figure, MonthFigures, StageHours
from services.rules import rates, scoring
from services.rules.months import Months

PICKED = "picked"
"""The name of the selection a click on a bar makes."""

ADOPTION, FIRST_PASS = "采用率", "一次通过率"


def stage_name(stage: SubmissionState) -> str:
    """A stage as it stands in a legend, which has little room on a phone."""
    return stage.label.removeprefix("宣传部")


PALETTE = {
    Figure.SUBMITTED.label: 5,
    Figure.ADOPTED.label: 1,
    ADOPTION: 1,
    FIRST_PASS: 2,
    Figure.POINTS.label: 3,
    Figure.DEDUCTIONS.label: 0,
    **{stage_name(stage): place for place, stage in enumerate(REVIEW_STAGES, start=1)},
}
"""Which of the theme's colours a series has, on every chart the same; the school's red is kept for deductions."""


class Grouping(Vocabulary):
    """What the bars stand for."""

    MONTH = "month", "按月"
    DEPARTMENT = "department", "按部门"


# --- What is drawn ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bar:
    """One mark of a chart: its place, its height, its height in words, and the rows it counts."""

    group: str
    series: str
    value: float
    shown: str
    figure: Figure
    board: Board
    stage: SubmissionState | None = None

    @property
    def name(self) -> str:
        """How the bar is called where it is chosen."""
        return f"{self.group} · {self.series}"


@dataclass(frozen=True)
class Totals:
    """The sum of some departments' months. Points are hundredths; `deductions` is negative or 0."""

    submitted: int = 0
    adopted: int = 0
    decided: int = 0
    first_pass: int = 0
    points: int = 0
    deductions: int = 0
    unsynchronised: int = 0

    @property
    def adoption_rate(self) -> float | None:
        return rates.adoption_rate(adopted=self.adopted, submitted=self.submitted)

    @property
    def first_pass_rate(self) -> float | None:
        return rates.first_pass_rate(first_pass=self.first_pass, decided=self.decided)


def total(cells: Iterable[MonthFigures]) -> Totals:
    """Everything in these cells together."""
    kept = list(cells)
    return Totals(**{name: sum(getattr(each, name) for each in kept) for name in Totals.__dataclass_fields__})


@dataclass(frozen=True)
class Group:
    """One month or one department of a board; `key` is the month or the department's id."""

    key: int
    label: str
    board: Board
    totals: Totals


def groups(cells: Sequence[MonthFigures], board: Board, by: Grouping) -> list[Group]:
    """Every month of the board, also the empty ones; or every department in which anything happened."""
    if by is Grouping.MONTH:
        return [
            Group(
                period,
                short_month(period, board.months),
                Board(Months(period, period), board.department_id),
                total(each for each in cells if each.period == period),
            )
            for period in board.months
        ]
    names = {each.department_id: each.department for each in cells}
    return [
        Group(id_, name, Board(board.months, id_), total(each for each in cells if each.department_id == id_))
        for id_, name in sorted(names.items())
    ]


def short_month(period: int, months: Months) -> str:
    """A month on an axis: 6月 within a year, 25年6月 where it would be ambiguous."""
    year, month = divmod(period, 100)
    return f"{month}月" if len(list(months)) <= 12 else f"{year % 100}年{month}月"


def counts(drawn: Sequence[Group]) -> list[Bar]:
    """投稿 beside 采用."""
    return [_count(each, figure) for each in drawn for figure in (Figure.SUBMITTED, Figure.ADOPTED)]


def denominators(drawn: Sequence[Group]) -> list[Bar]:
    """What the rates are shares of; chosen by name, not drawn."""
    return [_count(each, figure) for each in drawn for figure in (Figure.SUBMITTED, Figure.DECIDED)]


def _count(group: Group, figure: Figure) -> Bar:
    number: int = getattr(group.totals, figure.value)
    return Bar(group.label, figure.label, number, f"{number} 篇", figure, group.board)


def shares(drawn: Sequence[Group]) -> list[Bar]:
    """采用率 and 一次通过率; a group without any is left out. A share opens the rows above its line."""
    bars = []
    for each in drawn:
        sums = each.totals
        for series, rate, part, whole, figure in (
            (ADOPTION, sums.adoption_rate, sums.adopted, sums.submitted, Figure.ADOPTED),
            (FIRST_PASS, sums.first_pass_rate, sums.first_pass, sums.decided, Figure.FIRST_PASS),
        ):
            if rate is not None:
                shown = f"{percent(rate)}（{part} ÷ {whole}）"
                bars.append(Bar(each.label, series, rate, shown, figure, each.board))
    return bars


def percent(rate: float) -> str:
    """A rate as it is written: 67%."""
    return f"{rate:.0%}"


def points(drawn: Sequence[Group]) -> list[Bar]:
    """得分 above the line, 扣分 below it."""
    return [
        Bar(each.label, figure.label, number / 100, f"{scoring.points_text(number)} 分", figure, each.board)
        for each in drawn
        for figure, number in (
            (Figure.POINTS, each.totals.points),
            (Figure.DEDUCTIONS, each.totals.deductions),
        )
    ]


def hours(lines: Sequence[StageHours], drawn: Sequence[Group]) -> list[Bar]:
    """The median of each stage in each group."""
    known = {(each.period or each.department_id, each.stage): each for each in lines}
    found = [(group, known.get((group.key, stage))) for group in drawn for stage in REVIEW_STAGES]
    return [
        Bar(
            group.label,
            stage_name(line.stage),
            line.hours,
            f"{duration(line.hours)}（{line.count} 次）",
            Figure.HOURS,
            group.board,
            line.stage,
        )
        for group, line in found
        if line is not None
    ]


def duration(length: float) -> str:
    """Hours as they are written: 0.5 小时, 26 小时."""
    return f"{length:.1f}".removesuffix(".0") + " 小时"


# --- How it is drawn -------------------------------------------------------------------------------------

MONTH_HEIGHT = 300
BAR_THICKNESS = 14
AXIS_ROOM = 110


@dataclass(frozen=True)
class Look:
    """How one chart differs from the others: `axis` is the format of its numbers and `smallest_step` between two
    of them, `beside` sets the series beside each other instead of on one line, `line` joins the months.
    """

    axis: str
    smallest_step: float = 0
    beside: bool = True
    line: bool = False


def draw(bars: Sequence[Bar], *, by: Grouping, look: Look, palette: Sequence[str]) -> alt.Chart:
    """The chart of these bars: months run to the right, departments down, so that their names can be read."""
    places, series = _in_order(each.group for each in bars), _in_order(each.series for each in bars)
    place, length = ("x", "y") if by is Grouping.MONTH else ("y", "x")
    channels: dict[str, Any] = {
        place: _place_axis(place, places),
        length: _length_axis(length, look),
        "color": _colours(series, palette),
        "tooltip": [
            alt.Tooltip("group:N", title=by.label.removeprefix("按")),
            alt.Tooltip("series:N", title="指标"),
            alt.Tooltip("shown:N", title="数值"),
        ],
    }
    if look.beside and not _is_line(look, by):
        offset = alt.XOffset if place == "x" else alt.YOffset
        channels["xOffset" if place == "x" else "yOffset"] = offset("series:N", sort=series)
    picked = alt.selection_point(name=PICKED, fields=["group", "series"])
    channels["opacity"] = alt.condition(picked, alt.value(1), alt.value(0.4))
    height = _height(by, len(places), len(series) if look.beside else 1)
    chart = alt.Chart(_frame(bars), mark=_mark(look, by), height=height).encode(**channels)
    return chart.add_params(picked)


def _is_line(look: Look, by: Grouping) -> bool:
    return look.line and by is Grouping.MONTH


def _mark(look: Look, by: Grouping) -> alt.MarkDef:
    if _is_line(look, by):
        return alt.MarkDef("line", point=alt.OverlayMarkDef(size=70, filled=True), strokeWidth=2)
    return alt.MarkDef("bar", cornerRadiusEnd=2)


def _place_axis(channel: str, places: Sequence[str]) -> alt.X | alt.Y:
    if channel == "x":
        axis = alt.Axis(title=None, labelAngle=0, labelOverlap="greedy", grid=False)
        return alt.X("group:N", sort=list(places), axis=axis)
    return alt.Y(
        "group:N", sort=list(places), axis=alt.Axis(title=None, labelLimit=120, labelOverlap=False, grid=False)
    )


def _length_axis(channel: str, look: Look) -> alt.X | alt.Y:
    axis = alt.Axis(title=None, format=look.axis, tickCount=5, tickMinStep=look.smallest_step)
    if channel == "x":
        return alt.X("value:Q", axis=axis, stack=None)
    return alt.Y("value:Q", axis=axis, stack=None)


def _colours(series: Sequence[str], palette: Sequence[str]) -> alt.Color:
    scale = alt.Scale(domain=list(series), range=[palette[PALETTE[each] % len(palette)] for each in series])
    return alt.Color("series:N", scale=scale, legend=alt.Legend(title=None, orient="top", columns=3))


def _frame(bars: Sequence[Bar]) -> pd.DataFrame:
    return pd.DataFrame(
        [(each.group, each.series, each.value, each.shown) for each in bars],
        columns=["group", "series", "value", "shown"],
    )


def _height(by: Grouping, places: int, beside: int) -> int:
    return MONTH_HEIGHT if by is Grouping.MONTH else AXIS_ROOM + places * (beside + 1) * BAR_THICKNESS


def _in_order(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))
