"""Clocks of items under review: they run in the office, rest with the author, and follow the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, update

from models import Action, NoticeKind, Submission
from services import clock_settings, notices, working_calendar
from services.rules.clocks import Clocks
from tests.office import MONDAY_MORNING, Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

NO_CLOCK = (None, None, None)


def moments(office: Office, submission_id: int) -> tuple[datetime | None, datetime | None, datetime | None]:
    item = office.stored(submission_id)
    return item.near_at, item.due_at, item.urgent_at


def running_since(entered: datetime) -> tuple[datetime, datetime, datetime]:
    due = entered + timedelta(days=1)
    return entered + timedelta(hours=12), due, due


def test_clock_rests_while_the_item_is_with_its_author(office: Office) -> None:
    submission_id = office.draft()
    drafted = moments(office, submission_id)
    office.hand_in(submission_id)
    handed_in = moments(office, submission_id)
    office.later(hours=4)
    office.perform("张处长", Action.RETURN, submission_id, "请补充时间")
    returned = moments(office, submission_id)
    office.later(days=1)
    office.hand_in(submission_id)

    assert (drafted, handed_in, returned) == (NO_CLOCK, running_since(MONDAY_MORNING), NO_CLOCK)
    assert moments(office, submission_id) == running_since(office.now)


@on_sqlite
def test_each_stage_has_a_clock_of_its_own_and_the_last_step_stops_it(office: Office) -> None:
    submission_id = office.submitted()
    seen = []
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.later(hours=3)
        office.perform(who, action, submission_id)
        seen.append(moments(office, submission_id))

    expected = [running_since(MONDAY_MORNING + timedelta(hours=hours)) for hours in (3, 6)]
    assert seen == [*expected, NO_CLOCK]


def test_day_off_moves_the_clocks_that_run(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("小林") as work:
        working_calendar.set_days(
            work, first=date(2026, 11, 24), last=date(2026, 11, 24), is_working=False, note="校庆"
        )
    moved = moments(office, submission_id)[1]
    with office.acting_as("小林") as work:
        working_calendar.clear_days(work, first=date(2026, 11, 24), last=date(2026, 11, 24))

    assert moved == MONDAY_MORNING + timedelta(days=2)
    assert moments(office, submission_id) == running_since(MONDAY_MORNING)


def test_a_longer_limit_moves_the_clocks_that_run_and_the_reminders_with_them(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("小林") as work:
        clock_settings.set_clocks(work, clocks=replace(Clocks(), department_review_working_days=4))
    moved = moments(office, submission_id)[:2]
    reminded = []
    for days in (1, 1, 2, 3):  # Tuesday, Wednesday, Friday, and Monday over the weekend
        office.later(days=days)
        with office.as_system() as work:
            reminded.append([(each.kind, each.title) for each in notices.remind(work)])

    assert moved == (MONDAY_MORNING + timedelta(days=2), MONDAY_MORNING + timedelta(days=4))
    title = "《教务处举办教学经验交流会》部门审签"
    assert reminded == [
        [],
        [(NoticeKind.REMINDER, f"{title}已过办理时限的一半")],
        [(NoticeKind.REMINDER, f"{title}已到办理时限")],
        [],
    ]


@on_sqlite
def test_item_from_before_clocks_were_kept_gets_its_own_with_the_next_reminders(office: Office) -> None:
    submission_id = office.submitted()
    with office.as_system() as work:
        unknown = dict.fromkeys(("near_at", "due_at", "urgent_at"))
        work.session.execute(update(Submission).where(col(Submission.id) == submission_id).values(unknown))
    with office.as_system() as work:
        notices.remind(work)

    assert moments(office, submission_id) == running_since(MONDAY_MORNING)
