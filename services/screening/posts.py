"""One person with two posts in one text: 校长 here, 副校长 there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from models import FindingLevel
from services.screening.catalogue import rule as catalogue_rule
from services.screening.marks import Mark
from services.screening.surnames import SURNAMES

RULE = "leader.post"

_POST = re.compile(
    "(?P<deputy>副|常务副)?(?P<post>校长|院长|书记|处长|部长|主任|馆长|所长|科长|会长|主席|秘书长|校监|园长|系主任)"
    f"(?P<name>[{SURNAMES}][\u4e00-\u9fff]{{1,2}})"
)
_FORMER = re.compile("(?:原|前|时任|曾任|历任|代理?)[^，。；\n]{0,12}$")
_HAN = re.compile("[\u4e00-\u9fff]")
_FOLLOWS_A_NAME = frozenset("在说作主出致介宣指表和与对向就代为参讲谈强提总带率陪到来以及同从将也还等担任分做发给领逐")


@dataclass(frozen=True)
class _Holding:
    post: str
    is_deputy: bool
    names: tuple[str, ...]  # the name, and the shorter one where the third character may belong to what follows
    start: int
    end: int


def marks_in(text: str, *, field: str) -> Iterator[Mark]:
    """Each mention that contradicts the first one: the same name and post, once with 副 and once without."""
    if not _names_a_deputy(text):
        return
    first: dict[tuple[str, str], _Holding] = {}
    for held in _holdings(text):
        known = next((first[key] for name in held.names if (key := (held.post, name)) in first), None)
        if known is None:
            for name in held.names:
                first.setdefault((held.post, name), held)
        elif known.is_deputy != held.is_deputy:
            yield Mark(
                rule=RULE,
                level=FindingLevel.WARN,
                quote=text[held.start : held.end],
                start=held.start,
                end=held.end,
                clause=catalogue_rule(RULE).clause,
                suggestion=f"前文写的是“{text[known.start : known.end]}”，同一人的职务前后不一致，请核对。",
                field=field,
            )


def _names_a_deputy(text: str) -> bool:
    """Whether the closer look is worth its time: a contradiction needs a deputy with a name."""
    place = text.find("副")
    while place >= 0:
        if _POST.match(text, place):
            return True
        place = text.find("副", place + 1)
    return False


def _holdings(text: str) -> Iterator[_Holding]:
    for found in _POST.finditer(text):
        if _FORMER.search(text, max(0, found.start() - 16), found.start()):
            continue
        name = found["name"]
        after = text[found.end() : found.end() + 1]
        names = [name]
        if len(name) == 3 and name[2] in _FOLLOWS_A_NAME:
            names = [name[:2]]
        elif len(name) == 2 and _HAN.match(after):
            continue
        elif len(name) == 3 and _HAN.match(after) and after not in _FOLLOWS_A_NAME:
            continue  # where the name ends cannot be told
        end = found.start("name") + len(names[0])
        yield _Holding(found["post"], found["deputy"] is not None, tuple(names), found.start(), end)
