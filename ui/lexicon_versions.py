"""词库: trying the changed list out on last month's items, putting it in force, and every version there was."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from services import lexicon
from services.lexicon import DryRun
from services.queries import lexicon as reads
from services.queries.sessions import SignedInPerson
from services.rules.office_time import office_day
from ui import feedback, runtime, wording


def has_begun(user: SignedInPerson) -> bool:
    """Whether the office has a list of its own; until then, the button that makes one of what ships."""
    with runtime.reading() as db:
        if lexicon.latest(db) is not None:
            return True
    st.info(
        "现在使用随产品提供的起始词表。载入后可以增删改词条，登记领导名录和学校信息，每次启用都留下版本。",
        icon=":material/info:",
    )
    st.button("载入起始词表", type="primary", key="start-lexicon", on_click=_start, args=(user,))
    return False


def _start(user: SignedInPerson) -> None:
    with feedback.reporting("起始词表已载入为第 1 版。"), runtime.acting_as(user) as work:
        lexicon.start(work)


def draw(user: SignedInPerson) -> None:
    """The dry run, the activation and the versions."""
    if st.button("试运行：用改动后的词库检查近一个月稿件", key="try-out", icon=":material/science:"):
        st.session_state["lexicon-try"] = _try_out(user)
    tried: DryRun | None = st.session_state.get("lexicon-try")
    if tried is not None:
        _tried(tried)
    note = st.text_input("启用说明", key="activate-note", placeholder="这次改了什么、为什么", disabled=tried is None)
    st.button(
        "启用为新版本", type="primary", key="activate", disabled=tried is None, on_click=_activate, args=(user, note),
    )  # fmt: skip
    if tried is None:
        st.caption("先试运行，看过它会多提示、少提示哪些，才能启用。")
    with runtime.reading() as db:
        versions = reads.versions(db, user)
    for each in versions:
        st.caption(
            f"第 {each.number} 版　{wording.moment(each.made_at)}　{each.entries} 条　{wording.literal(each.note)}"
        )


def _try_out(user: SignedInPerson) -> DryRun:
    progress = st.progress(0.0, "正在准备…")

    def told(done: int, of: int) -> None:
        progress.progress(done / of, f"正在检查第 {done} 篇，共 {of} 篇")

    with runtime.reading() as db:
        tried = lexicon.try_out(db, user, office_day(runtime.current().now()), told=told)
    progress.empty()
    return tried


def _tried(tried: DryRun) -> None:
    st.markdown(
        f"新增或修改 **{tried.added}** 条，去掉 **{tried.removed}** 条；"
        f"近一个月 **{tried.items}** 篇稿件会新增 **{tried.total}** 处提示。"
    )
    if tried.new_marks:
        rows = [
            {"稿件": each.title or "（您无权查看）", "词": each.term, "编号": each.submission_id}
            for each in tried.new_marks
        ]
        st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    if tried.total > len(tried.new_marks):
        st.caption(f"只列出前 {len(tried.new_marks)} 处；这么多提示，说明新词条还需要加限定。")


def _activate(user: SignedInPerson, note: str) -> None:
    with feedback.reporting("新版本已启用，下一次检查就用它。") as done, runtime.acting_as(user) as work:
        lexicon.activate(work, note=note)
    if done.done:
        st.session_state.pop("lexicon-try", None)
