"""Excel sheets that people fill in: read row by row within bounds, every fault told with its row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException

from services.errors import InvalidInput, UnreadableFile

MOST_COLUMNS = 20
MOST_BYTES = 2 * 1024 * 1024
MOST_UNPACKED = 30 * 1024 * 1024
SEPARATORS = str.maketrans(dict.fromkeys("，,;；/ \n", "、"))
YES, NO = ("是", "√", "y", "yes", "1"), ("", "否", "n", "no", "0")
UNREADABLE = "这不是可以读取的 Excel 文件（.xlsx）。请下载模板，填好后再上传。"

Cells = dict[str, object]
"""A row by its headings."""


@dataclass(frozen=True)
class Shape:
    """What a sheet may hold. `of` names what is listed, `counted` is its measure word, `advice` what not to add."""

    columns: tuple[str, ...]
    needed: tuple[str, ...]
    most_rows: int
    of: str
    counted: str
    advice: str = ""


@dataclass(frozen=True)
class FaultyRow:
    """A row that cannot be entered, and why; `number` is its row in the sheet."""

    number: int
    name: str
    faults: tuple[str, ...]


def written(title: str, rows: Iterable[Sequence[object]], *, width: int) -> bytes:
    """A sheet with these rows; `width` of a column in characters."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(tuple(row))
    for place in range(1, sheet.max_column + 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def rows(content: bytes, shape: Shape) -> Iterator[tuple[int, Cells]]:
    """The filled rows below the headings, each with its number in the sheet.

    Raises `UnreadableFile` for what is no Excel file or a too large one, `InvalidInput` for columns that are missing
    or unknown.
    """
    _refuse_large(content, shape)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        # Only so many, whatever the file claims; one more row than allowed, so that too many is noticed.
        found = list(sheet.iter_rows(max_row=shape.most_rows + 2, max_col=MOST_COLUMNS + 1, values_only=True))
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError) as fault:
        raise UnreadableFile(UNREADABLE) from fault
    headings = _headings(found[0] if found else (), shape)
    filled = [(number, row) for number, row in enumerate(found[1:], start=2) if any(shown(each) for each in row)]
    if len(filled) > shape.most_rows or len(found) > shape.most_rows + 1:
        raise UnreadableFile(f"表格太长：一次最多导入 {shape.most_rows} {shape.counted}，请分成几个文件。")
    for number, row in filled:
        yield number, {name: row[place] for name, place in headings.items() if place < len(row)}


def _refuse_large(content: bytes, shape: Shape) -> None:
    if len(content) > MOST_BYTES:
        raise UnreadableFile(f"文件太大：{shape.of}表格不超过 2 MB。请只保留要导入的这一张表。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(each.file_size for each in archive.infolist())
    except zipfile.BadZipFile as fault:
        raise UnreadableFile(UNREADABLE) from fault
    if unpacked > MOST_UNPACKED:
        raise UnreadableFile(f"文件展开后太大，没有读取。请新建一个表格，只粘贴要导入的{shape.of}。")


def _headings(first: Sequence[object], shape: Shape) -> dict[str, int]:
    named = {shown(cell): place for place, cell in enumerate(first) if shown(cell)}
    if len(named) < sum(bool(shown(cell)) for cell in first):
        raise InvalidInput("表格里有同名的列，不知道以哪一列为准：请只留一列。")
    unknown = [name for name in named if name not in shape.columns]
    if unknown:
        raise InvalidInput(
            f"表格里有不认识的列：{'、'.join(unknown)}。只能有这些列：{'、'.join(shape.columns)}。"
            f"请删去多余的列{shape.advice}。"
        )
    missing = [name for name in shape.needed if name not in named]
    if missing:
        raise InvalidInput(f"表格缺少这些列：{'、'.join(missing)}。请用模板填写，第 1 行是列名。")
    return named


# --- One cell --------------------------------------------------------------------------------------------


def shown(cell: object) -> str:
    """A cell as its reader sees it."""
    return "" if cell is None else str(cell).strip()


def text(cells: Cells, name: str) -> str:
    """The words of a cell; a telephone typed as a number arrives as one."""
    cell = cells.get(name)
    return shown(int(cell) if isinstance(cell, float) and cell.is_integer() else cell)


def words(cells: Cells, name: str) -> list[str]:
    """What a cell lists, however it is divided."""
    return [word for word in text(cells, name).translate(SEPARATORS).split("、") if word]


def yes(cells: Cells, name: str, faults: list[str]) -> bool:
    """Whether a cell says yes; empty is no."""
    typed = text(cells, name)
    if typed.lower() not in (*YES, *NO):
        faults.append(f"“{name}”一列只能填“是”或“否”，现在是“{typed}”")
    return typed.lower() in YES


def day(cells: Cells, name: str, faults: list[str]) -> date | None:
    """The day of a cell, typed as a date or as text; None where it is empty."""
    cell = cells.get(name)
    if isinstance(cell, datetime):
        return cell.date()
    typed = shown(cell)
    if not typed:
        return None
    for separator in ("/", ".", "年", "月"):
        typed = typed.replace(separator, "-")
    typed = typed.removesuffix("日")
    try:
        return date(*(int(part) for part in typed.split("-")))
    except (ValueError, TypeError):
        faults.append(f"{name}“{shown(cell)}”不是日期，请写成 2026-09-01")
        return None
