"""What is searched for, and what is found by it: words folded alike on both sides, in pairs of neighbouring characters.

Chinese is written without spaces, and its words are mostly two characters long: pairs find 教务 as well as
教学经验交流会, with the same index on every database. A pair never reaches over a space or a mark.
"""

from __future__ import annotations

import unicodedata
from itertools import pairwise

MOST_TERMS = 5
LONGEST = 60
"""Characters of everything searched for together."""


def folded(text: str) -> str:
    """Letters without case and width, any space as one: what is compared."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(text: str) -> tuple[str, ...]:
    """The pairs of neighbouring letters and digits of a folded text, each once, in order."""
    return tuple(sorted({a + b for a, b in pairwise(text) if a.isalnum() and b.isalnum()}))


def terms_of(words: str) -> tuple[str, ...]:
    """What was typed, as terms that must all occur; the longest come first."""
    return tuple(sorted(set(folded(words).split()), key=lambda term: (-len(term), term)))


def fault_of(words: str) -> str:
    """Why these words cannot be searched for, as a sentence; empty if they can."""
    terms = terms_of(words)
    if len(words) > LONGEST or len(terms) > MOST_TERMS:
        return f"一次最多查 {MOST_TERMS} 个词、共 {LONGEST} 个字：请留下最有用的几个词。"
    short = next((term for term in terms if not grams(term)), None)
    if short is not None:
        return f"“{short}”太短，查不了：每个词至少要有相连的两个字。"
    return ""
