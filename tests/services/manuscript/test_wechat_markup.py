from __future__ import annotations

import re

import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.errors import InvalidInput
from services.manuscript.blocks import plain_text
from services.manuscript.wechat_markup import (
    LEAST_CONTRAST,
    LONGEST_BODY,
    THEMES,
    check_wechat_limits,
    contrast,
    to_campus_body,
    to_wechat,
)
from services.manuscript.word import read_word
from tests.documents import campus_story_docx

SHA = "a" * 64
URLS = {SHA: "https://mmbiz.qpic.cn/x?a=1&b=2"}
KEPT_BY_WECHAT = {
    "section", "p", "span", "strong", "em", "b", "i", "u", "s", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6",
    "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td", "img", "a", "sup", "sub",
}  # fmt: skip
KEPT_ATTRIBUTES = {"style", "src", "data-src", "alt", "width", "colspan", "rowspan"}
RISKY_STYLE = re.compile(r"position|float|transform|animation|var\(|url\(|@media|flex|grid|expression", re.IGNORECASE)


def wechat(html: str, theme: str = "plain") -> str:
    return to_wechat(html, theme=theme, picture_urls=URLS)


def unstyled(html: str) -> str:
    return re.sub(r' style="[^"]*"', "", html)


@pytest.mark.parametrize("theme", THEMES)
def test_only_what_wechat_keeps_is_written(theme: str) -> None:
    story = read_word(campus_story_docx(), "读书节.docx")
    every = story.html + "<h3>三</h3><h4>四</h4><p>x<sup>2</sup><mark>标</mark><u>u</u><s>s</s></p><hr>"
    urls = {picture.sha256: f"https://mmbiz.qpic.cn/{picture.sha256}" for picture in story.pictures}
    root = LexborHTMLParser(to_wechat(every, theme=theme, picture_urls=urls)).body
    assert root is not None
    for node in root.traverse():
        if node.tag == "body":
            continue
        assert node.tag in KEPT_BY_WECHAT
        assert set(node.attributes) <= KEPT_ATTRIBUTES
        assert not RISKY_STYLE.search(node.attributes.get("style") or "")


@pytest.mark.parametrize("theme", THEMES)
def test_no_word_is_lost_on_the_way_to_wechat(theme: str) -> None:
    story = read_word(campus_story_docx(), "读书节.docx")
    urls = {picture.sha256: "https://mmbiz.qpic.cn/x" for picture in story.pictures}
    body = LexborHTMLParser(to_wechat(story.html, theme=theme, picture_urls=urls)).text()
    words = "".join(body.split()).replace("[1]", "", 1)
    assert words.startswith("".join(plain_text(story.html).split()))


def test_every_picture_gets_its_address_and_fills_the_width() -> None:
    html = wechat(f'<figure><img src="asset:{SHA}" alt="合影"><figcaption>图1</figcaption></figure>')
    assert unstyled(html) == (
        '<section><section><img src="https://mmbiz.qpic.cn/x?a=1&amp;b=2" alt="合影"><p>图1</p></section></section>'
    )
    assert "width:100%" in html


def test_picture_without_an_address_is_a_fault_of_the_caller() -> None:
    body = f'<figure><img src="asset:{"b" * 64}" alt=""></figure>'
    with pytest.raises(ValueError, match="no address for picture bbbb"):
        wechat(body)
    with pytest.raises(ValueError, match="no address for picture bbbb"):
        to_campus_body(body, picture_urls=URLS)


def test_links_to_other_sites_become_numbered_notes() -> None:
    html = wechat(
        '<p>见<a href="https://a.cn/x">主页</a>和<a href="https://b.cn/">分站</a>，'
        '再见<a href="https://a.cn/x">主页</a>。</p>'
    )
    assert unstyled(html) == (
        "<section><p>见主页<sup>[1]</sup>和分站<sup>[2]</sup>，再见主页<sup>[1]</sup>。</p>"
        "<section><p>参考链接</p><p>[1] 主页：https://a.cn/x</p><p>[2] 分站：https://b.cn/</p></section></section>"
    )


def test_links_to_published_articles_stay() -> None:
    link = '<a href="https://mp.weixin.qq.com/s/abc?x=1&amp;y=2">上期</a>'
    assert unstyled(wechat(f"<p>{link}</p>")).replace("<a  ", "<a ") == f"<section><p>{link}</p></section>"


@pytest.mark.parametrize(
    "link",
    [
        '<a href="https://a.cn/x">https://a.cn/x</a>',
        '<a href="https://a.cn/">a.cn</a>',
        '<a href="mailto:x@a.cn">x@a.cn</a>',
    ],
)
def test_link_whose_text_is_its_address_needs_no_note(link: str) -> None:
    assert "参考链接" not in wechat(f"<p>{link}</p>")


def test_a_host_that_only_looks_like_wechat_is_another_site() -> None:
    assert "参考链接" in wechat('<p><a href="https://mp.weixin.qq.com.evil.cn/s">点我</a></p>')


def test_lists_survive_wechats_editor() -> None:
    html = wechat("<ul><li>甲<ol><li>乙</li></ol></li><li>丙</li></ul>")
    assert unstyled(html) == (
        "<section><ul><li><section>甲</section></li><ol><li><section>乙</section></li></ol>"
        "<li><section>丙</section></li></ul></section>"
    )


def test_columns_of_a_table_get_widths_and_merged_cells_stay() -> None:
    html = wechat(
        "<table><thead><tr><th>时间</th><th>活动内容与说明</th></tr></thead>"
        '<tbody><tr><td colspan="2">全天</td></tr>'
        "<tr><td>八点</td><td>升旗仪式在操场举行全体参加</td></tr></tbody></table>"
    )
    assert unstyled(html) == (
        "<section><section><table>"
        '<thead><tr><th width="29%">时间</th><th width="71%">活动内容与说明</th></tr></thead>'
        '<tbody><tr><td colspan="2">全天</td></tr><tr><td>八点</td><td>升旗仪式在操场举行全体参加</td></tr>'
        "</tbody></table></section></section>"
    )


def test_text_that_looks_like_an_attribute_is_left_alone() -> None:
    text = 'class="x" 与 &lt;mark&gt; 是文字'
    assert unstyled(wechat(f"<p>{text}</p>")) == f"<section><p>{text}</p></section>"


def test_a_paragraph_costs_few_characters_of_markup() -> None:
    paragraphs = [wechat("<p>正文</p>" * count) for count in (1, 101)]
    assert (len(paragraphs[1]) - len(paragraphs[0])) / 100 - len("正文") <= 32


def test_unknown_theme_names_the_known_ones() -> None:
    with pytest.raises(InvalidInput) as refused:
        wechat("<p>甲</p>", theme="pink")
    assert (
        refused.value.sentence
        == "没有名为“pink”的版式，可选：plain（简洁）、campus（竖线）、calm（居中）、band（色块）。"
    )


def test_campus_body_is_the_same_html_with_addresses() -> None:
    body = f'<h2>甲</h2><figure><img src="asset:{SHA}" alt="合影"></figure><p>src="asset:{SHA}"</p>'
    assert to_campus_body(body, picture_urls={SHA: "/site/a.jpg?x=1&y=2"}) == (
        f'<h2>甲</h2><figure><img src="/site/a.jpg?x=1&amp;y=2" alt="合影"></figure><p>src="asset:{SHA}"</p>'
    )


# --- limits --------------------------------------------------------------------------------------------

BODY = "<section><p>正文</p></section>"


def refusal(title: str = "标题", digest: str = "", author: str = "", html: str = BODY) -> tuple[str, str]:
    with pytest.raises(InvalidInput) as refused:
        check_wechat_limits(title, digest, author, html)
    return refused.value.field, refused.value.sentence


def test_the_longest_of_everything_passes_with_advice_on_the_title() -> None:
    assert check_wechat_limits("题" * 64, "摘" * 120, "者" * 16, "<p>" + "文" * (LONGEST_BODY - 4)) == [
        "标题有 64 字，超过 32 字时在订阅列表中会被截断。"
    ]
    assert check_wechat_limits("题" * 32, "", "", BODY) == []


def test_everything_one_longer_is_refused_by_its_field() -> None:
    assert refusal(title="题" * 65) == ("title", "标题有 65 字，微信最多 64 字，请缩短。")
    assert refusal(author="者" * 17) == ("author", "作者有 17 字，微信最多 16 字，请缩短。")
    assert refusal(digest="摘" * 121) == ("digest", "摘要有 121 字，微信最多 120 字，请缩短。")
    assert refusal(html="<p>" + "文" * (LONGEST_BODY - 3)) == (
        "body",
        "正文连同排版共 20000 字符，超过微信 20000 字符的上限；请精简正文、减少表格，或分成上下两篇。",
    )


def test_lengths_count_code_points_not_bytes_or_surrogates() -> None:
    assert check_wechat_limits("😀" * 32, "", "", BODY) == []
    assert refusal(title="😀" * 65)[0] == "title"


@pytest.mark.parametrize("html", ["", "<section></section>", "<section><p> \u3000</p></section>"])
def test_empty_body_is_refused_and_a_picture_is_a_body(html: str) -> None:
    assert refusal(html=html) == ("body", "正文是空的，请先填写正文或上传 Word 文件。")
    assert check_wechat_limits("标题", "", "", '<section><img src="x"></section>') == []


def test_empty_title_is_refused() -> None:
    assert refusal(title=" ") == ("title", "请填写标题。")


def test_body_that_only_grows_too_long_by_its_styles_is_refused() -> None:
    body = "<ul>" + "<li>甲</li>" * 1500 + "</ul>"
    assert len(body) < LONGEST_BODY
    assert refusal(html=wechat(body))[0] == "body"


# --- Looks and colours -----------------------------------------------------------------------------------


def test_a_theme_is_a_look_in_a_colour_of_the_school() -> None:
    usual, blue = wechat("<h2>标题</h2>", theme="band"), wechat("<h2>标题</h2>", theme="band:#0b5394")

    assert "background: #1f5f4a" in usual.replace("background:#", "background: #")
    assert ("#0b5394" in blue, "#1f5f4a" in blue) == (True, False)


@pytest.mark.parametrize("colour", ["#ffd700", "#ff9999", "red", "#0B5394;background:url(x)", "#fff"])
def test_a_colour_that_cannot_be_read_or_is_none_is_refused(colour: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        wechat("<p>甲</p>", theme=f"campus:{colour}")

    assert refused.value.field == "theme"


COLOUR = re.compile(r"(?<![-\w])(color|background):\s*(#[0-9a-fA-F]{3,6}|white|#fff)")


@pytest.mark.parametrize("theme", [*THEMES, "campus:#0b5394", "band:#7a1f3d"])
def test_every_text_can_be_read_on_what_it_stands_on(theme: str) -> None:
    """Each element's own colour against the nearest background above it: at least 4.5 to 1."""
    styled = wechat(
        "<h2>一</h2><h3>二</h3><p>三<mark>四</mark></p><blockquote><p>五</p></blockquote>"
        "<table><tbody><tr><th><p>六</p></th><td><p>七</p></td></tr></tbody></table>"
        '<p><a href="https://www.example.edu.cn/">八</a></p>',
        theme=theme,
    )
    poor = []

    def walk(node: LexborNode, ink: str, ground: str) -> None:
        found = dict(COLOUR.findall(node.attributes.get("style") or ""))
        ink, ground = long_form(found.get("color", ink)), long_form(found.get("background", ground))
        if (node.text(deep=False) or "").strip() and contrast(ink, ground) < LEAST_CONTRAST:
            poor.append((node.tag, ink, ground))
        for child in node.iter():
            walk(child, ink, ground)

    body = LexborHTMLParser(styled).body
    assert body is not None
    walk(body, "#333333", "#ffffff")

    assert poor == []


def long_form(colour: str) -> str:
    short = colour.removeprefix("#")
    return {"white": "#ffffff"}.get(colour) or "#" + (short if len(short) == 6 else "".join(each * 2 for each in short))


@pytest.mark.parametrize(
    ("body", "photographer", "below"),
    [
        ("<p>教师在研讨。</p>", "张华", "<p>摄影：张华</p>"),
        ("<p>教师在研讨。</p>", " 甲<乙 ", "<p>摄影：甲&lt;乙</p>"),
        ("<p>教师在研讨。</p>", "", ""),
        ("<p>张华老师在研讨。</p>", "张华", "<p>摄影：张华</p>"),
        ("<p>教师在研讨。</p><p>摄影：张华</p>", "张华", ""),
        ("<p>教师在研讨。</p><p>（文/李明　图/张华）</p>", "张华", ""),
        ("<p>教师在研讨。张华 摄</p>", "张华", ""),
    ],
)
def test_the_photographer_is_named_once_below_the_text(body: str, photographer: str, below: str) -> None:
    written = to_wechat(body, picture_urls={}, photographer=photographer)

    assert unstyled(written) == f"<section>{body}{below}</section>"
