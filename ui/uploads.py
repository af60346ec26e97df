"""Pictures that arrive through a page: made safe, kept by their hash, entered for their submission.

What was changed about them, above all a position that was removed, is told to the author beside the file field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import streamlit as st

from services import assets
from services.manuscript.documents import ReadDocument
from services.manuscript.pictures import Picture, process_picture
from services.queries.sessions import SignedInPerson
from services.unit_of_work import UnitOfWork
from ui import runtime

NOTES = "upload-notes-{}".format


def keep_picture(user: SignedInPerson, submission_id: int, content: bytes, name: str = "粘贴的图片") -> str:
    """Keep one uploaded or pasted picture; its fingerprint. Raises `UnreadableFile` and what `assets.add` does."""
    picture = process_picture(content, name)
    with runtime.acting_as(user) as work:
        kept = assets.add(work, runtime.current().assets, submission_id=submission_id, picture=picture).sha256
    told = st.session_state.get(NOTES(submission_id), ())
    st.session_state[NOTES(submission_id)] = tuple(dict.fromkeys((*told, *_said_of([picture]))))
    return kept


def keep_pictures(work: UnitOfWork, submission_id: int, document: ReadDocument) -> None:
    """Keep the pictures of a file that was read."""
    for picture in document.pictures:
        assets.add(work, runtime.current().assets, submission_id=submission_id, picture=picture)


def remember_notes(submission_id: int, document: ReadDocument) -> None:
    """Keep what reading the file had to say, for the form of this draft."""
    st.session_state[NOTES(submission_id)] = (*document.warnings, *_said_of(document.pictures))


def tell_notes(submission_id: int) -> None:
    """What the last file and the pictures since had to say."""
    for note in st.session_state.get(NOTES(submission_id), ()):
        st.info(note, icon=":material/info:")


def _said_of(pictures: Iterable[Picture]) -> list[str]:
    counted = Counter(note for picture in pictures for note in picture.notes)
    return [f"{count} 张图片{note}" for note, count in counted.items()]
