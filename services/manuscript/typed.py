"""Typed and pasted manuscripts: HTML from a clipboard or a file, and plain text."""

from __future__ import annotations

import base64
import binascii
import re
from html import escape
from urllib.parse import unquote_to_bytes

from selectolax.lexbor import LexborHTMLParser, LexborNode

from services.errors import UnreadableFile
from services.manuscript.body import ASSET_ADDRESS
from services.manuscript.cleaning import clean, refuse_oversized
from services.manuscript.documents import ReadDocument
from services.manuscript.pictures import Picture, process_picture

#: Pasted pictures travel inside the HTML; 30 MB of pictures are 40 MB of base64.
LARGEST_PASTE = 42_000_000
_DATA = re.compile(r"\s*data:image/[\w.+-]+(?:;[\w=-]+)*?(;base64)?,(.*)", re.DOTALL | re.IGNORECASE)
#: Where pages that load their pictures later, such as those of WeChat, keep the address.
_LATE_SOURCES = ("data-src", "data-original", "srcset")
_NOT_SHOWN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_EMBEDDED = "math, iframe, video, audio, object, embed, canvas, mpvoice, mpvideosnap, svg:has(text)"
_DECLARED = re.compile(
    rb"<meta[^>]{1,200}charset\s*=[\s\"']*(big5|big5-hkscs|shift_jis|euc-jp|euc-kr|iso-8859-1|windows-1252)\b",
    re.IGNORECASE,
)
_DATA_SOURCE = re.compile(r"data:[^\"'\s>]{200,}")


def read_html(text: str) -> ReadDocument:
    """Read pasted or typed HTML. Pictures inside it are taken over, pictures elsewhere are dropped and named in
    `warnings`; the title is left empty, because a form has a field for it.

    Raises `InvalidInput` for input too large to parse.
    """
    refuse_oversized(_DATA_SOURCE.sub("data:", text[:LARGEST_PASTE]))
    document = LexborHTMLParser(text[:LARGEST_PASTE])
    pictures: dict[str, Picture] = {}
    warnings: list[str] = []
    if _drop_hidden(document):
        warnings.append("网页里有不显示的内容，没有导入。")
    foreign = sum([_take_over(image, pictures, warnings) for image in document.css("img")])
    if foreign:
        warnings.append(f"有 {foreign} 张图片是网页链接或没有随文字一起复制，没有导入，请单独上传。")
    embedded = len(document.css(_EMBEDDED))
    if embedded:
        warnings.append(f"有 {embedded} 处公式、视频或嵌入内容没有导入，需要时请截图后作为图片插入。")
    body = document.body
    return ReadDocument(
        "", clean(body.inner_html or "" if body is not None else ""), tuple(pictures.values()), tuple(warnings)
    )


def read_html_file(text: str) -> ReadDocument:
    """Read an .html file: as `read_html`, but a first-level heading at its start is the title."""
    document = LexborHTMLParser(text[:LARGEST_PASTE])
    heading = document.css_first("h1")
    title = " ".join(heading.text().split()) if heading is not None else ""
    if heading is None or not title or not _is_first(heading, document):
        return read_html(text)
    heading.decompose()
    read = read_html(document.html or "")
    return ReadDocument(title, read.html, read.pictures, read.warnings) if read.html else read_html(text)


def read_text(text: str) -> ReadDocument:
    """Read plain text: every line is a paragraph, empty lines separate."""
    paragraphs = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines() if line.strip())
    return ReadDocument("", clean(paragraphs), (), ())


def decoded(content: bytes, file_name: str) -> str:
    """The text of a file in UTF-8, UTF-16 with a mark, what a page declares, or GB 18030, which covers GBK and
    GB 2312.
    """
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    declared = [found[1].decode() for found in [_DECLARED.search(content[:4096])] if found]
    for attempt in (encoding, *declared, "gb18030"):
        try:
            return content.decode(attempt)
        except UnicodeDecodeError:
            continue
    raise UnreadableFile(f"“{file_name}”的文字编码无法识别，请另存为 UTF-8 编码后重新上传。")


def _drop_hidden(document: LexborHTMLParser) -> bool:
    """Remove what the page does not show; say whether words were among it."""
    hidden = [node for node in document.css("body [hidden], body [style]") if _is_hidden(node)]
    # Only the outermost: what stands in an element that is gone is no element any more.
    hidden = [node for node in hidden if not _is_inside_hidden(node)]
    held_words = any(node.text().strip() for node in hidden)
    for node in hidden:
        node.decompose()
    return held_words


def _is_hidden(node: LexborNode) -> bool:
    return "hidden" in node.attributes or bool(_NOT_SHOWN.search(node.attributes.get("style") or ""))


def _is_inside_hidden(node: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.tag not in {"body", "html", "-document"}:
        if _is_hidden(parent):
            return True
        parent = parent.parent
    return False


def _take_over(image: LexborNode, pictures: dict[str, Picture], warnings: list[str]) -> bool:
    """Turn an `<img>` with its picture inside into an asset; say whether the picture is elsewhere."""
    source = image.attributes.get("src") or ""
    if ASSET_ADDRESS.fullmatch(source):
        return False
    inside = _DATA.fullmatch(source)
    if not inside:
        return bool(source or any(image.attributes.get(late) for late in _LATE_SOURCES))
    image.attrs["src"] = ""
    try:
        content = base64.b64decode(inside[2], validate=False) if inside[1] else unquote_to_bytes(inside[2])
        picture = process_picture(content, f"粘贴的图片{len(pictures) + 1}")
    except binascii.Error:
        return True
    except UnreadableFile as refused:
        warnings.append(f"一张粘贴的图片没有导入：{refused.sentence}")
        return False
    pictures.setdefault(picture.sha256, picture)
    image.attrs["src"] = f"asset:{picture.sha256}"
    return False


def _is_first(heading: LexborNode, document: LexborHTMLParser) -> bool:
    """Whether nothing a reader sees stands before the heading."""
    body = document.body
    if body is None:
        return False
    for node in body.traverse(include_text=True):
        if node == heading:
            return True
        if node.tag == "img" or (node.tag == "-text" and (node.text_content or "").strip() and not _hidden(node)):
            return False
    return False


def _hidden(text: LexborNode) -> bool:
    return text.parent is not None and text.parent.tag in {"script", "style", "title", "noscript", "template"}
