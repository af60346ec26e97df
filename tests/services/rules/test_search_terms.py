"""What is searched for and what is found by it, in pairs of neighbouring characters."""

from __future__ import annotations

import pytest

from services.rules.search_terms import fault_of, folded, grams, terms_of


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("\uff21\uff29　应用", "ai 应用"),
        ("AI\n应用 ", "ai 应用"),
        ("１１月２０日", "11月20日"),
        ("①", "1"),
    ],
)
def test_case_width_and_spaces_make_no_difference(text: str, same: str) -> None:
    assert folded(text) == same


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("教务处", ("务处", "教务")),
        ("教务，教务", ("教务",)),
        ("会 议", ()),
        ("会议。2026", ("02", "20", "26", "会议")),
        ("", ()),
    ],
)
def test_pairs_stay_within_a_run_of_letters_and_digits(text: str, pairs: tuple[str, ...]) -> None:
    assert grams(text) == pairs


def test_terms_are_told_apart_by_spaces_each_once_and_the_longest_first() -> None:
    assert terms_of(" 运动会 \uff21\uff29 教学楼 运动会") == ("教学楼", "运动会", "ai")


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("运动会", ""),
        ("运动会 ai", ""),
        ("会", "“会”太短，查不了：每个词至少要有相连的两个字。"),
        ("运动会 的", "“的”太短，查不了：每个词至少要有相连的两个字。"),
        ("—— 运动", "“——”太短，查不了：每个词至少要有相连的两个字。"),
        ("一一 二二 三三 四四 五五 六六", "一次最多查 5 个词、共 60 个字：请留下最有用的几个词。"),
        ("长" * 61, "一次最多查 5 个词、共 60 个字：请留下最有用的几个词。"),
    ],
)
def test_words_that_cannot_be_searched_for_are_named(words: str, fault: str) -> None:
    assert fault_of(words) == fault
