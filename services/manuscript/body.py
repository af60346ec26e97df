"""The body of an article as data: what may stand in it, read from HTML and written as HTML.

One body has exactly one spelling. Text is kept as runs that carry their marks, so `<b>甲</b><b>乙</b>`,
`<strong>甲乙</strong>` and `<strong><strong>甲乙</strong></strong>` are the same run and are written the
same way; empty wrappers cannot exist. Sanitising is not done here: see `services.manuscript.cleaning`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from html import escape
from itertools import groupby
from typing import TypeAlias

from selectolax.lexbor import LexborHTMLParser, LexborNode

ASSET_ADDRESS = re.compile(r"asset:([0-9a-f]{64})")
WEB_ADDRESS = re.compile(r"""(?:https?://|mailto:)[^\s<>"'\\^`{|}]{1,2000}""", re.IGNORECASE)

#: The order in which marks nest when written; a link stands outside all of them.
MARKS = ("strong", "em", "u", "s", "mark", "sub", "sup")
MARK_OF_TAG = {
    "b": "strong", "strong": "strong", "i": "em", "em": "em", "cite": "em", "u": "u", "ins": "u",
    "s": "s", "strike": "s", "del": "s", "mark": "mark", "sub": "sub", "sup": "sup",
}  # fmt: skip
HEADING_OF_TAG = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
BLOCK_TAGS = {
    "p", "div", "section", "article", "header", "footer", "main", "aside", "nav", "address", "center", "pre",
    "dl", "dt", "dd", "li", "fieldset", "form", "details", "summary",
    "tr", "td", "th", "thead", "tbody", "tfoot", "caption",
}  # fmt: skip
DEEPEST_LIST = 5
WIDEST_SPAN = 100

# Characters nobody sees: controls, zero-width, direction overrides, soft hyphen, non-characters. They carry
# no meaning in an article and hide words from the machine check. The zero-width joiner stays: emoji need it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SPACES = re.compile("[ \t\r\n\f\v\xa0\u1680\u2000-\u200a\u202f\u205f]+")
_INDENT = "\u3000"


@dataclass(frozen=True)
class Run:
    """A stretch of text under the same marks; a newline in it is a line break."""

    text: str
    marks: frozenset[str] = frozenset()
    href: str = ""


@dataclass(frozen=True)
class Image:
    """A picture by the fingerprint of its stored file."""

    sha256: str
    alt: str = ""


Line: TypeAlias = tuple[Run | Image, ...]


@dataclass(frozen=True)
class Listing:
    ordered: bool
    items: tuple[Flow, ...]


#: What stands in a list item, a table cell or a quotation: lines and lists, nothing wider.
Flow: TypeAlias = tuple[Line | Listing, ...]


@dataclass(frozen=True)
class Paragraph:
    tag: str
    line: Line


@dataclass(frozen=True)
class Quote:
    flow: Flow


@dataclass(frozen=True)
class Cell:
    flow: Flow
    heading: bool = False
    colspan: int = 1
    rowspan: int = 1


Row: TypeAlias = tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    head: tuple[Row, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Figure:
    image: Image
    caption: Line = ()


@dataclass(frozen=True)
class Rule:
    """A dividing line."""


Node: TypeAlias = Paragraph | Listing | Quote | Table | Figure | Rule
Body: TypeAlias = tuple[Node, ...]


# --- reading -------------------------------------------------------------------------------------------


def read(html: str) -> Body:
    """The body that an HTML fragment describes. Tolerant: unknown elements count for their content only."""
    root = LexborHTMLParser(f"<body>{html}").body
    if root is None:
        return ()
    flow = _Flow()
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
    pending: list[Run | Image] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)

    def end_line(self) -> None:
        pending, self.pending = self.pending, []
        if self.narrow:
            self.nodes.extend(Paragraph("p", line) for line in _lines(pending))
            return
        for is_picture, stretch in groupby(pending, key=lambda inline: isinstance(inline, Image)):
            if is_picture:
                self.nodes.extend(Figure(image) for image in stretch if isinstance(image, Image))
            else:
                self.nodes.extend(Paragraph(self.tag, line) for line in _lines(self._plain_in_headings(stretch)))

    def _plain_in_headings(self, stretch: Iterable[Run | Image]) -> Iterator[Run | Image]:
        # A heading is bold by being a heading; a contact's extra bold would only lengthen the markup.
        for inline in stretch:
            if isinstance(inline, Run) and self.tag != "p":
                yield replace(inline, marks=inline.marks - {"strong"})
            else:
                yield inline

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
        alt = _UNSEEN.sub("", _SPACES.sub(" ", node.attributes.get("alt") or "")).strip()
        flow.pending.append(Image(address[1], alt))


def _read_heading(node: LexborNode, style: _Style, flow: _Flow) -> None:
    outer, flow.tag = flow.tag, HEADING_OF_TAG[node.tag or "h2"]
    _walk(node, style, flow)
    flow.end_line()
    flow.tag = outer


def _read_list(node: LexborNode, style: _Style, flow: _Flow) -> None:
    if flow.depth >= DEEPEST_LIST:
        _walk(node, style, flow)
        return
    items: list[_Flow] = []
    for child in node.iter(include_text=True):
        starts_item = child.tag == "li" or not items
        if child.tag == "-text" and not (child.text_content or "").strip():
            continue
        if starts_item:
            items.append(_Flow(narrow=True, depth=flow.depth + 1))
        if child.tag == "li":
            _walk(child, style, items[-1])
        else:
            _walk_one(child, style, items[-1])
    kept = tuple(item for item in (_joined(item.lines_and_lists()) for item in items) if item)
    if kept:
        flow.nodes.append(Listing(node.tag == "ol", kept))


def _walk_one(node: LexborNode, style: _Style, flow: _Flow) -> None:
    """Read a stray child of a list as if it were wrapped in an item."""
    if node.tag == "-text":
        flow.pending.append(_text_run(node.text_content or "", style))
    elif node.tag in {"ul", "ol"}:
        flow.end_line()
        _read_list(node, style, flow)
    else:
        _walk(node, style, flow)
        flow.end_line()


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
        _joined(flow.lines_and_lists()),
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
    heading = tuple(tuple(replace(cell, heading=True) for cell in row) for row in rows[:head])
    return Table(heading, tuple(rows[head:]))


def _read_figure(node: LexborNode, style: _Style, flow: _Flow) -> None:
    captions = [child for child in node.iter() if child.tag == "figcaption"]
    for child in node.iter(include_text=True):
        if child.tag == "-text":
            flow.pending.append(_text_run(child.text_content or "", style))
        elif child.tag == "img":
            _read_image(child, style, flow)
        elif child.tag != "figcaption":
            _walk_one_block(child, style, flow)
    flow.end_line()
    for caption in captions:
        _read_caption(caption, style, flow)


def _walk_one_block(node: LexborNode, style: _Style, flow: _Flow) -> None:
    if node.tag in _BLOCK_READERS:
        flow.end_line()
        _BLOCK_READERS[node.tag](node, style, flow)
        flow.end_line()
    elif node.tag in _INLINE_READERS:
        _INLINE_READERS[node.tag](node, style, flow)
    else:
        _walk(node, style, flow)


def _read_caption(node: LexborNode, style: _Style, flow: _Flow) -> None:
    """A caption belongs to the picture right before it; without one it is an ordinary paragraph."""
    figure = flow.nodes[-1] if flow.nodes else None
    if flow.narrow or not isinstance(figure, Figure) or figure.caption:
        _walk(node, style, flow)
        return
    inner = _Flow(narrow=True)
    _walk(node, style, inner)
    content = _joined([line for line in inner.lines_and_lists() if not isinstance(line, Listing)])
    words = tuple(inline for line in content if not isinstance(line, Listing) for inline in line)
    flow.nodes[-1] = replace(figure, caption=tuple(inline for inline in words if isinstance(inline, Run)))


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


# --- tidying lines -------------------------------------------------------------------------------------


def _lines(inlines: Iterable[Run | Image]) -> Iterator[Line]:
    """The lines of one block. An empty line, or one that starts with the two full-width blanks of a typed
    indent, begins a new block: authors press Shift+Enter where they mean Enter.
    """
    block: list[list[Run | Image]] = []
    for piece in _pieces(inlines):
        indented = isinstance(piece[0], Run) and piece[0].text.startswith(_INDENT * 2) if piece else False
        tidy = _tidied(piece)
        if block and (not tidy or indented):
            yield _with_breaks(block)
            block = []
        if tidy:
            block.append(tidy)
    if block:
        yield _with_breaks(block)


def _pieces(inlines: Iterable[Run | Image]) -> list[list[Run | Image]]:
    pieces: list[list[Run | Image]] = [[]]
    for inline in inlines:
        if isinstance(inline, Image):
            pieces[-1].append(inline)
            continue
        first, *others = _UNSEEN.sub("", inline.text).split("\n")
        pieces[-1].append(replace(inline, text=first))
        pieces.extend([replace(inline, text=text)] for text in others)
    return [[inline for inline in piece if isinstance(inline, Image) or inline.text] for piece in pieces]


def _tidied(piece: Sequence[Run | Image]) -> list[Run | Image]:
    """Collapse blanks across runs, trim both ends, join runs that look alike."""
    tidy: list[Run | Image] = []
    after_blank = True
    for inline in piece:
        if isinstance(inline, Run):
            text = _SPACES.sub(" ", inline.text)
            text = text[1:] if after_blank and text.startswith(" ") else text
            text = text.lstrip(f" {_INDENT}") if not tidy else text
            after_blank = text.endswith(" ") if text else after_blank
            _append(tidy, replace(inline, text=text))
        else:
            after_blank = False
            tidy.append(inline)
    while tidy and isinstance(last := tidy[-1], Run):
        trimmed = last.text.rstrip(f" {_INDENT}")
        if trimmed:
            tidy[-1] = replace(last, text=trimmed)
            break
        tidy.pop()
    return tidy


def _append(inlines: list[Run | Image], run: Run) -> None:
    last = inlines[-1] if inlines else None
    if isinstance(last, Run) and (last.marks, last.href) == (run.marks, run.href):
        inlines[-1] = replace(last, text=last.text + run.text)
    elif run.text:
        inlines.append(run)


def _with_breaks(pieces: Sequence[Sequence[Run | Image]]) -> Line:
    """Join lines of one block by breaks; a break carries what the texts around it have in common."""
    joined: list[Run | Image] = list(pieces[0])
    for piece in pieces[1:]:
        before, after = joined[-1], piece[0]
        if isinstance(before, Run) and isinstance(after, Run):
            href = before.href if before.href == after.href else ""
            _append(joined, Run("\n", before.marks & after.marks, href))
        else:
            joined.append(Run("\n"))
        for inline in piece:
            if isinstance(inline, Run):
                _append(joined, inline)
            else:
                joined.append(inline)
    return tuple(joined)


def _joined(content: Sequence[Line | Listing]) -> Flow:
    """In a cell or an item, lines that follow each other are one line with breaks."""
    flow: list[Line | Listing] = []
    for is_list, stretch in groupby(content, key=lambda part: isinstance(part, Listing)):
        parts = list(stretch)
        if is_list:
            flow.extend(parts)
        else:
            flow.append(_with_breaks([list(line) for line in parts if isinstance(line, tuple)]))
    return tuple(flow)


# --- writing -------------------------------------------------------------------------------------------


def write(body: Iterable[Node]) -> str:
    """The one HTML spelling of a body."""
    return "".join(map(write_node, body))


def write_node(node: Node) -> str:
    match node:
        case Paragraph(tag, line):
            return f"<{tag}>{write_line(line)}</{tag}>"
        case Listing():
            return _write_list(node)
        case Quote(flow):
            inner = "".join(
                _write_list(part) if isinstance(part, Listing) else f"<p>{write_line(part)}</p>" for part in flow
            )
            return f"<blockquote>{inner}</blockquote>"
        case Table(head, rows):
            thead = f"<thead>{''.join(map(write_row, head))}</thead>" if head else ""
            tbody = f"<tbody>{''.join(map(write_row, rows))}</tbody>" if rows else ""
            return f"<table>{thead}{tbody}</table>"
        case Figure(image, caption):
            text = f"<figcaption>{write_line(caption)}</figcaption>" if caption else ""
            return f"<figure>{_write_image(image)}{text}</figure>"
        case Rule():
            return "<hr>"


def write_row(row: Row) -> str:
    return f"<tr>{''.join(map(_write_cell, row))}</tr>"


def _write_cell(cell: Cell) -> str:
    tag = "th" if cell.heading else "td"
    spans = "".join(
        f' {name}="{value}"' for name, value in (("colspan", cell.colspan), ("rowspan", cell.rowspan)) if value > 1
    )
    return f"<{tag}{spans}>{write_flow(cell.flow)}</{tag}>"


def _write_list(listing: Listing) -> str:
    tag = "ol" if listing.ordered else "ul"
    return f"<{tag}>{''.join(f'<li>{write_flow(item)}</li>' for item in listing.items)}</{tag}>"


def write_flow(flow: Flow) -> str:
    return "".join(_write_list(part) if isinstance(part, Listing) else write_line(part) for part in flow)


def write_line(line: Line) -> str:
    written: list[str] = []
    opened: list[str] = []
    for inline in line:
        wanted = _wrappers(inline) if isinstance(inline, Run) else []
        shared = next(
            (i for i, (a, b) in enumerate(zip(opened, wanted, strict=False)) if a != b),
            min(len(opened), len(wanted)),
        )
        written += [f"</{_name(wrapper)}>" for wrapper in reversed(opened[shared:])]
        written += [f"<{wrapper}>" for wrapper in wanted[shared:]]
        written.append(
            escape(inline.text, quote=False).replace("\n", "<br>")
            if isinstance(inline, Run)
            else _write_image(inline)
        )
        opened = wanted
    written += [f"</{_name(wrapper)}>" for wrapper in reversed(opened)]
    return "".join(written)


def _wrappers(run: Run) -> list[str]:
    link = [f'a href="{escape(run.href)}"'] if run.href else []
    return link + [mark for mark in MARKS if mark in run.marks]


def _name(wrapper: str) -> str:
    return wrapper.partition(" ")[0]


def _write_image(image: Image) -> str:
    return f'<img src="asset:{image.sha256}" alt="{escape(image.alt)}">'


# --- text ----------------------------------------------------------------------------------------------


def line_text(line: Line) -> str:
    """What a reader sees of a line; pictures have no text."""
    return "".join(inline.text for inline in line if isinstance(inline, Run))


def flow_text(flow: Flow) -> str:
    """The text of a cell or an item, one line for each line."""
    return "\n".join(
        "\n".join(map(flow_text, part.items)) if isinstance(part, Listing) else line_text(part) for part in flow
    )


def images(body: Iterable[Node]) -> Iterator[Image]:
    """Every picture in reading order."""
    for node in body:
        match node:
            case Figure(image):
                yield image
            case Paragraph(_, line):
                yield from _images_of(line)
            case Listing():
                yield from _images_in((node,))
            case Quote(flow):
                yield from _images_in(flow)
            case Table(head, rows):
                for row in head + rows:
                    for cell in row:
                        yield from _images_in(cell.flow)


def _images_in(flow: Flow) -> Iterator[Image]:
    for part in flow:
        if isinstance(part, Listing):
            for item in part.items:
                yield from _images_in(item)
        else:
            yield from _images_of(part)


def _images_of(line: Line) -> Iterator[Image]:
    return (inline for inline in line if isinstance(inline, Image))
