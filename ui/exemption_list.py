"""豁免: what may stand for now, why and until when; ended before its day by an approver."""

from __future__ import annotations

import streamlit as st

from services import exemptions
from services.queries import exemptions as reads
from services.queries.exemptions import ExemptionLine
from services.queries.sessions import SignedInPerson
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from services.screening.catalogue import rule
from ui import feedback, paging, runtime, wording

PAGE = "exemptions"


def draw(user: SignedInPerson) -> None:
    """A page of those in force, the one that ends first on top."""
    today = office_day(runtime.current().now())
    with feedback.or_stop(), runtime.reading() as db:
        total = reads.count(db, user, rules=exemptions.exemptable(), today=today)
    st.caption(f"共 {total} 项有效。终审人在机器提示上“批准豁免”后列在这里；到期或结束后，同样的内容重新提示。")
    listing = st.container()
    number = paging.choose(max(1, -(-total // reads.PAGE_SIZE)), key=PAGE)
    with runtime.reading() as db:
        found = reads.page(db, user, rules=exemptions.exemptable(), today=today, number=number)
    with listing:
        if not found:
            st.info("现在没有豁免。", icon=":material/info:")
        for line in found:
            _line(user, line)


def _line(user: SignedInPerson, line: ExemptionLine) -> None:
    row = line.exemption
    with st.container(border=True, key=f"exemption-{row.id}", gap="small"):
        st.markdown(f"**{rule(row.rule).label}**　“{wording.literal(row.shown)}”")
        st.caption(
            wording.literal(
                f"{row.reason}　{line.approver} {wording.day(row.approved_at)} 批准，至 {row.ends_on.isoformat()}"
            )
        )
        if user.reaches(Capability.APPROVE):
            st.button(
                "结束豁免",
                key=f"end-exemption-{row.id}",
                on_click=_end,
                args=(user, row.id),
                help="从下一次检查起，同样的内容重新提示；已经通过的稿件不受影响。",
            )


def _end(user: SignedInPerson, exemption_id: int) -> None:
    with feedback.reporting("豁免已结束，下一次检查起重新提示。"), runtime.acting_as(user) as work:
        exemptions.end(work, exemption_id=exemption_id)
