"""The list of violations and one case: what is found, and who finds it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlmodel import Session

from models import Severity, Violation, ViolationKind, ViolationPerson, ViolationState
from services.database import Engines
from services.errors import NotFound
from services.queries import people, violations
from services.queries.violations import CaseFilter
from services.rules.permissions import Actor
from services.rules.violation_cases import may_see
from tests import factories
from tests.factories import NOW, Cast, id_of


@dataclass
class School:
    """Three cases: `own` of 教务处, `other` of 学生处, `naming` of 学生处 that names the contributor of 教务处."""

    session: Session
    cast: Cast
    own: int
    other: int
    naming: int

    def actor(self, name: str) -> Actor:
        actor = people.actor(self.session, id_of(getattr(self.cast, name)), NOW.date())
        assert actor is not None
        return actor

    def found(self, wanted: CaseFilter, name: str = "reviewer") -> list[int]:
        return [line.id for line in violations.listed(self.session, self.actor(name), wanted).lines]


@pytest.fixture
def school(engines: Engines) -> Iterator[School]:
    with Session(engines.write) as session:
        cast = factories.standing_cast(session)
        ours, theirs = cast.contributor.department_id, cast.outsider.department_id
        item = factories.submission(session, cast.contributor, title="开学典礼")
        own = factories.violation(
            session,
            cast.reviewer,
            department_id=ours,
            submission_id=id_of(item),
            facts="校名写错一字",
            severity=Severity.MAJOR,
        )
        other = factories.violation(
            session,
            cast.reviewer,
            department_id=theirs,
            kind=ViolationKind.PERSONAL_DATA,
            state=ViolationState.CLOSED,
            facts="名单露出 100% 的学号",
            recorded_at=NOW + timedelta(hours=1),
        )
        naming = factories.violation(
            session,
            cast.supervisor,
            department_id=theirs,
            kind=ViolationKind.REPRINT,
            facts="转载未写来源",
            recorded_at=NOW + timedelta(hours=2),
        )
        session.add(ViolationPerson(violation_id=id_of(naming), person_id=id_of(cast.contributor)))
        session.flush()
        yield School(session, cast, id_of(own), id_of(other), id_of(naming))


def test_each_person_sees_the_cases_the_rule_lets_them_see(school: School) -> None:
    every, none = [school.naming, school.other, school.own], list[int]()
    seen = {name: school.found(CaseFilter(), name) for name in vars(school.cast)}

    assert seen == {
        "contributor": [school.naming, school.own],
        "head": [school.own],
        "reviewer": every,
        "second_reviewer": every,
        "approver": every,
        "publisher": none,
        "supervisor": every,
        "leader": every,
        "admin": none,
        "outsider": [school.naming, school.other],
    }


def test_the_list_and_the_single_case_answer_alike(school: School) -> None:
    for name in vars(school.cast):
        actor = school.actor(name)
        listed = set(school.found(CaseFilter(), name))
        for case in (school.own, school.other, school.naming):
            violation = school.session.get_one(Violation, case)
            assert (case in listed) == may_see(actor, violations.standing(school.session, violation))


def test_a_case_nobody_may_know_of_is_not_found(school: School) -> None:
    with pytest.raises(NotFound):
        violations.detail(school.session, school.actor("head"), school.other)


def test_the_list_is_filtered_by_state_kind_department_and_words(school: School) -> None:
    ours = school.cast.contributor.department_id
    assert school.found(CaseFilter(state=ViolationState.CLOSED)) == [school.other]
    assert school.found(CaseFilter(open_only=True)) == [school.naming, school.own]
    assert school.found(CaseFilter(kind=ViolationKind.REPRINT)) == [school.naming]
    assert school.found(CaseFilter(department_id=ours)) == [school.own]
    assert school.found(CaseFilter(text="典礼 校名")) == [school.own]
    assert school.found(CaseFilter(text="典礼 来源")) == []


def test_a_percent_sign_is_looked_for_and_not_a_wildcard(school: School) -> None:
    assert school.found(CaseFilter(text="100%")) == [school.other]
    assert school.found(CaseFilter(text="_")) == []


def test_the_list_comes_page_by_page_with_its_count(school: School) -> None:
    for number in range(25):
        factories.violation(
            school.session,
            school.cast.reviewer,
            department_id=school.cast.outsider.department_id,
            facts=f"批量{number}",
        )
    actor = school.actor("reviewer")
    pages = [violations.listed(school.session, actor, CaseFilter(text="批量"), page=number) for number in (1, 2)]

    assert [(len(page.lines), page.total, page.pages) for page in pages] == [(20, 25, 2), (5, 25, 2)]
    assert len({line.id for page in pages for line in page.lines}) == 25


def test_a_case_shows_its_item_its_people_and_what_may_be_done(school: School) -> None:
    seen = violations.detail(school.session, school.actor("supervisor"), school.own)

    assert (seen.department, seen.recorded_by, seen.item.title if seen.item else None, list(seen.people)) == (
        "教务处",
        "老李",
        "开学典礼",
        [],
    )
    assert [step.action.value for step in seen.steps] == ["contain", "investigate", "dismiss"]
    naming = violations.detail(school.session, school.actor("contributor"), school.naming)
    assert (list(naming.people), naming.steps) == (["小王"], [])
