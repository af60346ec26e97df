"""Word fields written the one way mammoth reads: links, and the boxes of a form as the signs Word shows."""

from __future__ import annotations

import re

from services.manuscript.word_package import Xml
from services.manuscript.word_tree import W, ancestor, attribute, is_on, new, replace, text_element

_ADDRESS = re.compile(r'\s*HYPERLINK\s+(?:\\l\s+)?"[^"]*"')


def rewrite_fields(root: Xml) -> None:
    """Rewrite the fields of a story in place."""
    _unfold_simple_links(root)
    _tick_boxes(root)
    _join_instructions(root)
    for instruction in root.iter(f"{W}instrText"):
        # mammoth takes all up to the last quotation mark for the address: switches with a quoted value too.
        address = _ADDRESS.match(instruction.text or "")
        instruction.text = address[0] if address else instruction.text


def _unfold_simple_links(root: Xml) -> None:
    for link in [field for field in root.iter(f"{W}fldSimple") if "HYPERLINK" in attribute(field, "instr")]:
        begin, separate, end = (_run(new("fldChar", fldCharType=kind)) for kind in ("begin", "separate", "end"))
        instruction = new("instrText")
        instruction.text = attribute(link, "instr")
        replace(link, [begin, _run(instruction), separate, *link, end])


def _tick_boxes(root: Xml) -> None:
    for box in [*root.iter(f"{W}checkBox")]:
        character = ancestor(box, f"{W}fldChar")
        state = box.find(f"{W}checked")
        if character is not None:
            is_ticked = is_on(box.find(f"{W}default") if state is None else state)
            character.addprevious(text_element("☑" if is_ticked else "☐"))


def _join_instructions(root: Xml) -> None:
    """Word cuts an instruction into several, as it does sentences."""
    first: Xml | None = None
    for part in root.iter(f"{W}fldChar", f"{W}instrText"):
        if part.tag == f"{W}fldChar":
            first = None
        elif first is None:
            first = part
        else:
            first.text, part.text = (first.text or "") + (part.text or ""), ""


def _run(content: Xml) -> Xml:
    run = new("r")
    run.append(content)
    return run
