"""图中文字: what the machine marked in the writing of pictures. The writing itself is never kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlmodel import Session, col, select

from models import Content, FindingLevel, PictureReading
from services import consent_checks, picture_checks
from services.screening.attached_files import RULES_HERE, gathered
from services.screening.catalogue import rule as catalogue_rule
from services.screening.engine import Screener
from services.screening.marks import Mark

PLACE = "图中文字"


def screened(screener: Screener, text: str, *, today: date) -> list[dict[str, Any]]:
    """The marks of what was read in a picture, as they are kept: personal data masked, without the text."""
    found = screener.screen_text(text, today=today).marks
    here = [replace(mark, start=0, end=0, place=PLACE, replacement=None) for mark in found if _counts(mark)]
    return [_written(mark) for mark in gathered(here)]


def _counts(mark: Mark) -> bool:
    return mark.rule.startswith(RULES_HERE)


def given_up() -> list[dict[str, Any]]:
    """The mark of a picture that could not be read."""
    rule = "image.unread"
    advice = "这张图片里的文字没有读成：图中有名单、证件或表格时，请人工核对。"
    mark = Mark(rule, FindingLevel.INFO, "图片", 0, 0, catalogue_rule(rule).clause, advice, place=PLACE)
    return [_written(mark)]


def lists_of(screener: Screener) -> str:
    """Which lists something was read with, in a word: a picture is read again when they change."""
    return hashlib.sha256(repr(sorted(screener.screen_text("").versions.items())).encode()).hexdigest()[:16]


def marks(session: Session, content: Content) -> list[Mark]:
    """The marks of the writing in all pictures of a version that were read so far, in reading order."""
    shown = consent_checks.shown_in(content)
    rows = session.exec(select(PictureReading).where(col(PictureReading.sha256).in_(shown)))
    readings = {each.sha256: each for each in rows}
    return [
        replace(_read_again(kept), field=f"{picture_checks.FIELD}{sha256[:12]}")
        for sha256 in shown
        if (reading := readings.get(sha256)) is not None
        for kept in reading.marks
    ]


def version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of the writing it looked at; nothing where there was nothing to say."""
    if not found:
        return {}
    return {"picture_text": hashlib.sha256("\n".join(map(repr, found)).encode()).hexdigest()[:12]}


def _written(mark: Mark) -> dict[str, Any]:
    return {**asdict(mark), "level": mark.level.value}


def _read_again(kept: dict[str, Any]) -> Mark:
    return Mark(**{**kept, "level": FindingLevel.of(kept["level"])})
