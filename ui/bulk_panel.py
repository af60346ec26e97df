"""成批办理: ticked items, one decision, one shared reason, and what became of each."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from services import bulk_decisions
from services.bulk_decisions import BulkDecision, Chosen, RowResult
from services.queries.sessions import SignedInPerson
from services.queries.submission_lists import SubmissionLine
from ui import feedback, navigation, runtime, wording
from ui.reason_picker import CLAUSES

TOGGLE, WORDS, CLAUSE, ALL = "bulk", "bulk-words", "bulk-clause", "bulk-all"
RESULTS = "bulk.results"
VERBS = {BulkDecision.PASS: "通过", BulkDecision.RETURN: "退回"}


def is_wanted(lines: Sequence[SubmissionLine]) -> bool:
    """The switch; whether items are to be ticked. For a single item there is nothing to switch."""
    if len(lines) < 2:
        return False
    return st.toggle("成批办理", key=TOGGLE, help="一次通过或退回多篇：共用一条理由，每篇各有结果。")


def draw(user: SignedInPerson, lines: Sequence[SubmissionLine]) -> None:
    """What can be done with the ticked items."""
    chosen = [Chosen(each.id, each.title, each.version) for each in lines if st.session_state.get(_key(each.id))]
    with st.container(border=True, key="bulk-panel", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.checkbox("选中本页全部", key=ALL, on_change=_tick_all, args=([each.id for each in lines],))
            st.markdown(f"已选 **{len(chosen)}** 篇")
            _pass(user, chosen)
            _return(user, chosen)
        st.caption("每篇单独办理：机器提示没有答复、内容已变或不由您办理的，会逐篇说明。终审封版须逐篇打开核对。")


def _pass(user: SignedInPerson, chosen: Sequence[Chosen]) -> None:
    with st.popover("通过……", key="bulk-pass-open", icon=":material/check:", disabled=not chosen):
        st.markdown(f"选中的 {len(chosen)} 篇将以您的名义签字，送往各自的下一环节。")
        _press(user, BulkDecision.PASS, chosen)


def _return(user: SignedInPerson, chosen: Sequence[Chosen]) -> None:
    with st.popover("退回……", key="bulk-return-open", icon=":material/undo:", disabled=not chosen):
        st.text_area("共同的理由", key=WORDS, placeholder="每位作者都会看到，例如：请补充活动时间和摄影者", height=96)
        st.selectbox("依据条款", list(CLAUSES), format_func=CLAUSES.__getitem__, key=CLAUSE)
        _press(user, BulkDecision.RETURN, chosen)


def _press(user: SignedInPerson, decision: BulkDecision, chosen: Sequence[Chosen]) -> None:
    st.button(
        f"{VERBS[decision]} {len(chosen)} 篇",
        key=f"bulk-{decision.value}",
        type="primary",
        disabled=not chosen,
        on_click=_decide,
        args=(user, decision, chosen),
    )


def tick(line: SubmissionLine) -> None:
    """The box of one item."""
    st.checkbox(f"选择《{line.title}》", key=_key(line.id), label_visibility="collapsed")


def _key(submission_id: int) -> str:
    return f"pick-{submission_id}"


def _tick_all(submission_ids: Sequence[int]) -> None:
    for submission_id in submission_ids:
        st.session_state[_key(submission_id)] = st.session_state[ALL]


def _decide(user: SignedInPerson, decision: BulkDecision, chosen: Sequence[Chosen]) -> None:
    with feedback.reporting():
        results = bulk_decisions.decide(
            partial(runtime.acting_as, user),
            decision,
            chosen,
            comment=st.session_state.get(WORDS, "") if decision is BulkDecision.RETURN else "",
            clause=st.session_state.get(CLAUSE, "") if decision is BulkDecision.RETURN else "",
        )
        _remember(decision, results)


def _remember(decision: BulkDecision, results: Sequence[RowResult]) -> None:
    # What was not done stays ticked, with the words still in their field.
    st.session_state[RESULTS] = (VERBS[decision], [(each.submission_id, each.title, each.refusal) for each in results])
    st.session_state[ALL] = False
    for each in results:
        st.session_state[_key(each.submission_id)] = not each.done
    if all(each.done for each in results):
        st.session_state[WORDS] = ""


def results() -> None:
    """What became of each item of the last act, until the person has read it."""
    if RESULTS not in st.session_state:
        return
    verb, rows = st.session_state[RESULTS]
    undone = [row for row in rows if row[2]]
    with st.container(border=True, key="bulk-results", gap="small"):
        done = len(rows) - len(undone)
        st.markdown(f"**成批{verb}的结果**　{done} 篇已{verb}" + (f"，{len(undone)} 篇没有办理" if undone else ""))
        for submission_id, title, refusal in [*undone, *(row for row in rows if not row[2])]:
            name = f"《{wording.literal(title)}》"
            if refusal:
                with st.container(horizontal=True, vertical_alignment="center"):
                    st.markdown(f":red[:material/close:] {name}没有办理：{wording.literal(refusal)}", width="stretch")
                    navigation.link("submission", "打开", id=submission_id)
            else:
                st.markdown(f":green[:material/check:] {name}已{verb}")
        st.button("知道了", key="bulk-read", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(RESULTS, None)
