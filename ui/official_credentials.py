"""Credentials of an account, of which only the dates are ever shown, and the self-test of its interface."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from models import AccountTest, InterfaceRight, OfficialAccount, PublishOrder
from services import accounts, credentials, interface_probe, publishing
from services.errors import IncompleteSettings
from services.queries import send_quotas
from services.queries.accounts import AccountDetail
from services.queries.sessions import SignedInPerson
from services.rules.account_life import ENDED
from services.rules.delivery_times import ADD_DRAFT, SEND_TO_ALL, SUBMIT
from services.rules.permissions import Capability
from ui import feedback, kept_form, quota_answer, runtime, wording
from ui.official_words import badge

RIGHT_COLOURS = {
    InterfaceRight.UNTESTED: "gray",
    InterfaceRight.FULL: "green",
    InterfaceRight.DRAFTS: "orange",
    InterfaceRight.NOTHING: "red",
}


def draw(user: SignedInPerson, item: AccountDetail) -> None:
    """What is entered and since when, the self-test, and for the administrator the form."""
    account = item.account
    dates = (
        ("AppID", account.app_id is not None, None),
        ("AppSecret", account.app_secret_sealed is not None, account.app_secret_changed_at),
        ("Token", account.callback_token_sealed is not None, account.callback_token_changed_at),
        ("EncodingAESKey", account.encoding_aes_key_sealed is not None, account.encoding_aes_key_changed_at),
    )
    st.markdown("　".join(f"{name}：**{_entered(given, at)}**" for name, given, at in dates))
    custodian = wording.literal(account.password_custodian) or "未登记"
    changed = f"{account.password_changed_on} 更换" if account.password_changed_on else "更换日期未登记"
    st.caption(f"公众平台登录密码不在本系统保存：保管人 {custodian}，{changed}。")
    _test(user, item)
    _use_and_order(user, item)
    if user.may(Capability.ADMINISTER) and account.state not in ENDED:
        with st.expander("登记或更换凭证", icon=":material/key:"):
            _form(user, item)
        with st.expander("消息推送（可选）", icon=":material/campaign:"):
            _pushes(item)


def _pushes(item: AccountDetail) -> None:
    """What to enter on WeChat's own site, so that it tells us at once how a publication ended."""
    st.caption("在微信开发者平台“消息推送”里填写下面的地址，发布结果就会立即回报，不必等下一次查询。")
    st.code(
        f"{runtime.current().settings.public_url.rstrip('/')}/wechat/callback/{item.id}", language=None, wrap_lines=True
    )
    if item.account.encoding_aes_key_sealed is not None:
        st.caption("已登记 EncodingAESKey：消息加解密方式请选“安全模式”，数据格式选 XML；明文推送一律不接收。")
    else:
        st.caption("数据格式选 XML。建议选“安全模式”，并把 EncodingAESKey 登记在上面，推送内容就不会被偷看和伪造。")


def _entered(given: bool, at: datetime | None) -> str:  # noqa: FBT001  # a column of the table above
    if not given:
        return "未设置"
    return f"已设置（{wording.day(at)}）" if at else "已设置"


def _form(user: SignedInPerson, item: AccountDetail) -> None:
    st.caption("从微信开发者平台复制。留空的不改；保存后不再显示，只显示日期。")
    place = f"credentials-{item.id}"
    form = kept_form.opened(place, _present(item.account), version=item.account.version, first_field="id", told=_told)
    key = form.key
    with st.form(key, clear_on_submit=False):
        app_id = st.text_input("AppID", form.shown["id"], key=f"{key}-id", max_chars=60)
        secret = st.text_input("AppSecret", type="password", key=f"{key}-secret", autocomplete="off")
        token = st.text_input("Token（消息推送）", type="password", key=f"{key}-token", autocomplete="off")
        aes = st.text_input("EncodingAESKey（消息推送）", type="password", key=f"{key}-aes", autocomplete="off")
        sent = st.form_submit_button("保存凭证", type="primary", key=f"credentials-send-{item.id}")
    if sent:
        with feedback.reporting("凭证已加密保存，请再做一次接口自检。") as done, runtime.acting_as(user) as work:
            credentials.change(
                work,
                runtime.current().secrets,
                account_id=item.id,
                seen_version=form.version,
                app_id=form.typed({"id": app_id}).get("id", ""),
                app_secret=secret,
                token=token,
                encoding_aes_key=aes,
            )
        if done.done:
            kept_form.close(place)
            st.rerun()
    if item.account.app_id is not None:
        with st.popover("删除凭证", key=f"open-forget-{item.id}"):
            st.caption("删除后只能人工发布后登记，直到重新登记凭证。")
            st.button("确认删除", key=f"forget-{item.id}", on_click=_forget, args=(user, item))


def _present(account: OfficialAccount) -> dict[str, str]:
    """What the form says now. A secret is never shown, but that somebody changed it is."""
    changed = {
        "AppSecret": account.app_secret_changed_at,
        "Token": account.callback_token_changed_at,
        "EncodingAESKey": account.encoding_aes_key_changed_at,
    }
    return {
        "id": account.app_id or "",
        **{name: f"{at:%Y-%m-%d %H:%M:%S.%f}" if at else "" for name, at in changed.items()},
    }


def _told(name: str, value: str) -> str:
    if name == "id":
        return f"AppID：{wording.literal(value) or '（空）'}"
    return f"{name}：{'刚刚更换过' if value else '已删除'}"


def _forget(user: SignedInPerson, item: AccountDetail) -> None:
    with feedback.reporting("凭证已删除。"), runtime.acting_as(user) as work:
        credentials.forget(work, account_id=item.id, seen_version=item.account.version)


# --- What was used today, and what goes first ------------------------------------------------------------

COUNTED = {
    ADD_DRAFT: "新建草稿",
    SUBMIT: "接口发布",
    "freepublish/get": "询问发布结果",
    "draft/get": "读回草稿",
    SEND_TO_ALL: "群发",
}


def _use_and_order(user: SignedInPerson, item: AccountDetail) -> None:
    now = runtime.current().now()
    with runtime.reading() as db:
        used = send_quotas.calls_today(db, item.id, now)
        left = send_quotas.sends_left(db, item.account, now)
    counted = [f"{label} {used[call]} 次" for call, label in COUNTED.items() if call in used]
    st.caption(f"本系统今天调用：{wording.listed(counted) if counted else '还没有'}。{left.sentence}。")
    if not (user.may(Capability.PUBLISH) or user.may(Capability.KEEP_ACCOUNTS)) or item.account.state in ENDED:
        return
    if item.account.app_id is not None:
        quota_answer.draw(user, item.id, key=f"quota-{item.id}")
    key = f"order-{item.id}"
    st.selectbox(
        "一稿发多处时的先后",
        [each.value for each in PublishOrder],
        index=list(PublishOrder).index(item.account.publish_order),
        format_func=lambda code: PublishOrder.of(code).label,
        key=key,
        help="排在后面的，等前面的上线才发；排入时可以逐篇另选。",
        on_change=_set_order,
        args=(user, item, key),
        width=320,
    )


def _set_order(user: SignedInPerson, item: AccountDetail, key: str) -> None:
    order = PublishOrder.of(st.session_state[key])
    with feedback.reporting(f"以后默认“{order.label}”。"), runtime.acting_as(user) as work:
        publishing.set_order(work, account_id=item.id, order=order)


# --- The self-test ---------------------------------------------------------------------------------------


def _test(user: SignedInPerson, item: AccountDetail) -> None:
    with st.container(border=True, key="self-test"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown("**接口自检**")
            badge(item.account.interface_right.label, RIGHT_COLOURS[item.account.interface_right])
        if item.test is not None:
            _outcome(item.test, item.tested_by)
        if item.account.app_id is None:
            st.caption("还没有登记 AppID 和 AppSecret：只能人工发布后登记。")
        elif _may_test(user) and st.button("开始自检", key=f"probe-{item.id}", icon=":material/network_check:"):
            _run(user, item)


def _may_test(user: SignedInPerson) -> bool:
    return user.may(Capability.KEEP_ACCOUNTS) or user.may(Capability.PUBLISH)


def _outcome(test: AccountTest, tested_by: str) -> None:
    for finding in test.findings:
        icon = ":green[:material/check_circle:]" if finding["ok"] else ":red[:material/error:]"
        code = f" :gray[（微信错误码 {finding['code']}）]" if finding["code"] else ""
        st.markdown(f"{icon} **{finding['step']}**　{finding['sentence']}{code}")
    st.caption(f"{wording.moment(test.tested_at)} {tested_by} 检测。")


def _run(user: SignedInPerson, item: AccountDetail) -> None:
    here = runtime.current()
    with feedback.reporting("接口自检完成。") as done, st.spinner("正在连接微信……"):
        opened = accounts.credentials_of(item.account, here.secrets)
        if opened is None:
            raise IncompleteSettings("还没有登记 AppID 和 AppSecret，无法检测。")
        outcome = interface_probe.probe(here.wechat.account(opened))
        with runtime.acting_as(user) as work:
            interface_probe.keep(work, account_id=item.id, outcome=outcome)
    if done.done:
        st.rerun()
