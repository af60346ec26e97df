"""Numbers that are not written in one piece: broken at the end of a line, parted by signs or words, one box for each
digit, letters or radio words for digits.

Everything here is read on the view of `folding.read`; what it finds is a number only if the caller agrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.screening.folding import HAN_DIGIT_VALUES, HAN_DIGITS

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

# A form has a box for each digit, or one for each group of them.
_ID_IN_BOXES = re.compile(r"[1-9](?<![0-9]\t.)(?<![0-9].)(?:\t[0-9]){16}\t[0-9Xx](?!\t?[0-9Xx])")
_ID_IN_CELLS = re.compile(r"([1-9](?<![0-9].)[0-9]{5})\t((?:19|20)[0-9]{6})\t([0-9]{3}[0-9Xx])(?![0-9Xx])")
_MOBILE_IN_CELLS = re.compile(
    r"1(?<![0-9].)(?:[3-9][0-9]\t(?:[0-9]{4}\t?[0-9]{4})|[3-9][0-9]{5}\t[0-9]{4}"
    r"|\t[3-9](?:\t[0-9]){9}(?!\t[0-9](?![0-9])))(?![0-9])"
)
# On the radio, and by whoever hides a number: 洞 is 0, 幺 1, 两 2, 拐 7, 勾 9.
_RADIO_WORDS = "洞拐勾钩"
_RADIO_WORD = re.compile(f"[{_RADIO_WORDS}]")
_DIGIT_WORDS = f"0-9{HAN_DIGITS}{_RADIO_WORDS}"
_IN_RADIO_WORDS = re.compile(
    f"[{_DIGIT_WORDS}](?<![{_DIGIT_WORDS}].)(?:[ _.、,·-]{{0,2}}[{_DIGIT_WORDS}]){{6,11}}(?![{_DIGIT_WORDS}])"
)
_PLAIN_DIGITS = str.maketrans(HAN_DIGITS + _RADIO_WORDS, HAN_DIGIT_VALUES + "0799")

WHOLE_TEXT_PATTERNS = (
    _ID_IN_PARTS, _ID_IN_LINES, _ID_WITH_TIMES, _MOBILE_IN_PARTS, _MOBILE_IN_LINES, _MOBILE_IN_LETTERS, _RADIO_WORD,
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
    if "\t" in text:
        for found in _ID_IN_BOXES.finditer(text):
            yield Apart(found.group().replace("\t", ""), *found.span())
        for found in _ID_IN_CELLS.finditer(text):
            yield Apart("".join(found.groups()), *found.span(), needs_label=True)


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


def mobiles_in_cells(text: str) -> Iterator[Apart]:
    """Eleven digits in the cells of one row, in groups as mobile numbers are written; so are marks and amounts."""
    if "\t" in text:
        for found in _MOBILE_IN_CELLS.finditer(text):
            yield Apart(found.group().replace("\t", ""), *found.span(), needs_label=True)


def in_radio_words(text: str) -> Iterator[Apart]:
    """Seven to twelve digits of which at least one is a radio word."""
    if _RADIO_WORD.search(text):
        for found in _IN_RADIO_WORDS.finditer(text):
            if _RADIO_WORD.search(found.group()):
                digits = re.sub("[^0-9]", "", found.group().translate(_PLAIN_DIGITS))
                yield Apart(digits, *found.span(), needs_label=True)
