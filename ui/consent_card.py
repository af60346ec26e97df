"""肖像授权: one consent as lists show it, masked; opened whole for a reason, and withdrawn, where somebody may."""

from __future__ import annotations

from datetime import date

import streamlit as st

from models import PortraitConsent, PortraitScope
from services import consents
from services.account_files import GivenFile
from services.consents import FullConsent
from services.queries import consents as reads
from services.queries.consents import ConsentStanding
from services.queries.sessions import SignedInPerson
from ui import feedback, navigation, runtime, wording

COLOURS = {
    ConsentStanding.IN_FORCE: "green",
    ConsentStanding.ENDING: "orange",
    ConsentStanding.ENDED: "gray",
    ConsentStanding.WITHDRAWN: "red",
    ConsentStanding.ERASED: "gray",
}


OPENED = "consent.opened"
SCAN_TYPES = [kind.lstrip(".") for kind in consents.SCANS]
LARGEST_MB = consents.LARGEST_SCAN // 1024**2
SCAN_WORDS = f"签字扫描件（PDF 或图片，{LARGEST_MB} MB 以内）"


def described(consent: PortraitConsent) -> str:
    """Who, where and until when, in one line and masked."""
    scopes = wording.listed(scope.label for scope in PortraitScope if scope.value in consent.scopes)
    parts = (consent.shown_name, consent.school_class, scopes, f"至 {consent.valid_until}")
    return "　".join(part for part in parts if part)


def draw(user: SignedInPerson, consent: PortraitConsent, *, pictures: int, today: date) -> None:
    """One entry of the register with what its keepers can do."""
    stands = reads.standing_of(consent, today)
    with st.container(border=True, key=f"consent-{consent.id}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(_head(consent))
            st.badge(stands.label, color=COLOURS[stands])  # type: ignore[arg-type]  # a table of its colours
            st.badge(f"{pictures} 张图片", color="gray")
        scopes = wording.listed(scope.label for scope in PortraitScope if scope.value in consent.scopes)
        named = "可以署名" if consent.may_be_named else "不署名"
        st.caption(
            wording.literal(
                f"{consent.age.label}　{consent.occasion}　{scopes}　{named}　"
                f"{consent.signed_on} 签署，至 {consent.valid_until}"
            )
        )
        if consent.withdrawn_at is not None:
            why = f"：{wording.literal(consent.withdrawal_reason)}" if consent.withdrawal_reason else ""
            st.caption(f"{wording.day(consent.withdrawn_at)} 撤回{why}")
        if consent.erased_at is not None:
            st.caption(f"{wording.day(consent.erased_at)} 按保存期限删除了姓名、监护人、联系方式和扫描件。")
            return
        with st.container(horizontal=True, gap="small"):
            _opening(user, consent)
            if consent.scan_sha256 is None:
                _late_scan(user, consent)
            if consent.withdrawn_at is None:
                _withdrawal(user, consent, pictures=pictures)


def _head(consent: PortraitConsent) -> str:
    if consent.erased_at is not None:
        return consent.shown_name
    return f"{consent.id} 号　{consent.shown_name}　{consent.school_class}"


def _opening(user: SignedInPerson, consent: PortraitConsent) -> None:
    reason = f"consent-{consent.id}-why"
    with st.popover("查看完整信息", icon=":material/visibility:", key=f"open-consent-{consent.id}"):
        st.caption("写明用途后显示；谁在什么时候为什么看过，都记入操作日志。")
        st.text_input("用途", key=reason, placeholder="如 家长来电核对使用范围")
        st.button(
            "显示", type="primary", key=f"consent-{consent.id}-show", on_click=_open, args=(user, consent, reason)
        )


def _open(user: SignedInPerson, consent: PortraitConsent, reason: str) -> None:
    why = st.session_state.get(reason, "")
    with feedback.reporting() as opened, runtime.acting_as(user) as work:
        full = consents.open_full(work, runtime.current().secrets, consent_id=consent.id or 0, reason=why)
    if opened.done:
        st.session_state[OPENED], st.session_state[reason] = (consent, full, why), ""


def opened(user: SignedInPerson) -> None:
    """Show what was just opened, once: the session keeps nothing of it."""
    if OPENED in st.session_state:
        _whole(user, *st.session_state.pop(OPENED))


@st.dialog("肖像授权完整信息")
def _whole(user: SignedInPerson, consent: PortraitConsent, full: FullConsent, reason: str) -> None:
    for label, value in (
        ("姓名", full.name),
        ("班级", consent.school_class),
        ("监护人", full.guardian),
        ("关系", full.relation),
        ("联系方式", full.contact),
    ):
        st.text(f"{label}：{value or '（未填）'}")
    _scan(user, consent, full, reason)
    _items(user, consent.id or 0)


def _scan(user: SignedInPerson, consent: PortraitConsent, full: FullConsent, reason: str) -> None:
    if consent.scan_sha256 is None:
        st.caption("没有上传扫描件。")
        return
    here = runtime.current()

    def content() -> bytes:
        with runtime.acting_as(user) as work:
            return consents.open_scan(work, here.secrets, here.assets, consent_id=consent.id or 0, reason=reason)

    st.download_button(
        "下载扫描件",
        content,
        full.scan_name,
        icon=":material/description:",
        on_click="ignore",
        key=f"consent-{consent.id}-scan",
    )


def _items(user: SignedInPerson, consent_id: int) -> None:
    with runtime.reading() as db:
        found = reads.items_of(db, user, consent_id)
    if found:
        st.caption("用到本人图片的稿件")
    for item in found:
        navigation.link("submission", f"《{item.title}》{item.state.label}", id=item.id or 0)


def _late_scan(user: SignedInPerson, consent: PortraitConsent) -> None:
    key = f"consent-{consent.id}-late-scan"
    with st.popover("补传扫描件", icon=":material/upload_file:", key=f"open-scan-{consent.id}"):
        st.file_uploader(SCAN_WORDS, type=SCAN_TYPES, max_upload_size=LARGEST_MB, key=key)
        st.button("保存", type="primary", key=f"{key}-save", on_click=_add_scan, args=(user, consent, key))


def _add_scan(user: SignedInPerson, consent: PortraitConsent, key: str) -> None:
    file, here = st.session_state.get(key), runtime.current()
    if file is None:
        return
    with feedback.reporting("扫描件已加密保存。"), runtime.acting_as(user) as work:
        scan = GivenFile(file.name, file.getvalue())
        consents.add_scan(work, here.secrets, here.assets, consent_id=consent.id or 0, scan=scan)


def _withdrawal(user: SignedInPerson, consent: PortraitConsent, *, pictures: int) -> None:
    reason = f"consent-{consent.id}-reason"
    with st.popover("撤回授权", icon=":material/block:", key=f"open-withdraw-{consent.id}"):
        st.markdown(
            "撤回后不能恢复。含有本人的稿件不能再审核、排队或发布；已通过和已发布的，"
            "每篇生成一项待处理，发布员须在 2 个工作日内撤下或打码。"
        )
        st.caption(f"已关联 {pictures} 张图片。" if pictures else "还没有关联图片。")
        st.text_input("谁在什么时候、以什么方式提出", key=reason, placeholder="如 11 月 23 日家长来电")
        st.button(
            "确认撤回", type="primary", key=f"withdraw-{consent.id}", on_click=_withdraw, args=(user, consent, reason)
        )


def _withdraw(user: SignedInPerson, consent: PortraitConsent, reason: str) -> None:
    with feedback.reporting() as done, runtime.acting_as(user) as work:
        tasks = consents.withdraw(work, consent_id=consent.id or 0, reason=st.session_state.get(reason, ""))
    if done.done:
        left = f"有 {len(tasks)} 篇稿件须在 {tasks[0].due_on} 前处理，见上方。" if tasks else "没有稿件用到本人的图片。"
        feedback.say(f"已撤回 {consent.shown_name} 的授权：{left}")
