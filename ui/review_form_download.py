"""《信息发布审批表》 to take away: of the item on the screen, or of everything sealed in a month."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from services import review_forms
from services.queries.review_forms import KEEPS_FORMS
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.review_forms import MonthArchive
from services.rules.months import ending, month_label
from services.rules.office_time import period_of
from ui import feedback, runtime

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
MONTHS_OFFERED = 12


def of_item(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The form of one item; it is made when it is asked for."""
    if not item.history:
        return
    here, submission_id = runtime.current(), item.draft.submission_id
    st.download_button(
        "信息发布审批表",
        data=lambda: review_forms.of_item(here, user, submission_id).content,
        file_name=f"审批表 {submission_id}.docx",
        mime=WORD,
        key=f"review-form-{submission_id}",
        icon=":material/description:",
        type="tertiary",
        on_click="ignore",
    )


def of_month(user: SignedInPerson, now: datetime) -> None:
    """The forms of a month in one archive, for the office and the oversight."""
    if not any(user.reaches(each) for each in KEEPS_FORMS):
        return
    fold = st.expander("整月审批表", key="month-forms", icon=":material/folder_zip:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        st.caption("每篇终审通过的稿件一份《信息发布审批表》（Word），按月打成一个压缩包。")
        months = list(reversed(list(ending(period_of(now), MONTHS_OFFERED))))
        month = st.selectbox("月份", months, format_func=month_label, key="forms-month")
        if st.button("生成压缩包", key="forms-make", icon=":material/folder_zip:"):
            with feedback.reporting():
                _offer(MonthArchive(runtime.current(), user, month))


def _offer(archive: MonthArchive) -> None:
    total = len(archive.items)
    if not total:
        st.info(f"{month_label(archive.month)}没有终审通过的稿件。", icon=":material/info:")
        return
    progress = st.progress(0.0, text=f"共 {total} 份")
    for done in archive.make():
        progress.progress(done / total, text=f"已生成 {done} / {total} 份")
    file = archive.file
    st.download_button(
        f"下载 {file.name}",
        data=file.content,
        file_name=file.name,
        mime="application/zip",
        key="forms-file",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
