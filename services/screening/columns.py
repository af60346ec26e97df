"""Cells of a table by the head of their column: under 学号 every number is a student's, however it looks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

Cell = tuple[str, str, int, int]
"""The kind of a column, the head as written, and where in the text a cell of it begins and ends."""


def cells_under(text: str, kinds: Mapping[str, re.Pattern[str]]) -> Iterator[Cell]:
    """The filled cells under heads of these kinds. Rows are lines, columns are divided by tabs; a line without a
    tab ends the table.
    """
    if "\t" not in text:
        return
    heads: dict[int, tuple[str, str]] = {}
    start = 0
    for line in text.split("\n"):
        cells = line.split("\t")
        named = {
            column: (kind, head.strip())
            for column, head in enumerate(cells)
            for kind, pattern in kinds.items()
            if pattern.fullmatch(head.strip())
        }
        heads = {} if len(cells) == 1 else named or heads
        place = start
        for column, cell in enumerate(cells):
            if column in heads and not named and cell.strip():
                begin = place + len(cell) - len(cell.lstrip())
                yield (*heads[column], begin, begin + len(cell.strip()))
            place += len(cell) + 1
        start += len(line) + 1
