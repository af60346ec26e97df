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
from itertools import islice

from services.errors import UnreadableFile
from services.manuscript.equations import linear
from services.manuscript.word_arrangement import Arrangement
from services.manuscript.word_fields import rewrite_fields
from services.manuscript.word_graphics import MOST_GRAPHICS, graphic_words
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
    new,
    paragraph_element,
    remove,
    replace,
    run_element,
    text_element,
    words,
)

#: mammoth needs up to a millisecond per paragraph and 0.1 ms per element. An ordinary article has 20 to 200
#: paragraphs; these bounds keep the longest reading to some five seconds.
MOST_PARAGRAPHS = 3_000
MOST_ELEMENTS = 40_000
MOST_ELEMENTS_BEFORE = 150_000
#: Three kinds each of headers and footers in a handful of sections.
MOST_MARGINS = 30

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
    body = None if document is None or document.tag != f"{W}document" else document.find(f"{W}body")
    if document is None or body is None:
        raise UnreadableFile(f"“{package.file_name}”里没有正文，请检查后重新上传。")
    _refuse_endless(package, document)
    told: Counter[str] = Counter()
    notes: dict[str, Xml] = {}
    relationships = {"document": package.relationships(package.main_part)}
    for kind in ("footnotes", "endnotes"):
        name = package.companion(kind)
        root = package.part(name)
        if root is not None and root.tag == f"{W}{kind}":
            _refuse_endless(package, root)
            notes[kind] = root
            relationships[kind] = package.relationships(name)
            _Story(root, relationships[kind], told, package, styles).straighten()
    _Story(body, relationships["document"], told, package, styles).straighten()
    title = Arrangement(body, styles, numbers, told).arrange()
    _drop_lost_notes(document, notes)
    if sum(1 for root in (document, *notes.values()) for _ in root.iter()) > MOST_ELEMENTS:
        raise _endless(package)
    comments = package.part(package.companion("comments"))
    told["comments"] += comments is not None and comments.find(f"{W}comment") is not None
    told["margins"] += any(map(_says_something, _margins(package, relationships["document"])))
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
    "graphics": "文中有 {n} 处图表或 SmartArt，只导入了其中的文字和数据；需要原样请在 Word 中截图后作为图片插入。",
    "margins": "页眉、页脚里的文字没有导入。",
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
    package: Package
    styles: Styles

    def straighten(self) -> None:
        self._settle_revisions()
        self._choose_alternatives()
        self._open_boxes()
        self._keep_only_pictures()
        rewrite_fields(self.root)
        self._rewrite_unknown()
        self._mend_references()

    def _settle_revisions(self) -> None:
        revised = [*self.root.iter(f"{W}del", f"{W}moveFrom", f"{W}ins", f"{W}moveTo")]
        self.told["revisions"] += bool(revised)
        for change in (c for c in revised if c.getparent().tag not in {f"{W}rPr", f"{W}trPr"}):
            # Marks on a paragraph or a row stay: mammoth acts on them.
            replace(change, list(change) if change.tag in {f"{W}ins", f"{W}moveTo"} else [])
        for run in [*self.root.iter(f"{W}r")]:
            if self.styles.hides(run):
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
        # From the last to the first: each goes right after the paragraph, before those that follow it.
        for box in reversed([*self.root.iter(f"{W}txbxContent")]):
            anchor = ancestor(box, f"{W}p")
            self.told["boxes"] += bool("".join(box.itertext(f"{W}t")).strip())
            for element in reversed(list(box)):
                if anchor is not None:
                    anchor.addnext(element)
            remove(box)

    def _keep_only_pictures(self) -> None:
        for drawing in reversed([*self.root.iter(f"{W}drawing", f"{W}pict", f"{W}object")]):
            self._say_graphics(drawing)
            pictures = [picture for picture in self._pictures(drawing) if picture is not None]
            self.told["embedded"] += drawing.tag == f"{W}object" and not pictures
            replace(drawing, pictures)

    def _say_graphics(self, drawing: Xml) -> None:
        """Put what SmartArt, charts and word art say after the paragraph the drawing stands in."""
        shown = [paragraph_element(art.get("string")) for art in drawing.iter(f"{V}textpath") if art.get("string")]
        self.told["boxes"] += len(shown)
        if any("/chart" in a.get("uri", "") or "/diagram" in a.get("uri", "") for a in drawing.iter(f"{A}graphicData")):
            is_read = self.told["graphics"] + self.told["charts"] < MOST_GRAPHICS
            said = graphic_words(drawing, self.package, self.relationships) if is_read else []
            self.told["graphics" if said else "charts"] += 1
            shown += said
        anchor = ancestor(drawing, f"{W}p")
        for element in reversed(shown):
            if anchor is not None:
                anchor.addnext(element)

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
            base, guide = ("".join(t for p in ruby.iter(f"{W}{part}") for t in p.itertext(f"{W}t")) for part in _RUBY)
            replace(ruby, [text_element(f"{base}（{guide}）" if guide else base)])
        for wrapper in [*self.root.iter(*_WRAPPERS)]:
            replace(wrapper, [child for child in wrapper if not str(child.tag).endswith("Pr")])
        for properties in [*self.root.iter(f"{W}sdtPr")]:
            # Without it mammoth reads the box of a check list as the character it is.
            remove(properties)
        for line_end in [*self.root.iter(f"{W}cr", f"{W}br")]:
            line_end.tag = f"{W}br"
            # A page or a column ends a line as well; mammoth would join the words on both sides.
            line_end.attrib.clear()
        for tab in self.root.iter(f"{W}ptab"):
            tab.tag = f"{W}tab"
        for symbol in [*self.root.iter(f"{W}sym")]:
            character = _ordinary_character(symbol)
            if character:
                replace(symbol, [text_element(character)])
        for row in self.root.iter(f"{W}tr"):
            _fill_grid(row)
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


_RUBY = ("rubyBase", "rt")
_PAGE_NUMBER = re.compile(r"(?:[\s\d\W]|第|页|共|page|of)*", re.IGNORECASE)


def _ordinary_character(symbol: Xml) -> str:
    """The character of a symbol taken from a text font; symbol fonts use the private area, which mammoth knows."""
    code = attribute(symbol, "char")
    number = int(code, 16) if re.fullmatch(r"[0-9A-Fa-f]{2,5}", code) else 0
    character = chr(number) if number < 0xD800 or number >= 0xF900 else ""
    return character if character.isprintable() else ""


def _fill_grid(row: Xml) -> None:
    """Word begins or ends a row some columns further in; HTML needs empty cells there."""
    cells = [cell for cell in row if cell.tag not in {f"{W}tblPrEx", f"{W}trPr"}]
    for side, place in (("gridBefore", row.index(cells[0]) if cells else 0), ("gridAfter", len(row) + 1)):
        columns = attribute(row.find(f"{W}trPr/{W}{side}"))
        if cells and re.fullmatch(r"[1-9]\d?", columns):
            cell, properties = new("tc"), new("tcPr")
            properties.append(new("gridSpan", val=columns))
            cell.extend([properties, new("p")])
            row.insert(place, cell)


def _margins(package: Package, relationships: dict[str, Relationship]) -> Iterator[Xml]:
    """The headers and footers of the document, without those that cannot be read."""
    margins = (one for one in relationships.values() if one.kind in {"header", "footer"} and not one.external)
    for related in islice(margins, MOST_MARGINS):
        try:
            root = package.part(related.target)
        except UnreadableFile:
            continue
        if root is not None:
            yield root


def _says_something(margin: Xml) -> bool:
    """Whether a header or footer says more than the number of the page."""
    return not _PAGE_NUMBER.fullmatch(words(margin))


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
