"""The register's life on a real database: applied for, filed, changed, suspended, cancelled."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from models import (
    AccountAction,
    AccountDuty,
    AccountKind,
    AccountLevel,
    AccountRequest,
    AccountState,
    AccountStep,
    AccountTask,
    AuditAction,
    AuditEvent,
    CancelReason,
    ChangeKind,
    Discovery,
    OfficialAccount,
    RegisterEntry,
    RequestAction,
    RequestState,
    Severity,
    ViolationKind,
)
from services import account_duties, account_files, account_requests, accounts, audit, violations
from services.account_files import GivenFile
from services.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    ReasonRequired,
    Refusal,
    StaleState,
    UnreadableFile,
    WrongState,
)
from services.queries import accounts as reads
from services.rules.clocks import Clocks
from services.rules.office_time import office_day
from tests.office import Office

A = AccountAction
R = RequestAction
S = AccountState
T = AccountTask

PNG = GivenFile("证明.png", b"\x89PNG\r\n\x1a\n" + b"0" * 20)
PDF = GivenFile("交接单.pdf", b"%PDF-1.7\n")

ENTRY = RegisterEntry(
    kind=AccountKind.SUBSCRIPTION,
    purpose="发布教务通知和考试安排",
    first_responsible="张处长",
    admin_a="王老师",
    admin_b="赵老师",
    contact="010-12345678",
)


def apply(
    office: Office, who: str = "张处长", unit: str = "教务处", name: str = "测试大学教务处", **changes: Any
) -> int:
    """An application; the id of its account."""
    with office.acting_as(who) as work:
        request = account_requests.apply_for_account(
            work,
            name=name,
            owner_department_id=office.departments[unit],
            entry=ENTRY.model_copy(update=changes),
        )
        return request.account_id


def request_of(office: Office, account_id: int) -> AccountRequest:
    with office.reading() as session:
        found = session.exec(
            select(AccountRequest)
            .where(AccountRequest.account_id == account_id)
            .order_by(col(AccountRequest.id).desc())
        ).first()
    assert found is not None
    return found


def decide(office: Office, who: str, action: RequestAction, account_id: int, comment: str = "") -> AccountRequest:
    request = request_of(office, account_id)
    with office.acting_as(who) as work:
        return account_requests.perform(
            work, action, request_id=request.id or 0, seen_version=request.version, comment=comment
        )


def stored(office: Office, account_id: int) -> OfficialAccount:
    with office.reading() as session:
        return session.get_one(OfficialAccount, account_id)


def perform(office: Office, who: str, action: AccountAction, account_id: int, comment: str = "") -> OfficialAccount:
    version = stored(office, account_id).version
    with office.acting_as(who) as work:
        return accounts.perform(work, action, account_id=account_id, seen_version=version, comment=comment)


def prove(office: Office, account_id: int, who: str = "张处长", **changes: Any) -> OfficialAccount:
    given: dict[str, Any] = {
        "registered_on": office_day(office.now),
        "wechat_id": "cs_jwc",
        "original_id": "gh_123456789abc",
        "proof": PNG,
    }
    version = stored(office, account_id).version
    with office.acting_as(who) as work:
        return accounts.prove_registration(
            work, office.assets, account_id=account_id, seen_version=version, **(given | changes)
        )


def active(office: Office) -> int:
    """教务处's account, applied for and filed."""
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)
    prove(office, account_id)
    perform(office, "老李", A.ACTIVATE, account_id)
    return account_id


def ask_change(
    office: Office, account_id: int, change: ChangeKind, who: str = "张处长", **changes: Any
) -> AccountRequest:
    with office.acting_as(who) as work:
        return account_requests.ask_change(
            work,
            account_id=account_id,
            change=change,
            changes=changes,
            happened_on=office_day(office.now),
            reason="人员调整",
        )


def ask_cancellation(
    office: Office, account_id: int, who: str = "张处长", why: CancelReason = CancelReason.IDLE
) -> AccountRequest:
    with office.acting_as(who) as work:
        return account_requests.ask_cancellation(
            work, account_id=account_id, cancel_reason=why, reason="已并入学校主号"
        )


def duties(office: Office, account_id: int) -> dict[AccountTask, AccountDuty]:
    with office.reading() as session:
        return {duty.task: duty for duty in reads.duties(session, account_id)}


def complete(office: Office, account_id: int, task: AccountTask, who: str = "张处长", **given: Any) -> AccountDuty:
    values: dict[str, Any] = {"done_on": office_day(office.now)} | given
    duty = duties(office, account_id)[task]
    with office.acting_as(who) as work:
        return account_duties.complete(work, office.assets, duty_id=duty.id or 0, **values)


def last_events(office: Office, count: int) -> list[tuple[AuditAction, dict[str, Any]]]:
    with office.reading() as session:
        rows = session.exec(select(AuditEvent).order_by(col(AuditEvent.sequence).desc()).limit(count)).all()
    return [(row.action, json.loads(row.details)) for row in reversed(rows)]


# --- Opening ---------------------------------------------------------------------------------------------


def test_an_account_is_applied_for_granted_registered_and_filed(office: Office) -> None:
    account_id = apply(office)
    assert (stored(office, account_id).state, request_of(office, account_id).state) == (
        S.APPLIED,
        RequestState.OFFICE,
    )

    decide(office, "陈部长", R.GRANT, account_id)
    assert stored(office, account_id).state is S.APPROVED

    prove(office, account_id)
    perform(office, "老李", A.ACTIVATE, account_id)

    account = stored(office, account_id)
    today = office_day(office.now)
    assert (account.state, account.wechat_id, account.registered_on, account.filed_on, account.filing_no) == (
        S.ACTIVE,
        "cs_jwc",
        today,
        today,
        "XC-WX-2026-001",
    )
    with office.reading() as session:
        of_this = select(AccountStep).where(AccountStep.account_id == account_id)
        steps = session.exec(of_this.order_by(col(AccountStep.id))).all()
        assert audit.verify(session).ok
    assert [(step.action, step.to_state) for step in steps] == [
        ("submit", "office"),
        ("grant", "granted"),
        ("approve", "approved"),
        ("register", "registered"),
        ("activate", "active"),
    ]


def test_every_step_leaves_a_line_in_the_trail(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id, "同意")

    asked, moved = last_events(office, 2)
    assert asked == (
        AuditAction.ACCOUNT_REQUESTED,
        {
            "action": "grant",
            "change": None,
            "comment": "同意",
            "from": "office",
            "request": "opening",
            "to": "granted",
        },
    )
    assert moved[1] == {"action": "approve", "comment": "同意", "from": "applied", "to": "approved"}


def test_an_application_on_the_units_behalf_waits_for_its_head(office: Office) -> None:
    account_id = apply(office, who="老李")
    assert request_of(office, account_id).state is RequestState.DEPARTMENT

    decide(office, "张处长", R.ENDORSE, account_id)

    assert request_of(office, account_id).state is RequestState.OFFICE


@pytest.mark.parametrize(
    "changes", [{"level": AccountLevel.SCHOOL}, {"external_facing": True}], ids=["school level", "external"]
)
def test_school_level_and_external_accounts_go_to_the_leader(office: Office, changes: dict[str, Any]) -> None:
    account_id = apply(office, **changes)

    decide(office, "陈部长", R.GRANT, account_id)
    assert stored(office, account_id).state is S.APPLIED

    decide(office, "徐校长", R.GRANT, account_id)
    assert stored(office, account_id).state is S.APPROVED


def test_approver_who_applied_cannot_grant(office: Office) -> None:
    account_id = apply(office, who="陈部长")
    decide(office, "张处长", R.ENDORSE, account_id)

    with pytest.raises(NotAllowed, match="这份申请由您提出，须由另一位同志审批"):
        decide(office, "陈部长", R.GRANT, account_id)
    decide(office, "老唐", R.GRANT, account_id)

    assert stored(office, account_id).state is S.APPROVED


@pytest.mark.parametrize("who", ["小王", "黄处长", "小赵", "孙老师", "徐校长"])
def test_others_cannot_apply_for_a_unit(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed, match="只有本单位负责人可以提出申请，或由宣传部代为提出"):
        apply(office, who=who)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"purpose": " "}, "purpose"),
        ({"first_responsible": ""}, "first_responsible"),
        ({"admin_a": ""}, "admin_a"),
        ({"admin_b": ""}, "admin_b"),
        ({"admin_b": "王老师"}, "admin_b"),
        ({"contact": ""}, "contact"),
        ({"audience": "人" * 121}, "audience"),
        ({"bound_phone_end": "12ab"}, "bound_phone_end"),
        ({"password_changed_on": date(2026, 12, 1)}, "password_changed_on"),
        ({"name": ""}, "name"),
        ({"name": "名" * 61}, "name"),
        ({"name": "测试大学"}, "name"),
    ],
)
def test_an_application_names_what_is_missing_or_wrong(office: Office, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        apply(office, **changes)

    assert refusal.value.field == field
    with office.reading() as session:
        assert [account.name for account in reads.every(session)] == ["测试大学"]


def test_a_second_account_of_a_kind_needs_a_reason_and_the_leader(office: Office) -> None:
    active(office)
    with pytest.raises(InvalidInput, match="本单位已有订阅号“测试大学教务处”（正常运行）") as refusal:
        apply(office, name="测试大学考试中心")
    assert refusal.value.field == "exception_reason"

    second = apply(office, name="测试大学考试中心", exception_reason="国家考试须独立发布")
    decide(office, "陈部长", R.GRANT, second)
    assert stored(office, second).exception_granted is False
    decide(office, "徐校长", R.GRANT, second)
    prove(office, second)
    perform(office, "老李", A.ACTIVATE, second)

    assert (stored(office, second).state, stored(office, second).exception_granted) == (S.ACTIVE, True)


def test_a_unit_may_have_one_account_of_each_kind(office: Office) -> None:
    active(office)

    apply(office, name="测试大学教务服务", kind=AccountKind.SERVICE)


def test_administrator_cannot_enter_a_second_running_account(office: Office) -> None:
    with office.acting_as("小林") as work, pytest.raises(InvalidInput, match="同一单位同类账号只设一个"):
        accounts.register(
            work,
            office.box,
            name="测试大学二号",
            kind=AccountKind.SUBSCRIPTION,
            owner_department_id=office.departments["宣传部"],
        )


def test_administrator_enters_an_account_the_school_has_already(office: Office) -> None:
    with office.acting_as("小林") as work:
        account = accounts.enter_existing(
            work, office.box, name="测试大学教务处", owner_department_id=office.departments["教务处"], entry=ENTRY
        )

    assert (account.state, account.filing_no, account.contact) == (S.ACTIVE, "XC-WX-2026-001", "010-12345678")


@pytest.mark.parametrize("who", ["老李", "陈部长", "张处长"])
def test_nobody_else_enters_accounts_without_approval(office: Office, who: str) -> None:
    with office.acting_as(who) as work, pytest.raises(NotAllowed, match="只有系统管理员可以登记公众号"):
        accounts.enter_existing(
            work, office.box, name="测试大学教务处", owner_department_id=office.departments["教务处"], entry=ENTRY
        )


def test_a_returned_application_is_handed_in_again_with_new_words(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.RETURN, account_id, "功能定位请写具体")
    request = request_of(office, account_id)

    with office.acting_as("张处长") as work:
        account_requests.perform(
            work,
            R.SUBMIT,
            request_id=request.id or 0,
            seen_version=request.version,
            name="测试大学本科教学",
            entry=ENTRY.model_copy(update={"purpose": "发布选课与考试安排", "level": AccountLevel.SCHOOL}),
        )

    account = stored(office, account_id)
    assert (account.name, account.purpose) == ("测试大学本科教学", "发布选课与考试安排")
    again = request_of(office, account_id)
    assert (again.state, again.needs_leader) == (RequestState.OFFICE, True)


@pytest.mark.parametrize(
    ("who", "action", "state"), [("陈部长", R.REFUSE, S.REFUSED), ("张处长", R.WITHDRAW, S.WITHDRAWN)]
)
def test_a_name_that_came_to_nothing_can_be_applied_for_again(
    office: Office, who: str, action: RequestAction, state: AccountState
) -> None:
    account_id = apply(office)
    decide(office, who, action, account_id, "与主号重复")
    assert stored(office, account_id).state is state

    again = apply(office, who="黄处长", unit="学生处", contact="010-87654321")

    account = stored(office, again)
    assert (again, account.state, account.contact) == (account_id, S.APPLIED, "010-87654321")


@pytest.mark.parametrize("action", [R.RETURN, R.REFUSE])
def test_a_return_and_a_refusal_need_their_reason(office: Office, action: RequestAction) -> None:
    account_id = apply(office)

    with pytest.raises(ReasonRequired):
        decide(office, "陈部长", action, account_id, " ")

    assert request_of(office, account_id).state is RequestState.OFFICE


def test_of_two_decisions_on_the_same_version_one_wins(office: Office) -> None:
    account_id = apply(office)
    seen = request_of(office, account_id)
    decide(office, "陈部长", R.RETURN, account_id, "请补充")
    decide(office, "张处长", R.SUBMIT, account_id)

    with office.acting_as("老唐") as work, pytest.raises(StaleState):
        account_requests.perform(work, R.GRANT, request_id=seen.id or 0, seen_version=seen.version)

    assert stored(office, account_id).state is S.APPLIED


def test_a_head_of_another_unit_does_not_learn_of_it(office: Office) -> None:
    account_id = apply(office)

    with pytest.raises(NotFound):
        decide(office, "黄处长", R.ENDORSE, account_id)
    with office.reading() as session, pytest.raises(NotFound):
        reads.detail(session, office.actor("黄处长"), account_id, now=office.now, clocks=Clocks())


# --- Filing ----------------------------------------------------------------------------------------------


def test_who_handed_in_the_proof_does_not_check_it(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)
    prove(office, account_id, who="老李")

    with pytest.raises(NotAllowed, match="证明材料由您提交，须由另一位同志核对"):
        perform(office, "老李", A.ACTIVATE, account_id)
    perform(office, "老周", A.REJECT_PROOF, account_id, "截图看不清主体名称")

    assert stored(office, account_id).state is S.APPROVED


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"registered_on": date(2026, 11, 22)}, InvalidInput),  # before it was granted
        ({"registered_on": date(2026, 11, 24)}, InvalidInput),  # tomorrow
        ({"wechat_id": " "}, InvalidInput),
        ({"proof": GivenFile("证明.exe", b"MZ")}, UnreadableFile),
        ({"proof": GivenFile("证明.png", b"")}, UnreadableFile),
        ({"proof": GivenFile("证明.pdf", b"not a pdf")}, UnreadableFile),
        ({"proof": GivenFile("证明.csv", b"0" * (20 * 1024**2 + 1))}, UnreadableFile),
    ],
)
def test_a_proof_that_cannot_be_so_is_refused(office: Office, changes: dict[str, Any], refusal: type[Refusal]) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)

    with pytest.raises(refusal):
        prove(office, account_id, **changes)

    assert stored(office, account_id).state is S.APPROVED


def test_filing_numbers_count_within_the_year(office: Office) -> None:
    active(office)
    second = apply(office, who="黄处长", unit="学生处", name="测试大学学生处")
    decide(office, "陈部长", R.GRANT, second)
    prove(office, second, who="黄处长")
    perform(office, "老李", A.ACTIVATE, second)

    assert stored(office, second).filing_no == "XC-WX-2026-002"


def test_registration_is_not_done_without_its_proof(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)

    with pytest.raises(WrongState, match="需要材料"):
        perform(office, "张处长", A.REGISTER, account_id)


# --- Suspension ------------------------------------------------------------------------------------------


def test_an_account_is_suspended_with_its_reason_and_resumed_by_another(office: Office) -> None:
    with pytest.raises(ReasonRequired):
        perform(office, "陈部长", A.SUSPEND, office.account_id)
    perform(office, "陈部长", A.SUSPEND, office.account_id, "网络攻击，先停")
    with pytest.raises(NotAllowed, match="由您暂停，须由另一位同志决定恢复"):
        perform(office, "陈部长", A.RESUME, office.account_id, "已排除")
    perform(office, "徐校长", A.RESUME, office.account_id, "已排除")

    assert stored(office, office.account_id).state is S.ACTIVE


@pytest.mark.parametrize("who", ["小赵", "徐校长", "小林"])
def test_others_cannot_suspend(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        perform(office, who, A.SUSPEND, office.account_id, "停")


def test_resuming_beside_another_account_of_the_kind_is_refused(office: Office) -> None:
    perform(office, "老李", A.SUSPEND, office.account_id, "整改")
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, office.account_id).state = S.CANCELLED
        accounts.register(
            work,
            office.box,
            name="测试大学新号",
            kind=AccountKind.SUBSCRIPTION,
            owner_department_id=office.departments["宣传部"],
        )
        work.session.get_one(OfficialAccount, office.account_id).state = S.SUSPENDED

    with pytest.raises(InvalidInput, match="本单位已有订阅号“测试大学新号”"):
        perform(office, "陈部长", A.RESUME, office.account_id, "恢复")

    assert stored(office, office.account_id).state is S.SUSPENDED


# --- Changes ---------------------------------------------------------------------------------------------


def test_a_change_takes_effect_when_it_is_granted(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.CONTACT, contact="010-99999999", emergency_contact="王老师")
    assert stored(office, account_id).contact == "010-12345678"

    decide(office, "陈部长", R.GRANT, account_id)

    account = stored(office, account_id)
    assert (account.contact, account.emergency_contact) == ("010-99999999", "王老师")
    assert last_events(office, 1)[0][1] == {
        "from": {"contact": "***", "emergency_contact": "***"},
        "to": {"contact": "***", "emergency_contact": "***"},
    }


def test_new_administrators_force_a_new_password_and_a_hand_over(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.ADMINISTRATORS, admin_a="钱老师")
    decide(office, "陈部长", R.GRANT, account_id)

    owed = duties(office, account_id)
    assert {task: duty.due_on for task, duty in owed.items()} == dict.fromkeys(
        (T.NEW_PASSWORD, T.OLD_RIGHTS, T.HANDOVER, T.PLEDGE), date(2026, 11, 26)
    )

    with pytest.raises(InvalidInput, match="“双方签字的交接单”须上传材料"):
        complete(office, account_id, T.HANDOVER)
    complete(office, account_id, T.HANDOVER, proof=PDF)
    complete(office, account_id, T.NEW_PASSWORD)

    account = stored(office, account_id)
    assert (account.admin_a, account.password_changed_on) == ("钱老师", office_day(office.now))
    done = {task for task, duty in duties(office, account_id).items() if duty.done_on}
    assert done == {T.HANDOVER, T.NEW_PASSWORD}


@pytest.mark.parametrize(
    ("change", "given", "field"),
    [
        (ChangeKind.CONTACT, {"contact": "010-12345678"}, "contact"),  # as it is
        (ChangeKind.CONTACT, {"contact": ""}, "contact"),
        (ChangeKind.NAME, {"name": "测试大学"}, "name"),
        (ChangeKind.ADMINISTRATORS, {"admin_b": "王老师"}, "admin_b"),
        (ChangeKind.SUBJECT, {"owner_department_id": 999}, "owner_department_id"),
        (ChangeKind.PURPOSE, {"purpose": "长" * 501}, "purpose"),
        (ChangeKind.PURPOSE, {"planned_per_month": -1}, "planned_per_month"),
        (ChangeKind.CONTACT, {"bound_phone_end": "12a4"}, "bound_phone_end"),
    ],
)
def test_a_change_that_cannot_be_so_is_refused(
    office: Office, change: ChangeKind, given: dict[str, Any], field: str
) -> None:
    account_id = active(office)

    with pytest.raises(InvalidInput) as refusal:
        ask_change(office, account_id, change, **given)

    assert refusal.value.field == field


def test_a_change_may_not_touch_fields_of_another_kind(office: Office) -> None:
    account_id = active(office)

    request = ask_change(office, account_id, ChangeKind.CONTACT, contact="010-1", admin_a="孙老师")

    assert request.changes == {"contact": "010-1"}


def test_one_request_at_a_time(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.CONTACT, contact="010-1")

    with pytest.raises(WrongState, match="已有一份申请在办理中"):
        ask_cancellation(office, account_id)


def test_a_name_taken_meanwhile_stops_the_grant(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.NAME, name="测试大学教学")
    apply(office, who="黄处长", unit="学生处", name="测试大学教学")

    with pytest.raises(InvalidInput, match="台账里已有名为“测试大学教学”的公众号"):
        decide(office, "陈部长", R.GRANT, account_id)

    assert request_of(office, account_id).state is RequestState.OFFICE


def test_moving_to_a_unit_that_has_one_is_refused(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.SUBJECT, owner_department_id=office.departments["宣传部"])

    with pytest.raises(InvalidInput, match="本单位已有订阅号"):
        decide(office, "陈部长", R.GRANT, account_id)


def test_becoming_school_level_needs_the_leader(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.MODE, level=AccountLevel.SCHOOL)
    decide(office, "陈部长", R.GRANT, account_id)
    assert stored(office, account_id).level is AccountLevel.UNIT

    decide(office, "徐校长", R.GRANT, account_id)

    assert stored(office, account_id).level is AccountLevel.SCHOOL


def test_what_needs_no_request_is_completed_in_the_register(office: Office) -> None:
    account_id = active(office)
    version = stored(office, account_id).version
    with office.acting_as("张处长") as work:
        accounts.amend(
            work,
            account_id=account_id,
            seen_version=version,
            verified=True,
            verified_until=date(2027, 5, 1),
            guide_teacher="周老师",
        )

    account = stored(office, account_id)
    assert (account.verified, account.verified_until, account.guide_teacher) == (True, date(2027, 5, 1), "周老师")


def test_what_needs_a_request_is_not_changed_without_one(office: Office) -> None:
    account_id = active(office)
    version = stored(office, account_id).version

    with office.acting_as("张处长") as work, pytest.raises(InvalidInput, match="须提出变更申请"):
        accounts.amend(work, account_id=account_id, seen_version=version, contact="010-1")
    with office.acting_as("张处长") as work, pytest.raises(InvalidInput, match="改密日期在今天之后"):
        accounts.amend(work, account_id=account_id, seen_version=version, password_changed_on=date(2026, 12, 1))
    with office.acting_as("徐校长") as work, pytest.raises(NotAllowed):
        accounts.amend(work, account_id=account_id, seen_version=version, verified=True)
    with office.acting_as("张处长") as work, pytest.raises(StaleState):
        accounts.amend(work, account_id=account_id, seen_version=version - 1, verified=True)


# --- Cancellation ----------------------------------------------------------------------------------------


def cancelling(office: Office) -> int:
    account_id = active(office)
    ask_cancellation(office, account_id)
    decide(office, "陈部长", R.GRANT, account_id)
    return account_id


def test_an_account_is_cancelled_step_by_step_and_its_name_stays_reserved(office: Office) -> None:
    account_id = cancelling(office)
    assert stored(office, account_id).state is S.CANCELLING
    assert {task: duty.due_on for task, duty in duties(office, account_id).items()} == {
        T.BACKUP: date(2026, 11, 30),
        T.OPEN_CASES: date(2026, 11, 30),
        T.NOTICE: date(2026, 11, 30),
        T.WECHAT_CANCEL: date(2026, 12, 14),
        T.PROOF: date(2026, 12, 14),
        T.EMBLEM: date(2026, 12, 14),
    }

    with office.reading() as session:
        listing = account_duties.backup_list(session, account_id)
    complete(office, account_id, T.BACKUP, proof=listing)
    complete(office, account_id, T.OPEN_CASES)
    complete(office, account_id, T.NOTICE)
    complete(office, account_id, T.EMBLEM)
    with pytest.raises(WrongState, match="最早可在 2026-11-30 注销"):
        complete(office, account_id, T.WECHAT_CANCEL)
    office.later(days=7)
    complete(office, account_id, T.WECHAT_CANCEL)
    with pytest.raises(WrongState, match="还有 1 项没有办完：上传注销成功截图"):
        close(office, "老李", account_id)
    complete(office, account_id, T.PROOF, proof=PNG)
    with pytest.raises(NotAllowed, match="只有宣传部或系统管理员"):
        close(office, "张处长", account_id)
    close(office, "老李", account_id)

    assert stored(office, account_id).state is S.CANCELLED
    with pytest.raises(InvalidInput, match="已注销，名称保留"):
        apply(office)
    apply(office, name="测试大学教务处新号")


def close(office: Office, who: str, account_id: int) -> OfficialAccount:
    version = stored(office, account_id).version
    with office.acting_as(who) as work:
        return accounts.close(work, account_id=account_id, seen_version=version)


def test_steps_that_wait_for_others_say_so(office: Office) -> None:
    account_id = cancelling(office)

    with pytest.raises(WrongState, match="之前请先完成：备份全部文章"):
        complete(office, account_id, T.WECHAT_CANCEL)
    with pytest.raises(WrongState, match="之前请先完成：在微信公众平台注销"):
        complete(office, account_id, T.PROOF, proof=PNG)


def test_open_cases_are_closed_or_handed_to_somebody(office: Office) -> None:
    account_id = cancelling(office)
    with office.acting_as("老李") as work:
        violations.record(
            work,
            kind=ViolationKind.WORDING,
            severity=Severity.MINOR,
            department_id=office.departments["教务处"],
            account_id=account_id,
            clause="3.3",
            facts="标题错字",
            happened_on=office_day(office.now),
            discovery=Discovery.INSPECTION,
        )

    with pytest.raises(ReasonRequired, match="还有未结事项：1 件违规"):
        complete(office, account_id, T.OPEN_CASES)

    assert complete(office, account_id, T.OPEN_CASES, note="移交宣传部老李").note == "移交宣传部老李"


@pytest.mark.parametrize("days", [-1, 1])
def test_a_step_is_dated_between_the_grant_and_today(office: Office, days: int) -> None:
    account_id = cancelling(office)

    with pytest.raises(InvalidInput) as refusal:
        complete(office, account_id, T.NOTICE, done_on=office_day(office.now) + timedelta(days=days))

    assert refusal.value.field == "done_on"


def test_a_step_is_done_once_and_by_its_own_unit(office: Office) -> None:
    account_id = cancelling(office)
    complete(office, account_id, T.NOTICE)

    with pytest.raises(WrongState, match="已被登记完成"):
        complete(office, account_id, T.NOTICE)
    with pytest.raises(NotFound):
        complete(office, account_id, T.EMBLEM, who="黄处长")
    with pytest.raises(NotAllowed):
        complete(office, account_id, T.EMBLEM, who="徐校长")


def test_a_closing_as_a_sanction_is_ordered_by_the_office_and_the_leader(office: Office) -> None:
    account_id = active(office)
    with pytest.raises(NotAllowed, match="违规关停由宣传部提出"):
        ask_cancellation(office, account_id, why=CancelReason.SANCTION)

    ask_cancellation(office, account_id, who="老李", why=CancelReason.SANCTION)
    decide(office, "陈部长", R.GRANT, account_id)
    decide(office, "徐校长", R.GRANT, account_id)

    assert stored(office, account_id).state is S.CANCELLING


def test_the_backup_list_is_no_formula_to_a_spreadsheet() -> None:
    assert account_duties._harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert account_duties._harmless("开学典礼") == "开学典礼"


# --- Dates on the register -------------------------------------------------------------------------------


def line(office: Office, account_id: int) -> reads.AccountLine:
    with office.reading() as session:
        lines = reads.register(session, office.actor("老李"), now=office.now, clocks=Clocks())
    return next(each for each in lines if each.id == account_id)


def test_the_register_counts_silence_and_dates(office: Office) -> None:
    with office.as_system() as work:
        account = work.session.get_one(OfficialAccount, office.account_id)
        account.verified_until, account.password_changed_on = date(2027, 1, 1), date(2026, 8, 1)
    office.later(days=14)

    seen = line(office, office.account_id)

    assert not seen.has_published
    assert (seen.silent_days, seen.freshness and seen.freshness.value) == (14, "overdue")
    assert [(each.watch.label, each.days_left, each.urgency.value) for each in seen.countdowns] == [
        ("认证到期", 25, "soon"),
        ("AppSecret 应更换", 351, "calm"),
        ("登录密码应更换", -38, "over"),
    ]


@pytest.mark.parametrize(
    ("who", "names"),
    [
        ("张处长", ["测试大学教务处"]),
        ("黄处长", []),
        ("小王", []),
        *[(who, ["测试大学", "测试大学教务处"]) for who in ("老李", "陈部长", "小赵", "孙老师", "徐校长", "小林")],
    ],
)
def test_who_reads_which_entries(office: Office, who: str, names: list[str]) -> None:
    apply(office)

    with office.reading() as session:
        lines = reads.register(session, office.actor(who), now=office.now, clocks=Clocks())

    assert [each.name for each in lines] == names


@pytest.mark.parametrize("who", ["小王", "小吴", "黄处长"])
def test_a_stranger_does_not_learn_that_an_account_has_documents(office: Office, who: str) -> None:
    account_id = apply(office)
    with office.acting_as("张处长") as work:
        account = work.session.get_one(OfficialAccount, account_id)
        kept = account_files.add(work, office.assets, account=account, label="承诺书", given=PDF).id or 0

    with office.acting_as("张处长") as work:
        assert account_files.content_of(work, office.assets, file_id=kept) == PDF.content
    said = set()
    for file_id in (kept, kept + 1):
        with pytest.raises(NotFound) as refusal, office.acting_as(who) as work:
            account_files.content_of(work, office.assets, file_id=file_id)
        said.add(refusal.value.sentence)
    assert len(said) == 1
