"""违规记录: what is looked for, and what was found, the newest first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TypeVar

import streamlit as st

from models import Severity, ViolationKind, ViolationState
from services.queries import people
from services.queries import violations as reads
from services.queries.sessions import SignedInPerson
from services.queries.violations import CaseFilter, CaseLine
from services.rules.permissions import Capability
from services.rules.violation_cases import ENDED, SEES_EVERY_CASE
from ui import navigation, paging, runtime, wording

PAGE = "cases"
OPEN, ALL = "未办结", "全部"
LONGEST_FACTS = 64

Choice = TypeVar("Choice", int, str)

SEVERITY_COLOURS: dict[Severity, str] = {
    Severity.MINOR: "yellow",
    Severity.MAJOR: "orange",
    Severity.SEVERE: "red",
}


def state_colour(state: ViolationState) -> str:
    """Grey for what is over, blue for what goes on."""
    return "gray" if state in ENDED else "blue"


def kind_label(kind: ViolationKind) -> str:
    """As it stands in the office's table: V09 表述或文字差错."""
    return f"{kind.value} {kind.label}"


# --- What is looked for ----------------------------------------------------------------------------------


def choose(user: SignedInPerson) -> CaseFilter:
    """The filters above the list; they stay as they are while a case is read and closed again."""
    first_page = partial(paging.back_to_first, PAGE)
    view = st.segmented_control(
        "办理情况",
        [ALL, OPEN],
        default=ALL,
        required=True,
        key="case_open",
        on_change=first_page,
        label_visibility="collapsed",
        persist_state="session",
    )
    text = st.text_input(
        "查找",
        icon=":material/search:",
        placeholder="事实、处置、条款或稿件标题里的字",
        key="case_text",
        on_change=first_page,
        label_visibility="collapsed",
        persist_state="session",
    )
    with st.container(horizontal=True, key="case_filters"):
        state = _pick("状态", {each.value: each.label for each in ViolationState}, "任何状态", "case_state")
        kind = _pick("类型", {each.value: kind_label(each) for each in ViolationKind}, "任何类型", "case_kind")
        department_id = _pick("部门", _departments(), "任何部门", "case_department") if sees_all(user) else None
    return CaseFilter(
        state=ViolationState.of(state) if state else None,
        kind=ViolationKind.of(kind) if kind else None,
        department_id=department_id,
        text=text,
        open_only=view == OPEN,
    )


def sees_all(user: SignedInPerson) -> bool:
    """Whether the list holds more than what concerns the person's own department."""
    return any(user.may(each) for each in SEES_EVERY_CASE)


def _departments() -> dict[int, str]:
    with runtime.reading() as db:
        return people.department_names(db)


def _pick(label: str, named: Mapping[Choice, str], anything: str, key: str) -> Choice | None:
    return st.selectbox(
        label,
        list(named),
        index=None,
        format_func=lambda each: named[each],
        placeholder=anything,
        key=key,
        on_change=partial(paging.back_to_first, PAGE),
        label_visibility="collapsed",
        persist_state="session",
    )


# --- What was found --------------------------------------------------------------------------------------


def draw(user: SignedInPerson) -> None:
    """Filters, lines and page numbers."""
    wanted = choose(user)
    listing = st.container()
    with runtime.reading() as db:
        found = reads.listed(db, user, wanted)
    number = paging.choose(found.pages, key=PAGE)
    if number > 1:
        with runtime.reading() as db:
            found = reads.listed(db, user, wanted, page=number)
    with listing:
        if not found.total:
            _nothing(user, wanted)
            return
        st.caption(f"共 {found.total} 件，最近登记的在前。")
        for line in found.lines:
            _line(line)


def _nothing(user: SignedInPerson, wanted: CaseFilter) -> None:
    if wanted != CaseFilter():
        st.info("没有符合条件的违规记录，请放宽查找条件。", icon=":material/info:")
    elif user.may(Capability.RECORD_VIOLATIONS):
        st.info("还没有登记过违规。发现问题时，请先处置，再点“登记违规”留下记录。", icon=":material/info:")
    else:
        st.info("没有涉及您或您所在部门的违规记录。", icon=":material/check_circle:")


def _line(line: CaseLine) -> None:
    with (
        st.container(border=True, key=f"case-{line.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap="xxsmall", width="stretch", key=f"case-text-{line.id}"):
            st.markdown(
                f":{SEVERITY_COLOURS[line.severity]}-badge[{line.severity.label}] **{kind_label(line.kind)}** "
                f":{state_colour(line.state)}-badge[{line.state.label}]"
            )
            st.markdown(wording.literal(_shortened(line.facts)))
            st.caption(_whereabouts(line))
        if st.button("查看", key=f"open-case-{line.id}", icon=":material/gavel:"):
            navigation.go("violation", id=line.id)


def _shortened(facts: str) -> str:
    words = " ".join(facts.split())
    return words if len(words) <= LONGEST_FACTS else f"{words[:LONGEST_FACTS]}……"


def _whereabouts(line: CaseLine) -> str:
    item = f"《{wording.literal(line.item)}》" if line.item else ""
    facts = (
        line.department,
        item,
        f"{line.happened_on} 发生",
        f"{line.recorded_by} {wording.day(line.recorded_at)} 登记",
    )
    return " · ".join(fact for fact in facts if fact)
