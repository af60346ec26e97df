"""What a Word paragraph looks like once its styles are resolved, and the number Word prints before it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from services.manuscript.word_package import Xml
from services.manuscript.word_tree import W, ancestor, attribute, is_on

_HEADING_NAME = re.compile(
    r"(?:heading|标题|標題)\s*([1-9一二三四五六七八九])|([1-9一二三四五六七八九])级标题", re.IGNORECASE
)
_TITLE_NAME = re.compile(r"title|标题|文章标题|文档标题|公文标题|大标题|主标题", re.IGNORECASE)
_CAPTION_NAME = re.compile(r"caption|题注|图注|图题|图片说明|图片标题", re.IGNORECASE)
_QUOTE_NAME = re.compile(r"(?:intense )?quote|block text|引用|明显引用|引文", re.IGNORECASE)
_CHINESE_DIGITS = "一二三四五六七八九"
#: The faces in which official documents set headings without making them bold (GB/T 9704—2012, 7.3.3).
_HEADING_FACES = re.compile(r"黑体|SimHei|小标宋|楷体|KaiTi", re.IGNORECASE)


@dataclass(frozen=True)
class Numbering:
    """How one level of a list counts."""

    format: str
    text: str
    start: int
    followed_by_nothing: bool


@dataclass
class Styles:
    """The styles of a document with what they inherit."""

    root: Xml | None
    by_id: dict[str, Xml] = field(init=False)
    _some_hide: bool = field(init=False)

    def __post_init__(self) -> None:
        styles = [] if self.root is None else list(self.root.iter(f"{W}style"))
        self.by_id = {attribute(style, "styleId"): style for style in reversed(styles)}
        self._some_hide = any(style.find(f"{W}rPr/{W}vanish") is not None for style in styles)

    def chain(self, style_id: str) -> Iterator[Xml]:
        """The style and those it is based on, nearest first."""
        seen: set[str] = set()
        while style_id in self.by_id and style_id not in seen:
            seen.add(style_id)
            yield self.by_id[style_id]
            style_id = attribute(self.by_id[style_id].find(f"{W}basedOn"))

    def names(self, style_id: str) -> list[str]:
        named = [attribute(style.find(f"{W}name")) for style in self.chain(style_id)]
        return named or [style_id]

    def property(self, paragraph: Xml, path: str) -> Xml | None:
        """A paragraph property such as `jc`: its own, else that of the nearest style which sets it."""
        own = paragraph.find(f"{W}pPr")
        for holder in (own, *(style.find(f"{W}pPr") for style in self.chain(style_of(paragraph)))):
            found = None if holder is None else holder.find(f"{W}{path}")
            if found is not None:
                return found
        return None

    def run_property(self, run: Xml, paragraph: Xml, name: str) -> Xml | None:
        """A run property: its own, else of its character style, else of its paragraph's style."""
        own = run.find(f"{W}rPr")
        character = attribute(None if own is None else own.find(f"{W}rStyle"))
        styles = [*self.chain(character), *self.chain(style_of(paragraph))]
        for holder in (own, *(style.find(f"{W}rPr") for style in styles)):
            found = None if holder is None else holder.find(f"{W}{name}")
            if found is not None:
                return found
        return None

    def hides(self, run: Xml) -> bool:
        """Whether Word hides a run: text set as hidden, also by a style such as that of a pasted form's edges."""
        own = run.find(f"{W}rPr/{W}vanish")
        paragraph = ancestor(run, f"{W}p") if own is None and self._some_hide else None
        return is_on(own if paragraph is None else self.run_property(run, paragraph, "vanish"))

    def is_centred(self, paragraph: Xml) -> bool:
        return attribute(self.property(paragraph, "jc")) == "center"

    def heading_level(self, paragraph: Xml) -> int | None:
        """0 for the document's title, 1 to 9 for a heading, nothing for body text."""
        names = self.names(style_of(paragraph))
        for name in names:
            if _TITLE_NAME.fullmatch(name.strip()):
                return 0
            matched = _HEADING_NAME.search(name)
            if matched:
                digit = matched[1] or matched[2]
                return int(digit) if digit.isdecimal() else _CHINESE_DIGITS.index(digit) + 1
        outline = attribute(self.property(paragraph, "outlineLvl"))
        return int(outline) + 1 if outline.isdecimal() and int(outline) < 9 else None

    def is_caption(self, paragraph: Xml) -> bool:
        return any(_CAPTION_NAME.fullmatch(name.strip()) for name in self.names(style_of(paragraph)))

    def is_quote(self, paragraph: Xml) -> bool:
        return any(_QUOTE_NAME.fullmatch(name.strip()) for name in self.names(style_of(paragraph)))

    def stands_out(self, paragraph: Xml) -> tuple[bool, bool]:
        """Whether all words of a paragraph are bold, and whether all are in a face used for headings."""
        runs = [run for run in paragraph.iter(f"{W}r") if "".join(run.itertext(f"{W}t")).strip()]
        bold = all(is_on(self.run_property(run, paragraph, "b")) for run in runs)
        faces = [attribute(self.run_property(run, paragraph, "rFonts"), "eastAsia") for run in runs]
        return bool(runs) and bold, bool(runs) and all(map(_HEADING_FACES.search, faces))


def style_of(paragraph: Xml) -> str:
    return attribute(paragraph.find(f"{W}pPr/{W}pStyle"))


@dataclass
class Numbers:
    """Counts list paragraphs as Word does, in document order."""

    root: Xml | None
    styles: Styles
    counts: dict[str, dict[int, int]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)

    def next(self, paragraph: Xml) -> tuple[Numbering, int, int, str] | None:
        """The level's way of counting, the level, the count and the printed label; nothing outside lists."""
        properties = self.styles.property(paragraph, "numPr")
        number_id = attribute(None if properties is None else properties.find(f"{W}numId"))
        level = self._level(paragraph, properties)
        numbering = self._numbering(number_id, level)
        if numbering is None:
            return None
        counts = self._advance(number_id, level, numbering.start)
        return numbering, level, counts[level], self._label(number_id, numbering, counts)

    def _level(self, paragraph: Xml, properties: Xml | None) -> int:
        given = attribute(None if properties is None else properties.find(f"{W}ilvl"))
        if not given:
            # A heading style's own numbering counts by the style's outline level.
            outline = attribute(self.styles.property(paragraph, "outlineLvl"))
            given = outline
        return min(int(given), 8) if given.isdecimal() else 0

    def _advance(self, number_id: str, level: int, start: int) -> dict[int, int]:
        abstract = self._abstract_id(number_id)
        counts = self.counts.setdefault(abstract, {})
        restart = self._override(number_id, level, "startOverride")
        if number_id not in self.begun and restart is not None:
            counts.pop(level, None)
            start = _number(attribute(restart), start)
        self.begun.add(number_id)
        counts[level] = counts.get(level, start - 1) + 1
        for deeper in [key for key in counts if key > level]:
            del counts[deeper]
        return counts

    def _label(self, number_id: str, numbering: Numbering, counts: dict[int, int]) -> str:
        def printed(placeholder: re.Match[str]) -> str:
            level = int(placeholder[1]) - 1
            own = self._numbering(number_id, level)
            return formatted(counts.get(level, own.start if own else 1), own.format if own else "decimal")

        return re.sub(r"%([1-9])", printed, numbering.text).strip()

    def _numbering(self, number_id: str, level: int) -> Numbering | None:
        element = self._level_element(number_id, level)
        if element is None:
            return None
        return Numbering(
            attribute(element.find(f"{W}numFmt")) or "decimal",
            attribute(element.find(f"{W}lvlText")),
            _number(attribute(element.find(f"{W}start")), 1),
            attribute(element.find(f"{W}suff")) == "nothing",
        )

    def _level_element(self, number_id: str, level: int) -> Xml | None:
        override = self._override(number_id, level, "lvl")
        if override is not None:
            return override
        return _child(self._abstract(self._abstract_id(number_id)), "lvl", "ilvl", str(level))

    def _override(self, number_id: str, level: int, name: str) -> Xml | None:
        override = _child(_child(self.root, "num", "numId", number_id), "lvlOverride", "ilvl", str(level))
        return None if override is None else override.find(f"{W}{name}")

    def _abstract_id(self, number_id: str) -> str:
        number = _child(self.root, "num", "numId", number_id)
        return attribute(None if number is None else number.find(f"{W}abstractNumId"))

    def _abstract(self, abstract_id: str) -> Xml | None:
        return _child(self.root, "abstractNum", "abstractNumId", abstract_id) if abstract_id else None


def _child(parent: Xml | None, name: str, key: str, value: str) -> Xml | None:
    children = () if parent is None else parent.iterchildren(f"{W}{name}")
    return next((child for child in children if attribute(child, key) == value), None)


def _number(text: str, default: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else default


# --- how counts are printed ----------------------------------------------------------------------------

_CHINESE = {
    "chineseCounting",
    "chineseCountingThousand",
    "ideographDigital",
    "japaneseCounting",
    "taiwaneseCounting",
}
_CIRCLED = {"decimalEnclosedCircle", "decimalEnclosedCircleChinese"}


def formatted(count: int, style: str) -> str:
    """A count as `w:numFmt` prints it: 12 as 十二, XII, l, ⑫. Unknown formats print digits."""
    printed = _PRINTERS.get(style, str)(count)
    return "" if style == "none" else printed or str(count)


def _circled(count: int) -> str:
    return chr(0x2460 + count - 1) if 1 <= count <= 20 else ""


def _letter(count: int) -> str:
    return chr(ord("a") + count - 1) if 1 <= count <= 26 else ""


def _full_width(count: int) -> str:
    return "".join(chr(ord(digit) - ord("0") + 0xFF10) for digit in str(count))


def _heavenly_stem(count: int) -> str:
    return "甲乙丙丁戊己庚辛壬癸"[count - 1 : count]


def _chinese(count: int) -> str:
    if not 0 < count < 1000:
        return str(count)
    hundreds, tens, ones = count // 100, count // 10 % 10, count % 10
    digit: tuple[str, ...] = ("", *_CHINESE_DIGITS)
    written = f"{digit[hundreds]}百" if hundreds else ""
    if tens:
        written += f"{digit[tens] if tens > 1 or hundreds else ''}十"
    elif hundreds and ones:
        written += "零"
    return written + digit[ones]


def _roman(count: int) -> str:
    written = ""
    for value, letters in (
        (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
        (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
    ):  # fmt: skip
        written += letters * (count // value)
        count %= value
    return written


_PRINTERS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(_CHINESE, _chinese),
    **dict.fromkeys(_CIRCLED, _circled),
    "upperLetter": lambda count: _letter(count).upper(),
    "lowerLetter": _letter,
    "upperRoman": _roman,
    "lowerRoman": lambda count: _roman(count).lower(),
    "decimalFullWidth": _full_width,
    "ideographTraditional": _heavenly_stem,
}
