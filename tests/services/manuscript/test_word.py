from __future__ import annotations

import io
import re
import time
from collections import Counter
from pathlib import Path

import docx
import pytest
from PIL import Image

from services.errors import UnreadableFile
from services.manuscript.blocks import picture_hashes, plain_text
from services.manuscript.cleaning import clean
from services.manuscript.word import read_manuscript, read_word
from services.manuscript.word_graphics import MOST_GRAPHICS
from services.manuscript.word_source import MOST_PARAGRAPHS
from tests.documents import (
    STORY_CLOSING,
    STORY_EVENTS,
    STORY_INVITATION,
    STORY_OPENING,
    STORY_PARAGRAPHS,
    STORY_TITLE,
    as_bytes,
    campus_story_docx,
    ole_container,
    p,
    photograph,
    picture_run,
    raw_docx,
    word_part,
    zipped,
)


def html_of(content: bytes) -> str:
    return read_word(content, "稿件.docx").html


def test_campus_story_becomes_clean_semantic_html() -> None:
    document = read_word(campus_story_docx(), "读书节.docx")
    opening, second = document.pictures

    assert (document.title, document.warnings) == (STORY_TITLE, ())
    assert document.html == (
        f"<p>{STORY_OPENING}</p>"
        f'<figure><img src="asset:{opening.sha256}" alt="报告厅内坐满了师生">'
        "<figcaption>图1 读书节开幕式现场</figcaption></figure>"
        "<h2>从一本书出发</h2>"
        f"<p>{STORY_PARAGRAPHS[0]}</p><p>{STORY_PARAGRAPHS[1]}</p>"
        "<blockquote><p>书籍是屹立在时间的汪洋大海中的灯塔。</p></blockquote>"
        "<h2>三项活动贯穿全月</h2>"
        "<p>本届读书节以“共读·共思·共成长”为主题，安排了<strong>三项主要活动</strong>：</p>"
        f"<ol>{''.join(f'<li>{event}</li>' for event in STORY_EVENTS)}</ol>"
        f'<figure><img src="asset:{second.sha256}" alt="">'
        "<figcaption>图2 同学们在漂流书架前挑选图书</figcaption></figure>"
        "<p>各项活动的时间和地点如下：</p>"
        "<table><thead><tr><th>时间</th><th>活动</th><th>地点</th></tr></thead><tbody>"
        '<tr><td rowspan="2">11月16日至20日</td><td>图书漂流启动</td><td>教学楼</td></tr>'
        "<tr><td>分级书目发布</td><td>图书馆</td></tr>"
        "<tr><td>11月27日</td><td>“名著里的四季”朗诵会</td><td>银杏广场</td></tr>"
        '<tr><td>12月11日</td><td colspan="2">闭幕式暨“校园阅读之星”颁奖（报告厅）</td></tr></tbody></table>'
        f"<p>{STORY_CLOSING}</p><p>{STORY_INVITATION}</p>"
        '<p>分级阅读书目见<a href="https://library.example.edu.cn/reading/2026">图书馆主页</a>。</p>'
        "<p>（图书馆供稿）</p>"
    )
    assert opening.notes == ("已去除拍摄位置",)


def test_no_character_of_the_story_is_lost() -> None:
    document = read_word(campus_story_docx(), "读书节.docx")
    source = docx.Document(io.BytesIO(campus_story_docx()))
    original = "".join(text or "" for text in source.element.body.itertext("{*}t"))

    read = document.title + plain_text(document.html)
    assert Counter("".join(read.split())) == Counter("".join(original.split()))


# --- headings, titles, captions ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "name"),
    [("a1", "标题一"), ("2", "heading 1"), ("s3", "标题 1"), ("s4", "一级标题"), ("s5", "我的标题1")],
)
def test_heading_styles_of_word_and_wps_in_either_language(style: str, name: str) -> None:
    styles = f'<w:style w:type="paragraph" w:styleId="{style}"><w:name w:val="{name}"/></w:style>'
    body = p("开头一段话。") + p("活动安排", style=style) + p("正文。")
    assert html_of(raw_docx(body, styles=styles)) == "<p>开头一段话。</p><h2>活动安排</h2><p>正文。</p>"


def test_style_based_on_a_heading_or_with_an_outline_level_is_a_heading() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="h"><w:name w:val="heading 1"/></w:style>'
        '<w:style w:type="paragraph" w:styleId="own"><w:name w:val="院办小标"/><w:basedOn w:val="h"/></w:style>'
    )
    body = p("开头。") + p("甲", style="own") + p("乙", properties='<w:outlineLvl w:val="1"/>') + p("正文。")
    assert html_of(raw_docx(body, styles=styles)) == "<p>开头。</p><h2>甲</h2><h3>乙</h3><p>正文。</p>"


def test_headings_begin_at_the_second_level_whatever_levels_the_author_used() -> None:
    document = docx.Document()
    document.add_paragraph("开头。")
    document.add_heading("甲", level=2)
    document.add_heading("乙", level=4)
    document.add_paragraph("正文。")
    assert html_of(as_bytes(document)) == "<p>开头。</p><h2>甲</h2><h3>乙</h3><p>正文。</p>"


def test_short_bold_lines_are_headings_when_centred_or_numbered_and_the_author_is_told() -> None:
    body = (
        p("开头一段话。")
        + p("活动背景", properties='<w:jc w:val="center"/>', run="<w:b/>")
        + p("一、准备工作", run="<w:b/>")
        + p("（一）场地", run='<w:rFonts w:eastAsia="楷体_GB2312"/>')
        + p("请大家注意安全。", run="<w:b/>")
    )
    document = read_word(raw_docx(body), "稿件.docx")
    assert document.html == (
        "<p>开头一段话。</p><h2>活动背景</h2><h2>一、准备工作</h2><h3>（一）场地</h3>"
        "<p><strong>请大家注意安全。</strong></p>"
    )
    assert document.warnings == ("已把 3 个单独成行的短句识别为小标题，请核对。",)


def test_bold_line_inside_a_table_is_no_heading() -> None:
    heading = p("一、学院", run="<w:b/>", properties='<w:jc w:val="center"/>')
    cell = f"<w:tc>{heading}</w:tc>"
    body = p("开头。") + f"<w:tbl><w:tr>{cell}</w:tr><w:tr><w:tc>{p('文学院')}</w:tc></w:tr></w:tbl>"
    assert html_of(raw_docx(body)) == (
        "<p>开头。</p><table><thead><tr><th>一、学院</th></tr></thead><tbody><tr><td>文学院</td></tr></tbody></table>"
    )


def test_centred_first_line_is_the_title() -> None:
    document = read_word(
        raw_docx(p("我校举行升旗仪式", properties='<w:jc w:val="center"/>') + p("正文。")), "稿件.docx"
    )
    assert (document.title, document.html) == ("我校举行升旗仪式", "<p>正文。</p>")


def test_first_sentence_is_no_title_and_a_lone_line_stays_in_the_body() -> None:
    sentence = read_word(raw_docx(p("今天举行了升旗仪式。") + p("正文。")), "稿件.docx")
    lone = read_word(raw_docx(p("通知", properties='<w:jc w:val="center"/>')), "稿件.docx")
    assert (sentence.title, lone.title, lone.html) == ("", "", "<p>通知</p>")


@pytest.mark.parametrize("caption", ["图1 活动现场", "▲ 活动现场", "图：张老师在讲课", "摄影：宣传部"])
def test_line_under_a_picture_that_reads_like_a_caption_is_one(caption: str) -> None:
    body = p("开头。") + f"<w:p>{picture_run('i1')}</w:p>" + p(caption) + p("正文。")
    document = read_word(raw_docx(body, pictures={"i1": photograph(60, 40)}), "稿件.docx")
    image = f'<img src="asset:{document.pictures[0].sha256}" alt="">'
    assert document.html == (f"<p>开头。</p><figure>{image}<figcaption>{caption}</figcaption></figure><p>正文。</p>")


def test_ordinary_paragraph_under_a_picture_is_no_caption() -> None:
    body = p("开头。") + f"<w:p>{picture_run('i1')}</w:p>" + p("活动当天，阳光明媚。")
    document = read_word(raw_docx(body, pictures={"i1": photograph(60, 40)}), "稿件.docx")
    assert document.html.endswith('alt=""></figure><p>活动当天，阳光明媚。</p>')


# --- lists and numbers ---------------------------------------------------------------------------------


def numbering(*levels: tuple[str, str]) -> str:
    inner = "".join(
        f'<w:lvl w:ilvl="{i}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for i, (form, text) in enumerate(levels)
    )
    return (
        f'<w:abstractNum w:abstractNumId="7">{inner}</w:abstractNum>'
        '<w:num w:numId="9"><w:abstractNumId w:val="7"/></w:num>'
    )


def item(text: str, level: int = 0) -> str:
    return p(text, properties=f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="9"/></w:numPr>')


def test_lists_nest_and_keep_their_kind() -> None:
    body = p("开头。") + item("甲") + item("甲一", 1) + item("甲二", 1) + item("乙")
    html = html_of(raw_docx(body, numbering=numbering(("decimal", "%1."), ("bullet", "·"))))
    assert html == "<p>开头。</p><ol><li>甲<ul><li>甲一</li><li>甲二</li></ul></li><li>乙</li></ol>"


def test_numbers_printed_in_chinese_become_text() -> None:
    body = p("开头。") + item("目标") + item("内容")
    html = html_of(raw_docx(body, numbering=numbering(("chineseCounting", "第%1条"))))
    assert html == "<p>开头。</p><p>第一条目标</p><p>第二条内容</p>"


def test_list_below_printed_chinese_numbers_is_one_list() -> None:
    levels = numbering(
        ("chineseCounting", "%1、"), ("chineseCounting", "（%2）"), ("decimal", "%3."), ("decimal", "%4)")
    )
    body = p("开头。") + item("甲") + item("乙", 1) + item("子", 2) + item("丑", 2) + item("末", 3) + item("寅", 2)
    assert html_of(raw_docx(body + item("丙", 1) + item("卯", 2), numbering=levels)) == (
        "<p>开头。</p><p>一、甲</p><p>（一）乙</p><ol><li>子</li><li>丑<ol><li>末</li></ol></li><li>寅</li></ol>"
        "<p>（二）丙</p><ol><li>卯</li></ol>"
    )


def test_level_above_an_open_list_does_not_go_on_counting_it() -> None:
    body = p("开头。") + item("子", 1) + item("丑", 1) + item("甲") + item("乙")
    html = html_of(raw_docx(body, numbering=numbering(("decimal", "%1."), ("decimal", "%2."))))
    assert html == "<p>开头。</p><ol><li>子</li><li>丑</li></ol><p>1. 甲</p><p>2. 乙</p>"


def test_list_interrupted_by_a_paragraph_goes_on_counting() -> None:
    body = p("开头。") + item("甲") + p("说明。") + item("乙") + item("丙")
    html = html_of(raw_docx(body, numbering=numbering(("decimal", "%1."))))
    assert html == "<p>开头。</p><ol><li>甲</li></ol><p>说明。</p><p>2. 乙</p><p>3. 丙</p>"


def test_automatic_number_of_a_heading_is_kept() -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="h"><w:name w:val="heading 1"/>'
        '<w:pPr><w:numPr><w:numId w:val="9"/></w:numPr></w:pPr></w:style>'
    )
    body = p("开头。") + p("目标", style="h") + p("正文。") + p("内容", style="h") + p("正文。")
    html = html_of(raw_docx(body, styles=styles, numbering=numbering(("chineseCounting", "%1、"))))
    assert html == "<p>开头。</p><h2>一、目标</h2><p>正文。</p><h2>二、内容</h2><p>正文。</p>"


# --- nothing is lost -----------------------------------------------------------------------------------

TEXT_BOX = (
    "<w:p><w:r><w:t>锚点段落。</w:t></w:r><w:r><mc:AlternateContent>"
    '<mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="文本框"/><a:graphic><a:graphicData>'
    "<wps:wsp><wps:txbx><w:txbxContent><w:p><w:r><w:t>框里的话</w:t></w:r></w:p></w:txbxContent></wps:txbx></wps:wsp>"
    "</a:graphicData></a:graphic></wp:anchor></w:drawing></mc:Choice>{fallback}</mc:AlternateContent></w:r></w:p>"
)
VML_TWIN = (
    "<mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>"
    "<w:p><w:r><w:t>框里的话</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict></mc:Fallback>"
)


@pytest.mark.parametrize("fallback", [VML_TWIN, ""], ids=["with a VML twin", "without"])
def test_text_box_is_read_once(fallback: str) -> None:
    document = read_word(raw_docx(p("开头。") + TEXT_BOX.format(fallback=fallback) + p("结尾。")), "稿件.docx")
    assert document.html == "<p>开头。</p><p>锚点段落。</p><p>框里的话</p><p>结尾。</p>"
    assert document.warnings == ("文中有 1 个文本框，文字已移到所在段落之后，请核对位置。",)


def test_text_boxes_of_one_paragraph_keep_their_order() -> None:
    first, second = (TEXT_BOX.format(fallback="").replace("框里的话", words) for words in ("第一框", "第二框"))
    joined = first.removesuffix("</w:p>") + second.removeprefix("<w:p><w:r><w:t>锚点段落。</w:t></w:r>")
    assert html_of(raw_docx(p("开头。") + joined)) == "<p>开头。</p><p>锚点段落。</p><p>第一框</p><p>第二框</p>"


SMART_ART = (
    '<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData uri="{A}/diagram">'
    '<d:relIds xmlns:d="{A}/diagram" r:dm="one"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>'
).replace("{A}", "http://schemas.openxmlformats.org/drawingml/2006")
CHART = SMART_ART.replace("diagram", "chart").replace("d:relIds", "d:chart").replace("r:dm", "r:id")


def part_of_a_drawing(kind: str, inner: str) -> dict[str, bytes | str]:
    """A SmartArt or chart part of this inside, under the relationship `one`."""
    spaces = f'xmlns:d="http://schemas.openxmlformats.org/drawingml/2006/{kind}"'
    spaces += ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    return {
        "word/part.xml": f"<d:part {spaces}>{inner}</d:part>",
        "word/_rels/document.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            '<Relationship Id="one" Type="part" Target="part.xml"/></Relationships>'
        ),
    }


def test_words_of_smart_art_become_paragraphs_and_the_author_is_told() -> None:
    points = "".join(f"<d:pt><d:t><a:p><a:r><a:t>{word}</a:t></a:r></a:p></d:t></d:pt>" for word in ("报名", "初审"))
    body = p("开头。") + SMART_ART + p("结尾。")
    document = read_word(raw_docx(body, extra=part_of_a_drawing("diagram", f"<d:pt/>{points}")), "稿件.docx")
    assert document.html == "<p>开头。</p><p>报名</p><p>初审</p><p>结尾。</p>"
    assert document.warnings == (
        "文中有 1 处图表或 SmartArt，只导入了其中的文字和数据；需要原样请在 Word 中截图后作为图片插入。",
    )


def test_only_so_many_graphics_are_opened() -> None:
    part = part_of_a_drawing("diagram", "<d:pt><d:t><a:p><a:r><a:t>报名</a:t></a:r></a:p></d:t></d:pt>" * 30)
    document = read_word(raw_docx(p("开头。") + SMART_ART * (MOST_GRAPHICS + 5), extra=part), "稿件.docx")
    assert document.html.count("<p>报名</p>") == MOST_GRAPHICS * 30
    assert document.warnings[0].startswith("文中有 5 处图表或 SmartArt 无法导入")


def test_figures_of_a_chart_become_a_table() -> None:
    def column(kind: str, *values: str) -> str:
        points = "".join(f'<d:pt idx="{place}"><d:v>{value}</d:v></d:pt>' for place, value in enumerate(values))
        return f"<d:{kind}><d:cache>{points}</d:cache></d:{kind}>"

    years = column("cat", "2024年", "2025年")
    series = (
        f"<d:ser>{column('tx', '本科')}{years}{column('val', '810', '846')}</d:ser>"
        f"<d:ser>{column('tx', '研究生')}{years}{column('val', '95', '112')}</d:ser>"
    )
    title = "<d:title><a:p><a:r><a:t>招生</a:t></a:r><a:r><a:t>人数</a:t></a:r></a:p></d:title>"
    inner = f"<d:chart>{title}<d:plotArea>{series}</d:plotArea></d:chart>"
    html = html_of(raw_docx(p("开头。") + CHART + p("结尾。"), extra=part_of_a_drawing("chart", inner)))
    rows = (("", "本科", "研究生"), ("2024年", "810", "95"), ("2025年", "846", "112"))
    table = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    assert html == f"<p>开头。</p><p>招生人数</p><table><tbody>{table}</tbody></table><p>结尾。</p>"


@pytest.mark.parametrize("drawing", [SMART_ART, CHART], ids=["SmartArt", "chart"])
def test_chart_or_smart_art_that_says_nothing_is_told(drawing: str) -> None:
    document = read_word(raw_docx(p("开头。") + drawing), "稿件.docx")
    assert document.html == "<p>开头。</p>"
    assert document.warnings == ("文中有 1 处图表或 SmartArt 无法导入，请在 Word 中截图后作为图片插入。",)


def test_word_art_is_read_as_words() -> None:
    art = '<w:p><w:r><w:pict><v:shape><v:textpath string="欢迎新同学"/></v:shape></w:pict></w:r></w:p>'
    assert html_of(raw_docx(p("开头。") + art)) == "<p>开头。</p><p>欢迎新同学</p>"


def test_words_in_headers_and_footers_are_told_and_page_numbers_are_not() -> None:
    def warnings(words: str) -> tuple[str, ...]:
        rows = part_of_a_drawing("", "")["word/_rels/document.xml.rels"]
        assert isinstance(rows, str)
        extra: dict[str, bytes | str] = {
            "word/part.xml": word_part("ftr", p(words)),
            "word/_rels/document.xml.rels": rows.replace('Type="part"', 'Type="http://a/footer"'),
        }
        return read_word(raw_docx(p("开头。") + p("正文。"), extra=extra), "稿件.docx").warnings

    assert warnings("学院新闻稿 第3期") == ("页眉、页脚里的文字没有导入。",)
    assert warnings("— 第 1 页 共 3 页 —") == warnings("Page 1 of 3") == ()


def test_note_of_the_title_moves_to_what_follows() -> None:
    title = (
        '<w:p><w:pPr><w:jc w:val="center"/></w:pPr><w:r><w:t>校史</w:t><w:br/><w:t>寻踪</w:t></w:r>'
        '<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    )
    footnotes = f'<w:footnote w:id="2">{p("据校志。")}</w:footnote>'
    document = read_word(raw_docx(title + p("正文。") + p("结尾。"), footnotes=footnotes), "稿件.docx")
    assert document.title == "校史 寻踪"
    assert document.html == "<p>正文。<sup>[1]</sup></p><p>结尾。</p><h4>注释</h4><ol><li>据校志。</li></ol>"


def test_links_and_check_boxes_written_as_fields() -> None:
    def character(kind: str, inner: str = "") -> str:
        return f'<w:r><w:fldChar w:fldCharType="{kind}">{inner}</w:fldChar></w:r>'

    address = 'HYPERLINK "https://a.edu.cn/"'
    switches = r"""<w:r><w:instrText xml:space="preserve"> \o "提示" \t "_blank"</w:instrText></w:r>"""
    box = '<w:ffData><w:checkBox><w:default w:val="1"/></w:checkBox></w:ffData>'
    simple = address.replace('"', "&quot;")
    body = p("开头。") + (
        f"<w:p>{character('begin')}<w:r><w:instrText>{address}</w:instrText></w:r>{switches}{character('separate')}"
        f"<w:r><w:t>甲</w:t></w:r>{character('end')}"
        f'<w:fldSimple w:instr="{simple}"><w:r><w:t>乙</w:t></w:r></w:fldSimple>'
        f"{character('begin', box)}"
        f"<w:r><w:instrText>FORMCHECKBOX</w:instrText></w:r>{character('end')}<w:r><w:t>参加</w:t></w:r></w:p>"
    )
    link = '<a href="https://a.edu.cn/">{}</a>'
    assert html_of(raw_docx(body)) == f"<p>开头。</p><p>{link.format('甲乙')}☑参加</p>"


def test_page_and_column_breaks_aligned_tabs_and_plain_symbols_keep_words_apart() -> None:
    body = p("开头。") + (
        '<w:p><w:r><w:t>甲</w:t><w:br w:type="page"/><w:t>乙</w:t><w:br w:type="column"/><w:t>丙</w:t><w:ptab/>'
        '<w:t>丁</w:t><w:sym w:font="宋体" w:char="2460"/></w:r></w:p>'
    )
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>甲<br>乙<br>丙 丁①</p>"


def test_row_that_begins_further_in_keeps_its_columns() -> None:
    def cell(text: str) -> str:
        return f"<w:tc>{p(text)}</w:tc>"

    rows = (
        f"<w:tr>{cell('时间')}{cell('地点')}</w:tr>"
        f'<w:tr><w:trPr><w:gridBefore w:val="1"/></w:trPr>{cell("操场")}</w:tr>'
        f'<w:tr><w:trPr><w:gridAfter w:val="1"/></w:trPr>{cell("周五")}</w:tr>'
    )
    table = "<tr><td>时间</td><td>地点</td></tr><tr><td></td><td>操场</td></tr><tr><td>周五</td><td></td></tr>"
    assert html_of(raw_docx(p("开头。") + f"<w:tbl>{rows}</w:tbl>")) == (
        f"<p>开头。</p><table><tbody>{table}</tbody></table>"
    )


def test_phonetic_guide_without_a_half_is_no_accident() -> None:
    body = p("开头。") + "<w:p><w:r><w:ruby><w:rubyBase><w:r><w:t>熏</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p>"
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>熏</p>"


def test_tracked_insertions_stay_and_deletions_go() -> None:
    body = (
        p("开头。") + '<w:p><w:r><w:t>参加人数</w:t></w:r><w:del w:id="1"><w:r><w:delText>523</w:delText></w:r></w:del>'
        '<w:ins w:id="2"><w:r><w:t>532</w:t></w:r></w:ins><w:r><w:t>人。</w:t></w:r></w:p>'
        '<w:p><w:moveFrom w:id="3"><w:r><w:t>移走的话。</w:t></w:r></w:moveFrom></w:p>'
        '<w:p><w:moveTo w:id="4"><w:r><w:t>移来的话。</w:t></w:r></w:moveTo></w:p>'
    )
    document = read_word(raw_docx(body), "稿件.docx")
    assert document.html == "<p>开头。</p><p>参加人数532人。</p><p>移来的话。</p>"
    assert document.warnings == ("文中有修订痕迹，已按“接受全部修订”读取，请核对。",)


def test_footnotes_become_a_list_at_the_end() -> None:
    body = p("开头。") + '<w:p><w:r><w:t>据统计</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    footnotes = f'<w:footnote w:id="2">{p("数据来自教务处。")}</w:footnote>'
    html = html_of(raw_docx(body, footnotes=footnotes))
    assert html == "<p>开头。</p><p>据统计<sup>[1]</sup></p><h4>注释</h4><ol><li>数据来自教务处。</li></ol>"


def test_reference_to_a_missing_note_link_or_picture_is_no_accident() -> None:
    body = (
        p("开头。") + '<w:p><w:r><w:t>甲</w:t><w:footnoteReference w:id="99"/></w:r>'
        '<w:hyperlink r:id="none"><w:r><w:t>乙</w:t></w:r></w:hyperlink></w:p>' + f"<w:p>{picture_run('none')}</w:p>"
    )
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>甲乙</p>"


def test_fields_phonetic_guides_line_ends_and_check_boxes_keep_their_text() -> None:
    body = p("开头。") + (
        '<w:p><w:r><w:t>图</w:t></w:r><w:fldSimple w:instr="SEQ 图"><w:r><w:t>1</w:t></w:r></w:fldSimple>'
        "<w:r><w:ruby><w:rt><w:r><w:t>xūn</w:t></w:r></w:rt>"
        "<w:rubyBase><w:r><w:t>熏</w:t></w:r></w:rubyBase></w:ruby></w:r>"
        "<w:r><w:cr/></w:r><w:sdt><w:sdtPr><w14:checkbox/></w:sdtPr>"
        "<w:sdtContent><w:r><w:t>☑</w:t></w:r></w:sdtContent></w:sdt>"
        "<w:r><w:t>同意</w:t></w:r></w:p>"
    )
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>图1熏（xūn）<br>☑同意</p>"


def test_equations_become_a_line_of_text_and_the_author_is_told() -> None:
    def r(text: str) -> str:
        return f"<m:r><m:t>{text}</m:t></m:r>"

    body = p("开头。") + (
        f"<w:p><m:oMath>{r('y=')}<m:f><m:num>{r('a+b')}</m:num><m:den>{r('c')}</m:den></m:f>{r('+')}"
        f"<m:sSup><m:e>{r('x')}</m:e><m:sup>{r('2')}</m:sup></m:sSup>"
        f"<m:d><m:m><m:mr><m:e>{r('1')}</m:e><m:e>{r('2')}</m:e></m:mr><m:mr><m:e>{r('3')}</m:e><m:e>{r('4')}</m:e>"
        f"</m:mr></m:m></m:d><m:eqArr><m:e>{r('u')}</m:e><m:e>{r('v')}</m:e></m:eqArr>"
        "<m:r><w:t>元</w:t></m:r></m:oMath></w:p>"
    )
    document = read_word(raw_docx(body), "稿件.docx")
    assert document.html == "<p>开头。</p><p>y=(a+b)/c+x<sup>2</sup>(1, 2; 3, 4)u; v元</p>"
    assert document.warnings == ("文中有 1 处公式，已改写成一行文字，请核对；复杂公式请截图后作为图片插入。",)


def test_hidden_text_and_comments_are_not_published() -> None:
    comments = word_part("comments", f'<w:comment w:id="1">{p("主任：这里要改")}</w:comment>')
    body = p("开头。") + p("正文。") + p("内部备注", run="<w:vanish/>")
    styles = (
        '<w:style w:type="paragraph" w:styleId="edge"><w:name w:val="z-窗体顶端"/><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    body += p("窗体顶端", style="edge") + p("照常显示", style="edge", run='<w:vanish w:val="0"/>')
    document = read_word(raw_docx(body, styles=styles, extra={"word/comments.xml": comments}), "稿件.docx")
    assert document.html == "<p>开头。</p><p>正文。</p><p>照常显示</p>"
    assert document.warnings == ("文中的批注没有导入。", "文中有隐藏文字，没有导入。")


def test_emphasis_sub_and_superscript_and_links() -> None:
    body = p("开头。") + (
        "<w:p>"
        '<w:r><w:rPr><w:b/><w:i w:val="0"/></w:rPr><w:t>粗</w:t></w:r>'
        '<w:r><w:rPr><w:i/></w:rPr><w:t>斜</w:t></w:r><w:r><w:rPr><w:u w:val="single"/></w:rPr><w:t>线</w:t></w:r>'
        "<w:r><w:rPr><w:strike/></w:rPr><w:t>删</w:t></w:r>"
        '<w:r><w:t>H</w:t></w:r><w:r><w:rPr><w:vertAlign w:val="subscript"/></w:rPr><w:t>2</w:t></w:r>'
        "<w:r><w:t>O</w:t></w:r>"
        '<w:hyperlink r:id="ok"><w:r><w:t>主页</w:t></w:r></w:hyperlink>'
        '<w:hyperlink r:id="bad"><w:r><w:t>坏</w:t></w:r></w:hyperlink></w:p>'
    )
    html = html_of(raw_docx(body, links={"ok": "https://a.edu.cn/?x=1&amp;y=2", "bad": "javascript:alert(1)"}))
    assert html == (
        "<p>开头。</p><p><strong>粗</strong><em>斜</em><u>线</u><s>删</s>H<sub>2</sub>O"
        '<a href="https://a.edu.cn/?x=1&amp;y=2">主页</a>坏</p>'
    )


def test_sentence_cut_into_many_runs_is_one_text() -> None:
    runs = "".join(
        f'<w:r w:rsidR="00{i}"><w:rPr><w:rFonts w:eastAsia="宋体"/><w:sz w:val="{i}"/></w:rPr><w:t>{c}</w:t></w:r>'
        f'<w:proofErr w:type="gramStart"/>'
        for i, c in enumerate("我校举行开学典礼")
    )
    assert html_of(raw_docx(p("开头。") + f"<w:p>{runs}</w:p>")) == "<p>开头。</p><p>我校举行开学典礼</p>"


def test_typed_indents_control_characters_and_empty_paragraphs_go() -> None:
    body = (
        p("　　开头。")
        + p("")
        + p("　")
        + p("第一段&#x200b;。")
        + "<w:p><w:r><w:t>　　第二段</w:t><w:br/><w:t>　　第三段</w:t></w:r></w:p>"
    )
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>第一段。</p><p>第二段</p><p>第三段</p>"


def test_drop_capital_joins_its_paragraph() -> None:
    body = p("开头。") + p("春", properties='<w:framePr w:dropCap="drop"/>') + p("天来了。")
    assert html_of(raw_docx(body)) == "<p>开头。</p><p>春天来了。</p>"


# --- pictures ------------------------------------------------------------------------------------------


def test_picture_used_twice_is_stored_once() -> None:
    content = photograph(60, 40)
    body = p("开头。") + f"<w:p>{picture_run('a')}</w:p><w:p>{picture_run('b')}</w:p>"
    document = read_word(raw_docx(body, pictures={"a": content, "b": content}), "稿件.docx")
    only = document.pictures[0].sha256
    assert (len(document.pictures), picture_hashes(document.html)) == (1, (only, only))


def test_picture_that_cannot_be_read_becomes_a_warning() -> None:
    body = p("开头。") + f"<w:p>{picture_run('i')}</w:p>" + p("结尾。")
    document = read_word(raw_docx(body, pictures={"i": b"\xd7\xcd\xc6\x9a" + bytes(100)}), "稿件.docx")
    assert (document.html, document.pictures) == ("<p>开头。</p><p>结尾。</p>", ())
    assert document.warnings == (
        "第 1 张图片没有导入：图片“i.bin”是 WMF/EMF 矢量图，请在 Word 中右键选择“另存为图片”（PNG）后重新插入。",
    )


def test_linked_file_is_never_opened(tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (9, 9), "red").save(secret)
    relationships = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        '<Relationship Id="i" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image"'
        f' Target="{secret.as_uri()}" TargetMode="External"/></Relationships>'
    )
    body = p("开头。") + f"<w:p>{picture_run('i').replace('r:embed', 'r:link')}</w:p>"
    document = read_word(raw_docx(body, extra={"word/_rels/document.xml.rels": relationships}), "稿件.docx")
    assert document.pictures == ()
    assert document.warnings == ("有 1 张图片只是链接，没有保存在文件里，请在 Word 中重新插入。",)


# --- refusals ------------------------------------------------------------------------------------------

ENTITY_BOMB = (
    '<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    + word_part("document", "<w:body><w:p><w:r><w:t>&b;</w:t></w:r></w:p></w:body>").partition("?>")[2]
)

REFUSED = {
    "empty": (b"", "空文件"),
    "old doc": (ole_container(encrypted=False), "另存为"),
    "encrypted": (ole_container(encrypted=True), "取消密码"),
    "not a zip": (b"hello world", "不是 Word 文档"),
    "pdf": (b"%PDF-1.7 ...", "PDF"),
    "rtf": (b"{\\rtf1 hi}", "只是改了扩展名"),
    "html renamed": (b"<html><body>x</body></html>", "只是改了扩展名"),
    "broken zip": (campus_story_docx()[:5000], "已损坏"),
    "zip without a document": (zipped({"readme.txt": "x"}), "压缩包"),
    "Pages": (zipped({"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "在 Pages 中选择"),
    "ODT": (zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}), "另存为"),
    "OFD": (zipped({"OFD.xml": "<x/>"}), "Word 原稿"),
    "spreadsheet": (zipped({"xl/workbook.xml": "<x/>"}), "Excel"),
    "broken xml": (zipped({"word/document.xml": "<w:document"}), "已损坏"),
    "another root": (zipped({"word/document.xml": word_part("p", f"<w:body>{p('甲')}</w:body>")}), "没有正文"),
    "no body": (zipped({"word/document.xml": word_part("document", "")}), "没有正文"),
    "nothing in it": (raw_docx(p("  ")), "没有文字"),
    "entities": (zipped({"word/document.xml": ENTITY_BOMB}), "已损坏"),
    "deep xml": (raw_docx("<w:p>" * 2000 + "</w:p>" * 2000), "已损坏"),
    "large part": (raw_docx(p("字" * 2_800_000)), "太大"),
    "endless": (raw_docx("".join(p("甲") + p("乙", run="<w:b/>") for _ in range(2_000))), "太多"),
    "zip bomb": (zipped({"word/document.xml": "<x/>", "word/media/a.bin": bytes(30_000_000)}), "解压后过大"),
    "many pictures": (raw_docx(p("字"), extra={f"word/media/{i}.png": "x" for i in range(201)}), "超过 200 张"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_unreadable_files_are_refused_with_their_own_advice(case: str) -> None:
    content, advice = REFUSED[case]
    with pytest.raises(UnreadableFile, match=advice) as refused:
        read_word(content, "稿件.docx")
    assert refused.value.sentence.endswith("。")


def test_upload_over_thirty_megabytes_is_refused_unread() -> None:
    with pytest.raises(UnreadableFile, match="超过 30 MB"):
        read_word(b"PK" + bytes(30_000_000), "稿件.docx")


def test_zip_with_a_password_is_refused() -> None:
    content = bytearray(raw_docx(p("正文。")))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for match in re.finditer(re.escape(signature), bytes(content)):
            content[match.start() + offset] |= 1
    with pytest.raises(UnreadableFile, match="取消密码"):
        read_word(bytes(content), "稿件.docx")


def test_longest_article_that_is_read_takes_seconds() -> None:
    def seconds(paragraphs: int) -> float:
        manuscript = raw_docx("".join(p("一段话。", run="<w:b/>") for _ in range(paragraphs)))
        started = time.process_time()
        assert plain_text(html_of(manuscript)).count("一段话。") == paragraphs
        return time.process_time() - started

    quarter, whole = seconds(MOST_PARAGRAPHS // 4), seconds(MOST_PARAGRAPHS)

    # On a slow machine it takes longer, but no more than four times as much text should, and some to spare.
    assert whole < max(20, 8 * quarter)


# --- which reader --------------------------------------------------------------------------------------


def test_file_is_read_by_its_contents_when_the_suffix_lies() -> None:
    assert read_manuscript(campus_story_docx(), "读书节.doc").title == STORY_TITLE
    with pytest.raises(UnreadableFile, match="另存为"):
        read_manuscript(ole_container(encrypted=False), "读书节.docx")


@pytest.mark.parametrize("name", ["a.pdf", "a.xlsx", "a", "a.exe"])
def test_other_suffixes_are_refused(name: str) -> None:
    with pytest.raises(UnreadableFile, match="请上传 Word 文档"):
        read_manuscript(b"x", name)


def test_what_is_read_is_already_canonical() -> None:
    html = html_of(campus_story_docx())
    assert clean(html) == html
