"""Which parts of an item differ between two versions of it: what a review answer has to be looked at again for."""

from __future__ import annotations

from models import Content
from services.manuscript import blocks
from services.rules.checklist import Part


def parts(content: Content) -> dict[Part, tuple[str, ...]]:
    """The content by its parts. Markup that changes no word, picture or link belongs to none."""
    body = blocks.blocks(content.body_html)
    return {
        Part.TITLE: (content.title,),
        Part.TEXT: (content.digest, *(each.text for each in body if each.text)),
        Part.PICTURES: (*(each.picture for each in body if each.picture), content.cover_sha256 or ""),
        Part.LINKS: tuple(link for each in body for link in each.links),
        Part.SOURCE: (content.source_kind.value, content.source_name, content.source_url),
        Part.CREDITS: (content.author, content.photographer),
        Part.ATTACHMENTS: tuple(f"{each['name']} {each['sha256']}" for each in content.attachments),
    }


def changed(old: Content, new: Content) -> frozenset[Part]:
    """The parts that are not the same in both."""
    before, after = parts(old), parts(new)
    return frozenset(part for part in Part if before[part] != after[part])
