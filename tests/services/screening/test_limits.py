"""Lengths and missing parts."""

from collections.abc import Iterable

import pytest

from services.screening import limits
from services.screening.marks import Mark


def brief(marks: Iterable[Mark]) -> list[tuple[str, str, int, int]]:
    return [(mark.rule, mark.level.value, mark.start, mark.end) for mark in marks]


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, [("length.title", "block", 0, 0)]),
        (32, []),
        (33, [("length.title", "info", 32, 33)]),
        (64, [("length.title", "info", 32, 64)]),
        (65, [("length.title", "block", 64, 65)]),
    ],
)
def test_a_title_is_required_and_has_64_characters_at_most(length: int, expected: list[object]) -> None:
    assert brief(limits.title_marks("题" * length)) == expected


@pytest.mark.parametrize(("length", "expected"), [(0, []), (120, []), (121, [("length.digest", "block", 120, 121)])])
def test_a_digest_has_120_characters_at_most(length: int, expected: list[object]) -> None:
    assert brief(limits.digest_marks("摘" * length)) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [(0, [("length.author", "warn", 0, 0)]), (16, []), (17, [("length.author", "block", 16, 17)])],
)
def test_an_author_is_named_in_16_characters_at_most(length: int, expected: list[object]) -> None:
    assert brief(limits.author_marks("者" * length)) == expected


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (0, [("length.body", "block", 0, 0)]),
        (12_000, []),
        (12_001, [("length.body", "warn", 12_000, 12_001)]),
        (20_000, [("length.body", "block", 19_999, 20_000)]),
    ],
)
def test_a_body_has_text_and_room_for_its_mark_up(length: int, expected: list[object]) -> None:
    assert brief(limits.body_marks("文" * length)) == expected


def test_only_a_reprint_has_to_name_its_source() -> None:
    assert brief(limits.source_marks("正文。", "reprint")) == [("length.source", "warn", 0, 0)]
    assert brief(limits.source_marks("正文。\n来源：光明日报", "reprint")) == []
    assert brief(limits.source_marks("正文。", "original")) == []


def test_a_blank_field_counts_as_empty() -> None:
    marks = (*limits.title_marks(" \n"), *limits.author_marks(" "), *limits.body_marks("\n\n"))
    assert [mark.level.value for mark in marks] == ["block", "warn", "block"]


def test_own_pictures_name_their_photographer() -> None:
    given = [(2, "", "original"), (2, "李明", "original"), (0, "", "original"), (2, "", "reprint")]
    assert [[mark.rule for mark in limits.credit_marks(*each)] for each in given] == [["length.credits"], [], [], []]
