"""归档包: one item's folder from its page, and a month's from the page of the publishers."""

from __future__ import annotations

import io
from datetime import timedelta

import streamlit as st

from models import Action
from services import archive_packets
from services.queries.sessions import SignedInPerson
from services.queries.submissions import SubmissionDetail
from services.rules.office_time import office_day
from services.rules.permissions import Capability
from ui import feedback, runtime

MONTHS = 24


def for_item(user: SignedInPerson, item: SubmissionDetail) -> None:
    """The download of one item, for whoever may take it out."""
    if not archive_packets.may_make(user):
        return
    submission_id = item.draft.submission_id
    if not st.button("准备归档包", key=f"packet-{submission_id}", icon=":material/folder_zip:", type="tertiary"):
        return
    here, file, name = runtime.current(), io.BytesIO(), ""
    with feedback.reporting() as done, st.spinner("正在收集正文、图片、审核记录和页面留存…"):
        with runtime.reading() as db:
            name = archive_packets.item_packet(db, user, here.assets, file, submission_id=submission_id, now=here.now())
        with runtime.acting_as(user) as work:
            archive_packets.record_made(work, submission_ids=[submission_id], packet=name)
    if done.done:
        st.download_button(
            f"下载 {name}.zip",
            data=file.getvalue(),
            file_name=f"{name}.zip",
            mime="application/zip",
            key=f"packet-file-{submission_id}",
            icon=":material/download:",
            on_click="ignore",
        )


def for_month(user: SignedInPerson) -> None:
    """月度归档: the folder of a month, and closing what it holds."""
    if not archive_packets.may_make(user):
        return
    fold = st.expander("月度归档", key="month-packet", icon=":material/inventory_2:", on_change="rerun")
    if not fold.open:
        return
    with fold:
        st.caption(
            "每篇一个文件夹（日期+事件），内有正文、图片、附件、审批表、审核与发布记录、页面留存和截图，以及校验清单。"
        )
        year, month = st.selectbox("月份", _months(), format_func=_label, key="packet-month")
        with st.container(horizontal=True):
            wanted = st.button("准备归档包", key="packet-month-make", icon=":material/folder_zip:")
            if user.reaches(Capability.PUBLISH):
                with st.popover("把这个月的稿件归档", key="packet-month-close"):
                    st.markdown(f"{_label((year, month))}发布的稿件全部转为“归档”，之后不再变动。请先下载归档包。")
                    st.button(
                        Action.ARCHIVE.label, key="packet-month-archive", on_click=_archive, args=(user, year, month)
                    )
        if wanted:
            _offer(user, year, month)


def _months() -> list[tuple[int, int]]:
    day = office_day(runtime.current().now()).replace(day=1)
    found = []
    for _ in range(MONTHS):
        found.append((day.year, day.month))
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def _label(month: tuple[int, int]) -> str:
    return f"{month[0]}年{month[1]}月"


def _offer(user: SignedInPerson, year: int, month: int) -> None:
    here, file, ids = runtime.current(), io.BytesIO(), list[int]()
    with feedback.reporting() as done, st.spinner("正在收集这个月的稿件…"):
        with runtime.reading() as db:
            ids = archive_packets.month_packet(db, user, here.assets, file, year=year, month=month, now=here.now())
        with runtime.acting_as(user) as work:
            archive_packets.record_made(work, submission_ids=ids, packet=f"{year}-{month:02}")
    if done.done:
        st.download_button(
            f"下载 {_label((year, month))}归档包（{len(ids)} 篇）",
            data=file.getvalue(),
            file_name=f"归档-{year}-{month:02}.zip",
            mime="application/zip",
            key="packet-month-file",
            icon=":material/download:",
            on_click="ignore",
        )


def _archive(user: SignedInPerson, year: int, month: int) -> None:
    with feedback.reporting(f"{_label((year, month))}的稿件已归档。"), runtime.acting_as(user) as work:
        archive_packets.archive_month(work, year=year, month=month)
