from __future__ import annotations

import re
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from services.errors import InvalidInput, UnreadableFile
from services.manuscript.conversion import Conversion, convert
from tests.documents import STORY_TITLE, campus_story_docx


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def texts(page: str, tag: str) -> list[str]:
    return [node.text() for node in LexborHTMLParser(page).css(tag)]


def test_story_becomes_a_fragment_a_page_and_its_pictures(tmp_path: Path) -> None:
    conversion = convert(campus_story_docx(), "读书节.docx", theme="campus")
    conversion.write_to(tmp_path / "out")

    names = {f"images/{picture.file_name}" for picture in conversion.pictures}
    assert files_in(tmp_path / "out") == {"article.html", "page.html", *names}
    assert (conversion.title, conversion.warnings, len(names)) == (STORY_TITLE, (), 2)
    for page in ("article.html", "page.html"):
        written = (tmp_path / "out" / page).read_text("utf-8")
        assert set(re.findall(r'<img src="([^"]+)"', written)) == names
    for picture in conversion.pictures:
        assert (tmp_path / "out" / "images" / picture.file_name).read_bytes() == picture.content


def test_fragment_has_no_page_around_it_and_the_page_is_complete() -> None:
    conversion = convert(campus_story_docx(), "读书节.docx")
    assert conversion.article_html.startswith("<section style=")
    assert not re.search(r"<(?:html|head|title|style|script|link)\b", conversion.article_html)
    assert [texts(conversion.page_html, tag) for tag in ("title", "h1")] == [[STORY_TITLE], [STORY_TITLE]]


def test_page_without_a_title_is_named_after_the_file() -> None:
    conversion = convert("只有一段话。".encode(), "通知&安排.txt")
    assert [texts(conversion.page_html, tag) for tag in ("title", "h1")] == [["通知&安排"], []]


def test_characters_count_the_text_without_blanks() -> None:
    assert convert("一二 三\n\n四。".encode(), "a.txt").characters == 5


def test_converting_again_replaces_the_files(tmp_path: Path) -> None:
    convert("旧".encode(), "a.txt").write_to(tmp_path)
    convert("新".encode(), "a.txt").write_to(tmp_path)
    assert "新" in (tmp_path / "article.html").read_text("utf-8")
    assert files_in(tmp_path) == {"article.html", "page.html"}


def test_nothing_half_written_remains_when_writing_fails(tmp_path: Path) -> None:
    story = convert(campus_story_docx(), "读书节.docx")
    blocked = Conversion(story.title, story.article_html, story.page_html, story.pictures, 0, ())
    (tmp_path / "out").write_text("a file where the folder should be")
    with pytest.raises(OSError, match="out"):
        blocked.write_to(tmp_path / "out")
    assert files_in(tmp_path) == {"out"}


def test_unreadable_files_and_unknown_themes_write_nothing() -> None:
    with pytest.raises(UnreadableFile):
        convert(b"", "a.docx")
    with pytest.raises(InvalidInput, match="版式"):
        convert(campus_story_docx(), "读书节.docx", theme="pink")
