"""The seal: a fingerprint of exactly what was read and approved (rule 3.1: 审核通过方可发布)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from models import Content

SEAL_FORM = 1
"""Grows when the form below changes, so that old seals are never compared with new ones by accident."""


def fingerprint(content: Content, *, body: str, pictures: Sequence[str]) -> str:
    """sha256 over title, digest, author, credits, source, normalised body, ordered picture hashes and cover.

    `body` is the normalised serialisation of the body, `pictures` the hashes of its pictures in their order.
    """
    parts = {
        "form": SEAL_FORM,
        "title": content.title.strip(),
        "digest": content.digest.strip(),
        "author": content.author.strip(),
        "photographer": content.photographer.strip(),
        "source": [content.source_kind.value, content.source_name.strip(), content.source_url.strip()],
        "body": body,
        "pictures": list(pictures),
        "cover": content.cover_sha256,
    }
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
