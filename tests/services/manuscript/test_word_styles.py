from __future__ import annotations

import pytest

from services.manuscript.word_styles import formatted


@pytest.mark.parametrize(
    ("style", "counts", "printed"),
    [
        ("decimal", (1, 12), ["1", "12"]),
        ("chineseCounting", (1, 10, 11, 20, 21), ["一", "十", "十一", "二十", "二十一"]),
        ("chineseCountingThousand", (105, 110, 213), ["一百零五", "一百一十", "二百一十三"]),
#DEL"一", "十", "十一", "二十", "二十一", "一百零五", "一百一十", "二百一十三"]),
        ("decimalEnclosedCircle", (1, 20, 21), ["①", "⑳", "21"]),
        ("upperLetter", (1, 26, 27), ["A", "Z", "27"]),
        ("lowerRoman", (1, 4, 9, 14, 1994), ["i", "iv", "ix", "xiv", "mcmxciv"]),
        ("decimalFullWidth", (12,), ["１２"]),
        ("ideographTraditional", (1, 10, 11), ["甲", "癸", "11"]),
        ("none", (1,), [""]),
        ("somethingNew", (3,), ["3"]),
    ],
)  # fmt: skip
def test_counts_are_printed_as_word_prints_them(style: str, counts: tuple[int, ...], printed: list[str]) -> None:
    assert [formatted(count, style) for count in counts] == printed
