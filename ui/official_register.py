"""公众号台账 as a list: who owns what, in which state, how long silent, which dates are near."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import streamlit as st

from services.queries.accounts import AccountDetail, AccountLine, Countdown
from services.queries.sessions import SignedInPerson
from services.rules.account_life import Freshness, Urgency
from services.rules.permissions import Capability
from ui import navigation, wording
from ui.official_words import FRESHNESS_COLOURS, REQUEST_COLOURS, STATE_COLOURS, URGENCY_COLOURS, badge

REGISTER = "台账"


class View(StrEnum):
    """What the page shows; the word is on the screen and in the address."""

    REGISTER = "台账"
    APPLY = "申请开通"
    REQUESTS = "申请办理"
    ANNUAL = "年检"
    DESTINATIONS = "发布去处"
    CLOCKS = "时限与日历"


def choose(user: SignedInPerson) -> View:
    """The views of this person."""
    views = [View.REGISTER, View.REQUESTS, View.ANNUAL]
    if user.reaches(Capability.SIGN_OFF) or user.may(Capability.KEEP_ACCOUNTS):
        views.insert(1, View.APPLY)
    if user.may(Capability.ADMINISTER):
        views += [View.DESTINATIONS, View.CLOCKS]
    chosen = st.segmented_control(
        "查看",
        [str(view) for view in views],
        default=str(View.REGISTER),
        required=True,
        key="accounts_view",
        bind="query-params",
        label_visibility="collapsed",
    )
    return View(chosen)


def draw(user: SignedInPerson, lines: Sequence[AccountLine], *, waiting: int) -> None:
    """The register, what runs first."""
    if waiting:
        st.info(f"有 {waiting} 份申请等您办理，在“申请办理”里。", icon=":material/inbox:")
    if not lines:
        _nothing(user)
        return
    silent = sum(line.freshness not in (None, Freshness.FRESH, Freshness.WARNING) for line in lines)
    st.caption(f"共 {len(lines)} 个公众号" + (f"，其中 {silent} 个超期未更新。" if silent else "。"))
    for line in lines:
        _block(line)


def _nothing(user: SignedInPerson) -> None:
    """What to do first; for the administrator of a new school, in the order in which it goes best."""
    if not user.may(Capability.ADMINISTER):
        st.info("台账里还没有您可以查看的公众号。本单位负责人可以在“申请开通”里提出申请。", icon=":material/info:")
        return
    st.info(
        "台账还是空的。先录入部门和人员；再把学校已有的公众号录进来，在上面“申请开通”页的"
        "“登记已经在运行的公众号（不走审批）”里。新开的公众号由主办单位负责人在那里申请。",
        icon=":material/info:",
    )
    navigation.link("people", ":material/groups: 录入部门和人员")


def _block(line: AccountLine) -> None:
    with st.container(border=True, key=f"account-{line.id}"):
        text, button = st.columns([5, 1], vertical_alignment="center")
        with text:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(f"**{wording.literal(line.name)}**")
                badge(line.state.label, STATE_COLOURS[line.state])
                if line.request is not None:
                    badge(f"申请：{line.request.label}", REQUEST_COLOURS[line.request])
                if line.owing:
                    badge(f"待办 {line.owing} 项", "orange")
            st.caption("　".join(wording.literal(fact) for fact in _facts(line)))
            with st.container(horizontal=True, gap="small"):
                freshness(line)
                countdowns([each for each in line.countdowns if each.urgency is not Urgency.CALM])
        if button.button("打开", key=f"open-account-{line.id}", icon=":material/article:", width="stretch"):
            navigation.go("account", id=line.id)


def _facts(line: AccountLine) -> list[str]:
    facts = [line.department, line.kind, line.level]
    facts.append(f"第一责任人 {line.first_responsible}" if line.first_responsible else "")
    facts.append(line.filing_no)
    return [fact for fact in facts if fact]


def freshness(account: AccountLine | AccountDetail) -> None:
    """How long an account has been silent, in its colour."""
    word, days = account.freshness, account.silent_days
    if word is None:
        return
    if account.has_published:
        text = "今天更新过" if days == 0 else f"{days} 天没有更新"
    else:
        text = "还没有发布" if days == 0 else f"登记 {days} 天，还没有发布"
    badge(text if word is Freshness.FRESH else f"{text}：{word.label}", FRESHNESS_COLOURS[word])


def countdowns(dates: Sequence[Countdown]) -> None:
    """Dates with the days that are left, in their colours."""
    for each in dates:
        left = f"还有 {each.days_left} 天" if each.days_left >= 0 else f"已过 {-each.days_left} 天"
        badge(f"{each.watch.label} {each.on}，{left}", URGENCY_COLOURS[each.urgency])
