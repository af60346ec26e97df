"""The body as a sequence of blocks: what the machine check reads and what two versions are compared by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.manuscript import body


@dataclass(frozen=True)
class Block:
    """The smallest piece a reviewer would call "this place".

    `kind` is p, h2, h3, h4, li, quote, tr, img, caption or hr. `text` is what a reader sees, without markup;
    the cells of a table row are separated by tabs, line breaks are newlines, a picture has none. `html` is the
    canonical inner HTML of the block, for a picture its address.
    """

    kind: str
    text: str
    html: str


def blocks(html: str) -> tuple[Block, ...]:
    """The blocks of a canonical body in reading order."""
    return tuple(block for node in body.read(html) for block in _of_node(node))


def plain_text(html: str) -> str:
    """What a reader reads: the texts of all blocks that have one, joined by newlines.

    Offsets: the n-th block with text starts after the lengths of the ones before it plus one newline each.
    """
    return "\n".join(block.text for block in blocks(html) if block.text)


def picture_hashes(html: str) -> tuple[str, ...]:
    """The fingerprints of all pictures in reading order, repeated where a picture is repeated."""
    return tuple(image.sha256 for image in body.images(body.read(html)))


def _of_node(node: body.Node) -> Iterator[Block]:
    match node:
        case body.Paragraph(tag, line):
            yield _of_line(tag, line)
        case body.Listing():
            yield from _of_list(node)
        case body.Quote(flow):
            yield from _of_flow("quote", flow)
        case body.Table(head, rows):
            yield from (_of_row(row) for row in head + rows)
        case body.Figure(image, caption):
            yield Block("img", "", f"asset:{image.sha256}")
            if caption:
                yield _of_line("caption", caption)
        case body.Rule():
            yield Block("hr", "", "<hr>")


def _of_line(kind: str, line: body.Line) -> Block:
    return Block(kind, body.line_text(line), body.write_line(line))


def _of_list(listing: body.Listing) -> Iterator[Block]:
    for item in listing.items:
        yield from _of_flow("li", item)


def _of_flow(kind: str, flow: body.Flow) -> Iterator[Block]:
    for part in flow:
        if isinstance(part, body.Listing):
            yield from _of_list(part)
        else:
            yield _of_line(kind, part)


def _of_row(row: body.Row) -> Block:
    return Block("tr", "\t".join(body.flow_text(cell.flow) for cell in row), body.write_row(row))
