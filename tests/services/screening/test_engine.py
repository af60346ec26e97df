"""The whole check of one manuscript."""

import time
from dataclasses import replace
from datetime import date

import pytest

from models import FindingLevel
from services.screening.engine import Manuscript, Screener, default_screener
from services.screening.marks import Mark
from services.screening.school import School

TODAY = date(2026, 11, 22)


ORDINARY = Manuscript(
    title="学校召开秋季运动会",
    digest="",
    author="体育组",
    body="学校召开秋季运动会，师生踊跃参加。",
    category="news",
    source_kind="original",
    today=TODAY,
)


def manuscript(**changes: str) -> Manuscript:
    return replace(ORDINARY, **changes)  # type: ignore[arg-type]  # only text fields are changed here


@pytest.fixture(scope="module")
def screener() -> Screener:
    return default_screener()


def test_an_ordinary_manuscript_gets_no_marks(screener: Screener) -> None:
    assert screener.screen(manuscript()).marks == ()


def test_marks_come_in_the_order_of_fields_and_places(screener: Screener) -> None:
    marks = screener.screen(
        manuscript(title="再接再励", author="", body="穿流不息，身份证号11010519491231002X。")
    ).marks
    assert [(mark.field, mark.start, mark.rule) for mark in marks] == [
        ("title", 0, "wording.confusion"),
        ("author", 0, "length.author"),
        ("body", 0, "wording.confusion"),
        ("body", 9, "pi.id_card"),
    ]


def test_personal_data_leaves_the_check_masked(screener: Screener) -> None:
    [mark] = screener.screen(manuscript(body="身份证号11010519491231002X。")).marks
    assert mark == Mark(
        rule="pi.id_card",
        level=FindingLevel.BLOCK,
        quote="110105********002X",
        start=4,
        end=22,
        clause="4.2",
        suggestion="公开稿件不得出现身份证号，请删除或打码。",
        field="body",
        replacement="110105********002X",
    )


def test_the_same_versions_give_the_same_marks(screener: Screener) -> None:
    text = manuscript(body="学校布署工作，联系电话13812345678。")
    again = default_screener()
    assert again.screen(text) == screener.screen(text)


def test_a_bare_text_is_checked_without_the_rules_for_forms(screener: Screener) -> None:
    assert [mark.rule for mark in screener.screen_text("手机13812345678").marks] == ["pi.mobile"]


@pytest.mark.parametrize(
    "piece",
    [
        "1 ",
        "12 ",
        "1",
        "95\t",
        "138",
        "a",
        "a.",
        "@",
        "（",
        "x",
        "_",
        "的",
        "啊",
        "张三 98 ",
        "女神像",
        "女神",
        "一",
        "11月23日",
        "号3栋405室",
        "机*密",
        "\u200b",
        "。，",
    ],
)
def test_no_repeated_text_makes_the_check_hang(screener: Screener, piece: str) -> None:
    begin = time.process_time()
    screener.screen(manuscript(body=piece * (50_000 // len(piece))))
    assert time.process_time() - begin < 15  # what hangs takes minutes; a busy machine gets its margin


@pytest.mark.parametrize(
    ("title", "level"),
    [("学校召开秋季运动会", "info"), ("2027年招生简章", "warn"), ("学校与企业签署合作协议", "warn")],
)
def test_an_advertising_word_is_a_hint_in_news_and_a_warning_in_admissions(
    screener: Screener, title: str, level: str
) -> None:
    marks = screener.screen(manuscript(title=title, body="我校拥有全国领先的实验室。")).marks
    assert [(mark.rule, mark.level.value) for mark in marks] == [("term.superlative", level)]


def test_every_new_rule_takes_part_in_the_whole_check() -> None:
    own = Screener([], school=School(names=("马克思主义学院",)))
    body = "马克思主意学院评出一等奖3项、二等奖5项，共9项。校长王明出席，副校长王明致辞。报名：https://a.example.com/1"
    marks = own.screen(replace(manuscript(body=body), pictures=1)).marks
    assert [mark.rule for mark in marks] == [
        "length.credits",
        "wording.name",
        "wording.figures",
        "leader.post",
        "link.outside",
    ]
