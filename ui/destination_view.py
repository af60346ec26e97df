"""发布去处 on the screen: what there is, its self-test and switch, and the forms; the administrator's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from models import Destination, Target
from services import destinations
from services.queries.sessions import SignedInPerson
from services.rules.destinations import FIELDS, KINDS, SECRETS
from ui import feedback, kept_form, runtime, site_resend, wording

MEANINGS = {
    Target.SFTP: "和校园网站同样的网页，传到另一台网站服务器的目录里。只传变化的文件。",
    Target.WORDPRESS: "通过 WordPress 自带的接口发文章，图片放进它的媒体库。",
    Target.WEBHOOK: "把文章签名后交给学校的内容平台（对方按 docs/webhook.md 接收）。",
}


def draw(user: SignedInPerson, rows: Sequence[Destination]) -> None:
    """Each place with its test and switch, then the form for another."""
    st.caption("除公众号和校园网站外，通过终审的稿件还可以发到这里登记的去处。自检全部通过才能启用；不启用就没有影响。")
    if not rows:
        st.info("还没有其他去处。多数学校用公众号和校园网站就够了。", icon=":material/info:")
    for row in rows:
        with st.container(border=True, key=f"destination-{row.id}", gap="small"):
            _block(user, row)
    with st.expander("新增发布去处", icon=":material/add:", key="destination-add"):
        _adding(user)


def _block(user: SignedInPerson, row: Destination) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{wording.literal(row.name)}**")
        st.badge("已启用" if row.active else "未启用", color="green" if row.active else "gray")
        st.caption(row.kind.label, width="content")
    facts = [f"{FIELDS[row.kind][name].label} {value}" for name, value in row.settings.items() if name != "host_key"]
    st.caption(wording.literal("　·　".join(facts)))
    for finding in row.findings:
        icon = ":green[:material/check_circle:]" if finding["ok"] else ":red[:material/error:]"
        st.markdown(f"{icon} **{finding['step']}**　{finding['sentence']}")
    if row.tested_at is not None:
        st.caption(f"{wording.moment(row.tested_at)}（北京时间）自检。")
    with st.container(horizontal=True, gap="small"):
        if st.button("开始自检", key=f"test-destination-{row.id}", icon=":material/network_check:"):
            _test(user, row)
        st.button(
            "停用" if row.active else "启用",
            key=f"switch-destination-{row.id}",
            type="secondary" if row.active else "primary",
            on_click=_switch,
            args=(user, row),
        )
    if row.kind is Target.SFTP:
        site_resend.draw(user, row)
    with st.expander("修改设置", key=f"change-destination-{row.id}"):
        _changing(user, row)


def _test(user: SignedInPerson, row: Destination) -> None:
    here = runtime.current()
    with feedback.reporting("自检完成。") as done, st.spinner("正在连接……"):
        if here.outlets is not None:
            # The calls are slow: they go out before any transaction.
            found = here.outlets.open(destinations.opened(row, here.secrets)).examine()
            with runtime.acting_as(user) as work:
                destinations.keep_test(work, destination_id=row.id or 0, findings=found)
    if done.done:
        st.rerun()


def _switch(user: SignedInPerson, row: Destination) -> None:
    told = (
        f"“{wording.literal(row.name)}”已停用。"
        if row.active
        else f"“{wording.literal(row.name)}”已启用，以后排入发布时会带上它。"
    )
    with feedback.reporting(told), runtime.acting_as(user) as work:
        destinations.switch(work, destination_id=row.id or 0, seen_version=row.version, active=not row.active)


def _adding(user: SignedInPerson) -> None:
    kind = Target.of(
        st.radio(
            "种类",
            [each.value for each in KINDS],
            format_func=lambda code: Target.of(code).label,
            captions=[MEANINGS[each] for each in KINDS],
            key="destination-kind",
        )
    )
    with st.form(f"destination-new-{kind.value}"):
        name = st.text_input("名称", key=f"new-{kind.value}-name", placeholder="例如：校报网站")
        given = _fields(kind, {}, key=f"new-{kind.value}")
        secret = _secret(kind, key=f"new-{kind.value}")
        sent = st.form_submit_button("保存", type="primary", key=f"destination-save-{kind.value}")
    if not sent:
        return
    here = runtime.current()
    with feedback.reporting("已保存。请做一次自检，通过后再启用。") as done, runtime.acting_as(user) as work:
        destinations.add(
            work,
            here.secrets,
            kind=kind,
            name=name,
            settings=given,
            secret=secret,
            rehearsal=here.settings.is_rehearsal,
        )
    if done.done:
        st.rerun()


def _changing(user: SignedInPerson, row: Destination) -> None:
    place = f"destination-{row.id}"
    form = kept_form.opened(
        place,
        # A secret is never shown, but that somebody changed it is.
        {**row.settings, "secret": row.secret_changed_at.isoformat()},
        version=row.version,
        first_field=next(iter(FIELDS[row.kind])),
        told=lambda name, value: _told(row, name, value),
    )
    with st.form(form.key):
        st.caption("保存后先停用，自检通过再启用。密码或密钥留空就不改。")
        given = _fields(row.kind, form.shown, key=form.key)
        secret = _secret(row.kind, key=form.key)
        sent = st.form_submit_button("保存", type="primary", key=f"{form.key}-save")
    if not sent:
        return
    here = runtime.current()
    with feedback.reporting("已保存。请再做一次自检。") as done, runtime.acting_as(user) as work:
        destinations.change(
            work,
            here.secrets,
            destination_id=row.id or 0,
            seen_version=form.version,
            settings=row.settings | form.typed(given),
            secret=secret,
            rehearsal=here.settings.is_rehearsal,
        )
    if done.done:
        kept_form.close(place)
        st.rerun()


def _told(row: Destination, name: str, value: str) -> str:
    if name == "secret":
        return f"{SECRETS[row.kind].label}：{wording.moment(row.secret_changed_at)} 更换过"
    return f"{FIELDS[row.kind][name].label}：{wording.literal(value) or '（空）'}"


def _fields(kind: Target, known: Mapping[str, Any], *, key: str) -> dict[str, str]:
    return {
        name: st.text_input(field.label, known.get(name, field.default), key=f"{key}-{name}", placeholder=field.example)
        for name, field in FIELDS[kind].items()
    }


def _secret(kind: Target, *, key: str) -> str:
    field = SECRETS[kind]
    if kind is Target.SFTP:
        # A private key has many lines, which a password field would join.
        return st.text_area(field.label, key=f"{key}-secret", help=field.example, height=80)
    return st.text_input(field.label, type="password", key=f"{key}-secret", help=field.example, autocomplete="off")
