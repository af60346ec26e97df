"""Makes `review_form.docx`, the template of 《信息发布审批表》: `python -m services.office_forms.review_form_template`.

The file is committed and may be laid out anew in Word; this script is how it began and how it is made again.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

TEMPLATE = Path(__file__).with_name("review_form.docx")
FONT = "宋体"

HEAD = (
    ("标题", "{{ title }}"),
    ("供稿单位", "{{ department }}", "通讯员", "{{ contributor }}"),
    ("作者", "{{ author }}", "摄影", "{{ photographer }}"),
    ("稿件类别", "{{ category }}", "发布公众号", "{{ account }}"),
    ("稿件来源", "{{ source }}", "图片", "{{ pictures }}"),
    ("首次提交", "{{ submitted_at }}", "期望发布", "{{ wanted_at }}"),
    ("是否涉及", "{{ risks }}", "使用 AI", "{{ ai_use }}"),
    ("作者声明", "{{ declarations }}"),
    ("紧急通道", "{{ emergency }}"),
)
STEPS = ("轮次", "环节", "办理", "姓名", "时间", "意见")
STEP = ("round", "stage", "action", "by", "at", "words")
CHECKS = ("编号", "审核要点", "环节", "结论", "说明", "填写人")
CHECK = ("code", "label", "stage", "verdict", "note", "by")
OUTLETS = ("平台", "状态", "时间", "地址")
OUTLET = ("place", "state", "at", "address")


def build(path: Path = TEMPLATE) -> None:
    """Write the template."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2)
    section.top_margin = section.bottom_margin = Cm(1.8)
    style: Any = document.styles["Normal"]
    style.font.name, style.font.size = FONT, Pt(10.5)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), FONT)
    _heading(document, "信息发布审批表", Pt(18))
    number = document.add_paragraph("编号：{{ number }}　　当前状态：{{ state }}")
    number.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _head(document)
    _section(document, "审核经过", STEPS, STEP, "steps", (1.2, 2.6, 2.4, 2.6, 3.2, 5.0))
    _section(document, "审核清单（本轮）", CHECKS, CHECK, "checks", (1.3, 4.0, 2.6, 1.8, 5.0, 2.3))
    _section(document, "发布", OUTLETS, OUTLET, "outlets", (3.0, 3.0, 3.4, 7.6))
    document.add_paragraph("封版指纹：{{ seal }}")
    document.add_paragraph("本表由系统按操作留痕生成，生成时间 {{ made_at }}。签名与时间以操作日志为准。")
    document.save(str(path))


def _heading(document: Any, words: str, size: Pt) -> None:
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run(words)
    run.bold, run.font.size = True, size


def _head(document: Any) -> None:
    table = _table(document, rows=len(HEAD), columns=4)
    for number, cells in enumerate(HEAD):
        row = table.rows[number].cells
        if len(cells) == 2:
            row[1].merge(row[3])
        for cell, words in zip(row if len(cells) == 4 else (row[0], row[1]), cells, strict=True):
            cell.text = words
    _widths(table, (2.4, 6.1, 2.4, 6.1))


def _section(  # noqa: PLR0917  # what one section of the form is made of
    document: Any,
    title: str,
    labels: tuple[str, ...],
    fields: tuple[str, ...],
    name: str,
    widths: tuple[float, ...],
) -> None:
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(8)
    paragraph.add_run(title).bold = True
    table = _table(document, rows=4, columns=len(labels))
    for cell, label in zip(table.rows[0].cells, labels, strict=True):
        cell.text = ""
        cell.paragraphs[0].add_run(label).bold = True
    table.rows[1].cells[0].text = f"{{%tr for each in {name} %}}"
    for cell, field in zip(table.rows[2].cells, fields, strict=True):
        cell.text = f"{{{{ each.{field} }}}}"
    table.rows[3].cells[0].text = "{%tr endfor %}"
    _widths(table, widths)


def _table(document: Any, *, rows: int, columns: int) -> Any:
    table = document.add_table(rows=rows, cols=columns)
    table.style, table.alignment, table.autofit = "Table Grid", WD_TABLE_ALIGNMENT.CENTER, False
    return table


def _widths(table: Any, widths: tuple[float, ...]) -> None:
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=False):
            cell.width = Cm(width)


if __name__ == "__main__":
    build()
