"""补审: what went out through the emergency channel and has not been reviewed in full, where people look first."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from services.queries import emergencies as reads
from services.queries.emergencies import DebtLine, MonthOfEmergencies
from services.queries.sessions import SignedInPerson
from services.rules.months import month_label
from services.rules.permissions import SEES_DEBTS, SETTLES
from ui import navigation, runtime, wording

CONCERNED = frozenset({*SEES_DEBTS, *(each for held in SETTLES.values() for each in held)})


def draw(user: SignedInPerson) -> None:
    """The items that owe their full review, for those who give it and those who must know; nothing for others."""
    if not any(user.reaches(each) for each in CONCERNED):
        return
    with runtime.reading() as db:
        owed = reads.debts(db, user)
    if not owed:
        return
    now = runtime.current().now()
    overdue = sum(line.is_overdue(now) for line in owed)
    with st.container(border=True, key="debts"):
        late = f"，:red[{overdue} 篇已逾期]" if overdue else ""
        st.markdown(f":material/bolt: **紧急稿件待补审 {len(owed)} 篇**{late}")
        for line in owed:
            _line(line, is_overdue=line.is_overdue(now))


def _line(line: DebtLine, *, is_overdue: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"debt-{line.submission_id}"):
        due = f"{wording.moment(line.due_at)} 前" + ("（分管校领导）" if line.owed_to_leader else "")
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{wording.literal(line.title)}**" + ("　:red-badge[已逾期]" if is_overdue else ""))
            st.caption(wording.literal(f"{line.department} · {line.reason.label} · {line.opened_by}转入 · {due}"))
        if st.button("查看", key=f"open-debt-{line.submission_id}", icon=":material/article:"):
            navigation.go("submission", id=line.submission_id)


def by_month(months: Sequence[MonthOfEmergencies]) -> None:
    """How often the channel was used, month by month."""
    if not months:
        return
    st.subheader("紧急快速通道")
    for line in reversed(months):
        late = f"，补审逾期 :red[{line.late}] 次" if line.late else "，补审没有逾期"
        owed = f"，尚欠补审 {line.owed} 篇" if line.owed else ""
        st.markdown(f"{month_label(line.month)}　使用 **{line.used}** 次{late}{owed}")
