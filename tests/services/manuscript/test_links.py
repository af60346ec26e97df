"""The links of a body stand where a reader sees them."""

from __future__ import annotations

import pytest

from services.manuscript import blocks
from services.manuscript.cleaning import clean
from services.manuscript.links import links


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>没有链接</p>", []),
        ('<p>见<a href="https://a.example/1">通知</a>。</p>', [("通知", "https://a.example/1")]),
        ('<p><a href="https://a.example/">通<strong>知</strong></a></p>', [("通知", "https://a.example/")]),
        (
            '<p><a href="https://a.example/">甲</a><a href="https://b.example/">乙</a></p>',
            [("甲", "https://a.example/"), ("乙", "https://b.example/")],
        ),
        (
            '<ul><li>一</li><li><a href="https://a.example/?x=1&amp;y=2">二</a></li></ul><p>三</p>',
            [("二", "https://a.example/?x=1&y=2")],
        ),
        (
            '<table><tr><td>甲</td><td><a href="https://a.example/">乙</a></td></tr></table>',
            [("乙", "https://a.example/")],
        ),
    ],
)
def test_each_link_is_found_with_its_words_and_address(html: str, expected: list[tuple[str, str]]) -> None:
    body = clean(html)
    text = blocks.plain_text(body)

    assert [(text[each.start : each.end], each.address) for each in links(body)] == expected
