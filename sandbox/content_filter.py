"""What the platform keeps of an article's HTML.

WeChat doc, draft/add: scripts are removed and foreign pictures filtered. Code that compares a stored draft with
what it sent meets the same losses here.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import nh3

from sandbox.library import PICTURE_HOST

_KEPT_TAGS = (
    {"section", "p", "span", "strong", "em", "b", "i", "u", "s", "del", "ins", "small", "mark", "sup", "sub"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "center", "pre", "code", "br", "hr", "a", "img"}
    | {"ul", "ol", "li", "figure", "figcaption", "ruby", "rt", "rp"}
    | {"table", "caption", "colgroup", "col", "thead", "tbody", "tfoot", "tr", "th", "td"}
)
_KEPT_ATTRIBUTES = {
    "*": {"style", "class", "align", "dir", "lang"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height", "title"},
    "td": {"colspan", "rowspan", "width", "height", "valign"},
    "th": {"colspan", "rowspan", "width", "height", "valign"},
    "table": {"width", "border", "cellspacing", "cellpadding"},
    "col": {"span", "width"},
    "ol": {"start", "type"},
}
_LOST_WITH_CONTENT = {
    "script",
    "style",
    "iframe",
    "title",
    "object",
    "video",
    "audio",
    "select",
    "textarea",
    "svg",
}
_ARTICLE_HOST = "mp.weixin.qq.com"

_TAG = r'(?:[^>"]|"[^"]*")*'
_IMAGE = re.compile(rf"<img\b{_TAG}>")
_SOURCE = re.compile(r'\s(?:data-)?src="')
_PLAIN_LINK = re.compile(rf"<a(?!\s[^>]*href=)\b{_TAG}>(.*?)</a>", re.DOTALL)
_ANY_TAG = re.compile(rf"<{_TAG}>")


def keep(html: str) -> str:
    """Return what is stored of a body.

    Lost are scripts, styles, frames and forms, event handlers and ids, pictures that do not lie on the platform's
    own picture host, and links that lead anywhere but to an article of the platform (their text stays).
    """
    cleaned = nh3.clean(
        html,
        tags=_KEPT_TAGS,
        clean_content_tags=_LOST_WITH_CONTENT,
        attributes=_KEPT_ATTRIBUTES,
        generic_attribute_prefixes={"data-"},
        attribute_filter=_keep_attribute,
        url_schemes={"http", "https"},
        link_rel=None,
    )
    pictured = _IMAGE.sub(lambda match: match[0] if _SOURCE.search(match[0]) else "", cleaned)
    return _PLAIN_LINK.sub(r"\1", pictured)


def plain_text(html: str) -> str:
    """Return the words of a body, as the platform takes them for a digest that was left empty."""
    text = nh3.clean(_ANY_TAG.sub(" ", html), tags=set())
    return " ".join(text.replace("&nbsp;", " ").replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").split())


def _keep_attribute(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute in {"src", "data-src"}:
        return value if _host(value) == PICTURE_HOST else None
    if tag == "a" and attribute == "href":
        return value if _host(value) == _ARTICLE_HOST else None
    return value


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""
