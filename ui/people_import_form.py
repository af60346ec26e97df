"""Importing people: the template, the file, what it would do row by row, and the button that does it."""

from __future__ import annotations

import streamlit as st

from services import people_import
from services.errors import Refusal
from services.people_import import Plan
from services.queries.sessions import SignedInPerson
from ui import feedback, issued_codes, runtime, sheet_import, wording

FILE = "import_file"


def draw(user: SignedInPerson) -> None:
    """From the file to the people."""
    issued_codes.show()
    st.markdown(
        f"每行一人，列名为：{'、'.join(people_import.COLUMNS)}。前四列必填；角色可填多个，用顿号分开；"
        "日期写成 2026-09-01。先看结果，确认后才写入。"
    )
    sheet_import.template(people_import.template, name="人员导入模板.xlsx", key="import_template")
    content = sheet_import.chosen(FILE)
    if content is None:
        return
    try:
        with runtime.reading() as db:
            plan = people_import.plan(db, content, runtime.current().now())
    except Refusal as refusal:
        st.error(refusal.sentence, icon=":material/block:")
        return
    _show(plan)
    if plan.good and st.button(f"确认导入 {len(plan.good)} 人", type="primary", key="import_confirm"):
        _carry_out(user, plan)


def _show(plan: Plan) -> None:
    sheet_import.show_faulty(plan.faulty, good=len(plan.good))
    if plan.good:
        st.dataframe(
            [
                {
                    "行": each.number,
                    "用户名": each.username,
                    "姓名": each.name,
                    "部门": each.department,
                    "角色": wording.roles(each.roles),
                    "从": each.since,
                    "到": each.until,
                    "学生": "是" if each.is_student else "",
                }
                for each in plan.good
            ],
            hide_index=True,
            placeholder="",
            key="import_good",
        )


def _carry_out(user: SignedInPerson, plan: Plan) -> None:
    with feedback.reporting(f"已导入 {len(plan.good)} 人。") as outcome:
        with runtime.acting_as(user) as work:
            codes = people_import.carry_out(work, runtime.current().secrets, plan.good)
        issued_codes.keep(codes)
    if outcome.done:
        sheet_import.forget(FILE)
        st.rerun()
