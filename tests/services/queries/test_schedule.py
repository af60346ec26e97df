"""The calendar: what stands on which day, for whom, and what speaks against a moment."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from models import Action, OfficialAccount, Publication, PublicationState, PublicationWay, Target
from services import publication_answers, publications, publishing, working_calendar
from services.queries import schedule, slot_notes
from services.queries.publications import ReadyItem
from services.queries.schedule import EntryState, Filter
from services.queries.slot_notes import SlotNote
from services.rules.office_time import office_day
from tests.office import MONDAY_MORNING, Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NOVEMBER = (date(2026, 11, 1), date(2026, 11, 30))
TOMORROW_AT_TEN = MONDAY_MORNING + timedelta(days=1, hours=1)


def plan(
    office: Office, submission_id: int, at: datetime | None, way: PublicationWay = PublicationWay.DRAFT
) -> list[int]:
    with office.acting_as("小赵") as work:
        rows = publishing.queue(work, office.box, submission_id=submission_id, way=way, at=at)
        return [row.id or 0 for row in rows]


def entries(
    office: Office, who: str = "小赵", days: tuple[date, date] = NOVEMBER, wanted: Filter | None = None
) -> list[schedule.Entry]:
    with office.reading() as session:
        return schedule.entries(session, office.actor(who), *days, wanted=wanted or Filter())


def test_each_item_stands_on_its_day_in_its_colour(office: Office) -> None:
    wish = MONDAY_MORNING + timedelta(days=2)
    wished = office.submitted(title="审核中", wanted_at=wish)
    undated = office.approved(title="待排期", wanted_at=wish + timedelta(hours=1))
    planned = office.approved(title="已排期")
    plan(office, planned, TOMORROW_AT_TEN)
    office.draft(title="草稿", wanted_at=wish)

    shown = [(each.submission_id, each.day, each.state, each.targets, each.movable) for each in entries(office)]

    assert shown == [
        (planned, date(2026, 11, 24), EntryState.PLANNED, (Target.SITE, Target.WECHAT), True),
        (wished, date(2026, 11, 25), EntryState.WISHED, (), False),
        (undated, date(2026, 11, 25), EntryState.UNDATED, (), False),
    ]
    assert [each.submission_id for each in drawer(office)] == [undated]


def drawer(office: Office, who: str = "小赵", wanted: Filter | None = None) -> list[ReadyItem]:
    with office.reading() as session:
        return schedule.undated(session, office.actor(who), wanted=wanted or Filter())


def test_what_went_out_stands_where_it_went_out_and_what_was_called_off_nowhere(office: Office) -> None:
    out, called_off = office.approved(), office.approved()
    first, second = plan(office, out, None, PublicationWay.MANUAL)
    for publication_id in plan(office, called_off, TOMORROW_AT_TEN):
        with office.acting_as("小赵") as work:
            publication_answers.cancel(work, publication_id=publication_id)
    office.later(hours=2)
    with office.as_system() as work:
        for publication_id in (first, second):
            row = work.session.get_one(Publication, publication_id)
            publications.change(work, row, PublicationState.PREPARING)
            publications.change(work, row, PublicationState.LIVE)

    (shown,) = entries(office)
    assert (shown.submission_id, shown.state, shown.at, shown.movable) == (
        out, EntryState.LIVE, office.now, False,
    )  # fmt: skip
    assert [each.submission_id for each in drawer(office)] == [called_off]


@on_sqlite
def test_days_outside_and_other_units_and_accounts_are_left_out(office: Office) -> None:
    inside = office.approved()
    plan(office, inside, TOMORROW_AT_TEN)

    assert {
        "the day": [each.submission_id for each in entries(office, days=(date(2026, 11, 24), date(2026, 11, 24)))],
        "the day after": entries(office, days=(date(2026, 11, 25), date(2026, 11, 30))),
        "the unit": len(entries(office, wanted=Filter(department_id=office.departments["教务处"]))),
        "another unit": len(entries(office, wanted=Filter(department_id=office.departments["学生处"]))),
        "the account": len(entries(office, wanted=Filter(account_id=office.account_id))),
        "another account": len(entries(office, wanted=Filter(account_id=office.account_id + 1))),
    } == {
        "the day": [inside],
        "the day after": [],
        "the unit": 1,
        "another unit": 0,
        "the account": 1,
        "another account": 0,
    }


@on_sqlite
def test_nobody_sees_more_than_they_may_and_only_publishers_have_a_drawer(office: Office) -> None:
    plan(office, office.approved(), TOMORROW_AT_TEN)
    office.approved()

    seen = {who: (len(entries(office, who)), len(drawer(office, who))) for who in ("小赵", "老李", "陈部长", "黄处长")}

    assert seen == {"小赵": (1, 1), "老李": (1, 0), "陈部长": (1, 0), "黄处长": (0, 0)}


# --- What speaks against a moment ------------------------------------------------------------------------


def notes(office: Office, submission_id: int, at: datetime, way: PublicationWay | None) -> list[SlotNote]:
    with office.reading() as session:
        account = session.get(OfficialAccount, office.account_id)
        return slot_notes.notes(
            session,
            at=at,
            account=account,
            way=way,
            submission_id=submission_id,
            calendar=working_calendar.calendar_of(session, office_day(office.now)),
        )


def test_plain_moment_has_no_note(office: Office) -> None:
    submission_id = office.approved()
    plan(office, submission_id, TOMORROW_AT_TEN)

    assert notes(office, submission_id, TOMORROW_AT_TEN, PublicationWay.DRAFT) == []


def test_clash_in_the_hour_is_grave_and_in_the_day_is_said(office: Office) -> None:
    first, second = office.approved(title="第一篇"), office.approved(title="第二篇")
    plan(office, first, TOMORROW_AT_TEN + timedelta(minutes=30))

    same_hour = notes(office, second, TOMORROW_AT_TEN, PublicationWay.DRAFT)
    same_day = notes(office, second, TOMORROW_AT_TEN + timedelta(hours=3), PublicationWay.DRAFT)
    campus_only = notes(office, second, TOMORROW_AT_TEN, None)

    assert same_hour == [SlotNote("同一小时，“测试大学”还要发《第一篇》（10:30）。请错开时间。", grave=True)]
    assert same_day == [SlotNote("当天“测试大学”另有 1 篇（10:30）。", grave=False)]
    assert campus_only == []


def test_clash_with_what_went_out_says_that_it_did(office: Office) -> None:
    sent = [office.approved(title=title) for title in ("第一篇", "第二篇", "第三篇", "第四篇")]
    planned, third = office.approved(title="还没发的"), office.approved(title="正要发的")
    rows = [plan(office, each, None, PublicationWay.MANUAL)[0] for each in sent]
    plan(office, planned, MONDAY_MORNING + timedelta(minutes=45))
    with office.as_system() as work:
        for publication_id in rows:
            row = work.session.get_one(Publication, publication_id)
            publications.change(work, row, PublicationState.PREPARING)
            publications.change(work, row, PublicationState.LIVE)

    found = notes(office, third, office.now, PublicationWay.DRAFT)

    assert found == [
        SlotNote(
            "同一小时，“测试大学”已经发了《第一篇》（09:00）、《第二篇》（09:00）、《第三篇》（09:00）等 4 篇，"
            "还要发《还没发的》（09:45）。请错开时间。",
            grave=True,
        )
    ]


def test_sends_used_up_by_what_is_planned_are_grave(office: Office) -> None:
    first, second = office.approved(), office.approved()
    free = notes(office, second, TOMORROW_AT_TEN + timedelta(hours=3), PublicationWay.MASS)
    plan(office, first, TOMORROW_AT_TEN, PublicationWay.MASS)
    used = notes(office, second, TOMORROW_AT_TEN + timedelta(hours=3), PublicationWay.MASS)

    assert [(each.grave, each.sentence.split("（")[0]) for each in free] == [(False, "11月24日还可群发 1 次")]
    assert [(each.grave, each.sentence.split("（")[0]) for each in used] == [
        (True, "11月24日还可群发 0 次"),
        (False, "当天“测试大学”另有 1 篇"),
    ]


@on_sqlite
def test_memorial_day_and_day_off_are_named(office: Office) -> None:
    submission_id = office.approved()
    sunday_of_mourning = datetime(2026, 12, 13, 2, 0, tzinfo=MONDAY_MORNING.tzinfo)

    first, second = notes(office, submission_id, sunday_of_mourning, PublicationWay.DRAFT)

    assert (first.grave, first.sentence.split("：")[0]) == (True, "12-13 是南京大屠杀死难者国家公祭日")
    assert second == SlotNote("这一天不上班，请确认有人值班处理留言和突发情况。", grave=False)


@on_sqlite
def test_action_of_the_office_takes_an_item_off_the_calendar(office: Office) -> None:
    submission_id = office.submitted(wanted_at=MONDAY_MORNING + timedelta(days=2))
    before = len(entries(office, "老李"))
    office.perform("张处长", Action.RETURN, submission_id, "请补充时间")

    assert (before, entries(office, "老李")) == (1, [])
