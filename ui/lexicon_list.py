"""词库: what is looked for in the list, what was found, and what people answered to its entries."""

from __future__ import annotations

from functools import partial

import pandas as pd
import streamlit as st

from models import LexiconEntry
from services import lexicon
from services.queries import lexicon as reads
from services.queries.sessions import SignedInPerson
from services.screening.catalogue import RULES
from ui import feedback, lexicon_form, paging, runtime, wording

PAGE = "entries"
MOST_PROPOSED = 10


def group_label(group: str) -> str:
    """A group by its Chinese name where it has one."""
    rule = RULES.get(f"term.{group}") or RULES.get(f"wording.{group}")
    return rule.label if rule else group


def draw(user: SignedInPerson) -> None:
    """The search, the page of entries, and for each what can be done with it."""
    wanted = _wanted()
    with feedback.or_stop(), runtime.reading() as db:
        total = reads.count_entries(db, user, wanted)
    st.caption(f"共 {total} 条。改动在“试运行与启用”里启用后才生效。")
    listing = st.container()
    number = paging.choose(max(1, -(-total // reads.PAGE_SIZE)), key=PAGE)
    with runtime.reading() as db:
        entries = reads.entries(db, user, wanted, page=number)
    with listing:
        if not entries:
            st.info("没有符合条件的词条。换一个词或分组再找，也可以勾选“含已停用”。", icon=":material/search:")
        for entry in entries:
            _entry(user, entry)


def _wanted() -> reads.EntryFilter:
    first_page = partial(paging.back_to_first, PAGE)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            "查找", icon=":material/search:", placeholder="词、建议或来源里的字", key="entry_text", on_change=first_page
        )
        with runtime.reading() as db:
            groups = reads.groups(db)
        group = st.selectbox(
            "分组", groups, index=None, format_func=group_label, placeholder="全部", key="entry_group",
            on_change=first_page,
        )  # fmt: skip
        retired = st.toggle("含已停用", key="entry_retired", on_change=first_page)
    return reads.EntryFilter(text=text, group=group or "", with_retired=retired)


def _entry(user: SignedInPerson, entry: LexiconEntry) -> None:
    with st.container(border=True, key=f"entry-{entry.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(entry.term)
            st.badge(entry.level.label, color="gray")
            st.badge(group_label(entry.group), color="gray")
            if not entry.active:
                st.badge("已停用", color="orange")
        parts = (entry.suggestion, f"来源 {entry.source}" if entry.source else "", f"理由 {entry.reason}")
        st.caption(wording.literal("　".join(part for part in parts if part)))
        with st.container(horizontal=True):
            lexicon_form.editor(user, entry)
            if entry.active:
                _retirement(user, entry.id or 0, entry.version, key=f"retire-{entry.id}")


def _retirement(user: SignedInPerson, entry_id: int, version: int, *, key: str, label: str = "停用") -> None:
    reason = f"{key}-reason"
    with st.popover(label, key=f"open-{key}"):
        st.text_input("理由", key=reason)
        st.button("确认停用", key=key, on_click=_retire, args=(user, entry_id, version, reason))


def _retire(user: SignedInPerson, entry_id: int, version: int, reason: str) -> None:
    with feedback.reporting("已停用，启用新版本后生效。"), runtime.acting_as(user) as work:
        typed = st.session_state.get(reason, "")
        lexicon.retire(work, entry_id=entry_id, seen_version=version, reason=typed)


def scores(user: SignedInPerson) -> None:
    """How often each entry was a false alarm, and which the answers propose to retire."""
    with runtime.reading() as db:
        found = reads.scores(db, user)
    if not found:
        st.info("还没有人答复过词条的提示。", icon=":material/info:")
        return
    st.caption(f"答复满 {reads.ENOUGH_ANSWERS} 次、误报达 {reads.TOO_MANY_FALSE:.0%} 的词条建议停用。")
    table = [
        {
            "词": each.term,
            "分组": group_label(each.group),
            "答复": each.answered,
            "误报": each.false_alarms,
            "误报率": f"{each.false_alarm_rate:.0%}",
            "建议": "停用" if each.should_go else "",
        }
        for each in found
    ]
    st.dataframe(pd.DataFrame(table), hide_index=True, width="stretch")
    proposed = [each for each in found if each.should_go][:MOST_PROPOSED]
    if proposed:
        st.markdown("**建议停用**")
        with st.container(horizontal=True, gap="small", key="proposed-to-go"):
            for each in proposed:
                label = f"停用“{wording.literal(each.term)}”"
                _retirement(user, each.entry_id, each.version, key=f"score-retire-{each.entry_id}", label=label)
