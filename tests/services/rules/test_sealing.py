"""The seal holds for whatever was sealed before there were attachments."""

from __future__ import annotations

from models import Content
from services.rules.sealing import fingerprint

CONTENT = Content(title="标题", digest="摘要", author="小王", cover_sha256="a" * 64)
SEALED_BEFORE_ATTACHMENTS = "e7e2ed2b26011a8076d57621be57f80189f3ee97737e100cd8026fa7be229e31"
"""Of this content, as the first release sealed it."""


def test_a_seal_of_the_first_release_still_holds() -> None:
    assert fingerprint(CONTENT, body="<p>正文</p>", pictures=["b" * 64]) == SEALED_BEFORE_ATTACHMENTS


def test_an_attachment_taken_away_or_slipped_in_breaks_the_seal() -> None:
    attached = CONTENT.model_copy(update={"attachments": [{"name": "名单.xlsx", "sha256": "d" * 64}]})

    sealed = fingerprint(attached, body="<p>正文</p>", pictures=["b" * 64])

    assert sealed != SEALED_BEFORE_ATTACHMENTS
