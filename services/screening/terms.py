"""Terms: one automaton over folded text, for the office's lists, their harmless longer phrases, everything.

An Aho-Corasick automaton reads the text once however many terms there are. It cannot be changed or pickled;
a changed list means a new `TermFinder` (0.3 s for 50,000 terms).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import ahocorasick_rs
import numpy as np

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.entries import Match, Term
from services.screening.folding import Seen, fold
from services.screening.formulas import FormulaFinder
from services.screening.marks import Mark, without_nested
from services.screening.names import NameFinder
from services.screening.sentences import SENTENCE_ENDS, sentence_around
from services.screening.sounds import SoundFinder, can_be_heard

_CLAUSE_SIGNS = frozenset("，、；：“”‘’（）《》〈〉【】「」—…,;:()\"'<>")
_LONGEST_INSERTION = 3
# A Han word has no blanks around it. These neighbours end one reliably enough for short terms.
_FUNCTION_WORDS = frozenset(
    "的地得了着过是在和与及或把被让对向从到为由于以也都就又很最更太真个种些这那该各每说叫称像成当"
)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A term, the patterns of its harmless phrases, and how many signs before its first letter folding drops."""

    term: Term
    allowed: frozenset[int]
    leading: int


class TermFinder:
    """All entries in one automaton; build once, share, and ask from any thread. `names` are held against their near
    misses.
    """

    def __init__(self, terms: Iterable[Term], *, names: Iterable[str] = ()) -> None:
        listed = tuple(terms)
        self._names = NameFinder(names)
        phrases = {phrase for term in listed for phrase in (*term.parts, *term.allow)}
        folded = dict(_folded_alone(sorted(phrases)))
        patterns = sorted({letters for letters, _ in folded.values() if letters} | self._names.patterns)
        numbers = {letters: number for number, letters in enumerate(patterns)}
        self._lengths = [len(letters) for letters in patterns]
        self._halves = {numbers[letters]: letters for letters in self._names.patterns}
        self._entries: dict[int, list[_Entry]] = {}
        self._formulas = FormulaFinder()
        heard: list[_Entry] = []
        for term in listed:
            if term.match is Match.COMPLETE:
                self._formulas.add(term, [numbers.get(folded[part][0], -1) for part in term.parts])
                continue
            letters, leading = folded[term.text]
            if not letters:
                continue
            allowed = frozenset(numbers[folded[phrase][0]] for phrase in term.allow if folded[phrase][0])
            entry = _Entry(term, allowed, leading)
            self._entries.setdefault(numbers[letters], []).append(entry)
            if term.pinyin and can_be_heard(letters):
                heard.append(entry)
        self._heard = heard
        self._sounds = SoundFinder([folded[each.term.text][0] for each in heard]) if heard else None
        self._automaton = ahocorasick_rs.AhoCorasick(
            patterns or ["\0"], matchkind=ahocorasick_rs.MatchKind.Standard, store_patterns=False
        )

    def hits(self, seen: Seen) -> list[tuple[int, int, int]]:
        """Raw pattern hits (pattern number, start, end) on a folded text, overlaps included."""
        return self._automaton.find_matches_as_indexes(seen.text, overlapping=True)

    def marks_in(self, text: str, *, today: date | None = None, topics: str = "", field: str = "body") -> list[Mark]:
        """The marks of all entries valid `today` (all of them without it). `topics`: category and title."""
        seen = fold(text)
        found = self.hits(seen)
        ends: dict[int, list[int]] = {}  # ascending, as the automaton reports them
        for number, _, end in found:
            ends.setdefault(number, []).append(end)
        marks = [
            mark
            for number, start, end in found
            for entry in self._entries.get(number, ())
            if (today is None or entry.term.is_valid_on(today))
            and not self._is_harmless(start, end, entry.allowed, ends)
            and (mark := _mark(entry, _Place(text, seen, start, end), topics, field)) is not None
        ]
        marks += self._sounding_marks(text, seen, ends, today=today, field=field)
        marks += self._formulas.marks_in(text, seen, found, today=today, field=field)
        halves = [(self._halves[number], start) for number, start, _ in found if number in self._halves]
        marks += self._names.marks_in(text, seen, halves, field=field)
        return without_nested(marks)

    def _sounding_marks(
        self, text: str, seen: Seen, ends: dict[int, list[int]], *, today: date | None, field: str
    ) -> Iterator[Mark]:
        if self._sounds is None:
            return
        for heard in self._sounds.heard_in(seen):
            entry = self._heard[heard.term]
            if today is not None and not entry.term.is_valid_on(today):
                continue
            if not self._is_harmless(heard.start, heard.end, entry.allowed, ends):
                mark = _mark(entry, _Place(text, seen, heard.start, heard.end), "", field, by_sound=True)
                if mark is not None:
                    yield mark

    def _is_harmless(self, start: int, end: int, allowed: frozenset[int], ends: dict[int, list[int]]) -> bool:
        """Whether a harmless phrase covers the hit: one ends at or soon enough after it to begin before it."""
        for number in allowed:
            found = ends.get(number, [])
            after = bisect_left(found, end)
            if after < len(found) and found[after] - self._lengths[number] <= start:
                return True
        return False


def _folded_alone(phrases: list[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each phrase with its folded letters and the count of signs dropped before them.

    All are folded as one text and cut apart again: 50,000 separate calls take a second.
    """
    seen = fold("".join(phrases))
    borders = np.cumsum([0, *map(len, phrases)])
    cuts = np.searchsorted(seen.origins, borders)
    for place, phrase in enumerate(phrases):
        first, last = int(cuts[place]), int(cuts[place + 1])
        leading = int(seen.origins[first] - borders[place]) if last > first else 0
        yield phrase, (seen.text[first:last], leading)


@dataclass(frozen=True)
class _Place:
    """A raw hit with the text it lies in."""

    text: str
    seen: Seen
    folded_start: int
    folded_end: int

    @property
    def span(self) -> tuple[int, int]:
        return self.seen.span(self.folded_start, self.folded_end)

    def insertions(self) -> list[str]:
        """What stands between each two neighbouring characters of the hit, mostly nothing."""
        origins = [int(origin) for origin in self.seen.origins[self.folded_start : self.folded_end]]
        return [self.text[left + 1 : right] for left, right in pairwise(origins)]


def _mark(entry: _Entry, place: _Place, topics: str, field: str, *, by_sound: bool = False) -> Mark | None:
    """The mark of a hit, or None where the term's own conditions are not met. What only sounds alike is a hint."""
    term = entry.term
    is_exact = term.match is Match.EXACT and not by_sound
    span = _exact_span(entry, place) if is_exact else _disguised_span(term, place)
    if span is None or (term.near and not _is_near(term.near, place.text, *span)):
        return None
    start, end = span
    quote = place.text[start:end]
    return Mark(
        rule=term.rule_id,
        level=FindingLevel.INFO if by_sound else _level(term, place, quote, topics),
        quote=quote,
        start=start,
        end=end,
        clause=catalogue_rule(term.rule_id).clause,
        suggestion=f"读音同“{term.text}”，疑为变形写法：{term.suggestion}" if by_sound else term.suggestion,
        field=field,
        replacement=term.replacement,
        entry=term.text,
    )


def _exact_span(entry: _Entry, place: _Place) -> tuple[int, int] | None:
    written = entry.term.text
    start = place.span[0] - entry.leading
    return (start, start + len(written)) if start >= 0 and place.text.startswith(written, start) else None


def _disguised_span(term: Term, place: _Place) -> tuple[int, int] | None:
    start, end = place.span
    if place.text[start:end] != term.text and any(
        len(gap) > _LONGEST_INSERTION or any(sign in gap for sign in SENTENCE_ENDS) for gap in place.insertions()
    ):
        return None
    if term.match is Match.WORD and not _stands_alone(place.text, start, end):
        return None
    if _cuts_latin_word(place.text, start, end):
        return None
    return start, end


def _cuts_latin_word(text: str, start: int, end: int) -> bool:
    """A term of Latin letters inside a longer Latin word is another word."""
    return (start > 0 and _is_latin(text[start]) and _is_latin(text[start - 1])) or (
        end < len(text) and _is_latin(text[end - 1]) and _is_latin(text[end])
    )


def _is_latin(sign: str) -> bool:
    return sign.isascii() and sign.isalnum()


def _stands_alone(text: str, start: int, end: int) -> bool:
    neighbours = text[max(0, start - 1) : start] + text[end : end + 1]
    return all(not sign.isalnum() or sign in _FUNCTION_WORDS for sign in neighbours)


def _level(term: Term, place: _Place, quote: str, topics: str) -> FindingLevel:
    if quote != term.text and _joins_clauses(place.insertions()):
        return FindingLevel.INFO
    if term.level is FindingLevel.INFO and any(topic in topics for topic in term.strict_topics):
        return FindingLevel.WARN
    return term.level


def _joins_clauses(insertions: Sequence[str]) -> bool:
    """Two clauses happen to meet here: punctuation in some gaps. In every gap it is a disguise."""
    disguised = len(insertions) > 1 and all(insertions)
    return not disguised and any(sign in _CLAUSE_SIGNS for gap in insertions for sign in gap)


def _is_near(words: tuple[str, ...], text: str, start: int, end: int) -> bool:
    sentence = text[slice(*sentence_around(text, start, end))]
    return any(word in sentence for word in words)
