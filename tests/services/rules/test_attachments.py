"""附件: what changed from one version to the next."""

from __future__ import annotations

import pytest

from services.rules.attachments import AttachmentChange as Change
from services.rules.attachments import ChangedAttachment, changes, media_type_of

LIST, NOTICE = {"name": "名单.xlsx", "sha256": "a"}, {"name": "通知.docx", "sha256": "b"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ([], [], []),
        ([LIST, NOTICE], [NOTICE, LIST], []),
        ([], [LIST], [ChangedAttachment(Change.ADDED, "名单.xlsx")]),
        ([LIST, NOTICE], [LIST], [ChangedAttachment(Change.REMOVED, "通知.docx")]),
        ([LIST], [LIST | {"sha256": "c"}], [ChangedAttachment(Change.REPLACED, "名单.xlsx")]),
        (
            [LIST],
            [LIST | {"name": "公示.xlsx"}],
            [ChangedAttachment(Change.RENAMED, "公示.xlsx", was="名单.xlsx")],
        ),
        (
            [LIST],
            [NOTICE],
            [ChangedAttachment(Change.ADDED, "通知.docx"), ChangedAttachment(Change.REMOVED, "名单.xlsx")],
        ),
    ],
)
def test_each_change_is_named_once(
    old: list[dict[str, str]], new: list[dict[str, str]], expected: list[ChangedAttachment]
) -> None:
    assert changes(old, new) == expected


@pytest.mark.parametrize(
    ("name", "may"),
    [("a.DOCX", True), ("a.xlsx", True), ("a.pdf", True), ("a.txt", True), ("a.html", False), ("a.exe", False)],
)
def test_only_kinds_the_machine_reads_may_be_attached(name: str, may: bool) -> None:  # noqa: FBT001  # a table's column
    assert (media_type_of(name) is not None) is may
