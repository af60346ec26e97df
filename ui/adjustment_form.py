"""调整: the office changes title, credits or text or leaves a file out; the author sees exactly what."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from services import findings, submissions
from services.manuscript.wechat_markup import LONGEST_AUTHOR, LONGEST_DIGEST, LONGEST_TITLE
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from ui import feedback, limited_text, picture_addresses, runtime, uploads, wording
from ui.editor import rich_text


def opener(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The button that opens the adjustment over the page."""
    if st.button("调整内容", icon=":material/edit_note:", key=f"adjust-{item.submission.id}", width="stretch"):
        _dialog(user, item)


@st.dialog("调整内容", width="large")
def _dialog(user: SignedInPerson, item: SubmissionDetail) -> None:
    st.caption("保存后生成新的一版，作者能看到改了哪些字。终审之后调整，稿件回到宣传部初审。")
    key = partial("adjust-{}-{}-{}".format, item.submission.id, item.submission.version)
    title = limited_text.line("标题", item.content.title, limit=LONGEST_TITLE, key=key("title"))
    digest = limited_text.line("摘要", item.content.digest, limit=LONGEST_DIGEST, key=key("digest"))
    left, right = st.columns(2)
    author = limited_text.line("作者", item.content.author, limit=LONGEST_AUTHOR, place=left, key=key("author"))
    photographer = right.text_input("摄影", item.content.photographer, key=key("photographer"), max_chars=40)
    body = rich_text(
        key("body"),
        html=item.content.body_html,
        picture_address=picture_addresses.address,
        label="正文",
        height=420,
        keep_picture=partial(uploads.keep_picture, user, item.draft.submission_id),
    )
    attached = _attachments(item, key)
    if not st.button("保存调整", type="primary", key=key("save")):
        return
    changed = item.content.model_copy(
        update={
            "title": title,
            "digest": digest,
            "author": author,
            "photographer": photographer,
            "body_html": body,
            "attachments": attached,
        }
    )
    screener = runtime.current().screener()
    with feedback.reporting("调整已保存为新的一版。") as saved, runtime.acting_as(user) as work:
        submissions.adjust(
            work,
            submission_id=item.draft.submission_id,
            seen_version=item.submission.version,
            content=changed,
        )
        findings.check(work, screener, submission_id=item.draft.submission_id)
    if saved.done:
        st.rerun()


def _attachments(item: SubmissionDetail, key: Callable[[str], str]) -> list[dict[str, str]]:
    """The attachments that stay; nothing is drawn where there are none."""
    if not item.content.attachments:
        return []
    st.markdown("**附件**")
    kept = [
        each
        for number, each in enumerate(item.content.attachments)
        if st.checkbox(f"保留 {wording.literal(each['name'])}", value=True, key=key(f"keep-{number}"))
    ]
    st.caption("不勾选的附件在新的一版里移除。要换成另一个文件，请退回作者重新上传，上传时会重新检查。")
    return kept
