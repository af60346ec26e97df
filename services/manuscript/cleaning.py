"""Sanitising: whatever HTML comes in, only our canonical body goes on."""

from __future__ import annotations

import re

import nh3
from selectolax.lexbor import LexborHTMLParser

from services.errors import InvalidInput
from services.manuscript import body, body_reader
from services.manuscript.body_reader import read
from services.manuscript.body_writer import write

#: Stored beside every cleaned body; a body of another version is cleaned again before it is used.
CLEANING_VERSION = "1"

LARGEST_HTML = 2_000_000
DEEPEST_HTML = 300
MOST_TAGS = 20_000

_TAGS = {
    *body_reader.MARK_OF_TAG, *body_reader.HEADING_OF_TAG, *body_reader.BLOCK_TAGS,
    "a", "br", "img", "ul", "ol", "blockquote", "table", "figure", "figcaption", "hr", "span", "font",
}  # fmt: skip
_DROPPED_WITH_CONTENT = {
    "script", "style", "template", "noscript", "iframe", "object", "embed", "svg", "math", "title", "textarea",
    "select", "button", "audio", "video", "canvas", "noembed", "noframes", "xmp", "plaintext",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "td": {"colspan", "rowspan"}, "th": {"colspan", "rowspan"}}
_START_TAG = re.compile(r"<[A-Za-z]")


def _attribute(tag: str, name: str, value: str) -> str | None:
    if (tag, name) == ("img", "src"):
        return value if body.ASSET_ADDRESS.fullmatch(value) else None
    if (tag, name) == ("a", "href"):
        return value if body.WEB_ADDRESS.fullmatch(value.strip()) else None
    return value


_SANITISER = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_DROPPED_WITH_CONTENT,
    attributes=_ATTRIBUTES,
    attribute_filter=_attribute,
    url_schemes={"http", "https", "mailto", "asset"},
    url_relative="deny",
    link_rel=None,
)


def clean(html: str) -> str:
    """The canonical body of an untrusted HTML fragment; cleaning twice changes nothing.

    Only `asset:` pictures survive: `data:` pictures are imported before (see `services.manuscript.typed`),
    foreign ones are dropped because they track readers and WeChat removes them anyway.

    Raises `InvalidInput` for input whose parsing alone would hold the server up.
    """
    refuse_oversized(html)
    return write(read(_SANITISER.clean(html)))


def refuse_oversized(html: str) -> None:
    """Raise `InvalidInput` for HTML whose sanitising would take seconds: it is quadratic in depth."""
    if len(html.encode("utf-8", "replace")) > LARGEST_HTML:
        raise InvalidInput("正文超过 2 MB，请删去多余内容或分成几篇投稿。", field="body")
    if len(_START_TAG.findall(html)) > MOST_TAGS:
        raise InvalidInput("正文的格式标记太多，请用“只粘贴文本”的方式重新粘贴。", field="body")
    if _depth(html) > DEEPEST_HTML:
        raise InvalidInput("正文的格式嵌套太深，请用“只粘贴文本”的方式重新粘贴。", field="body")


def _depth(html: str) -> int:
    """How deep the elements nest once parsed. Counting tags would not do: a closing tag may close nothing."""
    node = LexborHTMLParser(html).root
    depth = deepest = 0
    while node is not None:
        deepest = max(deepest, depth)
        if node.child is not None:
            node, depth = node.child, depth + 1
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None
    return deepest
