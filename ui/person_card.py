"""One person before the administrator: what is known, the roles and their days, getting in, leaving."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import partial

import streamlit as st

from models import PersonRole, Role
from services import campus_sign_in, people, reset_codes, second_factor, sign_in
from services.queries import holdings, staff
from services.queries.holdings import Holdings
from services.queries.sessions import SignedInPerson
from services.queries.staff import PersonCard
from services.rules.office_time import office_day
from services.unit_of_work import UnitOfWork
from ui import feedback, issued_codes, navigation, people_list, runtime, wording

DATES = people_list.DATES
WHY = "原因（记入操作日志）"


def draw(user: SignedInPerson, person_id: int) -> None:
    """The card of one person."""
    now = runtime.current().now()
    with feedback.or_stop(), runtime.reading() as db:
        card = staff.card(db, user, person_id, now=now)
        held = holdings.of_person(db, user, person_id, now)
    navigation.link("people", "← 全部人员")
    issued_codes.show()
    st.subheader(card.line.name)
    st.markdown(f"{card.line.username}　{wording.literal(card.line.department)}{people_list.badges(card.line)}")
    with st.container(border=True):
        st.markdown("**角色**")
        _roles(user, card)
    with st.expander("资料", icon=":material/badge:"):
        _details(user, card, held)
    with st.expander("登录", icon=":material/key:"):
        _entrance(user, card)
    with st.expander("恢复使用" if not card.line.active else "停用", icon=":material/person_off:"):
        _leaving(user, card, held)


def _act(done: str, act: Callable[[UnitOfWork], object], user: SignedInPerson) -> bool:
    """One act of the administrator, told on the next drawing."""
    with feedback.reporting(done) as outcome, runtime.acting_as(user) as work:
        act(work)
    return outcome.done


# --- Roles -----------------------------------------------------------------------------------------------


def _roles(user: SignedInPerson, card: PersonCard) -> None:
    if not card.roles:
        st.caption("还没有角色，登录后看不到任何页面。")
    today = office_day(runtime.current().now())
    for each in card.roles:
        _role(user, each, today)
    with st.popover("添加角色", icon=":material/add:", key="role_add"):
        role = st.selectbox(
            "角色", list(Role), index=None, format_func=lambda each: each.label, placeholder="请选择", key="role_new"
        )
        since = st.date_input("从", value=today, format=DATES, key="role_new_since")
        until = st.date_input("到（可不填）", value=None, format=DATES, key="role_new_until")
        if st.button("添加", type="primary", key="role_new_save", disabled=role is None) and role is not None:
            granted = _act(
                f"已添加角色“{role.label}”。",
                lambda work: people.grant_role(work, person_id=card.line.id, role=role, starts_on=since, ends_on=until),
                user,
            )
            if granted:
                st.rerun()


def _role(user: SignedInPerson, given: PersonRole, today: date) -> None:
    id_ = given.id or 0
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"role-{id_}"):
        over = given.ends_on is not None and given.ends_on < today
        state = " :gray-badge[已结束]" if over else (" :blue-badge[未开始]" if given.starts_on > today else "")
        st.markdown(f"{given.role.label}{state}", width=150)
        since = st.date_input("从", value=given.starts_on, format=DATES, key=f"since-{id_}", width=150)
        until = st.date_input("到", value=given.ends_on, format=DATES, key=f"until-{id_}", width=150)
        changed = (since, until) != (given.starts_on, given.ends_on)
        if st.button("保存日期", key=f"role_save-{id_}", disabled=not changed) and _act(
            f"“{given.role.label}”的日期已修改。",
            lambda work: people.change_role(work, role_id=id_, starts_on=since, ends_on=until),
            user,
        ):
            st.rerun()
        if st.button("收回", key=f"role_end-{id_}", disabled=over) and _act(
            f"已收回“{given.role.label}”，对方下一次点击即失效。", lambda work: people.end_role(work, role_id=id_), user
        ):
            st.rerun()


# --- What is known ---------------------------------------------------------------------------------------


def _details(user: SignedInPerson, card: PersonCard, held: Holdings) -> None:
    with runtime.reading() as db:
        departments = staff.open_departments(db)
    known = list(departments)
    with st.form("details", border=False):
        left, right = st.columns(2)
        name = left.text_input("姓名", value=card.line.name, key="details_name", max_chars=people.LONGEST_NAME)
        phone = right.text_input("工作电话（可不填）", value=card.phone, key="details_phone", max_chars=20)
        department_id = left.selectbox(
            "部门",
            known,
            index=known.index(card.department_id) if card.department_id in known else None,
            format_func=lambda each: departments[each],
            key="details_department",
        )
        is_student = right.checkbox("是学生", value=card.line.is_student, key="details_student")
        handover = ""
        if held.total:
            st.caption(f"换部门前请先看看：{card.line.name}手上还有 {held.total} 项没有交接。")
            _held(held)
            handover = st.text_input("换部门时，这些由谁接手", key="details_handover", max_chars=200)
        st.caption("只登记工作需要的信息，不登记身份证号、生日和私人电话。")
        if st.form_submit_button("保存资料", key="details_save") and _act(
            "资料已保存。",
            lambda work: people.change_person(
                work,
                person_id=card.line.id,
                name=name,
                department_id=department_id or 0,
                phone=phone,
                is_student=is_student,
                handover=handover,
            ),
            user,
        ):
            st.rerun()


def _held(held: Holdings) -> None:
    for title, things in (
        ("没写完或退回的稿件", held.drafts),
        ("只有本人能办理的稿件", held.waiting),
        ("没有办完的公众号申请", held.requests),
        ("负责运营或登记在册的公众号", held.accounts),
        ("没有结案、涉及本人的违规", held.cases),
        ("代办", held.delegations),
        ("排定的值班", held.duty_days),
    ):
        if things:
            st.markdown(f"**{title}**\n" + "\n".join(f"- {wording.literal(each)}" for each in things))


# --- Getting in ------------------------------------------------------------------------------------------


def _entrance(user: SignedInPerson, card: PersonCard) -> None:
    name, id_ = card.line.name, card.line.id
    st.markdown(f"现在有 {card.open_sessions} 处登录。动态口令{'已开启' if card.has_second_factor else '没有开启'}。")
    why = st.text_input(WHY, key="entrance_why", max_chars=200, placeholder="例如：本人来办公室，忘记密码")
    with st.container(horizontal=True):
        if st.button("发一次性登录码", key="reset_code", icon=":material/password:"):
            with feedback.reporting() as outcome:
                with runtime.acting_as(user) as work:
                    code = reset_codes.issue(work, runtime.current().secrets, person_id=id_, reason=why)
                issued_codes.keep([code])
            if outcome.done:
                st.rerun()
        if (
            card.has_second_factor
            and st.button("停用动态口令", key="factor_remove")
            and _act(
                f"{name}的动态口令已停用。",
                lambda work: second_factor.remove_for(work, person_id=id_, reason=why),
                user,
            )
        ):
            st.rerun()
        if (
            card.open_sessions
            and st.button("退出其所有设备", key="end_sessions")
            and _act(
                f"{name}在所有设备上的登录都已退出。",
                lambda work: sign_in.end_everywhere(work, person_id=id_),
                user,
            )
        ):
            st.rerun()
    if runtime.current().settings.oidc_is_configured:
        _campus(user, card)


def _campus(user: SignedInPerson, card: PersonCard) -> None:
    st.markdown("**统一身份认证**")
    for each in card.identities:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.text(each.subject, width="stretch")
            if st.button("解除", key=f"unlink-{each.id}") and _act(
                "已解除关联。", partial(campus_sign_in.unlink, identity_id=each.id or 0), user
            ):
                st.rerun()
    subject = st.text_input("统一身份的唯一标识（sub）", key="link_subject", max_chars=200)
    if st.button("关联", key="link_save", disabled=not subject.strip()) and _act(
        "已关联统一身份。",
        lambda work: campus_sign_in.link(
            work, person_id=card.line.id, issuer=runtime.current().settings.oidc_issuer, subject=subject
        ),
        user,
    ):
        st.rerun()


# --- Leaving ---------------------------------------------------------------------------------------------


def _leaving(user: SignedInPerson, card: PersonCard, held: Holdings) -> None:
    if not card.line.active:
        st.caption("恢复后，仍在有效期内的角色立即可用；密码照旧，忘记了可以发一次性登录码。")
        if st.button("恢复使用", key="enable") and _act(
            f"{card.line.name}已恢复使用。", lambda work: people.enable(work, person_id=card.line.id), user
        ):
            st.rerun()
        return
    st.caption("停用后，对方在所有设备上的下一次点击就会退出，办过的事和署名都保留。")
    handover = ""
    if held.total:
        st.warning(f"还有 {held.total} 项没有交接，请先写明由谁接手。", icon=":material/warning:")
        _held(held)
        handover = st.text_input("由谁接手", key="handover", max_chars=200)
    else:
        st.caption("没有需要交接的事项。")
    if st.button("停用", key="disable", icon=":material/person_off:") and _act(
        f"{card.line.name}已停用。",
        lambda work: people.disable(work, person_id=card.line.id, handover=handover),
        user,
    ):
        st.rerun()
