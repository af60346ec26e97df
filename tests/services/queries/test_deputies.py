"""谁现在可以依法办理: by name, for the present and the coming stages, counting everything the rule counts."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlmodel import select

from models import Action, PersonRole, RequestState, Role, Submission, SubmissionState
from services import delegations, people, working_calendar
from services.queries import deputies
from services.queries import submission_lists as reads
from services.queries.deputies import Outlook
from services.rules.office_time import office_day
from tests.databases import counting
from tests.office import Office

S = SubmissionState


def outlook(office: Office, submission_id: int) -> Outlook:
    with office.reading() as session:
        calendar = working_calendar.calendar_of(session, office_day(office.now))
        item = session.get_one(Submission, submission_id)
        found = deputies.outlook(session, item, calendar=calendar, now=office.now)
    assert found is not None
    return found


def able(office: Office, submission_id: int) -> dict[SubmissionState | RequestState, tuple[str, ...]]:
    return {each.stage: each.able for each in outlook(office, submission_id).stages}


def away(office: Office, *who: str, days: int = 0, starts: int = 0) -> None:
    today = office_day(office.now)
    for each in who:
        with office.acting_as(each) as work:
            delegations.enter_absence(
                work, starts_on=today + timedelta(days=starts), ends_on=today + timedelta(days=starts + days)
            )


def lend(office: Office, principal: str, deputy: str, role: Role) -> None:
    today = office_day(office.now)
    with office.acting_as(principal) as work:
        delegations.delegate(
            work, deputy_id=office.people[deputy], roles=[role], starts_on=today, ends_on=today, is_absent=True
        )


def test_the_present_and_the_coming_stages_by_name(office: Office) -> None:
    submission_id = office.submitted()

    found = outlook(office, submission_id)

    assert able(office, submission_id) == {
        S.DEPARTMENT_REVIEW: ("张处长",),
        S.FIRST_REVIEW: ("老李", "老周", "老唐"),
        S.FINAL_REVIEW: ("陈部长", "老唐"),
    }
    assert (found.day, found.due_on, found.warnings) == (date(2026, 11, 23), date(2026, 11, 24), ())


def test_who_signed_another_stage_is_named_with_the_reason(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老唐", Action.PASS, submission_id)

    (final,) = outlook(office, submission_id).stages

    assert final.able == ("陈部长",)
    assert final.unable == (("老唐", "您已在本轮的另一环节签过意见，每个环节须由不同的人办理。"),)


def test_absent_people_are_named_and_their_deputy_stands_in(office: Office) -> None:
    submission_id = office.submitted()
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)

    first = outlook(office, submission_id).stages[0]

    assert first.able == ("黄处长 代 张处长",)
    assert first.unable == (("张处长", "不在岗，至 11-23。"),)
    assert first.warning == ""


def test_the_authors_own_item_is_nobodys_to_sign_for_them(office: Office) -> None:
    submission_id = office.submitted()
    lend(office, "张处长", "小王", Role.DEPARTMENT_HEAD)

    first = outlook(office, submission_id).stages[0]

    assert first.able == ()
    assert [name for name, _ in first.unable] == ["小王 代 张处长", "张处长"]
    assert first.warning.startswith("“部门审签”现在没有人可以办理。请让有权办理的同志委托代办")


def test_an_ended_role_is_named_for_a_while(office: Office) -> None:
    submission_id = office.submitted()
    with office.as_system() as work:
        held = work.session.exec(select(PersonRole).where(PersonRole.person_id == office.people["张处长"])).one()
        held.ends_on = office_day(office.now)
    office.later(days=1)

    first = outlook(office, submission_id).stages[0]

    assert (first.able, first.unable) == ((), (("张处长", "“部门负责人”已于 11-23 到期。"),))


def test_two_stages_that_only_one_person_could_sign_are_a_warning(office: Office) -> None:
    submission_id = office.submitted()
    away(office, "老李", "老周", "陈部长", days=9)

    found = outlook(office, submission_id)

    assert able(office, submission_id)[S.FIRST_REVIEW] == able(office, submission_id)[S.FINAL_REVIEW] == ("老唐",)
    assert found.warnings == (deputies.TOO_FEW,)


def test_a_deadline_that_will_find_nobody_is_told_before(office: Office) -> None:
    submission_id = office.submitted()
    away(office, "张处长", starts=1)

    first = outlook(office, submission_id).stages[0]

    assert first.able == ("张处长",)
    assert first.warning.startswith("到 11-24，“部门审签”将没有人可以办理。")


def test_of_many_items_those_short_of_people_are_told_in_a_few_reads(office: Office) -> None:
    unsigned, passed, *others = [office.submitted() for _ in range(5)]
    for item in (passed, *others):
        office.perform("张处长", Action.SIGN_OFF, item)
    office.perform("老唐", Action.PASS, passed)
    lend(office, "张处长", "小王", Role.DEPARTMENT_HEAD)
    away(office, "陈部长", days=9)

    warned = {
        item: [each.stage for each in outlook(office, item).stages if each.warning]
        for item in (unsigned, passed, *others)
    }
    short, reads_needed = short_of_people(office, unsigned, passed, *others)

    assert warned == {unsigned: [S.DEPARTMENT_REVIEW], passed: [S.FINAL_REVIEW]} | {each: [] for each in others}
    assert short == {unsigned: S.DEPARTMENT_REVIEW, passed: S.FINAL_REVIEW}
    assert reads_needed == short_of_people(office, unsigned, passed, others[0])[1]


def short_of_people(office: Office, *ids: int) -> tuple[dict[int | None, deputies.AnyStage], int]:
    """By item the stage that is short of people, and how many reads that took."""
    with office.reading() as session:
        calendar = working_calendar.calendar_of(session, office_day(office.now))
        items = [session.get_one(Submission, each) for each in ids]
        with counting(session) as sent:
            found = deputies.short_of_people(session, items, calendar=calendar, now=office.now)
    return {item.id: stage for item, stage in found}, len(sent)


def test_on_a_holiday_it_speaks_of_the_next_working_day(office: Office) -> None:
    submission_id = office.submitted()
    office.later(days=5)  # a Saturday

    found = outlook(office, submission_id)

    assert found.day == date(2026, 11, 30)


def test_nothing_is_said_of_an_item_nobody_reviews(office: Office) -> None:
    submission_id = office.draft()
    with office.reading() as session:
        calendar = working_calendar.calendar_of(session, office_day(office.now))
        item = session.get_one(Submission, submission_id)
        assert deputies.outlook(session, item, calendar=calendar, now=office.now) is None


@pytest.mark.parametrize(("absent", "holders"), [((), ("老李", "老周", "老唐")), (("老李", "老唐"), ("老周",))])
def test_lists_name_only_those_who_are_there(office: Office, absent: tuple[str, ...], holders: tuple[str, ...]) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    away(office, *absent)

    with office.reading() as session:
        (line,) = reads.mine(session, office.actor("小王"), now=office.now)

    assert line.holders == holders


def test_a_disabled_person_is_not_named_at_all(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["老周"])

    assert "老周" not in able(office, submission_id)[S.FIRST_REVIEW]
