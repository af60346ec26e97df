"""How a new item begins: with a Word file, or with an empty page. Either way the draft exists from that moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from models import Submission
from services import copies, submissions
from services.manuscript.word import read_manuscript
from services.queries import occasions
from services.queries import submission_lists as reads
from services.queries.sessions import SignedInPerson
from services.submissions import DraftFields
from services.unit_of_work import UnitOfWork
from ui import feedback, navigation, runtime, uploads, wording
from ui.submission_form import FILE_TYPES


def draw(user: SignedInPerson) -> None:
    """The two ways to begin, the drafts that wait to be continued, and what a new one can start from."""
    left, right = st.columns(2)
    with left, st.container(border=True, height="stretch", key="start-with-file"):
        st.markdown("#### 有 Word 文件")
        st.caption("上传后文字、图片、表格自动填好，您再检查一遍。")
        file = st.file_uploader("上传 Word 文件", type=FILE_TYPES, key="start-file", label_visibility="collapsed")
        if file is not None:
            with st.spinner("正在读取文件…"):
                _start_with_file(user, file.name, file.getvalue())
    with right, st.container(border=True, height="stretch", key="start-blank"):
        st.markdown("#### 直接写，或从网页粘贴")
        st.caption("打开一张空白稿纸，从第一个字起自动保存。")
        if st.button("新建空白稿件", icon=":material/edit_document:", key="start-empty"):
            _start_blank(user)
    _unfinished(user)
    _templates(user)
    _earlier(user)


def _start_with_file(user: SignedInPerson, name: str, content: bytes) -> None:
    submission_id = None
    with feedback.reporting():
        document = read_manuscript(content, name)
        draft = DraftFields(title=document.title, author=user.name, body_html=document.html)
        with runtime.acting_as(user) as work:
            submission_id = submissions.start(work, draft=draft).id or 0
            uploads.keep_pictures(work, submission_id, document)
        uploads.remember_notes(submission_id, document)
    if submission_id is not None:
        navigation.go("submit", id=submission_id)


def _start_blank(user: SignedInPerson) -> None:
    submission_id = None
    with feedback.reporting(), runtime.acting_as(user) as work:
        submission_id = submissions.start(work).id
    if submission_id is not None:
        navigation.go("submit", id=submission_id)


def _templates(user: SignedInPerson) -> None:
    with runtime.reading() as db:
        offered = occasions.offered(db)
    if not offered:
        return
    st.markdown("#### 从模板开始")
    with st.container(horizontal=True, key="occasions"):
        for occasion in offered:
            if st.button(occasion.name, key=f"start-occasion-{occasion.id}", help=occasion.hint or None):
                _start_as(user, partial(copies.from_occasion, occasion_id=occasion.id or 0))


def _earlier(user: SignedInPerson) -> None:
    with runtime.reading() as db:
        titles = reads.to_copy(db, user)
    if not titles:
        return
    with st.expander("复制以前的稿件", icon=":material/content_copy:", key="copy-earlier"):
        st.caption("文字、图片和栏目都带过来；日期、声明、附件和图片的授权登记按新稿件重新填写。")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = st.selectbox(
                "复制哪一篇",
                list(titles),
                index=None,
                format_func=titles.__getitem__,
                key="copy-which",
                placeholder="选一篇",
            )
            if st.button("复制为新稿", key="copy-start", disabled=chosen is None) and chosen is not None:
                _start_as(user, partial(copies.from_item, submission_id=chosen))


def _start_as(user: SignedInPerson, begin: Callable[[UnitOfWork], Submission]) -> None:
    submission_id = None
    with feedback.reporting(), runtime.acting_as(user) as work:
        submission_id = begin(work).id
    if submission_id is not None:
        navigation.go("submit", id=submission_id)


def _unfinished(user: SignedInPerson) -> None:
    with runtime.reading() as db:
        drafts = reads.unfinished(db, user)
    if not drafts:
        return
    st.markdown("#### 没写完的稿件")
    for line in drafts:
        with st.container(horizontal=True, vertical_alignment="center", key=f"unfinished-{line.id}"):
            with st.container(gap=None, width="stretch"):
                st.text(line.title or "（还没有标题）")
                st.caption(f"{line.state.label}　{wording.moment(line.updated_at)} 改过")
            if st.button("继续写", key=f"continue-{line.id}"):
                navigation.go("submit", id=line.id)
