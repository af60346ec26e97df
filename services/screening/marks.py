"""What the machine check hands out: marked places. It never approves and never rejects."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Level(StrEnum):
    """How a mark binds: a block is resolved before submitting, a warning answered before approval."""

    label: str

    BLOCK = "block", "拦截"
    WARN = "warn", "警告"
    INFO = "info", "提示"

    def __new__(cls, code: str, label: str) -> Self:
        member = str.__new__(cls, code)
        member._value_ = code
        member.label = label
        return member

    @property
    def gravity(self) -> int:
        """2 for a block, 1 for a warning, 0 for a hint."""
        return _GRAVITY[self.value]


_GRAVITY = {"block": 2, "warn": 1, "info": 0}

FIELDS = ("title", "digest", "author", "body")
"""The fields of a manuscript, in the order their marks are listed."""


@dataclass(frozen=True)
class Mark:
    """One marked place.

    `start` and `end` count characters of the original text of `field`, as it was handed in.
    `quote` shows personal data masked and everything else verbatim. `digest` recognises the same personal
    item again without storing it; it is empty for other marks, and where the settings carry no salt.
    `replacement` is text that may safely take the marked place with one click.
    """

    rule: str
    level: Level
    quote: str
    start: int
    end: int
    clause: str
    suggestion: str
    digest: str = ""
    field: str = "body"
    replacement: str | None = None

    def lies_within(self, other: Mark) -> bool:
        """True if `other` covers this mark and more."""
        return (
            other.start <= self.start
            and self.end <= other.end
            and (other.start, other.end) != (self.start, self.end)
        )


def without_nested(marks: Iterable[Mark]) -> list[Mark]:
    """Drop each mark that lies inside a longer one of at least its own level, and exact repetitions.

    Order: by start, longer first.
    """
    kept: list[Mark] = []
    for mark in sorted(set(marks), key=lambda m: (m.start, -m.end, -m.level.gravity, m.rule)):
        if not any(mark.lies_within(outer) and outer.level.gravity >= mark.level.gravity for outer in kept):
            kept.append(mark)
    return kept
