"""词库 · 学校信息: the school's domains, number formats and names, as the machine check is to know them."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from models import SchoolFact, SchoolFactKind
from services import school_facts
from services.queries import lexicon as reads
from services.queries.sessions import SignedInPerson
from services.screening.addresses import TRUSTED
from ui import feedback, runtime, wording

EXPLAINED = {
    SchoolFactKind.OWN_DOMAIN: "本校网站和邮箱的域名：链接不再提示，邮箱只作提醒。",
    SchoolFactKind.TRUSTED_DOMAIN: f"核对过的外部网站：链接和二维码不再提示。已内置 {'、'.join(TRUSTED)}。",
    SchoolFactKind.STUDENT_NUMBER: "用 # 代表一位数字、@ 代表一个字母，如 2023######：没有写“学号”两个字也认得出来。",
    SchoolFactKind.STAFF_NUMBER: "写法同学号格式。",
    SchoolFactKind.NAME: "学校、校区、馆所的全称：写错一个字会提示。部门名称自动取自“人员与部门”，不用再填。",
}
EXAMPLES = {
    SchoolFactKind.OWN_DOMAIN: "example.edu.cn",
    SchoolFactKind.TRUSTED_DOMAIN: "news.example.com",
    SchoolFactKind.STUDENT_NUMBER: "2023######",
    SchoolFactKind.STAFF_NUMBER: "T#####",
    SchoolFactKind.NAME: "某某大学",
}


def draw(user: SignedInPerson) -> None:
    """What is entered, by kind, and the form of one more."""
    with feedback.or_stop(), runtime.reading() as db:
        rows = reads.facts(db, user)
    st.caption("改动在“试运行与启用”里启用后才生效；启用过的版本不受影响。")
    _form(user)
    for kind in SchoolFactKind:
        _kind(user, kind, [each for each in rows if each.kind is kind])


def _form(user: SignedInPerson) -> None:
    with st.container(border=True, key="fact-form"):
        left, middle, right = st.columns([2, 3, 3])
        kind = left.selectbox(
            "类别", list(SchoolFactKind), format_func=lambda each: each.label, key="fact-kind"
        ) or SchoolFactKind.OWN_DOMAIN  # fmt: skip
        middle.text_input("内容", key="fact-value", placeholder=EXAMPLES[kind], max_chars=80)
        right.text_input("备注（可不填）", key="fact-note", max_chars=120)
        st.caption(EXPLAINED[kind])
        st.button("登记", type="primary", key="fact-add", on_click=_add, args=(user, kind))


def _kind(user: SignedInPerson, kind: SchoolFactKind, rows: Sequence[SchoolFact]) -> None:
    if not rows:
        return
    st.markdown(f"**{kind.label}**")
    for row in rows:
        with st.container(horizontal=True, vertical_alignment="center", key=f"fact-{row.id}"):
            st.text(row.value)
            if row.note:
                st.caption(wording.literal(row.note))
            st.button("删去", key=f"fact-remove-{row.id}", on_click=_remove, args=(user, row.id), type="tertiary")


def _add(user: SignedInPerson, kind: SchoolFactKind) -> None:
    value, note = (st.session_state.get(key, "") for key in ("fact-value", "fact-note"))
    with feedback.reporting("已登记，启用新版本后生效。") as done, runtime.acting_as(user) as work:
        school_facts.add(work, kind=kind, value=value, note=note)
    if done.done:
        st.session_state["fact-value"] = st.session_state["fact-note"] = ""


def _remove(user: SignedInPerson, fact_id: int) -> None:
    with feedback.reporting("已删去，启用新版本后生效。"), runtime.acting_as(user) as work:
        school_facts.remove(work, fact_id=fact_id)
