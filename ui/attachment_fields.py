"""附件: the part of the form that takes files in, says at once what the machine marked in them, and takes them out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from models import FindingLevel
from services import attachment_checks, attachments
from services.queries import attachments as reads
from services.queries.attachments import AttachmentLine
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.attachments import KINDS, MOST_ATTACHMENTS
from services.screening.catalogue import rule
from services.screening.marks import Mark
from ui import feedback, runtime, wording

COLOURS = {FindingLevel.BLOCK: "red", FindingLevel.WARN: "orange", FindingLevel.INFO: "gray"}


@dataclass(frozen=True)
class Edition:
    """The edition of the draft this window last saw, asked when a file is taken in or out: handing in may have
    changed it since the fields were drawn. `keep` remembers the one that came of it.
    """

    seen: Callable[[], int]
    keep: Callable[[int], None]


def draw(user: SignedInPerson, item: SubmissionDetail, edition: Edition) -> None:
    """The files of a draft and a place for one more."""
    submission_id = item.draft.submission_id
    with runtime.reading() as db:
        attached = reads.of_version(db, submission_id, item.draft)
        marks = attachment_checks.marks(db, item.draft)
    title = f"附件（{len(attached)}）" if attached else "附件（可不填）"
    with st.expander(title, icon=":material/attach_file:", expanded=bool(attached), key=f"attachments-{submission_id}"):
        for number, line in enumerate(attached):
            here = [mark for mark in marks if mark.field == f"{attachment_checks.FIELD}{line.name}"]
            _line(user, submission_id, number, line, here, edition=edition)
        place = f"attach-{submission_id}"
        turn = st.session_state.setdefault(f"{place}-turn", 0)
        st.file_uploader(
            "上传附件，同名的会被替换",
            type=[kind.lstrip(".") for kind in KINDS],
            key=f"{place}-{turn}",
            on_change=_take,
            args=(user, submission_id, place, edition),
            disabled=len(attached) >= MOST_ATTACHMENTS,
            help=f"最多 {MOST_ATTACHMENTS} 个，每个 30 MB、200 页、5 万行以内；上传时就检查其中的个人信息和用语。",
        )
        st.caption("附件与正文一起审核、一起封版，在校园网站的文章下面提供下载；公众号文章不能带附件。")


def _line(
    user: SignedInPerson,
    submission_id: int,
    number: int,
    line: AttachmentLine,
    marks: Sequence[Mark],
    *,
    edition: Edition,
) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.text(f"{line.name}　{wording.size(line.size)}")
        for level in FindingLevel:
            if found := list(dict.fromkeys(rule(mark.rule).label for mark in marks if mark.level is level)):
                st.badge(f"{level.label}：{wording.listed(found)}", color=COLOURS[level])  # type: ignore[arg-type]  # a table of its colours
        st.button(
            "移除",
            icon=":material/delete:",
            key=f"detach-{submission_id}-{number}",
            type="tertiary",
            on_click=_drop,
            args=(user, submission_id, line.name, edition),
        )


def _take(user: SignedInPerson, submission_id: int, place: str, edition: Edition) -> None:
    file = st.session_state.get(f"{place}-{st.session_state[f'{place}-turn']}")
    if file is None:
        return
    st.session_state[f"{place}-turn"] += 1
    here = runtime.current()
    with feedback.reporting():
        read = attachments.read(here.screener(), name=file.name, content=file.getvalue(), now=here.now())
        with runtime.acting_as(user) as work:
            draft = attachments.attach(
                work, here.assets, submission_id=submission_id, seen_edition=edition.seen(), attachment=read
            )
        edition.keep(draft.edition)
        _forget(user, submission_id)


def _drop(user: SignedInPerson, submission_id: int, name: str, edition: Edition) -> None:
    with feedback.reporting():
        with runtime.acting_as(user) as work:
            draft = attachments.detach(work, submission_id=submission_id, seen_edition=edition.seen(), name=name)
        edition.keep(draft.edition)
        _forget(user, submission_id)


def _forget(user: SignedInPerson, submission_id: int) -> None:
    # After the draft was saved: a file must not be gone while a draft that was not saved still names it.
    with runtime.acting_as(user) as work:
        attachments.forget(work, runtime.current().assets, submission_id=submission_id)
