"""Real Word files for tests, built with python-docx and, where it cannot, with raw WordprocessingML."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from functools import cache

import docx
from docx.document import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from PIL import Image, ImageDraw, ImageFilter

STORY_TITLE = "书香浸润校园 阅读点亮青春"
STORY_OPENING = (
    "11月12日下午，第三届校园读书节在图书馆一楼报告厅开幕。来自七个年级的523名师生参加了开幕仪式，"
    "图书馆、语文教研组和学生会共同承办了本次活动。"
)
STORY_PARAGRAPHS = (
    (
        "开幕式在学生合唱团的歌声中拉开序幕。图书馆馆长在致辞中回顾了前两届读书节的收获：过去一年，全校纸质图书"
        "借阅量达到4.6万册，生均借阅18.4册，比上一学年增长12%。她说，读书节不是一个月的热闹，而是希望大家把"
        "每天半小时的阅读变成习惯。"
    ),
    (
        "高二年级的学生代表分享了自己的阅读故事。她从一本借来的《平凡的世界》讲起，谈到书中人物如何陪伴自己走过"
        "备考的日子。“读书让我知道，远方并不遥远，脚下的每一步都算数。”话音刚落，台下响起了长时间的掌声。"
    ),
)
STORY_EVENTS = (
    "“一本书的旅行”图书漂流：在教学楼设置六处漂流书架，读完写下一句话再传给下一位同学；",
    "“名著里的四季”朗诵会：每周五下午在银杏广场举行，由各年级轮流承办；",
    "“与作家面对面”讲座：邀请三位本地作家走进校园，分享写作背后的故事。",
)
STORY_CLOSING = (
    "读书节将持续到12月11日。活动期间，图书馆开放时间延长至晚上九点，周末增设亲子阅读专区。语文教研组还为各年级"
    "编写了分级阅读书目，并安排教师每天中午在阅览室值班答疑。学生会将在闭幕式上公布“校园阅读之星”名单，并把"
    "同学们写下的读后感整理成册，存入校史馆。"
)
STORY_INVITATION = (
    "翻开一本书，就是推开一扇窗。图书馆诚挚邀请每一位同学和老师，在这个深秋放下手机、走进书架之间，找一个靠窗的"
    "位置坐下来，与一本好书相遇。我们也欢迎家长朋友把家里的藏书故事写下来寄给我们，让阅读的光亮从校园照进每一个"
    "家庭。"
)


def photograph(
    width: int = 1600,
    height: int = 1067,
    *,
    seed: int = 1,
    encode: Callable[[Image.Image, io.BytesIO], None] | None = None,
) -> bytes:
    """A picture with soft gradients and edges, about as heavy as a photograph of its size; JPEG by default."""
    red = Image.linear_gradient("L").resize((width, height))
    green = Image.radial_gradient("L").resize((width, height))
    blue = red.transpose(Image.Transpose.ROTATE_180)
    picture = Image.merge("RGB", (red, green, blue))
    draw = ImageDraw.Draw(picture)
    for step in range(12):
        left, top = (seed * 131 + step * 197) % width, (seed * 71 + step * 113) % height
        draw.ellipse(
            (left, top, left + width // 6, top + width // 6),
            fill=(20 * step, 255 - 17 * seed % 200, 90 + 10 * step),
        )
    picture = picture.filter(ImageFilter.GaussianBlur(2))
    buffer = io.BytesIO()
    if encode is None:
        picture.save(buffer, "JPEG", quality=88)
    else:
        encode(picture, buffer)
    return buffer.getvalue()


def photograph_with_location(width: int = 1200, height: int = 800, *, orientation: int = 1) -> bytes:
    """A JPEG as a phone writes it: GPS position, camera name and orientation in its EXIF block."""

    def encode(picture: Image.Image, buffer: io.BytesIO) -> None:
        exif = Image.Exif()
        exif[0x0110] = "Demo Camera"
        exif[0x0112] = orientation
        exif.get_ifd(0x8825).update({1: "N", 2: (31.0, 13.0, 48.0), 3: "E", 4: (121.0, 28.0, 12.0)})
        picture.save(buffer, "JPEG", quality=88, exif=exif)

    return photograph(width, height, seed=7, encode=encode)


def as_bytes(document: Document) -> bytes:
    """The .docx file of a python-docx document."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def link(paragraph: Paragraph, text: str, address: str) -> None:
    """Append a real Word hyperlink (python-docx has no call for it)."""
    relationship = paragraph.part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    namespaces = nsdecls("w", "r")
    paragraph._p.append(
        parse_xml(f'<w:hyperlink {namespaces} r:id="{relationship}"><w:r><w:t>{text}</w:t></w:r></w:hyperlink>')
    )


def picture_with_caption(document: Document, content: bytes, caption: str, *, alt: str = "") -> None:
    """A centred picture and, under it, a centred small grey line, as contacts type it."""
    holder = document.add_paragraph()
    holder.alignment = WD_ALIGN_PARAGRAPH.CENTER
    shape = holder.add_run().add_picture(io.BytesIO(content), width=Cm(14))
    shape._inline.docPr.set("descr", alt)
    line = document.add_paragraph()
    line.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = line.add_run(caption)
    run.font.size = Pt(10)
    run.font.color.rgb = RGBColor(0x66, 0x66, 0x66)


def body_paragraph(document: Document, text: str) -> Paragraph:
    """A body paragraph indented with two full-width spaces and set in 宋体, as in most incoming files."""
    paragraph = document.add_paragraph()
    run = paragraph.add_run(f"\u3000\u3000{text}")
    run.font.name = "Times New Roman"
    run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), "宋体")
    return paragraph


def _schedule(document: Document) -> None:
    table = document.add_table(rows=5, cols=3)
    table.style = "Table Grid"
    rows = (
        ("时间", "活动", "地点"),
        ("11月16日至20日", "图书漂流启动", "教学楼"),
        ("", "分级书目发布", "图书馆"),
        ("11月27日", "“名著里的四季”朗诵会", "银杏广场"),
        ("12月11日", "闭幕式暨“校园阅读之星”颁奖", ""),
    )
    for row, texts in zip(table.rows, rows, strict=True):
        for cell, text in zip(row.cells, texts, strict=True):
            cell.text = text
    for cell in table.rows[0].cells:
        cell.paragraphs[0].runs[0].bold = True
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    table.cell(1, 0).merge(table.cell(2, 0)).text = "11月16日至20日"
    table.cell(4, 1).merge(table.cell(4, 2)).text = "闭幕式暨“校园阅读之星”颁奖（报告厅）"


@cache
def campus_story_docx() -> bytes:
    """A realistic story of some 800 characters: title, headings, bold, a list, a table with merged cells,
    two pictures with captions (one carrying a GPS position), a quotation and a link.
    """
    document = docx.Document()
    document.core_properties.author = "图书馆通讯员"
    document.add_heading(STORY_TITLE, level=0)
    body_paragraph(document, STORY_OPENING)
    picture_with_caption(document, photograph_with_location(), "图1 读书节开幕式现场", alt="报告厅内坐满了师生")
    document.add_heading("从一本书出发", level=1)
    for text in STORY_PARAGRAPHS:
        body_paragraph(document, text)
    document.add_paragraph("书籍是屹立在时间的汪洋大海中的灯塔。", style="Quote")
    document.add_heading("三项活动贯穿全月", level=1)
    introduction = body_paragraph(document, "本届读书节以“共读·共思·共成长”为主题，安排了")
    introduction.add_run("三项主要活动").bold = True
    introduction.add_run("：")
    for text in STORY_EVENTS:
        document.add_paragraph(text, style="List Number")
    picture_with_caption(document, photograph(seed=3), "图2 同学们在漂流书架前挑选图书")
    body_paragraph(document, "各项活动的时间和地点如下：")
    _schedule(document)
    body_paragraph(document, STORY_CLOSING)
    body_paragraph(document, STORY_INVITATION)
    more = body_paragraph(document, "分级阅读书目见")
    link(more, "图书馆主页", "https://library.example.edu.cn/reading/2026")
    more.add_run("。")
    signature = document.add_paragraph("（图书馆供稿）")
    signature.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    return as_bytes(document)


# --- raw files: what python-docx cannot write, or no word processor should ------------------------------

_SPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main",
        "r": "http://schemas.openxmlformats.org/officeDocument/2006/relationships",
        "wp": "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing",
        "a": "http://schemas.openxmlformats.org/drawingml/2006/main",
        "pic": "http://schemas.openxmlformats.org/drawingml/2006/picture",
        "mc": "http://schemas.openxmlformats.org/markup-compatibility/2006",
        "wps": "http://schemas.microsoft.com/office/word/2010/wordprocessingShape",
        "v": "urn:schemas-microsoft-com:vml",
        "m": "http://schemas.openxmlformats.org/officeDocument/2006/math",
        "w14": "http://schemas.microsoft.com/office/word/2010/wordml",
    }.items()
)
_KIND = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def zipped(entries: Mapping[str, bytes | str]) -> bytes:
    """A zip file of these entries."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def word_part(root: str, inner: str) -> str:
    """An XML part with all namespaces declared."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {_SPACES}>{inner}</w:{root}>'


def raw_docx(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    footnotes: str = "",
    links: Mapping[str, str] | None = None,
    pictures: Mapping[str, bytes] | None = None,
    extra: Mapping[str, bytes | str] | None = None,
) -> bytes:
    """A .docx from the inner XML of its parts. `links` and `pictures` go by relationship id."""
    pictures = pictures or {}
    rows = [f'<Relationship Id="{key}" Type="{_KIND}/image" Target="media/{key}.bin"/>' for key in pictures]
    rows += [
        f'<Relationship Id="{key}" Type="{_KIND}/hyperlink" Target="{target}" TargetMode="External"/>'
        for key, target in (links or {}).items()
    ]
    entries: dict[str, bytes | str] = {
        "word/document.xml": word_part("document", f"<w:body>{body}</w:body>"),
        "word/_rels/document.xml.rels": (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f"{''.join(rows)}</Relationships>"
        ),
    }
    parts = {"styles": styles, "numbering": numbering, "footnotes": footnotes}
    entries |= {f"word/{name}.xml": word_part(name, inner) for name, inner in parts.items() if inner}
    entries |= {f"word/media/{key}.bin": content for key, content in pictures.items()}
    return zipped(entries | dict(extra or {}))


def p(text: str, *, style: str = "", properties: str = "", run: str = "") -> str:
    """The XML of a paragraph with one run."""
    style_xml = f'<w:pStyle w:val="{style}"/>' if style else ""
    return (
        f"<w:p><w:pPr>{style_xml}{properties}</w:pPr>"
        f'<w:r><w:rPr>{run}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'
    )


def picture_run(relationship: str, *, alt: str = "") -> str:
    """The XML of a run holding a picture."""
    return (
        f'<w:r><w:drawing><wp:inline><wp:docPr id="1" name="图片" descr="{alt}"/>'
        f'<a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="{relationship}"/>'
        "</pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


def ole_container(*, encrypted: bool) -> bytes:
    """The beginning of an OLE file: a .doc, or what Word writes around a .docx with a password."""
    name = "EncryptedPackage" if encrypted else "WordDocument"
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + name.encode("utf-16-le") + bytes(2048)
