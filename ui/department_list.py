"""The units of the school before the administrator."""

from __future__ import annotations

import streamlit as st

from models import DepartmentKind
from services import departments
from services.queries import staff
from services.queries.sessions import SignedInPerson
from services.queries.staff import DepartmentLine
from ui import feedback, kept_form, runtime, wording
from ui.kept_form import Opened

KINDS = list(DepartmentKind)
ROUND = "departments.round"
"""Grows with every unit saved: under other keys the form for a new one is empty again."""


def draw(user: SignedInPerson) -> None:
    """Every unit, and the form for a new one."""
    with runtime.reading() as db:
        lines = staff.departments(db, user)
    with st.expander("新建部门", icon=":material/add:"):
        _form(user, None)
    st.caption("得分只在同一类部门之间排名。")
    for line in lines:
        _line(user, line)


def _line(user: SignedInPerson, line: DepartmentLine) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"department-{line.id}"):
        state = "" if line.active else " :gray-badge[已停用]"
        st.markdown(
            f"**{wording.literal(line.name)}**{state}　:gray[{line.kind.label} · {line.people} 人]", width="stretch"
        )
        with st.container(horizontal=True, width="content"):
            with st.popover("修改", key=f"department_edit-{line.id}"):
                _form(user, line)
            if line.active and st.button("停用", key=f"department_disable-{line.id}"):
                _set_active(user, line, active=False)
            if not line.active and st.button("恢复", key=f"department_enable-{line.id}"):
                _set_active(user, line, active=True)


def _set_active(user: SignedInPerson, line: DepartmentLine, *, active: bool) -> None:
    act = departments.enable if active else departments.disable
    said = f"{line.name}已{'恢复' if active else '停用'}。"
    with feedback.reporting(said) as outcome, runtime.acting_as(user) as work:
        act(work, department_id=line.id)
    if outcome.done:
        st.rerun()


def _form(user: SignedInPerson, line: DepartmentLine | None) -> None:
    form = kept_form.opened(
        _place(line),
        _present(line),
        version=line.version if line else st.session_state.get(ROUND, 0),
        first_field="name",
        told=_told,
    )
    with st.form(form.key, border=False):
        name = st.text_input(
            "部门名称", value=form.shown["name"], key=f"{form.key}-name", max_chars=departments.LONGEST_NAME
        )
        kind = st.selectbox(
            "类别",
            KINDS,
            index=KINDS.index(DepartmentKind.of(form.shown["kind"])),
            format_func=lambda each: each.label,
            key=f"{form.key}-kind",
        )
        if st.form_submit_button("保存", type="primary", key=f"department_save-{line.id if line else 'new'}"):
            _save(user, line, form, name, kind)


def _place(line: DepartmentLine | None) -> str:
    return f"department_form-{line.id if line else 'new'}"


def _present(line: DepartmentLine | None) -> dict[str, str]:
    if line is None:
        return {"name": "", "kind": DepartmentKind.ADMIN_DEPARTMENT.value}
    return {"name": line.name, "kind": line.kind.value}


def _told(name: str, value: str) -> str:
    return f"部门名称：{wording.literal(value)}" if name == "name" else f"类别：{DepartmentKind.of(value).label}"


def _save(user: SignedInPerson, line: DepartmentLine | None, form: Opened, name: str, kind: DepartmentKind) -> None:
    with feedback.reporting("部门已保存。") as outcome, runtime.acting_as(user) as work:
        if line is None:
            departments.create(work, name=name, kind=kind)
        else:
            typed = form.typed({"name": name, "kind": kind.value})
            departments.change(
                work,
                department_id=line.id,
                seen_version=form.version,
                name=typed.get("name", line.name),
                kind=kind if "kind" in typed else line.kind,
            )
    if outcome.done:
        kept_form.close(_place(line))
        st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()
