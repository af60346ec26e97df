"""微信版式 chosen by look: each layout as it is really set, in the colour that would be used."""

from __future__ import annotations

import streamlit as st

from models import OfficialAccount
from services import layouts
from services.manuscript import wechat_markup
from services.manuscript.wechat_markup import THEMES
from services.queries.sessions import SignedInPerson
from services.rules.permissions import Capability
from ui import feedback, kept_form, runtime

SAMPLE = (
    "<h2>小标题</h2><p>版式就是文章发出去的样子，<strong>重点</strong>和正文都清楚。</p>"
    "<blockquote><p>引用的话。</p></blockquote>"
)
AS_ACCOUNT = "随公众号"


def for_item(theme: str | None, account: OfficialAccount | None, *, key: str) -> str | None:
    """The layout of one item: that of its account, or one of its own in the account's colour."""
    usual = account.theme if account else layouts.DEFAULT
    with st.expander("微信版式", icon=":material/palette:", key=f"{key}-fold"):
        own = theme.partition(":")[0] if theme else ""
        chosen = st.segmented_control(
            "版式",
            ["", *THEMES],
            default=own,
            required=True,
            format_func=lambda name: THEMES[name].label if name else AS_ACCOUNT,
            key=key,
            label_visibility="collapsed",
            wrap=True,
        )
        _samples(_colour_in(usual))
    return _named(chosen, _colour_in(usual)) if chosen else None


def _colour_in(theme: str) -> str:
    """The colour a theme names, "" where it leaves the look its own."""
    return theme.partition(":")[2]


def _named(look: str, colour: str) -> str:
    return f"{look}:{colour}" if colour else look


def _samples(colour: str) -> None:
    columns = st.columns(len(THEMES))
    for column, look in zip(columns, THEMES.values(), strict=True):
        with column, st.container(border=True, key=f"look-{look.name}"):
            st.caption(look.label)
            st.html(_sample(_named(look.name, colour)))


@st.cache_data(max_entries=64, show_spinner=False)
def _sample(theme: str) -> str:
    return f'<div class="look">{wechat_markup.to_wechat(SAMPLE, theme=theme, picture_urls={})}</div>'


def for_account(user: SignedInPerson, account: OfficialAccount) -> None:
    """The layout every item of an account has unless it chose its own, with the school's colour."""
    if not user.may(Capability.KEEP_ACCOUNTS):
        return
    with st.expander("微信版式和学校颜色", icon=":material/palette:", key=f"layout-{account.id}"):
        st.caption("本号的文章默认用这个版式；投稿人可以为单篇另选，颜色不变。已发出的文章不变。")
        place = f"layout-{account.id}"
        form = kept_form.opened(
            place,
            {"theme": account.theme},
            version=account.version,
            first_field="look",
            told=lambda _name, theme: _told(theme),
        )
        name, _, colour = form.shown["theme"].partition(":")
        key = form.key
        look = st.segmented_control(
            "版式",
            list(THEMES),
            default=name if name in THEMES else None,
            required=True,
            format_func=lambda each: THEMES[each].label,
            key=f"{key}-look",
            wrap=True,
        )
        look = look or layouts.DEFAULT
        with st.container(horizontal=True, vertical_alignment="center"):
            own = st.toggle("用学校的颜色", bool(colour), key=f"{key}-own")
            picked = st.color_picker(
                "标题和链接的颜色", colour or THEMES[look].colour, key=f"{key}-colour", disabled=not own
            )
        shown = picked if own else ""
        fault = wechat_markup.colour_fault(shown) if shown else None
        if fault is not None:
            st.warning(fault, icon=":material/contrast:")
        else:
            _samples(shown)
        if st.button("保存版式", key=f"{place}-save", disabled=fault is not None):
            with feedback.reporting("版式已保存，之后发布的文章按它排。") as done, runtime.acting_as(user) as work:
                layouts.set_theme(
                    work, account_id=account.id or 0, seen_version=form.version, theme=_named(look, shown)
                )
            if done.done:
                kept_form.close(place)
                st.rerun()


def _told(theme: str) -> str:
    look, _, colour = theme.partition(":")
    label = THEMES[look].label if look in THEMES else THEMES[layouts.DEFAULT].label
    return f"版式：{label}，{f'用学校的颜色 {colour}' if colour else '不用学校的颜色'}"
