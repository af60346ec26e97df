"""The body as a sequence of blocks: what the machine check reads and what two versions are compared by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.manuscript import body
from services.manuscript.body_reader import read
from services.manuscript.body_writer import write_image, write_line, write_row

_LINK = re.compile(r'<a href="([^"]*)">')


@dataclass(frozen=True)
class Block:
    """The smallest piece a reviewer would call "this place".

    `kind` is p, h2, h3, h4, li, quote, tr, img, caption or hr. `text` is what a reader sees, without markup;
    the cells of a table row are separated by tabs, line breaks are newlines, a picture has none. `html` is the
    canonical inner HTML of the block, for a picture the element itself.
    """

    kind: str
    text: str
    html: str

    @property
    def picture(self) -> str:
        """The fingerprint of the picture, for a picture block."""
        address = body.ASSET_ADDRESS.search(self.html) if self.kind == "img" else None
        return address[1] if address else ""

    @property
    def links(self) -> tuple[str, ...]:
        """The addresses linked to, in order."""
        return tuple(unescape(address) for address in _LINK.findall(self.html))


def blocks(html: str) -> tuple[Block, ...]:
    """The blocks of a canonical body in reading order."""
    return tuple(block for node in read(html) for block in _of_node(node))


def plain_text(html: str) -> str:
    """What a reader reads: the texts of all blocks that have one, joined by newlines.

    Offsets: the n-th block with text starts after the lengths of the ones before it plus one newline each.
    """
    return "\n".join(block.text for block in blocks(html) if block.text)


def picture_hashes(html: str) -> tuple[str, ...]:
    """The fingerprints of all pictures in reading order, repeated where a picture is repeated."""
    return tuple(image.sha256 for image in body.images(read(html)))


def normalised(html: str) -> str:
    """The serialisation a seal is taken over: blind to the order of attributes and to blanks that no browser
    shows, sensitive to everything else, markup that should not be there included.

    It does not depend on the cleaning rules, so a new `CLEANING_VERSION` leaves old seals as they were.
    """
    root = LexborHTMLParser(f"<body>{html}").body
    return "".join(_spelled(root)).removeprefix("<body>").removesuffix("</body>") if root is not None else ""


# --- spelling for the seal -----------------------------------------------------------------------------

_BLANKS = re.compile("[ \t\r\n\f]+")
# Unknown elements count as inline: a blank beside them may be visible.
_BLOCK = {
    "body", "p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td",
    "figure", "figcaption", "hr", "br",
}  # fmt: skip


def _spelled(node: LexborNode) -> Iterator[str]:
    tag = node.tag or ""
    attributes = "".join(f' {name}="{escape(value or "")}"' for name, value in sorted(node.attributes.items()))
    yield f"<{tag}{attributes}>"
    for child in node.iter(include_text=True, skip_empty=False):
        if child.tag == "-text":
            yield escape(_visible(child), quote=False)
        else:
            yield from _spelled(child)
    yield f"</{tag}>"


def _visible(text: LexborNode) -> str:
    """Blanks collapse; next to a block boundary they vanish."""
    words = _BLANKS.sub(" ", text.text_content or "")
    words = words.removeprefix(" ") if _is_boundary(text.prev, text.parent) else words
    return words.removesuffix(" ") if _is_boundary(text.next, text.parent) else words


def _is_boundary(sibling: LexborNode | None, parent: LexborNode | None) -> bool:
    beside = sibling or parent
    return beside is not None and beside.tag in _BLOCK


# --- blocks --------------------------------------------------------------------------------------------


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
            yield Block("img", "", write_image(image))
            if caption:
                yield _of_line("caption", caption)
        case body.Rule():
            yield Block("hr", "", "<hr>")


def _of_line(kind: str, line: body.Line) -> Block:
    return Block(kind, body.line_text(line), write_line(line))


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
    return Block("tr", "\t".join(body.flow_text(cell.flow) for cell in row), write_row(row))
