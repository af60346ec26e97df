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
from services.manuscript.blocks import plain_text
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


@dataclass(frozen=True)
class Look:
    """One way an article may look: how its headings are set, and its colour where the school chose none."""

    name: str
    label: str
    colour: str
    heading: str

    def css(self, accent: str) -> str:
        """The style sheet in this colour."""
        return _css(
            ink=INK,
            accent=accent,
            tint=_mixed(accent, TINT),
            line=_mixed(accent, LINE),
            heading=self.heading.format(accent=accent),
        )


TINT, LINE = 0.06, 0.2
"""How much of the colour stands behind quotations and heads of tables, and in their lines."""


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
    color: #6e6e6e;
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
.credit {{ text-indent: 0; margin: 1.6em 0 0; text-align: right; font-size: 14px; color: #6e6e6e }}
.notes {{
    text-indent: 0; margin: 2em 0 0; padding: .8em 0 0; border-top: 1px solid {line};
    font-size: 13px; line-height: 1.6; color: #6e6e6e; text-align: left; word-break: break-all;
}}
.notes > p {{ margin: 0 0 .3em }}
"""


THEMES: Mapping[str, Look] = {
    look.name: look
    for look in (
        Look("plain", "简洁", "#333333", "margin: 1.8em 0 .8em; font-size: 18px; line-height: 1.5"),
        Look(
            "campus",
            "竖线",
            "#a61c24",
            "margin: 1.8em 0 .9em; padding: 0 0 0 .6em; border-left: 4px solid {accent};"
            " font-size: 18px; line-height: 1.4; color: {accent}",
        ),
        Look(
            "calm",
            "居中",
            "#1f6f8b",
            "margin: 1.8em 0 1em; padding: 0 0 .4em; border-bottom: 2px solid {accent};"
            " text-align: center; font-size: 18px; line-height: 1.4; color: {accent}",
        ),
        Look(
            "band",
            "色块",
            "#1f5f4a",
            "margin: 1.8em 0 1em; padding: .35em .8em; background: {accent}; border-radius: 2px;"
            " font-size: 17px; line-height: 1.5; color: #ffffff",
        ),
    )
}
"""The looks of an article. A theme is the name of one, with a colour of the school's where one was chosen:
`campus`, `campus:#0b5394`.
"""

LEAST_CONTRAST = 4.5
"""Of text against what it stands on (WCAG 2.2, 1.4.3 AA)."""

_COLOUR = re.compile(r"#[0-9a-f]{6}")
WHITE, INK = "#ffffff", "#333333"


def theme_named(name: str) -> Theme:
    """The theme of that name. Raises `InvalidInput` naming the looks there are, or for a colour nobody can read."""
    look_name, _, colour = name.partition(":")
    if look_name not in THEMES:
        known = "、".join(f"{look.name}（{look.label}）" for look in THEMES.values())
        raise InvalidInput(f"没有名为“{look_name}”的版式，可选：{known}。", field="theme")
    look = THEMES[look_name]
    accent = colour or look.colour
    fault = colour_fault(accent)
    if fault is not None:
        raise InvalidInput(fault, field="theme")
    return Theme(name, look.label, look.css(accent))


def colour_fault(colour: str) -> str | None:
    """Why headings and links cannot have this colour, as a sentence, or None if they can."""
    if not _COLOUR.fullmatch(colour):
        return "颜色请写成 #a61c24 的样子。"
    if min(contrast(colour, WHITE), contrast(colour, _mixed(colour, TINT))) < LEAST_CONTRAST:
        return "这个颜色太浅，手机上看不清标题和链接：请选深一些的颜色。"
    return None


def contrast(one: str, other: str) -> float:
    """How far two colours are apart, from 1 to 21 (WCAG's contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    shares = (channel / 255 for channel in _channels(colour))
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, share: float) -> str:
    """So much of a colour on white."""
    return "#" + "".join(f"{round(255 - (255 - channel) * share):02x}" for channel in _channels(colour))


def to_wechat(html: str, *, theme: str = "plain", picture_urls: Mapping[str, str], photographer: str = "") -> str:
    """The canonical body as a WeChat body, with the photographer below it: WeChat itself shows the author only.

    `picture_urls` gives the address of each picture by fingerprint; that one is missing is a fault of the
    caller and a `ValueError`. Links to other sites become text with a numbered list 参考链接 at the end,
    links to published articles (mp.weixin.qq.com) stay.
    """
    writer = _Writer(picture_urls)
    below = _credit(html, photographer)
    article = f'<section class="article">{writer.body(read(html))}{below}{writer.notes()}</section>'
    inlined = css_inline.inline_fragment(
        article, theme_named(theme).css, load_remote_stylesheets=False, resolve_css_variables=True, minify_css=True
    )
    return _without_classes(inlined)


def _credit(html: str, photographer: str) -> str:
    """The photographer's line (著作权法 10: 署名权); nothing where the body itself names them as such."""
    name = photographer.strip()
    said = re.compile(
        rf"(?:摄影|拍摄|供图|图片?|照片)(?:者|作者)?[\s：:/／|]*{re.escape(name)}|{re.escape(name)}\s*(?:摄|供图)"
    )
    if not name or said.search(plain_text(html)):
        return ""
    return f'<p class="credit">摄影：{escape(name, quote=False)}</p>'


def to_campus_body(html: str, *, picture_urls: Mapping[str, str]) -> str:
    """The canonical body with its pictures at `picture_urls`; everything else as it is.

    Raises `ValueError` for a picture without an address: the caller has not stored it.
    """
    return _ASSET_SOURCE.sub(lambda match: f'src="{escape(_address(match[1], picture_urls))}"', html)


def with_notice(body: str, notice: str) -> str:
    """The body of a page that has no place of its own for what readers are told of a correction: above the text."""
    told = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in notice.splitlines())
    return told + body


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
