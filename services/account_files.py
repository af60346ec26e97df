"""Documents of an account (proof of registration, hand-over form, pledge): checked, kept by their hash, never drawn."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import PurePath

from models import AccountFile, AuditAction, OfficialAccount
from services import audit
from services.errors import NotFound, UnreadableFile
from services.ports import AssetStore
from services.rules.account_life import may_see
from services.unit_of_work import UnitOfWork

LARGEST = 20 * 1024**2
"""Bytes: a scan of several pages fits."""

KINDS: dict[str, tuple[str, bytes]] = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    ".zip": ("application/zip", b"PK"),
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
    ".csv": ("text/csv", b""),
}
"""What may be uploaded, by the end of its name: how it is given out again, and how such a file begins."""


@dataclass(frozen=True)
class GivenFile:
    """A file as somebody handed it in."""

    name: str
    content: bytes = field(repr=False)


def add(work: UnitOfWork, store: AssetStore, *, account: OfficialAccount, label: str, given: GivenFile) -> AccountFile:
    """Keep a document of an account. Raises `UnreadableFile` for a file that is not what its name says."""
    media_type = checked(given)
    row = AccountFile(
        account_id=account.id or 0,
        label=label,
        name=PurePath(given.name).name[:120],
        media_type=media_type,
        sha256=store.put(given.content),
        size=len(given.content),
        added_by_id=work.person_id,
        added_at=work.now,
    )
    work.session.add(row)
    work.session.flush()
    details = {"label": label, "file": row.name, "sha256": row.sha256}
    audit.record(work, AuditAction.ACCOUNT_FILED, "account", account.id, details)
    return row


def checked(given: GivenFile) -> str:
    """The media type of an uploaded file. Raises `UnreadableFile`."""
    kind = KINDS.get(PurePath(given.name).suffix.lower())
    if kind is None:
        raise UnreadableFile("请上传 PDF、图片（JPG、PNG）、Word、Excel、CSV 或 ZIP 文件。")
    if not given.content:
        raise UnreadableFile(f"“{given.name}”是空文件，请重新选择。")
    if len(given.content) > LARGEST:
        raise UnreadableFile(f"“{given.name}”超过 {LARGEST // 1024**2} MB，请压缩后再上传。")
    if not given.content.startswith(kind[1]):
        raise UnreadableFile(f"“{given.name}”的内容与扩展名不符，请确认文件没有损坏。")
    return kind[0]


def content_of(work: UnitOfWork, store: AssetStore, *, file_id: int) -> bytes:
    """The bytes of a document, for who may see its account. Raises `NotFound`."""
    row = work.session.get(AccountFile, file_id)
    account = work.session.get_one(OfficialAccount, row.account_id) if row else None
    if row is None or account is None or not may_see(work.actor, account.owner_department_id):
        raise NotFound("没有找到这份材料：它不存在，或不由您查看。请刷新页面。")
    return store.get(row.sha256)
