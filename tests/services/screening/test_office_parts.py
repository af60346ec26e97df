"""What a file shows beside its main text is read, told by its place, and never joined with what stands elsewhere."""

import io

import openpyxl
import pytest
from openpyxl.comments import Comment

from services.screening.file_text import read_file
from tests.documents import p, raw_docx, word_part, zipped

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"


def places(content: bytes, name: str) -> list[tuple[str, str]]:
    read = read_file(content, name)
    ends = [*read.starts[1:], len(read.text) + 1]
    return [
        (place, read.text[start : end - 1]) for place, start, end in zip(read.places, read.starts, ends, strict=True)
    ]


def test_word_shows_comments_charts_smart_art_and_addresses_behind_links() -> None:
    content = raw_docx(
        p("正文"),
        links={"one": "tel:13812345678", "two": "mailto:a%40b@c.cn?subject=x", "three": "https://a.cn"},
        extra={
            "word/comments.xml": word_part("comments", f"<w:comment>{p('批注甲')}</w:comment>"),
            "word/charts/chart1.xml": f'<c xmlns:a="{A}"><a:p><a:t>图题</a:t></a:p><v>810</v><v>95</v></c>',
            "word/diagrams/data1.xml": f'<d xmlns:a="{A}"><a:p><a:t>第一步</a:t></a:p></d>',
            "word/diagrams/layout1.xml": f'<d xmlns:a="{A}"><a:t>版式</a:t></d>',
        },
    )
    assert places(content, "a.docx") == [
        ("第 1 段", "正文"),
        ("链接", "13812345678\na@b@c.cn"),
        ("图表", "图题\n810\n95"),
        ("批注", "批注甲"),
        ("图示", "第一步"),
    ]


def test_words_a_revision_deleted_stand_apart_from_those_that_took_their_place() -> None:
    body = (
        '<w:p><w:r><w:t>电话</w:t></w:r><w:del w:id="1"><w:r><w:delText>138</w:delText></w:r>'
        '<w:r><w:delText>12345678</w:delText></w:r></w:del><w:ins w:id="2"><w:r><w:t>62233333</w:t></w:r></w:ins></w:p>'
    )
    assert places(raw_docx(body), "a.docx") == [("第 1 段", "电话62233333"), ("修订中删除的文字", "13812345678")]


@pytest.mark.parametrize(
    ("inner", "text"),
    [
        ('<w:r><w:pict><v:textpath string="艺术字"/></w:pict></w:r>', "艺术字"),
        ('<w:r><w:drawing><wp:docPr id="1" name="图片" descr="合影"/></w:drawing></w:r>', "合影"),
        ("<m:oMath><m:f><m:num><m:r><m:t>甲</m:t></m:r></m:num></m:f></m:oMath>", "甲"),
        ("<w:pPr><w:tabs><w:tab/></w:tabs></w:pPr><w:r><w:t>甲</w:t><w:ptab/><w:t>乙</w:t></w:r>", "甲\t乙"),
        ("<w:sdt><w:sdtPr><w:text/></w:sdtPr><w:sdtContent><w:r><w:t>控件</w:t></w:r></w:sdtContent></w:sdt>", "控件"),
    ],
)
def test_word_art_captions_formulas_and_fields_are_text(inner: str, text: str) -> None:
    assert read_file(raw_docx(f"<w:p>{inner}</w:p>"), "a.docx").text == text


def test_a_strict_file_and_one_whose_main_part_has_a_number_are_read() -> None:
    main = f'<w:document xmlns:w="{STRICT}"><w:body><w:p><w:r><w:t>正文</w:t></w:r></w:p></w:body></w:document>'
    assert places(zipped({"word/document2.xml": main}), "a.docx") == [("第 1 段", "正文")]


def test_excel_shows_comments_margins_and_addresses_behind_links() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["A2"] = "甲", "点这里"
    sheet["A1"].comment = Comment("批注乙", "作者")
    sheet["A2"].hyperlink = "mailto:zhangsan@163.com"
    sheet.oddHeader.center.text = "内部资料"
    out = io.BytesIO()
    book.save(out)
    assert places(out.getvalue(), "a.xlsx") == [
        ("表“Sheet”第 1 行", "甲"),
        ("表“Sheet”第 2 行", "点这里"),
        ("批注", "批注乙"),
        ("链接", "zhangsan@163.com"),
        ("页眉页脚", "内部资料"),
    ]
