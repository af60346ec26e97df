"""What people type into a field of one line, as it is kept."""

from __future__ import annotations

import re

# Sheets put one between the two characters of a short name, to line it up with the longer ones.
_BETWEEN_CHARACTERS = re.compile(r"(?<=[\u3400-\u9fff]) (?=[\u3400-\u9fff])")


def one_line(text: str) -> str:
    """A text without line breaks, control signs and doubled spaces."""
    return " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())


def persons_name(text: str) -> str:
    """A person's name: one line, and no space between its Chinese characters."""
    return _BETWEEN_CHARACTERS.sub("", one_line(text))
