"""The trail as its readers find it: by group, person, subject and day, and never more than they may know."""

from __future__ import annotations

from datetime import date

import pytest

from models import Action, AuditAction
from services.errors import NotAllowed
from services.queries import trail
from services.queries.trail import KINDS_IN, TrailFilter, TrailGroup
from tests.office import CAST, Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def acts(office: Office, wanted: TrailFilter, who: str = "孙老师") -> list[tuple[str, AuditAction, int | None]]:
    with office.reading() as session:
        lines = trail.lines(session, office.actor(who), wanted=wanted)
        assert trail.count(session, office.actor(who), wanted=wanted) == len(lines)
    return [(line.actor, line.action, line.subject_id) for line in lines]


def test_every_action_belongs_to_exactly_one_group() -> None:
    groups = {action: [each for each in TrailGroup if action in trail.actions_in(each)] for action in AuditAction}

    assert {action: len(found) for action, found in groups.items()} == dict.fromkeys(AuditAction, 1)
    assert set(KINDS_IN) == set(TrailGroup)


def test_submissions_are_found_newest_first_and_by_person(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    everything = acts(office, TrailFilter(group=TrailGroup.SUBMISSIONS))
    heads_own = acts(office, TrailFilter(person_id=office.people["张处长"]))

    assert everything == [
        ("张处长", AuditAction.SUBMISSION_SIGNED_OFF, submission_id),
        ("小王", AuditAction.SUBMISSION_SUBMITTED, submission_id),
        ("小王", AuditAction.SUBMISSION_CREATED, submission_id),
    ]
    assert heads_own == everything[:1]


@on_sqlite
def test_one_subject_is_followed_by_its_number(office: Office) -> None:
    office.submitted()
    second = office.draft()

    assert acts(office, TrailFilter(group=TrailGroup.SUBMISSIONS, subject_id=second)) == [
        ("小王", AuditAction.SUBMISSION_CREATED, second)
    ]


def test_days_are_beijing_days_and_both_count(office: Office) -> None:
    office.later(hours=14.75)  # Monday 23:45 in Beijing
    last_of_monday = office.draft()
    office.later(hours=0.5)
    first_of_tuesday = office.draft()
    monday, tuesday = date(2026, 11, 23), date(2026, 11, 24)

    def found(since: date | None, until: date | None) -> list[int | None]:
        return [subject for *_, subject in acts(office, TrailFilter(TrailGroup.SUBMISSIONS, since=since, until=until))]

    assert found(monday, monday) == [last_of_monday]
    assert found(tuesday, tuesday) == [first_of_tuesday]
    assert found(monday, tuesday) == [first_of_tuesday, last_of_monday]
    assert found(date(2026, 11, 25), None) == []


@on_sqlite
def test_names_and_words_are_told_to_those_who_may_read_the_item(office: Office) -> None:
    draft = office.draft(title="还没交的稿件")
    returned = office.draft(title="已交的稿件")
    office.attach(returned, "处分决定.txt", "公示文本".encode())
    office.hand_in(returned)
    office.perform("张处长", Action.RETURN, returned, "请补充时间")

    told = {name: told_to(office, name) for name in ("孙老师", "小林")}

    assert told == {
        "孙老师": {draft: ("", set()), returned: ("已交的稿件", {"请补充时间", "已交的稿件", "处分决定.txt"})},
        "小林": {draft: ("", set()), returned: ("", set())},
    }


def told_to(office: Office, who: str) -> dict[int | None, tuple[str, set[str]]]:
    """By item: its name, and every word of it that its lines tell."""
    told: dict[int | None, tuple[str, set[str]]] = {}
    with office.reading() as session:
        for line in trail.lines(session, office.actor(who), wanted=TrailFilter(TrailGroup.SUBMISSIONS)):
            _, words = told.setdefault(line.subject_id, (line.subject, set()))
            words |= {value for key, value in line.details.items() if key in SAID and value}
    return told


SAID = ("title", "comment", "name")


@on_sqlite
def test_how_an_act_was_done_is_told_to_every_reader(office: Office) -> None:
    office.submitted()

    with office.reading() as session:
        (handed_in, _) = trail.lines(session, office.actor("小林"), wanted=TrailFilter(TrailGroup.SUBMISSIONS))

    assert handed_in.details == {"from": "draft", "to": "department_review", "revision": 1, "seal": None}


@on_sqlite
def test_only_holders_of_the_right_read_the_trail(office: Office) -> None:
    readers = set()
    with office.reading() as session:
        for name, *_ in CAST:
            try:
                trail.lines(session, office.actor(name))
                readers.add(name)
            except NotAllowed:
                with pytest.raises(NotAllowed):
                    trail.count(session, office.actor(name))

    assert readers == {"陈部长", "老唐", "孙老师", "郭老师", "小林"}
