"""The body's editor: what an author types or pastes, as the one canonical HTML."""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import streamlit as st

from services.errors import Refusal
from services.manuscript import blocks
from services.manuscript.cleaning import clean
from services.manuscript.pictures import LARGEST_UPLOAD

_HERE = Path(__file__).parent
_EDITOR = st.components.v2.component(
    "weishentai_rich_text",
    css=(_HERE / "editor.css").read_text(encoding="utf-8"),
    js=(_HERE / "editor.js").read_text(encoding="utf-8"),
)

#: A picture that came whole with the text, as `source/src/figure.js` writes it. Another spelling is dropped.
_CARRIED_PICTURE = re.compile(
    r'<img src="data:image/[\w.+-]{1,40};base64,(?P<content>[A-Za-z0-9+/=]+)"'
    r' data-pasted="(?P<name>[a-z0-9]{1,40})"'
)
_NO_PLACE = "这里不能粘贴图片：请删去图片，只保留文字。"


@dataclass(frozen=True)
class Remarked:
    """Words of the text that somebody said `text` about; `before` and `after` stood around them then."""

    number: int
    quote: str
    before: str
    after: str
    text: str


def rich_text(
    key: str,
    *,
    html: str,
    picture_address: Callable[[str], str],
    label: str,
    height: int = 520,
    disabled: bool = False,
    keep_picture: Callable[[bytes], str] | None = None,
    remarked: Sequence[Remarked] = (),
) -> str:
    """Draw the editor and return its present text as canonical body HTML, already cleaned.

    `html` is the kept body. Giving back what this function returned changes nothing on the screen; giving
    anything else (an imported Word file, an earlier version) replaces the text there, and undo brings it back.
    `picture_address` gives an address for a stored picture's fingerprint, or "" if this person may not see it;
    it has to give the same address again in the same session, since a change sends the whole editor anew.
    `keep_picture` stores a pasted picture and returns its fingerprint, or raises a `Refusal`, whose sentence
    the editor shows. `remarked` words are marked where they stand; like the addresses they have to stay the same
    while somebody types. `height` is in pixels. If cleaning refuses the text, the editor says why and the last
    accepted text is returned.
    """
    memory = _memory_of(key, html)
    memory.notice(html)
    memory.receive(st.session_state.get(key), keep_picture)
    _EDITOR(
        key=key,
        data={
            "key": key,
            "session": memory.session,
            "rev": memory.rev,
            "html": memory.shown,
            "label": label,
            "height": height,
            "disabled": disabled,
            "largest": LARGEST_UPLOAD,
            "pictures": {sha256: picture_address(sha256) for sha256 in memory.pictures()},
            "kept": memory.kept,
            "refused": memory.refused,
            "refusal": memory.refusal,
            "remarks": [asdict(each) for each in remarked],
        },
        on_draft_change=lambda: None,  # without it Streamlit does not hand the state on
    )
    return memory.accepted


@dataclass
class _Memory:
    """What one session knows of one editor.

    `shown` is the text the browser was last told to show, `given` what the page last passed in, `accepted`
    the cleaned text the browser last sent, `sent` the same before cleaning. `session` and `rev` travel to the
    browser and back, so that a text typed on top of another one is not taken for an answer to this one.
    """

    session: str
    shown: str
    given: str
    accepted: str
    rev: int = 0
    sent: str = ""
    kept: dict[str, str] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    refusal: str = ""

    def notice(self, html: str) -> None:
        """Tell a text from elsewhere from one that the page has kept for us."""
        if html not in {self.given, self.accepted}:
            self.rev += 1
            self.shown = self.accepted = html
            self.sent = self.refusal = ""
        self.given = html

    def receive(self, state: object, keep_picture: Callable[[bytes], str] | None) -> None:
        """Take over what the browser sent, unless it belongs to another text or is nothing we would send."""
        match state:
            case {"draft": {"session": self.session, "rev": self.rev, "html": str(sent)}} if sent != self.sent:
                self.sent = sent
                self._accept(_CARRIED_PICTURE.sub(lambda found: self._stored(found, keep_picture), sent))

    def _accept(self, html: str) -> None:
        try:
            self.accepted = clean(html)
            self.refusal = ""
        except Refusal as refusal:
            self.refusal = refusal.sentence

    def _stored(self, found: re.Match[str], keep_picture: Callable[[bytes], str] | None) -> str:
        name = found["name"]
        if name not in self.kept and name not in self.refused:
            try:
                self.kept[name] = _kept(found["content"], keep_picture)
            except Refusal as refusal:
                self.refused[name] = refusal.sentence
        return f'<img src="asset:{self.kept[name]}"' if name in self.kept else "<img"

    def pictures(self) -> list[str]:
        """Every picture the browser may have to show, in a steady order."""
        named = blocks.picture_hashes(self.shown) + blocks.picture_hashes(self.accepted)
        return sorted({*named, *self.kept.values()})


def _kept(content: str, keep_picture: Callable[[bytes], str] | None) -> str:
    if keep_picture is None:
        raise Refusal(_NO_PLACE)
    try:
        return keep_picture(base64.b64decode(content, validate=True))
    except binascii.Error:
        raise Refusal("粘贴的图片不完整：请先存到电脑，再用工具栏的“图片”放进来。") from None


def _memory_of(key: str, html: str) -> _Memory:
    place = f"{key}:text"
    if place not in st.session_state:
        st.session_state[place] = _Memory(session=secrets.token_hex(4), shown=html, given=html, accepted=html)
    memory: _Memory = st.session_state[place]
    return memory
