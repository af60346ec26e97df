"""One account on the screen: its entry, what is owed, what may be done, and what happened to it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from models import (
    AccountAction,
    AccountDuty,
    AccountFile,
    AccountTask,
    CancelReason,
    ChangeKind,
    OfficialAccount,
    RegisterEntry,
)
from services import account_duties, account_files, account_requests, accounts
from services.account_files import GivenFile
from services.queries.accounts import AccountDetail
from services.queries.sessions import SignedInPerson
from services.rules.account_life import ENDED, RUNNING, LifeStep, standing_for_unit
from services.rules.account_requests import CHANGED_FIELDS, NEEDS_FILE
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import feedback, kept_form, runtime, wording
from ui.official_register import countdowns, freshness
from ui.official_words import GROUPS, LABELS, STATE_COLOURS, badge, fields, sent_back, shown

UPLOADS = sorted(each.removeprefix(".") for each in account_files.KINDS)
LARGEST_MB = account_files.LARGEST // 1024**2

SENT_BACK = (AccountAction.REJECT_PROOF.label, AccountAction.SUSPEND.label)
"""Steps after which the unit has to do something: until then the page begins with their reason."""

ALWAYS_OPEN = "original_id"
"""A field of the register that is on the form of every running account: as long as it is drawn, the form is open."""

REGISTERED = {"wechat": LABELS["wechat_id"], "gh": LABELS["original_id"]}
"""What is registered on WeChat's site, as the fields of that form are called."""

CONSEQUENCES = {
    AccountAction.ACTIVATE: "证明与台账一致时启用：系统给出备案编号，通讯员可以选择这个公众号投稿。",
    AccountAction.REJECT_PROOF: "退回单位重新上传证明，单位会看到理由。",
    AccountAction.SUSPEND: "暂停后不能向它投稿，也不能用它发布；由另一位同志决定恢复。",
    AccountAction.RESUME: "恢复后可以照常投稿和发布。",
}


# --- What it is ------------------------------------------------------------------------------------------


def head(item: AccountDetail) -> None:
    """The name, the state, and the dates it must keep."""
    st.subheader(wording.literal(item.account.name))
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        badge(item.account.state.label, STATE_COLOURS[item.account.state])
        badge(item.account.kind.label, "gray")
        badge(item.account.level.label, "gray")
        freshness(item)
        countdowns(item.countdowns)
    facts = [item.department, item.account.filing_no or "", f"微信号 {item.account.wechat_id}"]
    if item.account.filed_on:
        facts.append(f"{item.account.filed_on} 备案")
    st.caption("　".join(wording.literal(fact) for fact in facts if fact and not fact.endswith(" ")))


def entry(user: SignedInPerson, item: AccountDetail) -> None:
    """The filing form as it stands, group by group; what is missing is counted, not shown as gaps."""
    missing = []
    for group, names in GROUPS.items():
        entered = {name: getattr(item.account, name) for name in names if name != "exception_reason"}
        missing += [LABELS[name] for name, value in entered.items() if value in ("", None)]
        present = [f"{LABELS[name]}：**{wording.literal(shown(value))}**" for name, value in entered.items() if value]
        if present:
            st.markdown(f"**{group}**")
            st.markdown("\n".join(f"- {each}" for each in present))
    if item.account.exception_reason:
        granted = "已批准" if item.account.exception_granted else "待批准"
        st.caption(f"同类账号例外（{granted}）：{wording.literal(item.account.exception_reason)}")
    if missing:
        st.caption(f"还没有填写：{wording.listed(missing)}。")
    if standing_for_unit(user, item.account.owner_department_id) and item.account.state not in ENDED:
        with st.expander("补充登记", icon=":material/edit_note:"):
            _amend(user, item)


def _amend(user: SignedInPerson, item: AccountDetail) -> None:
    st.caption("没有填写过的，和认证、改密等不需要审批的，可以直接补充；其他内容请用“提出变更”。")
    place = f"amend-{item.id}"
    form = kept_form.opened(
        place,
        item.account.model_dump(mode="json", include=set(RegisterEntry.model_fields)),
        version=item.account.version,
        first_field=ALWAYS_OPEN,
        told=lambda name, _value: _told(item.account, name),
    )
    entry = RegisterEntry.model_validate(form.shown)
    names = [name for group in GROUPS.values() for name in group if _is_open(entry, name)]
    with st.form(form.key):
        given = fields(names, entry, key=form.key)
        sent = st.form_submit_button("保存", type="primary", key=f"amend-send-{item.id}")
    if not sent:
        return
    with feedback.reporting("登记已更新。") as done, runtime.acting_as(user) as work:
        typed = form.typed(entry.model_copy(update=given).model_dump(mode="json", include=set(names)))
        accounts.amend(work, account_id=item.id, seen_version=form.version, **{name: given[name] for name in typed})
    if done.done:
        kept_form.close(place)
        st.rerun()


def _is_open(entry: RegisterEntry, name: str) -> bool:
    if name in ("kind", "exception_reason"):
        return False
    return name not in accounts.BY_REQUEST_ONLY or getattr(entry, name) in ("", None)


def _told(account: OfficialAccount, name: str, departments: Mapping[int, str] | None = None) -> str:
    value = getattr(account, name)
    words = (departments or {}).get(value, "") if name == "owner_department_id" else shown(value)
    return f"{LABELS[name]}：{wording.literal(words) or '（空）'}"


# --- What may be done ------------------------------------------------------------------------------------


def steps(user: SignedInPerson, item: AccountDetail) -> None:
    """Why it rests, where it does, and the buttons of the table of its life."""
    last = item.history[0] if item.history else None
    if last is not None and last.action in SENT_BACK:
        sent_back(last.action, last.actor, last.at, last.comment)
    moves = [step for step in item.steps if step.action in accounts.OWN_MOVES]
    if item.may(AccountAction.REGISTER):
        _registration(user, item)
    if moves:
        with st.container(border=True, key="life"):
            st.markdown("**办理**")
            if item.may(AccountAction.ACTIVATE):
                _proof(user, item)
            if any(step.needs_reason for step in moves):
                st.text_area("理由或意见", key=_words(item), height=80)
            for step in moves:
                _move(user, item, step)
    if item.may(AccountAction.CLOSE) and item.duties and all(duty.done_on for duty in item.duties):
        with st.popover("办结注销", key=f"open-close-{item.id}"):
            st.caption("办结后记录保留，名称不再使用。")
            st.button("确认办结注销", key=f"close-{item.id}", type="primary", on_click=_close, args=(user, item))


def _words(item: AccountDetail) -> str:
    return f"account-words-{item.id}"


def _move(user: SignedInPerson, item: AccountDetail, step: LifeStep) -> None:
    st.button(
        step.action.label,
        key=f"{step.action.value}-{item.id}",
        type="primary" if step.action in (AccountAction.ACTIVATE, AccountAction.RESUME) else "secondary",
        on_click=_perform,
        args=(user, item, step.action),
    )
    st.caption(CONSEQUENCES[step.action])


def _perform(user: SignedInPerson, item: AccountDetail, action: AccountAction) -> None:
    said = f"“{item.account.name}”：{action.label}。"
    with feedback.reporting(said) as outcome, runtime.acting_as(user) as work:
        accounts.perform(
            work,
            action,
            account_id=item.id,
            seen_version=item.account.version,
            comment=st.session_state.get(_words(item), ""),
        )
    if outcome.done:
        st.session_state[_words(item)] = ""


def _close(user: SignedInPerson, item: AccountDetail) -> None:
    with feedback.reporting(f"“{item.account.name}”已注销，名称保留。"), runtime.acting_as(user) as work:
        accounts.close(work, account_id=item.id, seen_version=item.account.version)


def _proof(user: SignedInPerson, item: AccountDetail) -> None:
    """What the entry is to be compared with, where that is decided."""
    proof = next((file for file in item.files if file.label == accounts.PROOF_OF_REGISTRATION), None)
    if proof is not None:
        _file(user, proof, key=f"proof-{proof.id}")


def _registration(user: SignedInPerson, item: AccountDetail) -> None:
    place = f"register-{item.id}"
    form = kept_form.opened(
        place,
        {"wechat": item.account.wechat_id, "gh": item.account.original_id},
        version=item.account.version,
        first_field="wechat",
        told=lambda name, value: f"{REGISTERED[name]}：{wording.literal(value) or '（空）'}",
    )
    key = form.key
    today = office_day(runtime.current().now())
    with st.form(key):
        st.markdown("**在微信公众平台注册后，提交注册证明**")
        columns = st.columns(3)
        registered_on = columns[0].date_input("注册日期 *", today, format="YYYY-MM-DD", key=f"{key}-on")
        wechat_id = columns[1].text_input("微信号 *", form.shown["wechat"], key=f"{key}-wechat", max_chars=60)
        original_id = columns[2].text_input("原始 ID", form.shown["gh"], key=f"{key}-gh", max_chars=60)
        proof = st.file_uploader(
            "注册证明（截图或 PDF） *", type=UPLOADS, max_upload_size=LARGEST_MB, key=f"register-proof-{item.id}"
        )
        sent = st.form_submit_button("提交证明", type="primary", key=f"register-send-{item.id}")
    if not sent:
        return
    if proof is None:
        st.error("请上传注册证明。", icon=":material/block:")
        return
    with feedback.reporting("注册证明已提交，等宣传部核对。") as done, runtime.acting_as(user) as work:
        accounts.prove_registration(
            work,
            runtime.current().assets,
            account_id=item.id,
            seen_version=form.version,
            registered_on=registered_on or today,
            wechat_id=wechat_id,
            original_id=original_id,
            proof=_given(proof),
        )
    if done.done:
        kept_form.close(place)
        st.rerun()


def _given(uploaded: UploadedFile) -> GivenFile:
    return GivenFile(name=uploaded.name, content=uploaded.getvalue())


# --- Asking for a change or an end -----------------------------------------------------------------------


def asking(user: SignedInPerson, item: AccountDetail, *, under_way: bool, departments: dict[int, str]) -> None:
    """Forms for the unit: what shall change, or that the account shall end."""
    if item.account.state not in RUNNING or not standing_for_unit(user, item.account.owner_department_id):
        return
    if under_way:
        st.caption("有一份申请正在办理，办完后可以再提出变更或注销。")
        return
    with st.expander("提出变更", icon=":material/edit:", key=f"ask-change-{item.id}"):
        _change(user, item, departments)
    with st.expander("申请注销", icon=":material/cancel:", key=f"ask-end-{item.id}"):
        _end(user, item)


def _change(user: SignedInPerson, item: AccountDetail, departments: dict[int, str]) -> None:
    kinds: list[ChangeKind] = list(ChangeKind)
    change = st.selectbox("变更类型", kinds, format_func=lambda word: word.label, key=f"change-kind-{item.id}")
    place = f"change-{item.id}"
    present = item.account.model_dump(mode="json", include=set(CHANGED_FIELDS[change]))
    form = kept_form.opened(
        place,
        present,
        version=item.account.version,
        first_field=f"{change.value}-{CHANGED_FIELDS[change][0]}",
        told=lambda name, _value: _told(item.account, name, departments),
    )
    key = f"{form.key}-{change.value}"
    if change is ChangeKind.ADMINISTRATORS:
        st.caption("更换管理员后须换密码、移除原管理员权限、双方签交接单、新管理员签承诺书，三个工作日内办完。")
    today = office_day(runtime.current().now())
    with st.form(key):
        given = _changed_fields(form.shown, change, key, departments)
        happened_on = st.date_input("变更发生日期 *", today, format="YYYY-MM-DD", key=f"{key}-on")
        reason = st.text_area("理由 *", key=f"{key}-reason", height=80)
        sent = st.form_submit_button("提出变更", type="primary", key=f"change-send-{item.id}")
    if not sent:
        return
    with feedback.reporting("变更申请已提交，批准后生效。") as done, runtime.acting_as(user) as work:
        account_requests.ask_change(
            work,
            account_id=item.id,
            change=change,
            changes=form.typed(given),
            happened_on=happened_on or today,
            reason=reason,
        )
    if done.done:
        kept_form.close(place)
        st.rerun()


def _changed_fields(
    before: Mapping[str, Any], change: ChangeKind, key: str, departments: dict[int, str]
) -> dict[str, Any]:
    """The fields of this kind of change, as they stood `before`; what they hold now, as plain values."""
    names = CHANGED_FIELDS[change]
    given: dict[str, Any] = {}
    if "name" in names:
        given["name"] = st.text_input("账号名称", before["name"], key=f"{key}-name", max_chars=60)
    if "owner_department_id" in names:
        units = list(departments)
        given["owner_department_id"] = st.selectbox(
            LABELS["owner_department_id"],
            units,
            index=units.index(before["owner_department_id"]),
            format_func=departments.__getitem__,
            key=f"{key}-owner_department_id",
        )
    entered = [name for name in names if name in RegisterEntry.model_fields]
    entry = RegisterEntry.model_validate(before)
    typed = entry.model_copy(update=fields(entered, entry, key=key))
    return given | typed.model_dump(mode="json", include=set(entered))


def _end(user: SignedInPerson, item: AccountDetail) -> None:
    st.caption("批准后按清单办理：备份文章、办结未结事项、发布公告满七日、在微信注销、上传截图、收回校名校徽授权。")
    reasons = [each for each in CancelReason if each is not CancelReason.SANCTION or user.may(Capability.KEEP_ACCOUNTS)]
    with st.form(f"end-{item.id}"):
        why = st.selectbox("注销原因", reasons, format_func=lambda word: word.label, key=f"end-why-{item.id}")
        reason = st.text_area("说明 *", key=f"end-reason-{item.id}", height=80)
        sent = st.form_submit_button("申请注销", key=f"end-send-{item.id}")
    if not sent:
        return
    with feedback.reporting("注销申请已提交。") as done, runtime.acting_as(user) as work:
        account_requests.ask_cancellation(work, account_id=item.id, cancel_reason=why, reason=reason)
    if done.done:
        st.rerun()


# --- What is owed ----------------------------------------------------------------------------------------


def duties(user: SignedInPerson, item: AccountDetail) -> None:
    """The dated checklist of a hand-over or a cancellation."""
    if not item.duties:
        return
    done = sum(duty.done_on is not None for duty in item.duties)
    st.markdown(f"**待办清单**（{done} / {len(item.duties)}）")
    st.progress(done / len(item.duties))
    today = office_day(runtime.current().now())
    for duty in item.duties:
        _duty(user, item, duty, today)


def _duty(user: SignedInPerson, item: AccountDetail, duty: AccountDuty, today: date) -> None:
    if duty.done_on is not None:
        note = f"　{wording.literal(duty.note)}" if duty.note else ""
        st.markdown(f":green[:material/check_circle:] {duty.task.label}　:gray[{duty.done_on} 完成{note}]")
        return
    late = duty.due_on < today
    due = f":red[应在 {duty.due_on} 前完成，已超期]" if late else f":gray[应在 {duty.due_on} 前完成]"
    st.markdown(f":material/radio_button_unchecked: {duty.task.label}　{due}")
    if not standing_for_unit(user, item.account.owner_department_id):
        return
    with st.popover("登记完成", key=f"open-duty-{duty.task.value}-{item.id}"):
        _complete(user, item, duty, today)


def _complete(user: SignedInPerson, item: AccountDetail, duty: AccountDuty, today: date) -> None:
    if duty.task is AccountTask.OPEN_CASES and item.open_matters:
        st.caption(f"未结：{wording.listed(item.open_matters)}。办结，或写明移交给谁。")
    if duty.task is AccountTask.BACKUP:
        _backup(item)
    name = f"duty-{duty.task.value}-{item.id}"
    done_on = st.date_input("完成日期", today, format="YYYY-MM-DD", key=f"{name}-on")
    note = st.text_input("说明", key=f"{name}-note", max_chars=200)
    proof = None
    if duty.task in NEEDS_FILE:
        proof = st.file_uploader("材料 *", type=UPLOADS, max_upload_size=LARGEST_MB, key=f"{name}-proof")
    if not st.button("登记完成", type="primary", key=name):
        return
    with feedback.reporting(f"{duty.task.label}：已登记完成。") as done, runtime.acting_as(user) as work:
        account_duties.complete(
            work,
            runtime.current().assets,
            duty_id=duty.id or 0,
            done_on=done_on or today,
            note=note,
            proof=_given(proof) if proof is not None else None,
        )
    if done.done:
        st.rerun()


def _backup(item: AccountDetail) -> None:
    with runtime.reading() as db:
        listing = account_duties.backup_list(db, item.id)
    st.download_button(
        "下载文章清单", listing.content, listing.name, "text/csv", key=f"backup-list-{item.id}", on_click="ignore"
    )
    st.caption("清单列出经本系统发布的文章和网址；连同全文备份一起上传留存。")


# --- What happened ---------------------------------------------------------------------------------------


def history(user: SignedInPerson, item: AccountDetail) -> None:
    """The documents of the account and every step, the newest first."""
    if item.files:
        st.markdown("**材料**")
        for file in item.files:
            _file(user, file, key=f"file-{file.id}")
        st.markdown("**办理经过**")
    if not item.history:
        st.caption("登记以来没有变化。")
    for line in item.history:
        with st.container(gap=None):
            st.markdown(f"**{line.action}**　{line.actor}　{wording.moment(line.at)}　:gray[→ {line.to_state}]")
            if line.comment:
                st.caption(wording.literal(line.comment))


def _file(user: SignedInPerson, file: AccountFile, *, key: str) -> None:
    def content() -> bytes:
        with runtime.acting_as(user) as work:
            return account_files.content_of(work, runtime.current().assets, file_id=file.id or 0)

    st.download_button(
        f"{file.label}：{file.name}（{wording.day(file.added_at)}）",
        content,
        file.name,
        file.media_type,
        key=key,
        icon=":material/description:",
        on_click="ignore",
        type="tertiary",
    )
