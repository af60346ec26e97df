"""Two versions of an item beside each other: what was taken out, what was put in."""

from __future__ import annotations

import streamlit as st

from models import Content
from services.manuscript import blocks, comparison, picture_changes
from ui import attachment_list, picture_addresses, thumbnails, wording


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
    _pictures_changed(old, new)
    attachment_list.compare(old, new)
    result = comparison.compare(old.body_html, new.body_html)
    salient = [each for each in result.highlights if each.kind != "picture"]
    if salient:
        said = "；".join(f"{each.old or '（无）'} → {each.new or '（删去）'}" for each in salient)
        st.markdown(f"**改动要点**　{wording.literal(said)}")
    if result.unchanged:
        st.caption("正文没有改动。")
        return
    hashes = {asset: picture_addresses.address(asset) for asset in _pictures(old, new)}
    st.html(comparison.render(result, picture_urls=hashes))


def _pictures_changed(old: Content, new: Content) -> None:
    """Pictures that came, went or stand elsewhere, and another cover, small and in a row."""
    found = picture_changes.changes(old, new)
    if not found:
        return
    shown = [
        *((sha256, "新增图片") for sha256 in found.added),
        *((sha256, "删去图片") for sha256 in found.removed),
        *((sha256, "换了位置") for sha256 in found.moved),
    ]
    if found.cover:
        shown += [(sha256, label) for sha256, label in zip(found.cover, ("原封面", "新封面"), strict=True) if sha256]
    st.markdown("**图片改动**")
    thumbnails.draw(shown, width=120)


def _pictures(*contents: Content) -> set[str]:
    return {sha256 for content in contents for sha256 in blocks.picture_hashes(content.body_html)}
