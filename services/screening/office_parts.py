"""What a Word or Excel file shows beside its main text: comments, text boxes, charts, SmartArt, links, deleted words.

Whoever opens the file sees it, whatever the main text says. Names of elements are compared without their namespace,
because there are two of each: the usual one and that of strict Office Open XML.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import unquote

from docx.oxml import parse_xml

_PLACES = {
    "header": "页眉",
    "footer": "页脚",
    "footnotes": "脚注",
    "endnotes": "尾注",
    "comments": "批注",
    "comment": "批注",
    "threadedComment": "批注",
    "drawing": "文本框",
    "chart": "图表",
    "data": "图示",
}
_PART = re.compile(
    r"(?:word|xl)/(?:charts/|diagrams/|drawings/|threadedComments/|comments/)?"
    rf"({'|'.join(_PLACES)})\d*\.xml"
)
_RELATIONSHIPS = re.compile(r"(?:word|xl)/(?:worksheets/)?_rels/[^/]+\.rels")
_LINK = re.compile(rb'Target="(?:mailto|tel):([^"?]+)')
_WORKSHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")
_MARGIN = re.compile(rb"<(?:odd|even|first)(?:Header|Footer)>([^<]+)<")
_MARGIN_CODE = re.compile(r'&(?:[LCRPNDTFAZGBIUESXYKH]|"[^"]*"|\d+)')

_TEXT = {"t", "v", "text"}
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_ENDS = {"p": "\n", "tc": "\t", "tr": "\n", "v": "\n", "text": "\n", "comment": "\n"}
_SHOWN_ATTRIBUTES = {"textpath": "string", "docPr": "descr", "cNvPr": "descr"}
_DELETED = {"del", "moveFrom"}
#: Properties show nothing, and a fallback repeats the drawing it stands for.
_SILENT = {"pPr", "rPr", "sdtPr", "sectPr", "Fallback"}

Stretch = tuple[str, str]


def beside_the_text(package: zipfile.ZipFile) -> Iterator[Stretch]:
    """A place and what stands there, for each part of the package that shows something and is not its main text."""
    for name in sorted(package.namelist()):
        part = _PART.fullmatch(name)
        if part:
            yield from shown_in(_PLACES[part[1]], parse_xml(package.read(name)))
        elif _RELATIONSHIPS.fullmatch(name):
            targets = _LINK.findall(package.read(name))
            yield from _if_any(
                "链接", "\n".join(unquote(unescape(target.decode("utf-8", "replace"))) for target in targets)
            )
        elif _WORKSHEET.fullmatch(name):
            margins = (unescape(found.decode("utf-8", "replace")) for found in _MARGIN.findall(package.read(name)))
            yield from _if_any("页眉页脚", "\n".join(_MARGIN_CODE.sub(" ", margin) for margin in margins))


def shown_in(place: str, root: Any) -> Iterator[Stretch]:
    """The text of a part, and apart from it what a revision deleted: joined, both would read as one."""
    yield from _if_any(place, "".join(_pieces(root)))
    deleted = (element for element in root.iter() if _name(element) in _DELETED)
    words = ("".join(text.text or "" for text in each.iter() if _name(text) in {"delText", "t"}) for each in deleted)
    yield from _if_any("修订中删除的文字", "\n".join(words))


def _if_any(place: str, text: str) -> Iterator[Stretch]:
    told = tidy(text)
    if told:
        yield place, told


def tidy(text: str) -> str:
    """No blank lines, no cell mark at the end of a line."""
    joined = text.replace("\n\t", "\t")
    return "\n".join(line for line in (line.strip() for line in joined.split("\n")) if line)


def _pieces(element: Any) -> Iterator[str]:
    """Text in document order, through tables and text boxes."""
    name = _name(element)
    if name in _SILENT or name in _DELETED:
        return
    if name in _TEXT:
        yield element.text or ""
    shown = element.get(_SHOWN_ATTRIBUTES[name]) if name in _SHOWN_ATTRIBUTES else None
    yield f"\n{shown}\n" if shown else ""
    yield _SIGNS.get(name, "")
    for child in element:
        yield from _pieces(child)
    yield _ENDS.get(name, "")


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""
