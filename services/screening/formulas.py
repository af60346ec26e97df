"""Formulas that are quoted whole and in their order, such as 不敢腐、不能腐、不想腐."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.screening.catalogue import rule as catalogue_rule
from services.screening.entries import Term
from services.screening.folding import Seen
from services.screening.marks import Mark

_JOINS = re.compile("[、，,\\s“”‘’\"'和与及以]{0,4}")


@dataclass(frozen=True)
class _Formula:
    term: Term
    parts: tuple[str, ...]


@dataclass(frozen=True)
class _Listed:
    """A part of a formula in the original text."""

    part: int
    start: int
    end: int


class FormulaFinder:
    """Formulas quoted in part or in another order: at least all parts but one, listed next to each other."""

    def __init__(self) -> None:
        self._formulas: list[_Formula] = []
        self._owners: dict[int, list[tuple[int, int]]] = {}  # by pattern: formula and part

    def add(self, term: Term, patterns: Sequence[int]) -> None:
        """A formula and the patterns of its parts in the automaton."""
        for part, pattern in enumerate(patterns):
            self._owners.setdefault(pattern, []).append((len(self._formulas), part))
        self._formulas.append(_Formula(term, term.parts))

    def marks_in(
        self, text: str, seen: Seen, found: Iterable[tuple[int, int, int]], *, today: date | None, field: str
    ) -> Iterator[Mark]:
        """The marks of one text, given all hits of the automaton on its folded form."""
        listed: dict[int, list[_Listed]] = {}
        for pattern, start, end in found if self._formulas else ():
            for number, part in self._owners.get(pattern, ()):
                listed.setdefault(number, []).append(_Listed(part, *seen.span(start, end)))
        for number, parts in listed.items():
            formula = self._formulas[number]
            if today is None or formula.term.is_valid_on(today):
                for run in _runs(text, sorted(parts, key=lambda each: each.start)):
                    mark = _formula_mark(formula, text, run, field)
                    if mark is not None:
                        yield mark


def _runs(text: str, parts: Sequence[_Listed]) -> Iterator[list[_Listed]]:
    """Parts that stand in one list, with nothing but a comma, quotation marks or an "and" between them."""
    run: list[_Listed] = []
    for each in parts:
        if run and not _JOINS.fullmatch(text, run[-1].end, each.start):
            yield run
            run = []
        run.append(each)
    if run:
        yield run


def _formula_mark(formula: _Formula, text: str, run: Sequence[_Listed], field: str) -> Mark | None:
    term, given = formula.term, [each.part for each in run]
    missing = [part for number, part in enumerate(formula.parts) if number not in given]
    if len(set(given)) < 2 or len(missing) > 1 or (not missing and given == sorted(given)):
        return None
    start, end = run[0].start, run[-1].end
    fault = f"少了“{missing[0]}”" if missing else "次序不对"
    return Mark(
        rule=term.rule_id,
        level=term.level,
        quote=text[start:end],
        start=start,
        end=end,
        clause=catalogue_rule(term.rule_id).clause,
        suggestion=f"固定表述{fault}，应完整写作“{term.text}”。",
        field=field,
        replacement=None if missing else term.text,
        entry=term.text,
    )
