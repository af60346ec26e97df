"""What reading a manuscript gives, whatever it was written in."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from services.manuscript.pictures import Picture


@dataclass(frozen=True)
class ReadDocument:
    """What a file contained: `html` is canonical, `warnings` are Chinese sentences for the author."""

    title: str
    html: str
    pictures: tuple[Picture, ...]
    warnings: tuple[str, ...]

    def body_under(self, title: str) -> str:
        """The body for an item of this title: the file's own title is kept as its first heading unless it says
        the same, so that no words of the file are lost.
        """
        if not self.title or _letters(self.title) == _letters(title):
            return self.html
        return f"<h2>{escape(self.title)}</h2>{self.html}"


def _letters(text: str) -> str:
    return "".join(text.split())
