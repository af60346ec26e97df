"""Which part each Word paragraph plays: title, heading, caption, quotation, list item or body text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from services.manuscript.word_package import Xml
from services.manuscript.word_styles import Numbering, Numbers, Styles
from services.manuscript.word_tree import (
    OFF,
    W,
    ancestor,
    attribute,
    has_picture,
    is_on,
    keep_only,
    new,
    prepend,
    properties_of,
    remove,
    set_style,
    words,
)

#: The style ids and list numbers our style map and numbering part give to mammoth.
HEADINGS = ("Heading2", "Heading3", "Heading4")
CAPTION, QUOTE = "Caption", "Quote"
BULLETS, DECIMALS = "1", "2"

LONGEST_TITLE = 64
LONGEST_HEADING = 80
LONGEST_FAKE_HEADING = 40
LONGEST_CAPTION = 60

_FIRST_ORDER = re.compile(r"第[一二三四五六七八九十百\d]+[章节部分篇]|[一二三四五六七八九十]{1,3}、")
_SECOND_ORDER = re.compile(r"[（(][一二三四五六七八九十]{1,3}[）)]")
_SENTENCE_END = re.compile(r"[。！？!?；;：:，,]$")
_CAPTION_START = re.compile(
    r"[▲△▼▽↑↓◆◇■□●○*]|(?:图|照片|配图)\s*[\d一二三四五六七八九十]*\s*[：:.、\s]|图\s*\d|(?:摄影|供图|图源)"
)
_PLAIN_NUMBER = re.compile(r"[（(]?%[1-9][）)]?[.．、]?")
_LIST_FORMATS = {"decimal", "decimalZero"}
_KEPT_RUN_PROPERTIES = {f"{W}{name}" for name in ("b", "i", "u", "strike", "vertAlign", "highlight")}
_KEPT_CELL_PROPERTIES = {f"{W}{name}" for name in ("gridSpan", "vMerge")}


@dataclass
class Arrangement:
    """Gives every paragraph of a body one of our own few styles, and mammoth less to read."""

    root: Xml
    styles: Styles
    numbers: Numbers
    told: Counter[str]
    #: How far each level of the list that is open has counted; its levels may begin below the first.
    counted: dict[int, int] = field(default_factory=dict)

    def arrange(self) -> str:
        """Style, number and shorten all paragraphs; take the title out and return it."""
        self._join_drop_caps()
        top = self._top_level()
        captions = {id(paragraph) for paragraph in self._captions(top)}
        title = self._title(top, captions)
        self._style_headings([p for p in top if p.getparent() is not None and id(p) not in captions], captions)
        self._mark_table_heads()
        for paragraph in self.root.iter(f"{W}p"):
            for run in paragraph.iter(f"{W}r"):
                self._keep_run_properties(run)
        for paragraph in [*self.root.iter(f"{W}p")]:
            _join_runs(paragraph)
        return title

    def _join_drop_caps(self) -> None:
        """Word keeps a drop capital in a paragraph of its own; it is the first letter of the next."""
        for frame in [*self.root.iter(f"{W}framePr")]:
            capital = ancestor(frame, f"{W}p")
            following = None if capital is None else capital.getnext()
            if following is None or following.tag != f"{W}p" or attribute(frame, "dropCap") not in {"drop", "margin"}:
                continue
            position = 1 if following.find(f"{W}pPr") is not None else 0
            following[position:position] = [] if capital is None else capital.findall(f"{W}r")
            remove(capital)

    def _top_level(self) -> list[Xml]:
        """The paragraphs outside tables, in order; a table stands in as itself."""
        return [e for e in self.root.iter(f"{W}p", f"{W}tbl") if ancestor(e, f"{W}tbl") is None]

    def _captions(self, top: list[Xml]) -> Iterator[Xml]:
        after_picture = False
        for element in top:
            text = words(element) if element.tag == f"{W}p" else ""
            if after_picture and text and not has_picture(element) and self._reads_as_caption(element, text):
                set_style(element, CAPTION)
                after_picture = False
                yield element
            elif text or element.tag == f"{W}tbl":
                after_picture = has_picture(element) and element.tag == f"{W}p"
            else:
                after_picture = after_picture or has_picture(element)

    def _reads_as_caption(self, paragraph: Xml, text: str) -> bool:
        if self.styles.is_caption(paragraph):
            return True
        if len(text) > LONGEST_CAPTION or self.styles.heading_level(paragraph) is not None:
            return False
        if _FIRST_ORDER.match(text) or _SECOND_ORDER.match(text):
            return False
        bold, _face = self.styles.stands_out(paragraph)
        return bool(_CAPTION_START.match(text)) or (self.styles.is_centred(paragraph) and not bold)

    def _title(self, top: list[Xml], captions: set[int]) -> str:
        worded = [element for element in top if words(element) or has_picture(element)]
        if len(worded) < 2 or worded[0].tag != f"{W}p" or has_picture(worded[0]) or id(worded[0]) in captions:
            return ""
        text = words(worded[0])
        is_heading = self.styles.heading_level(worded[0]) is not None
        is_centred = self.styles.is_centred(worded[0]) and not _SENTENCE_END.search(text)
        if len(text) > LONGEST_TITLE or not (is_heading or is_centred):
            return ""
        _move_notes(worded[0], worded[1])
        remove(worded[0])
        return text

    def _style_headings(self, top: list[Xml], captions: set[int]) -> None:
        levels = {id(p): level for p in top if p.tag == f"{W}p" and (level := self._level(p)) is not None}
        ranks = {level: rank for rank, level in enumerate(sorted(set(levels.values())))}
        for element in self.root.iter(f"{W}p", f"{W}tbl"):
            if element.tag == f"{W}tbl":
                self.counted = {}
            elif id(element) in levels:
                self._number(element, as_label=True)
                set_style(element, HEADINGS[min(ranks[levels[id(element)]], len(HEADINGS) - 1)])
            elif id(element) not in captions:
                self._number(element, as_label=False)
                set_style(element, QUOTE if self.styles.is_quote(element) else "")

    def _level(self, paragraph: Xml) -> int | None:
        text = words(paragraph)
        if not text or len(text) > LONGEST_HEADING:
            return None
        level = self.styles.heading_level(paragraph)
        return self._fake_level(paragraph, text) if level is None else level

    def _fake_level(self, paragraph: Xml, text: str) -> int | None:
        """Contacts make headings by hand: bold and centred, or bold (or 黑体) and beginning with 一、 or (一)."""
        if len(text) > LONGEST_FAKE_HEADING or _SENTENCE_END.search(text) or has_picture(paragraph):
            return None
        bold, face = self.styles.stands_out(paragraph)
        level = None
        if (bold or face) and _FIRST_ORDER.match(text):
            level = 1
        elif (bold or face) and _SECOND_ORDER.match(text):
            level = 2
        elif bold and self.styles.is_centred(paragraph):
            level = 1
        self.told["promoted"] += level is not None
        return level

    def _number(self, paragraph: Xml, *, as_label: bool) -> None:
        """Keep a plain list a list; print every other number as text, as Word shows it.

        HTML lists count from 1 without a gap, Word's do not: one interrupted by a paragraph goes on counting.
        """
        counted = self.numbers.next(paragraph) if words(paragraph) or has_picture(paragraph) else None
        properties = paragraph.find(f"{W}pPr/{W}numPr")
        if properties is not None:
            remove(properties)
        if counted is None:
            self.counted = {} if words(paragraph) else self.counted
            return
        numbering, level, count, label = counted
        # A level above those that are open would go on counting theirs.
        fits = level in self.counted or level > max(self.counted, default=-1)
        if numbering.format == "bullet" and not as_label:
            self._list_item(paragraph, BULLETS, level, self.counted.get(level, 0))
        elif not as_label and self._is_plain(numbering) and fits and count == self.counted.get(level, 0) + 1:
            self._list_item(paragraph, DECIMALS, level, count)
        elif numbering.format != "bullet":
            self.counted = {}
            prepend(paragraph, label + ("" if numbering.followed_by_nothing or not label.isascii() else " "))

    def _is_plain(self, numbering: Numbering) -> bool:
        return numbering.format in _LIST_FORMATS and bool(_PLAIN_NUMBER.fullmatch(numbering.text))

    def _list_item(self, paragraph: Xml, number_id: str, level: int, count: int) -> None:
        above = {higher: n for higher, n in self.counted.items() if higher < level}
        depth = len(above)
        self.counted = above | {level: count}
        numbering = new("numPr")
        numbering.extend([new("ilvl", val=str(min(depth, 4))), new("numId", val=number_id)])
        properties_of(paragraph).append(numbering)

    def _mark_table_heads(self) -> None:
        for table in self.root.iter(f"{W}tbl"):
            rows = list(table.iterchildren(f"{W}tr"))
            if (
                len(rows) > 1
                and not any(is_on(row.find(f"{W}trPr/{W}tblHeader")) for row in rows[:1])
                and self._is_bold(rows[0])
            ):
                properties = rows[0].find(f"{W}trPr")
                if properties is None:
                    properties = new("trPr")
                    rows[0].insert(0, properties)
                properties.append(new("tblHeader"))
            for cell in table.iter(f"{W}tcPr"):
                keep_only(cell, _KEPT_CELL_PROPERTIES)

    def _is_bold(self, row: Xml) -> bool:
        paragraphs = [p for p in row.iter(f"{W}p") if words(p)]
        return bool(paragraphs) and all(self.styles.stands_out(p)[0] for p in paragraphs) and not has_picture(row)

    def _keep_run_properties(self, run: Xml) -> None:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return
        character = attribute(properties.find(f"{W}rStyle"))
        names = {name.lower() for name in self.styles.names(character)} if character else set()
        if names & {"strong", "要点", "明显强调", "intense emphasis"}:
            properties.append(new("b"))
        if names & {"emphasis", "强调"}:
            properties.append(new("i"))
        if is_on(properties.find(f"{W}dstrike")):
            properties.append(new("strike"))
        keep_only(properties, _KEPT_RUN_PROPERTIES)
        for switch in [switch for switch in properties if attribute(switch).lower() in OFF]:
            properties.remove(switch)


def _move_notes(title: Xml, following: Xml) -> None:
    """The notes of a title go to the end of what follows it: the title leaves the body, and they would with it."""
    references = [*title.iter(f"{W}footnoteReference", f"{W}endnoteReference")]
    for reference, target in ((each, next(following.iter(f"{W}p"))) for each in references):
        run = new("r")
        run.append(reference)
        target.append(run)


def _join_runs(paragraph: Xml) -> None:
    """Word cuts a sentence into a run per keystroke session; joined, it is read several times faster."""
    previous: Xml | None = None
    pieces: list[str] = []
    for run in [*paragraph.iterchildren()]:
        if run.tag in {f"{W}proofErr", f"{W}bookmarkStart", f"{W}bookmarkEnd", f"{W}lastRenderedPageBreak"}:
            paragraph.remove(run)
        elif previous is not None and run.tag == f"{W}r" and _looks(run) == _looks(previous):
            pieces.append(_text_of(run))
            paragraph.remove(run)
        else:
            _write(previous, pieces)
            previous = run if run.tag == f"{W}r" and _is_text_only(run) else None
            pieces = [] if previous is None else [_text_of(previous)]
    _write(previous, pieces)


def _text_of(run: Xml) -> str:
    return "".join(run.itertext(f"{W}t", with_tail=False))


def _write(run: Xml | None, pieces: list[str]) -> None:
    if run is not None and len(pieces) > 1:
        run.find(f"{W}t").text = "".join(pieces)


def _is_text_only(run: Xml) -> bool:
    return [child.tag for child in run if child.tag != f"{W}rPr"] == [f"{W}t"]


def _looks(run: Xml) -> tuple[tuple[str, str], ...] | None:
    """How a run of nothing but text looks; nothing for any other run, which therefore equals no other."""
    if not _is_text_only(run):
        return None
    properties = run.find(f"{W}rPr")
    return tuple(sorted((p.tag, attribute(p)) for p in (() if properties is None else properties)))
