"""Deputies at the register of accounts on a real database: X 代 Y is shown and stored, and both count."""

from __future__ import annotations

import json

import pytest
from sqlmodel import col, select

from models import (
    AccountAction,
    AccountState,
    AccountStep,
    AccountTask,
    AuditAction,
    AuditEvent,
    CancelReason,
    ChangeKind,
    RequestAction,
    RequestState,
    Role,
)
from services import audit, delegations, working_calendar
from services.errors import NotAllowed, NotFound
from services.queries import account_requests as request_reads
from services.queries import accounts as reads
from services.queries.account_requests import RequestLine, Timing
from services.queries.clocks import clocks_of
from services.rules.office_time import office_day
from tests.office import Office
from tests.services.test_account_register import (
    active,
    apply,
    ask_cancellation,
    ask_change,
    complete,
    decide,
    duties,
    perform,
    prove,
    request_of,
    stored,
)

R = RequestAction
BOTH = "代办时，您和委托人都算在内。"


def lend(office: Office, principal: str, deputy: str, role: Role) -> int:
    today = office_day(office.now)
    with office.acting_as(principal) as work:
        row = delegations.delegate(
            work, deputy_id=office.people[deputy], roles=[role], starts_on=today, ends_on=today, is_absent=True
        )
        return row.id or 0


def shown_to(office: Office, who: str) -> list[RequestLine]:
    with office.reading() as session:
        timing = Timing(working_calendar.calendar_of(session, office_day(office.now)), clocks_of(session))
        return request_reads.open_requests(session, office.actor(who), timing)


def test_a_request_passes_through_the_hands_of_deputies_and_says_so(office: Office) -> None:
    lend(office, "张处长", "小吴", Role.DEPARTMENT_HEAD)
    account_id = apply(office, who="小吴", external_facing=True)
    lend(office, "陈部长", "老周", Role.APPROVER)
    lend(office, "徐校长", "孙老师", Role.LEADER)

    (line,) = shown_to(office, "老周")
    assert (line.applicant, line.signed_as) == ("小吴 代 张处长", "老周 代 陈部长")
    decide(office, "老周", R.GRANT, account_id)
    decide(office, "孙老师", R.GRANT, account_id)

    assert stored(office, account_id).state is AccountState.APPROVED
    ids = office.people
    with office.reading() as session:
        steps = session.exec(select(AccountStep.actor_id, AccountStep.for_id).order_by(col(AccountStep.id))).all()
        shown = reads.detail(session, office.actor("小林"), account_id, now=office.now, clocks=clocks_of(session))
        written = session.exec(
            select(AuditEvent).where(AuditEvent.action == AuditAction.ACCOUNT_REQUESTED).order_by(col(AuditEvent.id))
        ).all()
        assert audit.verify(session).ok
    signed = [
        (ids["小吴"], ids["张处长"]),
        (ids["老周"], ids["陈部长"]),
        (ids["孙老师"], ids["徐校长"]),
        (ids["孙老师"], ids["徐校长"]),
    ]
    assert [tuple(step) for step in steps] == signed
    assert [each.actor for each in shown.history] == [
        "孙老师 代 徐校长",
        "孙老师 代 徐校长",
        "老周 代 陈部长",
        "小吴 代 张处长",
    ]
    assert [json.loads(line.details)["for"] for line in written] == ["张处长", "陈部长", "徐校长"]


@pytest.mark.parametrize(
    ("principal", "role", "deputy", "sentence"),
    [
        ("老唐", Role.APPROVER, "张处长", f"这份申请由您提出，须由另一位同志审批。{BOTH}"),
        ("徐校长", Role.LEADER, "老周", f"这一环节不由您办理，请交给当前环节的负责人。{BOTH}"),
    ],
    ids=["the deputy applied", "another's stage"],
)
def test_a_deputy_is_refused_where_the_principal_would_not_be(
    office: Office, principal: str, role: Role, deputy: str, sentence: str
) -> None:
    account_id = apply(office, external_facing=True)
    lend(office, principal, deputy, role)

    with pytest.raises(NotAllowed) as refusal:
        decide(office, deputy, R.GRANT, account_id)

    assert refusal.value.sentence == sentence
    assert request_of(office, account_id).state is RequestState.OFFICE


def test_one_deputy_of_two_people_signs_one_of_their_stages(office: Office) -> None:
    account_id = apply(office, external_facing=True)
    lend(office, "陈部长", "小赵", Role.APPROVER)
    lend(office, "徐校长", "小赵", Role.LEADER)
    decide(office, "小赵", R.GRANT, account_id)

    with pytest.raises(NotAllowed, match="您已在这份申请的另一环节签过意见"):
        decide(office, "小赵", R.GRANT, account_id)

    assert request_of(office, account_id).state is RequestState.LEADER


def test_who_endorsed_in_the_heads_place_does_not_grant_it(office: Office) -> None:
    account_id = apply(office, who="小林")
    lend(office, "张处长", "老唐", Role.DEPARTMENT_HEAD)
    decide(office, "老唐", R.ENDORSE, account_id)

    with pytest.raises(NotAllowed, match="您已在这份申请的另一环节签过意见，每个环节须由不同的人办理。代办时"):
        decide(office, "老唐", R.GRANT, account_id)
    decide(office, "陈部长", R.GRANT, account_id)

    assert stored(office, account_id).state is AccountState.APPROVED


@pytest.mark.parametrize("who", ["小吴", "黄处长", "小赵"])
def test_without_a_delegation_the_same_people_do_not_even_learn_of_it(office: Office, who: str) -> None:
    account_id = apply(office, who="小林")
    ending = lend(office, "张处长", who, Role.DEPARTMENT_HEAD)
    assert [line.request.account_id for line in shown_to(office, who)] == [account_id]
    with office.acting_as("张处长") as work:
        delegations.end(work, delegation_id=ending)

    if who == "小赵":
        # A publisher reads the register in any case, and decides nothing in it.
        with pytest.raises(NotAllowed, match="这一环节不由您办理"):
            decide(office, who, R.ENDORSE, account_id)
        return
    assert shown_to(office, who) == []
    with pytest.raises(NotFound):
        decide(office, who, R.ENDORSE, account_id)


def test_an_application_in_the_heads_name_is_the_heads(office: Office) -> None:
    ending = lend(office, "张处长", "小吴", Role.DEPARTMENT_HEAD)
    account_id = apply(office, who="小吴")
    with office.acting_as("张处长") as work:
        delegations.end(work, delegation_id=ending)
    decide(office, "陈部长", R.RETURN, account_id, "功能定位请写具体")

    with pytest.raises(NotFound):
        decide(office, "小吴", R.SUBMIT, account_id)
    decide(office, "张处长", R.SUBMIT, account_id)

    assert request_of(office, account_id).state is RequestState.OFFICE


def test_deputy_of_the_head_asks_proves_and_completes(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)
    lend(office, "张处长", "小吴", Role.DEPARTMENT_HEAD)
    prove(office, account_id, who="小吴")
    perform(office, "老李", AccountAction.ACTIVATE, account_id)
    ask_change(office, account_id, ChangeKind.ADMINISTRATORS, who="小吴", admin_a="钱老师")
    decide(office, "陈部长", R.GRANT, account_id)

    complete(office, account_id, AccountTask.NEW_PASSWORD, who="小吴")

    done = duties(office, account_id)[AccountTask.NEW_PASSWORD]
    assert (done.done_by_id, done.done_for_id) == (office.people["小吴"], office.people["张处长"])


def test_a_sanction_is_not_ordered_in_somebodys_place(office: Office) -> None:
    account_id = active(office)
    lend(office, "陈部长", "张处长", Role.APPROVER)

    with pytest.raises(NotAllowed, match="违规关停由宣传部提出"):
        ask_cancellation(office, account_id, who="张处长", why=CancelReason.SANCTION)
