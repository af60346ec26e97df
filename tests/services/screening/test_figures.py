"""Figures that contradict each other are marked; what arithmetic cannot settle is left alone."""

from __future__ import annotations

import time

import pytest

from services.screening.figures import marks_in
from services.screening.folding import read


def found(text: str) -> list[tuple[str, str]]:
    return [(mark.level.value, text[mark.start : mark.end]) for mark in marks_in(text, read(text), field="body")]


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("评出一等奖3项、二等奖5项、三等奖10项，共19项。", "3项、二等奖5项、三等奖10项，共19项"),
        ("收到作品绘画12件、书法8件，合计21件。", "12件、书法8件，合计21件"),
        ("男生五十二人、女生四十八人，共九十八人参加。", "五十二人、女生四十八人，共九十八人"),
        ("共120人参加，其中男生70人、女生60人。", "120人参加，其中男生70人、女生60人"),
        ("共１２０人，其中男生７０人，女生６０人。", "１２０人，其中男生７０人，女生６０人"),
        ("共100人，其中男生40人、女生50人。", "100人，其中男生40人、女生50人"),
        ("本次共评选18项，其中一等奖3项、二等奖5项、三等奖12项。", "18项，其中一等奖3项、二等奖5项、三等奖12项"),
        ("共捐书1,200册，包括文学800册、科普500册。", "1,200册，包括文学800册、科普500册"),
    ],
)
def test_a_sum_that_does_not_add_up_is_marked_with_its_parts(text: str, quote: str) -> None:
    assert found(text) == [("warn", quote)]


@pytest.mark.parametrize(
    ("text", "level", "quote"),
    [
        ("问卷显示，走读生占45%、住校生占65%。", "warn", "45%、住校生占65%"),
        ("参加者中教师占120%。", "warn", "120%"),
        ("借阅量由120册增加到150册，增长30%。", "info", "由120册增加到150册，增长30%"),
        ("能耗从200度下降至150度，降幅达20%", "info", "从200度下降至150度，降幅达20%"),
    ],
)
def test_a_share_or_a_rate_that_cannot_be_is_marked(text: str, level: str, quote: str) -> None:
    assert found(text) == [(level, quote)]


@pytest.mark.parametrize(
    "text",
    [
        "评出一等奖3项、二等奖5项、三等奖10项，共18项。",
        "男生五十二人、女生四十八人，共一百人。",
        "共120人参加，其中男生70人、女生50人。",
        "共120人参加，其中教师20人、学生80人。",
        "共120人参加，其中党员90人、女性60人。",
        "共120余人参加，其中男生70人、女生60人。",
        "来自12个学院、35个班级的同学共120人参加。",
        "每组5人、每班8人，共120人参加。",
        "第一场30人、第二场约25人，共60人。",
        "去年30篇、今年25篇，两年共56篇",
        "共同努力，3次讨论、5次修改，共渡难关",
        "走读生占45%、住校生占55%。",
        "走读生占45.2%，住校生占54.9%。",
        "可多选：选运动的占70%，选阅读的占60%。",
        "女生占60%，其中团员占80%。",
        "去年占40%，今年占65%。",
        "借阅量由120册增加到150册，增长25%。",
        "借阅量由121册增加到150册，增长24%。",
        "比上年增长30%，达到150册。",
        "从3月12日到5月20日，提高了30%",
        "比分3:2，共3局；共三四人",
        "共0人，增长0%",
        "",
    ],
)
def test_what_adds_up_or_proves_nothing_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    "piece", ["共3项、", "共3项。", "占5%、", "占5%。", "一百", "由1增加到2，增长3%", "共", "3人、4人，共7人，"]
)
def test_no_text_of_figures_makes_the_check_slow(piece: str) -> None:
    begin = time.process_time()
    found(piece * (100_000 // len(piece)))
    assert time.process_time() - begin < 8
