"""投稿: the form of one draft. It keeps what is typed from the first change on and never loses a word.

The form is a fragment: typing redraws the form and its preview, not the page around it. Every field is drawn
from the kept draft, and what the fields say is compared with the kept draft at the end of each drawing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import streamlit as st

from models import AiUse, Asset, ContentCategory, FindingAnswer, FindingLevel, OfficialAccount, SourceKind
from services import assets, findings, submissions
from services.errors import FindingsOpen
from services.manuscript.documents import ReadDocument
from services.manuscript.pictures import process_picture
from services.manuscript.word import read_manuscript
from services.queries import accounts as account_reads
from services.queries import submissions as reads
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import OFFICE_ZONE
from services.submissions import DraftFields
from ui import feedback, findings_panel, navigation, picture_addresses, preview, runtime, wording
from ui.editor import rich_text

FILE_TYPES = ["docx", "html", "htm", "txt"]
PICTURE_TYPES = ["jpg", "jpeg", "png", "gif", "webp", "bmp", "tif", "tiff"]


@st.fragment
def draw(user: SignedInPerson, submission_id: int) -> None:
    """The whole form of one draft, its preview and its machine check."""
    with feedback.or_stop(), runtime.reading() as db:
        item = reads.detail(db, user, submission_id)
        accounts = account_reads.open_for_submissions(db)
    kept = submissions.draft_fields(item.submission, item.draft)
    edition = _Edition(submission_id)
    edition.open(item.draft.edition)
    form, beside = st.columns([3, 2], gap="large")
    with form:
        _last_return(item)
        _take_file(user, item, kept)
        given = _fields(item, kept, accounts)
        edition = _keep(user, item, kept, given, edition)
        findings_panel.draw(user, item.findings)
        _hand_in(user, item)
    with beside:
        preview.draw(given, item, key=f"preview-{submission_id}")


# --- Keeping -----------------------------------------------------------------------------------------------
