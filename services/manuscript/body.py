"""The body of an article as data: what may stand in it, and nothing else.

One body has exactly one spelling. Text is kept as runs that carry their marks, so `<b>甲</b><b>乙</b>`,
`<strong>甲乙</strong>` and `<strong><strong>甲乙</strong></strong>` are the same run and are written the
same way; empty wrappers cannot exist. `body_reader` reads HTML into it, `body_writer` writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

ASSET_ADDRESS = re.compile(r"asset:([0-9a-f]{64})")
WEB_ADDRESS = re.compile(r"""(?:https?://|mailto:)[^\s<>"'\\^`{|}]{1,2000}""", re.IGNORECASE)

#: The order in which marks nest when written; a link stands outside all of them.
MARKS = ("strong", "em", "u", "s", "mark", "sub", "sup")


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
