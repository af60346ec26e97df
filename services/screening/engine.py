"""The whole text check of one manuscript: what every rule marks, field by field, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date

from services.screening import limits, wording
from services.screening.catalogue import RULES_VERSION
from services.screening.folding import folding_version
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.marks import FIELDS, Mark
from services.screening.personal_information import PersonalDataSettings, marks_in
from services.screening.roster import Leader, Roster
from services.screening.terms import Term, TermFinder, lexicon_version


@dataclass(frozen=True)
class Manuscript:
    """What is checked. `category` and `source_kind` are the codes of the submission; `body` is plain text."""

    title: str
    digest: str
    author: str
    body: str
    category: str
    source_kind: str
    today: date
    event_date: date | None = None


@dataclass(frozen=True)
class Screening:
    """The marks in order of field and start, and the versions that would give the same marks again."""

    marks: tuple[Mark, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class ScreeningSettings:
    """What differs from school to school."""

    personal: PersonalDataSettings = field(default_factory=PersonalDataSettings)


class Screener:
    """Built once from the lists and shared by all threads; every check is a pure function of its input."""

    def __init__(
        self,
        lexicon: Iterable[Term],
        settings: ScreeningSettings | None = None,
        *,
        leaders: Iterable[Leader] = (),
    ) -> None:
        terms = tuple(lexicon)
        self._roster = Roster(leaders)
        self._settings = settings or ScreeningSettings()
        self._finder = TermFinder(terms)
        self._versions = {
            "rules": RULES_VERSION,
            "lexicon": lexicon_version(terms),
            "folding": folding_version(),
            "settings": _fingerprint(self._settings.personal, self._roster.leaders),
        }

    def screen(self, manuscript: Manuscript) -> Screening:
        """Mark every field. Nothing is approved, nothing rejected, nothing changed."""
        topics = f"{manuscript.category} {manuscript.title}"
        texts = {name: str(getattr(manuscript, name)) for name in FIELDS}
        marks = [
            mark
            for name, text in texts.items()
            for mark in (
                *self._text_marks(text, name, today=manuscript.today, topics=topics),
                *_LIMITS[name](text),
            )
        ]
        marks += limits.source_marks(manuscript.body, manuscript.source_kind)
        return self._screening(marks)

    def screen_text(self, text: str, *, today: date | None = None) -> Screening:
        """Mark a bare text, such as an attachment. Without `today`, checks that need the date are left out."""
        return self._screening(self._text_marks(text, "body", today=today, topics=""))

    def _text_marks(self, text: str, name: str, *, today: date | None, topics: str) -> Iterator[Mark]:
        if not text:
            return
        yield from marks_in(text, settings=self._settings.personal, today=today, field=name)
        yield from self._finder.marks_in(text, today=today, topics=topics, field=name)
        yield from self._roster.marks_in(text, today=today, field=name)
        yield from wording.marks_in(text, today=today, field=name)

    def _screening(self, marks: Iterable[Mark]) -> Screening:
        ordered = sorted(marks, key=lambda mark: (FIELDS.index(mark.field), mark.start, mark.end, mark.rule))
        return Screening(tuple(ordered), dict(self._versions))


def _fingerprint(personal: PersonalDataSettings, leaders: tuple[Leader, ...]) -> str:
    """Of what the school set: the same settings and roster give the same marks. The salt gives only hashes."""
    written = repr((personal.student_numbers, personal.school_domains, leaders))
    return hashlib.sha256(written.encode()).hexdigest()[:12]


_LIMITS: dict[str, Callable[[str], Iterable[Mark]]] = {
    "title": limits.title_marks,
    "digest": limits.digest_marks,
    "author": limits.author_marks,
    "body": limits.body_marks,
}


def default_screener(settings: ScreeningSettings | None = None) -> Screener:
    """The shipped starter groups and wrong characters, for a school that has not made its own lists yet."""
    return Screener((*shipped_terms(), *shipped_confusions()), settings)
