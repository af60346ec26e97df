"""Terms in every disguise, their harmless contexts, and exact places."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import FindingLevel
from services.screening.entries import Match, Term, lexicon_version
from services.screening.marks import Mark
from services.screening.terms import TermFinder

GAPS = st.text(alphabet=st.sampled_from(" *·\u200b\u3000~★"), max_size=3)
TERM = Term("代开发票", "fraud", FindingLevel.BLOCK, suggestion="请删除。")


def found(text: str, *terms: Term, today: date | None = None, topics: str = "") -> list[tuple[str, str]]:
    marks = TermFinder(terms or (TERM,)).marks_in(text, today=today, topics=topics)
    return [(mark.level.value, text[mark.start : mark.end]) for mark in marks]


@pytest.mark.parametrize(
    "written",
    [
        "代开发票",
        "代開發票",
        "代 开 发 票",
        "代*开*发*票",
        "代.开.发.票",
        "代，开，发，票",
        "代\u200b开\u200b发票",
        "代★★★开发票",
    ],
)
def test_a_term_is_found_in_its_disguises(written: str) -> None:
    assert found(f"提供{written}服务") == [("block", written)]


@pytest.mark.parametrize(
    "written", ["代开。发票", "代开\n发票", "代开！发票", "代开？发票", "代****开发票", "代理开发票"]
)
def test_a_term_never_crosses_a_sentence_or_more_than_three_signs(written: str) -> None:
    assert found(written) == []


def test_two_clauses_that_happen_to_meet_are_only_a_hint() -> None:
    assert found("由他人代开，发票另寄") == [("info", "代开，发票")]


@given(st.lists(GAPS, min_size=3, max_size=3), st.text("校园新闻，。\U0001f600", max_size=8))
def test_the_marked_place_is_exactly_the_disguised_term(gaps: list[str], before: str) -> None:
    written = "".join(sign + gap for sign, gap in zip("代开发票", [*gaps, ""], strict=True))
    [mark] = TermFinder([TERM]).marks_in(f"{before}{written}。完")
    assert (mark.start, mark.end, mark.quote) == (len(before), len(before) + len(written), written)


def test_a_term_inside_a_harmless_phrase_is_no_hit() -> None:
    term = Term("最佳", "superlative", FindingLevel.INFO, allow=("最佳辩手", "最佳阵容"))
    assert found("获得最佳辩手，选出最 佳 阵容。", term) == []
    assert found("最佳学校", term) == [("info", "最佳")]


def test_a_word_has_to_stand_alone() -> None:
    term = Term("差生", "pupils", FindingLevel.WARN, Match.WORD)
    assert found("他被称为差生。", term) == [("warn", "差生")]
    assert found("出差生病", term) == []
    latin = Term("wtf", "profanity", FindingLevel.WARN)
    assert found("他说WTF！", latin) == [("warn", "WTF")]
    assert found("newtfile", latin) == []


def test_an_exact_term_is_found_only_as_typed() -> None:
    term = Term("★机密★", "secrecy", FindingLevel.BLOCK, Match.EXACT)
    assert found("文件★机密★5年", term) == [("block", "★机密★")]
    assert found("机密工作，机★密", term) == []


def test_a_term_with_a_context_needs_it_in_the_same_sentence() -> None:
    term = Term("标准答案", "secrecy", FindingLevel.WARN, near=("高考",))
    assert found("高考的标准答案尚未公布。", term) == [("warn", "标准答案")]
    assert found("生活没有标准答案。高考结束了。", term) == []


def test_a_hint_becomes_a_warning_under_its_strict_topics() -> None:
    term = Term("全国第一", "superlative", FindingLevel.INFO, strict_topics=("招生",))
    assert found("全国第一", term, topics="news 秋季运动会") == [("info", "全国第一")]
    assert found("全国第一", term, topics="news 招生简章") == [("warn", "全国第一")]


def test_an_entry_outside_its_term_finds_nothing() -> None:
    term = Term("旧校名", "school_name", FindingLevel.WARN, valid_from=date(2026, 1, 1), valid_to=date(2026, 6, 30))
    on = [
        found("旧校名", term, today=day)
        for day in (date(2025, 12, 31), date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1))
    ]
    assert on == [[], [("warn", "旧校名")], [("warn", "旧校名")], []]


def test_a_shorter_term_inside_a_longer_one_is_dropped_unless_it_is_graver() -> None:
    long, short = Term("刷单兼职群", "fraud", FindingLevel.WARN), Term("刷单兼职", "fraud", FindingLevel.INFO)
    assert found("刷单兼职群", long, short) == [("warn", "刷单兼职群")]
    grave = Term("刷单兼职", "fraud", FindingLevel.BLOCK)
    assert found("刷单兼职群", long, grave) == [("warn", "刷单兼职群"), ("block", "刷单兼职")]


def test_a_mark_says_which_list_what_and_where() -> None:
    assert TermFinder([TERM]).marks_in("代开发票", field="title") == [
        Mark("term.fraud", FindingLevel.BLOCK, "代开发票", 0, 4, "3.2", "请删除。", field="title", entry="代开发票")
    ]


def test_an_empty_list_finds_nothing() -> None:
    assert TermFinder([]).marks_in("代开发票") == []


def test_the_version_depends_on_the_entries_and_not_on_their_order() -> None:
    other = Term("代写论文", "fraud", FindingLevel.WARN)
    assert lexicon_version([TERM, other]) == lexicon_version([other, TERM]) != lexicon_version([TERM])
