"""Terms written by their sound are hints; what only resembles them is left alone."""

from __future__ import annotations

from datetime import date

import pytest

from models import FindingLevel
from services.screening.entries import Match, Term
from services.screening.folding import fold
from services.screening.sounds import SoundFinder, can_be_heard, sounds
from services.screening.terms import TermFinder

FINDER = TermFinder([
    Term("加微信", "fraud", FindingLevel.WARN, pinyin=True, suggestion="请删除。"),
    Term("代开发票", "fraud", FindingLevel.BLOCK, pinyin=True, allow=("谈贷开发票据",), suggestion="请删除。"),
    Term("重庆路", "place", FindingLevel.WARN, match=Match.WORD, pinyin=True),
    Term("银行行长", "post", FindingLevel.WARN, pinyin=True),
    Term("刷单返利", "fraud", FindingLevel.WARN, valid_to=date(2026, 1, 31), pinyin=True),
    Term("测试中心", "plain", FindingLevel.WARN),
])  # fmt: skip


def found(text: str, today: date | None = None) -> list[tuple[str, str, str]]:
    marks = FINDER.marks_in(text, today=today)
    return [(mark.entry, mark.level.value, text[mark.start : mark.end]) for mark in marks]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("请加薇信领取", ("加微信", "info", "加薇信")),
        ("请加wei信领取", ("加微信", "info", "加wei信")),
        ("请jiaweixin领取", ("加微信", "info", "jiaweixin")),
        ("请 Jia Wei Xin 领取", ("加微信", "info", "Jia Wei Xin")),
        ("请加·V·信，请加威新", ("加微信", "info", "加威新")),
        ("請加薇*信", ("加微信", "info", "加薇*信")),
        ("贷開发飘", ("代开发票", "info", "贷開发飘")),
        ("daikaifapiao", ("代开发票", "info", "daikaifapiao")),
        ("住在虫庆路", ("重庆路", "info", "虫庆路")),
        ("某银航行掌", ("银行行长", "info", "银航行掌")),
    ],
)
def test_what_sounds_like_a_term_is_a_hint_where_it_stands(text: str, expected: tuple[str, str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "加味觉，微信小程序",
        "加。薇信",
        "加————薇信",
        "策试中心",  # not asked for by its sound
        "Jia Wein, a German name; jiaweixinx",
        "谈贷开发票据",
        "",
        "薇信",
    ],
)
def test_what_does_not_sound_like_a_term_or_is_harmless_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_term_as_it_is_written_is_marked_once_and_at_its_own_level() -> None:
    assert found("代开发票") == [("代开发票", "block", "代开发票")]
    assert found("代*开*發*票") == [("代开发票", "block", "代*开*發*票")]


def test_a_term_out_of_its_time_is_not_heard_either() -> None:
    assert found("耍单返利", date(2026, 1, 31)) == [("刷单返利", "info", "耍单返利")]
    assert found("耍单返利", date(2026, 2, 1)) == []


def test_the_hint_names_the_term() -> None:
    [mark] = FINDER.marks_in("加薇信")
    assert mark.suggestion == "读音同“加微信”，疑为变形写法：请删除。"


@pytest.mark.parametrize(
    ("folded", "can"), [("加微信", True), ("微信", False), ("加v信", False), ("加微信a", False), ("", False)]
)
def test_only_three_han_characters_or_more_can_be_heard(folded: str, *, can: bool) -> None:
    assert can_be_heard(folded) is can


def test_a_character_has_its_two_commonest_readings() -> None:
    names = {number: syllable for syllable, number in sounds().numbers.items()}
    assert {letter: [names[each] for each in sounds().of(letter)] for letter in "重行女a"} == {
        "重": ["zhong", "chong"],
        "行": ["xing", "hang"],
        "女": ["nv", "ru"],
        "a": [],
    }


def test_a_short_text_and_one_without_han_are_searched_too() -> None:
    finder = SoundFinder(["加微信"])
    assert [list(finder.heard_in(fold(text))) for text in ("", "加", "加薇", "12345")] == [[], [], [], []]
