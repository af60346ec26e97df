"""The gate before anything goes out: exactly what was approved, still approved, its files unharmed."""

from __future__ import annotations

from models import Revision, Submission
from services import consent_checks
from services.claims import Claim
from services.errors import SealBroken, WrongState
from services.manuscript import blocks
from services.ports import AssetStore
from services.rules.publication_states import MAY_GO_OUT
from services.sealing import fingerprint_of


def sealed_content(claim: Claim) -> Revision:
    """The revision of a publication, proved.

    Raises `WrongState` where the approval or the consent of somebody shown is gone, `SealBroken` where content,
    pictures or attachments differ from it.
    """
    row = claim.publication
    with claim.runtime.reading() as session:
        submission = session.get_one(Submission, row.submission_id)
        content = session.get_one(Revision, row.revision_id)
        consent_checks.refuse_withdrawn(session, content)
    if submission.state not in MAY_GO_OUT or submission.sealed_revision_id != row.revision_id:
        raise WrongState(f"稿件现在是“{submission.state.label}”，已不是排队时通过的那一版，没有发布。")
    if not row.seal == submission.seal == fingerprint_of(content):
        raise SealBroken("稿件内容与终审通过的版本不一致，已停止发布：请退回重审，并告知系统管理员。")
    cover = [content.cover_sha256] if content.cover_sha256 else []
    attached = [each["sha256"] for each in content.attachments]
    for sha256 in {*blocks.picture_hashes(content.body_html), *cover, *attached}:
        asset_bytes(claim.runtime.assets, sha256)
    return content


def asset_bytes(store: AssetStore, sha256: str) -> bytes:
    """A picture or an attachment as it was approved. Raises `SealBroken` if its file is missing or was changed."""
    try:
        return store.get(sha256)
    except (FileNotFoundError, ValueError) as fault:
        raise SealBroken(
            "稿件的一张图片或一个附件缺失或被改动，已停止发布：请系统管理员从备份恢复文件，或退回重审。"
        ) from fault
