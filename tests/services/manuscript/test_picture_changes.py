"""What a reader is told of the pictures of two versions."""

from __future__ import annotations

import pytest

from models import Content
from services.manuscript.picture_changes import PictureChanges, changes


def with_pictures(letters: str, cover: str | None = None) -> Content:
    body = "".join(f'<figure><img src="asset:{letter * 64}" alt=""></figure>' for letter in letters)
    return Content(body_html=f"<p>正文</p>{body}", cover_sha256=cover and cover * 64)


def told(letters: str) -> tuple[str, ...]:
    return tuple(letter * 64 for letter in letters)


@pytest.mark.parametrize(
    ("old", "new", "added", "removed", "moved"),
    [
        ("", "", "", "", ""),
        ("abc", "abc", "", "", ""),
        ("abc", "abdc", "d", "", ""),
        ("abc", "ac", "", "b", ""),
        ("abc", "bca", "", "", "a"),
        ("abc", "dba", "d", "c", "b"),
        ("aab", "ab", "", "a", ""),
        ("ab", "aab", "a", "", ""),
    ],
)
def test_pictures_are_added_removed_or_moved(old: str, new: str, added: str, removed: str, moved: str) -> None:
    found = changes(with_pictures(old), with_pictures(new))

    assert found == PictureChanges(told(added), told(removed), told(moved), cover=None)
    assert bool(found) is (old != new)


@pytest.mark.parametrize(
    ("old", "new", "cover"),
    [("a", "a", None), ("a", "b", ("a" * 64, "b" * 64)), (None, "b", ("", "b" * 64)), ("a", None, ("a" * 64, ""))],
)
def test_another_cover_is_told_with_both(old: str | None, new: str | None, cover: tuple[str, str] | None) -> None:
    assert changes(with_pictures("", old), with_pictures("", new)).cover == cover
