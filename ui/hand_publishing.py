"""人工发布后登记: the sealed version to carry over, its pictures, and the proof of what became of it."""

from __future__ import annotations

import io
import zipfile

import streamlit as st

from models import Revision, Screenshot
from services import layouts, proofs
from services.manuscript import blocks
from services.manuscript.pictures import EXTENSIONS
from services.queries import publications as reads
from services.queries.publications import PublicationLine
from services.queries.sessions import SignedInPerson
from ui import copy_article, feedback, runtime, thumbnails, wording

PICTURE_TYPES = ["png", "jpg", "jpeg", "webp"]

STEPS = """
1. 登录公众平台（需要管理员或运营者扫码），新建图文。
2. 按下面的按钮逐项复制，粘贴到编辑器里。格式会保留，不要改动文字。
3. 图片没有跟过去时，下载图片，按编号插回原处；封面用“封面”这张。
4. 发出后，把文章链接和截图登记在这里，按“已发出”。系统会打开链接，与终审版逐句核对。
"""


def draw(line: PublicationLine) -> None:
    """What to carry over, and how."""
    with runtime.reading() as db:
        content, account, kinds = reads.to_carry_over(db, line.id)
        theme = layouts.theme_for(db, line.submission_id, account)
    st.markdown(STEPS)
    copy_article.draw(content, theme, key=f"copies-{line.id}")
    if account is not None and account.theme:
        st.caption(f"版式与手机预览相同，作者署名“{wording.literal(content.author)}”。")
    _pictures(line, content, kinds)


def _pictures(line: PublicationLine, content: Revision, kinds: dict[str, str]) -> None:
    hashes = list(dict.fromkeys(blocks.picture_hashes(content.body_html)))
    named = [*((sha256, f"图{number:02}") for number, sha256 in enumerate(hashes, start=1))]
    if content.cover_sha256:
        named.append((content.cover_sha256, "封面"))
    if not named:
        return
    there_are = (f"正文 {len(hashes)} 张" if hashes else "", "封面 1 张" if content.cover_sha256 else "")
    counted = "，".join(filter(None, there_are))
    with st.expander(f"图片没有跟过去？（{counted}）", key=f"pictures-{line.id}"):
        st.caption("公众平台的编辑器会自己取图；取不到时图片位置是空的。下载后按编号插入。")
        thumbnails.draw(named, width=110)
        st.download_button(
            "下载全部图片",
            data=lambda: _zipped(named, kinds),
            file_name=f"图片-{line.submission_id}.zip",
            mime="application/zip",
            key=f"pictures-zip-{line.id}",
            icon=":material/download:",
            on_click="ignore",
        )


def _zipped(named: list[tuple[str, str]], kinds: dict[str, str]) -> bytes:
    file = io.BytesIO()
    store = runtime.current().assets
    with zipfile.ZipFile(file, "w") as archive:
        for sha256, name in named:
            archive.writestr(f"{name}{EXTENSIONS.get(kinds.get(sha256, ''), '.jpg')}", store.get(sha256))
    return file.getvalue()


# --- Proof -----------------------------------------------------------------------------------------------


def screenshots(user: SignedInPerson, publication_id: int, kept: list[Screenshot]) -> None:
    """The pictures that were recorded, and a place for one more."""
    if kept:
        thumbnails.draw([(each.sha256, wording.moment(each.added_at)) for each in kept], width=120)
    turn = st.session_state.setdefault(_turn(publication_id), 0)
    st.file_uploader(
        "发布后的截图" if not kept else "再登记一张截图",
        type=PICTURE_TYPES,
        key=f"{_turn(publication_id)}-{turn}",
        on_change=_keep,
        args=(user, publication_id),
        help="在手机微信里打开文章截图，标题、公众号名称和时间都要看得到。",
    )


def _turn(publication_id: int) -> str:
    return f"screenshot-{publication_id}"


def _keep(user: SignedInPerson, publication_id: int) -> None:
    turn = st.session_state[_turn(publication_id)]
    file = st.session_state.get(f"{_turn(publication_id)}-{turn}")
    if file is None:
        return
    st.session_state[_turn(publication_id)] = turn + 1
    with feedback.reporting("截图已登记。"), runtime.acting_as(user) as work:
        proofs.add_screenshot(
            work,
            runtime.current().assets,
            publication_id=publication_id,
            content=file.getvalue(),
            name=file.name,
        )
