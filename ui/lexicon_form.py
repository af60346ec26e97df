"""词库: the forms of an entry and of an import."""

from __future__ import annotations

import streamlit as st

from models import FindingLevel, LexiconEntry
from services import lexicon
from services.lexicon import EntryFields
from services.queries.sessions import SignedInPerson
from services.screening.entries import Match
from services.screening.lists import Imported
from ui import feedback, runtime

MATCHES = {
    Match.ANYWHERE: "含变形写法",
    Match.WORD: "独立成词",
    Match.EXACT: "一字不差",
    Match.COMPLETE: "须完整引用（各部分用、分开）",
}
SHOWN_ERRORS = 50


# --- One entry -------------------------------------------------------------------------------------------


def opener(user: SignedInPerson) -> None:
    """The button that opens an empty form."""
    if st.button("新增词条", icon=":material/add:", type="primary", key="add-entry"):
        _dialog(user, None)


def editor(user: SignedInPerson, entry: LexiconEntry) -> None:
    """The button that opens the form of an entry."""
    if st.button("修改" if entry.active else "恢复使用", key=f"edit-{entry.id}"):
        _dialog(user, entry)


@st.dialog("词条", width="large")
def _dialog(user: SignedInPerson, entry: LexiconEntry | None) -> None:
    key = f"entry-form-{entry.id if entry else 'new'}-{{}}".format
    left, right = st.columns(2)
    given = EntryFields(
        term=left.text_input("词", entry.term if entry else "", key=key("term"), max_chars=64),
        group=right.text_input(
            "分组代码", entry.group if entry else "", key=key("group"), max_chars=32, placeholder="如 slogan、school"
        ),
        level=left.selectbox(
            "级别", list(FindingLevel), index=list(FindingLevel).index(entry.level) if entry else 1,
            format_func=lambda each: each.label, key=key("level"),
        )
        or FindingLevel.WARN,
        match=right.selectbox(
            "匹配方式", list(Match), index=list(Match).index(Match(entry.match)) if entry else 0,
            format_func=MATCHES.__getitem__, key=key("match"),
        )
        or Match.ANYWHERE,
        suggestion=st.text_input("建议", entry.suggestion if entry else "", key=key("suggestion")),
        replacement=st.text_input(
            "可直接替换为（可不填）", (entry.replacement or "") if entry else "", key=key("replacement")
        ) or None,
        allow=st.text_input("出现在这些短语里不提示（用 | 分开）", entry.allow if entry else "", key=key("allow")),
        near=st.text_input("同一句里有这些词才提示（用 | 分开）", entry.near if entry else "", key=key("near")),
        strict_topics=st.text_input(
            "标题或类别有这些词时，提示升为警告（用 | 分开）", entry.strict_topics if entry else "",
            key=key("strict"), placeholder="如 招生|录取",
        ),
        source=left.text_input("来源", entry.source if entry else "", key=key("source")),
        owner=right.text_input("负责单位", entry.owner if entry else "", key=key("owner")),
        valid_from=left.date_input("生效日期", entry.valid_from if entry else None, key=key("from")),
        valid_to=right.date_input("失效日期", entry.valid_to if entry else None, key=key("to")),
        pinyin=st.toggle(
            "也提示读音相同的写法（三个字以上，如拼音、谐音）", entry.pinyin if entry else False, key=key("pinyin")
        ),
        review_on=left.date_input("复查日期", entry.review_on if entry else None, key=key("review")),
        reason=right.text_input("收录或修改的理由", key=key("reason")),
    )  # fmt: skip
    st.caption("不提供正则表达式：写得不当会让检查停住。学号等固定格式请用模板（# 代表数字，@ 代表字母）。")
    label = "保存" if entry is None or entry.active else "保存并恢复使用"
    if not st.button(label, type="primary", key=key("save")):
        return
    with feedback.reporting("词条已保存，启用新版本后生效。") as saved, runtime.acting_as(user) as work:
        if entry is None:
            lexicon.save_entry(work, given)
        else:
            lexicon.save_entry(work, given, entry_id=entry.id, seen_version=entry.version)
    if saved.done:
        st.rerun()


# --- Import and export -----------------------------------------------------------------------------------


def files(user: SignedInPerson) -> None:
    """The list as a file, and a file looked through before anything of it is written."""
    st.button("生成导出文件", key="make-export", on_click=_make_export, args=(user,))
    if "lexicon-export" in st.session_state:
        st.download_button(
            "下载词库.csv", st.session_state["lexicon-export"], "词库.csv", "text/csv", icon=":material/download:"
        )
    turn = st.session_state.setdefault("lexicon-turn", 0)
    file = st.file_uploader("导入 CSV（表头与导出文件相同）", type=["csv"], key=f"lexicon-file-{turn}")
    if file is None:
        return
    with feedback.or_stop():
        found = lexicon.read_import(file.getvalue())
    _found(found)
    reason = st.text_input("词表来源和导入理由", key="import-reason")
    st.button(
        f"确认导入 {len(found.terms)} 条", type="primary", key="import", disabled=not found.terms,
        on_click=_bring_in, args=(user, found, reason),
    )  # fmt: skip


def _found(found: Imported) -> None:
    st.markdown(f"可导入 **{len(found.terms)}** 条，有问题 **{len(found.errors)}** 行。确认之前什么都不会写入。")
    for error in found.errors[:SHOWN_ERRORS]:
        st.warning(f"第 {error.row} 行：{error.why}", icon=":material/warning:")
    if len(found.errors) > SHOWN_ERRORS:
        st.caption(f"其余 {len(found.errors) - SHOWN_ERRORS} 行略。")


def _make_export(user: SignedInPerson) -> None:
    with feedback.reporting(), runtime.reading() as db:
        # Spreadsheet programs read a CSV as UTF-8 only behind this mark.
        st.session_state["lexicon-export"] = "\ufeff" + lexicon.export(db, user)


def _bring_in(user: SignedInPerson, found: Imported, reason: str) -> None:
    with (
        feedback.reporting(f"已导入 {len(found.terms)} 条，启用新版本后生效。") as done,
        runtime.acting_as(user) as work,
    ):
        lexicon.bring_in(work, found.terms, reason=reason)
    if done.done:
        st.session_state["lexicon-turn"] += 1
