"""图片检查: what the machine says about the pictures of an item, beside what its author entered about them.

Pictures are read once, outside every transaction, and what was seen is kept by the file's hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from models import (
    ADOPTED,
    Action,
    Asset,
    Content,
    FindingLevel,
    PictureRecord,
    PictureTraits,
    ReviewDecision,
    Revision,
    Submission,
    SubmissionState,
)
from services.manuscript import blocks
from services.manuscript.covers import plain_cover
from services.screening.addresses import TRUSTED, domain_of, is_trusted
from services.screening.catalogue import rule as catalogue_rule
from services.screening.marks import Mark
from services.screening.picture_reading import SAME_PICTURE, distance, look

if TYPE_CHECKING:
    from services.bootstrap import Runtime

NARROWEST = 600  # pixels; below it a picture looks blurred on a phone
COVER_RATIO = 2.35
COVER_TOLERANCE = 0.02
FIELD = "picture:"


def read_pictures(runtime: Runtime, *, submission_id: int) -> int:
    """Look at the pictures of an item that nobody looked at yet; how many. A tenth of a second for each."""
    with runtime.reading() as session:
        added = session.exec(select(Asset.sha256).where(Asset.submission_id == submission_id)).all()
        known = set(session.exec(select(PictureTraits.sha256).where(col(PictureTraits.sha256).in_(added))))
    fresh = [_traits(sha256, runtime.assets.get(sha256)) for sha256 in added if sha256 not in known]
    with runtime.as_system() as work:
        for each in fresh:
            work.session.merge(each)
    return len(fresh)


def _traits(sha256: str, content: bytes) -> PictureTraits:
    seen = look(content)
    return PictureTraits(
        sha256=sha256, likeness=seen.likeness, codes=list(seen.codes), width=seen.width, height=seen.height
    )


def marks(session: Session, submission_id: int, content: Content, *, trusted: tuple[str, ...] = TRUSTED) -> list[Mark]:
    """The marks of all pictures of the content, in reading order, the cover last. `trusted` are the domains a code
    may lead to.
    """
    shown = list(dict.fromkeys([*blocks.picture_hashes(content.body_html), content.cover_sha256 or ""]))
    traits = {each.sha256: each for each in _rows(session, shown)}
    records = recorded(session, submission_id)
    reused = _used_before(session, submission_id, [each for each in traits.values() if each.sha256 not in records])
    return [
        mark
        for sha256 in shown
        if (seen := traits.get(sha256)) is not None
        for mark in _marks_of(
            seen,
            is_cover=sha256 == content.cover_sha256,
            trusted=trusted,
            earlier=reused.get(sha256),
        )
    ]


def version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of the pictures it looked at; nothing where there was nothing to say."""
    if not found:
        return {}
    written = "\n".join(f"{each.rule} {each.field} {each.digest} {each.suggestion}" for each in found)
    return {"pictures": hashlib.sha256(written.encode()).hexdigest()[:12]}


def recorded(session: Session, submission_id: int) -> dict[str, PictureRecord]:
    """What was entered about the pictures of an item, by their fingerprints."""
    rows = session.exec(
        select(Asset.sha256, PictureRecord)
        .join(PictureRecord, col(PictureRecord.asset_id) == col(Asset.id))
        .where(Asset.submission_id == submission_id)
    )
    return dict(rows.all())


def _rows(session: Session, hashes: Sequence[str]) -> Sequence[PictureTraits]:
    return session.exec(select(PictureTraits).where(col(PictureTraits.sha256).in_(hashes))).all()


def _marks_of(seen: PictureTraits, *, is_cover: bool, trusted: tuple[str, ...], earlier: Use | None) -> Iterator[Mark]:
    yield from (_code_mark(seen, code, trusted) for code in seen.codes)
    yield from _size_marks(seen, is_cover=is_cover)
    if earlier is not None:
        yield _reuse_mark(seen, earlier)


def _code_mark(seen: PictureTraits, code: str, trusted: tuple[str, ...]) -> Mark:
    if is_trusted(code, trusted):
        advice = f"图中二维码指向 {domain_of(code)}，请扫码核对内容。"
        return _mark(seen, "image.qr", FindingLevel.INFO, code, advice)
    place = domain_of(code) or "一段文字"
    advice = f"图中二维码指向 {place}，不在可信域名之内：请扫码核对，确需保留请写明理由。"
    return _mark(seen, "image.qr", FindingLevel.WARN, code, advice)


def _size_marks(seen: PictureTraits, *, is_cover: bool) -> Iterator[Mark]:
    size = f"{seen.width}×{seen.height}"
    if seen.width < NARROWEST:
        yield _mark(seen, "image.size", FindingLevel.INFO, size, f"图片宽不足 {NARROWEST} 像素，手机上会模糊。")
    if is_cover and abs(seen.width / seen.height / COVER_RATIO - 1) > COVER_TOLERANCE:
        yield _mark(seen, "image.size", FindingLevel.INFO, size, "封面建议 2.35:1（如 900×383），否则会被裁切。")


# --- Pictures of other items -----------------------------------------------------------------------------


class Fate(Enum):
    """What became of an item that showed a picture; what weighs most comes first. The value ends up in a sentence."""

    OUT = "已通过或已发布的一篇稿件"
    UNDER_WAY = "正在办理、还没有发布的一篇稿件"
    NEVER_OUT = "没有发出的一篇稿件（已撤回或未采用）"

    @staticmethod
    def of(state: SubmissionState, *, was_released: bool) -> Fate:
        """An item that was taken down and then withdrawn was out nevertheless."""
        if was_released or state in ADOPTED:
            return Fate.OUT
        return Fate.NEVER_OUT if state in GIVEN_UP else Fate.UNDER_WAY


GIVEN_UP = (SubmissionState.WITHDRAWN, SubmissionState.REJECTED)


@dataclass(frozen=True)
class Use:
    """Another item that shows a picture: its id, and what became of it."""

    submission_id: int
    fate: Fate


def _reuse_mark(seen: PictureTraits, earlier: Use) -> Mark:
    """Whoever reads the mark may not see the other item: it carries no word of it, only its id for the read."""
    said = f"这张图片与{earlier.fate.value}里的相同或相近："
    recognised = f"submission {earlier.submission_id}"
    if earlier.fate is Fate.NEVER_OUT:
        # Nobody has seen it yet. What is answered here says nothing of an item that goes out later.
        advice = f"{said}图片没有公开过，请照常登记来源和授权。"
        mark = _mark(seen, "image.reused", FindingLevel.INFO, "没有发出的稿件用过", advice)
        return replace(mark, digest=f"{recognised} never out", related_id=earlier.submission_id)
    quote = "以往稿件用过" if earlier.fate is Fate.OUT else "别的稿件正在用"
    mark = _mark(seen, "image.reused", FindingLevel.WARN, quote, f"{said}请登记图片来源和授权，或换一张。")
    return replace(mark, digest=recognised, related_id=earlier.submission_id)


def _used_before(session: Session, submission_id: int, pictures: Sequence[PictureTraits]) -> dict[str, Use]:
    """The use of each of these pictures in another item that weighs most, the oldest of several; where there is one.

    Only what was handed in counts, and only while the version handed in shows the picture: a file that was added and
    taken out again was never used.
    """
    asked = [each for each in pictures if each.likeness and each.sha256 != plain_cover_sha256()]
    if not asked:
        return {}
    shown_in = cache(lambda earlier: _shown_by(session, earlier))
    fates = list(Fate)
    found: dict[str, Use] = {}
    for picture, uses in _alike(session, submission_id, asked).items():
        uses.sort(key=lambda each: (fates.index(each[0].fate), each[0].submission_id))
        real = next((use for use, sha256 in uses if sha256 in shown_in(use.submission_id)), None)
        if real is not None:
            found[picture] = real
    return found


def _alike(session: Session, submission_id: int, pictures: Sequence[PictureTraits]) -> dict[str, list[tuple[Use, str]]]:
    """By picture, the files of other items that look like it, with the item of each."""
    columns: Any = (PictureTraits.likeness, PictureTraits.sha256, Submission.id, Submission.state, _was_released())
    rows = session.exec(
        select(*columns)
        .join(Asset, col(Asset.sha256) == col(PictureTraits.sha256))
        .join(Submission, col(Submission.id) == col(Asset.submission_id))
        .where(
            Asset.submission_id != submission_id,
            col(Submission.submitted_at).is_not(None),
            PictureTraits.likeness != "",
        )
    )
    alike: dict[str, list[tuple[Use, str]]] = {}
    for likeness, sha256, earlier, state, was_released in rows:
        for each in pictures:
            if distance(likeness, each.likeness) <= SAME_PICTURE:
                use = Use(earlier, Fate.of(state, was_released=was_released))
                alike.setdefault(each.sha256, []).append((use, sha256))
    return alike


def _was_released() -> ColumnElement[bool]:
    released = select(ReviewDecision.id).where(
        ReviewDecision.submission_id == Submission.id, ReviewDecision.action == Action.RELEASE
    )
    return released.exists()


def _shown_by(session: Session, submission_id: int) -> frozenset[str]:
    """The pictures in the version of an item that was handed in last."""
    handed_in: Any = (
        select(Revision.body_html, Revision.cover_sha256)
        .join(Submission, col(Submission.revision_id) == col(Revision.id))
        .where(Submission.id == submission_id)
    )
    return frozenset(
        sha256
        for body_html, cover in session.exec(handed_in)
        for sha256 in (*blocks.picture_hashes(body_html), cover or "")
    )


@cache
def plain_cover_sha256() -> str:
    """The cover that every item without a picture gets."""
    return plain_cover().sha256


def _mark(seen: PictureTraits, rule: str, level: FindingLevel, quote: str, suggestion: str) -> Mark:
    return Mark(
        rule=rule,
        level=level,
        quote=quote,
        start=0,
        end=0,
        clause=catalogue_rule(rule).clause,
        suggestion=suggestion,
        field=f"{FIELD}{seen.sha256[:12]}",
    )
