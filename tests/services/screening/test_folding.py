"""Folded views and the way back to the original characters."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.screening.folding import fold, folding_version, read, read_han_digits

DISGUISES = st.sampled_from(
    list("学習習體育\uff21\uff41z９9①⑩㎏ﬁ\u200b\u3000 *.·，。！\n\U0001f600\U0001d400\ufe0fé校园")
)
TEXTS = st.text(alphabet=st.one_of(DISGUISES, st.characters(codec="utf-8")), max_size=80)


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("校園新聞", "校园新闻"),
        ("校 園*新\u200b聞", "校园新闻"),
        ("\uff21\uff22１２３", "ab123"),
        ("\U0001d400\U0001d401①②", "ab12"),
        ("５㎏", "5kg"),
        ("⑩⑪", "1011"),
        ("代.开.发.票", "代开发票"),
        ("校\u20dd园\ufe0f", "校园"),
        ("", ""),
        ("。！？\n", ""),
    ],
)
def test_disguises_are_taken_away(written: str, folded: str) -> None:
    assert fold(written).text == folded


def test_a_sign_that_becomes_several_leads_back_to_one_place() -> None:
    seen = fold("重5㎏整")
    assert [seen.span(place, place + 1) for place in range(len(seen.text))] == [
        (0, 1),
        (1, 2),
        (2, 3),
        (2, 3),
        (3, 4),
    ]


def test_a_reading_keeps_punctuation_and_drops_the_invisible() -> None:
    assert read("电话：１３８－\u200b１２").text == "电话:138-12"
    assert read("1\ua9803\u20dd8").text == "138"
    assert (read("①5月").text, read_han_digits("①⒊㈧㊀²").text) == ("①5月", "13812")
    assert read("\u0661\u0663\u0668").text == "138"
    assert read_han_digits("幺三八，一二").text == "138,12"


@given(TEXTS)
def test_every_folded_character_comes_from_its_original_place(text: str) -> None:
    seen = fold(text)
    assert len(seen.origins) == len(seen.text)
    for place in range(len(seen.text)):
        start, end = seen.span(place, place + 1)
        assert end == start + 1
        assert seen.text[place] in fold(text[start:end]).text


@given(TEXTS)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text).text
    assert fold(once).text == once


def test_a_reading_has_one_character_for_each_visible_one_of_all_there_are() -> None:
    signs = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000))))
    visible = [place for place, sign in enumerate(signs) if unicodedata.category(sign) not in {"Cf", "Mn", "Me"}]

    for reading in (read(signs), read_han_digits(signs)):
        assert len(reading.text) == len(visible)
        assert list(reading.origins) == visible


def test_a_lone_surrogate_is_dropped_and_breaks_nothing() -> None:
    assert fold("校\ud800园").text == "校园"


def test_the_version_names_what_the_table_is_made_from() -> None:
    assert unicodedata.unidata_version in folding_version()
