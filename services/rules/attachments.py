"""附件: how many, of which kinds, and what changed between two versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from models import Vocabulary

KINDS: dict[str, str] = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
}
"""What may be attached, by the end of its name, and how it is given out again: the kinds the machine can read."""

MOST_ATTACHMENTS = 10
LONGEST_NAME = 80

Attached = Sequence[Mapping[str, str]]
"""The attachments of a version: each with its `name` and `sha256`."""


class AttachmentChange(Vocabulary):
    ADDED = "added", "新增"
    REMOVED = "removed", "移除"
    REPLACED = "replaced", "替换"
    RENAMED = "renamed", "改名"


@dataclass(frozen=True)
class ChangedAttachment:
    """One attachment that is not what it was; `was` is the earlier name of a renamed one."""

    change: AttachmentChange
    name: str
    was: str = ""


def changes(old: Attached, new: Attached) -> list[ChangedAttachment]:
    """What changed from one version to the next, in the order of the new one, the removed ones last."""
    before = {each["name"]: each["sha256"] for each in old}
    after = {each["name"]: each["sha256"] for each in new}
    gone = {sha256: name for name, sha256 in before.items() if name not in after}
    found = []
    for name, sha256 in after.items():
        if name in before:
            if before[name] != sha256:
                found.append(ChangedAttachment(AttachmentChange.REPLACED, name))
        elif sha256 in gone:
            found.append(ChangedAttachment(AttachmentChange.RENAMED, name, was=gone.pop(sha256)))
        else:
            found.append(ChangedAttachment(AttachmentChange.ADDED, name))
    return found + [ChangedAttachment(AttachmentChange.REMOVED, name) for name in gone.values()]


def media_type_of(name: str) -> str | None:
    """How a file of this name is given out, or None for a kind that may not be attached."""
    return KINDS.get(PurePath(name).suffix.lower())
