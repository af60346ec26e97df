"""A published copy held against what was approved: the same, rewritten by the platform only, or different.

Platforms rewrite markup: they wrap, re-style, split paragraphs, host pictures elsewhere. That is told apart from a
change of what a reader reads: words, links that were not there, other pictures, things that run.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from models import ProofVerdict
from services.manuscript import blocks

MOST_SAID = 6
"""Differences that are named; whoever has more than these looks at the page itself."""
LONGEST_SAID = 120

_INVISIBLE = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\u00ad]+")
_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?]+[”’」』）)]*|[^。！？!?\n]+")
_APART = {
    "p", "section", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "table", "tr", "td",
    "th", "figure", "figcaption", "br", "hr", "pre", "article",
}  # fmt: skip


@dataclass(frozen=True)
class Copy:
    """One text with its pictures. `pictures` name them in reading order; where a name is not known, it is empty.

    `author` and `digest` are None where the copy does not show them, or shows one of its own choice. `files` are what
    it offers for download: what readers call each, and the hash of what they get.
    """

    title: str
    body: str
    pictures: tuple[str, ...] = ()
    author: str | None = None
    digest: str | None = None
    strange: tuple[str, ...] = ()
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Likeness:
    """The verdict, and what differs, each in one sentence for the office. `key` recognises the same content again."""

    verdict: ProofVerdict
    said: tuple[str, ...]
    key: str


def compare(meant: Copy, seen: Copy) -> Likeness:
    """Hold a copy against what was approved."""
    said = [
        *_changed("标题", meant.title, seen.title),
        *(_changed("作者", meant.author, seen.author) if meant.author else ()),
        *(_changed("摘要", meant.digest, seen.digest) if meant.digest is not None else ()),
        *_changed_words(_text(meant.body), _text(seen.body)),
        *_new_links(meant.body, seen.body),
        *_other_pictures(meant.pictures, seen.pictures),
        *_other_files(dict(meant.files), dict(seen.files)),
        *(f"页面里出现了不该有的内容：{name}。" for name in seen.strange),
    ]
    key = _key(seen)
    if said:
        return Likeness(ProofVerdict.DIFFERENT, tuple(said[:MOST_SAID]), key)
    same = _shape(meant.body) == _shape(seen.body)
    return Likeness(ProofVerdict.SAME if same else ProofVerdict.REWRITTEN, (), key)


def picture_names(body: str) -> tuple[str, ...]:
    """The pictures of a body by the part of their address that stays when a platform serves them in another size."""
    return tuple(_picture_name(address) for address in _picture_addresses(body))


def picture_files(body: str) -> tuple[str, ...]:
    """The file names of a body's pictures, in reading order."""
    return tuple(urlsplit(address).path.rpartition("/")[2] for address in _picture_addresses(body))


# --- Words -----------------------------------------------------------------------------------------------


def reads_the_same(meant: str, seen: str) -> bool:
    """Whether two lines of plain text are the same to a reader. A platform may hand a line out escaped (`A&amp;B`)
    and without what nobody sees.
    """
    return _bare(unescape(meant)) == _bare(unescape(seen))


def words(html: str) -> str:
    """What a reader reads of a body, without anything that only sets it apart."""
    return _bare(_text(html))


def _bare(text: str) -> str:
    return _INVISIBLE.sub("", text)


def _changed(label: str, meant: str | None, seen: str | None) -> Iterator[str]:
    if seen is not None and not reads_the_same(meant or "", seen):
        yield f"{label}由“{_short(meant or '')}”变成“{_short(seen)}”。"


def _changed_words(meant: str, seen: str) -> Iterator[str]:
    # However the paragraphs are cut, the words in their order are the same: then nothing was changed.
    if _bare(meant) == _bare(seen):
        return
    old, new = _sentences(meant), _sentences(seen)
    for tag, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        before, after = _short("".join(old[i:j])), _short("".join(new[k:m]))
        if tag == "replace":
            yield f"“{before}”变成“{after}”。"
        elif tag == "delete":
            yield f"少了“{before}”。"
        elif tag == "insert":
            yield f"多了“{after}”。"


def _sentences(text: str) -> list[str]:
    found = (_bare(each) for each in _SENTENCE.findall(text))
    return [each for each in found if each]


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}……"


def _text(html: str) -> str:
    root = LexborHTMLParser(f"<body>{html}").body
    return "".join(_spoken(root)) if root is not None else ""


def _spoken(node: LexborNode) -> Iterator[str]:
    for child in node.iter(include_text=True, skip_empty=False):
        if child.tag == "-text":
            yield child.text_content or ""
        elif child.tag not in {"script", "style"}:
            border = "\n" if child.tag in _APART else ""
            yield border
            yield from _spoken(child)
            yield border


# --- Links and pictures ----------------------------------------------------------------------------------


def _new_links(meant: str, seen: str) -> Iterator[str]:
    """A link the platform takes out is its rewriting; one that was not there is somebody's doing."""
    known = set(_links(meant))
    for address in dict.fromkeys(_links(seen)):
        if address not in known:
            yield f"多了一个链接：{_short(address)}。"


def _links(html: str) -> list[str]:
    page = LexborHTMLParser(f"<body>{html}")
    return [str(node.attributes.get("href") or "") for node in page.css("a[href]")]


def _other_pictures(meant: Sequence[str], seen: Sequence[str]) -> Iterator[str]:
    if len(meant) != len(seen):
        yield f"图片由 {len(meant)} 张变成 {len(seen)} 张。"
        return
    for number, (old, new) in enumerate(zip(meant, seen, strict=True), start=1):
        if old and new and old != new:
            yield f"第 {number} 张图片被换过。"


def _other_files(meant: Mapping[str, str], seen: Mapping[str, str]) -> Iterator[str]:
    for name in {**meant, **seen}:
        if name not in seen:
            yield f"附件“{name}”不见了。"
        elif name not in meant:
            yield f"多了附件“{name}”。"
        elif meant[name] != seen[name]:
            yield f"附件“{name}”被换过。"


def _picture_addresses(html: str) -> list[str]:
    page = LexborHTMLParser(f"<body>{html}")
    return [
        str(node.attributes.get("data-src") or node.attributes.get("src") or "")
        for node in page.css("img")
        if node.attributes.get("data-src") or node.attributes.get("src")
    ]


def _picture_name(address: str) -> str:
    # https://host/<kind>/<name>/<size>?…: the name is by far the longest part.
    return max(urlsplit(address).path.split("/"), key=len)


# --- Recognising -----------------------------------------------------------------------------------------


def _shape(html: str) -> str:
    """The markup without the addresses of pictures, which every platform chooses anew."""
    page = LexborHTMLParser(f"<body>{html}")
    for node in page.css("img"):
        name = _picture_name(str(node.attributes.get("data-src") or node.attributes.get("src") or ""))
        for attribute in ("src", "data-src"):
            if attribute in node.attributes:
                del node.attrs[attribute]
        node.attrs["alt"] = name
    return blocks.normalised(page.body.inner_html or "") if page.body is not None else ""


def _key(seen: Copy) -> str:
    parts = (seen.title, seen.author or "", words(seen.body), *_links(seen.body), *seen.pictures, *seen.strange)
    parts += tuple(f"{name} {sha256}" for name, sha256 in seen.files)
    parts += (f"digest {seen.digest}",) if seen.digest else ()
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()
