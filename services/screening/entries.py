"""The entries of a term list: what is looked for and how it has to stand in the text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from models import FindingLevel


class Match(StrEnum):
    """How a term has to stand in the text.

    `anywhere`: also disguised by width, traditional writing or inserted symbols. `word`: the same, and not
    grown together with its neighbours (Latin letters; for Han, a neighbour that is no function word).
    `exact`: letter by letter as typed, for wrong characters and marks such as 机密★. `complete`: a formula whose
    parts are divided by 、, marked where all but one of them are listed, or all in another order.
    """

    ANYWHERE = "anywhere"
    WORD = "word"
    EXACT = "exact"
    COMPLETE = "complete"


@dataclass(frozen=True, slots=True)
class Term:
    """One entry of a list.

    `allow` are longer harmless phrases inside which the term is no hit. Where `near` is given, one of its
    words has to stand in the same sentence. `strict_topics` are categories, or words in the title, under which
    a hint becomes a warning (advertising words in admissions). `rule` is `term.<group>` unless named. With `pinyin`
    what only sounds like the term is a hint too.
    """

    text: str
    group: str
    level: FindingLevel
    match: Match = Match.ANYWHERE
    allow: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    strict_topics: tuple[str, ...] = ()
    suggestion: str = ""
    replacement: str | None = None
    source: str = ""
    owner: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    rule: str = ""
    pinyin: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """What a formula lists; the term itself for every other."""
        return tuple(self.text.split("、")) if self.match is Match.COMPLETE else (self.text,)

    @property
    def rule_id(self) -> str:
        """The id its marks carry."""
        return self.rule or f"term.{self.group}"

    def is_valid_on(self, day: date) -> bool:
        """Whether `day` lies within the entry's term, both ends included."""
        return (self.valid_from or date.min) <= day <= (self.valid_to or date.max)


def _written_out(term: Term) -> Iterator[str]:
    yield from (term.rule_id, term.text, term.level.value, term.match.value)
    yield from ("|".join(term.allow), "|".join(term.near), "|".join(term.strict_topics))
    yield from (term.suggestion, str(term.replacement), str(term.valid_from), str(term.valid_to))
    if term.pinyin:
        yield "pinyin"


def lexicon_version(terms: Iterable[Term]) -> str:
    """A fingerprint of the entries in any order: the same version finds the same places."""
    digest = hashlib.sha256()
    for term in sorted(terms, key=lambda term: (term.rule_id, term.text)):
        digest.update("\x1f".join(_written_out(term)).encode())
    return digest.hexdigest()[:12]
