"""One click each: the body with its layout, the title, the author, the digest, into the clipboard of the browser."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from models import Revision
from services.manuscript import blocks, wechat_markup
from ui import picture_addresses

_HERE = Path(__file__).parent
_COPIES = st.components.v2.component(
    "weishentai_copy_article",
    css=(_HERE / "copy_article.css").read_text(encoding="utf-8"),
    js=(_HERE / "copy_article.js").read_text(encoding="utf-8"),
)

# WeChat's editor drops the styles of the first and the last thing that is pasted.
EDGE = '<p style="margin:0;font-size:0;line-height:0">&nbsp;</p>'

DONE = "“{label}”完成，请到公众平台的编辑器里粘贴。"
FAILED = "浏览器没有允许复制：请换用 Chrome 或 Edge 的新版本，或在手机预览里选中正文后按 Ctrl+C。"


def draw(content: Revision, theme: str, *, key: str) -> None:
    """The buttons for one sealed version in its layout."""
    body = blocks.plain_text(content.body_html)
    items = [
        {"label": "复制正文（带格式和图片）", "text": body, "html": _pasted(content, theme), "main": True},
        {"label": "复制标题", "text": content.title},
        *([{"label": "复制作者", "text": content.author}] if content.author else []),
        *([{"label": "复制摘要", "text": content.digest}] if content.digest else []),
    ]
    _COPIES(key=key, data={"items": items, "done": DONE, "failed": FAILED})


def _pasted(content: Revision, theme: str) -> str:
    addresses = {sha256: picture_addresses.address(sha256) for sha256 in blocks.picture_hashes(content.body_html)}
    body = wechat_markup.to_wechat(
        content.body_html, theme=theme, picture_urls=addresses, photographer=content.photographer
    )
    return f"{EDGE}{body}{EDGE}"
