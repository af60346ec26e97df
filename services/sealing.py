"""Sealing content: what is read is reduced to its fingerprint, and what goes out must carry the same one."""

from __future__ import annotations

from models import Content
from services.manuscript import blocks
from services.rules import sealing


def fingerprint_of(content: Content) -> str:
    """The fingerprint of a draft or revision; equal content gives an equal fingerprint, however it was saved."""
    return sealing.fingerprint(
        content,
        body=blocks.normalised(content.body_html),
        pictures=blocks.picture_hashes(content.body_html),
    )
