"""The one HTML spelling of a body."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from html import escape

from services.manuscript.body import (
    MARKS,
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


def write(body: Iterable[Node]) -> str:
    """The canonical HTML of a body."""
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
            return f"<figure>{write_image(image)}{text}</figure>"
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


def write_line(line: Line, *, picture: Callable[[Image], str] | None = None) -> str:
    """The inline HTML of a line; `picture` writes its pictures if they are not to be asset addresses."""
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
            else (picture or write_image)(inline)
        )
        opened = wanted
    written += [f"</{_name(wrapper)}>" for wrapper in reversed(opened)]
    return "".join(written)


def _wrappers(run: Run) -> list[str]:
    link = [f'a href="{escape(run.href)}"'] if run.href else []
    return link + [mark for mark in MARKS if mark in run.marks]


def _name(wrapper: str) -> str:
    return wrapper.partition(" ")[0]


def write_image(image: Image) -> str:
    return f'<img src="asset:{image.sha256}" alt="{escape(image.alt)}">'
