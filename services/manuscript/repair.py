"""One-click repairs: the replacement of a mark put at its place in the body, everything around it left as it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from services.errors import StaleState
from services.manuscript.blocks import plain_text
from services.manuscript.body import Run
from services.manuscript.body_reader import read
from services.manuscript.body_writer import write
from services.manuscript.places import runs, starts


@dataclass(frozen=True)
class Repair:
    """What shall stand in the place of the characters `start` to `end` of a text."""

    start: int
    end: int
    replacement: str


def in_text(text: str, repair: Repair) -> str:
    """A plain field, such as the title, with the repair made."""
    return text[: repair.start] + repair.replacement + text[repair.end :]


def in_body(html: str, repair: Repair) -> str:
    """A canonical body with the repair made; offsets count its `plain_text`.

    The replacement takes the marks (bold, link) of the first character it replaces. Where it has the same ends of
    lines and cells as what it replaces, each part goes to its own cell. Raises `StaleState` when the place is not in
    the body.
    """
    text = plain_text(html)
    if not 0 <= repair.start < repair.end <= len(text):
        raise StaleState("内容已有改动，找不到这处提示的位置：请先重新检查。")
    # From the last to the first: a part that changes its length moves only what follows it.
    for part in reversed([*_parts(text, repair)]):
        html = _mended(html, part)
    return html


_ENDS = re.compile("[\n\t]")


def _parts(text: str, repair: Repair) -> Iterator[Repair]:
    """The repair cell by cell; as a whole where its words are divided otherwise than the text they replace."""
    written = text[repair.start : repair.end]
    if _ENDS.findall(written) != _ENDS.findall(repair.replacement):
        yield repair
        return
    start = repair.start
    for old, new in zip(_ENDS.split(written), _ENDS.split(repair.replacement), strict=True):
        if old != new:
            yield Repair(start, start + len(old), new)
        start += len(old) + 1


def _mended(html: str, repair: Repair) -> str:
    body = read(html)
    text = plain_text(html)
    places = iter([*starts(text, [run.text for run in runs(body)])])
    placed = False

    def mended(run: Run) -> Run:
        nonlocal placed
        start = next(places)
        first, last = max(repair.start - start, 0), min(repair.end - start, len(run.text))
        if first >= last:
            return run
        words, placed = ("" if placed else repair.replacement), True
        return replace(run, text=run.text[:first] + words + run.text[last:])

    return write(_rebuilt(body, mended))


def _rebuilt(part: Any, mended: Any) -> Any:
    """The same tree with every run passed through `mended`, in reading order."""
    if isinstance(part, Run):
        return mended(part)
    if isinstance(part, tuple):
        return tuple(_rebuilt(each, mended) for each in part)
    if is_dataclass(part) and not isinstance(part, type):
        parts = {each.name: getattr(part, each.name) for each in fields(part)}
        return replace(part, **{name: _rebuilt(value, mended) for name, value in parts.items()})
    return part
