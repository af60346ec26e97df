"""运营队伍: rosters, trainings, duty days, and duties with who has read them; each refusal with the person refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from models import AuditAction, OperatorPost, Person, Role
from services import duty, operators, training, working_calendar
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, Refusal, StaleState, WrongState
from services.queries import operators as reads
from services.rules.duties import DUTIES
from services.unit_of_work import UnitOfWork
from tests.office import CAST, Office

TODAY = date(2026, 11, 23)
MANAGERS = ("小林", "陈部长", "老唐")
A, B = OperatorPost.A, OperatorPost.B


def name(
    office: Office, who: str, post: OperatorPost, starts: int = 0, ends: int | None = None, by: str = "小林"
) -> int:
    with office.acting_as(by) as work:
        term = operators.name_operator(
            work,
            account_id=office.account_id,
            person_id=office.people[who],
            post=post,
            starts_on=TODAY + timedelta(days=starts),
            ends_on=None if ends is None else TODAY + timedelta(days=ends),
        )
        return term.id or 0


def roster(office: Office) -> tuple[list[tuple[str, OperatorPost]], tuple[OperatorPost, ...]]:
    with office.reading() as session:
        (account,) = reads.rosters(session, TODAY)
    return [(each.person, each.post) for each in account.terms], account.lacks


def test_an_account_has_an_a_and_a_b_and_says_who_is_missing(office: Office) -> None:
    before = roster(office)
    name(office, "小赵", A)
    name(office, "老李", B)

    assert (before, roster(office)) == (([], (A, B)), ([("小赵", A), ("老李", B)], ()))


def test_ending_a_term_frees_the_post_at_once(office: Office) -> None:
    term_id = name(office, "小赵", A)
    with office.acting_as("陈部长") as work:
        operators.end_term(work, term_id=term_id)
    with pytest.raises(WrongState), office.acting_as("陈部长") as work:
        operators.end_term(work, term_id=term_id)

    assert roster(office) == ([], (A, B))
    name(office, "老李", A)


@pytest.mark.parametrize(
    ("who", "post", "starts", "ends", "field"),
    [
        ("老李", A, 0, None, "post"),
        ("小赵", B, 5, 9, "person_id"),
        ("老李", B, 5, 4, "ends_on"),
        ("老李", A, -9, -1, None),
        ("老李", B, 0, None, None),
    ],
)
def test_one_person_for_each_post_and_each_post_for_one_person(
    office: Office, who: str, post: OperatorPost, starts: int, ends: int | None, field: str | None
) -> None:
    name(office, "小赵", A)

    if field is None:
        assert name(office, who, post, starts, ends)
        return
    with pytest.raises(InvalidInput) as refused:
        name(office, who, post, starts, ends)
    assert refused.value.field == field


def test_a_student_is_b_and_until_a_day(office: Office) -> None:
    with office.as_system() as work:
        work.session.get_one(Person, office.people["小吴"]).is_student = True

    with pytest.raises(InvalidInput, match="A 角须由教职工担任"):
        name(office, "小吴", A, 0, 9)
    with pytest.raises(InvalidInput, match="学生任职须写明结束日期"):
        name(office, "小吴", B)
    assert name(office, "小吴", B, 0, 9)


def test_who_needs_training_is_named_a_month_ahead(office: Office) -> None:
    name(office, "老李", B)
    with office.acting_as("小林") as work:
        for who, until in (("老李", TODAY + timedelta(days=29)), ("小赵", TODAY + timedelta(days=30))):
            training.enter(work, person_id=office.people[who], subject="安全 培训", done_on=TODAY, valid_until=until)
    name(office, "老周", A)

    with office.reading() as session:
        due = [(each.person, each.valid_until) for each in reads.due_for_training(session, TODAY)]
        subjects = {each.subject for each in reads.trainings(session)}
    assert due == [("老周", None), ("老李", TODAY + timedelta(days=29))]
    assert subjects == {"安全 培训"}


@pytest.mark.parametrize(
    ("subject", "done", "until", "field"),
    [(" ", 0, None, "subject"), ("保密", 1, None, "done_on"), ("保密", 0, -1, "valid_until")],
)
def test_a_training_that_cannot_be_is_refused(
    office: Office, subject: str, done: int, until: int | None, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused, office.acting_as("小林") as work:
        training.enter(
            work,
            person_id=office.people["小赵"],
            subject=subject,
            done_on=TODAY + timedelta(days=done),
            valid_until=None if until is None else TODAY + timedelta(days=until),
        )
    assert refused.value.field == field


def test_a_training_entered_by_mistake_is_struck_out_and_stays_readable(office: Office) -> None:
    with office.acting_as("小林") as work:
        wrong = training.enter(work, person_id=office.people["小赵"], subject="保密", done_on=TODAY).id or 0
    with office.acting_as("陈部长") as work:
        training.strike(work, training_id=wrong, reason=" 登记到了 别人名下 ")

    with office.reading() as session:
        (line,) = reads.trainings(session)
        due = [each.person for each in reads.due_for_training(session, TODAY)]
    assert (line.struck_at, line.struck_by, line.struck_reason) == (office.now, "陈部长", "登记到了 别人名下")
    assert due == ["小赵"]
    assert office.trail("person", office.people["小赵"])[-1] == (
        AuditAction.TRAINING_STRUCK,
        "陈部长",
        {"subject": "保密", "person": "小赵", "done_on": f"{TODAY}", "reason": "登记到了 别人名下"},
    )


@pytest.mark.parametrize(
    ("again", "reason", "refused"),
    [
        (0, " ", ReasonRequired),
        (0, "长" * 201, InvalidInput),
        (1, "登记错了", WrongState),
        (2, "登记错了", NotFound),
    ],
)
def test_a_training_is_struck_out_once_and_never_without_a_reason(
    office: Office, again: int, reason: str, refused: type[Refusal]
) -> None:
    with office.acting_as("小林") as work:
        row = training.enter(work, person_id=office.people["小赵"], subject="保密", done_on=TODAY)
        if again:
            training.strike(work, training_id=row.id or 0, reason="登记错了")

    with pytest.raises(refused), office.acting_as("小林") as work:
        training.strike(work, training_id=(row.id or 0) + max(0, again - 1), reason=reason)


def test_the_same_training_is_entered_once_and_again_after_it_was_struck_out(office: Office) -> None:
    def enter() -> int:
        with office.acting_as("小林") as work:
            return training.enter(work, person_id=office.people["小赵"], subject="保密", done_on=TODAY).id or 0

    first = enter()
    with pytest.raises(InvalidInput, match="已经登记过"):
        enter()
    with office.acting_as("小林") as work:
        training.strike(work, training_id=first, reason="日期写错")

    assert enter() != first


def test_duty_days_show_holidays_and_who_is_there(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        entered = [
            duty.set_turn(
                work,
                person_id=office.people["小赵"],
                first=TODAY + timedelta(days=4),
                last=TODAY + timedelta(days=last),
            )
            for last in (5, 6)
        ]

    with office.reading() as session:
        calendar = working_calendar.calendar_of(session, TODAY)
        days = reads.duty_days(session, calendar, TODAY + timedelta(days=3), 4)
    assert entered == [2, 1]
    assert [(each.day.day, each.is_working, [who for _, who in each.turns]) for each in days] == [
        (26, True, []),
        (27, True, ["小赵"]),
        (28, False, ["小赵"]),
        (29, False, ["小赵"]),
    ]
    with office.acting_as("陈部长") as work:
        duty.clear_turn(work, turn_id=days[1].turns[0][0])
    with pytest.raises(NotFound), office.acting_as("陈部长") as work:
        duty.clear_turn(work, turn_id=days[1].turns[0][0])


@pytest.mark.parametrize(("first", "last", "field"), [(1, 0, "last"), (-1, 0, "first"), (0, 63, "last")])
def test_duty_days_that_cannot_be_are_refused(office: Office, first: int, last: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refused, office.acting_as("小林") as work:
        duty.set_turn(
            work,
            person_id=office.people["小赵"],
            first=TODAY + timedelta(days=first),
            last=TODAY + timedelta(days=last),
        )
    assert refused.value.field == field


def unread(office: Office, who: str) -> list[tuple[Role, int]]:
    with office.reading() as session:
        return [(each.role, each.version) for each in reads.unread_duties(session, office.actor(who))]


def test_duties_are_acknowledged_by_role_and_version(office: Office) -> None:
    first = unread(office, "老唐")
    with office.acting_as("老唐") as work:
        duty.acknowledge(work, role=Role.REVIEWER, version=1)
        duty.acknowledge(work, role=Role.REVIEWER, version=1)
    second = unread(office, "老唐")
    with office.acting_as("陈部长") as work:
        duty.write_duties(work, role=Role.REVIEWER, text="只有一条。", seen_version=1)

    assert first == [(Role.REVIEWER, 1), (Role.APPROVER, 1)]
    assert second == [(Role.APPROVER, 1)]
    assert unread(office, "老唐") == [(Role.REVIEWER, 2), (Role.APPROVER, 1)]
    with pytest.raises(StaleState), office.acting_as("老唐") as work:
        duty.acknowledge(work, role=Role.REVIEWER, version=1)
    with office.reading() as session:
        reviewers = next(each for each in reads.readership(session, TODAY) if each.duties.role is Role.REVIEWER)
    assert (reviewers.duties.text, reviewers.read, set(reviewers.unread)) == (
        "只有一条。",
        (),
        {"老唐", "老李", "老周"},
    )


def test_nobody_acknowledges_the_duties_of_a_role_they_do_not_hold(office: Office) -> None:
    with pytest.raises(NotAllowed), office.acting_as("小王") as work:
        duty.acknowledge(work, role=Role.APPROVER, version=1)


def test_duties_ship_for_every_role() -> None:
    assert set(DUTIES) == set(Role)


@pytest.mark.parametrize(("text", "seen"), [("", 1), (DUTIES[Role.REVIEWER], 1), ("新的职责", 2)])
def test_duties_without_words_without_change_or_over_another_version_are_refused(
    office: Office, text: str, seen: int
) -> None:
    with pytest.raises((InvalidInput, StaleState)), office.acting_as("小林") as work:
        duty.write_duties(work, role=Role.REVIEWER, text=text, seen_version=seen)


ACTS: dict[str, Callable[[UnitOfWork, Office], object]] = {
    "name": lambda work, office: operators.name_operator(
        work, account_id=office.account_id, person_id=office.people["小赵"], post=A, starts_on=TODAY
    ),
    "end": lambda work, office: operators.end_term(work, term_id=office.account_id),
    "train": lambda work, office: training.enter(work, person_id=office.people["小赵"], subject="保密", done_on=TODAY),
    "strike": lambda work, office: training.strike(work, training_id=office.account_id, reason="登记错了"),
    "turn": lambda work, office: duty.set_turn(work, person_id=office.people["小赵"], first=TODAY, last=TODAY),
    "clear": lambda work, office: duty.clear_turn(work, turn_id=office.account_id),
    "write": lambda work, _office: duty.write_duties(work, role=Role.LEADER, text="一条", seen_version=1),
}


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("who", [each for each, *_ in CAST if each not in MANAGERS])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_the_administrator_and_the_approvers_manage_the_operators(office: Office, who: str, act: str) -> None:
    with pytest.raises(NotAllowed, match="运营队伍"), office.acting_as(who) as work:
        ACTS[act](work, office)
