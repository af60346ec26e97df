"""The whole text check of one manuscript: what every rule marks, field by field, in order."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from services.screening import figures, limits, posts, wording
from services.screening.catalogue import RULES_VERSION
from services.screening.entries import Term, lexicon_version
from services.screening.folding import folding_version, read
from services.screening.links import Link, LinkFinder
from services.screening.lists import shipped_confusions, shipped_terms
from services.screening.marks import FIELDS, Mark
from services.screening.personal_information import PersonalDataSettings, marks_in
from services.screening.roster import Leader, Roster
from services.screening.school import School
from services.screening.terms import TermFinder


@dataclass(frozen=True)
class Manuscript:
    """What is checked. `category` and `source_kind` are the codes of the submission; `body` is plain text, in which
    `links` have their places; `pictures` is how many the body shows.
    """

    title: str
    digest: str
    author: str
    body: str
    category: str
    source_kind: str
    today: date
    event_date: date | None = None
    links: tuple[Link, ...] = ()
    pictures: int = 0
    photographer: str = ""


@dataclass(frozen=True)
class Screening:
    """The marks in order of field and start, and the versions that would give the same marks again."""

    marks: tuple[Mark, ...]
    versions: dict[str, str]


@dataclass(frozen=True)
class ScreeningSettings:
    """What differs from installation to installation: `site` is the domain this one is reached at."""

    personal: PersonalDataSettings = field(default_factory=PersonalDataSettings)
    site: str = ""


class Screener:
    """Built once from the lists and shared by all threads; every check is a pure function of its input.

    `edition` is the number of the version of the lists in force, where the office has lists of its own.
    """

    def __init__(
        self,
        lexicon: Iterable[Term],
        settings: ScreeningSettings | None = None,
        *,
        leaders: Iterable[Leader] = (),
        school: School | None = None,
        edition: int | None = None,
    ) -> None:
        terms = tuple(lexicon)
        given = settings or ScreeningSettings()
        own = school or School()
        self._roster = Roster(leaders)
        self._personal = _with_school(given.personal, own)
        self._links = LinkFinder((*filter(None, [given.site]), *own.own_domains, *own.trusted_domains))
        self._finder = TermFinder(terms, names=own.names)
        self._versions = {
            "rules": RULES_VERSION,
            "lexicon": lexicon_version(terms),
            "folding": folding_version(),
            "settings": _fingerprint(self._personal, self._roster.leaders, self._links.trusted, own.names),
        }
        if edition is not None:
            self._versions["edition"] = str(edition)

    @property
    def trusted_domains(self) -> tuple[str, ...]:
        """The domains a link or a code may lead to without a question."""
        return self._links.trusted

    def screen(self, manuscript: Manuscript) -> Screening:
        """Mark every field. Nothing is approved, nothing rejected, nothing changed."""
        topics = f"{manuscript.category} {manuscript.title}"
        texts = {name: str(getattr(manuscript, name)) for name in FIELDS}
        marks = [
            mark
            for name, text in texts.items()
            for mark in (
                *self._text_marks(text, name, today=manuscript.today, topics=topics, links=_in(manuscript, name)),
                *_LIMITS[name](text),
            )
        ]
        marks += limits.source_marks(manuscript.body, manuscript.source_kind)
        marks += limits.credit_marks(manuscript.pictures, manuscript.photographer, manuscript.source_kind)
        marks += wording.event_marks(manuscript.title, manuscript.body, manuscript.event_date, manuscript.today)
        return self._screening(marks)

    def screen_text(self, text: str, *, today: date | None = None) -> Screening:
        """Mark a bare text, such as an attachment. Without `today`, checks that need the date are left out."""
        return self._screening(self._text_marks(text, "body", today=today, topics=""))

    def _text_marks(
        self, text: str, name: str, *, today: date | None, topics: str, links: Sequence[Link] = ()
    ) -> Iterator[Mark]:
        if not text:
            return
        view = read(text)
        yield from marks_in(text, settings=self._personal, today=today, field=name, view=view)
        yield from self._links.marks_in(text, links, field=name, view=view)
        yield from self._finder.marks_in(text, today=today, topics=topics, field=name)
        yield from self._roster.marks_in(text, today=today, field=name)
        yield from posts.marks_in(text, field=name)
        yield from figures.marks_in(text, view, field=name)
        yield from wording.marks_in(text, today=today, field=name, view=view)

    def _screening(self, marks: Iterable[Mark]) -> Screening:
        ordered = sorted(marks, key=lambda mark: (FIELDS.index(mark.field), mark.start, mark.end, mark.rule))
        return Screening(tuple(ordered), dict(self._versions))


def _in(manuscript: Manuscript, field: str) -> tuple[Link, ...]:
    return manuscript.links if field == "body" else ()


def _with_school(personal: PersonalDataSettings, school: School) -> PersonalDataSettings:
    return replace(
        personal,
        student_numbers=(*personal.student_numbers, *school.student_numbers),
        staff_numbers=(*personal.staff_numbers, *school.staff_numbers),
        school_domains=(*personal.school_domains, *school.own_domains),
    )


def _fingerprint(
    personal: PersonalDataSettings, leaders: tuple[Leader, ...], trusted: tuple[str, ...], names: tuple[str, ...]
) -> str:
    """Of what the school set: the same settings and roster give the same marks. The salt gives only hashes."""
    numbers = (personal.student_numbers, personal.staff_numbers, personal.school_domains)
    written = repr((*numbers, leaders, trusted, names))
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
