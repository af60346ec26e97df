"""A Word file as one canonical body and its pictures."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any
from xml.parsers.expat import ExpatError

import mammoth
import mammoth.html

from services.errors import InvalidInput, UnreadableFile
from services.manuscript.cleaning import clean
from services.manuscript.documents import ReadDocument
from services.manuscript.pictures import Picture, process_picture
from services.manuscript.typed import decoded, read_html, read_html_file, read_text
from services.manuscript.word_arrangement import BULLETS, DECIMALS
from services.manuscript.word_package import Package, Relationship, open_package
from services.manuscript.word_source import Source, straightened
from services.manuscript.word_tree import relationships_part, serialised

__all__ = ["ReadDocument", "read_html", "read_manuscript", "read_text", "read_word"]

_STYLE_MAP = """
p.Heading2 => h2:fresh
p.Heading3 => h3:fresh
p.Heading4 => h4:fresh
p.Caption => figcaption:fresh
p.Quote => blockquote > p:fresh
p:unordered-list(1) => ul > li:fresh
p:unordered-list(2) => ul|ol > li > ul > li:fresh
p:unordered-list(3) => ul|ol > li > ul|ol > li > ul > li:fresh
p:unordered-list(4) => ul|ol > li > ul|ol > li > ul|ol > li > ul > li:fresh
p:unordered-list(5) => ul|ol > li > ul|ol > li > ul|ol > li > ul|ol > li > ul > li:fresh
p:ordered-list(1) => ol > li:fresh
p:ordered-list(2) => ul|ol > li > ol > li:fresh
p:ordered-list(3) => ul|ol > li > ul|ol > li > ol > li:fresh
p:ordered-list(4) => ul|ol > li > ul|ol > li > ul|ol > li > ol > li:fresh
p:ordered-list(5) => ul|ol > li > ul|ol > li > ul|ol > li > ul|ol > li > ol > li:fresh
p => p:fresh
u => u
strike => s
highlight => mark
"""

_WORD_SUFFIXES = {".docx", ".doc", ".wps", ".docm", ".dotx"}
_HTML_SUFFIXES = {".html", ".htm"}
_TEXT_SUFFIXES = {".txt", ".md"}

_LEVELS = "".join(f'<w:lvl w:ilvl="{level}"><w:numFmt w:val="{{form}}"/></w:lvl>' for level in range(5))
_LIST = (
    f'<w:abstractNum w:abstractNumId="{{number}}">{_LEVELS}</w:abstractNum>'
    '<w:num w:numId="{number}"><w:abstractNumId w:val="{number}"/></w:num>'
)
_NUMBERING = (
    '<w:numbering xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    f"{_LIST.format(number=BULLETS, form='bullet')}{_LIST.format(number=DECIMALS, form='decimal')}</w:numbering>"
)

_BACK_ARROW = re.compile(r'<p>\s*<a href="#[^"]*">↑</a></p>|\s*<a href="#[^"]*">↑</a>')
_NOTES_LIST = re.compile(r'<ol>(?=<li id="(?:foot|end)note-)')


def read_word(content: bytes, file_name: str) -> ReadDocument:
    """Read a .docx: headings, emphasis, lists, quotations, links, tables, notes, pictures and their captions.

    The first heading or centred line becomes the title and leaves the body. Tracked insertions are kept,
    deletions dropped, text boxes put after their paragraph. What cannot be read is named in `warnings`.

    Raises `UnreadableFile` for everything that is not a readable .docx, each case with its own advice.
    """
    package = open_package(content, file_name)
    source = straightened(package)
    pictures = _Pictures(package)
    html = _converted(source, pictures, file_name)
    try:
        body = clean(_NOTES_LIST.sub("<h4>注释</h4><ol>", _BACK_ARROW.sub("", html)))
    except InvalidInput as refused:
        raise UnreadableFile(f"“{file_name}”的内容太多或太复杂，请只保留要发布的内容后重新上传。") from refused
    if not body and not source.title:
        raise UnreadableFile(f"“{file_name}”里没有文字，也没有图片，请检查后重新上传。")
    return ReadDocument(source.title, body, tuple(pictures.kept.values()), (*source.warnings, *pictures.warnings))


def read_manuscript(content: bytes, file_name: str) -> ReadDocument:
    """Read a file by what it is: Word by its contents, HTML and text by their suffix.

    Raises `UnreadableFile` for anything else, `InvalidInput` for HTML too large to parse.
    """
    suffix = PurePath(file_name).suffix.lower()
    if suffix in _TEXT_SUFFIXES | _HTML_SUFFIXES and not content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _read_typed(decoded(content, file_name), file_name, is_html=suffix in _HTML_SUFFIXES)
    if suffix in _WORD_SUFFIXES | _TEXT_SUFFIXES | _HTML_SUFFIXES:
        return read_word(content, file_name)
    raise UnreadableFile(f"不能读取“{file_name}”，请上传 Word 文档（.docx）、网页（.html）或纯文本（.txt）。")


def _read_typed(text: str, file_name: str, *, is_html: bool) -> ReadDocument:
    document = read_html_file(text) if is_html else read_text(text)
    if not document.html:
        raise UnreadableFile(f"“{file_name}”里没有文字，也没有图片，请检查后重新上传。")
    return document


@dataclass
class _Pictures:
    """Reads each picture of the package once; one that cannot be read becomes a warning."""

    package: Package
    kept: dict[str, Picture] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)

    def convert(self, image: Any) -> list[Any]:
        """Answer mammoth's hook: the picture as an element, or nothing."""
        with image.open() as placeholder:
            entry = placeholder.read().decode()
        if entry not in self.hashes:
            self.hashes[entry] = self._process(entry)
        sha256 = self.hashes[entry]
        attributes = {"src": f"asset:{sha256}", "alt": image.alt_text or ""}
        return [mammoth.html.element("img", attributes)] if sha256 else []

    def _process(self, entry: str) -> str:
        try:
            picture = process_picture(self.package.read(entry), entry.rpartition("/")[2])
        except KeyError:
            self.warnings.append(f"第 {len(self.hashes) + 1} 张图片在文件中缺失，请在 Word 中重新插入。")
            return ""
        except UnreadableFile as refused:
            self.warnings.append(f"第 {len(self.hashes) + 1} 张图片没有导入：{refused.sentence}")
            return ""
        self.kept.setdefault(picture.sha256, picture)
        return picture.sha256


def _converted(source: Source, pictures: _Pictures, file_name: str) -> str:
    try:
        result = mammoth.convert_to_html(
            _slim_package(source),
            style_map=_STYLE_MAP,
            # The default map tries sixty rules on each paragraph; ours names every style there is left.
            include_default_style_map=False,
            include_embedded_style_map=False,
            convert_image=pictures.convert,
        )
    # What mammoth raises on a file that is well-formed XML but no sensible document; it has no error of its own.
    except (KeyError, ValueError, IndexError, AttributeError, TypeError, RecursionError, ExpatError) as damage:
        raise UnreadableFile(f"“{file_name}”的内部结构异常，请用 WPS 或 Word 打开并另存一份后重新上传。") from damage
    lost = sum("w:sym element" in message.message for message in result.messages)
    if lost:
        pictures.warnings.append(f"有 {lost} 个特殊符号无法识别，请核对。")
    return str(result.value)


def _slim_package(source: Source) -> io.BytesIO:
    """What mammoth needs and nothing else. In place of each picture stands its name: the hook reads the
    original, so megabytes of photographs are not copied.
    """
    buffer = io.BytesIO()
    parts = {"document": source.document, **source.notes}
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("word/numbering.xml", _NUMBERING)
        names: dict[str, str] = {}
        for name, root in parts.items():
            archive.writestr(f"word/{name}.xml", serialised(root))
            rows = [
                (identity, replace(related, target=_slim_target(related, names)))
                for identity, related in source.relationships[name].items()
                if related.kind in {"hyperlink", "image"}
            ]
            archive.writestr(f"word/_rels/{name}.xml.rels", relationships_part(rows))
        for entry, name in names.items():
            archive.writestr(f"word/{name}", entry)
    buffer.seek(0)
    return buffer


def _slim_target(related: Relationship, names: dict[str, str]) -> str:
    if related.external or related.kind != "image":
        return related.target
    return names.setdefault(related.target, f"media/{len(names)}")
