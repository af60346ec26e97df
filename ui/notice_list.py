"""通知 on the screen: the bell, one's own notices, the address for mail, and what became of messages."""

from __future__ import annotations

import streamlit as st

from models import NoticeKind, SendingState
from services import notices
from services.queries import notices as reads
from services.queries.notices import NoticeLine, SendingLine
from services.queries.sessions import SignedInPerson
from services.rules.notice_texts import PLACES
from ui import feedback, navigation, paging, runtime, wording

COLOURS: dict[NoticeKind, str] = {
    NoticeKind.RETURNED: "orange",
    NoticeKind.REJECTED: "red",
    NoticeKind.APPROVED: "green",
    NoticeKind.PUBLISHED: "green",
    NoticeKind.DELIVERY: "orange",
    NoticeKind.REMINDER: "orange",
    NoticeKind.ESCALATION: "red",
    NoticeKind.SHORTAGE: "red",
    NoticeKind.ACCOUNT: "orange",
}
STATES: dict[SendingState, str] = {
    SendingState.WAITING: "gray",
    SendingState.SENT: "green",
    SendingState.FAILED: "red",
}
MOST_SHOWN = 99


def bell(user: SignedInPerson) -> None:
    """The way to one's notices, with how many are new."""
    with runtime.reading() as db:
        new = reads.count_new(db, user)
    shown = f"{MOST_SHOWN}+" if new > MOST_SHOWN else str(new)
    navigation.link("notices", f"通知 :red-badge[{shown}]" if new else "通知")


def draw(user: SignedInPerson) -> None:
    """One's own notices, newest first."""
    with runtime.reading() as db:
        total, new = reads.count(db, user), reads.count_new(db, user)
    if not total:
        st.info("还没有通知。稿件退回、通过、发布，或有事项等您办理时，会出现在这里。", icon=":material/notifications:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"共 {total} 条，{new} 条未读。")
        if new:
            st.button("全部标为已读", key="read_all", type="tertiary", on_click=_read, args=(user,))
    listing = st.container()
    number = paging.choose(reads.pages_of(total), key="page")
    with runtime.reading() as db:
        lines = reads.of_person(db, user, page=number)
    with listing:
        for line in lines:
            _notice(user, line)


def _notice(user: SignedInPerson, line: NoticeLine) -> None:
    # Most titles end with what happened, for mail; here the badge says it.
    title = wording.literal(line.title.removesuffix(line.kind.label).rstrip())
    badge = f":{COLOURS.get(line.kind, 'gray')}-badge[{line.kind.label}]"
    with (
        st.container(border=True, key=f"notice-{line.id}"),
        st.container(horizontal=True, vertical_alignment="center"),
    ):
        with st.container(gap="xxsmall", width="stretch", key=f"notice_text-{line.id}"):
            st.markdown(f"**{title}** {badge}" if line.is_new else f"{title} {badge}")
            if line.body:
                st.markdown(wording.literal(line.body))
            renamed = f"　现在的标题是《{wording.literal(line.now_called)}》" if line.now_called else ""
            st.caption(f"{wording.moment(line.made_at)}{renamed}")
        place = PLACES.get(line.subject_type, "")
        if place in navigation.NAMES and st.button("打开", key=f"open-{line.id}", icon=":material/arrow_forward:"):
            _read(user, line.id)
            navigation.go(place, id=line.subject_id)


def _read(user: SignedInPerson, notice_id: int | None = None) -> None:
    with feedback.reporting(), runtime.acting_as(user) as work:
        notices.mark_read(work, notice_id=notice_id)


# --- Mail ------------------------------------------------------------------------------------------------


def mail(user: SignedInPerson) -> None:
    """Where one wants mail, if this installation sends any."""
    if runtime.current().mail is None:
        return
    with runtime.reading() as db:
        known = reads.mail_of(db, user)
    with st.expander("邮件提醒", icon=":material/mail:"), st.form("mail", border=False):
        st.text_input("接收邮箱（留空则不发邮件）", value=known, key="mail_address", max_chars=120)
        st.form_submit_button("保存", on_click=_save_mail, args=(user,))


def _save_mail(user: SignedInPerson) -> None:
    with feedback.reporting("接收邮箱已保存。"), runtime.acting_as(user) as work:
        notices.receive_mail_at(work, mail=st.session_state["mail_address"])


# --- What became of messages -----------------------------------------------------------------------------


def sendings(user: SignedInPerson) -> None:
    """The administrator's list of mails and words of the robot, failures first, each to be sent again."""
    with runtime.reading() as db:
        lines = reads.sendings(db, user)
    failed = sum(line.state is SendingState.FAILED for line in lines)
    label = f"发送记录（{failed} 条失败）" if failed else "发送记录"
    with st.expander(label, icon=":material/outgoing_mail:", expanded=bool(failed)):
        if not lines:
            st.caption("还没有发出过邮件或群消息。配置方法见部署说明。")
        for line in lines:
            _sending(user, line)


def _sending(user: SignedInPerson, line: SendingLine) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(gap="xxsmall", width="stretch", key=f"sending-{line.id}"):
            whom = wording.literal(f"{line.channel.label} → {line.person}　{line.kind.label}")
            st.markdown(f"{whom} :{STATES[line.state]}-badge[{line.state.label}]")
            st.caption("　".join(filter(None, (wording.moment(line.made_at), line.failure, line.detail))))
        if line.state is SendingState.FAILED:
            st.button("重发", key=f"resend-{line.id}", on_click=_resend, args=(user, line.id))


def _resend(user: SignedInPerson, sending_id: int) -> None:
    with feedback.reporting("已重新排入发送。"), runtime.acting_as(user) as work:
        notices.resend(work, sending_id=sending_id)
