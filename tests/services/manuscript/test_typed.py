from __future__ import annotations

import base64
import time

import pytest

from services.errors import InvalidInput, UnreadableFile
from services.manuscript.word import read_html, read_manuscript, read_text
from tests.documents import photograph, photograph_with_location

ADDRESS = "data:image/jpeg;base64," + base64.b64encode(photograph_with_location(90, 60)).decode()


def test_pasted_picture_is_taken_over_and_its_position_stripped() -> None:
    document = read_html(f'<p>看图</p><p><img src="{ADDRESS}" alt="合影"></p>')
    (picture,) = document.pictures
    assert document.html == f'<p>看图</p><figure><img src="asset:{picture.sha256}" alt="合影"></figure>'
    assert (picture.notes, document.warnings) == (("已去除拍摄位置",), ())


@pytest.mark.parametrize(
    "source", ["https://evil.cn/pixel.gif", "file:///C:/a.png", "blob:https://a.cn/1", "//a.cn/x.png"]
)
def test_picture_elsewhere_is_dropped_and_the_author_is_told(source: str) -> None:
    document = read_html(f'<p>甲</p><img src="{source}">')
    assert (document.html, document.pictures) == ("<p>甲</p>", ())
    assert document.warnings == ("有 1 张图片是网页链接或没有随文字一起复制，没有导入，请单独上传。",)


@pytest.mark.parametrize("attribute", ["data-src", "data-original", "srcset"])
def test_picture_that_a_page_loads_later_is_told_as_well(attribute: str) -> None:
    document = read_html(f'<p>甲</p><img {attribute}="https://mmbiz.qpic.cn/x/640"><img src="">')
    assert document.warnings == ("有 1 张图片是网页链接或没有随文字一起复制，没有导入，请单独上传。",)


def test_what_a_page_does_not_show_stays_out_and_is_told() -> None:
    hidden = '<div hidden>甲<p style="DISPLAY : none">乙</p></div><p style="display:none;mso-hide:all">丙</p>'
    document = read_html(f'<div style="visibility: hidden"><p>正文</p>{hidden}</div>')
    assert (document.html, document.warnings) == ("<p>正文</p>", ("网页里有不显示的内容，没有导入。",))
    assert read_html('<p>正文</p><div hidden> <br></div><p style="color:red">红</p>').warnings == ()


def test_formulas_and_embedded_content_are_told() -> None:
    page = '<p>甲<math><mi>x</mi></math></p><iframe src="https://v.cn"></iframe><svg><text>图</text></svg><svg/>'
    document = read_html(page)
    assert document.html == "<p>甲</p>"
    assert document.warnings == ("有 3 处公式、视频或嵌入内容没有导入，需要时请截图后作为图片插入。",)


@pytest.mark.parametrize(("declared", "text"), [("big5", "繁體中文"), ("ISO-8859-1", "café"), ("gb2312", "国标〇")])
def test_page_is_read_in_the_encoding_it_declares(declared: str, text: str) -> None:
    encoding = "gb18030" if declared == "gb2312" else declared
    page = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}"><p>{text}</p>'
    assert read_manuscript(page.encode(encoding), "稿件.html").html == f"<p>{text}</p>"


def test_pasted_picture_that_is_none_is_named() -> None:
    document = read_html(f'<p>甲</p><img src="data:image/png;base64,{"aGVsbG8h" * 400_000}">')
    assert document.warnings == (
        "一张粘贴的图片没有导入：“粘贴的图片1”不是图片或已损坏，请用看图软件打开确认后重新上传。",
    )
    assert document.html == "<p>甲</p>"


def test_picture_of_a_saved_draft_stays() -> None:
    saved = f'<figure><img src="asset:{"a" * 64}" alt=""></figure>'
    assert read_html(saved).html == saved


def test_paste_from_word_leaves_its_junk_behind() -> None:
    pasted = (
        "<html xmlns:o='urn:schemas-microsoft-com:office:office'>"
        "<head><style>p{color:red}</style></head>"
        "<body><!--StartFragment--><p class=MsoNormal style='text-indent:24pt'>"
        "<span lang=EN-US style='font-family:宋体'>2026</span>"
        "<span>年<o:p></o:p></span></p><!--EndFragment--></body></html>"
    )
    assert read_html(pasted).html == "<p>2026年</p>"


def test_plain_text_gets_a_paragraph_per_line() -> None:
    assert read_text("　　第一段 <b>\n\n第二段\r\n第三段").html == "<p>第一段 &lt;b&gt;</p><p>第二段</p><p>第三段</p>"


def test_html_file_gives_its_first_heading_as_title() -> None:
    page = "<html><head><title>站点</title></head><body><h1>校运会开幕</h1><h2>赛程</h2><p>正文</p></body></html>"
    document = read_manuscript(page.encode(), "稿件.html")
    assert (document.title, document.html) == ("校运会开幕", "<h2>赛程</h2><p>正文</p>")
    later = read_manuscript("<p>导语</p><h1>校运会开幕</h1>".encode(), "稿件.html")
    assert (later.title, later.html) == ("", "<p>导语</p><h2>校运会开幕</h2>")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_text_files_of_any_chinese_encoding_are_read(encoding: str) -> None:
    assert (
        read_manuscript("校运会开幕，欢迎参加。".encode(encoding), "通知.txt").html == "<p>校运会开幕，欢迎参加。</p>"
    )


def test_empty_and_undecodable_files_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="没有文字"):
        read_manuscript(b"  \n ", "通知.txt")
    with pytest.raises(UnreadableFile, match="编码"):
        read_manuscript(b"\xff\xff\xff\x80", "通知.txt")


def test_oversized_paste_is_refused_at_once() -> None:
    started = time.process_time()
    with pytest.raises(InvalidInput):
        read_html("<div>" * 60_000)
    assert time.process_time() - started < 5


def test_many_pictures_in_a_paste_do_not_count_as_text() -> None:
    heavy = base64.b64encode(photograph(90, 60) + bytes(1_700_000)).decode()
    document = read_html(f'<p>甲</p><img src="data:image/jpeg;base64,{heavy}">')
    assert (len(document.pictures), document.warnings) == (1, ())
