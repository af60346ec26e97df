"""The article as a reader's phone will show it."""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

import streamlit as st

_HERE = Path(__file__).parent
_PHONE = st.components.v2.component(
    "weishentai_phone_preview",
    css=(_HERE / "phone_preview.css").read_text(encoding="utf-8"),
    js=(_HERE / "phone_preview.js").read_text(encoding="utf-8"),
)
_WHOLE_DOCUMENT = re.compile(r"\s*(?:<!doctype\b|<html\b)", re.IGNORECASE)

#: Styles of the article page as seen in WeChat: a 22 px title, one quiet line, 16 px of margin on either side.
_PAGE = """<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data: http: https:; style-src 'unsafe-inline'">
<base target="_blank">
<style>
html {{ scrollbar-width: thin }}
body {{
    margin: 0; padding: 26px 16px 48px; color: #191919; overflow-wrap: break-word;
    font: 17px/1.6 "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", system-ui, sans-serif;
}}
.title {{ margin: 0 0 14px; font-size: 22px; line-height: 1.4; font-weight: 500 }}
.line {{ margin: 0 0 22px; font-size: 15px; line-height: 20px; color: #737373 }}
.line span {{ display: inline-block; margin-right: 10px }}
.line .account {{ color: #576b95 }}
img {{ max-width: 100%; height: auto }}
table {{ max-width: 100% }}
</style>
</head>
<body>
<h1 class="title">{title}</h1>
<p class="line">{line}</p>
{body}
</body>
</html>
"""


def phone_preview(
    html_document_or_fragment: str,
    *,
    key: str,
    title: str,
    author: str,
    account: str,
    date: str,
    height: int = 680,
) -> None:
    """Draw a phone, 375 px wide, that shows the article. Nothing in it can run, follow a link or reach the app.

    A fragment is the outcome of `wechat_markup.to_wechat` with addresses this browser can load without its
    cookies; it gets WeChat's title and author line. A whole document is shown as it is. `height` is the
    screen's, in pixels.
    """
    whole = _WHOLE_DOCUMENT.match(html_document_or_fragment)
    document = (
        html_document_or_fragment
        if whole
        else _article_page(html_document_or_fragment, title=title, author=author, account=account, date=date)
    )
    _PHONE(key=key, data={"document": document, "label": f"手机预览：{title or '未命名'}", "height": height})


def _article_page(fragment: str, *, title: str, author: str, account: str, date: str) -> str:
    parts = (("author", author), ("account", account), ("date", date))
    line = "".join(f'<span class="{name}">{escape(text)}</span>' for name, text in parts if text)
    return _PAGE.format(title=escape(title or "（还没有标题）"), line=line, body=fragment)
