"""数据看板: what is asked about, the figures of the month, four charts, and the rows behind each of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Literal

import streamlit as st

from models import Vocabulary
from services.queries import kpi, people
from services.queries.kpi import Board, Figure, MonthFigures, StageHours
from services.queries.sessions import SignedInPerson
from services.rules import scoring
from services.rules.months import Months, ending, month_label, shifted
from services.rules.office_time import period_of
from services.rules.permissions import Capability
from ui import charts, figure_rows, runtime, wording
from ui.charts import Bar, Group, Grouping, Look, Totals

MONTHS_OFFERED = 24
MONTHS_SHOWN = 6
EVERY_DEPARTMENT = "全部部门"
FRESH = 60
"""Seconds for which figures are good enough; a person who looks twice should not wait twice."""


# --- What is asked about ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Question:
    """The board, what its bars stand for, and the moment it is asked."""

    board: Board
    by: Grouping
    now: datetime


def choose(user: SignedInPerson) -> Question:
    """The choices above the charts; they stand in the address, so that a board can be sent to somebody."""
    now = runtime.current().now()
    offered = {month_label(each): each for each in reversed(list(ending(period_of(now), MONTHS_OFFERED)))}
    with st.container(horizontal=True, vertical_alignment="top", key="board"):
        first = offered[_month("从", list(offered), "from", default=MONTHS_SHOWN - 1)]
        last = offered[_month("到", list(offered), "to", default=0)]
        department_id = _choose_department(user)
        by = _choose_grouping()
    months = Months(min(first, last), max(first, last))
    # To the minute, so that figures asked for within it are the same ones.
    return Question(Board(months, department_id, now.replace(second=0, microsecond=0)), by, now)


def _month(label: str, offered: Sequence[str], key: str, *, default: int) -> str:
    return st.selectbox(label, offered, index=default, key=key, bind="query-params", width=140)


def _choose_department(user: SignedInPerson) -> int | None:
    if not user.may(Capability.READ_CHARTS):
        st.selectbox("部门", [user.department], disabled=True, key="own_department", width=180)
        return user.department_id
    with runtime.reading() as db:
        names = {name: id_ for id_, name in people.department_names(db).items()}
    chosen = st.selectbox(
        "部门",
        [EVERY_DEPARTMENT, *names],
        key="department",
        bind="query-params",
        width=180,
    )
    return names.get(chosen)


def _choose_grouping() -> Grouping:
    words = {each.label: each for each in Grouping}
    chosen = st.segmented_control(
        "分组", list(words), default=Grouping.MONTH.label, required=True, key="by", bind="query-params"
    )
    return words.get(chosen or "", Grouping.MONTH)


# --- What is read ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sight:
    """Whose figures these are, as far as it changes them: of which database, and of which department."""

    database: str
    department_id: int | None


def sight(user: SignedInPerson) -> Sight:
    """What this person may see: everybody's figures, or those of the own department."""
    everything = user.may(Capability.READ_CHARTS)
    return Sight(runtime.current().settings.database, None if everything else user.department_id)


def figures(user: SignedInPerson, board: Board) -> Sequence[MonthFigures]:
    """The cells of a board."""
    return _figures(sight(user), board, _user=user)


@st.cache_data(ttl=FRESH, show_spinner=False)
def _figures(
    sight: Sight,  # noqa: ARG001  # part of the cache's key
    board: Board,
    *,
    _user: SignedInPerson,
) -> Sequence[MonthFigures]:
    with runtime.reading() as db:
        return kpi.by_department_and_month(db, _user, board)


def _hours(user: SignedInPerson, board: Board, by: Grouping) -> Sequence[StageHours]:
    return _median_hours(sight(user), board, "month" if by is Grouping.MONTH else "department", _user=user)


@st.cache_data(ttl=FRESH, show_spinner=False)
def _median_hours(
    sight: Sight,  # noqa: ARG001  # part of the cache's key
    board: Board,
    by: Literal["month", "department"],
    *,
    _user: SignedInPerson,
) -> Sequence[StageHours]:
    with runtime.reading() as db:
        return kpi.median_hours(db, _user, board, by=by)


# --- The month -------------------------------------------------------------------------------------------


class Headline(Vocabulary):
    """The figures on top; each opens the rows above its line."""

    SUBMITTED = "submitted", "投稿"
    ADOPTED = "adopted", "采用"
    ADOPTION_RATE = "adoption_rate", "采用率"
    FIRST_PASS_RATE = "first_pass_rate", "一次通过率"
    POINTS = "points", "得分"
    DEDUCTIONS = "deductions", "扣分"
    UNSYNCHRONISED = "unsynchronised", "官网未同步"


def draw(user: SignedInPerson, question: Question) -> None:
    """The whole board."""
    months = question.board.months
    before = shifted(months.last, -1)
    cells = figures(user, replace(question.board, months=Months(min(months.first, before), months.last)))
    shown = [each for each in cells if each.period >= months.first]
    if not shown:
        st.info(
            "还没有数据：稿件提交后，这里会出现每月的投稿、采用、审核用时和得分。也可以换一段时间或部门再看。",
            icon=":material/bar_chart:",
        )
        return
    _headlines(user, question, cells)
    _charts(user, question, charts.groups(shown, question.board, question.by))


def _headlines(user: SignedInPerson, question: Question, cells: Sequence[MonthFigures]) -> None:
    """The last month of the board, compared with the one before it."""
    last = question.board.months.last
    now, before = (
        charts.total(each for each in cells if each.period == period) for period in (last, shifted(last, -1))
    )
    running = last == period_of(question.now)
    until = f"，截至 {wording.moment(question.now)}；与上月整月比较" if running else "；与上月比较"
    st.markdown(f"**{month_label(last)}**:gray[{until}]")
    with st.container(key="headlines"):
        for each in Headline:
            # As it should be, it is not worth a place.
            if each is not Headline.UNSYNCHRONISED or now.unsynchronised or before.unsynchronised:
                _metric(each, now, before)
    _rows_of_headline(user, replace(question.board, months=Months(last, last)))


def _metric(headline: Headline, now: Totals, before: Totals) -> None:
    present: float | None = getattr(now, headline.value)
    earlier: float | None = getattr(before, headline.value)
    change = _change(headline, present, earlier)
    moved = present is not None and earlier is not None and present != earlier
    colour: Literal["normal", "inverse", "off"] = "off"
    if moved:
        # More of these is worse.
        colour = "inverse" if headline is Headline.UNSYNCHRONISED else "normal"
    st.metric(
        headline.label,
        _in_words(headline, present),
        change,
        delta_color=colour,
        delta_arrow="auto" if moved else "off",
        border=True,
        help=EXPLAINED.get(headline),
    )


EXPLAINED = {Headline.UNSYNCHRONISED: "公众号推送后 24 小时内没有同步到网站的（制度 3.1），记在推送当月；补发的也算。"}


def _in_words(headline: Headline, value: float | None) -> str:
    if value is None:
        return "—"
    if headline in {Headline.ADOPTION_RATE, Headline.FIRST_PASS_RATE}:
        return charts.percent(value)
    if headline in {Headline.POINTS, Headline.DEDUCTIONS}:
        return scoring.points_text(round(value))
    return f"{value:.0f}"


def _change(headline: Headline, now: float | None, before: float | None) -> str:
    if now is None:
        return "当月没有"
    if before is None:
        return "上月没有"
    if now == before:
        return "持平"
    if headline in {Headline.ADOPTION_RATE, Headline.FIRST_PASS_RATE}:
        return f"{round((now - before) * 100):+d} 个百分点"
    difference = scoring.points_text(round((now - before) * (1 if _is_points(headline) else 100)))
    return difference if difference.startswith("-") else f"+{difference}"


def _is_points(headline: Headline) -> bool:
    return headline in {Headline.POINTS, Headline.DEDUCTIONS}


BEHIND = {
    Headline.SUBMITTED.label: Figure.SUBMITTED,
    Headline.ADOPTED.label: Figure.ADOPTED,
    Figure.DECIDED.label: Figure.DECIDED,
    Figure.FIRST_PASS.label: Figure.FIRST_PASS,
    Headline.POINTS.label: Figure.POINTS,
    Headline.DEDUCTIONS.label: Figure.DEDUCTIONS,
    Headline.UNSYNCHRONISED.label: Figure.UNSYNCHRONISED,
}
"""What can be opened below the figures: both sides of every rate."""


def _rows_of_headline(user: SignedInPerson, board: Board) -> None:
    chosen = st.segmented_control("查看明细", list(BEHIND), key="figure", bind="query-params")
    if chosen in BEHIND:
        heading = f"{month_label(board.months.last)} {chosen}"
        figure_rows.draw(user, BEHIND[chosen], board, heading=heading, key="headline_rows")


# --- The charts ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Panel:
    """One chart with its name and how its figures are made."""

    name: str
    title: str
    formula: str
    look: Look


COUNTS = Panel(
    "counts",
    "投稿与采用（篇）",
    "投稿按首次提交计，采用按最后一次终审通过计，通过后又撤回的不算。",
    Look(axis="d", smallest_step=1),
)
SHARES = Panel(
    "shares",
    "采用率与一次通过率",
    "采用率 = 采用 ÷ 投稿，跨月通过的计入通过当月，单月可能超过 100%；一次通过率 = 首次审核即通过 ÷ 宣传部首次审核。",
    Look(axis="%", line=True),
)
HOURS = Panel(
    "hours",
    "各环节审核用时（小时，中位数）",
    "从进入环节到办理完毕的自然小时数，取中位数；作者修改的时间不计。",
    Look(axis=",~f"),
)
POINTS = Panel(
    "points",
    "得分与扣分（分）",
    "得分记在发布当月，扣分记在认定当月，申诉成立的退还；每一分都有一行依据。",
    Look(axis=",~f", beside=False),
)


def _charts(user: SignedInPerson, question: Question, drawn: Sequence[Group]) -> None:
    left, right = st.columns(2, gap="medium")
    with left:
        _panel(user, question, COUNTS, charts.counts(drawn))
    with right:
        _panel(user, question, SHARES, charts.shares(drawn), also=charts.denominators(drawn))
    left, right = st.columns(2, gap="medium")
    with left:
        _panel(user, question, HOURS, charts.hours(_hours(user, question.board, question.by), drawn))
    with right:
        _panel(user, question, POINTS, charts.points(drawn))


def _panel(
    user: SignedInPerson, question: Question, panel: Panel, bars: Sequence[Bar], *, also: Sequence[Bar] = ()
) -> None:
    """A chart, its formula and cut-off, and the rows of what was chosen in it."""
    chosen = {each.name: each for each in (*bars, *also) if each.value}
    with st.container(border=True, height="stretch", key=f"chart-{panel.name}"):
        st.markdown(f"**{panel.title}**")
        if not chosen:
            st.caption("这段时间还没有数据。")
            return
        picker = f"pick-{panel.name}-{_told(question)}"
        _draw_chart(question, panel, bars, picker, chosen)
        until = wording.moment(question.now)
        st.caption(f":small[{panel.formula}按北京时间自然月，截至 {until}。]")
        picked = _pick(picker, chosen)
        if picked is not None:
            key = f"{panel.name}_rows"
            figure_rows.draw(user, picked.figure, picked.board, heading=picked.name, key=key, stage=picked.stage)


def _draw_chart(question: Question, panel: Panel, bars: Sequence[Bar], picker: str, chosen: Mapping[str, Bar]) -> None:
    key = f"drawn-{panel.name}-{_told(question)}"
    st.altair_chart(
        charts.draw(bars, by=question.by, look=panel.look, palette=_palette()),
        key=key,
        on_select=partial(_take_over, key, picker, chosen),
        selection_mode=charts.PICKED,
        width="stretch",
        alt=f"{panel.title}：{'；'.join(f'{each.name} {each.shown}' for each in bars)}",
    )


def _pick(picker: str, chosen: Mapping[str, Bar]) -> Bar | None:
    name = st.selectbox(
        "查看明细",
        list(chosen),
        index=None,
        format_func=lambda each: f"{each}　{chosen[each].shown}",
        placeholder="点一下图形，或在这里选一项，查看每一行",
        key=picker,
        label_visibility="collapsed",
    )
    return chosen[name] if name is not None else None


def _told(question: Question) -> str:
    months = question.board.months
    return f"{months.first}-{months.last}-{question.board.department_id or 'all'}-{question.by.value}"


def _take_over(chart: str, picker: str, chosen: Mapping[str, Bar]) -> None:
    """A click on a bar chooses it in the list below the chart."""
    points = st.session_state[chart].selection.get(charts.PICKED, [])
    name = f"{points[0]['group']} · {points[0]['series']}" if points else ""
    st.session_state[picker] = name if name in chosen else None


def _palette() -> Sequence[str]:
    colours: Sequence[str] = st.get_option("theme.chartCategoricalColors")
    return colours
