"""Word equations as a line of text: (a+b)/c, x², √(2). WeChat knows no formulas; nothing may be lost silently."""

from __future__ import annotations

from collections.abc import Callable

from services.manuscript.word_package import Xml

_M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"

#: A stretch of text and its vertical position: "", "superscript" or "subscript".
Stretch = tuple[str, str]


def linear(element: Xml) -> list[Stretch]:
    """The text of an `m:oMath` element or of anything inside one, in reading order."""
    name = element.tag.removeprefix(_M) if isinstance(element.tag, str) else ""
    return _FORMS.get(name, _all)(element)


def _text(element: Xml) -> list[Stretch]:
    return [(element.text or "", "")]


def _fraction(element: Xml) -> list[Stretch]:
    return [*_bracketed(element, "num"), ("/", ""), *_bracketed(element, "den")]


def _root(element: Xml) -> list[Stretch]:
    return [*_raised(element, "deg", "superscript"), ("√", ""), *_bracketed(element, "e")]


def _script(element: Xml) -> list[Stretch]:
    return [*_part(element, "e"), *_limits(element)]


def _sum(element: Xml) -> list[Stretch]:
    return [(_property(element, "naryPr", "chr", "∫"), ""), *_limits(element), *_part(element, "e")]


def _delimited(element: Xml) -> list[Stretch]:
    opening, closing = _property(element, "dPr", "begChr", "("), _property(element, "dPr", "endChr", ")")
    return [(opening, ""), *_all(element), (closing, "")]


def _matrix(element: Xml) -> list[Stretch]:
    return _separated(
        [_separated([_all(e) for e in row.iter(f"{_M}e")], ", ") for row in element.iter(f"{_M}mr")], "; "
    )


def _array(element: Xml) -> list[Stretch]:
    return _separated([_all(e) for e in element.iterchildren(f"{_M}e")], "; ")


def _separated(parts: list[list[Stretch]], sign: str) -> list[Stretch]:
    return [stretch for place, part in enumerate(parts) for stretch in ([(sign, "")] if place else []) + part]


_FORMS: dict[str, Callable[[Xml], list[Stretch]]] = {
    "t": _text, "f": _fraction, "rad": _root, "sSup": _script, "sSub": _script, "sSubSup": _script, "nary": _sum,
    "d": _delimited, "m": _matrix, "eqArr": _array, f"{_W}t": _text,
}  # fmt: skip


def _limits(element: Xml) -> list[Stretch]:
    return [*_raised(element, "sub", "subscript"), *_raised(element, "sup", "superscript")]


def _all(element: Xml) -> list[Stretch]:
    return [stretch for child in element for stretch in linear(child)]


def _part(element: Xml, name: str) -> list[Stretch]:
    child = element.find(f"{_M}{name}")
    return [] if child is None else _all(child)


def _raised(element: Xml, name: str, position: str) -> list[Stretch]:
    return [(text, position) for text, _ in _part(element, name)]


def _bracketed(element: Xml, name: str) -> list[Stretch]:
    part = _part(element, name)
    return [("(", ""), *part, (")", "")] if len("".join(text for text, _ in part)) > 1 else part


def _property(element: Xml, properties: str, name: str, default: str) -> str:
    child = element.find(f"{_M}{properties}/{_M}{name}")
    return default if child is None else (child.get(f"{_M}val") or "")
