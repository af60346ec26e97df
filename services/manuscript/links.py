"""The links of a body, each at its place in the plain text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from services.manuscript.blocks import plain_text
from services.manuscript.body_reader import read
from services.manuscript.places import runs, starts


@dataclass(frozen=True)
class PlacedLink:
    """`start` and `end` count characters of `blocks.plain_text`."""

    start: int
    end: int
    address: str


def links(html: str) -> tuple[PlacedLink, ...]:
    """The links of a canonical body in reading order; one that is partly bold is one link."""
    return tuple(_merged(html)) if "<a " in html else ()


def _merged(html: str) -> Iterator[PlacedLink]:
    text = plain_text(html)
    pieces = list(runs(read(html)))
    before: PlacedLink | None = None
    for start, run in zip(starts(text, [run.text for run in pieces]), pieces, strict=True):
        if before is not None and (run.href, start) == (before.address, before.end):
            before = PlacedLink(before.start, start + len(run.text), run.href)
            continue
        if before is not None:
            yield before
        before = PlacedLink(start, start + len(run.text), run.href) if run.href and run.text else None
    if before is not None:
        yield before
