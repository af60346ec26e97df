"""What an article will look like on a phone: the very markup WeChat will get, with our own picture addresses."""

from __future__ import annotations

import streamlit as st

from models import OfficialAccount
from services import layouts
from services.manuscript import blocks, wechat_markup
from ui import picture_addresses, runtime, wording
from ui.phone_preview import phone_preview


def draw(
    *,
    title: str,
    author: str,
    photographer: str,
    body_html: str,
    account: OfficialAccount | None,
    key: str,
    theme: str | None = None,
) -> None:
    """The phone frame with the article as it stands; in the item's own theme, else its account's."""
    addresses = {sha256: picture_addresses.address(sha256) for sha256 in blocks.picture_hashes(body_html)}
    phone_preview(
        _markup(
            body_html,
            photographer,
            theme or (account.theme if account else layouts.DEFAULT),
            tuple(addresses.items()),
        ),
        key=key,
        title=title,
        author=author,
        account=account.name if account else "（还没有选公众号）",
        date=wording.day(runtime.current().now()),
    )


@st.cache_data(max_entries=200, show_spinner=False)
def _markup(body_html: str, photographer: str, theme: str, addresses: tuple[tuple[str, str], ...]) -> str:
    return wechat_markup.to_wechat(body_html, theme=theme, picture_urls=dict(addresses), photographer=photographer)
