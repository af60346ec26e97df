"""The application for a new account: the eight things the rule asks for, and the rest for whoever knows it already."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from models import AccountKind, OfficialAccount, RegisterEntry, RequestAction
from services import account_requests, accounts
from services.queries.account_requests import RequestLine
from services.queries.sessions import SignedInPerson
from services.rules.permissions import Capability
from ui import feedback, navigation, runtime
from ui.official_words import fields

NEEDED = ("purpose", "first_responsible", "admin_a", "admin_b", "contact")
FIRST = ("kind", "level", *NEEDED[:2], "admin_a", "admin_b", "contact", "external_facing")
LATER = (
    "content_scope",
    "audience",
    "overlap_note",
    "planned_per_month",
    "comments_enabled",
    "vendor",
    "vendor_contract",
    "sponsor",
    "leader_in_charge",
    "guide_teacher",
    "emergency_contact",
    "password_custodian",
    "first_reviewer",
    "second_reviewer",
    "final_reviewer",
    "proofreader",
    "exception_reason",
)


def draw(user: SignedInPerson, departments: Mapping[int, str]) -> None:
    """A new application. A head applies for the own unit, a deputy for the head's, the office for any."""
    keeps = user.may(Capability.KEEP_ACCOUNTS)
    headed = [each.department_id or 0 for each in user.standings if each.may(Capability.SIGN_OFF)]
    st.caption(
        "带 * 的必须填写，其余可以以后在台账里补。提交后由宣传部审核；一级账号和面向校外的账号再由分管校领导批准。"
        + ("代其他单位申请的，先由该单位负责人同意。" if keeps else "")
    )
    with st.form("apply"):
        name = st.text_input("账号名称 *", key="apply-name", max_chars=60)
        units = list(departments) if keeps else list(dict.fromkeys(headed))
        own = units.index(user.department_id) if user.department_id in units else 0
        unit = st.selectbox(
            "主办单位 *",
            units,
            index=own,
            format_func=lambda id_: departments.get(id_, ""),
            key="apply-unit",
            disabled=len(units) == 1,
        )
        entry = _entry(RegisterEntry(kind=AccountKind.SUBSCRIPTION), key="apply")
        reason = st.text_area("申请说明", key="apply-reason", height=80)
        sent = st.form_submit_button("提交申请", type="primary", key="apply-send")
    if not sent:
        return
    with feedback.reporting(f"“{name}”的开通申请已提交。") as done, runtime.acting_as(user) as work:
        request = account_requests.apply_for_account(
            work, name=name, owner_department_id=unit, entry=entry, reason=reason
        )
        account_id = request.account_id
    if done.done:
        navigation.go("account", id=account_id)


def existing(user: SignedInPerson, departments: Mapping[int, str]) -> None:
    """For the administrator: an account that runs already comes into the register without an application."""
    with st.expander("登记已经在运行的公众号（不走审批）", icon=":material/playlist_add:"), st.form("existing"):
        name = st.text_input("账号名称 *", key="existing-name", max_chars=60)
        unit = st.selectbox(
            "主办单位 *", list(departments), format_func=lambda id_: departments.get(id_, ""), key="existing-unit"
        )
        entry = _entry(RegisterEntry(kind=AccountKind.SUBSCRIPTION), key="existing")
        sent = st.form_submit_button("登记", key="existing-send")
    if not sent:
        return
    with feedback.reporting(f"“{name}”已登记。") as done, runtime.acting_as(user) as work:
        account = accounts.enter_existing(
            work, runtime.current().secrets, name=name, owner_department_id=unit or 0, entry=entry
        )
        account_id = account.id or 0
    if done.done:
        navigation.go("account", id=account_id)


def again(user: SignedInPerson, line: RequestLine) -> None:
    """A returned application, to be mended and handed in again by whoever applied."""
    # A returned application changes only by being handed in again, and then this form is gone.
    key = f"again-{line.id}-{line.request.version}"
    with st.form(key):
        name = st.text_input("账号名称 *", line.account.name, key=f"{key}-name", max_chars=60)
        entry = _entry(_of(line.account), key=key)
        sent = st.form_submit_button("重新提交", type="primary", key=f"{key}-send")
    if not sent:
        return
    with feedback.reporting(f"“{name}”的开通申请已重新提交。") as done, runtime.acting_as(user) as work:
        account_requests.perform(
            work,
            RequestAction.SUBMIT,
            request_id=line.id,
            seen_version=line.request.version,
            name=name,
            entry=entry,
        )
    if done.done:
        st.rerun()


def _entry(entry: RegisterEntry, *, key: str) -> RegisterEntry:
    given = fields(FIRST, entry, key=key, needed=NEEDED)
    with st.expander("更多（可以以后补）"):
        given |= fields(LATER, entry, key=key)
    return entry.model_copy(update=given)


def _of(account: OfficialAccount) -> RegisterEntry:
    return RegisterEntry.model_validate(account.model_dump(include=set(RegisterEntry.model_fields)))
