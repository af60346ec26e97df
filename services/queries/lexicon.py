"""Reads about the term list: a page of it, what people answered to its entries, its versions and leaders."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, func, or_
from sqlmodel import Session, col, select

from models import Finding, FindingAnswer, LeaderTerm, LexiconEntry, LexiconVersion, Person, SchoolFact
from services.errors import NotAllowed
from services.rules.permissions import Actor, keeps_lists

PAGE_SIZE = 20
ENOUGH_ANSWERS = 5
TOO_MANY_FALSE = 0.6
TERM_RULE, WRONG_CHARACTERS, CONFUSION = "term.", "wording.confusion", "confusion"


@dataclass(frozen=True)
class EntryFilter:
    """What is looked for: a piece of the term or suggestion, a group, retired entries too."""

    text: str = ""
    group: str = ""
    with_retired: bool = False


def entries(session: Session, actor: Actor, wanted: EntryFilter, *, page: int = 1) -> Sequence[LexiconEntry]:
    """A page of the working list, the entry changed last first. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(
        select(LexiconEntry)
        .where(*_conditions(wanted))
        .order_by(col(LexiconEntry.changed_at).desc(), col(LexiconEntry.id))
        .limit(PAGE_SIZE)
        .offset((max(1, page) - 1) * PAGE_SIZE)
    ).all()


def count_entries(session: Session, actor: Actor, wanted: EntryFilter) -> int:
    """How many entries are found. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(select(func.count()).select_from(LexiconEntry).where(*_conditions(wanted))).one()


def groups(session: Session) -> Sequence[str]:
    """The groups of the working list."""
    return session.exec(select(LexiconEntry.group).distinct().order_by(LexiconEntry.group)).all()


def _conditions(wanted: EntryFilter) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [] if wanted.with_retired else [col(LexiconEntry.active).is_(True)]
    if wanted.group:
        found.append(col(LexiconEntry.group) == wanted.group)
    if text := wanted.text.strip():
        words = (col(LexiconEntry.term), col(LexiconEntry.suggestion), col(LexiconEntry.source))
        found.append(or_(*(each.contains(text, autoescape=True) for each in words)))
    return found


@dataclass(frozen=True)
class Score:
    """What people made of the marks of one entry, whose present `version` a change has to name as seen."""

    entry_id: int
    version: int
    term: str
    group: str
    answered: int
    false_alarms: int

    @property
    def false_alarm_rate(self) -> float:
        return self.false_alarms / self.answered

    @property
    def should_go(self) -> bool:
        """Whether the answers propose to retire it."""
        return self.answered >= ENOUGH_ANSWERS and self.false_alarm_rate >= TOO_MANY_FALSE


def scores(session: Session, actor: Actor) -> list[Score]:
    """The answered entries of the list, the one with most false alarms first. Raises `NotAllowed`.

    An entry counts however it was disguised in the text. Marks of before entries were kept with them count where
    their words are the entry's own.
    """
    refuse_others(actor)
    said = _answers()
    entry = (col(LexiconEntry.id), col(LexiconEntry.version), col(LexiconEntry.term), col(LexiconEntry.group))
    counted: tuple[Any, ...] = (*entry, said.c.answered, said.c.false_alarms)
    statement: Any = (
        select(*counted)
        .join(said, (said.c.group == col(LexiconEntry.group)) & (said.c.term == col(LexiconEntry.term)))
        .where(col(LexiconEntry.active).is_(True))
    )
    found = [Score(*row) for row in session.exec(statement)]
    return sorted(found, key=lambda each: (-each.false_alarm_rate, -each.answered, each.term))


def _answers() -> Any:
    """The answers by group and term; counted before they are joined, because a list may hold 50,000 entries."""
    rule = col(Finding.rule)
    group = case((rule == WRONG_CHARACTERS, CONFUSION), else_=func.substr(rule, len(TERM_RULE) + 1)).label("group")
    term = case((col(Finding.entry) == "", col(Finding.quote)), else_=col(Finding.entry)).label("term")
    false_alarm = case((col(Finding.answer) == FindingAnswer.FALSE_ALARM, 1), else_=0)
    counts: tuple[Any, ...] = (
        func.count(col(Finding.id)).label("answered"),
        func.sum(false_alarm).label("false_alarms"),
    )
    return (
        select(group, term, *counts)
        .where(
            col(Finding.answer).is_not(None),
            or_(rule.startswith(TERM_RULE, autoescape=True), rule == WRONG_CHARACTERS),
        )
        .group_by(group, term)
        .subquery()
    )


def has_begun(session: Session) -> bool:
    """Whether the office has a list of its own; until then what ships is in force."""
    return session.exec(select(LexiconVersion.id).limit(1)).first() is not None


@dataclass(frozen=True)
class Version:
    """What the list of versions tells of one; its lists stay where they are, a megabyte each."""

    number: int
    made_at: datetime
    entries: int
    note: str
    made_by: str


def versions(session: Session, actor: Actor) -> list[Version]:
    """Every version that was ever in force, the newest first. Raises `NotAllowed`."""
    refuse_others(actor)
    of_version = (LexiconVersion.number, LexiconVersion.made_at, LexiconVersion.entries, LexiconVersion.note)
    told: tuple[Any, ...] = (*of_version, func.coalesce(Person.name, ""))
    statement: Any = (
        select(*told)
        .join(Person, col(Person.id) == col(LexiconVersion.made_by_id), isouter=True)
        .order_by(col(LexiconVersion.number).desc())
    )
    return [Version(*row) for row in session.exec(statement)]


def leaders(session: Session, actor: Actor) -> Sequence[LeaderTerm]:
    """The roster as it is being worked on. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(select(LeaderTerm).order_by(col(LeaderTerm.place), col(LeaderTerm.id))).all()


def facts(session: Session, actor: Actor) -> Sequence[SchoolFact]:
    """What is entered of the school's own, as it is being worked on. Raises `NotAllowed`."""
    refuse_others(actor)
    return session.exec(select(SchoolFact).order_by(col(SchoolFact.kind), col(SchoolFact.value))).all()


def refuse_others(actor: Actor) -> None:
    """Raises `NotAllowed` for whoever does not keep the lists."""
    if not keeps_lists(actor):
        raise NotAllowed("只有终审人和系统管理员可以查看词库。")
