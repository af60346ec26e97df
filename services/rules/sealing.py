"""The seal: a fingerprint of exactly what was read and approved (rule 3.1: 审核通过方可发布)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from models import Content

FORM_WITHOUT_ATTACHMENTS, FORM_WITH_ATTACHMENTS = 1, 2
"""The forms below. Each names itself, so that no seal of one is ever a seal of the other, and content without
attachments keeps the form it was always sealed with: seals given before there were any still hold.
"""


def fingerprint(content: Content, *, body: str, pictures: Sequence[str]) -> str:
    """sha256 over title, digest, author, credits, source, normalised body, ordered picture hashes, cover, and the
    names and hashes of the attachments in their order.

    `body` is the normalised serialisation of the body, `pictures` the hashes of its pictures in their order.
    """
    parts: dict[str, Any] = {
        "form": FORM_WITHOUT_ATTACHMENTS,
        "title": content.title.strip(),
        "digest": content.digest.strip(),
        "author": content.author.strip(),
        "photographer": content.photographer.strip(),
        "source": [content.source_kind.value, content.source_name.strip(), content.source_url.strip()],
        "body": body,
        "pictures": list(pictures),
        "cover": content.cover_sha256,
    }
    if content.attachments:
        parts["form"] = FORM_WITH_ATTACHMENTS
        parts["attachments"] = [[each["name"], each["sha256"]] for each in content.attachments]
    canonical = json.dumps(parts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
