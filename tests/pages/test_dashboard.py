"""数据看板: whose figures each person reads, that they are the query's, and that each opens its rows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from models import (
    Action,
    Discovery,
    PublicationState,
    Revision,
    Severity,
    Submission,
    Target,
    ViolationAction,
    ViolationKind,
)
from services import submissions, violations
from services.queries import kpi
from services.queries.kpi import Board, Figure
from services.rules.months import Months
from services.rules.office_time import office_day
from tests import factories
from tests.desk import AppAs, Desk
from ui import charts

PAGE = "../pages/dashboard.py"
DECEMBER = Months(202612, 202612)
HALF_YEAR = Months(202607, 202612)  # the six months the board shows unasked


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    """Figures are kept for a minute; tests change them faster."""
    st.cache_data.clear()
    yield
    st.cache_data.clear()


@pytest.fixture
def busy(desk: Desk) -> Desk:
    """教务处: one item of November published in December, one returned; 学生处: one handed in, and a violation that
    cost 5 points. It is the morning of 23 December.
    """
    office = desk.office
    published = office.approved(title="上月的稿件")
    office.later(days=28)
    with office.as_system() as work:
        submissions.release(work, submission_id=published)
    returned = office.submitted(title="退回的稿件")
    office.perform("张处长", Action.SIGN_OFF, returned)
    office.later(hours=5)
    office.perform("老李", Action.RETURN, returned, "请补充时间")
    theirs = office.draft(author="小吴", title="学生处的稿件")
    office.hand_in(theirs, author="小吴")
    _deduct(desk)
    office.later(days=1, hours=19)
    return desk


def _deduct(desk: Desk) -> None:
    with desk.office.acting_as("老李") as work:
        case = violations.record(
            work,
            kind=ViolationKind.COPYRIGHT,
            severity=Severity.MAJOR,
            department_id=desk.office.departments["学生处"],
            clause="3.2",
            facts="封面图片没有授权",
            happened_on=office_day(work.now),
            discovery=Discovery.INSPECTION,
        )
    for who, action in (("老李", ViolationAction.INVESTIGATE), ("孙老师", ViolationAction.DECIDE)):
        with desk.office.acting_as(who) as work:
            version = work.session.get_one(type(case), case.id).version
            violations.perform(work, action, violation_id=case.id or 0, seen_version=version, comment="属实")


def open_board(app_as: AppAs, who: str) -> AppTest:
    return app_as(who).run().switch_page(PAGE).run()


def headlines(app: AppTest) -> dict[str, tuple[str, str]]:
    return {each.label: (each.value, each.delta) for each in app.metric}


def charts_drawn(app: AppTest) -> list[dict[str, Any]]:
    return [json.loads(each.proto.spec) for each in app.main.get("vega_lite_chart")]


def said(app: AppTest) -> list[str]:
    return [element.value for element in (*app.main.markdown, *app.main.caption)]


def links(app: AppTest) -> list[tuple[str, str, str]]:
    """The links of the page itself: label, page and address."""
    found = app.main.get("page_link")
    return [(each.proto.label, each.proto.page, each.proto.query_string) for each in found]


def pickers(app: AppTest) -> dict[str, Any]:
    """The pickers below the charts by the chart's name."""
    return {str(each.key).split("-")[1]: each for each in app.main.selectbox if str(each.key).startswith("pick-")}


# --- Whose figures ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["小王", "小赵", "小林", "小吴"])
def test_those_who_answer_for_no_figures_have_no_board(app_as: AppAs, who: str) -> None:
    app = open_board(app_as, who)

    assert [each.value for each in app.error] == [
        "您的角色不能打开“数据看板”。如果工作需要，请联系系统管理员为您添加角色。"
    ]
    assert headlines(app) == {}


@pytest.mark.parametrize("who", ["老李", "陈部长", "孙老师", "徐校长"])
def test_who_reads_the_charts_reads_those_of_the_whole_school(busy: Desk, app_as: AppAs, who: str) -> None:  # noqa: ARG001  # the school must be there
    assert headlines(open_board(app_as, who)) == {
        "投稿": ("2", "+1"),
        "采用": ("0", "-1"),
        "采用率": ("0%", "-100 个百分点"),
        "一次通过率": ("0%", "-100 个百分点"),
        "得分": ("5", "+5"),
        "扣分": ("-5", "-5"),
    }


def test_a_page_missing_on_the_web_is_counted_and_opens_its_item(busy: Desk, app_as: AppAs) -> None:
    item = busy.office.approved(title="只发了公众号的稿件")
    pushed = busy.office.now
    with busy.office.as_system() as work:
        revision = work.session.get_one(Revision, work.session.get_one(Submission, item).sealed_revision_id)
        factories.publication(
            work.session, revision, target=Target.WECHAT, state=PublicationState.LIVE, settled_at=pushed
        )
    busy.office.later(hours=25)

    app = choose(open_board(app_as, "徐校长"), figure="官网未同步")

    assert headlines(app)["官网未同步"] == ("1", "+1")
    assert "2026-12-23 09:00 · 教务处 · 网站至今没有" in said(app)


def test_a_head_reads_the_own_department_only(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    ours, theirs = (headlines(open_board(app_as, who)) for who in ("张处长", "黄处长"))

    assert (ours["投稿"], ours["得分"], ours["扣分"]) == (("1", "持平"), ("5", "+5"), ("0", "持平"))
    assert (theirs["投稿"], theirs["得分"], theirs["扣分"]) == (("1", "+1"), ("0", "持平"), ("-5", "-5"))


def test_a_head_is_offered_no_other_department(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = open_board(app_as, "黄处长")

    own = app.selectbox(key="own_department")
    assert (own.value, list(own.options), own.disabled) == ("学生处", ["学生处"], True)
    assert "department" not in {each.key for each in app.main.selectbox}


def test_what_one_person_read_is_not_what_the_next_one_sees(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    seen = [headlines(open_board(app_as, who))["投稿"][0] for who in ("徐校长", "张处长", "徐校长")]

    assert seen == ["2", "1", "2"]


def test_the_figures_are_the_querys(busy: Desk, app_as: AppAs) -> None:
    with busy.runtime.reading() as session:
        cells = kpi.by_department_and_month(session, busy.user("徐校长"), Board(HALF_YEAR))
    expected = charts.counts(charts.groups(cells, Board(HALF_YEAR), charts.Grouping.MONTH))

    app = open_board(app_as, "徐校长")

    assert list(pickers(app)["counts"].options) == [f"{bar.name}　{bar.shown}" for bar in expected if bar.value]
    assert list(pickers(app)["counts"].options) == [
        "11月 · 投稿　1 篇",
        "11月 · 采用　1 篇",
        "12月 · 投稿　2 篇",
    ]


# --- What is asked about ---------------------------------------------------------------------------------


def test_an_empty_board_says_what_will_appear_there(desk: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # the school must be there
    app = open_board(app_as, "徐校长")

    assert [each.value for each in app.main.info] == [
        "还没有数据：稿件提交后，这里会出现每月的投稿、采用、审核用时和得分。也可以换一段时间或部门再看。"
    ]
    assert (charts_drawn(app), headlines(app)) == ([], {})


def choose(app: AppTest, **chosen: str) -> AppTest:
    for name, value in chosen.items():
        widget = app.segmented_control(key=name) if name in {"by", "figure"} else app.selectbox(key=name)
        widget.set_value(value)
    return app.run()


def test_months_department_and_grouping_choose_what_is_counted(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = open_board(app_as, "徐校长")

    choose(app, **{"from": "2026年11月", "to": "2026年11月", "department": "教务处", "by": "按部门"})

    assert headlines(app)["投稿"] == ("1", "+1")
    assert list(pickers(app)["counts"].options) == ["教务处 · 投稿　1 篇", "教务处 · 采用　1 篇"]


def test_what_was_chosen_stands_in_the_address(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = open_board(app_as, "徐校长")

    bound = [each.proto.query_param_key for each in (*app.main.selectbox, *app.main.segmented_control)]
    assert [each for each in bound if each] == ["from", "to", "department", "by", "figure"]


def test_months_the_wrong_way_round_are_read_as_meant(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = choose(open_board(app_as, "徐校长"), **{"from": "2026年12月", "to": "2026年11月"})

    assert headlines(app)["投稿"] == ("2", "+1")


def test_a_rate_without_anything_to_compare_says_which_month_has_none(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    seen = headlines(open_board(app_as, "黄处长"))

    assert {name: seen[name] for name in ("采用率", "一次通过率")} == {
        "采用率": ("0%", "上月没有"),
        "一次通过率": ("—", "当月没有"),
    }


def test_a_month_under_way_says_how_far_it_goes(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    running = said(open_board(app_as, "徐校长"))
    over = said(choose(open_board(app_as, "徐校长"), to="2026年11月"))

    assert "**2026年12月**:gray[，截至 2026-12-23 09:00；与上月整月比较]" in running
    assert "**2026年11月**:gray[；与上月比较]" in over


def test_every_chart_names_its_formula_and_its_cut_off(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = open_board(app_as, "徐校长")

    formulas = [each for each in said(app) if "按北京时间自然月，截至 2026-12-23 09:00" in each]
    assert (len(charts_drawn(app)), len(formulas)) == (4, 4)


# --- The rows behind -------------------------------------------------------------------------------------


def test_a_figure_on_top_opens_its_rows(busy: Desk, app_as: AppAs) -> None:
    app = open_board(app_as, "徐校长")

    app.segmented_control(key="figure").set_value("投稿").run()

    with busy.runtime.reading() as session:
        behind = kpi.rows_behind(session, busy.user("徐校长"), Figure.SUBMITTED, Board(DECEMBER)).lines
    assert "**2026年12月 投稿**　:gray[2 行，最近的在前]" in said(app)
    assert [label for label, *_ in links(app)] == ["学生处的稿件", "退回的稿件"]
    assert [query for *_, query in links(app)] == [f"id={row.submission_id}" for row in behind]


def test_a_deduction_opens_its_case(busy: Desk, app_as: AppAs) -> None:
    app = choose(open_board(app_as, "徐校长"), figure="扣分")

    with busy.runtime.reading() as session:
        [row] = kpi.rows_behind(session, busy.user("徐校长"), Figure.DEDUCTIONS, Board(DECEMBER)).lines
    assert links(app) == [("封面图片没有授权", "violation", f"id={row.violation_id}")]
    assert any("违规扣分：较重 -5 分" in each for each in said(app))


@pytest.mark.parametrize(
    ("chart", "bar", "titles"),
    [
        ("counts", "11月 · 采用", ["上月的稿件"]),
        ("shares", "11月 · 一次通过率", ["上月的稿件"]),
        ("shares", "12月 · 首次审核", ["退回的稿件"]),
        ("hours", "12月 · 初审", ["退回的稿件"]),
        ("points", "12月 · 得分", ["上月的稿件"]),
        ("points", "12月 · 扣分", ["封面图片没有授权"]),
    ],
)
def test_every_bar_opens_the_rows_it_counts(
    busy: Desk,  # noqa: ARG001  # as above
    app_as: AppAs,
    chart: str,
    bar: str,
    titles: list[str],
) -> None:
    app = open_board(app_as, "徐校长")

    pickers(app)[chart].set_value(bar).run()

    assert [label for label, *_ in links(app)] == titles


def test_an_hour_row_says_its_stage_and_its_hours(busy: Desk, app_as: AppAs) -> None:  # noqa: ARG001  # as above
    app = open_board(app_as, "徐校长")

    pickers(app)["hours"].set_value("12月 · 初审").run()

    assert "2026-12-21 14:00 · 教务处 · 宣传部初审 · 5 小时" in said(app)
