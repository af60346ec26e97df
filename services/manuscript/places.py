"""Where each stretch of a body stands in its plain text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from services.manuscript.body import Run

_SEPARATORS = frozenset("\n\t")


def runs(part: Any) -> Iterator[Run]:
    """Every run of a body, or of a part of one, in reading order."""
    if isinstance(part, Run):
        yield part
    elif isinstance(part, tuple):
        for each in part:
            yield from runs(each)
    elif is_dataclass(part):
        for each in fields(part):
            yield from runs(getattr(part, each.name))


def starts(text: str, pieces: Sequence[str]) -> Iterator[int]:
    """Where each run begins in the plain text: they follow each other, divided only by line and cell ends."""
    place = 0
    for piece in pieces:
        while not text.startswith(piece, place) and place < len(text) and text[place] in _SEPARATORS:
            place += 1
        yield place
        place += len(piece)
