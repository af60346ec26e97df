"""A body as WeChat keeps it: inline styles, the few elements its editor leaves alone, our theme.

WeChat removes `class`, `id`, `<style>`, foreign pictures and links to other sites, and counts markup towards
the 20,000 characters of a body (WeChat doc: draft/add). So styles that inherit stand once on the wrapper.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby

import css_inline
from selectolax.lexbor import LexborHTMLParser

from services.errors import InvalidInput
from services.manuscript.body import (
    ASSET_ADDRESS,
    Cell,
    Figure,
    Flow,
    Image,
    Line,
    Listing,
    Node,
    Paragraph,
    Quote,
    Row,
    Rule,
    Run,
    Table,
    flow_text,
)
from services.manuscript.body_reader import read
from services.manuscript.body_writer import write_line

#: WeChat doc: draft/add. Title and author as accepted by the interface, see also its answer 45003.
LONGEST_TITLE = 64
COMFORTABLE_TITLE = 32
LONGEST_AUTHOR = 16
LONGEST_DIGEST = 120
LONGEST_BODY = 20_000
LARGEST_BODY_BYTES = 1_000_000

_OWN_LINK = re.compile(r"https?://mp\.weixin\.qq\.com/", re.IGNORECASE)


@dataclass(frozen=True)
class Theme:
    """How an article looks in WeChat; `css` addresses the elements `to_wechat` writes."""

    name: str
    label: str
    css: str


def _css(*, ink: str, accent: str, tint: str, line: str, heading: str) -> str:
    return f"""
.article {{
    font-size: 16px; line-height: 1.8; letter-spacing: .5px; color: {ink}; text-align: justify;
    text-indent: 2em;
}}
p {{ margin: 0 0 1em }}
h2 {{ text-indent: 0; {heading} }}
h3 {{ text-indent: 0; margin: 1.4em 0 .7em; font-size: 17px; line-height: 1.5; color: {accent} }}
h4 {{ text-indent: 0; margin: 1.2em 0 .5em; font-size: 16px; line-height: 1.5 }}
.figure {{ text-indent: 0; margin: 1.4em 0 }}
img {{ display: block; width: 100%; height: auto }}
.caption {{
    text-indent: 0; margin: .5em 0 0; text-align: center; font-size: 13px; line-height: 1.5;
    color: #888;
}}
blockquote {{
    text-indent: 0; margin: 1.2em 0; padding: .8em 1em; border-left: 3px solid {accent};
    background: {tint};
}}
blockquote > p {{ margin: 0 }}
blockquote > p + p {{ margin: .5em 0 0 }}
ul {{ list-style-type: disc }}
ol {{ list-style-type: decimal }}
ul, ol {{ text-indent: 0; margin: 0 0 1em; padding: 0 0 0 1.6em }}
ul ul, ol ol, ul ol, ol ul {{ margin: 0 }}
.table {{ text-indent: 0; margin: 1.2em 0; overflow-x: auto }}
table {{
    width: 100%; border-collapse: collapse; font-size: 14px; line-height: 1.6; letter-spacing: 0;
    text-align: left;
}}
td, th {{ padding: .45em .5em; border: 1px solid {line} }}
th {{ background: {tint}; color: {accent}; text-align: center }}
sup, sub {{ font-size: .75em; line-height: 0 }}
.mark {{ background: #fff3b8 }}
a {{ color: {accent} }}
hr {{ margin: 1.6em 0; border: 0; border-top: 1px solid {line} }}
.notes {{
    text-indent: 0; margin: 2em 0 0; padding: .8em 0 0; border-top: 1px solid {line};
    font-size: 13px; line-height: 1.6; color: #888; text-align: left; word-break: break-all;
}}
.notes > p {{ margin: 0 0 .3em }}
"""


THEMES: Mapping[str, Theme] = {
    theme.name: theme
    for theme in (
        Theme(
            "plain",
            "简洁",
            _css(
                ink="#333",
                accent="#333",
                tint="#f6f6f6",
                line="#ddd",
                heading="margin: 1.8em 0 .8em; font-size: 18px; line-height: 1.5",
            ),
        ),
        Theme(
            "campus",
            "校园红",
            _css(
                ink="#333",
                accent="#a61c24",
                tint="#fbf3f2",
                line="#e6d3d1",
                heading="margin: 1.8em 0 .9em; padding: 0 0 0 .6em; border-left: 4px solid #a61c24;"
                " font-size: 18px; line-height: 1.4; color: #a61c24",
            ),
        ),
        Theme(
            "calm",
            "青蓝",
            _css(
                ink="#37424a",
                accent="#1f6f8b",
                tint="#eff6f8",
                line="#cfe0e6",
                heading="margin: 1.8em 0 1em; padding: 0 0 .4em; border-bottom: 2px solid #1f6f8b;"
                " text-align: center; font-size: 18px; line-height: 1.4; color: #1f6f8b",
            ),
        ),
    )
}


def theme_named(name: str) -> Theme:
    """The theme of that name. Raises `InvalidInput` naming the themes there are."""
    if name not in THEMES:
        known = "、".join(f"{theme.name}（{theme.label}）" for theme in THEMES.values())
        raise InvalidInput(f"没有名为“{name}”的版式，可选：{known}。", field="theme")
    return THEMES[name]


def to_wechat(html: str, *, theme: str = "plain", picture_urls: Mapping[str, str]) -> str:
    """The canonical body as a WeChat body.

    `picture_urls` gives the address of each picture by fingerprint; that one is missing is a fault of the
    caller and a `ValueError`. Links to other sites become text with a numbered list 参考链接 at the end,
    links to published articles (mp.weixin.qq.com) stay.
    """
    writer = _Writer(picture_urls)
    article = f'<section class="article">{writer.body(read(html))}{writer.notes()}</section>'
    inlined = css_inline.inline_fragment(
        article, theme_named(theme).css, load_remote_stylesheets=False, resolve_css_variables=True, minify_css=True
    )
    return _without_classes(inlined)


def to_campus_body(html: str, *, picture_urls: Mapping[str, str]) -> str:
    """The canonical body with its pictures at `picture_urls`; everything else as it is.

    Raises `ValueError` for a picture without an address: the caller has not stored it.
    """
    return _ASSET_SOURCE.sub(lambda match: f'src="{escape(_address(match[1], picture_urls))}"', html)


_ASSET_SOURCE = re.compile(rf'(?<=<img )src="{ASSET_ADDRESS.pattern}"')


def check_wechat_limits(title: str, digest: str, author: str, wechat_html: str) -> list[str]:
    """Refuse what the interface would refuse (45003, 45004, 45110, 45002); return advice on what it takes badly.

    All lengths count Unicode code points, the body with its markup.
    """
    if not title.strip():
        raise InvalidInput("请填写标题。", field="title")
    _refuse_longer("标题", title, LONGEST_TITLE, "title")
    _refuse_longer("作者", author, LONGEST_AUTHOR, "author")
    _refuse_longer("摘要", digest, LONGEST_DIGEST, "digest")
    shown = LexborHTMLParser(wechat_html)
    if not shown.text().strip() and not shown.css_matches("img"):
        raise InvalidInput("正文是空的，请先填写正文或上传 Word 文件。", field="body")
    if len(wechat_html) >= LONGEST_BODY:
        raise InvalidInput(
            f"正文连同排版共 {len(wechat_html)} 字符，超过微信 {LONGEST_BODY} 字符的上限；"
            "请精简正文、减少表格，或分成上下两篇。",
            field="body",
        )
    if len(wechat_html.encode()) >= LARGEST_BODY_BYTES:
        raise InvalidInput("正文超过微信 1 MB 的上限，请精简正文。", field="body")
    if len(title) > COMFORTABLE_TITLE:
        return [f"标题有 {len(title)} 字，超过 {COMFORTABLE_TITLE} 字时在订阅列表中会被截断。"]
    return []


def _refuse_longer(label: str, text: str, limit: int, field_name: str) -> None:
    if len(text) > limit:
        raise InvalidInput(f"{label}有 {len(text)} 字，微信最多 {limit} 字，请缩短。", field=field_name)


def _address(sha256: str, picture_urls: Mapping[str, str]) -> str:
    if sha256 not in picture_urls:
        raise ValueError(f"no address for picture {sha256}")
    return picture_urls[sha256]


# --- writing -------------------------------------------------------------------------------------------


@dataclass
class _Writer:
    picture_urls: Mapping[str, str]
    links: list[tuple[str, str]] = field(default_factory=list)

    def body(self, nodes: Sequence[Node]) -> str:
        return "".join(map(self._node, nodes))

    def notes(self) -> str:
        if not self.links:
            return ""
        lines = "".join(
            f"<p>[{number}] {escape(text, quote=False)}：{escape(address, quote=False)}</p>"
            for number, (text, address) in enumerate(self.links, start=1)
        )
        return f'<section class="notes"><p>参考链接</p>{lines}</section>'

    def _node(self, node: Node) -> str:
        match node:
            case Paragraph(tag, line):
                return f"<{tag}>{self._line(line)}</{tag}>"
            case Listing():
                return self._list(node)
            case Quote(flow):
                return f"<blockquote>{''.join(self._quoted(flow))}</blockquote>"
            case Table(head, rows):
                return self._table(head, rows)
            case Figure(image, caption):
                text = f'<p class="caption">{self._line(caption)}</p>' if caption else ""
                return f'<section class="figure">{self._image(image)}{text}</section>'
            case Rule():
                return "<hr>"

    def _quoted(self, flow: Flow) -> Iterator[str]:
        for part in flow:
            yield self._list(part) if isinstance(part, Listing) else f"<p>{self._line(part)}</p>"

    def _list(self, listing: Listing) -> str:
        tag = "ol" if listing.ordered else "ul"
        return f"<{tag}>{''.join(map(self._item, listing.items))}</{tag}>"

    def _item(self, item: Flow) -> str:
        # WeChat's editor draws a bullet of its own for bare text in an item, and two for a list inside one.
        words = "<br>".join(self._line(part) for part in item if not isinstance(part, Listing))
        nested = "".join(self._list(part) for part in item if isinstance(part, Listing))
        return f"<li><section>{words}</section></li>{nested}" if words else nested

    def _table(self, head: Sequence[Row], rows: Sequence[Row]) -> str:
        widths = _column_widths([*head, *rows])
        thead = f"<thead>{self._rows(head, widths)}</thead>" if head else ""
        tbody = f"<tbody>{self._rows(rows, () if head else widths)}</tbody>" if rows else ""
        return f'<section class="table"><table>{thead}{tbody}</table></section>'

    def _rows(self, rows: Sequence[Row], widths: Sequence[int]) -> str:
        first = _with_widths(rows[0], widths) if rows else []
        others = [[(cell, 0) for cell in row] for row in rows[1:]]
        return "".join(
            f"<tr>{''.join(self._cell(cell, width) for cell, width in row)}</tr>" for row in [first, *others]
        )

    def _cell(self, cell: Cell, width: int) -> str:
        tag = "th" if cell.heading else "td"
        numbers = (("width", f"{width}%" if width else ""), ("colspan", cell.colspan), ("rowspan", cell.rowspan))
        attributes = "".join(f' {name}="{value}"' for name, value in numbers if value not in {"", 1})
        inner = "".join(self._list(part) if isinstance(part, Listing) else self._line(part) for part in cell.flow)
        return f"<{tag}{attributes}>{inner}</{tag}>"

    def _line(self, line: Line) -> str:
        written = write_line(tuple(self._without_foreign_links(line)), picture=self._image)
        # No text can contain these: it is escaped.
        return written.replace("<mark>", '<span class="mark">').replace("</mark>", "</span>")

    def _image(self, image: Image) -> str:
        return f'<img src="{escape(_address(image.sha256, self.picture_urls))}" alt="{escape(image.alt)}">'

    def _without_foreign_links(self, line: Line) -> Iterator[Run | Image]:
        for href, stretch in groupby(line, key=lambda inline: inline.href if isinstance(inline, Run) else ""):
            if not href or _OWN_LINK.match(href):
                yield from stretch
                continue
            runs = [replace(run, href="") for run in stretch if isinstance(run, Run)]
            yield from runs
            number = self._note("".join(run.text for run in runs), href.removeprefix("mailto:"))
            if number:
                yield Run(f"[{number}]", frozenset({"sup"}))

    def _note(self, text: str, address: str) -> int:
        """The number under which an address is listed; 0 if the text names it anyway."""
        bare = address.partition("://")[2].rstrip("/") or address
        if bare in text:
            return 0
        known = [listed for _, listed in self.links]
        if address not in known:
            self.links.append((text.replace("\n", ""), address))
            return len(self.links)
        return known.index(address) + 1


def _column_widths(rows: Sequence[Row]) -> list[int]:
    """Percent per column by its longest text; without widths WeChat squeezes a column of dates to one digit."""
    columns = sum(cell.colspan for cell in rows[0])
    longest = [4] * columns
    for row in rows:
        if len(row) == columns and all(cell.colspan == 1 for cell in row):
            for column, cell in enumerate(row):
                longest[column] = max(longest[column], min(_longest_line(cell), 16))
    padded = [length + 2 for length in longest]
    return [round(100 * length / sum(padded)) for length in padded]


def _longest_line(cell: Cell) -> int:
    return max((len(line) for line in flow_text(cell.flow).split("\n")), default=0)


def _with_widths(row: Row, widths: Sequence[int]) -> list[tuple[Cell, int]]:
    sized, column = [], 0
    for cell in row:
        sized.append((cell, sum(widths[column : column + cell.colspan])))
        column += cell.colspan
    return sized


def _without_classes(html: str) -> str:
    """Through the parser, because a text may contain what looks like an attribute."""
    document = LexborHTMLParser(f"<body>{html}")
    for node in document.css("[class]"):
        del node.attrs["class"]
    return document.body.inner_html or "" if document.body is not None else ""
