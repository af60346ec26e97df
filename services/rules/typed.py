"""What people type into a field of one line, as it is kept."""

from __future__ import annotations


def one_line(text: str) -> str:
    """A text without line breaks, control signs and doubled spaces."""
    return " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())
