"""Names of units against the register: a slip is marked with the right name, another unit is not."""

from __future__ import annotations

import pytest

from services.screening.terms import TermFinder

FINDER = TermFinder(
    [],
    names=[
        "马克思主义学院",
        "计算机科学与技术学院",
        "计算机学院",
        "第一附属医院",
        "学生工作处",
        "教务处",
        "东区图书馆",
        "外国语学院",
    ],
)


def found(text: str) -> list[tuple[str, str | None]]:
    return [(text[mark.start : mark.end], mark.replacement) for mark in FINDER.marks_in(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("马克思注意学院举行讲座", ("马克思注意学院", "马克思主义学院")),
        ("在马克思主意学院", ("马克思主意学院", "马克思主义学院")),
        ("马克斯主义学院", ("马克斯主义学院", "马克思主义学院")),
        ("马克思主学院", ("马克思主学院", "马克思主义学院")),
        ("马克思义主学院", ("马克思义主学院", "马克思主义学院")),
        ("计算机科学技术学院", ("计算机科学技术学院", "计算机科学与技术学院")),
        ("外围语学院", ("外围语学院", "外国语学院")),
        ("馬克思主意學院", ("馬克思主意學院", "马克思主义学院")),
    ],
)
def test_a_slip_in_a_name_is_marked_with_the_right_one(text: str, expected: tuple[str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "马克思主义学院、计算机学院、计算机科学与技术学院联合举办",
        "第二附属医院和第一附属医院",
        "西区图书馆",
        "学生工作部的老师，学生工作组",
        "教务部",
        "计算机学员参加培训",
        "邻市某大学马克思主意学院",
        "马克思主义学说，马克思主义基本原理",
        "外国语言文学，马克思哲学学院",
        "",
    ],
)
def test_other_units_and_other_words_are_left_alone(text: str) -> None:
    assert found(text) == []
