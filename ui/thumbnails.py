"""Small pictures in a row, from our own store."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import streamlit as st

from ui import picture_addresses


def draw(pictures: Iterable[tuple[str, str]], *, width: int) -> None:
    """Pictures by fingerprint, each with its caption, `width` pixels wide."""
    figures = "".join(
        f'<figure style="margin:0;width:{width}px;max-width:100%">'
        f'<img src="{escape(picture_addresses.address(sha256))}" alt="{escape(caption)}"'
        ' style="width:100%;border-radius:4px;display:block">'
        f'<figcaption style="font-size:.8rem;opacity:.7">{escape(caption)}</figcaption></figure>'
        for sha256, caption in pictures
    )
    st.html(f'<div style="display:flex;flex-wrap:wrap;gap:12px;align-items:flex-end">{figures}</div>')
