"""What the inbox shows: which of its lists, narrowed to what; and the filters a person keeps.

Everything chosen stands in the address, so that a list can be sent to a colleague, who sees of it what is theirs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import streamlit as st

from models import REVIEW_STAGES, ContentCategory, InboxView, SubmissionState, Vocabulary
from services import saved_filters
from services.queries import accounts, inbox, people
from services.queries.inbox import FilterLine
from services.queries.sessions import SignedInPerson
from services.rules.list_filters import EVERYTHING, Criteria
from services.rules.permissions import UNSENT
from services.rules.search_terms import LONGEST
from services.rules.stage_clocks import ClockColour
from ui import feedback, paging, runtime, wording

VIEW, WORDS = "inbox", "find"
DEPARTMENT, ACCOUNT, CATEGORY, STATE, COLOUR = "dept", "account", "category", "stage", "clock"
SELECTS = (DEPARTMENT, ACCOUNT, CATEGORY, STATE, COLOUR)
NAME = "filter-name"

Word = TypeVar("Word", bound=Vocabulary)


def choose(user: SignedInPerson) -> tuple[InboxView, Criteria]:
    """Draw the lists, the words and the filter; what was chosen."""
    with runtime.reading() as db:
        departments = {name: id_ for id_, name in people.department_names(db).items()}
        official = {each.name: each.id or 0 for each in accounts.every(db)}
    view = _choose_view()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "查找标题和正文",
            key=WORDS,
            bind="query-params",
            placeholder="查找标题和正文，例如：运动会 医务室",
            label_visibility="collapsed",
            icon=":material/search:",
            max_chars=LONGEST,
            on_change=_first_page,
        )
        with st.popover(_label(), icon=":material/filter_list:", key="filter"):
            criteria = _choose_criteria(view, words or "", departments, official)
            _keep(user, view, criteria, departments, official)
    _kept(user, departments, official)
    return view, criteria


def _choose_view() -> InboxView:
    labels = {each.label: each for each in InboxView}
    chosen = st.segmented_control(
        "查看",
        list(labels),
        default=InboxView.WAITING.label,
        required=True,
        key=VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
    return labels.get(chosen or "", InboxView.WAITING)


def _label() -> str:
    active = sum(1 for key in SELECTS if st.session_state.get(key))
    return f"筛选（{active}）" if active else "筛选"


def _choose_criteria(
    view: InboxView, words: str, departments: Mapping[str, int], official: Mapping[str, int]
) -> Criteria:
    states = (
        REVIEW_STAGES if view is InboxView.WAITING else tuple(each for each in SubmissionState if each not in UNSENT)
    )
    return Criteria(
        words=" ".join(words.split()),
        department_id=_select("部门", DEPARTMENT, departments),
        account_id=_select("公众号", ACCOUNT, official),
        category=_select("类别", CATEGORY, _labels(ContentCategory)),
        state=_select("环节", STATE, {each.label: each for each in states}),
        colour=_select("时限", COLOUR, _labels(ClockColour)),
    )


def _labels(vocabulary: type[Word]) -> dict[str, Word]:
    return {each.label: each for each in vocabulary}


def _select(label: str, key: str, options: Mapping[str, Any]) -> Any:
    if st.session_state.get(key) not in options:
        st.session_state.pop(key, None)  # another list has other stages
    chosen = st.selectbox(
        label,
        list(options),
        index=None,
        placeholder="全部",
        key=key,
        bind="query-params",
        on_change=_first_page,
    )
    return options.get(chosen or "")


def _first_page() -> None:
    for view in InboxView:
        paging.back_to_first(view.value)


# --- What a person keeps ---------------------------------------------------------------------------------


def _keep(
    user: SignedInPerson,
    view: InboxView,
    criteria: Criteria,
    departments: Mapping[str, int],
    official: Mapping[str, int],
) -> None:
    if criteria == EVERYTHING:
        st.caption("选好条件后，可以把它存为常用筛选。")
        return
    st.text_input("存为常用筛选", key=NAME, placeholder="起个名字", max_chars=saved_filters.LONGEST_NAME)
    with st.container(horizontal=True):
        st.button(
            "保存", key="filter-keep", icon=":material/bookmark_add:", on_click=_save, args=(user, view, criteria)
        )
        st.button("清除条件", key="filter-clear", on_click=_apply, args=(view, EVERYTHING, departments, official))


def _save(user: SignedInPerson, view: InboxView, criteria: Criteria) -> None:
    name = str(st.session_state.get(NAME, ""))
    with (
        feedback.reporting(f"已存为常用筛选“{wording.literal(name.strip())}”。") as outcome,
        runtime.acting_as(user) as work,
    ):
        saved_filters.keep(work, name=name, view=view, criteria=criteria)
    if outcome.done:
        st.session_state[NAME] = ""


def _kept(user: SignedInPerson, departments: Mapping[str, int], official: Mapping[str, int]) -> None:
    """The person's own filters with their counters: one click each, and the way to be rid of one."""
    with runtime.reading() as db:
        kept = inbox.kept_filters(db, user, now=runtime.current().now())
    if not kept:
        return
    with st.container(horizontal=True, gap="small", key="kept-filters"):
        for each in kept:
            st.button(
                f"{wording.literal(each.name)}　**{_number(each)}**",
                key=f"filter-{each.id}",
                icon=":material/bookmark:",
                on_click=_apply,
                args=(each.view, each.criteria, departments, official),
            )
        with st.popover("整理", key="filters-tidy", type="tertiary"):
            for each in kept:
                st.button(
                    f"删去“{wording.literal(each.name)}”",
                    key=f"filter-drop-{each.id}",
                    on_click=_drop,
                    args=(user, each),
                )


def _number(line: FilterLine) -> str:
    return f"{line.number}+" if line.many else str(line.number)


def _apply(view: InboxView, criteria: Criteria, departments: Mapping[str, int], official: Mapping[str, int]) -> None:
    by_id = ((DEPARTMENT, departments, criteria.department_id), (ACCOUNT, official, criteria.account_id))
    chosen: dict[str, str | None] = {
        key: next((name for name, id_ in names.items() if id_ == wanted), None) for key, names, wanted in by_id
    }
    words = ((CATEGORY, criteria.category), (STATE, criteria.state), (COLOUR, criteria.colour))
    chosen |= {key: word.label if word else None for key, word in words}
    st.session_state.update({VIEW: view.label, WORDS: criteria.words, **chosen})
    _first_page()


def _drop(user: SignedInPerson, line: FilterLine) -> None:
    with feedback.reporting(f"已删去“{wording.literal(line.name)}”。"), runtime.acting_as(user) as work:
        saved_filters.drop(work, filter_id=line.id)
