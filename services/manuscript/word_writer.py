"""A body as a Word file: what the archive keeps for whoever opens it without any system at all."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Sequence

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml.ns import qn
from docx.shared import Cm, Emu, Pt
from docx.text.paragraph import Paragraph as WordParagraph

from services.manuscript.body import (
    Figure,
    Flow,
    Image,
    Line,
    Listing,
    Node,
    Paragraph,
    Quote,
    Row,
    Rule,
    Run,
    Table,
    flow_text,
)
from services.manuscript.body_reader import read

WIDEST_PICTURE = Cm(15)
LEVELS = {"h2": 1, "h3": 2, "h4": 3}
BODY_FONT, BODY_SIZE = "仿宋", Pt(12)

PictureBytes = Callable[[str], bytes]
"""The stored file of a picture, by its fingerprint."""


def to_word(
    html: str, *, title: str, facts: Iterable[tuple[str, str]], picture: PictureBytes, moment: str = ""
) -> bytes:
    """A canonical body as a `.docx`, under its title and a few facts (name, value)."""
    document = Document()
    _dress(document)
    heading = document.add_heading(title, level=0)
    heading.alignment = WD_ALIGN_PARAGRAPH.CENTER
    line = "　".join(f"{name}：{value}" for name, value in facts if value)
    if line:
        document.add_paragraph(line).alignment = WD_ALIGN_PARAGRAPH.CENTER
    for node in read(html):
        _write(document, node, picture)
    if moment:
        document.add_paragraph(moment)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _dress(document: WordDocument) -> None:
    style = document.styles["Normal"]
    style.font.name, style.font.size = BODY_FONT, BODY_SIZE
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), BODY_FONT)


def _write(document: WordDocument, node: Node, picture: PictureBytes) -> None:
    match node:
        case Paragraph(tag, line):
            level = LEVELS.get(tag)
            paragraph = document.add_heading("", level=level) if level else document.add_paragraph()
            _line(paragraph, line, picture)
        case Listing():
            _list(document, node, picture, depth=1)
        case Quote(flow):
            _flow(document, flow, picture, style="Quote")
        case Table(head, rows):
            _table(document, (*head, *rows), heads=len(head))
        case Figure(image, caption):
            paragraph = document.add_paragraph()
            paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
            _picture(paragraph, image, picture)
            if caption:
                below = document.add_paragraph()
                below.alignment = WD_ALIGN_PARAGRAPH.CENTER
                _line(below, caption, picture)
        case Rule():
            document.add_paragraph("————").alignment = WD_ALIGN_PARAGRAPH.CENTER


def _flow(document: WordDocument, flow: Flow, picture: PictureBytes, *, style: str) -> None:
    for part in flow:
        if isinstance(part, Listing):
            _list(document, part, picture, depth=2)
        else:
            _line(document.add_paragraph(style=style), part, picture)


def _list(document: WordDocument, listing: Listing, picture: PictureBytes, *, depth: int) -> None:
    name = "List Number" if listing.ordered else "List Bullet"
    style = name if depth == 1 else f"{name} {min(depth, 3)}"
    for item in listing.items:
        for part in item:
            if isinstance(part, Listing):
                _list(document, part, picture, depth=depth + 1)
            else:
                _line(document.add_paragraph(style=style), part, picture)


def _table(document: WordDocument, rows: Sequence[Row], *, heads: int) -> None:
    columns = max((sum(cell.colspan for cell in row) for row in rows), default=0)
    if not columns:
        return
    table = document.add_table(rows=len(rows), cols=columns, style="Table Grid")
    for number, row in enumerate(rows):
        place = 0
        for cell in row[:columns]:
            held = table.cell(number, min(place, columns - 1))
            held.text = flow_text(cell.flow)
            if cell.heading or number < heads:
                for run in held.paragraphs[0].runs:
                    run.bold = True
            place += cell.colspan


def _line(paragraph: WordParagraph, line: Line, picture: PictureBytes) -> None:
    for inline in line:
        if isinstance(inline, Image):
            _picture(paragraph, inline, picture)
        else:
            _run(paragraph, inline)


def _run(paragraph: WordParagraph, inline: Run) -> None:
    words = f"{inline.text}（{inline.href}）" if inline.href and inline.href not in inline.text else inline.text
    run = paragraph.add_run(words)
    run.bold = "strong" in inline.marks or None
    run.italic = "em" in inline.marks or None
    run.underline = "u" in inline.marks or None
    run.font.strike = "s" in inline.marks or None
    run.font.superscript = "sup" in inline.marks or None
    run.font.subscript = "sub" in inline.marks or None


def _picture(paragraph: WordParagraph, image: Image, picture: PictureBytes) -> None:
    try:
        shown = paragraph.add_run().add_picture(io.BytesIO(picture(image.sha256)))
    except UnrecognizedImageError:
        # A kind Word cannot show (webp): the file itself lies beside this one.
        paragraph.add_run(f"【图片：{image.alt or image.sha256[:12]}】")
        return
    if shown.width > WIDEST_PICTURE:
        shown.height = Emu(int(shown.height * WIDEST_PICTURE / shown.width))
        shown.width = WIDEST_PICTURE
