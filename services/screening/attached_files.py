"""The machine check of a file: personal data and terms, each with its place, however many there are of them.

A list of three hundred pupils is one decision, not three hundred: marks of one rule and level beyond a handful are
gathered into one that says how many there are and where the first of them stand.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.engine import Screener, Screening
from services.screening.file_text import FileText
from services.screening.marks import Mark

RULES_HERE = ("pi.", "term.")
"""What a file is answered for. Its wording and lengths are its author's own business."""

MOST_OF_ONE_RULE = 5
PLACES_NAMED = 3


def screen_file(screener: Screener, read: FileText, *, today: date | None = None) -> Screening:
    """The marks of a file, with their places and without a replacement: the file itself must be changed."""
    result = screener.screen_text(read.text, today=today)
    here = [
        replace(mark, place=read.place_of(mark.start), replacement=None)
        for mark in result.marks
        if mark.rule.startswith(RULES_HERE)
    ]
    return Screening(tuple(gathered(here)), result.versions)


def gathered(marks: Iterable[Mark]) -> Iterator[Mark]:
    """The same marks, those of one rule and level gathered where there are more than a handful."""
    by_rule: dict[tuple[str, FindingLevel], list[Mark]] = {}
    for mark in marks:
        by_rule.setdefault((mark.rule, mark.level), []).append(mark)
    for alike in by_rule.values():
        if len(alike) <= MOST_OF_ONE_RULE:
            yield from alike
        else:
            yield _gathered(alike)


def _gathered(alike: Sequence[Mark]) -> Mark:
    """One mark for many. It is recognised again only where exactly the same items are marked again."""
    first = alike[0]
    places = list(dict.fromkeys(mark.place for mark in alike))
    named = "、".join(places[:PLACES_NAMED]) + ("等处" if len(places) > PLACES_NAMED else "")
    items = sorted(mark.digest or mark.quote for mark in alike)
    return replace(
        first,
        place=named,
        suggestion=f"共 {len(alike)} 处{catalogue_rule(first.rule).label}。{first.suggestion}",
        digest=hashlib.sha256("\n".join(items).encode()).hexdigest(),
    )
