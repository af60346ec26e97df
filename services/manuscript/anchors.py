"""Where words of one version are found in another: what a remark on them still points at."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from operator import eq

from models import Content
from services.manuscript import blocks

_SENTENCE = re.compile(r"[^。！？!?；;\n]*(?:[。！？!?；;]+[”’」』）)]*|\n|$)")
SURROUNDINGS = 24  # characters on either side that tell equal words apart


def texts(content: Content) -> dict[str, str]:
    """The plain texts that can be pointed into, by the field they are in."""
    return {"title": content.title, "digest": content.digest, "body": blocks.plain_text(content.body_html)}


def locate(old: str, start: int, end: int, new: str) -> tuple[int, int] | None:
    """Where `old[start:end]` stands in `new`, or None if these words are not there any more.

    Of several places the one whose surroundings are most alike counts, then the one nearest to the old place.
    """
    quote = old[start:end]
    if not quote:
        return None
    found = max(
        _occurrences(quote, new),
        key=lambda place: (_alike(old, start, end, new, place), -abs(place - start)),
        default=None,
    )
    return None if found is None else (found, found + len(quote))


def around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands right before and right after these words."""
    return text[max(0, start - SURROUNDINGS) : start], text[end : end + SURROUNDINGS]


def _occurrences(quote: str, text: str) -> Iterator[int]:
    place = text.find(quote)
    while place >= 0:
        yield place
        place = text.find(quote, place + 1)


def _alike(old: str, start: int, end: int, new: str, place: int) -> int:
    """How many characters around the words are the same, outwards from them."""
    before_old, after_old = around(old, start, end)
    before_new, after_new = around(new, place, place + end - start)
    return _common(before_old[::-1], before_new[::-1]) + _common(after_old, after_new)


def _common(one: str, other: str) -> int:
    return len([*takewhile(lambda pair: eq(*pair), zip(one, other, strict=False))])


def sentences(text: str) -> list[tuple[int, int]]:
    """The text cut into sentences, each with its closing mark and quotation; the end of a line ends one."""
    return [found.span() for found in _SENTENCE.finditer(text) if found[0].strip()]
