"""The register of people: its filters, its lines, and the form for somebody new."""

from __future__ import annotations

from functools import partial

import streamlit as st

from models import Role
from services import passwords, people, reset_codes
from services.errors import InvalidInput
from services.queries import staff
from services.queries.sessions import SignedInPerson
from services.queries.staff import PeopleFilter, PersonLine
from services.rules.office_time import office_day
from ui import feedback, issued_codes, navigation, paging, runtime, wording

PAGE = "people"
DATES = "YYYY-MM-DD"
ROUND = "people.round"
"""Grows with every person entered: under other keys the form is empty again."""


def draw(user: SignedInPerson) -> None:
    """Everybody, a page at a time."""
    issued_codes.show()
    with st.expander("新建人员", icon=":material/person_add:"):
        _new_person(user)
    wanted = _choose()
    now, listing = runtime.current().now(), st.container()
    with runtime.reading() as db:
        counted = staff.listed(db, user, wanted, now=now)
    number = paging.choose(counted.pages, key=PAGE)
    with runtime.reading() as db:
        page = counted if number == 1 else staff.listed(db, user, wanted, now=now, page=number)
    with listing:
        st.caption(f"共 {page.total} 人。" if page.total else "没有符合条件的人员，请放宽查找条件。")
        for line in page.lines:
            _line(line)


def _choose() -> PeopleFilter:
    first_page = partial(paging.back_to_first, PAGE)
    with runtime.reading() as db:
        departments = staff.open_departments(db)
    text, department, role, state = st.columns([3, 3, 3, 2])
    typed = text.text_input("姓名、用户名或电话", key="people_text", on_change=first_page, max_chars=40)
    department_id = department.selectbox(
        "部门",
        list(departments),
        index=None,
        format_func=lambda each: departments[each],
        placeholder="全部部门",
        key="people_department",
        on_change=first_page,
    )
    chosen = role.selectbox(
        "角色",
        list(Role),
        index=None,
        format_func=lambda each: each.label,
        placeholder="全部角色",
        key="people_role",
        on_change=first_page,
    )
    inactive = state.selectbox("状态", ["在用", "已停用"], key="people_state", on_change=first_page) == "已停用"
    return PeopleFilter(text=typed, department_id=department_id, role=chosen, active=not inactive)


def _line(line: PersonLine) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"person-{line.id}"):
        with st.container(gap="xxsmall", width="stretch"):
            st.markdown(f"**{wording.literal(line.name)}**　{line.username}{badges(line)}")
            roles = wording.roles(line.roles) or ":orange[现在没有角色]"
            until = f"　:gray[最早到 {line.ends_next} 为止]" if line.ends_next else ""
            st.caption(f"{wording.literal(line.department)} · {roles}{until}")
        with st.container(width="content"):
            if st.button("打开", key=f"open-{line.id}", icon=":material/badge:"):
                navigation.go("people", id=line.id)


def badges(line: PersonLine) -> str:
    """What is special about somebody, beside the name."""
    marks = (
        ("学生", "blue", line.is_student),
        ("已停用", "gray", not line.active),
        ("暂时锁定", "orange", line.locked),
        ("还没有设定密码", "orange", not line.has_password),
    )
    return "".join(f" :{colour}-badge[{word}]" for word, colour, holds in marks if holds)


# --- Somebody new ----------------------------------------------------------------------------------------


def _new_person(user: SignedInPerson) -> None:
    with runtime.reading() as db:
        departments = staff.open_departments(db)
    today = office_day(runtime.current().now())
    with st.form(f"person-{_round()}", border=False):
        left, right = st.columns(2)
        name = left.text_input("姓名", key=_key("person_name"), max_chars=people.LONGEST_NAME)
        username = right.text_input("用户名", key=_key("person_username"), max_chars=39, help="小写字母开头，登录用")
        department_id = left.selectbox(
            "部门",
            list(departments),
            index=None,
            format_func=lambda each: departments[each],
            placeholder="请选择",
            key=_key("person_department"),
        )
        phone = right.text_input("工作电话（可不填）", key=_key("person_phone"), max_chars=20)
        roles = st.multiselect(
            "角色", list(Role), format_func=lambda each: each.label, placeholder="可选多个", key=_key("person_roles")
        )
        left, right = st.columns(2)
        since = left.date_input("角色从哪天起", value=today, format=DATES, key=_key("person_since"))
        until = right.date_input("到哪天为止（可不填）", value=None, format=DATES, key=_key("person_until"))
        is_student = st.checkbox("是学生（必须填写结束日期，到期自动失效）", key=_key("person_student"))
        st.caption("通讯员和部门负责人只办理本人所在部门的稿件。保存后给出一次性登录码，由您交给本人。")
        if st.form_submit_button("保存", type="primary", key=_key("person_save")):
            with feedback.reporting() as outcome:
                if department_id is None:
                    raise InvalidInput("请选择部门。", field="department")
                with runtime.acting_as(user) as work:
                    made = people.create_person(
                        work,
                        username=username.strip().lower(),
                        name=name,
                        department_id=department_id,
                        roles=roles,
                        password_hash=passwords.NONE,
                        since=since,
                        until=until,
                        phone=phone,
                        is_student=is_student,
                    )
                    code = reset_codes.issue_first(work, runtime.current().secrets, person_id=made.id or 0)
                issued_codes.keep([code])
            if outcome.done:
                st.session_state[ROUND] = _round() + 1
                st.rerun()


def _round() -> int:
    return int(st.session_state.get(ROUND, 0))


def _key(name: str) -> str:
    return f"{name}-{_round()}"
