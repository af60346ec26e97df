"""Formulas are quoted whole and in their order."""

from __future__ import annotations

from datetime import date

import pytest

from models import FindingLevel
from services.screening.entries import Match, Term
from services.screening.terms import TermFinder


def formula(text: str, **changes: object) -> Term:
    return Term(text, "slogan", FindingLevel.WARN, match=Match.COMPLETE, **changes)  # type: ignore[arg-type]  # named in each test


FINDER = TermFinder([formula("不敢腐、不能腐、不想腐"), formula("自由、平等、公正、法治")])


def found(text: str) -> list[tuple[str, str, str | None]]:
    return [(text[mark.start : mark.end], mark.suggestion, mark.replacement) for mark in FINDER.marks_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "一体推进不敢腐、不能腐。",
            ("不敢腐、不能腐", "固定表述少了“不想腐”，应完整写作“不敢腐、不能腐、不想腐”。", None),
        ),
        (
            "一体推进不敢腐、不想腐、不能腐。",
            (
                "不敢腐、不想腐、不能腐",
                "固定表述次序不对，应完整写作“不敢腐、不能腐、不想腐”。",
                "不敢腐、不能腐、不想腐",
            ),
        ),
        (
            "“不能腐”“不想腐”一体推进",
            ("不能腐”“不想腐", "固定表述少了“不敢腐”，应完整写作“不敢腐、不能腐、不想腐”。", None),
        ),
        (
            "自由、平等和法治的价值取向",
            ("自由、平等和法治", "固定表述少了“公正”，应完整写作“自由、平等、公正、法治”。", None),
        ),
    ],
)
def test_a_formula_in_part_or_out_of_order_is_marked(text: str, expected: tuple[str, str, str | None]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "一体推进不敢腐、不能腐、不想腐。",
        "不敢腐，不能腐，不想腐；不敢腐、不能腐、不想腐",
        "“不敢腐”“不能腐”“不想腐”",
        "强化不敢腐的震慑，扎牢不能腐的笼子，增强不想腐的自觉",
        "营造公正、法治的环境",
        "不敢腐",
        "",
    ],
)
def test_a_whole_formula_and_its_parts_in_running_text_are_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_formula_out_of_its_time_is_not_asked_for() -> None:
    finder = TermFinder([formula("学党史、悟思想、办实事、开新局", valid_to=date(2021, 12, 31))])
    marks = [finder.marks_in("学党史、悟思想、办实事", today=date(year, 6, 1)) for year in (2021, 2026)]
    assert [len(each) for each in marks] == [1, 0]
