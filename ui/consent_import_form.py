"""Importing consents: the template, the file, what it would do row by row with masked names, and the button."""

from __future__ import annotations

import streamlit as st

from models import PortraitScope
from services import consent_import
from services.consent_import import Plan
from services.errors import Refusal
from services.queries.sessions import SignedInPerson
from ui import feedback, runtime, sheet_import

AGE_WORDS = {age: word for word, age in consent_import.AGES.items()}
"""As people typed it: the whole words of the form would not fit."""

FILE = "consent-import"


def draw(user: SignedInPerson) -> None:
    """From the file to the register."""
    fold = st.expander("从表格导入", icon=":material/upload_file:", key="consent-import", on_change="rerun")
    if fold.open:
        with fold:
            _form(user)


def _form(user: SignedInPerson) -> None:
    st.markdown(
        f"每份授权书一行。{'、'.join(consent_import.NEEDED)}必填，未成年人还须填监护人和关系；"
        f"年龄填{'、'.join(consent_import.AGES)}；使用范围可填多个，用顿号分开；"
        "不填有效期就到本学年末。先看结果，确认后才写入，扫描件随后逐份补传。"
    )
    sheet_import.template(consent_import.template, name="肖像授权导入模板.xlsx", key="consent-import-template")
    content = sheet_import.chosen(FILE)
    if content is None:
        return
    here = runtime.current()
    try:
        with runtime.reading() as db:
            plan = consent_import.plan(db, user, here.secrets, content, here.now())
    except Refusal as refusal:
        st.error(refusal.sentence, icon=":material/block:")
        return
    _show(plan)
    if plan.good:
        st.button(
            f"确认导入 {len(plan.good)} 份",
            type="primary",
            key="consent-import-go",
            on_click=_carry_out,
            args=(user, plan),
        )


def _show(plan: Plan) -> None:
    sheet_import.show_faulty(plan.faulty, good=len(plan.good))
    if plan.good:
        st.dataframe(
            [
                {
                    "行": each.number,
                    "姓名": each.shown_name,
                    "班级": each.fields.school_class,
                    "年龄": AGE_WORDS[each.fields.age],
                    "使用范围": "、".join(scope.label for scope in PortraitScope if scope in each.fields.scopes),
                    "活动或学年": each.fields.occasion,
                    "签署": each.fields.signed_on,
                    "有效期至": each.fields.valid_until,
                    "署名": "可以" if each.fields.may_be_named else "",
                }
                for each in plan.good
            ],
            hide_index=True,
            placeholder="",
            key="consent-import-good",
        )


def _carry_out(user: SignedInPerson, plan: Plan) -> None:
    here = runtime.current()
    with (
        feedback.reporting(f"已登记 {len(plan.good)} 份授权。扫描件请在下面逐份补传。") as outcome,
        runtime.acting_as(user) as work,
    ):
        consent_import.carry_out(work, here.secrets, here.assets, plan.good)
    if outcome.done:
        sheet_import.forget(FILE)
