"""我的账号 on the screen: what the office knows of me, my authenticator, where I am signed in."""

from __future__ import annotations

import streamlit as st

from services import second_factor
from services.queries import sessions, staff
from services.queries.sessions import SignedInPerson
from services.rules.sign_in_duties import needs_second_factor
from ui import access, feedback, guesses, runtime, second_factor_form, wording


def about(user: SignedInPerson) -> None:
    """Name, department, roles and their days."""
    now = runtime.current().now()
    with runtime.reading() as db:
        known = staff.own(db, user, now=now)
    st.markdown(f"**{wording.literal(user.name)}**　{user.username}　{wording.literal(user.department)}")
    for role, until in known.roles:
        st.markdown(f"- {role.label}" + (f"　:gray[到 {until} 为止]" if until else ""))
    st.caption(f"工作电话：{known.phone or '没有登记'}。有误请联系系统管理员更正。")


def authenticator(user: SignedInPerson) -> None:
    """Switch the authenticator on, replace it, renew the codes, or do without it."""
    if not user.entry.has_second_factor:
        st.caption("除密码外再加一道：登录时输入手机上每 30 秒一变的 6 位数字。密码被人知道了也进不来。")
        if st.toggle("开启动态口令", key="second_factor_start"):
            second_factor_form.enrol(user)
        return
    with runtime.reading() as db:
        left = staff.recovery_codes_left(db, user.id or 0)
    st.markdown(f":green-badge[已开启]　还有 {left} 个备用码没有用过。")
    if left <= 3:
        st.warning("备用码快用完了，请重新生成一组。", icon=":material/warning:")
    if st.toggle("更换手机", key="second_factor_start"):
        second_factor_form.enrol(user)
        return
    with st.form("second_factor_more", border=False):
        code = st.text_input(second_factor_form.CODE_HINT, key="second_factor_check", max_chars=12)
        with st.container(horizontal=True):
            renew = st.form_submit_button("重新生成备用码", key="recovery_codes_renew")
            off = not needs_second_factor(user.roles, is_live=runtime.is_live()) and st.form_submit_button(
                "停用动态口令", key="second_factor_off"
            )
    if renew:
        _renew(user, code)
    if off:
        _switch_off(user, code)


def _renew(user: SignedInPerson, code: str) -> None:
    with feedback.reporting("备用码已重新生成，原来的都作废。") as outcome, guesses.counted(user):
        with runtime.acting_as(user) as work:
            codes = second_factor.renew_codes(work, runtime.current().secrets, code=code)
        st.session_state[second_factor_form.CODES] = codes
    if outcome.done:
        st.rerun()


def _switch_off(user: SignedInPerson, code: str) -> None:
    with feedback.reporting("动态口令已停用。") as outcome, guesses.counted(user), runtime.acting_as(user) as work:
        second_factor.switch_off(work, runtime.current().secrets, code=code, is_live=runtime.is_live())
    if outcome.done:
        st.rerun()


def devices(user: SignedInPerson) -> None:
    """Where the person is signed in now, and the one button that ends all of it."""
    now = runtime.current().now()
    with runtime.reading() as db:
        open_now = sessions.of_person(db, user.id or 0, now)
    for each in open_now:
        here = "　:green-badge[这台]" if each.id == user.session_id else ""
        place = f"　{each.origin}" if each.origin else ""
        st.markdown(
            f"- {each.device or '没有报名的浏览器'}{here}　"
            f":gray[{wording.moment(each.opened_at)} 登录，最近使用 {wording.moment(each.seen_at)}{place}]"
        )
    idle = round(runtime.current().settings.idle.total_seconds() / 60)
    st.caption(f"{idle} 分钟没有操作会自动退出，写到一半的稿件已经保存，重新登录后接着写。")
    st.button(
        "退出所有设备", key="sign_out_everywhere", icon=":material/logout:", on_click=_leave_everywhere, args=(user,)
    )


def _leave_everywhere(user: SignedInPerson) -> None:
    with feedback.reporting("您在所有设备上的登录都已退出。"):
        access.sign_out_everywhere(user)
