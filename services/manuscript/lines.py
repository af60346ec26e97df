"""Lines of text made tidy: blanks, unseen characters, breaks, runs that look alike."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from services.manuscript.body import Flow, Image, Line, Listing, Run

# Characters nobody sees: controls, zero-width, direction overrides, soft hyphen, non-characters. They carry
# no meaning in an article and hide words from the machine check. The zero-width joiner stays: emoji need it.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200c\u200e\u200f"
    "\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff]"
)
_SPACES = re.compile("[ \t\r\n\f\v\xa0\u1680\u2000-\u200a\u202f\u205f]+")
_INDENT = "\u3000"


def tidy_text(text: str) -> str:
    """One line of plain text without unseen characters and needless blanks."""
    return _SPACES.sub(" ", _UNSEEN.sub("", text)).strip(f" {_INDENT}")


def lines(inlines: Iterable[Run | Image]) -> Iterator[Line]:
    """The lines of one block. An empty line, or one that starts with the two full-width blanks of a typed
    indent, begins a new block: authors press Shift+Enter where they mean Enter.
    """
    block: list[list[Run | Image]] = []
    for piece in _pieces(inlines):
        indented = isinstance(piece[0], Run) and piece[0].text.startswith(_INDENT * 2) if piece else False
        tidy = _tidied(piece)
        if block and (not tidy or indented):
            yield with_breaks(block)
            block = []
        if tidy:
            block.append(tidy)
    if block:
        yield with_breaks(block)


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


def with_breaks(pieces: Sequence[Sequence[Run | Image]]) -> Line:
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


def joined(content: Sequence[Line | Listing]) -> Flow:
    """In a cell or an item, lines that follow each other are one line with breaks."""
    flow: list[Line | Listing] = []
    for is_list, stretch in groupby(content, key=lambda part: isinstance(part, Listing)):
        parts = list(stretch)
        if is_list:
            flow.extend(parts)
        else:
            flow.append(with_breaks([list(line) for line in parts if isinstance(line, tuple)]))
    return tuple(flow)
