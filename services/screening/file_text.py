"""The text of a file that people attach, for the machine check: `.docx .xlsx .pdf .html .txt`.

Everything a reader could see counts, also in headers, notes, comments, charts and every sheet. What cannot
be read whole is refused: a check of half a file would say that the other half is clean. How long a damaged or hostile
file takes is bounded in `bounded_reading`.
"""

from __future__ import annotations

import io
import re
import zipfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import PurePath
from typing import Any

import openpyxl
import pypdf
from docx.oxml import parse_xml
from openpyxl.utils.exceptions import InvalidFileException
from pypdf.errors import LimitReachedError, PyPdfError
from selectolax.lexbor import LexborHTMLParser

from services.errors import UnreadableFile
from services.screening.office_parts import beside_the_text, shown_in, tidy

LARGEST_FILE = 30 * 1024 * 1024  # bytes
LARGEST_UNPACKED = 300 * 1024 * 1024  # bytes, of all parts of a .docx or .xlsx together
LARGEST_XML = 64 * 1024 * 1024  # bytes, of what is parsed in memory among them
LARGEST_TEXT = 2_000_000  # characters
MOST_PAGES = 200
MOST_SHEETS = 50
MOST_ROWS = 50_000  # of one sheet
MOST_COLUMNS = 500
MOST_CELLS = 500_000  # filled ones, in all sheets

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")  # old binary Office, and the wrapper of encrypted new Office
_WORD_MAIN = re.compile(r"word/document\d*\.xml")
_EXCEL_MAIN = re.compile(r"xl/workbook\.xml")
_BLOCKS = (
    "p, div, section, article, header, footer, h1, h2, h3, h4, h5, h6, ul, ol, li, dl, dt, dd, table, tr, "
    "caption, blockquote, pre, figure, figcaption, br, hr, title"
)

# What the readers raise on damaged input, beside their own errors; seen on truncated and altered files.
_DAMAGE = (ValueError, KeyError, IndexError, TypeError, AttributeError, OSError, EOFError, RecursionError)


@dataclass(frozen=True)
class FileText:
    """The text of a file, and where in the file each stretch of it stands.

    `starts` are the offsets at which the stretches begin, `places` what people call them (第 3 页).
    """

    text: str
    starts: tuple[int, ...]
    places: tuple[str, ...]

    def place_of(self, offset: int) -> str:
        """Where the character at `offset` stands, as a person looks for it in the file."""
        return self.places[bisect_right(self.starts, offset) - 1]


class NoText(UnreadableFile):
    """The file opens, but nothing in it can be read: a scan."""


Stretch = tuple[str, str]
"""A place and the text that stands there."""


def read_file(content: bytes, file_name: str) -> FileText:
    """All text of the file with its places.

    Raises `UnreadableFile` for a kind we do not open, a broken, encrypted or oversized file, and `NoText` for a
    file without any text (a scan), with the sentence the person reads.
    """
    kind = PurePath(file_name).suffix.lower()
    reader = _READERS.get(kind)
    if reader is None:
        raise UnreadableFile(f"不能检查“{kind or file_name}”文件：请使用 {'、'.join(_READERS)}。")
    if len(content) > LARGEST_FILE:
        raise UnreadableFile(f"文件超过 {LARGEST_FILE // 1024 // 1024} MB，请拆分后再检查。")
    stretches = reader(content)
    text = "\n".join(written for _, written in stretches)
    _refuse_long(text)
    if not text.strip():
        raise NoText("文件里没有可检查的文字，可能是扫描件或图片，请人工核对。")
    starts = accumulate((len(written) + 1 for _, written in stretches[:-1]), initial=0)
    return FileText(text, tuple(starts), tuple(place for place, _ in stretches))


def _refuse_long(text: str) -> None:
    if len(text) > LARGEST_TEXT:
        raise UnreadableFile(f"文件文字超过 {LARGEST_TEXT // 10_000} 万字，请拆分后再检查。")


def _numbered(text: str, unit: str) -> list[Stretch]:
    _refuse_long(text)
    return [(f"第 {number} {unit}", line) for number, line in enumerate(text.split("\n"), 1)]


def _plain(content: bytes) -> list[Stretch]:
    return _numbered(_decoded(content), "行")


def _decoded(content: bytes) -> str:
    is_utf_16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ["utf-16"] if is_utf_16 else ["utf-8-sig", "gb18030"]:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise UnreadableFile("不是文本文件，或编码无法识别：请另存为 UTF-8 文本。")


def _html(content: bytes) -> list[Stretch]:
    tree = LexborHTMLParser(_decoded(content))
    for node in tree.css("script, style, noscript, template"):
        node.decompose()
    for node in tree.css(_BLOCKS):
        node.insert_before("\n")
        node.insert_after("\n")
    for node in tree.css("td, th"):
        node.insert_after("\t")
    return _numbered(tidy(tree.root.text(deep=True, separator="") if tree.root else ""), "段")


def _word(content: bytes) -> list[Stretch]:
    with _opened_package(content, _WORD_MAIN, "Word") as package:
        try:
            main = sorted(filter(_WORD_MAIN.fullmatch, package.namelist()))
            body = [stretch for part in main for stretch in shown_in("", parse_xml(package.read(part)))]
            numbered = [stretch for place, text in body if not place for stretch in _numbered(text, "段")]
            return [*numbered, *(stretch for stretch in body if stretch[0]), *beside_the_text(package)]
        except (*_DAMAGE, SyntaxError, zipfile.BadZipFile) as error:
            raise UnreadableFile("Word 文件已损坏，请用 Word 打开并另存为 .docx 后再试。") from error


def _workbook(content: bytes) -> list[Stretch]:
    with _opened_package(content, _EXCEL_MAIN, "Excel") as package:
        return [*_sheets(content), *_beside(package)]


def _beside(package: zipfile.ZipFile) -> Iterator[Stretch]:
    try:
        yield from beside_the_text(package)
    except (*_DAMAGE, SyntaxError, zipfile.BadZipFile) as error:
        raise UnreadableFile("Excel 文件已损坏，请用 Excel 打开并另存为 .xlsx 后再试。") from error


def _sheets(content: bytes) -> list[Stretch]:
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if len(book.worksheets) > MOST_SHEETS:
            raise UnreadableFile(f"工作簿超过 {MOST_SHEETS} 张表，请拆分后再检查。")
        return [*_rows(book.worksheets)]
    except (*_DAMAGE, SyntaxError, zipfile.BadZipFile, InvalidFileException) as error:
        raise UnreadableFile("Excel 文件已损坏，请用 Excel 打开并另存为 .xlsx 后再试。") from error


def _rows(sheets: Iterable[Any]) -> Iterator[Stretch]:
    filled = 0
    for sheet in sheets:
        sheet.reset_dimensions()  # the size a sheet declares may be anything
        for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
            if number > MOST_ROWS or len(row) > MOST_COLUMNS:
                raise UnreadableFile(f"工作表超过 {MOST_ROWS} 行或 {MOST_COLUMNS} 列，请删去多余部分后再检查。")
            cells = [_cell(value) for value in row]
            filled += sum(map(bool, cells))
            if filled > MOST_CELLS:
                raise UnreadableFile(f"表格超过 {MOST_CELLS // 10_000} 万个单元格，请拆分后再检查。")
            if any(cells):
                yield f"表“{sheet.title}”第 {number} 行", "\t".join(cells)


def _cell(value: object) -> str:
    """Excel keeps long numbers as fractions: 13812345678.0 is a phone number."""
    if value is None:
        return ""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _pdf(content: bytes) -> list[Stretch]:
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("PDF 已加密，请去掉密码后再检查。")
        if len(reader.pages) > MOST_PAGES:
            raise UnreadableFile(f"PDF 共 {len(reader.pages)} 页，超过 {MOST_PAGES} 页，请拆分后再检查。")
        return [(f"第 {number} 页", page.extract_text()) for number, page in enumerate(reader.pages, 1)]
    except LimitReachedError as error:
        raise UnreadableFile("PDF 太复杂，请拆分或另存为 Word 后再检查。") from error
    except (*_DAMAGE, PyPdfError) as error:
        raise UnreadableFile("PDF 已损坏或无法读取，请重新导出后再试。") from error


def _opened_package(content: bytes, main_part: re.Pattern[str], program: str) -> zipfile.ZipFile:
    if content.startswith(_OLE):
        raise UnreadableFile(f"文件已加密，或是旧版 {program} 格式：请去掉密码，另存为新格式后再检查。")
    try:
        package = zipfile.ZipFile(io.BytesIO(content))
        parts = package.infolist()
    except zipfile.BadZipFile as error:
        raise UnreadableFile(f"不是有效的 {program} 文件，请用 {program} 打开并另存后再试。") from error
    if not any(map(main_part.fullmatch, package.namelist())):
        raise UnreadableFile(f"不是有效的 {program} 文件，请核对扩展名是否被改过。")
    if sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise UnreadableFile("文件解压后过大，已拒绝打开，请压缩图片后再试。")
    if sum(part.file_size for part in parts if part.filename.endswith(".xml")) > LARGEST_XML:
        raise UnreadableFile(f"{program} 文件内容解压后过大，已拒绝打开，请拆分后再试。")
    return package


_READERS: dict[str, Callable[[bytes], list[Stretch]]] = {
    ".docx": _word,
    ".xlsx": _workbook,
    ".pdf": _pdf,
    ".html": _html,
    ".htm": _html,
    ".txt": _plain,
}
