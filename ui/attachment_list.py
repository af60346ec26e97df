"""附件: what a version carries, to be opened by whoever answers for it, and what changed between two versions."""

from __future__ import annotations

from functools import partial

import streamlit as st

from models import Content
from services import attachments
from services.queries import attachments as reads
from services.queries.attachments import AttachmentLine
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.attachments import changes
from ui import feedback, runtime, wording


def draw(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The attachments of the present version, each with who opened it. Nothing where there are none."""
    with runtime.reading() as db:
        attached = reads.of_version(db, item.draft.submission_id, item.content)
    if not attached:
        return
    unopened = sum(not line.opened_by(user.id) for line in attached)
    st.markdown(f"**附件（{len(attached)}）**" + (f"　您还有 {unopened} 个没有打开" if unopened else ""))
    for number, line in enumerate(attached):
        _line(user, item.draft.submission_id, number, line)


def _line(user: SignedInPerson, submission_id: int, number: int, line: AttachmentLine) -> None:
    opening = partial(_opened, user, submission_id, line.sha256)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.download_button(
            f"{line.name}（{wording.size(line.size)}）",
            opening,
            line.name,
            line.media_type,
            key=f"attachment-{submission_id}-{number}",
            icon=":material/attach_file:",
            on_click=_note,
            args=(opening,),
            type="tertiary",
        )
        if line.openings:
            by = wording.listed(f"{each.name} {wording.moment(each.at)}" for each in line.openings)
            st.caption(f"已打开：{wording.literal(by)}")
        else:
            st.badge("还没有人打开", color="orange")


def _opened(user: SignedInPerson, submission_id: int, sha256: str) -> bytes:
    with runtime.acting_as(user) as work:
        return attachments.open_file(work, runtime.current().assets, submission_id=submission_id, sha256=sha256)


def _note(opening: partial[bytes]) -> None:
    # The file itself is fetched beside the drawing; who opened it must be known before the page is drawn again.
    with feedback.reporting():
        opening()


def compare(old: Content, new: Content) -> None:
    """What was added, taken out, exchanged or renamed, in one line; nothing where nothing was."""
    found = changes(old.attachments, new.attachments)
    if found:
        written = (f"{each.change.label}“{f'{each.was}” → “' if each.was else ''}{each.name}”" for each in found)
        st.markdown(f"**附件**　{wording.literal('；'.join(written))}")
