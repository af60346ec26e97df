"""Two versions of an item beside each other: what was taken out, what was put in."""

from __future__ import annotations

import streamlit as st

from models import Content
from services.manuscript import blocks, comparison
from ui import attachment_list, picture_addresses, wording


def draw(old: Content, new: Content) -> None:
    """Two versions side by side in one text: what was taken out, what was put in."""
    for label, before, after in (
        ("标题", old.title, new.title),
        ("摘要", old.digest, new.digest),
        ("作者", old.author, new.author),
        ("摄影", old.photographer, new.photographer),
    ):
        if before != after:
            pieces = comparison.compare_text(before, after)
            st.html(f'<p class="diff"><b>{label}</b>　{comparison.render_pieces(pieces)}</p>')
    if old.cover_sha256 != new.cover_sha256:
        st.caption("封面图片已更换。")
    attachment_list.compare(old, new)
    result = comparison.compare(old.body_html, new.body_html)
    if result.highlights:
        st.markdown(
            "**改动要点**　"
            + wording.literal(
                "；".join(f"{each.old or '（无）'} → {each.new or '（删去）'}" for each in result.highlights)
            )
        )
    if result.unchanged:
        st.caption("正文没有改动。")
        return
    hashes = {asset: picture_addresses.address(asset) for asset in _pictures(old, new)}
    st.html(comparison.render(result, picture_urls=hashes))


def _pictures(*contents: Content) -> set[str]:
    return {sha256 for content in contents for sha256 in blocks.picture_hashes(content.body_html)}
