"""常用理由 above the words of a decision: picking one fills words and clause, which stay the reviewer's to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from models import Action, ReasonTemplate
from services import reasons
from services.queries import reasons as reads
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.checklist import BY_CODE
from services.rules.clauses import OF_DECISIONS
from services.rules.permissions import keeps_reasons
from ui import checklist_panel, feedback, runtime

NO_CLAUSE = "（不引用条款）"
CLAUSES = {"": NO_CLAUSE, **OF_DECISIONS}
VERBS = {Action.RETURN: "退回", Action.REJECT: "不予采用"}


@dataclass(frozen=True)
class Offer:
    """Words that can be picked."""

    label: str
    text: str
    clause: str


def draw(user: SignedInPerson, item: SubmissionDetail, *, words: str, clause: str) -> None:
    """The list for the decisions this person may take; `words` and `clause` are the keys of the fields it fills."""
    actions = [action for action in VERBS if item.may(action)]
    if not actions:
        return
    with runtime.reading() as db:
        templates = reads.offered(db, actions)
    offers = _offers(item, templates)
    place = f"reason-{item.submission.id}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "常用理由",
            offers,
            index=None,
            format_func=lambda offer: offer.label,
            placeholder="选一条，填入下面的意见",
            key=place,
            on_change=_fill,
            args=(place, words, clause),
        )
        if keeps_reasons(user) and st.button(
            "", icon=":material/settings:", key=f"{place}-keep", help="添加、修改或停用常用理由"
        ):
            _dialog(user)


def _offers(item: SubmissionDetail, templates: Sequence[ReasonTemplate]) -> list[Offer]:
    """What the checklist found wrong stands first, then the templates for it, then all others."""
    failed = checklist_panel.failed(item.submission)
    found = [
        Offer(f"清单 {line.item}｜{line.note}", f"{BY_CODE[line.item].label}：{line.note}", _first_clause(line.item))
        for line in failed
    ]
    codes = [line.item for line in failed]
    usual = sorted(templates, key=lambda each: each.item not in codes)
    return [*found, *(Offer(f"{VERBS[each.action]}｜{each.text}", each.text, each.clause) for each in usual)]


def _first_clause(code: str) -> str:
    """An item of the list may rest on several clauses; a decision names one."""
    return next(each for each in BY_CODE[code].clause.split("、") if each in OF_DECISIONS)


def _fill(place: str, words: str, clause: str) -> None:
    """Add to what is typed already, never over it."""
    offer: Offer | None = st.session_state[place]
    if offer is None:
        return
    typed = str(st.session_state.get(words, "")).rstrip()
    if offer.text not in typed:
        st.session_state[words] = f"{typed}\n{offer.text}".lstrip()
    st.session_state[clause] = offer.clause or st.session_state.get(clause, "")
    st.session_state[place] = None


# --- Keeping the list ------------------------------------------------------------------------------------


@st.dialog("常用理由")
def _dialog(user: SignedInPerson) -> None:
    feedback.show()
    st.caption("办理时选一条就填入意见和条款，发出前还可以改。已经发出的意见不受影响。")
    with runtime.reading() as db:
        templates = {each.id: each for each in reads.offered(db, reasons.GIVEN_WITH)}
    chosen = st.selectbox(
        "修改哪一条",
        [None, *templates],
        format_func=lambda id_: _named(templates[id_]) if id_ in templates else "（新增一条）",
        key="reason-which",
    )
    present = templates.get(chosen)
    key = f"reason-edit-{chosen or 'new'}"
    st.segmented_control(
        "用于",
        list(VERBS),
        default=present.action if present else Action.RETURN,
        required=True,
        format_func=VERBS.__getitem__,
        key=f"{key}-action",
    )
    st.text_area("理由", present.text if present else "", key=f"{key}-text", max_chars=reasons.LONGEST, height=90)
    clauses = list(CLAUSES)
    index = clauses.index(present.clause) if present and present.clause in clauses else 0
    st.selectbox("依据条款", clauses, index=index, format_func=CLAUSES.__getitem__, key=f"{key}-clause")
    with st.container(horizontal=True, gap="small"):
        st.button("保存", type="primary", key="reason-save", on_click=_keep, args=(user, key, present))
        if present is not None:
            st.button("停用这一条", key="reason-retire", on_click=_retire, args=(user, chosen))


def _named(template: ReasonTemplate) -> str:
    return f"{VERBS[template.action]}｜{template.text}"


def _keep(user: SignedInPerson, key: str, present: ReasonTemplate | None) -> None:
    with feedback.reporting("常用理由已保存。") as kept, runtime.acting_as(user) as work:
        reasons.keep(
            work,
            action=st.session_state[f"{key}-action"],
            text=st.session_state[f"{key}-text"],
            clause=st.session_state[f"{key}-clause"],
            item=present.item if present else "",
            template_id=present.id if present else None,
        )
    if kept.done and present is None:
        st.session_state[f"{key}-text"] = ""


def _retire(user: SignedInPerson, template_id: int) -> None:
    with feedback.reporting("这一条不再提供。"), runtime.acting_as(user) as work:
        reasons.retire(work, template_id=template_id)
    st.session_state["reason-which"] = None
