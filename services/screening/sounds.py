"""Terms written by their sound: other characters that sound alike, whole or half pinyin.

A text becomes a row of syllables without tones, one for each Han character and one for each syllable of a Latin word
that is pinyin throughout. Every character keeps its two commonest readings, because 重 is zhong and chong. Only terms
of at least three syllables are looked for: shorter ones sound like half the language.
"""

from __future__ import annotations

import re
import runpy
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import numpy.typing as npt

from services.screening.folding import Seen

FEWEST_SYLLABLES = 3
_FIRST, _LAST = 0x3400, 0xA000  # Han characters in everyday use
_READINGS = 2
_LATIN = re.compile("[a-z]+")
_LONGEST_WORD = 40

Readings = tuple[int, ...]
Syllables = npt.NDArray[np.int32]


@dataclass(frozen=True)
class Sounds:
    """All readings there are: the syllables by number (0 is none) and the first two readings of each character."""

    numbers: dict[str, int]
    readings: tuple[Syllables, ...]

    def of(self, letter: str) -> Readings:
        """The readings of one character, the commonest first."""
        return tuple(int(rank[ord(letter)]) for rank in self.readings if rank[ord(letter)])

    @property
    def base(self) -> int:
        """One more than the highest number of a syllable."""
        return len(self.numbers) + 1


@lru_cache(maxsize=1)
def sounds() -> Sounds:
    """The table of readings, built once where a list asks for it."""
    numbers: dict[str, int] = {}
    # One place for every code point: looking up costs less than first asking whether the character is Han.
    ranks = [np.zeros(sys.maxunicode + 1, dtype=np.int32) for _ in range(_READINGS)]
    for code, written in _dictionary().items():
        if not _FIRST <= code < _LAST:
            continue
        plain = dict.fromkeys(_without_tone(reading) for reading in written.split(","))
        for rank, syllable in zip(ranks, plain, strict=False):
            rank[code] = numbers.setdefault(syllable, len(numbers) + 1)
    return Sounds(numbers, tuple(ranks))


def _dictionary() -> dict[int, str]:
    """Only the characters of pypinyin: importing it loads its phrases too, 60 MB that nothing here reads."""
    found = find_spec("pypinyin")
    if found is None or found.origin is None:  # pragma: no cover - it is in the lock file
        return {}
    table: dict[int, str] = runpy.run_path(str(Path(found.origin).with_name("pinyin_dict.py")))["pinyin_dict"]
    return table


def _without_tone(reading: str) -> str:
    decomposed = unicodedata.normalize("NFD", reading).replace("u\u0308", "v")
    return "".join(letter for letter in decomposed if letter.isascii())


def can_be_heard(folded: str) -> bool:
    """Whether a folded term can be looked for by its sound."""
    return len(folded) >= FEWEST_SYLLABLES and all(_FIRST <= ord(letter) < _LAST for letter in folded)


@dataclass(frozen=True)
class Heard:
    """A term by its number, and where in the folded text something sounds like it."""

    term: int
    start: int
    end: int


class SoundFinder:
    """Looks for terms by their sound; the terms are named by their place in the sequence given."""

    def __init__(self, folded_terms: Sequence[str]) -> None:
        self._terms = [tuple(sounds().of(letter) for letter in each) for each in folded_terms]
        self._spelled = list(folded_terms)
        self._by_pair: dict[int, list[int]] = {}
        self._begins = np.zeros(sounds().base ** 2, dtype=bool)
        for number, syllables in enumerate(self._terms):
            for pair in _pairs(syllables[0], syllables[1]):
                self._by_pair.setdefault(pair, []).append(number)
                self._begins[pair] = True

    def heard_in(self, seen: Seen) -> Iterator[Heard]:
        """Every place that sounds like a term and is not written like it."""
        line = _line(seen)
        if len(line.starts) < FEWEST_SYLLABLES:
            return
        for place in self._candidates(line):
            for number in self._numbers_at(line, place):
                heard = self._heard(line, seen, number, place)
                if heard is not None:
                    yield heard

    def _candidates(self, line: _Line) -> list[int]:
        base = sounds().base
        found = np.zeros(len(line.starts) - 1, dtype=bool)
        for first in line.readings:
            keys = first[:-1] * base
            for second in line.readings:
                found |= self._begins.take(keys + second[1:])
        return [int(place) for place in np.flatnonzero(found)]

    def _numbers_at(self, line: _Line, place: int) -> list[int]:
        pairs = _pairs(line.at(place), line.at(place + 1))
        return sorted({number for pair in pairs for number in self._by_pair.get(pair, ())})

    def _heard(self, line: _Line, seen: Seen, number: int, place: int) -> Heard | None:
        syllables = self._terms[number]
        if place + len(syllables) > len(line.starts):
            return None
        for offset, wanted in enumerate(syllables):
            if not set(wanted) & set(line.at(place + offset)):
                return None
        start, end = int(line.starts[place]), int(line.ends[place + len(syllables) - 1])
        return None if seen.text[start:end] == self._spelled[number] else Heard(number, start, end)


@dataclass(frozen=True)
class _Line:
    """A text as syllables: where each begins and ends in the folded text, and its readings by rank (0 is none)."""

    starts: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]
    readings: tuple[Syllables, ...]

    def at(self, place: int) -> Readings:
        return tuple(int(rank[place]) for rank in self.readings if rank[place])


def _line(seen: Seen) -> _Line:
    codes = np.frombuffer(seen.text.encode("utf-32-le", "surrogatepass"), dtype="<i4")
    readings = tuple(rank.take(codes) for rank in sounds().readings)
    starts = np.arange(len(codes))
    if int(codes.min(initial=ord("z") + 1)) > ord("z") or not _LATIN.search(seen.text):
        return _Line(starts, starts + 1, readings)
    return _spelled_out(seen.text, _Line(starts, starts + 1, readings))


def _spelled_out(text: str, line: _Line) -> _Line:
    """The same with each Latin word that is pinyin cut into its syllables."""
    starts, ends, ranks = [], [], [[] for _ in line.readings]  # type: ignore[var-annotated]  # arrays, joined below
    before = 0
    for word in _LATIN.finditer(text):
        syllables = _syllables(word.group()) if len(word.group()) <= _LONGEST_WORD else ()
        if not syllables:
            continue
        borders = np.cumsum([word.start(), *map(len, syllables)])
        starts += [line.starts[before : word.start()], borders[:-1]]
        ends += [line.ends[before : word.start()], borders[1:]]
        numbers = np.array([sounds().numbers[each] for each in syllables], dtype=np.int32)
        for rank, (kept, read) in enumerate(zip(ranks, line.readings, strict=True)):
            kept += [read[before : word.start()], numbers if rank == 0 else np.zeros_like(numbers)]
        before = word.end()
    if not starts:
        return line
    return _Line(
        np.concatenate([*starts, line.starts[before:]]),
        np.concatenate([*ends, line.ends[before:]]),
        tuple(np.concatenate([*kept, read[before:]]) for kept, read in zip(ranks, line.readings, strict=True)),
    )


@cache
def _known() -> frozenset[str]:
    return frozenset(each for each in sounds().numbers if len(each) > 1 or each in "aeo")


@lru_cache(maxsize=4096)
def _syllables(word: str) -> tuple[str, ...]:
    """The word as pinyin in the fewest syllables; nothing where it is none."""
    best: list[tuple[str, ...] | None] = [(), *[None] * len(word)]
    for end in range(1, len(word) + 1):
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is not None and word[start:end] in _known():
                candidate = (*before, word[start:end])
                present = best[end]
                if present is None or len(candidate) < len(present):
                    best[end] = candidate
    return best[-1] or ()


def _pairs(first: Iterable[int], second: Iterable[int]) -> list[int]:
    return [one * sounds().base + other for one in first for other in second]
