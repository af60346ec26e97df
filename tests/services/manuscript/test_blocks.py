from __future__ import annotations

import pytest

from services.manuscript.blocks import Block, blocks, normalised, picture_hashes, plain_text

FIRST, SECOND = "a" * 64, "b" * 64
BODY = (
    "<h2>安排</h2><p>一<strong>二</strong><br>三</p>"
    f'<figure><img src="asset:{FIRST}" alt="合影"><figcaption>图1 合影</figcaption></figure>'
    "<ul><li>甲<ol><li>乙</li></ol></li></ul><blockquote><p>引</p></blockquote><hr>"
    f"<table><thead><tr><th>时间</th><th>地点</th></tr></thead><tbody><tr><td>八点<br>整</td>"
    f'<td><img src="asset:{SECOND}" alt=""></td></tr></tbody></table>'
    '<p>见<a href="https://a.cn/?x=1&amp;y=2">主页</a></p>'
)


def test_blocks_in_reading_order() -> None:
    assert blocks(BODY) == (
        Block("h2", "安排", "安排"),
        Block("p", "一二\n三", "一<strong>二</strong><br>三"),
        Block("img", "", f'<img src="asset:{FIRST}" alt="合影">'),
        Block("caption", "图1 合影", "图1 合影"),
        Block("li", "甲", "甲"),
        Block("li", "乙", "乙"),
        Block("quote", "引", "引"),
        Block("hr", "", "<hr>"),
        Block("tr", "时间\t地点", "<tr><th>时间</th><th>地点</th></tr>"),
        Block("tr", "八点\n整\t", f'<tr><td>八点<br>整</td><td><img src="asset:{SECOND}" alt=""></td></tr>'),
        Block("p", "见主页", '见<a href="https://a.cn/?x=1&amp;y=2">主页</a>'),
    )
    assert blocks(BODY)[-1].links == ("https://a.cn/?x=1&y=2",)


def test_plain_text_is_the_blocks_with_text_joined_by_newlines() -> None:
    text = plain_text(BODY)
    assert text == "安排\n一二\n三\n图1 合影\n甲\n乙\n引\n时间\t地点\n八点\n整\t\n见主页"
    starts = [0]
    for block in [block for block in blocks(BODY) if block.text][:-1]:
        starts.append(starts[-1] + len(block.text) + 1)
    worded = [block.text for block in blocks(BODY) if block.text]
    assert all(text.startswith(words, start) for words, start in zip(worded, starts, strict=True))


def test_pictures_in_reading_order_also_inside_tables() -> None:
    assert picture_hashes(BODY) == (FIRST, SECOND)


@pytest.mark.parametrize(
    "same",
    [
        "<p>甲 <a title='x' href='https://a.cn/'>乙</a></p><p>丙</p>",
        '<p>甲 <a href="https://a.cn/" title="x">乙</a></p>\n\n<p>丙</p>\n',
        '<p>\n  甲\n  <a   href="https://a.cn/"\n title="x">乙</a> </p><p> 丙</p>',
    ],
)
def test_seal_text_is_blind_to_attribute_order_and_invisible_blanks(same: str) -> None:
    assert normalised(same) == '<p>甲 <a href="https://a.cn/" title="x">乙</a></p><p>丙</p>'


@pytest.mark.parametrize(
    "other",
    [
        "<p>甲乙</p>",
        "<p>甲 丙</p>",
        "<p>甲 乙</p><p></p>",
        "<h2>甲 乙</h2>",
        "<p>甲 <b>乙</b></p>",
        "<p>甲\u3000乙</p>",
        "<p>甲\u200b 乙</p>",
        "<p>甲 乙<script>1</script></p>",
        "<p style='display:none'>甲 乙</p>",
        "<p>甲<br>乙</p>",
        "<p>甲 乙</p><hr>",
    ],
)
def test_seal_text_differs_for_every_visible_change_and_for_smuggled_markup(other: str) -> None:
    assert normalised(other) != normalised("<p>甲 乙</p>")


def test_blank_between_two_inline_elements_is_visible() -> None:
    assert normalised("<p><em>a</em> <em>b</em></p>") != normalised("<p><em>a</em><em>b</em></p>")
