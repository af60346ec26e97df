"""代办 on the screen: who acts for whom, a new delegation, and the days somebody is away."""

from __future__ import annotations

from datetime import date
from typing import Any

import streamlit as st

from models import Role
from services import delegations
from services.queries import delegations as reads
from services.queries import people
from services.queries.delegations import AbsenceLine, Colleague, DelegationLine
from services.queries.sessions import SignedInPerson
from services.rules.office_time import office_day
from services.rules.permissions import LENDABLE_ROLES, Capability
from ui import feedback, runtime, wording

DATES = "YYYY-MM-DD"


def _today() -> date:
    return office_day(runtime.current().now())


def standing(user: SignedInPerson) -> None:
    """The delegations that concern the person (an administrator: all of them), with the way to end them."""
    with runtime.reading() as db:
        if user.may(Capability.ADMINISTER):
            lines = reads.everyones(db, _today())
        else:
            lines = reads.of_person(db, user.id or 0, _today())
    if not lines:
        st.info("现在没有代办。外出前可以请一位同志代您办理，到期自动结束。", icon=":material/info:")
    for line in lines:
        _line(user, line)


def _line(user: SignedInPerson, line: DelegationLine) -> None:
    with (
        st.container(border=True, key=f"delegation-{line.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap="xxsmall", width="stretch", key=f"delegation_text-{line.id}"):
            badge = ":gray-badge[未开始]" if line.is_coming(_today()) else ":blue-badge[代办中]"
            st.markdown(f"**{wording.literal(f'{line.deputy} 代 {line.principal}')}** {badge}")
            words = f"{line.starts_on} 至 {line.ends_on} · {wording.roles(line.roles)}"
            st.caption(wording.literal(" · ".join(filter(None, (words, line.reason)))))
        st.button("结束", key=f"end-{line.id}", on_click=_end, args=(user, line.id))


def _end(user: SignedInPerson, delegation_id: int) -> None:
    with feedback.reporting("代办已结束。"), runtime.acting_as(user) as work:
        delegations.end(work, delegation_id=delegation_id)


# --- A new delegation ------------------------------------------------------------------------------------


def delegate(user: SignedInPerson) -> None:
    """Choose who acts for oneself; an administrator also for others."""
    with runtime.reading() as db:
        everybody = reads.colleagues(db)
    with st.container(border=True, key="new_delegation"):
        st.markdown("**请人代办**")
        principal = _principal(user, everybody, key="delegation_principal")
        roles = _lendable(user, principal)
        if not roles:
            whose = "您" if principal == user.id else "这位同志"
            st.caption(f"{whose}没有可以委托的工作：审签、审核、终审、审批和发布可以代办，其他工作不能。")
            return
        others = [each for each in everybody if each.id != principal]
        deputy = st.selectbox(
            "代办人", others, index=None, format_func=_named, placeholder="请选择", key="delegation_deputy"
        )
        st.pills(
            "委托的角色",
            roles,
            selection_mode="multi",
            default=roles,
            format_func=lambda role: role.label,
            key=f"delegation_roles-{principal}",
        )
        _days("delegation")
        st.text_input("说明（可不填）", key="delegation_reason", max_chars=delegations.LONGEST_REASON)
        st.checkbox("这几天不在岗", value=True, key="delegation_away", help="不在岗期间，不会把事项算在本人名下等待")
        st.caption(
            "代办以“某某 代 某某”署名；两人都算在内：任何一人写过、最后改过或签过其他环节的稿件，都须另请他人办理。"
        )
        st.button(
            "开始代办",
            type="primary",
            key="delegate",
            disabled=deputy is None,
            on_click=_delegate,
            args=(user, principal, deputy.id if deputy else 0),
        )


def _principal(user: SignedInPerson, everybody: Any, *, key: str) -> int:
    """Whose days: one's own, or anybody's for an administrator."""
    if not user.may(Capability.ADMINISTER):
        return user.id or 0
    chosen = st.selectbox(
        "为谁登记",
        everybody,
        index=next(i for i, each in enumerate(everybody) if each.id == user.id),
        format_func=_named,
        key=key,
    )
    return int(chosen.id)


def _named(colleague: Colleague) -> str:
    return f"{colleague.name}（{colleague.department}）"


def _lendable(user: SignedInPerson, principal: int) -> list[Role]:
    held = user.roles
    if principal != user.id:
        with runtime.reading() as db:
            actor = people.actor(db, principal, _today())
        held = actor.roles if actor else frozenset()
    return [role for role in LENDABLE_ROLES if role in held]


def _days(name: str) -> None:
    first, last = st.columns(2)
    first.date_input("从", value=_today(), format=DATES, key=f"{name}_from")
    last.date_input("到（含当天）", value=_today(), format=DATES, key=f"{name}_to")


def _delegate(user: SignedInPerson, principal: int, deputy: int) -> None:
    given = st.session_state
    with feedback.reporting("代办已登记，双方都会收到通知。"), runtime.acting_as(user) as work:
        delegations.delegate(
            work,
            principal_id=principal,
            deputy_id=deputy,
            roles=given[f"delegation_roles-{principal}"] or [],
            starts_on=given["delegation_from"],
            ends_on=given["delegation_to"],
            reason=given["delegation_reason"],
            is_absent=given["delegation_away"],
        )


# --- Days away -------------------------------------------------------------------------------------------


def absence(user: SignedInPerson) -> None:
    """The days somebody is away, with or without a deputy."""
    only = None if user.may(Capability.ADMINISTER) else user.id
    with runtime.reading() as db:
        lines = reads.absences(db, _today(), person_id=only)
        everybody = reads.colleagues(db)
    with st.expander(f"不在岗（{len(lines)}）" if lines else "不在岗", icon=":material/event_busy:"):
        for line in lines:
            _absence(user, line)
        person = _principal(user, everybody, key="absence_person")
        _days("absence")
        st.button("登记不在岗", key="enter_absence", on_click=_enter_absence, args=(user, person))


def _absence(user: SignedInPerson, line: AbsenceLine) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{wording.literal(line.person)}　{line.starts_on} 至 {line.ends_on}", width="stretch")
        st.button("撤销", key=f"back-{line.id}", on_click=_withdraw_absence, args=(user, line.id))


def _enter_absence(user: SignedInPerson, person: int) -> None:
    with feedback.reporting("不在岗已登记。"), runtime.acting_as(user) as work:
        delegations.enter_absence(
            work,
            person_id=person,
            starts_on=st.session_state["absence_from"],
            ends_on=st.session_state["absence_to"],
        )


def _withdraw_absence(user: SignedInPerson, absence_id: int) -> None:
    with feedback.reporting("已撤销。"), runtime.acting_as(user) as work:
        delegations.withdraw_absence(work, absence_id=absence_id)
