"""How an item reads: on a phone, with the machine's marks, and beside its earlier versions."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import Content, Revision
from services import lexicon
from services.manuscript import comparison
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.permissions import Capability
from ui import (
    article_preview,
    attachment_list,
    feedback,
    marked_text,
    picture_forms,
    remark_list,
    runtime,
    thumbnails,
    version_comparison,
    wording,
)

LONGEST_CORRECTION = 8


def draw(user: SignedInPerson, item: SubmissionDetail, versions: Sequence[Revision]) -> None:
    """The phone preview, and what changed since the version that was last reviewed."""
    # Labels that changed with what was done would throw the reader back to the first of them.
    preview, changes, remarks, marked, earlier = st.tabs(
        ["手机预览", _changes_label(item), "批注", "机器提示", "历史版本"], key=f"views-{item.submission.id}"
    )
    with preview:
        if item.content.digest:
            st.caption(f"摘要：{wording.literal(item.content.digest)}")
        attachment_list.draw(user, item)
        picture_forms.in_review(user, item)
        _cover(item)
        article_preview.draw(
            title=item.content.title,
            author=item.content.author,
            photographer=item.content.photographer,
            body_html=item.content.body_html,
            account=item.account,
            key=f"article-{item.submission.id}",
            theme=item.submission.theme,
        )
    with remarks:
        remark_list.draw(user, item)
    with marked:
        if item.findings:
            marked_text.draw(item.content, item.findings)
        else:
            st.info("机器初筛没有发现问题。", icon=":material/info:")
    with changes:
        _changes(user, item)
    with earlier:
        _versions(versions)


def _cover(item: SubmissionDetail) -> None:
    if item.content.cover_sha256:
        with st.expander("封面", icon=":material/image:"):
            thumbnails.draw([(item.content.cover_sha256, "")], width=360)


def _changes_label(item: SubmissionDetail) -> str:
    return f"与第 {item.reviewed.number} 版的改动" if item.reviewed else "改动对比"


def _changes(user: SignedInPerson, item: SubmissionDetail) -> None:
    if item.reviewed is None:
        st.info("这是第一次审核，还没有可以对比的版本。", icon=":material/info:")
        return
    if item.baseline is not None:
        st.caption(
            f"对比的是{item.baseline.label}（第 {item.reviewed.number} 版，{wording.moment(item.reviewed.made_at)}）。"
        )
    version_comparison.draw(item.reviewed, item.content)
    if user.reaches(Capability.REVIEW) or user.reaches(Capability.APPROVE):
        _corrections(user, item.reviewed, item.content)


def _corrections(user: SignedInPerson, old: Content, new: Content) -> None:
    """Each short correction of the office can become an entry of the wrong-character list with one click."""
    found = dict.fromkeys((each.old, each.new) for each in comparison.compare(old.body_html, new.body_html).highlights)
    for number, (wrong, right) in enumerate(found):
        if 2 <= len(wrong) <= LONGEST_CORRECTION and 1 <= len(right) <= LONGEST_CORRECTION:
            st.button(
                f"把“{wrong} → {right}”加入错别字表",
                key=f"learn-{number}",
                icon=":material/playlist_add:",
                on_click=_learn,
                args=(user, wrong, right),
            )


def _learn(user: SignedInPerson, wrong: str, right: str) -> None:
    with feedback.reporting("已加入词库，启用新版本后生效。"), runtime.acting_as(user) as work:
        lexicon.add_correction(work, wrong=wrong, right=right)


@st.fragment
def _versions(versions: Sequence[Revision]) -> None:
    """Every version with what it changed; compared only once it is opened: that was a third of each run of the page."""
    if not versions:
        st.info("提交之后，每一版都会留在这里。", icon=":material/info:")
    for before, version in reversed([*zip([None, *versions], versions, strict=False)]):
        label = f"第 {version.number} 版　{wording.moment(version.made_at)}"
        fold = st.expander(label, key=f"version-{version.id}", on_change="rerun")
        if not fold.open:
            continue
        with fold:
            if before is None:
                st.caption("首次提交。")
            else:
                version_comparison.draw(before, version)
