"""The pages: one table. The menu, the addresses and the way home come from it.

Every page is registered under its address for everybody, so that a link sent by a colleague survives signing in;
what a person may open is decided by the page itself, what they are offered by the capabilities here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import streamlit as st

from services.queries.sessions import SignedInPerson
from services.rules.account_life import READS_EVERY_ACCOUNT
from services.rules.permissions import (
    KEEPS_OCCASIONS,
    KEEPS_ROUTES,
    READS_EVERY_SUBMISSION,
    READS_SCHEDULE,
    STAGE_CAPABILITY,
    Capability,
)
from services.rules.violation_cases import SEES_OWN_DEPARTMENT

PAGES = Path(__file__).resolve().parent.parent / "pages"
HOME = "home"


@dataclass(frozen=True)
class Entry:
    """The page `pages/<name>.py` at the address `/<name>`. Whoever holds one of `requires` may open it (nobody is
    asked for anything where it names nothing); the menu shows it to whoever holds one of `shown_to`.
    """

    name: str
    title: str
    icon: str
    requires: frozenset[Capability]
    shown_to: frozenset[Capability]

    def is_open_to(self, user: SignedInPerson) -> bool:
        return not self.requires or any(user.reaches(each) for each in self.requires)

    def is_offered_to(self, user: SignedInPerson) -> bool:
        return any(user.reaches(each) for each in self.shown_to)


def _entry(
    name: str,
    title: str,
    icon: str,
    requires: Collection[Capability],
    *,
    shown_to: Collection[Capability] | None = None,
) -> Entry:
    shown = requires if shown_to is None else shown_to
    return Entry(name, title, f":material/{icon}:", frozenset(requires), frozenset(shown))


CONCERNED = {Capability.WRITE, Capability.SIGN_OFF, *READS_EVERY_SUBMISSION}
"""Whoever may open an item at all; which ones, each query says."""

ANSWERABLE = {Capability.RECORD_VIOLATIONS, Capability.APPROVE_AS_LEADER, *SEES_OWN_DEPARTMENT}
"""Whoever handles cases, reads of all of them, or may be concerned by one; which ones, each query says."""

READS_REGISTER = {*READS_EVERY_ACCOUNT, Capability.SIGN_OFF}
"""Whoever may open the register of accounts; which entries, each query says."""

TABLE: tuple[Entry, ...] = (
    _entry("inbox", "审核收件箱", "inbox", set(STAGE_CAPABILITY.values())),
    _entry("submit", "投稿", "edit_document", {Capability.WRITE}),
    _entry("my_submissions", "我的稿件", "folder_open", {Capability.WRITE}),
    _entry("publishing", "发布", "send", {Capability.PUBLISH}),
    _entry("schedule", "发布日历", "calendar_month", READS_SCHEDULE, shown_to={Capability.PUBLISH}),
    _entry("submission", "稿件", "article", CONCERNED, shown_to=()),
    _entry("violations", "违规记录", "gavel", ANSWERABLE, shown_to=ANSWERABLE - {Capability.WRITE}),
    _entry("violation", "违规案卷", "gavel", ANSWERABLE, shown_to=()),
    _entry("dashboard", "数据看板", "bar_chart", {Capability.READ_CHARTS, Capability.SIGN_OFF}),
    _entry("accounts", "公众号台账", "campaign", READS_REGISTER),
    _entry("account", "公众号", "campaign", READS_REGISTER, shown_to=()),
    _entry(
        "consents",
        "肖像授权",
        "how_to_reg",
        {Capability.KEEP_CONSENTS},
        # An approver's menu is full, and they open it from below the inbox.
        shown_to={Capability.REVIEW, Capability.PUBLISH},
    ),
    _entry("people", "人员与部门", "groups", {Capability.ADMINISTER}),
    _entry("review_settings", "审核设置", "rule_settings", KEEPS_ROUTES, shown_to={Capability.ADMINISTER}),
    _entry("occasions", "稿件模板", "draft", KEEPS_OCCASIONS, shown_to=()),
    _entry("lexicon", "词库", "menu_book", {Capability.ADMINISTER, Capability.APPROVE}),
    _entry("trail", "操作日志", "history", {Capability.READ_TRAIL}),
    _entry("operators", "运营队伍", "badge", {Capability.ADMINISTER, Capability.APPROVE}),
    _entry("notices", "通知", "notifications", (), shown_to=()),
    _entry("duties", "岗位职责", "checklist", (), shown_to=()),
    _entry("delegation", "代办", "supervisor_account", (), shown_to=()),
    _entry("my_account", "我的账号", "account_circle", (), shown_to=()),
)

NAMES = frozenset(entry.name for entry in TABLE)


def offered_to(user: SignedInPerson) -> list[Entry]:
    """The menu of a person, at most seven entries for any one role."""
    return [entry for entry in TABLE if entry.is_offered_to(user)]


def landing(user: SignedInPerson) -> Entry | None:
    """Where a person begins: a leader with the charts, everybody else with the first entry of their menu."""
    offered = offered_to(user)
    if user.may(Capability.APPROVE_AS_LEADER):
        offered.sort(key=lambda entry: entry.name != "dashboard")
    return offered[0] if offered else None


def for_person(user: SignedInPerson) -> st.Page:
    """The page this person asked for, and their menu."""
    home = st.Page(PAGES / f"{HOME}.py", title="微审台", url_path=HOME, default=True, visibility="hidden")
    return st.navigation([home, *(_page(entry, user) for entry in TABLE)])


def _page(entry: Entry, user: SignedInPerson) -> st.Page:
    return st.Page(
        PAGES / f"{entry.name}.py",
        title=entry.title,
        icon=entry.icon,
        url_path=entry.name,
        visibility="visible" if entry.is_offered_to(user) else "hidden",
    )


def for_visitor(title: str, draw: Callable[[], None]) -> st.Page:
    """The same addresses, all leading to what signing in takes: whatever was asked for opens right after it."""
    home = st.Page(draw, title=title, url_path=HOME, default=True)
    return st.navigation(
        [home, *(st.Page(draw, title=title, url_path=entry.name) for entry in TABLE)], position="hidden"
    )


def go(name: str, **query: str | int) -> NoReturn:
    """Open another page, `go("review", id=77)`; the present run ends."""
    st.switch_page(PAGES / f"{name}.py", query_params={key: str(value) for key, value in query.items()})


def way_home() -> None:
    """A link for whoever came to a page that has nothing for them."""
    link(HOME, ":material/arrow_back: 回到首页")


def aside(user: SignedInPerson, *names: str) -> None:
    """A quiet line of links to pages this person may open and has no menu entry for; nothing where there are none."""
    entries = [each for each in TABLE if each.name in names and each.is_open_to(user) and not each.is_offered_to(user)]
    if entries:
        with st.container(horizontal=True, key="aside"):
            for each in entries:
                st.page_link(PAGES / f"{each.name}.py", label=each.title, icon=each.icon)


def link(name: str, label: str, **query: str | int) -> None:
    """Draw a link to another page."""
    st.page_link(PAGES / f"{name}.py", label=label, query_params={key: str(value) for key, value in query.items()})
