"""紧急通道名单: who may bring an item into the emergency channel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from services import emergencies
from services.queries.emergencies import ListedPerson
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, wording
from ui.emergency_form import WHAT_IT_IS


def draw(user: SignedInPerson, listed: Sequence[ListedPerson], people: Mapping[int, str]) -> None:
    """The list, and one field to add to it."""
    st.caption(WHAT_IT_IS)
    st.caption(
        "名单上的人可以把稿件转入通道；初审和签发仍由原有的审核员、终审人和校领导办理，作者、初审、签发是三个不同的人。"
    )
    known = {each.id for each in listed}
    free = {id_: name for id_, name in people.items() if id_ not in known}
    with st.container(horizontal=True, vertical_alignment="bottom", key="emergency-add"):
        chosen = st.selectbox(
            "加入名单",
            list(free),
            index=None,
            format_func=free.__getitem__,
            key="emergency-who",
            placeholder="选一位同志",
        )
        st.button(
            "加入", key="emergency-list", type="primary", disabled=chosen is None, on_click=_list, args=(user, chosen)
        )
    if not listed:
        st.info("名单还是空的：现在没有人可以使用紧急快速通道。", icon=":material/info:")
    for each in listed:
        with st.container(horizontal=True, vertical_alignment="center", key=f"listed-{each.id}"):
            st.markdown(f"**{wording.literal(each.name)}**　{wording.literal(each.department)}", width="stretch")
            st.caption(f"{wording.day(each.added_at)} 加入")
            st.button("移出", key=f"unlist-{each.id}", on_click=_unlist, args=(user, each))


def _list(user: SignedInPerson, person_id: int) -> None:
    with feedback.reporting("已加入名单。"), runtime.acting_as(user) as work:
        emergencies.list_person(work, person_id=person_id)


def _unlist(user: SignedInPerson, person: ListedPerson) -> None:
    with feedback.reporting(f"{person.name}已移出名单。"), runtime.acting_as(user) as work:
        emergencies.unlist_person(work, person_id=person.id)
