"""What consents mean for an item: the marks on its pictures, and the gate that nothing withdrawn passes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date

from sqlmodel import Session, col, select

from models import (
    WITH_AUTHOR,
    Asset,
    Content,
    Draft,
    FindingLevel,
    PictureConsent,
    PictureRecord,
    PictureTraits,
    PortraitConsent,
    Revision,
    Submission,
    Target,
)
from services import picture_checks, picture_records
from services.errors import WrongState
from services.manuscript import blocks
from services.rules.consents import gap_of
from services.rules.permissions import Actor, Capability, Standing
from services.screening.catalogue import rule as catalogue_rule
from services.screening.marks import Mark
from services.screening.picture_reading import SAME_PICTURE, distance

PLACES = (Target.WECHAT, Target.SITE)
"""Where an item goes unless somebody chooses otherwise."""


def may_link(actor: Actor, submission: Submission, item: Standing) -> bool:
    """Whether somebody may say who is in a picture: its author while writing, who holds the stage, a keeper."""
    if actor.may(Capability.KEEP_CONSENTS) and submission.state not in WITH_AUTHOR:
        return True
    return picture_records.may_record(actor, submission, item)


def linked(session: Session, submission_id: int) -> dict[str, list[PortraitConsent]]:
    """The consents of the pictures of an item, by the pictures' hashes."""
    rows = session.exec(
        select(Asset.sha256, PortraitConsent)
        .join(PictureConsent, col(PictureConsent.asset_id) == col(Asset.id))
        .join(PortraitConsent, col(PortraitConsent.id) == col(PictureConsent.consent_id))
        .where(Asset.submission_id == submission_id)
        .order_by(col(PictureConsent.linked_at), col(PortraitConsent.id))
    )
    found: dict[str, list[PortraitConsent]] = {}
    for sha256, consent in rows:
        found.setdefault(sha256, []).append(consent)
    return found


def marks(session: Session, submission_id: int, content: Content, *, day: date) -> list[Mark]:
    """What consents leave open in the pictures of a version that goes out on a day, in reading order."""
    shown = shown_in(content)
    records = picture_checks.recorded(session, submission_id)
    consents = linked(session, submission_id)
    withdrawn = _withdrawn(session)
    likenesses = _likenesses(session, shown) if withdrawn else {}
    return [
        mark
        for sha256 in shown
        for mark in (
            *(_mark(sha256, *doubt) for doubt in _doubts(records.get(sha256), consents.get(sha256, ()), day=day)),
            *_resemblances(sha256, likenesses.get(sha256, ""), withdrawn, linked_to=consents.get(sha256, ())),
        )
    ]


def version(found: Sequence[Mark]) -> dict[str, str]:
    """What a run says of the consents it looked at; nothing where there was nothing to say."""
    if not found:
        return {}
    written = "\n".join(f"{each.level} {each.field} {each.suggestion}" for each in found)
    return {"consents": hashlib.sha256(written.encode()).hexdigest()[:12]}


def _doubts(
    record: PictureRecord | None, consents: Sequence[PortraitConsent], *, day: date
) -> Iterator[tuple[FindingLevel, str, str]]:
    """What the consents of one picture leave open: the level, whom it concerns, and what to do."""
    if record is not None and record.has_minors and not consents:
        advice = "图中有可辨认的未成年人：请在“图片来源登记”里关联每一位的肖像授权；没有登记的，请写明核对情况。"
        yield FindingLevel.WARN, "未关联授权", advice
    for consent in consents:
        gap = gap_of(consent, day=day, targets=PLACES)
        if gap:
            level = FindingLevel.BLOCK if consent.withdrawn_at else FindingLevel.WARN
            remedy = "请换图或打码" if consent.withdrawn_at else "请续签或补签，或换一张图片"
            yield level, consent.shown_name, f"{consent.shown_name} 的肖像授权{gap}：{remedy}。"


def _withdrawn(session: Session) -> Sequence[tuple[int, str]]:
    """The withdrawn consents, each with the likeness of a picture it was linked to."""
    rows = session.exec(
        select(PictureConsent.consent_id, PictureTraits.likeness)
        .join(PortraitConsent, col(PortraitConsent.id) == col(PictureConsent.consent_id))
        .join(Asset, col(Asset.id) == col(PictureConsent.asset_id))
        .join(PictureTraits, col(PictureTraits.sha256) == col(Asset.sha256))
        .where(col(PortraitConsent.withdrawn_at).is_not(None), PictureTraits.likeness != "")
        .distinct()
        .order_by(col(PictureConsent.consent_id))
    )
    return rows.all()


def _likenesses(session: Session, hashes: Sequence[str]) -> dict[str, str]:
    rows = session.exec(
        select(PictureTraits.sha256, PictureTraits.likeness).where(col(PictureTraits.sha256).in_(hashes))
    )
    return dict(rows.all())


def _resemblances(
    sha256: str, likeness: str, withdrawn: Sequence[tuple[int, str]], *, linked_to: Sequence[PortraitConsent]
) -> Iterator[Mark]:
    """A question for each withdrawn consent whose picture this one looks like. Likeness is no proof, so it asks and
    does not block; whoever reads it may not know the person, so it gives the consent's number and no name.
    """
    known = {each.id for each in linked_to}
    for consent_id in dict.fromkeys(each for each, other in withdrawn if distance(likeness, other) <= SAME_PICTURE):
        if consent_id not in known:
            number = f"肖像授权 {consent_id} 号"
            advice = (
                f"这张图片与{number}（已撤回）的图片相同或相近：图中是同一人的，请换图或打码；不是的，请写明核对情况。"
            )
            mark = _mark(sha256, FindingLevel.WARN, f"{number}已撤回", advice)
            yield replace(mark, digest=f"consent {consent_id}")


def _mark(sha256: str, level: FindingLevel, quote: str, suggestion: str) -> Mark:
    rule = "image.consent"
    return Mark(
        rule=rule,
        level=level,
        quote=quote,
        start=0,
        end=0,
        clause=catalogue_rule(rule).clause,
        suggestion=suggestion,
        field=f"{picture_checks.FIELD}{sha256[:12]}",
    )


def refuse_withdrawn(session: Session, content: Content) -> None:
    """The gate before anything is signed, queued or sent. No answer to a mark opens it.

    Raises `WrongState`.
    """
    names = session.exec(
        select(PortraitConsent.shown_name)
        .join(PictureConsent, col(PictureConsent.consent_id) == col(PortraitConsent.id))
        .join(Asset, col(Asset.id) == col(PictureConsent.asset_id))
        .where(col(Asset.sha256).in_(shown_in(content)), col(PortraitConsent.withdrawn_at).is_not(None))
        .distinct()
        .order_by(col(PortraitConsent.shown_name))
    ).all()
    if names:
        raise WrongState(f"图片里有人撤回了肖像授权（{'、'.join(names)}）：请先换图或打码，再继续办理。")


def shown_in(content: Content) -> tuple[str, ...]:
    """The pictures of a version in reading order, the cover last, each once."""
    cover = [content.cover_sha256] if content.cover_sha256 else []
    return tuple(dict.fromkeys([*blocks.picture_hashes(content.body_html), *cover]))


def items_showing(session: Session, consent_id: int) -> Sequence[Submission]:
    """Every item whose present version shows a picture of this consent, or one saved from the same picture."""
    own = session.exec(
        select(Asset.sha256)
        .join(PictureConsent, col(PictureConsent.asset_id) == col(Asset.id))
        .where(PictureConsent.consent_id == consent_id)
    ).all()
    alike = _alike(session, set(own))
    holding = select(Asset.submission_id).where(col(Asset.sha256).in_(alike))
    candidates = session.exec(select(Submission).where(col(Submission.id).in_(holding)).order_by(col(Submission.id)))
    return [each for each in candidates if alike.intersection(shown_in(_present(session, each)))]


def _alike(session: Session, hashes: Collection[str]) -> set[str]:
    """These pictures and whatever was saved from them again: halved, brightened, in another format."""
    traits = session.exec(select(PictureTraits.sha256, PictureTraits.likeness)).all()
    likenesses = [likeness for sha256, likeness in traits if sha256 in hashes and likeness]
    return {
        *hashes,
        *(
            sha256
            for sha256, likeness in traits
            if any(distance(likeness, each) <= SAME_PICTURE for each in likenesses)
        ),
    }


def _present(session: Session, submission: Submission) -> Content:
    """What is out or goes out, else what is being reviewed, else the draft."""
    revision_id = submission.sealed_revision_id or submission.revision_id
    return session.get_one(Revision, revision_id) if revision_id else session.get_one(Draft, submission.id)
