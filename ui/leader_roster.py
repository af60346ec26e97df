"""词库: the roster of leaders, the form of a further post, and the correction of one that was entered."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from models import LeaderTerm
from services import lexicon
from services.queries import lexicon as reads
from services.queries.sessions import SignedInPerson
from services.screening.roster import Leader
from ui import feedback, kept_form, runtime, wording

LABELS = {"name": "姓名", "post": "职务", "place": "次序", "since": "任职日期", "until": "任职到"}


def draw(user: SignedInPerson) -> None:
    """The leaders with their posts and order, and the form of a further post."""
    with runtime.reading() as db:
        rows = reads.leaders(db, user)
    st.caption("姓名不是敏感词：机器只核对职务是否写对、先后是否合适、离任的是否写了“原”。")
    if not rows:
        st.info("名录还是空的：登记现任领导的姓名、职务和排名次序，启用新版本后机器就会核对。", icon=":material/info:")
    for row in rows:
        days = f"{row.valid_from or '…'} 至 {row.valid_to or '今'}"
        with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"leader-{row.id}"):
            st.text(f"{row.place}　{row.name}　{row.post}　{days}")
            with st.popover("修改", key=f"open-leader-{row.id}"):
                _correction(user, row)
            if row.valid_to is None:
                st.button("今日离任", key=f"leave-{row.id}", on_click=_leave, args=(user, row))
    _further(user, place=len(rows) + 1)


def _further(user: SignedInPerson, *, place: int) -> None:
    with st.form("leader-form"):
        left, middle, right = st.columns([2, 3, 1])
        name = left.text_input("姓名", max_chars=lexicon.LONGEST_NAME)
        post = middle.text_input("职务", max_chars=lexicon.LONGEST_POST, placeholder="如 党委书记")
        order = right.number_input("次序", 1, lexicon.LAST_PLACE, value=min(place, lexicon.LAST_PLACE))
        since = left.date_input("任职日期（可不填）", None, format="YYYY-MM-DD")
        if st.form_submit_button("登记", type="primary"):
            with feedback.reporting("已登记，启用新版本后生效。") as saved, runtime.acting_as(user) as work:
                lexicon.save_leader(work, Leader(name, post, int(order), since))
            if saved.done:
                st.rerun()


def _correction(user: SignedInPerson, row: LeaderTerm) -> None:
    place = f"leader_form-{row.id}"
    form = kept_form.opened(place, _present(row), version=row.version, first_field="name", told=_told)
    with st.form(form.key, border=False):
        given = Leader(
            st.text_input("姓名", form.shown["name"], max_chars=lexicon.LONGEST_NAME, key=f"{form.key}-name"),
            st.text_input("职务", form.shown["post"], max_chars=lexicon.LONGEST_POST, key=f"{form.key}-post"),
            int(st.number_input("次序", 1, lexicon.LAST_PLACE, form.shown["place"], key=f"{form.key}-place")),
            _day("任职日期（可不填）", form.shown["since"], key=f"{form.key}-since"),
            _day("任职到哪天（在任的不填）", form.shown["until"], key=f"{form.key}-until"),
        )
        sent = st.form_submit_button("保存", type="primary", key=f"leader_save-{row.id}")
    if not sent:
        return
    with feedback.reporting("已保存，启用新版本后生效。") as saved, runtime.acting_as(user) as work:
        lexicon.save_leader(work, given, leader_id=row.id, seen_version=form.version)
    if saved.done:
        kept_form.close(place)
        st.rerun()


def _day(label: str, shown: str, *, key: str) -> date | None:
    return st.date_input(label, date.fromisoformat(shown) if shown else None, format="YYYY-MM-DD", key=key)


def _present(row: LeaderTerm) -> dict[str, Any]:
    return {
        "name": row.name,
        "post": row.post,
        "place": row.place,
        "since": row.valid_from.isoformat() if row.valid_from else "",
        "until": row.valid_to.isoformat() if row.valid_to else "",
    }


def _told(name: str, value: Any) -> str:
    return wording.literal(f"{LABELS[name]}：{value or '未填'}")


def _leave(user: SignedInPerson, row: LeaderTerm) -> None:
    with feedback.reporting("已登记离任，启用新版本后生效。"), runtime.acting_as(user) as work:
        lexicon.end_term(work, leader_id=row.id or 0, seen_version=row.version)
