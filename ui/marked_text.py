"""The text with the machine's marks at their words, for whoever decides on them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise

import streamlit as st

from models import Content, Finding, FindingLevel
from services.manuscript import blocks

TINTS = {FindingLevel.BLOCK: "#ffc9c9", FindingLevel.WARN: "#ffe0a3", FindingLevel.INFO: "#cfe4ff"}
GRAVEST_FIRST = list(FindingLevel)


def draw(content: Content, marks: Sequence[Finding]) -> None:
    """Title, digest and body as plain text. The marks must have been made on this very content."""
    fields = {"title": content.title, "digest": content.digest, "body": blocks.plain_text(content.body_html)}
    for name, text in fields.items():
        if text:
            inside = at_their_words(text, [mark for mark in marks if mark.field == name])
            st.html(f'<div class="marked-{name}" style="line-height:1.9">{marked(text, inside)}</div>')


def at_their_words(text: str, marks: Sequence[Finding]) -> list[Finding]:
    """The marks that stand at words of a text. One that likens most of it to an earlier item would hide the others."""
    apart = [mark for mark in marks if mark.related_id is None or (mark.end - mark.start) * 2 < len(text)]
    return [mark for mark in apart if mark.start < mark.end]


def marked(text: str, marks: Sequence[Finding]) -> str:
    """The text as HTML with each marked stretch tinted; where marks overlap, the gravest gives the tint."""
    return "".join(_pieces(text, marks)).replace("\n", "<br>").replace("\t", "&emsp;")


def _pieces(text: str, marks: Sequence[Finding]) -> Iterator[str]:
    borders = sorted({0, len(text), *(place for mark in marks for place in (mark.start, min(mark.end, len(text))))})
    for start, end in pairwise(borders):
        covering = [mark for mark in marks if mark.start <= start and end <= mark.end]
        words = escape(text[start:end])
        if not covering:
            yield words
            continue
        gravest = min(covering, key=lambda mark: GRAVEST_FIRST.index(mark.level))
        advice = escape("；".join(mark.suggestion for mark in covering))
        tint = TINTS[gravest.level]
        yield f'<mark style="background:{tint};color:#191919;border-radius:2px" title="{advice}">{words}</mark>'
