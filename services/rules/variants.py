"""A shorter edition for one place. It may leave out, never add: what was not approved goes nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

NEGATIONS = frozenset("不未非无没勿禁免否莫")
"""Characters that may not be left out: the rest would say the opposite."""


class Pictures(StrEnum):
    """Which pictures go along."""

    ALL = "all"
    COVER = "cover"
    NONE = "none"


@dataclass(frozen=True)
class Variant:
    """What a place shows instead of the sealed title and digest; empty means as sealed."""

    title: str = ""
    digest: str = ""
    pictures: Pictures = Pictures.ALL

    def stored(self) -> dict[str, str]:
        """As the row keeps it: only what differs."""
        return {name: str(value) for name, value in asdict(self).items() if value and value != Pictures.ALL}


def variant_from(stored: Mapping[str, str]) -> Variant:
    """The variant a row keeps."""
    return Variant(stored.get("title", ""), stored.get("digest", ""), Pictures(stored.get("pictures", Pictures.ALL)))


def fault_of(variant: Variant, *, title: str, digest: str) -> tuple[str, str] | None:
    """The field that is not a shortening of what was sealed, and why, as a sentence."""
    for name, label, short, sealed in (
        ("title", "标题", variant.title, title),
        ("digest", "摘要", variant.digest, digest),
    ):
        if not short:
            continue
        left_out = _left_out(short, sealed)
        if left_out is None:
            return name, f"这里的{label}只能从终审通过的{label}里删字，不能添字或改字：“{sealed}”。"
        if NEGATIONS & set(left_out):
            return name, f"这里的{label}删去了“{''.join(sorted(NEGATIONS & set(left_out)))}”，意思可能相反，请保留。"
    return None


def _left_out(short: str, sealed: str) -> str | None:
    """The characters of `sealed` that `short` leaves out, in order; None if it has others, or in another order."""
    left_out: list[str] = []
    wanted = iter(short)
    next_wanted = next(wanted, None)
    for each in sealed:
        if each == next_wanted:
            next_wanted = next(wanted, None)
        else:
            left_out.append(each)
    return "".join(left_out) if next_wanted is None else None
