"""What the machine check hands out: marked places. It never approves and never rejects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from models import FindingLevel

GRAVITY = {FindingLevel.BLOCK: 2, FindingLevel.WARN: 1, FindingLevel.INFO: 0}
"""How a mark binds: a block is resolved before submitting, a warning answered before approval."""

FIELDS = ("title", "digest", "author", "body")
"""The fields of a manuscript, in the order their marks are listed."""


@dataclass(frozen=True)
class Mark:
    """One marked place.

    `start` and `end` count characters of the original text of `field`, as it was handed in.
    `quote` shows personal data masked, of a link where it leads, and everything else verbatim. `digest` recognises
    the same personal item again without storing it; it is empty for other marks, and where the settings carry no
    salt. `replacement` is text that may safely take the marked place with one click. `entry` is the term of the list
    that made the mark, `related_id` the earlier item that was recognised, `place` says where in a file.
    """

    rule: str
    level: FindingLevel
    quote: str
    start: int
    end: int
    clause: str
    suggestion: str
    digest: str = ""
    field: str = "body"
    replacement: str | None = None
    place: str = ""
    entry: str = ""
    related_id: int | None = None


def without_nested(marks: Iterable[Mark]) -> list[Mark]:
    """Drop each mark that lies inside a longer one of at least its own level, and exact repetitions.

    Order: by start, longer first. One pass: what came before starts no later, so only how far it reaches counts.
    """
    kept: list[Mark] = []
    reach: dict[int, tuple[int, int]] = {}  # for each gravity, the kept mark that ends last: its end and start
    for mark in sorted(set(marks), key=lambda m: (m.start, -m.end, -GRAVITY[m.level], m.rule)):
        if not any(_covers(reach.get(gravity), mark) for gravity in range(GRAVITY[mark.level], 3)):
            kept.append(mark)
            if mark.end > reach.get(GRAVITY[mark.level], (-1, 0))[0]:
                reach[GRAVITY[mark.level]] = (mark.end, mark.start)
    return kept


def _covers(outer: tuple[int, int] | None, mark: Mark) -> bool:
    if outer is None:
        return False
    end, start = outer
    return end > mark.end or (end == mark.end and start < mark.start)
