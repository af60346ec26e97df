"""Reading the text of attachments, and refusing what cannot be read whole."""

import io
import zipfile

import docx
import openpyxl
import pypdf
import pytest
from docx.oxml import parse_xml
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from services.errors import UnreadableFile
from services.screening import file_text
from services.screening.file_text import NoText, read_file

TEXT_BOX = (
    '<w:p xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><w:r><mc:AlternateContent>'
    "<mc:Choice><w:txbxContent><w:p><w:r><w:t>框里的电话</w:t></w:r></w:p></w:txbxContent></mc:Choice>"
    "<mc:Fallback><w:txbxContent><w:p><w:r><w:t>框里的电话</w:t></w:r></w:p></w:txbxContent></mc:Fallback>"
    "</mc:AlternateContent></w:r></w:p>"
)


def word_file() -> bytes:
    document = docx.Document()
    document.add_paragraph("第一段")
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("姓名", "学号", "张三", "2023010112")):
        table.cell(place // 2, place % 2).text = text
    document.element.body.append(parse_xml(TEXT_BOX))
    document.sections[0].header.paragraphs[0].text = "页眉"
    document.sections[0].footer.paragraphs[0].text = "页脚"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def excel_file(rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf_file(pages: int = 1, password: str = "", shown: bytes = b"(Tel 13812345678) Tj") -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        page = writer.add_blank_page(200, 200)
        stream = DecodedStreamObject()
        stream.set_data(b"BT /F1 12 Tf 20 100 Td " + shown + b" ET")
        font = DictionaryObject({
            NameObject("/Type"): NameObject("/Font"),
            NameObject("/Subtype"): NameObject("/Type1"),
            NameObject("/BaseFont"): NameObject("/Helvetica"),
        })  # fmt: skip
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        page[NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    if password:
        writer.encrypt(password)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def test_word_text_comes_from_tables_text_boxes_headers_and_footers() -> None:
    text = read_file(word_file(), "名单.docx").text
    assert text.splitlines() == ["第一段", "姓名\t学号", "张三\t2023010112", "框里的电话", "页脚", "页眉"]


def test_excel_numbers_are_read_as_they_are_seen() -> None:
    content = excel_file([["姓名", "电话"], ["张三", 13812345678.0], [None, None], ["李四", "13900000000"]])
    assert read_file(content, "a.xlsx").text == "姓名\t电话\n张三\t13812345678\n李四\t13900000000"


def test_pdf_text_is_read() -> None:
    assert read_file(pdf_file(), "a.PDF").text == "Tel 13812345678"


def test_html_text_keeps_numbers_whole_and_leaves_scripts_out() -> None:
    content = "<p>电话138<b>1234</b>5678</p><script>x</script><table><tr><td>甲</td><td>乙</td></tr></table>"
    assert read_file(content.encode(), "a.html").text == "电话13812345678\n甲\t乙"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_plain_text_is_read_in_the_usual_encodings(encoding: str) -> None:
    assert read_file("校园新闻\r\n第二行".encode(encoding), "a.txt").text == "校园新闻\n第二行"


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"MZ", "a.exe", "不能检查“.exe”文件"),
        (b"x" * (file_text.LARGEST_FILE + 1), "a.txt", "文件超过 30 MB"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "a.docx", "文件已加密，或是旧版 Word 格式"),
        (bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "a.xlsx", "文件已加密，或是旧版 Excel 格式"),
        (b"hello", "a.docx", "不是有效的 Word 文件"),
        (word_file()[:-200], "a.docx", "不是有效的 Word 文件"),
        (word_file(), "a.xlsx", "不是有效的 Excel 文件"),
        (b"hello", "a.pdf", "PDF 已损坏"),
        (pdf_file()[:200], "a.pdf", "PDF 已损坏"),
        (pdf_file(password="secret"), "a.pdf", "PDF 已加密"),
        (pdf_file(pages=file_text.MOST_PAGES + 100), "a.pdf", "PDF 共 300 页，超过 200 页"),
        (excel_file([["甲"] * 12_000]), "a.xlsx", "工作表超过 50000 行或 500 列"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a.txt", "不是文本文件"),
        (b" \n ", "a.txt", "文件里没有可检查的文字"),
    ],
)
def test_what_cannot_be_read_whole_is_refused_with_a_sentence(content: bytes, name: str, sentence: str) -> None:
    with pytest.raises(UnreadableFile) as refusal:
        read_file(content, name)
    assert refusal.value.sentence.startswith(sentence)


def test_a_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "LARGEST_UNPACKED", 10 * 1024 * 1024)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("word/document.xml", "<x/>")
        with package.open("word/media/zeros.bin", "w") as part:
            for _ in range(11):
                part.write(bytes(1024 * 1024))
    with pytest.raises(UnreadableFile) as refusal:
        read_file(out.getvalue(), "a.docx")
    assert refusal.value.sentence.startswith("文件解压后过大")


def test_a_pdf_page_that_unpacks_to_more_than_memory_bears_is_not_called_damaged() -> None:
    with pytest.raises(UnreadableFile, match="PDF 太复杂"):
        read_file(pdf_file(shown=b" " * 80_000_000), "a.pdf")


def test_damaged_xml_inside_a_word_file_is_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("word/document.xml", "<w:document><unclosed>")
    with pytest.raises(UnreadableFile) as refusal:
        read_file(out.getvalue(), "a.docx")
    assert refusal.value.sentence.startswith("Word 文件已损坏")


@pytest.mark.parametrize(
    ("content", "name", "wanted", "place"),
    [
        (word_file(), "a.docx", "2023010112", "第 3 段"),
        (word_file(), "a.docx", "页眉", "页眉"),
        (word_file(), "a.docx", "页脚", "页脚"),
        (excel_file([["姓名"], [None], [None], ["13812345678"]]), "a.xlsx", "13812345678", "表“Sheet”第 4 行"),
        (pdf_file(pages=3), "a.pdf", "13812345678", "第 1 页"),
        ("第一行\n\n电话13812345678".encode(), "a.txt", "13812345678", "第 3 行"),
        ("<p>甲</p><p>乙</p>".encode(), "a.html", "乙", "第 2 段"),
    ],
)
def test_each_character_is_found_again_in_the_file(content: bytes, name: str, wanted: str, place: str) -> None:
    read = read_file(content, name)

    assert read.place_of(read.text.index(wanted)) == place


def test_the_last_page_of_a_pdf_is_told_from_the_first() -> None:
    read = read_file(pdf_file(pages=3), "a.pdf")

    assert read.place_of(read.text.rindex("13812345678")) == "第 3 页"


def test_a_file_that_opens_but_shows_no_text_is_told_from_a_broken_one() -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)

    with pytest.raises(NoText, match="扫描件"):
        read_file(out.getvalue(), "扫描件.pdf")


def test_text_that_unpacks_to_more_than_memory_bears_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_text, "LARGEST_XML", 100_000)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("xl/workbook.xml", "<x/>")
        package.writestr("xl/sharedStrings.xml", "<t>" + "甲" * 100_000)

    with pytest.raises(UnreadableFile, match="Excel 文件内容解压后过大"):
        read_file(out.getvalue(), "a.xlsx")
