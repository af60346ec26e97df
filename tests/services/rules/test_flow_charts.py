"""The help pictures: every step of every table is in them, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from models import RequestState, SubmissionState, Vocabulary
from services.rules import account_life, account_requests, annual_review, flow_charts, violation_cases, workflow
from services.rules.flow_charts import FlowChart, Row

TABLES: dict[str, tuple[FlowChart, Iterable[Row]]] = {
    "submission": (flow_charts.of_submission(), workflow.TRANSITIONS),
    "account": (flow_charts.of_account(), account_life.LIFE),
    "request": (flow_charts.of_request(), account_requests.REQUEST_STEPS),
    "annual review": (flow_charts.of_annual_review(), annual_review.REVIEW_STEPS),
    "violation": (flow_charts.of_violation(), violation_cases.CASE_STEPS),
}

MAIN_LINES = {
    "submission": "草稿 部门审签 宣传部初审 宣传部复审 宣传部终审 分管校领导审批 已通过，待发布 已发布 已归档",
    "account": "申请中 同意开通，待注册 已注册，待备案 正常运行 注销中 已注销",
    "request": "单位审核 宣传部审核 分管校领导审批 已批准",
    "annual review": "未开始 已自查 单位已确认 合格",
}


@pytest.mark.parametrize("name", list(TABLES))
def test_each_step_of_the_table_appears_once_where_it_starts(name: str) -> None:
    chart, rows = TABLES[name]

    drawn = [(stop.state, action) for stop in chart.stops for action in {arrow.action for arrow in stop.arrows}]

    assert sorted(drawn) == sorted((source, row.action) for row in rows for source in row.sources)


@pytest.mark.parametrize("name", list(TABLES))
def test_each_step_that_names_its_target_leads_there(name: str) -> None:
    chart, rows = TABLES[name]
    drawn = {(stop.state, arrow.action): arrow.target for stop in chart.stops for arrow in stop.arrows}

    for row in rows:
        if isinstance(row.target, Vocabulary):
            assert {drawn[source, row.action] for source in row.sources} == {row.target}


@pytest.mark.parametrize("name", list(MAIN_LINES))
def test_main_line_is_what_usually_happens(name: str) -> None:
    assert " ".join(stop.state.label for stop in TABLES[name][0].line) == MAIN_LINES[name]


def test_picture_of_an_item_shows_its_own_route() -> None:
    chart = flow_charts.of_submission(["first_review", "final_review"])
    unsent = flow_charts.of_submission([])

    assert [stop.state.value for stop in chart.line] == [
        "draft",
        "first_review",
        "final_review",
        "approved",
        "published",
        "archived",
    ]
    assert [stop.state for stop in unsent.line[1:4]] == list(workflow.DEFAULT_ROUTE)


def test_request_that_does_not_need_the_leader_ends_with_the_office() -> None:
    chart = flow_charts.of_request(needs_leader=False)

    assert [stop.state for stop in chart.line] == [RequestState.DEPARTMENT, RequestState.OFFICE, RequestState.GRANTED]


def test_stages_name_who_holds_them() -> None:
    holders = {stop.state: stop.holders for stop in flow_charts.of_submission().line if stop.holders}

    assert holders == {
        SubmissionState.DEPARTMENT_REVIEW: ("部门负责人",),
        SubmissionState.FIRST_REVIEW: ("审核员",),
        SubmissionState.SECOND_REVIEW: ("审核员",),
        SubmissionState.FINAL_REVIEW: ("终审人",),
        SubmissionState.LEADER_REVIEW: ("校领导",),
    }
