"""图片: adding a picture to a submission. The file is kept once by its hash, the row says whose it is."""

from __future__ import annotations

from sqlmodel import select

from models import WITH_AUTHOR, Action, Asset, Submission
from services.errors import NotAllowed, NotFound, WrongState
from services.manuscript.pictures import Picture
from services.ports import AssetStore
from services.queries import standings
from services.rules.permissions import may_see
from services.rules.workflow import standing_for, step_for
from services.unit_of_work import UnitOfWork


def add(work: UnitOfWork, store: AssetStore, *, submission_id: int, picture: Picture) -> Asset:
    """Keep a processed picture for a submission; the same picture twice is one row and one file.

    The author may add while holding the pen, the office where it may adjust. Raises `NotFound`, `WrongState` and
    `NotAllowed`.
    """
    _refuse_strangers(work, submission_id)
    known = work.session.exec(
        select(Asset).where(Asset.submission_id == submission_id, Asset.sha256 == picture.sha256)
    ).first()
    if known is not None:
        return known
    # The file first: a row never points at nothing. A file without a row is only space.
    store.put(picture.content)
    asset = Asset(
        submission_id=submission_id,
        sha256=picture.sha256,
        media_type=picture.media_type,
        width=picture.width,
        height=picture.height,
        size=len(picture.content),
        original_name=picture.original_name,
        added_by_id=work.person_id,
        added_at=work.now,
    )
    work.session.add(asset)
    work.session.flush()
    return asset


def _refuse_strangers(work: UnitOfWork, submission_id: int) -> None:
    submission = work.session.get(Submission, submission_id)
    standing = standings.standing(work.session, submission) if submission else None
    if submission is None or standing is None or not may_see(work.actor, standing):
        raise NotFound("没有找到这篇稿件：它不存在，或不由您办理。请从列表重新打开。")
    if submission.contributor_id == work.actor.id and submission.state in WITH_AUTHOR:
        return
    adjusting = step_for(Action.ADJUST, submission.state)
    if adjusting is None or submission.contributor_id == work.actor.id:
        raise WrongState(f"稿件现在是“{submission.state.label}”，不能再加图片。请刷新页面查看最新状态。")
    if standing_for(adjusting, work.actor, standing) is None:
        raise NotAllowed("图片由作者在写作时、或宣传部办理人在调整时添加，请交给他们。")
