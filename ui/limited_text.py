"""A text whose length WeChat limits. A field that stops at the limit swallows what is pasted without a word; these take
more, say at once how much is too much, and leave the refusal to the service.
"""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

ROOM = 5
"""So many times the limit may be typed or pasted."""


def line(label: str, value: str, *, limit: int, place: DeltaGenerator | None = None, **given: Any) -> str:
    """A text of one line; what it holds."""
    where = place or st
    return _told(where, where.text_input(label, value, max_chars=limit * ROOM, **given), limit)


def area(label: str, value: str, *, limit: int, place: DeltaGenerator | None = None, **given: Any) -> str:
    """A text of several lines; what it holds."""
    where = place or st
    return _told(where, where.text_area(label, value, max_chars=limit * ROOM, **given), limit)


def _told(where: Any, typed: str | None, limit: int) -> str:
    text = typed or ""
    over = len(text.strip()) - limit
    if over > 0:
        where.caption(f":red[现在 {limit + over} 字，最多 {limit} 字，请删去 {over} 字。]")
    return text
