"""A Word document straightened out before mammoth reads it, so that nothing a reader sees is lost.

mammoth knows runs, links, tables and notes well, but drops what it does not know: text boxes without a VML
twin, simple fields, phonetic guides, equations, grouped pictures, the numbers Word prints before a heading.
And it goes by style names, while contacts press "bold" and "centre". Here each paragraph gets one of our own
few styles, and everything unknown is turned into something known or told to the author.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from services.errors import UnreadableFile
from services.manuscript.equations import linear
from services.manuscript.word_arrangement import Arrangement
from services.manuscript.word_package import Package, Relationship, Xml
from services.manuscript.word_styles import Numbers, Styles
from services.manuscript.word_tree import (
    MC,
    WP,
    A,
    M,
    R,
    V,
    W,
    ancestor,
    attribute,
    inline_picture,
    is_on,
    remove,
    replace,
    run_element,
    text_element,
)

#: mammoth needs up to a millisecond per paragraph and 0.1 ms per element. An ordinary article has 20 to 200
#: paragraphs; these bounds keep the longest reading to some five seconds.
MOST_PARAGRAPHS = 3_000
MOST_ELEMENTS = 40_000
MOST_ELEMENTS_BEFORE = 150_000

_WRAPPERS = (f"{W}fldSimple", f"{W}dir", f"{W}bdo", f"{W}smartTag", f"{W}customXml", f"{M}oMathPara")


@dataclass
class Source:
    """The straightened document: what mammoth is given, and what the author is told."""

    title: str
    document: Xml
    notes: dict[str, Xml]
    relationships: dict[str, dict[str, Relationship]]
    warnings: tuple[str, ...]


def straightened(package: Package) -> Source:
    """Straighten the main part and the notes of a package."""
    styles = Styles(package.part(package.companion("styles")))
    numbers = Numbers(package.part(package.companion("numbering")), styles)
    document = package.part(package.main_part)
    body = None if document is None else document.find(f"{W}body")
    if document is None or body is None:
        raise UnreadableFile(f"“{package.file_name}”里没有正文，请检查后重新上传。")
    _refuse_endless(package, document)
    told: Counter[str] = Counter()
    notes: dict[str, Xml] = {}
    relationships = {"document": package.relationships(package.main_part)}
    for kind in ("footnotes", "endnotes"):
        name = package.companion(kind)
        root = package.part(name)
        if root is not None:
            _refuse_endless(package, root)
            notes[kind] = root
            relationships[kind] = package.relationships(name)
            _Story(root, relationships[kind], told).straighten()
    _Story(body, relationships["document"], told).straighten()
    title = Arrangement(body, styles, numbers, told).arrange()
    _drop_lost_notes(document, notes)
    if sum(1 for root in (document, *notes.values()) for _ in root.iter()) > MOST_ELEMENTS:
        raise _endless(package)
    comments = package.part(package.companion("comments"))
    told["comments"] += comments is not None and comments.find(f"{W}comment") is not None
    return Source(title, document, notes, relationships, tuple(_sentences(told)))


def _refuse_endless(package: Package, root: Xml) -> None:
    paragraphs = sum(1 for _ in root.iter(f"{W}p"))
    if paragraphs > MOST_PARAGRAPHS or sum(1 for _ in root.iter()) > MOST_ELEMENTS_BEFORE:
        raise _endless(package)


def _endless(package: Package) -> UnreadableFile:
    return UnreadableFile(f"“{package.file_name}”的内容太多，不像一篇稿件，请只保留要发布的内容后重新上传。")


_SENTENCES = {
    "revisions": "文中有修订痕迹，已按“接受全部修订”读取，请核对。",
    "comments": "文中的批注没有导入。",
    "hidden": "文中有隐藏文字，没有导入。",
    "equations": "文中有 {n} 处公式，已改写成一行文字，请核对；复杂公式请截图后作为图片插入。",
    "charts": "文中有 {n} 处图表或 SmartArt 无法导入，请在 Word 中截图后作为图片插入。",
    "embedded": "文中嵌入了 {n} 处其他文件，没有导入，请把内容复制到正文。",
    "linked": "有 {n} 张图片只是链接，没有保存在文件里，请在 Word 中重新插入。",
    "ruby": "文中的拼音已放在括号里，请核对。",
    "boxes": "文中有 {n} 个文本框，文字已移到所在段落之后，请核对位置。",
    "promoted": "已把 {n} 个单独成行的短句识别为小标题，请核对。",
}


def _sentences(told: Counter[str]) -> Iterator[str]:
    return (sentence.format(n=told[key]) for key, sentence in _SENTENCES.items() if told[key])


@dataclass
class _Story:
    """The body of the document, or all footnotes, or all endnotes."""

    root: Xml
    relationships: dict[str, Relationship]
    told: Counter[str]

    def straighten(self) -> None:
        self._settle_revisions()
        self._choose_alternatives()
        self._open_boxes()
        self._keep_only_pictures()
        self._rewrite_unknown()
        self._mend_references()

    def _settle_revisions(self) -> None:
        revised = [*self.root.iter(f"{W}del", f"{W}moveFrom", f"{W}ins", f"{W}moveTo")]
        self.told["revisions"] += bool(revised)
        for change in (c for c in revised if c.getparent().tag not in {f"{W}rPr", f"{W}trPr"}):
            # Marks on a paragraph or a row stay: mammoth acts on them.
            replace(change, list(change) if change.tag in {f"{W}ins", f"{W}moveTo"} else [])
        for run in [*self.root.iter(f"{W}r")]:
            if is_on(run.find(f"{W}rPr/{W}vanish")):
                self.told["hidden"] += bool("".join(run.itertext(f"{W}t")).strip())
                remove(run)

    def _choose_alternatives(self) -> None:
        """Keep the modern branch: it carries what the VML twin repeats, and sometimes has no twin."""
        for alternative in [*self.root.iter(f"{MC}AlternateContent")]:
            branches = [*alternative.iterchildren(f"{MC}Choice"), *alternative.iterchildren(f"{MC}Fallback")]
            useful = (
                b
                for b in branches
                if next(b.iter(f"{W}txbxContent", f"{A}blip", f"{V}imagedata", f"{W}t"), None) is not None
            )
            chosen = next(useful, branches[0] if branches else None)
            replace(alternative, [] if chosen is None else list(chosen))

    def _open_boxes(self) -> None:
        """Put the paragraphs of each text box after the paragraph the box is anchored in."""
        while (box := next(self.root.iter(f"{W}txbxContent"), None)) is not None:
            anchor = ancestor(box, f"{W}p")
            self.told["boxes"] += bool("".join(box.itertext(f"{W}t")).strip())
            for element in reversed(list(box)):
                if anchor is not None:
                    anchor.addnext(element)
            remove(box)

    def _keep_only_pictures(self) -> None:
        for drawing in [*self.root.iter(f"{W}drawing", f"{W}pict", f"{W}object")]:
            self.told["charts"] += any(
                "/chart" in a.get("uri", "") or "/diagram" in a.get("uri", "") for a in drawing.iter(f"{A}graphicData")
            )
            pictures = [picture for picture in self._pictures(drawing) if picture is not None]
            self.told["embedded"] += drawing.tag == f"{W}object" and not pictures
            replace(drawing, pictures)

    def _pictures(self, drawing: Xml) -> Iterator[Xml | None]:
        described = next(drawing.iter(f"{WP}docPr"), None)
        alt = "" if described is None else (described.get("descr") or described.get("title") or "")
        # A picture Word offers twice, as SVG and as PNG, names the PNG here.
        identities = [blip.get(f"{R}embed") or blip.get(f"{R}link") or "" for blip in drawing.iter(f"{A}blip")]
        identities += [data.get(f"{R}id") or data.get(f"{R}pict") or "" for data in drawing.iter(f"{V}imagedata")]
        for identity in identities:
            related = self.relationships.get(identity)
            if related is None or related.external:
                self.told["linked"] += related is not None
                continue
            yield inline_picture(identity, alt)

    def _rewrite_unknown(self) -> None:
        for math in [*self.root.iter(f"{M}oMath")]:
            self.told["equations"] += 1
            replace(math, [run_element(text, position) for text, position in linear(math) if text])
        for ruby in [*self.root.iter(f"{W}ruby")]:
            self.told["ruby"] += 1
            base, guide = ("".join(ruby.find(f"{W}{part}").itertext(f"{W}t")) for part in ("rubyBase", "rt"))
            replace(ruby, [text_element(f"{base}（{guide}）")])
        for wrapper in [*self.root.iter(*_WRAPPERS)]:
            replace(wrapper, [child for child in wrapper if not str(child.tag).endswith("Pr")])
        for properties in [*self.root.iter(f"{W}sdtPr")]:
            # Without it mammoth reads the box of a check list as the character it is.
            remove(properties)
        for line_end in [*self.root.iter(f"{W}cr")]:
            line_end.tag = f"{W}br"
        self.told["embedded"] += sum(1 for _ in self.root.iter(f"{W}altChunk", f"{W}subDoc"))

    def _mend_references(self) -> None:
        """Take out references that lead nowhere: mammoth stops at them."""
        for link in self.root.iter(f"{W}hyperlink"):
            identity = link.get(f"{R}id")
            if identity is not None and identity not in self.relationships:
                del link.attrib[f"{R}id"]
        for note in [*self.root.iter(f"{W}footnoteReference", f"{W}endnoteReference", f"{W}commentReference")]:
            if not attribute(note, "id") or note.tag == f"{W}commentReference":
                remove(note)
        for symbol in [*self.root.iter(f"{W}sym")]:
            if not re.fullmatch(r"[0-9A-Fa-f]{1,6}", attribute(symbol, "char")):
                remove(symbol)
        for span in [*self.root.iter(f"{W}gridSpan")]:
            if not re.fullmatch(r"[1-9]\d{0,2}", attribute(span)):
                remove(span)


def _drop_lost_notes(document: Xml, notes: dict[str, Xml]) -> None:
    """References to notes that are not there, and notes without a number, would stop mammoth."""
    for kind in ("footnote", "endnote"):
        root = notes.get(f"{kind}s")
        for note in [] if root is None else [n for n in root.iter(f"{W}{kind}") if not attribute(n, "id")]:
            remove(note)
        known = set() if root is None else {attribute(note, "id") for note in root.iter(f"{W}{kind}")}
        for reference in [*document.iter(f"{W}{kind}Reference")]:
            if attribute(reference, "id") not in known:
                remove(reference)
