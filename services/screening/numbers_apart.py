"""Numbers that are not written in one piece: broken at the end of a line, parted by signs or words, letters for digits.

Everything here is read on the view of `folding.read`; what it finds is a number only if the caller agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

# What must not stand before is asked after the first character: asking first would be asked at every one.
_APART = r"[^0-9\n\t]{1,3}"
_ID_IN_PARTS = re.compile(
    rf"([1-9](?<![0-9].)[0-9]{{5}}){_APART}((?:19|20)[0-9]{{6}}){_APART}([0-9]{{3}}[0-9Xx])(?![0-9])"
)
_ID_IN_LINES = re.compile(r"([1-9](?<![0-9].)[0-9]{1,16})\n([0-9]{0,16}[0-9Xx])(?![0-9A-Za-z])")
#: The sign of multiplication stands on the number block of a keyboard; some type it for the X.
_ID_WITH_TIMES = re.compile(r"([1-9](?<![0-9].)[0-9]{16})×(?![0-9])")
_BETWEEN = r"([^0-9\n\t\u4e00-\u9fff]{1,3}| ?[转杠横空点线短减] ?)"
_MOBILE_IN_PARTS = re.compile(rf"(1(?<![0-9].)[3-9][0-9]){_BETWEEN}([0-9]{{4}}){_BETWEEN}([0-9]{{4}})(?![0-9转])")
_MOBILE_IN_LINES = re.compile(r"1(?<![0-9].)[3-9](?:[ -]?\n?[0-9]){9}(?![0-9])")
_MOBILE_IN_LETTERS = re.compile(r"[1lI](?<![A-Za-z0-9].)[3-9][0-9lIoO]{9}(?![A-Za-z0-9])")
_FEWEST_DIGITS = 6  # of a number in letters, else it is a word
_SPOKEN = re.compile(r"[转杠横空]")
_LETTERS = str.maketrans("lIoO", "1100")

WHOLE_TEXT_PATTERNS = (
    _ID_IN_PARTS, _ID_IN_LINES, _ID_WITH_TIMES, _MOBILE_IN_PARTS, _MOBILE_IN_LINES, _MOBILE_IN_LETTERS,
)  # fmt: skip


@dataclass(frozen=True)
class Apart:
    """`needs_label`: only what stands before says that it is a number and not three of them."""

    digits: str
    start: int
    end: int
    needs_label: bool = False


def id_numbers(text: str) -> Iterator[Apart]:
    """Eighteen characters each, whose region, birthday and check digit are still to be asked for."""
    for pattern in (_ID_IN_PARTS, _ID_IN_LINES, _ID_WITH_TIMES):
        for found in pattern.finditer(text):
            digits = "".join(found.groups()) + ("X" if pattern is _ID_WITH_TIMES else "")
            if len(digits) == 18:
                yield Apart(digits, *found.span())


def mobiles(text: str) -> Iterator[Apart]:
    """Eleven digits that begin as a mobile number does."""
    for found in _MOBILE_IN_PARTS.finditer(text):
        spoken = all(_SPOKEN.search(found[group]) for group in (2, 4))
        yield Apart(found[1] + found[3] + found[5], *found.span(), needs_label=not spoken)
    for found in _MOBILE_IN_LINES.finditer(text):
        if "\n" in found.group():
            yield Apart(re.sub(r"[^0-9]", "", found.group()), *found.span(), needs_label=True)
    for found in _MOBILE_IN_LETTERS.finditer(text):
        letters = len(re.findall("[A-Za-z]", found.group()))
        if 0 < letters <= len(found.group()) - _FEWEST_DIGITS:
            yield Apart(found.group().translate(_LETTERS), *found.span())
