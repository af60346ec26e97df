"""A remark finds its words again in a later version, or says that they are gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.manuscript.anchors import locate, sentences

OLD = "六十余名教师参加。三位教师介绍做法。"


@pytest.mark.parametrize(
    ("quote", "new", "found"),
    [
        ("三位教师", OLD, "六十余名教师参加。|三位教师|介绍做法。"),
        (
            "三位教师",
            "昨天下午，六十三名教师参加。三位教师介绍做法。",
            "昨天下午，六十三名教师参加。|三位教师|介绍做法。",
        ),
        ("三位教师", "六十余名教师参加。四位教师介绍做法。", None),
        (
            "教师",
            "教师们来了。六十余名教师参加。三位教师介绍做法。",
            "教师们来了。六十余名|教师|参加。三位教师介绍做法。",
        ),
        ("参加", "参加，参加。", "参加，|参加|。"),
        ("做法。", "", None),
    ],
)
def test_words_are_found_where_their_surroundings_are_most_alike(quote: str, new: str, found: str | None) -> None:
    start = OLD.index(quote)

    place = locate(OLD, start, start + len(quote), new)

    shown = None if place is None else f"{new[: place[0]]}|{new[place[0] : place[1]]}|{new[place[1] :]}"
    assert shown == found


@given(st.text("ab。", max_size=30), st.data())
def test_in_the_same_text_words_are_found_where_they_were(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, max(0, len(text) - 1)))
    end = data.draw(st.integers(start, len(text)))

    assert locate(text, start, end, text) == ((start, end) if start < end else None)


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("", []),
        ("没有句号", ["没有句号"]),
        ("第一句。第二句！第三句", ["第一句。", "第二句！", "第三句"]),
        ("他说：“好。”然后走了。", ["他说：“好。”", "然后走了。"]),
        ("一段。\n\n二段？！三", ["一段。", "二段？！", "三"]),
        ("甲；乙。", ["甲；", "乙。"]),
    ],
)
def test_text_is_cut_into_sentences_with_their_closing_marks(text: str, cut: list[str]) -> None:
    assert [text[start:end].strip("\n") for start, end in sentences(text)] == cut


@given(st.text("ab。！？”\n；", max_size=30))
def test_no_word_is_left_outside_the_sentences(text: str) -> None:
    kept = "".join(text[start:end] for start, end in sentences(text))

    assert "".join(kept.split()) == "".join(text.split())
