"""全部重发 at a web root: what it would do, how far it is, and how the last one ended."""

from __future__ import annotations

import streamlit as st

from models import Destination, SiteResend
from services import site_resends
from services.queries import site_resends as reads
from services.queries.sessions import SignedInPerson
from services.queries.site_resends import ResendLine
from ui import feedback, runtime, wording

QUICK = "3s"


def draw(user: SignedInPerson, place: Destination) -> None:
    """Nothing for a place that is off and never had one; while one is under way, it draws itself again."""
    with runtime.reading() as db:
        last = reads.last_of(db, place.id or 0)
    if last is not None or place.active:
        is_open = last is not None and last.is_open
        st.fragment(_panel, run_every=QUICK if is_open else None)(user, place, drawn_open=is_open)


def _panel(user: SignedInPerson, place: Destination, *, drawn_open: bool) -> None:
    with runtime.reading() as db:
        last = reads.last_of(db, place.id or 0)
        pages = reads.count_live_at(db, place.id or 0)
    is_open = last is not None and last.is_open
    if is_open != drawn_open:
        # How often this draws itself again is decided by the page around it.
        st.rerun()
    if last is not None and is_open:
        _under_way(user, place, last)
        return
    if last is not None:
        st.caption(_ended(last))
    if place.active:
        _offer(user, place, pages)


def _offer(user: SignedInPerson, place: Destination, pages: int) -> None:
    with st.popover("全部重发", key=f"resend-{place.id}", icon=":material/cloud_sync:", disabled=not pages):
        st.markdown(
            f"把这里已上线的 **{pages}** 篇网页和它们的图片、附件、全部列表从头再传一遍，覆盖服务器上的同名文件；"
            "更正过的按更正后的内容。服务器上别的文件不动。"
        )
        st.caption("用于服务器换了硬盘、目录丢失或网页被人改动。后台进行，新稿件和撤下先办；篇数多时要几十分钟。")
        st.button("开始全部重发", key=f"resend-go-{place.id}", type="primary", on_click=_ask, args=(user, place))


def _under_way(user: SignedInPerson, place: Destination, line: ResendLine) -> None:
    row = line.resend
    share = row.sent / row.total if row.total else 0.0
    st.progress(share, text=_progress(row))
    st.caption(f"{wording.literal(line.asked_by)} {wording.moment(row.asked_at)} 安排")
    st.button(
        "停止重发",
        key=f"resend-stop-{place.id}",
        on_click=_call_off,
        args=(user, place),
        help="传上去的留在服务器上，以后可以再从头重发。",
    )


def _progress(row: SiteResend) -> str:
    done = f"已传 {row.sent} / {row.total} 个文件" if row.total else "正在准备网页"
    if row.failure:
        return f"{done}。{row.failure}{wording.moment(row.run_after)} 再试。"
    return f"全部重发：{done}"


def _ended(line: ResendLine) -> str:
    row = line.resend
    when = wording.moment(row.finished_at) if row.finished_at else ""
    if row.failure:
        return f":orange[全部重发没有传完（{row.sent} / {row.total} 个文件）：{wording.literal(row.failure)}] {when}"
    return f"{when} 全部重发完成，共 {row.total} 个文件（{wording.literal(line.asked_by)}安排）。"


def _ask(user: SignedInPerson, place: Destination) -> None:
    with feedback.reporting("已安排全部重发，进度显示在这里。"), runtime.acting_as(user) as work:
        site_resends.ask(work, destination_id=place.id or 0)


def _call_off(user: SignedInPerson, place: Destination) -> None:
    with feedback.reporting("已停止全部重发，传上去的文件留在服务器上。"), runtime.acting_as(user) as work:
        site_resends.call_off(work, destination_id=place.id or 0)
