"""图片检查: what the machine says about the pictures of an item, beside what its author entered about them.

Pictures are read once, outside every transaction, and what was seen is kept by the file's hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from sqlmodel import Session, col, select

from models import Asset, Content, FindingLevel, PictureRecord, PictureTraits, Submission
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


def _marks_of(seen: PictureTraits, *, is_cover: bool, trusted: tuple[str, ...], earlier: int | None) -> Iterator[Mark]:
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


def _reuse_mark(seen: PictureTraits, earlier: int) -> Mark:
    """Whoever reads the mark may not see the earlier item: it carries no word of it, only its id for the read."""
    advice = "这张图片与以往一篇稿件里的相同或相近：请登记图片来源和授权，或换一张。"
    mark = _mark(seen, "image.reused", FindingLevel.WARN, "以往稿件用过", advice)
    return replace(mark, digest=f"submission {earlier}", related_id=earlier)


def _used_before(session: Session, submission_id: int, pictures: Sequence[PictureTraits]) -> dict[str, int]:
    """The first other item that was handed in with each of these pictures, where there is one."""
    asked = [each for each in pictures if each.likeness and each.sha256 != plain_cover_sha256()]
    if not asked:
        return {}
    rows = session.exec(
        select(PictureTraits.likeness, Asset.submission_id)
        .join(Asset, col(Asset.sha256) == col(PictureTraits.sha256))
        .join(Submission, col(Submission.id) == col(Asset.submission_id))
        .where(
            Asset.submission_id != submission_id,
            col(Submission.submitted_at).is_not(None),
            PictureTraits.likeness != "",
        )
        .order_by(col(Asset.submission_id))
    )
    found: dict[str, int] = {}
    for likeness, earlier in rows:
        for each in asked:
            if each.sha256 not in found and distance(likeness, each.likeness) <= SAME_PICTURE:
                found[each.sha256] = earlier
    return found


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
