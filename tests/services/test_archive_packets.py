"""归档包: one folder that holds everything about an item and opens without this system."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from docx import Document

from models import AuditAction, PublicationWay, SubmissionState, Target
from services import archive_packets, proof_watch, proofs, publication_answers
from services.errors import NotAllowed, NotFound, WrongState
from services.rules.office_time import office_day
from tests.documents import photograph
from tests.office import CAST, MONDAY_MORNING, Office
from tests.press import Press, running_press

NOW = MONDAY_MORNING
MAKING = {"陈部长", "老唐", "小赵", "孙老师", "郭老师"}
sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def packed(press: Press, submission_id: int, who: str = "小赵") -> tuple[str, dict[str, bytes]]:
    """The packet of an item: the name of its folder, and its files."""
    file = io.BytesIO()
    with press.office.reading() as session:
        name = archive_packets.item_packet(
            session,
            press.office.actor(who),
            press.office.assets,
            file,
            submission_id=submission_id,
            now=press.office.now,
        )
    with zipfile.ZipFile(file) as archive:
        return name, {each.removeprefix(f"{name}/"): archive.read(each) for each in archive.namelist()}


def test_the_packet_of_an_item_holds_text_pictures_review_pages_and_screenshots(press: Press) -> None:
    live = press.live()
    item = press.row(live[Target.SITE]).submission_id
    press.site.rewrite(press.row(live[Target.SITE]).marker, "三位", "十位")
    proof_watch.run_once(press.runtime)
    with press.office.acting_as("小赵") as work:
        proofs.add_screenshot(
            work,
            press.office.assets,
            publication_id=live[Target.WECHAT],
            content=photograph(60, 90, seed=3),
            name="截图.jpg",
        )

    name, files = packed(press, item)

    assert name == f"{office_day(press.office.now):%Y%m%d}+教务处举办教学经验交流会"
    at = "20261123-0900"
    assert sorted(files) == sorted(
        [
            "正文.html",
            "正文.docx",
            "图片/图01.jpg",
            "信息发布审批表.docx",
            "审核与发布记录.html",
            f"页面留存/微信公众号-{at}-发布后-2.json",
            f"页面留存/校园网站-{at}-发布后-1.html",
            "截图/01.jpg",
            "清单（SHA256）.txt",
        ]
    )
    listed = files.pop("清单（SHA256）.txt").decode().splitlines()
    assert listed == [f"{hashlib.sha256(content).hexdigest()}  {path}" for path, content in files.items()]
    record = files["审核与发布记录.html"].decode()
    for word in ("部门审签通过", "终审通过", "陈部长", "freepublish/submit", "与终审版不一致", "十位教师", "60 日"):
        assert word in record
    assert '<img src="图片/图01.jpg"' in files["正文.html"].decode()
    paragraphs = [each.text for each in Document(io.BytesIO(files["正文.docx"])).paragraphs]
    assert paragraphs[0] == "教务处举办教学经验交流会"
    assert "三位教师介绍了课堂组织的做法，与会教师就作业设计进行了讨论。" in paragraphs


@sqlite_is_enough
def test_who_may_take_packets_out_and_what_the_trail_says(press: Press) -> None:
    item = press.row(press.live(Target.SITE)[Target.SITE]).submission_id

    for name, *_ in CAST:
        if name in MAKING:
            assert packed(press, item, name)[1]
        else:
            with pytest.raises(NotAllowed, match="只有发布员、终审人或监督小组"):
                packed(press, item, name)
    with press.office.acting_as("小赵") as work:
        archive_packets.record_made(work, submission_ids=[item], packet="x")
    with pytest.raises(NotAllowed), press.office.acting_as("小王") as work:
        archive_packets.record_made(work, submission_ids=[item], packet="x")

    assert press.office.trail("submission", item)[-1][:2] == (AuditAction.PACKET_MADE, "小赵")


@sqlite_is_enough
def test_what_is_not_out_has_no_packet(press: Press) -> None:
    item = press.office.approved()

    with pytest.raises(WrongState, match="还没有发布"):
        packed(press, item)
    with pytest.raises(NotFound):
        packed(press, 999)


@sqlite_is_enough
def test_a_month_is_packed_item_by_item_and_then_closed(press: Press) -> None:
    first, second = (press.row(press.live(Target.SITE)[Target.SITE]).submission_id for _ in range(2))
    press.office.later(days=10)
    third = press.row(press.live(Target.SITE)[Target.SITE]).submission_id
    file, publisher = io.BytesIO(), press.office.actor("小赵")

    with press.office.reading() as session:
        ids = archive_packets.month_packet(session, publisher, press.office.assets, file, year=2026, month=11, now=NOW)
        with pytest.raises(WrongState, match="2026年10月没有发布过"):
            archive_packets.month_packet(session, publisher, press.office.assets, file, year=2026, month=10, now=NOW)
        with pytest.raises(NotAllowed):
            archive_packets.month_packet(
                session, press.office.actor("小王"), press.office.assets, file, year=2026, month=11, now=NOW
            )
    with pytest.raises(NotAllowed, match="只有发布员"), press.office.acting_as("陈部长") as work:
        archive_packets.archive_month(work, year=2026, month=11)
    with press.office.acting_as("小赵") as work:
        closed = archive_packets.archive_month(work, year=2026, month=11)

    assert (ids, closed) == ([first, second], 2)
    with zipfile.ZipFile(file) as archive:
        folders = {each.partition("/")[0] for each in archive.namelist()}
    assert folders == {"20261123+教务处举办教学经验交流会", f"20261123+教务处举办教学经验交流会-{second}"}
    states = [press.office.stored(each).state for each in (first, second, third)]
    assert states == [SubmissionState.ARCHIVED, SubmissionState.ARCHIVED, SubmissionState.PUBLISHED]


@sqlite_is_enough
def test_the_folder_is_named_by_the_event_and_by_nothing_a_disk_refuses(press: Press) -> None:
    submission = press.office.stored(press.office.draft(title="关于“A/B”：<通知>?", event_date=date(2026, 11, 20)))

    assert archive_packets.file_name_of(submission, date(2026, 11, 23)) == "20261120+关于“A" + "B”：通知"


@sqlite_is_enough
def test_what_was_published_by_hand_is_in_the_packet_too(press: Press) -> None:
    by_hand = press.queued(press.office.approved(), Target.WECHAT, way=PublicationWay.MANUAL)
    press.work()
    with press.office.acting_as("小赵") as work:
        publication_answers.settle(work, publication_id=by_hand, live=True, url="https://mp.weixin.qq.com/s/abc")
    press.office.now += timedelta(minutes=1)

    _, files = packed(press, press.row(by_hand).submission_id)

    assert "https://mp.weixin.qq.com/s/abc" in files["审核与发布记录.html"].decode()
