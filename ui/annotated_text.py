"""An item's text in which words can be chosen: a click takes a sentence, dragging takes exactly what was selected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import streamlit as st

from services.manuscript import anchors

_HERE = Path(__file__).parent
_TEXT = st.components.v2.component(
    "weishentai_annotated_text",
    css=(_HERE / "annotated_text.css").read_text(encoding="utf-8"),
    js=(_HERE / "annotated_text.js").read_text(encoding="utf-8"),
)

LABELS = {"title": "标题", "digest": "摘要", "body": "正文"}


@dataclass(frozen=True)
class Pin:
    """A stretch of a field that carries a number; a settled one is drawn quietly."""

    field: str
    start: int
    end: int
    number: int
    is_open: bool = True


@dataclass(frozen=True)
class Picked:
    """What the person chose: `start` to `end` of a field, in characters of its plain text."""

    field: str
    start: int
    end: int


def draw(texts: Mapping[str, str], pins: Sequence[Pin], *, key: str, pickable: bool = False) -> Picked | None:
    """Draw the fields with their pins, and return what is chosen in them at the moment.

    Whatever a browser sends that is no place in these texts counts as nothing chosen.
    """
    fields = [
        {"name": name, "label": LABELS[name], "lines": _lines(text, [pin for pin in pins if pin.field == name])}
        for name, text in texts.items()
        if text
    ]
    picked = _place_in(texts, st.session_state.get(key)) if pickable else None
    _TEXT(
        key=key,
        data={"fields": fields, "pickable": pickable, "chosen": asdict(picked) if picked else None},
        on_picked_change=lambda: None,  # without it Streamlit does not hand the state on
    )
    return picked


def _place_in(texts: Mapping[str, str], state: Any) -> Picked | None:
    match state:
        case {"picked": {"field": str(field), "start": int(start), "end": int(end)}} if (
            field in texts and 0 <= start < end <= len(texts[field])
        ):
            return Picked(field, start, end)
    return None


def _lines(text: str, pins: Sequence[Pin]) -> list[list[dict[str, Any]]]:
    """The text by lines, each a row of sentences, each cut where a pin begins or ends."""
    lines: list[list[dict[str, Any]]] = [[]]
    for start, end in anchors.sentences(text):
        words = text[start:end].rstrip()
        if lines[-1] and "\n" in text[lines[-1][-1]["end"] : start]:
            lines.append([])
        end_of_words = start + len(words)
        lines[-1].append({"start": start, "end": end_of_words, "pieces": _pieces(text, start, end_of_words, pins)})
    return lines


def _pieces(text: str, start: int, end: int, pins: Sequence[Pin]) -> list[dict[str, Any]]:
    inside = {place for pin in pins for place in (pin.start, pin.end) if start < place < end}
    return [
        {
            "start": begin,
            "text": text[begin:stop],
            "pins": [
                {"number": pin.number, "open": pin.is_open, "last": pin.end == stop}
                for pin in pins
                if pin.start <= begin and stop <= pin.end
            ],
        }
        for begin, stop in pairwise(sorted({start, end, *inside}))
    ]
