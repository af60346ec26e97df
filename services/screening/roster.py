"""Leaders checked positively: the post beside a name must be the person's own, and they come in their order.

Names are never sensitive words. A roster says who holds which post from when to when, and in which order the
office names them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.marks import Mark

RULE = "leader.roster"
_FORMER = re.compile("(?:原|前|时任)[^，。；\n]{0,12}$")


@dataclass(frozen=True)
class Leader:
    """One post of one person; days are inclusive, an open end is None. `place` 1 is named first."""

    name: str
    post: str
    place: int
    valid_from: date | None = None
    valid_to: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


class Roster:
    """All leaders, ready to look for; a pure function of its input, shared by all threads."""

    def __init__(self, leaders: Iterable[Leader]) -> None:
        self.leaders = tuple(sorted(leaders, key=lambda each: (each.place, each.name, each.post)))
        self._names = _alternatives({each.name for each in self.leaders})
        posts = _alternatives({each.post for each in self.leaders})
        self._post_before = re.compile(f"({posts})[ \u3000：:]?$")
        self._post_after = re.compile(f"[ \u3000（(]?({posts})")

    def marks_in(self, text: str, *, today: date | None, field: str) -> Iterator[Mark]:
        """What is wrong with the posts and the order of the leaders a text names. Needs the day to know who is
        in office; without it nothing is marked.
        """
        if today is None or not self.leaders:
            return
        places = [(found.group(), found.start()) for found in re.finditer(self._names, text)]
        for name, start in places:
            yield from self._post(text, name, start, today, field)
        yield from self._order(text, places, today, field)

    def _post(self, text: str, name: str, start: int, today: date, field: str) -> Iterator[Mark]:
        found = self._post_before.search(text, max(0, start - 30), start)
        if found is None:
            found = self._post_after.match(text, start + len(name))
        if found is None:
            return
        own = [each for each in self.leaders if each.name == name]
        written = found[1]
        if any(each.post == written and each.holds_on(today) for each in own):
            return
        span = (min(found.start(1), start), max(found.end(1), start + len(name)))
        if any(each.post == written for each in own):
            if not _FORMER.search(text, max(0, span[0] - 16), span[0]):
                yield _mark(text, span, f"{name}已不担任{written}：请核对，写往事时请加“原”或“时任”。", field)
            return
        present = "、".join(each.post for each in own if each.holds_on(today)) or "（已不在任）"
        yield _mark(text, span, f"名录中{name}的职务是：{present}，请核对。", field)

    def _order(self, text: str, places: list[tuple[str, int]], today: date, field: str) -> Iterator[Mark]:
        rank = {each.name: each.place for each in reversed(self.leaders) if each.holds_on(today)}
        first: dict[str, int] = {}
        for name, start in places:
            if name in rank:
                first.setdefault(name, start)
        for (before, _), (name, start) in pairwise(first.items()):
            if rank[name] < rank[before]:
                yield _mark(text, (start, start + len(name)), f"名录中{name}排在{before}之前，请核对出场次序。", field)


def _alternatives(words: set[str]) -> str:
    # The longest first: 副书记 must not be read as 书记, nor 校长 inside 副校长.
    return "|".join(map(re.escape, sorted(words, key=lambda each: (-len(each), each)))) or "(?!)"


def _mark(text: str, span: tuple[int, int], suggestion: str, field: str) -> Mark:
    return Mark(
        rule=RULE,
        level=FindingLevel.WARN,
        quote=text[slice(*span)],
        start=span[0],
        end=span[1],
        clause=catalogue_rule(RULE).clause,
        suggestion=suggestion,
        field=field,
    )
