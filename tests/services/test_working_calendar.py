"""The calendar of the published holidays, and what the administrator lays over it; the clocks as settings."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models import REVIEW_STAGES, AuditAction, AuditEvent
from services import clock_settings, working_calendar
from services.errors import InvalidInput, NotAllowed, NotFound
from services.queries.clocks import clocks_of
from services.rules.clocks import GROUPS, LABELS, Clocks, clocks_from
from services.rules.working_days import Calendar, add_working_days, is_working_day
from services.working_calendar import Span
from tests.office import Office

TODAY = date(2026, 11, 23)


def calendar(office: Office) -> Calendar:
    with office.reading() as session:
        return working_calendar.calendar_of(session, TODAY)


def set_days(office: Office, who: str = "小林", **given: Any) -> None:
    first = given.get("first", date(2027, 2, 14))
    values: dict[str, Any] = {"first": first, "last": first, "is_working": True, "note": "2027 年放假通知"} | given
    with office.acting_as(who) as work:
        working_calendar.set_days(work, **values)


def spans(office: Office) -> list[Span]:
    with office.reading() as session:
        return working_calendar.spans(session)


def last_event(office: Office) -> tuple[AuditAction, dict[str, Any]]:
    with office.reading() as session:
        event = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence).desc())).first()
    assert event is not None
    return event.action, json.loads(event.details)


def test_make_up_saturdays_of_2026_are_known(office: Office) -> None:
    known = calendar(office)

    worked = [date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9)]
    assert all(is_working_day(known, day) for day in [*worked, date(2026, 9, 20), date(2026, 10, 10)])
    assert not is_working_day(known, date(2026, 10, 6))
    assert known.note(TODAY) == ""


def test_deadline_of_december_runs_into_a_year_not_yet_published(office: Office) -> None:
    known = calendar(office)

    due = add_working_days(known, date(2026, 12, 30), 3)

    assert due == date(2027, 1, 5)  # 1 January is a holiday by statute
    assert known.note(due).startswith("2027 年的调休安排还没有公布或录入")


def test_administrator_enters_next_years_make_up_days(office: Office) -> None:
    set_days(office)

    known = calendar(office)
    assert is_working_day(known, date(2027, 2, 14))
    assert known.note(date(2027, 2, 14)) == ""
    assert last_event(office) == (
        AuditAction.CALENDAR_CHANGED,
        {"day": "2027-02-14", "is_working": True, "note": "2027 年放假通知"},
    )


def test_vacation_day_moves_a_deadline_until_it_is_taken_back(office: Office) -> None:
    set_days(office, first=date(2026, 11, 24), is_working=False, note="校庆")
    assert add_working_days(calendar(office), TODAY, 1) == date(2026, 11, 25)

    with office.acting_as("小林") as work:
        working_calendar.clear_days(work, first=date(2026, 11, 24), last=date(2026, 11, 24))

    assert add_working_days(calendar(office), TODAY, 1) == date(2026, 11, 24)


def test_a_day_entered_twice_keeps_the_later_entry(office: Office) -> None:
    set_days(office)
    set_days(office, is_working=False, note="通知更正")

    assert spans(office) == [Span(date(2027, 2, 14), date(2027, 2, 14), is_working=False, note="通知更正")]


def test_a_vacation_is_one_entry_and_is_taken_back_as_one(office: Office) -> None:
    vacation = Span(date(2027, 1, 18), date(2027, 2, 21), is_working=False, note="寒假")
    set_days(office, first=vacation.first, last=vacation.last, is_working=False, note="寒假")
    set_days(office, first=date(2027, 2, 20), last=date(2027, 2, 20), note="补上班")

    cut = spans(office)
    due = add_working_days(calendar(office), date(2027, 1, 15), 2)
    with office.acting_as("小林") as work:
        working_calendar.clear_days(work, first=cut[-1].first, last=cut[-1].last)

    until, saturday, sunday = date(2027, 2, 19), date(2027, 2, 20), date(2027, 2, 21)
    assert cut == [
        replace(vacation, first=sunday),
        Span(saturday, saturday, is_working=True, note="补上班"),
        replace(vacation, last=until),
    ]
    assert due == date(2027, 2, 22)
    assert spans(office) == cut[:2]
    assert last_event(office) == (
        AuditAction.CALENDAR_CHANGED,
        {"day": "2027-01-18", "to": "2027-02-19", "removed": True},
    )


@pytest.mark.parametrize("who", ["老李", "陈部长", "徐校长", "孙老师", "张处长"])
def test_only_the_administrator_changes_the_calendar(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed, match="只有系统管理员可以修改工作日历"):
        set_days(office, who)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"note": " "}, "note"),
        ({"note": "长" * 61}, "note"),
        ({"first": date(1926, 1, 1)}, "first"),
        ({"last": date(2027, 2, 13)}, "last"),
        ({"last": date(2027, 5, 25)}, "last"),
    ],
)
def test_entry_that_cannot_be_so_is_refused(office: Office, given: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        set_days(office, **given)

    assert refusal.value.field == field


def test_taking_back_an_entry_that_is_not_there_is_refused(office: Office) -> None:
    with office.acting_as("小林") as work, pytest.raises(NotFound):
        working_calendar.clear_days(work, first=TODAY, last=TODAY)


# --- Clocks ----------------------------------------------------------------------------------------------


def test_clocks_have_their_defaults_until_the_administrator_changes_one(office: Office) -> None:
    with office.reading() as session:
        assert clocks_of(session) == Clocks()

    with office.acting_as("小林") as work:
        clock_settings.set_clocks(work, clocks=replace(Clocks(), filing_days=10))

    with office.reading() as session:
        assert clocks_of(session) == replace(Clocks(), filing_days=10)
    assert last_event(office) == (
        AuditAction.SETTING_CHANGED,
        {"from": {"filing_days": 7}, "to": {"filing_days": 10}},
    )


def test_only_the_administrator_changes_clocks(office: Office) -> None:
    with office.acting_as("陈部长") as work, pytest.raises(NotAllowed):
        clock_settings.set_clocks(work, clocks=replace(Clocks(), filing_days=10))


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"filing_days": 0}, "filing_days"),
        ({"cancel_working_days": 1001}, "cancel_working_days"),
        ({"warning_days": 14}, "overdue_days"),
        ({"zombie_days": 30}, "zombie_days"),
    ],
)
def test_clocks_that_contradict_each_other_are_refused(office: Office, changed: dict[str, int], field: str) -> None:
    with office.acting_as("小林") as work, pytest.raises(InvalidInput) as refusal:
        clock_settings.set_clocks(work, clocks=replace(Clocks(), **changed))

    assert refusal.value.field == field


def test_an_unreadable_stored_value_falls_back_to_the_default() -> None:
    assert clocks_from({"filing_days": "soon", "zombie_days": "90", "unknown": "1"}) == Clocks(zombie_days=90)


def test_every_clock_has_a_label_and_one_place_on_the_screen_and_every_stage_a_clock() -> None:
    names = [each.name for each in fields(Clocks)]

    assert sorted(LABELS) == sorted(names)
    assert sorted(name for group in GROUPS.values() for name in group) == sorted(names)
    assert {stage: Clocks().stage_limit(stage) for stage in REVIEW_STAGES} == dict.fromkeys(
        REVIEW_STAGES, timedelta(days=1)
    )
