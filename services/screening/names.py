"""Names of the school's units held against the register: one wrong, missing or swapped character is marked, and two
that sound right.

A name is looked for by its halves: whoever mistypes one character leaves one half right. The patterns stand in the
automaton of the terms, so that looking for them costs nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.folding import Seen, fold
from services.screening.marks import Mark
from services.screening.sounds import sounds

RULE = "wording.name"

_SHORTEST = 5  # characters; of shorter names too many differ in one
# Where these differ, two names are two units: 第一 and 第二, 东 and 西, 处 and 部.
_TELLS_APART = frozenset(
    "一二三四五六七八九十0123456789东西南北中上下前后新老大小本专男女处部院系所室馆会办委科组站队班级期届"
)
_OTHER_SCHOOL = re.compile("(?:大学|学校|中学|小学)$")


class NameFinder:
    """Near misses of registered names; built with the list, a pure function of its input."""

    def __init__(self, names: Iterable[str]) -> None:
        self._written = {fold(name).text: name for name in names}
        self._by_pattern: dict[str, list[tuple[str, int]]] = {}
        for name in self._written:
            if len(name) >= _SHORTEST:
                middle = len(name) // 2
                self._by_pattern.setdefault(name[:middle], []).append((name, 0))
                self._by_pattern.setdefault(name[middle:], []).append((name, middle))

    @property
    def patterns(self) -> frozenset[str]:
        """What has to be looked for in the folded text."""
        return frozenset(self._by_pattern)

    def marks_in(self, text: str, seen: Seen, found: Iterable[tuple[str, int]], *, field: str) -> Iterator[Mark]:
        """The near misses, given where which pattern begins in the folded text."""
        places = {
            span: name
            for pattern, start in found
            for name, offset in self._by_pattern.get(pattern, ())
            if (span := self._miss(seen.text, name, start, offset)) is not None
        }
        for (start, end), name in places.items():
            begin, stop = seen.span(start, end)
            if not _OTHER_SCHOOL.search(text, max(0, begin - 2), begin):
                right = self._written[name]
                yield Mark(
                    rule=RULE,
                    level=FindingLevel.WARN,
                    quote=text[begin:stop],
                    start=begin,
                    end=stop,
                    clause=catalogue_rule(RULE).clause,
                    suggestion=f"规范名称是“{right}”，请核对是否写错。",
                    field=field,
                    replacement=right,
                )

    def _miss(self, text: str, name: str, start: int, offset: int) -> tuple[int, int] | None:
        begin = start - offset
        if begin >= 0:
            given = text[begin : begin + len(name)]
            if given == name or given in self._written:
                return None
            if len(given) == len(name) and _is_slip(name, given):
                return begin, begin + len(name)
        return self._one_missing(text, name, start, offset)

    def _one_missing(self, text: str, name: str, start: int, offset: int) -> tuple[int, int] | None:
        """The name with one character left out of its other half."""
        shorter = len(name) - 1
        begin = start if offset == 0 else start + (len(name) - offset) - shorter
        given = text[max(0, begin) : begin + shorter]
        if len(given) < max(shorter, _SHORTEST) or given[-2:] != name[-2:] or given[:1] != name[:1]:
            return None
        lacks = next((place for place, sign in enumerate(given) if sign != name[place]), shorter)
        if given in self._written or name[lacks] in _TELLS_APART or given[lacks:] != name[lacks + 1 :]:
            return None
        return begin, begin + shorter


def _is_slip(name: str, given: str) -> bool:
    """One other character, two neighbours swapped, or two that sound the same."""
    wrong = [place for place, (one, other) in enumerate(zip(name, given, strict=True)) if one != other]
    if len(wrong) == 1:
        place = wrong[0]
        is_unit = place == len(name) - 1 and len(name) == _SHORTEST
        return not is_unit and name[place] not in _TELLS_APART and given[place] not in _TELLS_APART
    if len(wrong) != 2:
        return False
    one, other = wrong
    is_swapped = other == one + 1 and (name[one], name[other]) == (given[other], given[one])
    return is_swapped or all(set(sounds().of(name[place])) & set(sounds().of(given[place])) for place in wrong)
