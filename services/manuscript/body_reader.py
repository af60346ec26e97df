"""HTML, however untidy, read as a body. Sanitising is not done here: see `services.manuscript.cleaning`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import groupby

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.manuscript.body import (
    ASSET_ADDRESS,
    WEB_ADDRESS,
    Body,
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
)
from services.manuscript.lines import joined, lines, tidy_text, with_breaks

MARK_OF_TAG = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "u": "u", "ins": "u",
    "s": "s", "strike": "s", "del": "s", "mark": "mark", "sub": "sub", "sup": "sup",
}  # fmt: skip
#: The article's title is its first level, so the body begins at the second.
HEADING_OF_TAG = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
_BELOW_FIRST_LEVEL = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h4", "h5": "h4", "h6": "h4"}
BLOCK_TAGS = {
    "p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "address", "center", "pre",
    "dl", "dt", "dd", "li", "fieldset", "form", "details", "summary",
    "tr", "td", "th", "thead", "tbody", "tfoot", "caption",
}  # fmt: skip
DEEPEST_LIST = 5
WIDEST_SPAN = 100


def read(html: str) -> Body:
    """The body that an HTML fragment describes. Tolerant: unknown elements count for their content only."""
    root = LexborHTMLParser(f"<body>{html}").body
    if root is None:
        return ()
    flow = _Flow(headings=HEADING_OF_TAG if root.css_first("h1") is None else _BELOW_FIRST_LEVEL)
    _walk(root, _Style(), flow)
    return tuple(flow.finished())


@dataclass(frozen=True)
class _Style:
    marks: frozenset[str] = frozenset()
    href: str = ""
    keeps_newlines: bool = False


@dataclass
class _Flow:
    """Collects inline content until a block boundary ends the line."""

    narrow: bool = False
    depth: int = 0
    tag: str = "p"
    headings: Mapping[str, str] = field(default_factory=lambda: HEADING_OF_TAG)
    pending: list[Run | Image] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def end_line(self) -> None:
        pending, self.pending = self.pending, []
        if self.narrow:
            self.nodes.extend(Paragraph("p", line) for line in lines(pending))
            return
        for is_picture, stretch in groupby(pending, key=lambda inline: isinstance(inline, Image)):
            if is_picture:
                self.nodes.extend(Figure(image) for image in stretch if isinstance(image, Image))
            else:
                self.nodes.extend(
                    Paragraph(self.tag, line) for line in lines(stretch if self.tag == "p" else _plain(stretch))
                )

    def finished(self) -> list[Node]:
        self.end_line()
        return self.nodes

    def lines_and_lists(self) -> list[Line | Listing]:
        """The content of a narrow flow."""
        return [
            node.line if isinstance(node, Paragraph) else node
            for node in self.finished()
            if isinstance(node, Paragraph | Listing)
        ]


def _walk(parent: LexborNode, style: _Style, flow: _Flow) -> None:
    for node in parent.iter(include_text=True):
        _visit(node, style, flow)


def _visit(node: LexborNode, style: _Style, flow: _Flow) -> None:
    tag = node.tag or ""
    if tag == "-text":
        flow.pending.append(_text_run(node.text_content or "", style))
    elif tag in MARK_OF_TAG:
        _walk(node, replace(style, marks=style.marks | {MARK_OF_TAG[tag]}), flow)
    elif tag in _INLINE_READERS:
        _INLINE_READERS[tag](node, style, flow)
    elif tag in BLOCK_TAGS:
        flow.end_line()
        _walk(node, replace(style, keeps_newlines=tag == "pre" or style.keeps_newlines), flow)
        flow.end_line()
    elif tag in _BLOCK_READERS:
        flow.end_line()
        _BLOCK_READERS[tag](node, style, flow)
        flow.end_line()
    else:
        _walk(node, style, flow)


def _text_run(text: str, style: _Style) -> Run:
    text = text if style.keeps_newlines else text.replace("\n", " ")
    return Run(text.replace("\r", ""), style.marks, style.href)


def _read_break(_node: LexborNode, style: _Style, flow: _Flow) -> None:
    flow.pending.append(Run("\n", style.marks, style.href))


def _read_link(node: LexborNode, style: _Style, flow: _Flow) -> None:
    href = (node.attributes.get("href") or "").strip()
    _walk(node, replace(style, href=href if WEB_ADDRESS.fullmatch(href) else style.href), flow)


def _read_image(node: LexborNode, _style: _Style, flow: _Flow) -> None:
    address = ASSET_ADDRESS.fullmatch(node.attributes.get("src") or "")
    if address:
        flow.pending.append(Image(address[1], tidy_text(node.attributes.get("alt") or "")))


def _read_heading(node: LexborNode, style: _Style, flow: _Flow) -> None:
    outer, flow.tag = flow.tag, flow.headings[node.tag or "h2"]
    _walk(node, style, flow)
    flow.end_line()
    flow.tag = outer


def _read_list(node: LexborNode, style: _Style, flow: _Flow) -> None:
    if flow.depth >= DEEPEST_LIST:
        _walk(node, style, flow)
        return
    items: list[_Flow] = []
    for child in node.iter(include_text=True):
        if child.tag == "-text" and not (child.text_content or "").strip():
            continue
        # A list or a text right inside a list, as bad HTML has it, belongs to the item before.
        if child.tag == "li" or not items:
            items.append(_Flow(narrow=True, depth=flow.depth + 1))
        _visit(child, style, items[-1])
    kept = tuple(item for item in (joined(item.lines_and_lists()) for item in items) if item)
    if kept:
        flow.nodes.append(Listing(node.tag == "ol", kept))


def _read_quote(node: LexborNode, style: _Style, flow: _Flow) -> None:
    if flow.narrow:
        _walk(node, style, flow)
        return
    inner = _Flow(narrow=True)
    _walk(node, style, inner)
    content = tuple(inner.lines_and_lists())
    if content:
        flow.nodes.append(Quote(content))


def _read_table(node: LexborNode, style: _Style, flow: _Flow) -> None:
    if flow.narrow:
        # A table inside a cell or an item has no room on a phone: its rows become lines.
        _walk(node, style, flow)
        return
    for caption in (child for child in node.iter() if child.tag == "caption"):
        _walk(caption, style, flow)
        flow.end_line()
    marked_head, rows = 0, []
    for section, row in _rows_of(node):
        rows.append(tuple(_read_cell(cell, style) for cell in row.iter() if cell.tag in {"td", "th"}))
        marked_head += section == "thead"
    rows = _without_empty_rows(rows)
    if any(cell.flow for row in rows for cell in row):
        flow.nodes.append(_table(rows, marked_head))


def _rows_of(table: LexborNode) -> Iterator[tuple[str, LexborNode]]:
    for section in table.iter():
        if section.tag in {"thead", "tbody", "tfoot"}:
            yield from ((section.tag or "", row) for row in section.iter() if row.tag == "tr")


def _read_cell(node: LexborNode, style: _Style) -> Cell:
    flow = _Flow(narrow=True)
    _walk(node, style, flow)
    return Cell(
        joined(flow.lines_and_lists()),
        heading=node.tag == "th",
        colspan=_span(node.attributes.get("colspan")),
        rowspan=_span(node.attributes.get("rowspan")),
    )


def _span(value: str | None) -> int:
    digits = re.match(r"\s*0*(\d{1,4})", value or "")
    return min(max(int(digits[1]), 1), WIDEST_SPAN) if digits else 1


def _without_empty_rows(rows: list[Row]) -> list[Row]:
    """Drop rows without cells of their own, shortening the cells that reach over them."""
    kept = list(rows)
    for empty in [index for index, row in enumerate(rows) if not row][::-1]:
        kept[:empty] = [
            tuple(replace(cell, rowspan=cell.rowspan - (index + cell.rowspan > empty)) for cell in row)
            for index, row in enumerate(kept[:empty])
        ]
        del kept[empty]
    return [
        tuple(replace(cell, rowspan=min(cell.rowspan, len(kept) - index)) for cell in row)
        for index, row in enumerate(kept)
    ]


def _table(rows: list[Row], marked_head: int) -> Table:
    head = max(marked_head, next((i for i, row in enumerate(rows) if not all(c.heading for c in row)), len(rows)))
    # A header cell that reaches down pulls the rows it covers into the header; browsers cut it off otherwise.
    reach = 0
    while reach < min(head, len(rows)):
        head = max(head, *(reach + cell.rowspan for cell in rows[reach]))
        reach += 1
    heading = [[replace(cell, heading=True) for cell in row] for row in rows[:head]]
    return Table(tuple(map(_plain_row, heading)), tuple(map(_plain_row, rows[head:])))


def _plain_row(row: Iterable[Cell]) -> Row:
    return tuple(replace(cell, flow=_plain_flow(cell.flow)) if cell.heading else cell for cell in row)


def _plain_flow(flow: Flow) -> Flow:
    return tuple(
        replace(part, items=tuple(map(_plain_flow, part.items))) if isinstance(part, Listing) else tuple(_plain(part))
        for part in flow
    )


def _plain(line: Iterable[Run | Image]) -> Iterator[Run | Image]:
    """Headings and header cells are bold by themselves; a contact's extra bold only lengthens the markup."""
    for inline in line:
        yield replace(inline, marks=inline.marks - {"strong"}) if isinstance(inline, Run) else inline


def _read_figure(node: LexborNode, style: _Style, flow: _Flow) -> None:
    # The caption may stand above the picture; ours stands below.
    for child in sorted(node.iter(include_text=True), key=lambda child: child.tag == "figcaption"):
        _visit(child, style, flow)


def _read_caption(node: LexborNode, style: _Style, flow: _Flow) -> None:
    """A caption belongs to the picture right before it; without one it is an ordinary paragraph."""
    figure = flow.nodes[-1] if flow.nodes else None
    if flow.narrow or not isinstance(figure, Figure) or figure.caption:
        _walk(node, style, flow)
        return
    inner = _Flow()
    _walk(node, style, inner)
    nodes = inner.finished()
    captions = [list(part.line) for part in nodes if isinstance(part, Paragraph)]
    flow.nodes[-1] = replace(figure, caption=with_breaks(captions) if captions else ())
    # What is no line of text, a second picture for one, stands on its own below.
    flow.nodes += [part for part in nodes if not isinstance(part, Paragraph)]


def _read_rule(_node: LexborNode, _style: _Style, flow: _Flow) -> None:
    if not flow.narrow:
        flow.nodes.append(Rule())


_INLINE_READERS = {"br": _read_break, "a": _read_link, "img": _read_image}
_BLOCK_READERS = {
    **dict.fromkeys(HEADING_OF_TAG, _read_heading),
    "ul": _read_list,
    "ol": _read_list,
    "blockquote": _read_quote,
    "table": _read_table,
    "figure": _read_figure,
    "figcaption": _read_caption,
    "hr": _read_rule,
}
