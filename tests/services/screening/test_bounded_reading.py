"""A file that would never be read to its end, or would fill the memory, is given up with a sentence."""

from __future__ import annotations

import io
import zipfile

import pytest

from services.errors import UnreadableFile
from services.screening.bounded_reading import read_bounded
from services.screening.file_text import NoText, read_file
from tests.services.screening.test_file_text import excel_file, pdf_file, word_file

LITTLE_MEMORY = 220 * 1024 * 1024


def slow_pdf() -> bytes:
    """One page of eight kilobytes that takes four seconds and 400 MB to read."""
    return pdf_file(shown=b"(aaaa) Tj " * 400_000)


def wide_sheet() -> bytes:
    """A workbook of a few kilobytes with one row of three million empty cells."""
    row = "<row>" + "<c/>" * 3_000_000 + "</row>"
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{namespace}"><sheetData>{row}</sheetData></worksheet>'
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(excel_file([["甲"]]))) as plain,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name in plain.namelist():
            package.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else plain.read(name))
    return out.getvalue()


@pytest.mark.parametrize(("name", "content"), [("名单.pdf", slow_pdf()), ("名单.xlsx", wide_sheet())])
@pytest.mark.parametrize("bound", [{"seconds": 0.8}, {"memory": LITTLE_MEMORY}])
def test_a_small_file_that_asks_for_too_much_is_given_up(name: str, content: bytes, bound: dict[str, float]) -> None:
    with pytest.raises(UnreadableFile, match="文件太复杂，读取超时或占用内存过多"):
        read_bounded(content, name, **bound)  # type: ignore[arg-type]  # named above


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("名单.PDF", pdf_file(pages=2)),
        ("名单.xlsx", excel_file([["姓名", "电话"], ["张三", 13812345678.0]])),
        ("名单.docx", word_file()),
        ("名单.txt", "第一行\n第二行".encode()),
    ],
)
def test_an_ordinary_file_is_read_as_ever(name: str, content: bytes) -> None:
    assert read_bounded(content, name, memory=LITTLE_MEMORY) == read_file(content, name)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [(pdf_file(password="secret"), UnreadableFile), (pdf_file(shown=b""), NoText)],
)
def test_what_is_refused_here_is_refused_there(content: bytes, refusal: type[UnreadableFile]) -> None:
    with pytest.raises(UnreadableFile) as here:
        read_file(content, "名单.pdf")
    with pytest.raises(UnreadableFile) as there:
        read_bounded(content, "名单.pdf")

    assert (type(there.value), there.value.sentence) == (refusal, here.value.sentence)
