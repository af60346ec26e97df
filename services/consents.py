"""肖像授权登记: who may be shown. Kept by the office, shown masked, opened whole for a reason that is written down."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import PurePath

from sqlalchemy import update
from sqlmodel import col, select

from models import (
    ADOPTED,
    REVIEW_STAGES,
    Asset,
    AuditAction,
    Notice,
    NoticeKind,
    PictureConsent,
    PortraitConsent,
    Publication,
    PublicationState,
    WithdrawalOutcome,
    WithdrawalTask,
)
from services import audit, consent_checks, notices, picture_records, working_calendar
from services.account_files import KINDS, GivenFile
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, UnreadableFile, WrongState
from services.ports import AssetStore
from services.rules.consents import (
    WARN_WITHIN,
    WITHDRAWAL_WORKING_DAYS,
    ConsentFields,
    fault_of,
    masked_name,
)
from services.rules.notice_texts import in_office_hours
from services.rules.office_time import office_day
from services.rules.permissions import Actor, Capability
from services.rules.working_days import add_working_days
from services.secret_box import SecretBox
from services.unit_of_work import UnitOfWork

SCANS = (".pdf", ".jpg", ".jpeg", ".png")
LARGEST_SCAN = 10 * 1024**2  # bytes


@dataclass(frozen=True)
class FullConsent:
    """What is encrypted of a consent, opened."""

    name: str = field(repr=False)
    guardian: str = field(repr=False)
    relation: str
    contact: str = field(repr=False)
    scan_name: str = field(repr=False)


# --- The register ----------------------------------------------------------------------------------------


def record(
    work: UnitOfWork, box: SecretBox, store: AssetStore, *, fields: ConsentFields, scan: GivenFile | None = None
) -> PortraitConsent:
    """Enter a signed consent, with its scan where there is one.

    Raises `NotAllowed`, `InvalidInput` naming the field, `UnreadableFile` for a scan that is none.
    """
    _refuse_others(work.actor)
    fault = fault_of(fields, today=office_day(work.now))
    if fault is not None or fields.signed_on is None or fields.valid_until is None:
        name, sentence = fault or ("signed_on", "请填写日期。")
        raise InvalidInput(sentence, field=name)
    if scan is not None:
        _refuse_strange_scan(scan)
    sealed = {
        "name": fields.name.strip(),
        "guardian": fields.guardian.strip(),
        "relation": fields.relation.strip(),
        "contact": fields.contact.strip(),
        "scan_name": PurePath(scan.name).name if scan else "",
    }
    consent = PortraitConsent(
        shown_name=masked_name(fields.name),
        name_digest=digest_of(box, fields.name),
        school_class=fields.school_class.strip(),
        details_sealed=box.seal(json.dumps(sealed, ensure_ascii=False)),
        age=fields.age,
        scopes=[scope.value for scope in fields.scopes],
        occasion=fields.occasion.strip(),
        may_be_named=fields.may_be_named,
        signed_on=fields.signed_on,
        valid_until=fields.valid_until,
        scan_sha256=store.put(box.seal_bytes(scan.content)) if scan else None,
        recorded_by_id=work.person_id,
        recorded_at=work.now,
    )
    work.session.add(consent)
    work.session.flush()
    details = {"who": consent.shown_name, "scopes": consent.scopes, "until": consent.valid_until.isoformat()}
    audit.record(work, AuditAction.CONSENT_RECORDED, "consent", consent.id, details)
    return consent


def add_scan(
    work: UnitOfWork, box: SecretBox, store: AssetStore, *, consent_id: int, scan: GivenFile
) -> PortraitConsent:
    """Add the scan of the signed paper that was not there when the consent was entered.

    Raises `NotAllowed`, `NotFound`, `UnreadableFile`, and `WrongState` where there is one: paper is not exchanged.
    """
    _refuse_others(work.actor)
    consent = _intact(work, consent_id)
    _refuse_strange_scan(scan)
    work.session.refresh(consent, with_for_update=True)  # of two who add the paper at once, the second is told
    if consent.scan_sha256 is not None:
        raise WrongState("这份授权已有扫描件，不能替换；内容有变请撤回后重新登记。")
    known = json.loads(box.open(consent.details_sealed))
    consent.details_sealed = box.seal(json.dumps({**known, "scan_name": PurePath(scan.name).name}, ensure_ascii=False))
    consent.scan_sha256 = store.put(box.seal_bytes(scan.content))
    work.session.flush()
    audit.record(work, AuditAction.CONSENT_RECORDED, "consent", consent.id, {"who": consent.shown_name, "scan": True})
    return consent


def digest_of(box: SecretBox, name: str) -> str:
    """Finds the consents of a person again by the exact name, and says nothing to whoever lacks the key."""
    return box.signature(f"portrait:{''.join(name.split())}")


def _refuse_strange_scan(scan: GivenFile) -> None:
    kind = PurePath(scan.name).suffix.lower()
    if kind not in SCANS or not scan.content.startswith(KINDS[kind][1]):
        raise UnreadableFile("扫描件请用 PDF、JPG 或 PNG，并确认文件没有损坏。")
    if len(scan.content) > LARGEST_SCAN:
        raise UnreadableFile(f"扫描件超过 {LARGEST_SCAN // 1024**2} MB，请压缩后再上传。")


def open_full(work: UnitOfWork, box: SecretBox, *, consent_id: int, reason: str) -> FullConsent:
    """The whole row, for a reason that stays in the trail (未成年人网络保护条例 36).

    Raises `NotAllowed`, `NotFound`, `ReasonRequired`.
    """
    consent = _opened(work, consent_id, reason, what="details")
    return FullConsent(**json.loads(box.open(consent.details_sealed)))


def open_scan(work: UnitOfWork, box: SecretBox, store: AssetStore, *, consent_id: int, reason: str) -> bytes:
    """The scan of the signed paper; raises as `open_full`."""
    consent = _opened(work, consent_id, reason, what="scan")
    if consent.scan_sha256 is None:
        raise NotFound("这份授权没有扫描件。")
    return box.open_bytes(store.get(consent.scan_sha256))


def _intact(work: UnitOfWork, consent_id: int) -> PortraitConsent:
    """The consent while it still says whose it is. Raises `NotFound`, `WrongState`."""
    consent = _found(work, consent_id)
    if consent.erased_at is not None:
        raise WrongState("这份授权的个人信息已按保存期限删除，只留有编号、范围和日期。")
    return consent


def _opened(work: UnitOfWork, consent_id: int, reason: str, *, what: str) -> PortraitConsent:
    _refuse_others(work.actor)
    consent = _intact(work, consent_id)
    if not reason.strip():
        raise ReasonRequired("查看完整信息须写明用途，它会记入操作日志。")
    details = {"who": consent.shown_name, "what": what, "reason": reason.strip()}
    audit.record(work, AuditAction.CONSENT_OPENED, "consent", consent.id, details)
    return consent


def _found(work: UnitOfWork, consent_id: int) -> PortraitConsent:
    consent = work.session.get(PortraitConsent, consent_id)
    if consent is None:
        raise NotFound("没有找到这份肖像授权，请刷新页面。")
    return consent


def _held(work: UnitOfWork, consent_id: int) -> PortraitConsent:
    """The same, locked: a withdrawal finds the pictures it stops by their links, so nobody changes one meanwhile."""
    _found(work, consent_id)
    return work.session.get_one(PortraitConsent, consent_id, with_for_update=True)


def _refuse_others(actor: Actor) -> None:
    if not actor.may(Capability.KEEP_CONSENTS):
        raise NotAllowed("肖像授权由宣传部的审核员、终审人和发布员登记和保管。")


# --- Pictures --------------------------------------------------------------------------------------------


def link(work: UnitOfWork, *, asset_id: int, consent_id: int) -> PictureConsent:
    """Say that a picture shows the person of a consent; by the item's author, who holds its stage, or a keeper.

    Raises `NotFound`, `NotAllowed`, `WrongState` for a withdrawn consent.
    """
    asset = _asset(work, asset_id)
    consent = _held(work, consent_id)
    if consent.withdrawn_at is not None:
        raise WrongState(f"{consent.shown_name} 的肖像授权已撤回，这张图片不能使用：请换图或打码。")
    _intact(work, consent_id)
    known = work.session.get(PictureConsent, (asset_id, consent_id))
    if known is not None:
        return known
    row = PictureConsent(asset_id=asset_id, consent_id=consent_id, linked_by_id=work.person_id, linked_at=work.now)
    work.session.add(row)
    work.session.flush()
    _write_link(work, AuditAction.CONSENT_LINKED, asset, consent)
    return row


def unlink(work: UnitOfWork, *, asset_id: int, consent_id: int) -> None:
    """Take back a wrong link. One to a withdrawn consent stays: it is why the picture may not be used.

    Raises as `link`.
    """
    asset = _asset(work, asset_id)
    consent = _held(work, consent_id)
    row = work.session.get(PictureConsent, (asset_id, consent_id))
    if row is None:
        raise NotFound("这张图片没有关联这份授权，请刷新页面。")
    if consent.withdrawn_at is not None:
        raise WrongState(f"{consent.shown_name} 的肖像授权已撤回，关联须保留：请换图或打码。")
    work.session.delete(row)
    work.session.flush()
    _write_link(work, AuditAction.CONSENT_UNLINKED, asset, consent)


def _asset(work: UnitOfWork, asset_id: int) -> Asset:
    asset, submission, item = picture_records.known(work, asset_id)
    if not consent_checks.may_link(work.actor, submission, item):
        raise NotAllowed("只有作者、当前环节的办理人和肖像授权的保管人可以关联授权。")
    return asset


def _write_link(work: UnitOfWork, action: AuditAction, asset: Asset, consent: PortraitConsent) -> None:
    details = {"picture": asset.sha256[:12], "consent": consent.id, "who": consent.shown_name}
    audit.record(work, action, "submission", asset.submission_id, details)


# --- Withdrawal ------------------------------------------------------------------------------------------


def withdraw(work: UnitOfWork, *, consent_id: int, reason: str) -> list[WithdrawalTask]:
    """End a consent at once and open a task for every item in review, approved or out that shows the person.

    From here on nothing with these pictures is signed, queued or sent. The publishers are told. Raises
    `NotAllowed`, `NotFound`, `ReasonRequired`, and `StaleState` where it was withdrawn already.
    """
    _refuse_others(work.actor)
    consent = _intact(work, consent_id)
    if not reason.strip():
        raise ReasonRequired("请写明谁在什么时候、以什么方式提出撤回。")
    standing_consents = (col(PortraitConsent.id) == consent_id, col(PortraitConsent.withdrawn_at).is_(None))
    ended = {"withdrawn_at": work.now, "withdrawn_by_id": work.person_id, "withdrawal_reason": reason.strip()}
    claim = update(PortraitConsent).where(*standing_consents).values(**ended)
    if work.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise StaleState("这份授权刚刚已被撤回，请刷新页面查看需要处理的稿件。")
    work.session.refresh(consent)
    today = office_day(work.now)
    due_on = add_working_days(working_calendar.calendar_of(work.session, today), today, WITHDRAWAL_WORKING_DAYS)
    tasks = [
        WithdrawalTask(consent_id=consent_id, submission_id=item.id or 0, opened_at=work.now, due_on=due_on)
        for item in consent_checks.items_showing(work.session, consent_id)
        if item.state in (*REVIEW_STAGES, *ADOPTED)
    ]
    work.session.add_all(tasks)
    work.session.flush()
    details = {"who": consent.shown_name, "reason": reason.strip(), "items": [each.submission_id for each in tasks]}
    audit.record(work, AuditAction.CONSENT_WITHDRAWN, "consent", consent_id, details)
    if tasks:
        _tell_publishers(work, consent, tasks)
    return tasks


def _tell_publishers(work: UnitOfWork, consent: PortraitConsent, tasks: list[WithdrawalTask]) -> list[Notice]:
    return notices.tell(
        work,
        [each.id for each in notices.holding(work, Capability.PUBLISH)],
        NoticeKind.PORTRAIT,
        event=f"consent:{consent.id}:withdrawn",
        subject=("consent", consent.id or 0),
        title=f"有人撤回了肖像授权：{len(tasks)} 篇稿件须在 {tasks[0].due_on} 前撤下或打码",
    )


def settle(work: UnitOfWork, *, task_id: int, outcome: WithdrawalOutcome, note: str = "") -> WithdrawalTask:
    """Say how an item was dealt with.

    Raises `NotAllowed`, `NotFound`, `ReasonRequired` for what only a person can know, `WrongState` for an item
    that is said to be down and still stands somewhere, `StaleState` where somebody was faster.
    """
    _refuse_others(work.actor)
    task = work.session.get(WithdrawalTask, task_id)
    if task is None:
        raise NotFound("没有找到这项待处理的撤回，请刷新页面。")
    if outcome is not WithdrawalOutcome.REMOVED and not note.strip():
        raise ReasonRequired(f"选择“{outcome.label}”须写明怎样处理或核对的。")
    if outcome is WithdrawalOutcome.REMOVED and (places := _still_live(work, task.submission_id)):
        raise WrongState(f"稿件在{'、'.join(places)}仍是“已上线”：请先撤下并登记，再标为已撤下。")
    unsettled = (col(WithdrawalTask.id) == task_id, col(WithdrawalTask.done_at).is_(None))
    done = {"done_at": work.now, "done_by_id": work.person_id, "outcome": outcome, "note": note.strip()}
    claim = update(WithdrawalTask).where(*unsettled).values(**done)
    if work.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE's result has it
        raise StaleState("这篇稿件刚刚已由别人处理，请刷新页面。")
    work.session.refresh(task)
    details = {"consent": task.consent_id, "outcome": outcome.value, "note": note.strip()}
    audit.record(work, AuditAction.CONSENT_SETTLED, "submission", task.submission_id, details)
    return task


def _still_live(work: UnitOfWork, submission_id: int) -> list[str]:
    live = select(Publication).where(
        Publication.submission_id == submission_id, Publication.state == PublicationState.LIVE
    )
    return [each.target.label for each in work.session.exec(live.order_by(col(Publication.id)))]


# --- Reminders -------------------------------------------------------------------------------------------


def remind(work: UnitOfWork) -> list[Notice]:
    """Tell the keepers of consents that end soon, and publishers of withdrawals still open on their last day.

    In office hours only, and each once.
    """
    today = office_day(work.now)
    if not in_office_hours(working_calendar.calendar_of(work.session, today), work.now):
        return []
    return [*_ending(work), *_overdue(work)]


def _ending(work: UnitOfWork) -> list[Notice]:
    today = office_day(work.now)
    ending = (
        select(PortraitConsent)
        .where(
            col(PortraitConsent.id).in_(select(PictureConsent.consent_id)),
            col(PortraitConsent.valid_until).between(today, today + WARN_WITHIN),
            col(PortraitConsent.withdrawn_at).is_(None),
        )
        .order_by(col(PortraitConsent.valid_until), col(PortraitConsent.id))
    )
    by_day: dict[str, list[PortraitConsent]] = {}
    for consent in work.session.exec(ending):
        by_day.setdefault(consent.valid_until.isoformat(), []).append(consent)
    keepers = [each.id for each in notices.holding(work, Capability.KEEP_CONSENTS)] if by_day else []
    return [
        notice
        for day, consents in by_day.items()
        for notice in notices.tell(
            work,
            keepers,
            NoticeKind.PORTRAIT,
            event=f"consents-end:{day}",
            subject=("consent", consents[0].id or 0),
            title=f"{len(consents)} 份肖像授权将于 {day} 到期：请续签，或到期后撤下有关图片",
        )
    ]


def _overdue(work: UnitOfWork) -> list[Notice]:
    late = select(WithdrawalTask).where(
        col(WithdrawalTask.done_at).is_(None), col(WithdrawalTask.due_on) <= office_day(work.now)
    )
    tasks = work.session.exec(late.order_by(col(WithdrawalTask.id))).all()
    if not tasks:
        return []
    whom = [each.id for each in notices.holding(work, Capability.PUBLISH, Capability.APPROVE)]
    return [
        notice
        for task in tasks
        for notice in notices.tell(
            work,
            whom,
            NoticeKind.PORTRAIT,
            event=f"withdrawal-due:{task.id}",
            subject=("consent", task.consent_id),
            title=f"撤回肖像授权的稿件应在 {task.due_on} 前处理，还没有登记结果",
        )
    ]
