"""人员: who may change what, the days of roles, the last administrator, and what somebody leaves behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import select

from models import Action, AuditAction, DepartmentKind, Person, PersonRole, RegisterEntry, Role
from services import (
    account_requests,
    campus_sign_in,
    delegations,
    departments,
    duty,
    passwords,
    people,
    reset_codes,
    second_factor,
    sign_in,
)
from services.errors import InvalidInput, NotAllowed, ReasonRequired, WrongState
from services.queries import holdings, sessions, staff
from services.queries.staff import PeopleFilter
from services.sign_in import Candidate
from services.unit_of_work import UnitOfWork
from tests.office import CAST, Office

TODAY = date(2026, 11, 23)
ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOT_ADMIN = [name for name, _, roles in CAST if Role.ADMIN not in roles]

Act = Callable[[Office, UnitOfWork], object]


def changed(office: Office, work: UnitOfWork, **changes: object) -> Person:
    given: dict[str, object] = {
        "person_id": office.people["小王"],
        "name": "小王",
        "department_id": office.departments["教务处"],
        "phone": "",
        "is_student": False,
    }
    return people.change_person(work, **(given | changes))  # type: ignore[arg-type]  # named in each test


def entered(office: Office, work: UnitOfWork, **values: object) -> Person:
    given: dict[str, object] = {
        "username": "newcomer",
        "name": "新同志",
        "department_id": office.departments["学生处"],
        "roles": [Role.CONTRIBUTOR],
        "password_hash": passwords.NONE,
    }
    return people.create_person(work, **(given | values))  # type: ignore[arg-type]  # as above


def role_of(office: Office, name: str) -> int:
    with office.reading() as session:
        found = session.exec(select(PersonRole.id).where(PersonRole.person_id == office.people[name])).first()
    return found or 0


ACTS: dict[str, Act] = {
    "create": entered,
    "change": lambda office, work: changed(office, work, name="别名"),
    "disable": lambda office, work: people.disable(work, person_id=office.people["小吴"]),
    "enable": lambda office, work: people.enable(work, person_id=office.people["小吴"]),
    "grant_role": lambda office, work: people.grant_role(
        work, person_id=office.people["小王"], role=Role.ADMIN, starts_on=TODAY, ends_on=None
    ),
    "change_role": lambda office, work: people.change_role(
        work, role_id=role_of(office, "小王"), starts_on=TODAY, ends_on=TODAY
    ),
    "end_role": lambda office, work: people.end_role(work, role_id=role_of(office, "小王")),
    "issue_code": lambda office, work: reset_codes.issue(
        work, office.box, person_id=office.people["小吴"], reason="忘记密码"
    ),
    "issue_first_code": lambda office, work: reset_codes.issue_first(work, office.box, person_id=office.people["小吴"]),
    "remove_second_factor": lambda office, work: second_factor.remove_for(
        work, person_id=office.people["小吴"], reason="手机丢失"
    ),
    "end_sessions": lambda office, work: sign_in.end_everywhere(work, person_id=office.people["小吴"]),
    "link_identity": lambda office, work: campus_sign_in.link(
        work, person_id=office.people["小吴"], issuer="https://sso.example", subject="1"
    ),
    "unlink_identity": lambda _, work: campus_sign_in.unlink(work, identity_id=1),
    "read_list": lambda office, work: staff.listed(work.session, work.actor, now=office.now),
    "read_card": lambda office, work: staff.card(work.session, work.actor, office.people["小吴"], now=office.now),
    "read_departments": lambda _, work: staff.departments(work.session, work.actor),
}


@ONE_ENGINE
@pytest.mark.parametrize("act", ACTS)
def test_only_the_administrator(office: Office, act: str) -> None:
    refused = []
    for name in (each for each in NOT_ADMIN if each != "小吴"):
        with pytest.raises(NotAllowed, match="系统管理员"), office.acting_as(name) as work:
            ACTS[act](office, work)
        refused.append(name)

    assert len(refused) == len(NOT_ADMIN) - 1


# --- Entering and correcting -----------------------------------------------------------------------------


def test_person_is_entered_with_days_phone_and_student_mark(office: Office) -> None:
    until = TODAY + timedelta(days=200)
    with office.acting_as("小林") as work:
        person = entered(office, work, phone="8123-4567", is_student=True, since=TODAY, until=until)
    with office.reading() as session:
        card = staff.card(session, office.actor("小林"), person.id or 0, now=office.now)

    assert (card.line.name, card.line.department, card.phone) == ("新同志", "学生处", "8123-4567")
    assert (card.line.is_student, card.line.has_password, card.line.roles) == (True, False, (Role.CONTRIBUTOR,))
    assert [(each.starts_on, each.ends_on) for each in card.roles] == [(TODAY, until)]


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("赵 敏", "赵敏"),
        (" 欧阳\u3000修 ", "欧阳修"),
        ("Anna  Maria", "Anna Maria"),
        ("阿依古丽 · 买买提", "阿依古丽 · 买买提"),
    ],
)
def test_a_name_has_no_space_between_its_characters(typed: str, kept: str) -> None:
    assert people.checked_name(typed) == kept


@ONE_ENGINE
@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"username": "王晓敏"}, "username"),
        ({"username": "person0"}, "username"),
        ({"name": "  "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"phone": "打我手机"}, "phone"),
        ({"department_id": 4711}, "department"),
        ({"since": TODAY, "until": TODAY - timedelta(days=1)}, "ends_on"),
        ({"is_student": True}, "ends_on"),
    ],
)
def test_what_cannot_be_a_person_is_refused(office: Office, values: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal, office.acting_as("小林") as work:
        entered(office, work, **values)

    assert refusal.value.field == field


def test_correction_is_on_the_trail_without_the_phone(office: Office) -> None:
    person_id = office.people["小王"]
    with office.acting_as("小林") as work:
        changed(office, work, name="王晓敏", phone="8123-4567")

    assert office.trail("person", person_id)[-1] == (
        AuditAction.PERSON_CHANGED,
        "小林",
        {"name": ["小王", "王晓敏"], "phone": "已更改"},
    )


def test_saving_without_a_change_leaves_no_line(office: Office) -> None:
    before = office.trail("person", office.people["小王"])
    with office.acting_as("小林") as work:
        changed(office, work)

    assert office.trail("person", office.people["小王"]) == before


def test_student_needs_a_last_day_for_every_role(office: Office) -> None:
    with pytest.raises(InvalidInput, match="学生的角色必须填写结束日期"), office.acting_as("小林") as work:
        changed(office, work, is_student=True)


# --- Roles -----------------------------------------------------------------------------------------------


def test_student_operators_role_ends_by_itself(office: Office) -> None:
    with office.acting_as("小林") as work:
        person = entered(office, work, is_student=True, until=TODAY)
        office.people["学生小刘"] = person.id or 0
    today = office.actor("学生小刘").roles
    office.later(days=1)

    assert (today, office.actor("学生小刘").roles) == (frozenset({Role.CONTRIBUTOR}), frozenset())


def test_role_begins_on_its_first_day(office: Office) -> None:
    tomorrow = TODAY + timedelta(days=1)
    with office.acting_as("小林") as work:
        people.grant_role(work, person_id=office.people["小王"], role=Role.REVIEWER, starts_on=tomorrow, ends_on=None)
    today = office.actor("小王").roles
    office.later(days=1)

    assert (today, office.actor("小王").roles) == (
        frozenset({Role.CONTRIBUTOR}),
        frozenset({Role.CONTRIBUTOR, Role.REVIEWER}),
    )


def test_role_taken_back_is_gone_at_once_and_kept_in_history(office: Office) -> None:
    role_id = role_of(office, "小王")
    office.later(days=3)
    with office.acting_as("小林") as work:
        people.end_role(work, role_id=role_id)

    with office.reading() as session:
        last_day = session.get_one(PersonRole, role_id).ends_on
    assert (office.actor("小王").roles, last_day) == (frozenset(), TODAY + timedelta(days=2))


def test_same_role_twice_on_one_day_is_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="已有“通讯员”"), office.acting_as("小林") as work:
        people.grant_role(work, person_id=office.people["小王"], role=Role.CONTRIBUTOR, starts_on=TODAY, ends_on=None)


@pytest.mark.parametrize("until", [TODAY - timedelta(days=1)])
def test_role_that_ends_before_it_begins_is_refused(office: Office, until: date) -> None:
    with pytest.raises(InvalidInput, match="结束日期早于开始日期"), office.acting_as("小林") as work:
        people.change_role(work, role_id=role_of(office, "小王"), starts_on=TODAY, ends_on=until)


# --- The last administrator ------------------------------------------------------------------------------


def test_administrator_cannot_disable_himself(office: Office) -> None:
    with pytest.raises(InvalidInput, match="不能停用自己"), office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小林"])


LOSSES: dict[str, Callable[[UnitOfWork, int], object]] = {
    "taken back": lambda work, id_: people.end_role(work, role_id=id_),
    "with a last day": lambda work, id_: people.change_role(
        work, role_id=id_, starts_on=TODAY, ends_on=TODAY + timedelta(days=9)
    ),
    "only from next week": lambda work, id_: people.change_role(
        work, role_id=id_, starts_on=TODAY + timedelta(days=7), ends_on=None
    ),
}


@ONE_ENGINE
@pytest.mark.parametrize("loss", LOSSES)
def test_last_administrator_keeps_the_role(office: Office, loss: str) -> None:
    role_id = role_of(office, "小林")

    with pytest.raises(InvalidInput, match="最后一位"), office.acting_as("小林") as work:
        LOSSES[loss](work, role_id)

    assert Role.ADMIN in office.actor("小林").roles


def test_administrator_with_a_lasting_successor_may_go(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.grant_role(work, person_id=office.people["小赵"], role=Role.ADMIN, starts_on=TODAY, ends_on=None)
    with office.acting_as("小赵") as work:
        people.disable(work, person_id=office.people["小林"])

    with office.reading() as session:
        assert session.get_one(Person, office.people["小林"]).active is False


def test_two_administrators_who_end_each_others_access_leave_one(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.grant_role(work, person_id=office.people["老周"], role=Role.ADMIN, starts_on=TODAY, ends_on=None)
    both_stand = threading.Barrier(2)
    refused: list[str] = []

    def end(who: str, whom: str) -> None:
        both_stand.wait()
        try:
            with office.acting_as(who) as work:
                people.disable(work, person_id=office.people[whom])
        except (InvalidInput, NotAllowed, AssertionError) as refusal:
            # The one who comes second is the last administrator's guard, or out already.
            refused.append(str(refusal))

    pairs = (("小林", "老周"), ("老周", "小林"))
    threads = [threading.Thread(target=end, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    with office.reading() as session:
        left = [session.get_one(Person, office.people[name]).active for name in ("小林", "老周")]
    assert (len(refused), sorted(left)) == (1, [False, True])


def test_successor_for_a_term_is_not_enough(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.grant_role(
            work,
            person_id=office.people["小赵"],
            role=Role.ADMIN,
            starts_on=TODAY,
            ends_on=TODAY + timedelta(days=30),
        )

    with pytest.raises(InvalidInput, match="最后一位"), office.acting_as("小赵") as work:
        people.disable(work, person_id=office.people["小林"])


# --- Leaving ---------------------------------------------------------------------------------------------


def signed_in(office: Office, name: str) -> int:
    with office.as_system() as work:
        opened = sign_in.settle(work, Candidate(office.people[name], ""), matched=True)
    assert opened is not None
    return opened.session_id


def test_disabled_person_is_out_everywhere_at_the_next_click(office: Office) -> None:
    open_now = [signed_in(office, "小吴"), signed_in(office, "小吴")]
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小吴"])

    with office.reading() as session:
        assert [sessions.by_id(session, each, office.now) for each in open_now] == [None, None]


def test_coming_back_does_not_reopen_old_sessions(office: Office) -> None:
    before = signed_in(office, "小吴")
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小吴"])
        people.enable(work, person_id=office.people["小吴"])

    with office.reading() as session:
        old = sessions.by_id(session, before, office.now)
    assert (old, office.actor("小吴").roles) == (None, frozenset({Role.CONTRIBUTOR}))


def test_what_somebody_holds_is_listed_before_they_leave(office: Office) -> None:
    draft, waiting = office.draft(title="没写完的"), office.submitted(title="等张处长的")
    author = held_by(office, "小王")
    head, head_to_an_editor = held_by(office, "张处长"), held_by(office, "张处长", reader="老李")
    office.perform("张处长", Action.SIGN_OFF, waiting)

    # Who looks after people reads no items; who may read one is told its title.
    assert author == holdings.Holdings(drafts=(f"第 {draft} 号稿件（草稿）",))
    assert head == holdings.Holdings(waiting=(f"第 {waiting} 号稿件（部门审签）",))
    assert head_to_an_editor == holdings.Holdings(waiting=("等张处长的（部门审签）",))
    assert held_by(office, "老李").total == 0  # 老周 and 老唐 can review it too


def held_by(office: Office, name: str, *, reader: str = "小林") -> holdings.Holdings:
    with office.reading() as session:
        return holdings.of_person(session, office.actor(reader), office.people[name], office.now)


@ONE_ENGINE
def test_requests_posts_deputies_and_duty_days_are_among_it(office: Office) -> None:
    today = TODAY
    entry = RegisterEntry(
        purpose="教务通知", first_responsible="张处长", admin_a="王老师", admin_b="赵老师", contact="010-12345678"
    )
    with office.acting_as("小林") as work:
        duty.set_turn(work, person_id=office.people["张处长"], first=today, last=today + timedelta(days=1))
        account_requests.apply_for_account(
            work, name="测试大学教务处", owner_department_id=office.departments["教务处"], entry=entry
        )
    with office.acting_as("张处长") as work:
        deputy = office.people["黄处长"]
        delegations.delegate(work, deputy_id=deputy, roles=[Role.DEPARTMENT_HEAD], starts_on=today, ends_on=today)

    head, applicant = held_by(office, "张处长"), held_by(office, "小林")

    asked = "测试大学教务处：开通申请（单位审核）"
    assert head == holdings.Holdings(
        accounts=("测试大学教务处（第一责任人）",),
        delegations=("黄处长 代 张处长（至 11-23）",),
        duty_days=("11-23 值班", "11-24 值班"),
    )
    assert applicant == holdings.Holdings(requests=(asked,))


@ONE_ENGINE
@pytest.mark.parametrize("how", ["disable", "move"])
def test_nobody_leaves_without_a_word_about_what_they_hold(office: Office, how: str) -> None:
    office.draft()

    def leave(work: UnitOfWork, handover: str) -> None:
        if how == "disable":
            people.disable(work, person_id=office.people["小王"], handover=handover)
        else:
            changed(office, work, department_id=office.departments["学生处"], handover=handover)

    with pytest.raises(ReasonRequired, match="还有 1 项没有交接"), office.acting_as("小林") as work:
        leave(work, "  ")
    with office.acting_as("小林") as work:
        leave(work, "由张处长接手")

    *_, (_, _, details) = office.trail("person", office.people["小王"])
    assert details["handover"] == "由张处长接手"


def test_disabling_twice_is_refused(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小吴"])

    with pytest.raises(WrongState), office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小吴"])


# --- The list --------------------------------------------------------------------------------------------


def found(office: Office, wanted: PeopleFilter, page: int = 1) -> tuple[set[str], int]:
    with office.reading() as session:
        result = staff.listed(session, office.actor("小林"), wanted, now=office.now, page=page)
    return {line.name for line in result.lines}, result.total


def test_list_is_filtered_by_text_department_role_and_state(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["小吴"])

    assert found(office, PeopleFilter(text="person1")) == ({"张处长", "小林", "黄处长"}, 3)  # 1, 10 and 12
    assert found(office, PeopleFilter(text="100%")) == (set(), 0)
    assert found(office, PeopleFilter(department_id=office.departments["监督小组"])) == ({"孙老师", "郭老师"}, 2)
    assert found(office, PeopleFilter(role=Role.APPROVER)) == ({"陈部长", "老唐"}, 2)
    assert found(office, PeopleFilter(active=False)) == ({"小吴"}, 1)


def test_list_comes_in_pages(office: Office) -> None:
    with office.acting_as("小林") as work:
        unit = departments.create(work, name="文学院", kind=DepartmentKind.TEACHING_UNIT).id or 0
        for number in range(25):
            entered(office, work, username=f"member{number}", name=f"成员{number:02}", department_id=unit)
    wanted = PeopleFilter(department_id=unit)

    (first, total), (second, _) = found(office, wanted), found(office, wanted, page=2)

    assert (len(first), len(second), total, first & second) == (20, 5, 25, set())
