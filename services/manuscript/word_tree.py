"""WordprocessingML in small moves, so that reading it elsewhere reads like the office's words."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from lxml import etree  # type: ignore[import-untyped]  # it publishes no types

from services.manuscript.word_package import Relationship, Xml

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
V = "{urn:schemas-microsoft-com:vml}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
RELATIONSHIPS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
DGM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_NAMESPACES = {"w": W[1:-1], "a": A[1:-1], "r": R[1:-1], "wp": WP[1:-1], "pic": PIC[1:-1]}

OFF = {"0", "false", "off", "none", "baseline"}


def attribute(element: Xml | None, name: str = "val") -> str:
    """A `w:` attribute, empty if the element or the attribute is missing."""
    return "" if element is None else str(element.get(f"{W}{name}") or "")


def is_on(element: Xml | None) -> bool:
    """A Word switch such as `w:b`: present and not turned off."""
    return element is not None and attribute(element).lower() not in OFF


def new(tag: str, **attributes: str) -> Xml:
    """A `w:` element with `w:` attributes."""
    return etree.Element(f"{W}{tag}", {f"{W}{name}": value for name, value in attributes.items()}, nsmap=_NAMESPACES)


def words(element: Xml) -> str:
    """The text of a paragraph or table on one line; a line break or a tab parts words as a blank does."""
    pieces = (part.text or "" if part.tag == f"{W}t" else " " for part in element.iter(f"{W}t", f"{W}br", f"{W}tab"))
    return " ".join("".join(pieces).replace("\u3000", " ").split())


def has_picture(element: Xml) -> bool:
    return next(element.iter(f"{A}blip"), None) is not None


def ancestor(element: Xml, tag: str) -> Xml | None:
    return next(element.iterancestors(tag), None)


def remove(element: Xml) -> None:
    """Remove an element; text after it belongs to nobody in WordprocessingML."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def replace(element: Xml, others: list[Xml]) -> None:
    parent = element.getparent()
    if parent is None:
        return
    position = parent.index(element)
    parent[position : position + 1] = others


def keep_only(properties: Xml, tags: set[str]) -> None:
    for child in [child for child in properties if child.tag not in tags]:
        properties.remove(child)


def properties_of(paragraph: Xml) -> Xml:
    properties = paragraph.find(f"{W}pPr")
    if properties is None:
        properties = etree.Element(f"{W}pPr")
        paragraph.insert(0, properties)
    return properties


def set_style(paragraph: Xml, style: str) -> None:
    properties = properties_of(paragraph)
    # A paragraph deleted in a revision goes on being one: mammoth joins it with the next.
    keep_only(properties, {f"{W}numPr", f"{W}rPr"})
    if style:
        properties.insert(0, etree.Element(f"{W}pStyle", {f"{W}val": style}))


def text_element(text: str) -> Xml:
    element = etree.Element(f"{W}t", nsmap=_NAMESPACES)
    element.text = text
    return element


def paragraph_element(text: str) -> Xml:
    paragraph = etree.Element(f"{W}p", nsmap=_NAMESPACES)
    paragraph.append(run_element(text))
    return paragraph


def run_element(text: str, position: str = "") -> Xml:
    run = etree.Element(f"{W}r", nsmap=_NAMESPACES)
    if position:
        etree.SubElement(etree.SubElement(run, f"{W}rPr"), f"{W}vertAlign").set(f"{W}val", position)
    run.append(text_element(text))
    return run


def prepend(paragraph: Xml, label: str) -> None:
    paragraph.insert(1 if paragraph.find(f"{W}pPr") is not None else 0, run_element(label))


_PICTURE = """<w:drawing {spaces}><wp:inline><wp:docPr descr="{alt}"/><a:graphic><a:graphicData><pic:pic>\
<pic:blipFill><a:blip r:embed="{identity}"/></pic:blipFill></pic:pic></a:graphicData></a:graphic>\
</wp:inline></w:drawing>"""


def inline_picture(identity: str, alt: str) -> Xml:
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    return etree.fromstring(_PICTURE.format(spaces=spaces, alt=escape(alt), identity=escape(identity)))


def serialised(root: Xml) -> bytes:
    """A part as bytes."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def relationships_part(relationships: Iterable[tuple[str, Relationship]]) -> bytes:
    """A relationships part."""
    root = etree.Element(f"{RELATIONSHIPS}Relationships")
    for identity, related in relationships:
        row = {"Id": identity, "Type": f"{R[1:-1]}/{related.kind}", "Target": related.target}
        mode = {"TargetMode": "External"} if related.external else {}
        etree.SubElement(root, f"{RELATIONSHIPS}Relationship", {**row, **mode})
    return serialised(root)
