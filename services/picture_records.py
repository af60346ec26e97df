"""图片登记: where a picture comes from and what it shows, as its author says. Not part of the seal."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from models import WITH_AUTHOR, Asset, AuditAction, PictureRecord, Submission
from services import audit
from services.errors import InvalidInput, NotAllowed, NotFound
from services.queries import standings
from services.rules.permissions import HOLDS_STAGE, Actor, Standing, may_see
from services.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class RecordFields:
    """What the form of one picture holds. `map_number` is the 审图号 of a map."""

    source: str = ""
    author: str = ""
    licence: str = ""
    has_people: bool = False
    has_minors: bool = False
    has_map: bool = False
    made_by_ai: bool = False
    map_number: str = ""


def save(work: UnitOfWork, *, asset_id: int, fields: RecordFields) -> PictureRecord:
    """Enter what is known of a picture, by its author or whoever holds the item's stage.

    Raises `NotFound`, `NotAllowed`, `InvalidInput`: a source is needed, and for a map its approval number
    (地图管理条例 15).
    """
    asset, submission, item = known(work, asset_id)
    if not may_record(work.actor, submission, item):
        raise NotAllowed("只有作者和当前环节的办理人可以登记图片。")
    if not fields.source.strip():
        raise InvalidInput("请填写图片来源，例如“本校拍摄”。", field="source")
    if fields.has_map and not fields.map_number.strip():
        raise InvalidInput("含地图的图片须填写审图号；没有审图号的地图不能使用。", field="map_number")
    record = work.session.get(PictureRecord, asset_id) or PictureRecord(
        asset_id=asset_id, source="", recorded_by_id=work.person_id, recorded_at=work.now
    )
    for name, value in asdict(fields).items():
        setattr(record, name, value.strip() if isinstance(value, str) else value)
    record.has_people = fields.has_people or fields.has_minors
    record.recorded_by_id, record.recorded_at = work.person_id, work.now
    work.session.add(record)
    work.session.flush()
    details = {"picture": asset.sha256[:12], **asdict(fields)}
    audit.record(work, AuditAction.PICTURE_RECORDED, "submission", asset.submission_id, details)
    return record


def fields_of(record: PictureRecord | None) -> RecordFields:
    """What the form shows."""
    if record is None:
        return RecordFields()
    return RecordFields(**{name: getattr(record, name) for name in asdict(RecordFields())})


def may_record(actor: Actor, submission: Submission, item: Standing) -> bool:
    """Whether somebody may enter what is known of a picture: its author while writing, and who holds the stage."""
    if submission.contributor_id == actor.id and submission.state in WITH_AUTHOR:
        return True
    return any(HOLDS_STAGE.holds(each, item) for each in actor.standings)


def known(work: UnitOfWork, asset_id: int) -> tuple[Asset, Submission, Standing]:
    """A picture of an item the person may know of, with what rights on the item are decided by. Raises `NotFound`."""
    asset = work.session.get(Asset, asset_id)
    submission = work.session.get_one(Submission, asset.submission_id) if asset else None
    item = standings.standing(work.session, submission) if submission else None
    if asset is None or submission is None or item is None or not may_see(work.actor, item):
        raise NotFound("没有找到这张图片：它已删去，或稿件不由您办理。请刷新页面。")
    return asset, submission, item
