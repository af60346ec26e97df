"""词库: trying the changed list out on last month's items, putting it in force, and every version there was."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from services import lexicon
from services.lexicon import DryRun, TriedMark
from services.queries import lexicon as reads
from services.queries.sessions import SignedInPerson
from services.rules.office_time import office_day
from ui import feedback, runtime, wording


def has_begun(user: SignedInPerson) -> bool:
    """Whether the office has a list of its own; until then, the button that makes one of what ships."""
    with runtime.reading() as db:
        if reads.has_begun(db):
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
        _version(user, each, in_force=each is versions[0])


def _version(user: SignedInPerson, version: reads.Version, *, in_force: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"lexicon-version-{version.number}"):
        said = f"第 {version.number} 版　{wording.moment(version.made_at)}　{version.made_by}　{version.entries} 条"
        st.caption(wording.literal(f"{said}　{version.note}"))
        if in_force:
            st.badge("现行", color="green")
        with st.popover("撤销未启用的改动" if in_force else "恢复这一版的词条", key=f"open-back-{version.number}"):
            st.markdown(
                "词条回到现行版本的样子，还没有启用的增改和停用都撤销。"
                if in_force
                else f"词条回到第 {version.number} 版的样子：后来新增的停用，改过、停用的复原。试运行并启用后才生效。"
            )
            st.caption("领导名录和学校信息不变。")
            reason = f"back-{version.number}-reason"
            st.text_input("理由", key=reason, max_chars=lexicon.LONGEST_REASON)
            st.button("确认", key=f"back-{version.number}", on_click=_go_back, args=(user, version.number, reason))


def _go_back(user: SignedInPerson, number: int, reason: str) -> None:
    with feedback.reporting() as done, runtime.acting_as(user) as work:
        changed = lexicon.go_back(work, number=number, reason=st.session_state.get(reason, ""))
    if done.done:
        feedback.say(f"词条已回到第 {number} 版，{changed} 条有变化。")
        st.session_state.pop("lexicon-try", None)


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
        f"新增或修改 **{tried.added}** 条，去掉或修改 **{tried.removed}** 条；"
        f"近一个月 **{tried.items}** 篇稿件会多出 **{tried.total}** 处提示，少掉 **{tried.total_gone}** 处。"
    )
    _places("多出的提示", tried.new_marks, tried.total, "这么多提示，说明新词条还需要加限定。")
    _places("少掉的提示", tried.gone_marks, tried.total_gone, "请确认停用或改动的词条确实不再需要。")


def _places(heading: str, marks: Sequence[TriedMark], total: int, advice: str) -> None:
    if not marks:
        return
    rows = [{"稿件": each.title or "（您无权查看）", "词": each.term, "编号": each.submission_id} for each in marks]
    st.markdown(f"**{heading}**")
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch")
    if total > len(marks):
        st.caption(f"只列出前 {len(marks)} 处；{advice}")


def _activate(user: SignedInPerson, note: str) -> None:
    with feedback.reporting("新版本已启用，下一次检查就用它。") as done, runtime.acting_as(user) as work:
        lexicon.activate(work, note=note)
    if done.done:
        st.session_state.pop("lexicon-try", None)
