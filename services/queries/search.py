"""Finding items by words in title and text: one condition, two databases.

Pairs of characters narrow the items down by an index; the text itself then decides, so that nothing is found that does
not hold the words in one piece. Who may see an item is asked by whoever builds the list.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, exists, text
from sqlmodel import Session, col

from models import SearchText, Submission
from services.errors import InvalidInput
from services.rules.search_terms import fault_of, grams, terms_of

CANDIDATES = {
    "sqlite": "submission.id IN (SELECT rowid FROM search_grams WHERE search_grams MATCH :pairs)",
    "postgresql": (
        "submission.id IN (SELECT submission_id FROM search_grams WHERE grams @> string_to_array(:pairs, ' '))"
    ),
}
BETWEEN = {"sqlite": " AND ", "postgresql": " "}


def holds(session: Session, words: str) -> ColumnElement[bool]:
    """The condition that an item holds all of these words. Raises `InvalidInput` for what cannot be searched for."""
    fault = fault_of(words)
    if fault:
        raise InvalidInput(fault, field="words")
    terms = terms_of(words)
    dialect = session.get_bind().dialect.name
    wanted = sorted({pair for term in terms for pair in grams(term)})
    quoted = [f'"{pair}"' for pair in wanted] if dialect == "sqlite" else wanted
    candidates: Any = text(CANDIDATES[dialect]).bindparams(pairs=BETWEEN[dialect].join(quoted))
    in_one_piece = exists().where(
        col(SearchText.submission_id) == col(Submission.id),
        *(col(SearchText.text).contains(term, autoescape=True) for term in terms),
    )
    return and_(candidates, in_one_piece)
