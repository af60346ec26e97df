"""One's own duties: shown, acknowledged once for each version, asked for quietly and never in the way."""

from __future__ import annotations

import streamlit as st

from models import Role
from services import duty
from services.queries import operators as reads
from services.queries.operators import Duties
from services.queries.sessions import SignedInPerson
from ui import access, feedback, navigation, runtime, wording

ASKED = "duties.asked"


def reminder(user: SignedInPerson) -> None:
    """In the sidebar, while something is unread; a word once after signing in."""
    with runtime.reading() as db:
        unread = reads.unread_duties(db, user)
    if not unread:
        return
    navigation.link("duties", "岗位职责 :orange-badge[待确认]")
    if access.TICKET in st.session_state and ASKED not in st.session_state:
        st.session_state[ASKED] = True
        roles = wording.listed(each.role.label for each in unread)
        st.toast(f"请抽空阅读并确认您的岗位职责（{roles}），在侧栏“岗位职责”里。", icon=":material/menu_book:")


def draw(user: SignedInPerson) -> None:
    """The duties of each of the person's roles."""
    with runtime.reading() as db:
        unread = {each.role for each in reads.unread_duties(db, user)}
        held = [reads.duties_of(db, role) for role in Role if role in user.roles]
    if not held:
        st.info("您现在没有角色，也就没有岗位职责。需要时请联系系统管理员。", icon=":material/info:")
    for each in held:
        with st.container(border=True, key=f"duties-{each.role.value}"):
            st.markdown(f"**{each.role.label}**　:gray-badge[第 {each.version} 版]")
            st.markdown(wording.literal(each.text))
            if each.role in unread:
                name = f"acknowledge-{each.role.value}"
                st.button("我已阅读", key=name, type="primary", on_click=_acknowledge, args=(user, each))
            else:
                st.caption("已确认。")


def _acknowledge(user: SignedInPerson, duties: Duties) -> None:
    done = f"已确认“{duties.role.label}”的职责。"
    with feedback.reporting(done), runtime.acting_as(user) as work:
        duty.acknowledge(work, role=duties.role, version=duties.version)
