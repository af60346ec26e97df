"""Where a sentence begins and ends around a place."""

from __future__ import annotations

SENTENCE_ENDS = "。！？!?\n\r\u2028\u2029"
_REACH = 300  # characters; without a bound, a text that has no full stop is searched whole for every hit


def sentence_around(text: str, start: int, end: int, *, ends: str = SENTENCE_ENDS) -> tuple[int, int]:
    """The borders of the sentence holding `start` to `end`, at most 300 characters to each side."""
    first, last = max(0, start - _REACH), min(len(text), end + _REACH)
    begin = max(text.rfind(sign, first, start) for sign in ends) + 1
    stops = [stop for sign in ends if (stop := text.find(sign, end, last)) >= 0]
    return max(first, begin), min(stops, default=last)
