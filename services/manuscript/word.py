"""Manuscripts in: Word files, pasted HTML and plain text become one canonical body and its pictures."""

from __future__ import annotations

import io
from dataclasses import dataclass
from html import escape

import mammoth

from services.manuscript.cleaning import clean
from services.manuscript.pictures import Picture, process_picture


@dataclass(frozen=True)
class ReadDocument:
    """What a file contained: `html` is canonical, `warnings` are Chinese sentences for the author."""

    title: str
    html: str
    pictures: tuple[Picture, ...]
    warnings: tuple[str, ...]


def read_word(content: bytes, file_name: str) -> ReadDocument:
    pictures: dict[str, Picture] = {}

    def keep(image: mammoth.documents.Image) -> dict[str, str]:
        with image.open() as f:
            picture = process_picture(f.read(), file_name)
        pictures[picture.sha256] = picture
        return {"src": f"asset:{picture.sha256}"}

    result = mammoth.convert_to_html(
        io.BytesIO(content), convert_image=mammoth.images.img_element(keep), include_embedded_style_map=False
    )
    return ReadDocument("", clean(result.value), tuple(pictures.values()), ())


def read_text(text: str) -> ReadDocument:
    html = "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
    return ReadDocument("", clean(html), (), ())


def read_html(text: str) -> ReadDocument:
    return ReadDocument("", clean(text), (), ())


def read_manuscript(content: bytes, file_name: str) -> ReadDocument:
    return read_word(content, file_name)
