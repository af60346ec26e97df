"""Which pictures a version gained, lost or put elsewhere: what a reader sees at a glance before reading the text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from models import Content
from services.manuscript import blocks


@dataclass(frozen=True)
class PictureChanges:
    """Fingerprints; `added` and `moved` in the order of the new version, `removed` in that of the old one. `cover` is
    the old and the new cover where they differ, an empty fingerprint standing for none.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    moved: tuple[str, ...]
    cover: tuple[str, str] | None

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.moved or self.cover)


def changes(old: Content, new: Content) -> PictureChanges:
    """What happened to the pictures of the body and to the cover."""
    before, after = blocks.picture_hashes(old.body_html), blocks.picture_hashes(new.body_html)
    removed, stayed = _divided(before, after)
    added, stand = _divided(after, before)
    cover = (old.cover_sha256 or "", new.cover_sha256 or "")
    return PictureChanges(
        added=tuple(added),
        removed=tuple(removed),
        moved=_moved(stayed, stand),
        cover=cover if cover[0] != cover[1] else None,
    )


def _divided(pictures: Sequence[str], others: Sequence[str]) -> tuple[list[str], list[str]]:
    """The pictures that stand here more often than there, as often as they are more; and the rest."""
    left = Counter(others)
    surplus: list[str] = []
    shared: list[str] = []
    for each in pictures:
        (shared if left[each] > 0 else surplus).append(each)
        left[each] -= 1
    return surplus, shared


def _moved(old: Sequence[str], new: Sequence[str]) -> tuple[str, ...]:
    """Of the pictures in both, those out of their old order."""
    kept = {
        place
        for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
        for place in range(block.b, block.b + block.size)
    }
    return tuple(each for place, each in enumerate(new) if place not in kept)
