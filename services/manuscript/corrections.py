"""更正: a few words of a published text replaced by others, wherever the text is built again."""

from __future__ import annotations

from collections.abc import Iterable

from services.errors import InvalidInput
from services.manuscript.blocks import plain_text
from services.manuscript.repair import Repair, in_body


def corrected(body_html: str, pairs: Iterable[tuple[str, str]]) -> str:
    """The canonical body with each of these words replaced by its correction.

    Raises `InvalidInput` (field `wrong`) where the words are not there, or stand in several places.
    """
    for wrong, right in pairs:
        text = plain_text(body_html)
        count = text.count(wrong)
        if count == 0:
            raise InvalidInput(f"正文里没有“{wrong}”，请从正文里复制要更正的文字。", field="wrong")
        if count > 1:
            raise InvalidInput(f"“{wrong}”在正文里出现 {count} 次，请多写几个字，使它只指一处。", field="wrong")
        start = text.index(wrong)
        body_html = in_body(body_html, Repair(start, start + len(wrong), right))
    return body_html
