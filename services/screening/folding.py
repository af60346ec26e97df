"""Two ways of seeing a text without its disguises, each with the way back to the original characters.

*Folded*: NFKC, lower case, simplified characters, and nothing but letters and digits; for finding terms.
*Read*: widths and digits made plain and invisible characters dropped, the rest as written; for finding
numbers and addresses. Both are one table look-up per code point, because `unicodedata.normalize` on the whole
text loses the positions and a loop in Python costs ten times as much.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version

import numpy as np
import numpy.typing as npt
import opencc

Codes = npt.NDArray[np.uint32]
Positions = npt.NDArray[np.intp]

_CODE_POINTS = 0x110000
_DROPPED = 0
_EXPANDS = _CODE_POINTS  # marks a code point that becomes several; no text contains it

# Beyond the last Han extension nothing assigned is a letter or a digit: private use, tags, selectors.
_LAST_LETTER = 0x33480
_MINUS_SIGN = 0x2212

HAN_DIGITS = "\u3007零○一二三四五六七八九壹贰叁肆伍陆柒捌玖幺两"
HAN_DIGIT_VALUES = "00012345678912345678912"

# Digits that number items and notes, circled, bracketed or raised: ①5月3日 is the fifth of May, so only what looks for
# numbers reads them as digits.
_ITEM_DIGITS = {
    letter: str(int(unicodedata.numeric(letter)))
    for letter in map(chr, (*range(0x80, 0x3400), *range(0x1F100, 0x1F10B)))
    if unicodedata.category(letter) == "No" and unicodedata.numeric(letter) in range(10)
}
ITEM_DIGITS = "".join(_ITEM_DIGITS)


@dataclass(frozen=True)
class Seen:
    """A changed view of a text. `origins[i]` is the original index of the view's character `i`."""

    text: str
    origins: Positions

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original start and end of the view's characters `start` to `end` (exclusive, not empty)."""
        return int(self.origins[start]), int(self.origins[end - 1]) + 1


@dataclass(frozen=True)
class _Table:
    targets: Codes
    expansions: dict[int, tuple[int, ...]]


def folding_version() -> str:
    """Changes whenever the same text could fold differently: our table, OpenCC or Unicode."""
    return f"3+opencc{version('opencc')}+unicode{unicodedata.unidata_version}"


def fold(text: str) -> Seen:
    """The text as terms are compared: case, width, traditional writing, symbols and gaps taken away."""
    return _apply(_folding_table(), text)


def read(text: str) -> Seen:
    """The text with plain digits and letters and without invisible characters; punctuation stays."""
    return _apply(_reading_table(), text)


def read_han_digits(text: str) -> Seen:
    """As `read`, and numbers written in Han digits (一三八, 壹叁捌) or circled ones become plain digits too."""
    return _apply(_han_digit_table(), text)


def _apply(table: _Table, text: str) -> Seen:
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    targets = table.targets[codes]
    origins = np.flatnonzero(targets)
    if len(origins) < len(targets):
        targets = targets[origins]
    if table.expansions and int(targets.max(initial=0)) == _EXPANDS:
        targets, origins = _expanded(table, codes, targets, origins)
    return Seen(targets.astype("<u4", copy=False).tobytes().decode("utf-32-le", "surrogatepass"), origins)


def _expanded(table: _Table, codes: Codes, targets: Codes, origins: Positions) -> tuple[Codes, Positions]:
    places = np.flatnonzero(targets == _EXPANDS)
    pieces = [table.expansions[int(codes[origins[place]])] for place in places]
    counts = np.ones(len(targets), dtype=np.intp)
    counts[places] = [len(piece) for piece in pieces]
    wide = np.repeat(targets, counts)
    wide[wide == _EXPANDS] = np.fromiter((code for piece in pieces for code in piece), dtype=np.uint32)
    return wide, np.repeat(origins, counts)


@lru_cache(maxsize=1)
def _folding_table() -> _Table:
    simplified = _simplified()
    targets = np.zeros(_CODE_POINTS, dtype=np.uint32)
    expansions: dict[int, tuple[int, ...]] = {}
    for code in range(_LAST_LETTER):
        letters = [
            ord(letter)
            for letter in _simplify(unicodedata.normalize("NFKC", chr(code)).casefold(), simplified)
            if letter.isalnum()
        ]
        if len(letters) == 1:
            targets[code] = letters[0]
        elif letters:
            targets[code] = _EXPANDS
            expansions[code] = tuple(letters)
    return _Table(targets, expansions)


def _simplify(text: str, simplified: dict[str, str]) -> str:
    return "".join(simplified.get(letter, letter) for letter in text)


def _simplified() -> dict[str, str]:
    """Every single character OpenCC simplifies, converted alone so that no phrase rule takes part."""
    letters = [chr(code) for code in range(0x2E80, _LAST_LETTER) if unicodedata.category(chr(code)) == "Lo"]
    converted = opencc.OpenCC("t2s").convert("\n".join(letters)).split("\n")
    return {before: after for before, after in zip(letters, converted, strict=True) if before != after}


@lru_cache(maxsize=1)
def _reading_table() -> _Table:
    targets = np.arange(_CODE_POINTS, dtype=np.uint32)
    for code in _not_han():
        letter = chr(code)
        category = unicodedata.category(letter)
        if category in {"Cf", "Mn", "Me"}:
            targets[code] = _DROPPED
            continue
        if category == "Pd" or code == _MINUS_SIGN:
            targets[code] = ord("-")
            continue
        if category == "Nd":
            targets[code] = ord(str(unicodedata.decimal(letter)))
            continue
        if letter in _ITEM_DIGITS:
            continue
        plain = unicodedata.normalize("NFKC", letter)
        if len(plain) == 1 and plain.isascii():
            targets[code] = ord(plain)
    targets[0] = ord(" ")  # a real NUL must not vanish from the map
    return _Table(targets, {})


def _not_han() -> Iterator[int]:
    """Code points that can be invisible or a disguised digit or letter: all but ideographs, Hangul and private use."""
    yield from range(0x3400)
    yield from range(0xA000, 0xAC00)
    yield from range(0xF900, 0x20000)
    yield from range(0xE0000, 0xE01F0)


@lru_cache(maxsize=1)
def _han_digit_table() -> _Table:
    targets = _reading_table().targets.copy()
    for letter, digit in zip(HAN_DIGITS, HAN_DIGIT_VALUES, strict=True):
        targets[ord(letter)] = ord(digit)
    for letter, digit in _ITEM_DIGITS.items():
        targets[ord(letter)] = ord(digit)
    return _Table(targets, {})
