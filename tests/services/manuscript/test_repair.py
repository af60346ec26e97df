"""A repair changes the marked characters and nothing else, wherever in the body they stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.errors import StaleState
from services.manuscript import blocks
from services.manuscript.cleaning import clean
from services.manuscript.repair import Repair, in_body, in_text

PICTURE = f'<img src="asset:{"a" * 64}" alt="图">'


def repaired(html: str, words: str, replacement: str) -> str:
    body = clean(html)
    start = blocks.plain_text(body).index(words)
    return in_body(body, Repair(start, start + len(words), replacement))


@pytest.mark.parametrize(
    "html",
    [
        "<p>工作布署会</p>",
        "<p>一</p><h2>布署</h2><p>布置</p>",
        "<ul><li>甲</li><li>乙<ul><li>布署</li></ul></li></ul>",
        f"<p>前</p><figure>{PICTURE}<figcaption>布署</figcaption></figure>",
        "<blockquote>引言</blockquote><blockquote>布署</blockquote>",
        '<p><a href="https://a.example/">布署</a></p>',
    ],
)
def test_the_marked_word_is_replaced_where_it_stands(html: str) -> None:
    assert repaired(html, "布署", "部署") == clean(html.replace("布署", "部署"))


def test_a_word_half_in_bold_is_replaced_under_the_marks_of_its_first_character() -> None:
    assert repaired("<p>工作<strong>布</strong>署会</p>", "布署", "部署") == "<p>工作<strong>部署</strong>会</p>"


def test_a_cell_of_a_table_is_repaired_and_the_others_stay() -> None:
    table = "<table><tr><td>姓名</td><td>13812345678</td></tr><tr><td></td><td>电话</td></tr></table>"

    mended = repaired(table, "13812345678", "138****5678")

    assert blocks.plain_text(mended) == blocks.plain_text(clean(table)).replace("13812345678", "138****5678")


def test_a_replacement_with_the_same_ends_of_cells_and_lines_goes_to_each_of_them() -> None:
    boxes = "<table><tr><td>电话</td><td>138</td><td><strong>1234</strong></td><td>5678</td></tr></table>"
    assert repaired(boxes, "138\t1234\t5678", "138\t****\t5678") == clean(boxes.replace("1234", "****"))

    lines = "<p>他的车是苏A</p><p>12345，停在门口</p>"
    assert repaired(lines, "苏A\n12345", "苏A\n***45") == clean(lines.replace("12345", "***45"))

    one = "<p>手机138</p><p>1234</p>"
    assert blocks.plain_text(repaired(one, "138\n1234", "***")) == "手机***"


def test_a_place_beyond_the_body_is_refused() -> None:
    with pytest.raises(StaleState, match="重新检查"):
        in_body("<p>短</p>", Repair(4, 8, "x"))


def test_a_plain_field_is_repaired() -> None:
    assert in_text("工作布署会", Repair(2, 4, "部署")) == "工作部署会"


WORDS = st.text("甲乙丙丁\n ", min_size=1, max_size=6)
BODIES = st.lists(
    st.one_of(
        WORDS.map(lambda words: f"<p>{words}</p>"),
        st.tuples(WORDS, WORDS).map(lambda two: f"<p>{two[0]}<strong>{two[1]}</strong></p>"),
        st.tuples(WORDS, WORDS).map(lambda two: f"<table><tr><td>{two[0]}</td><td>{two[1]}</td></tr></table>"),
        st.tuples(WORDS, WORDS).map(lambda two: f"<ul><li>{two[0]}</li><li>{two[1]}</li></ul>"),
    ),
    min_size=1,
    max_size=5,
).map("".join)


@given(BODIES, st.data())
def test_any_character_can_be_replaced_by_another(html: str, data: st.DataObject) -> None:
    body = clean(html)
    text = blocks.plain_text(body)
    letters = [place for place, sign in enumerate(text) if sign in "甲乙丙丁"]
    if not letters:
        return
    place = data.draw(st.sampled_from(letters))

    mended = in_body(body, Repair(place, place + 1, "戊"))

    assert blocks.plain_text(mended) == text[:place] + "戊" + text[place + 1 :]
