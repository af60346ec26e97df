"""What people hear of official accounts: the right person, the reason, at most two reminders and one escalation."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlmodel import col, select

from models import (
    AccountAction,
    AccountTask,
    AnnualAction,
    ChangeKind,
    Notice,
    NoticeKind,
    OfficialAccount,
    RequestAction,
    Role,
)
from services import account_reminders, delegations, shortage
from services.rules.notice_texts import ROBOT_WORDS
from services.rules.office_time import OFFICE_ZONE, office_day
from tests.office import Office
from tests.services.test_account_register import active, apply, ask_change, complete, decide, perform, prove
from tests.services.test_annual_reviews import answer, begin
from tests.services.test_annual_reviews import perform as perform_review
from tests.services.test_notices import last, told

K = NoticeKind
R = RequestAction
OPENING = "“测试大学教务处”的开通申请"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def heard(office: Office, act: Callable[[], object]) -> list[tuple[str, NoticeKind, str, str]]:
    since = last(office)
    act()
    return told(office, since)


def remind(office: Office) -> None:
    with office.as_system() as work:
        account_reminders.remind(work)


def reminders(office: Office, *, days: int, about: str) -> list[tuple[str, str, str]]:
    """Who is told what when, asked at nine in the morning of each of the next days."""
    found = []
    for _ in range(days):
        office.later(days=1)
        since = last(office)
        remind(office)
        remind(office)
        on = f"{office.now.astimezone(OFFICE_ZONE):%m-%d}"
        found += [(on, who, title) for who, _, title, _ in told(office, since) if about in title]
    return found


# --- Requests --------------------------------------------------------------------------------------------


def test_each_step_of_a_request_tells_who_decides_next_and_then_whoever_asked(office: Office) -> None:
    account_id = apply(office, who="老李", external_facing=True)

    steps = [
        told(office),
        heard(office, lambda: decide(office, "张处长", R.ENDORSE, account_id, "确有需要")),
        heard(office, lambda: decide(office, "陈部长", R.RETURN, account_id, "功能定位请写具体")),
        heard(office, lambda: decide(office, "老李", R.SUBMIT, account_id)),
    ]
    decide(office, "张处长", R.ENDORSE, account_id)
    decide(office, "陈部长", R.GRANT, account_id)
    steps.append(heard(office, lambda: decide(office, "徐校长", R.GRANT, account_id, "同意")))

    waiting = f"{OPENING}等您办理："
    assert steps == [
        [("张处长", K.ACCOUNT, f"{waiting}单位审核", "")],
        [(who, K.ACCOUNT, f"{waiting}宣传部审核", "张处长：确有需要") for who in ("陈部长", "老唐")],
        [("老李", K.ACCOUNT, f"{OPENING}退回补充", "陈部长：功能定位请写具体")],
        [("张处长", K.ACCOUNT, f"{waiting}单位审核", "")],
        [(who, K.ACCOUNT_NEWS, f"{OPENING}已批准", "徐校长：同意") for who in ("张处长", "老李")],
    ]


def test_a_refusal_comes_with_its_reason_and_a_withdrawal_is_no_news(office: Office) -> None:
    account_id = apply(office)
    refused = heard(office, lambda: decide(office, "陈部长", R.REFUSE, account_id, "与主号重复"))
    apply(office)
    withdrawn = heard(office, lambda: decide(office, "张处长", R.WITHDRAW, account_id))

    assert refused == [("张处长", K.ACCOUNT_NEWS, f"{OPENING}不予批准", "陈部长：与主号重复")]
    assert withdrawn == []


def test_of_a_deputys_application_both_hear(office: Office) -> None:
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        deputy = office.people["小吴"]
        delegations.delegate(work, deputy_id=deputy, roles=[Role.DEPARTMENT_HEAD], starts_on=today, ends_on=today)
    account_id = apply(office, who="小吴")

    granted = heard(office, lambda: decide(office, "陈部长", R.GRANT, account_id))

    assert [who for who, *_ in granted] == ["张处长", "小吴"]


def test_the_unit_and_the_office_hear_of_proof_filing_and_suspension(office: Office) -> None:
    account_id = apply(office)
    decide(office, "陈部长", R.GRANT, account_id)

    steps = [
        heard(office, lambda: prove(office, account_id)),
        heard(office, lambda: perform(office, "老李", AccountAction.REJECT_PROOF, account_id, "截图不清")),
        heard(office, lambda: (prove(office, account_id), perform(office, "老李", AccountAction.ACTIVATE, account_id))),
        heard(office, lambda: perform(office, "孙老师", AccountAction.SUSPEND, account_id, "核查中")),
    ]

    checkers = ("老李", "老周", "陈部长", "老唐", "小林")
    to_check = [(who, K.ACCOUNT, "“测试大学教务处”的注册证明等您核对", "") for who in checkers]
    assert steps == [
        to_check,
        [("张处长", K.ACCOUNT, "“测试大学教务处”的注册证明须补充", "老李：截图不清")],
        [*to_check, ("张处长", K.ACCOUNT_NEWS, "“测试大学教务处”已备案启用，可以投稿", "")],
        [("张处长", K.ACCOUNT_NEWS, "“测试大学教务处”已暂停运行", "孙老师：核查中")],
    ]


@on_sqlite
def test_a_request_that_waits_gives_two_reminders_and_one_escalation(office: Office) -> None:
    apply(office)  # on Monday 11-23, to be decided within five working days

    said = reminders(office, days=14, about=OPENING)

    name = f"{OPENING}：宣传部审核"
    assert said == [
        ("11-26", "陈部长", f"{name}已过办理时限的一半"),
        ("11-26", "老唐", f"{name}已过办理时限的一半"),
        ("11-30", "陈部长", f"{name}已到办理时限"),
        ("11-30", "老唐", f"{name}已到办理时限"),
        ("12-03", "小林", f"{name}已超过办理时限，仍未办理"),
    ]


@on_sqlite
def test_a_request_that_will_find_nobody_is_told_once(office: Office) -> None:
    today = office_day(office.now)
    for who in ("陈部长", "老唐"):
        with office.acting_as(who) as work:
            delegations.enter_absence(work, starts_on=today, ends_on=today + timedelta(days=20))
    apply(office)
    since = last(office)
    for _ in range(2):
        with office.as_system() as work:
            shortage.warn(work)

    short = f"{OPENING}的“宣传部审核”没有人可以办理"
    assert [(who, title) for who, _, title, _ in told(office, since)] == [
        (who, short) for who in ("陈部长", "老唐", "小林")
    ]


# --- What is owed ----------------------------------------------------------------------------------------


@on_sqlite
def test_steps_owed_by_the_same_day_are_told_together_until_they_are_done(office: Office) -> None:
    account_id = active(office)
    ask_change(office, account_id, ChangeKind.ADMINISTRATORS, admin_a="钱老师")
    decide(office, "陈部长", R.GRANT, account_id)  # three working days: until Thursday 11-26
    complete(office, account_id, AccountTask.NEW_PASSWORD)

    said = reminders(office, days=8, about="待办事项")

    with office.reading() as session:
        bodies = set(session.exec(select(Notice.body).where(col(Notice.title).contains("待办事项"))))
    what = "“测试大学教务处”的待办事项（应在 2026-11-26 前完成）"
    assert said == [
        ("11-25", "张处长", f"{what}已过办理时限的一半"),
        ("11-27", "张处长", f"{what}已到办理时限"),
        ("12-01", "陈部长", f"{what}已超过办理时限，仍未办理"),
        ("12-01", "老唐", f"{what}已超过办理时限，仍未办理"),
    ]
    assert bodies == {"还没有完成：在公众平台移除原管理员权限、双方签字的交接单、新管理员签署安全承诺书。"}


# --- The annual review -----------------------------------------------------------------------------------


@on_sqlite
def test_the_window_of_the_annual_review_opens_closes_and_is_missed(office: Office) -> None:
    active(office)
    begin(office, opens_on=date(2026, 11, 25), closes_on=date(2026, 12, 4))

    said = reminders(office, days=16, about="“测试大学教务处”的 2026 年年检")

    what = "“测试大学教务处”的 2026 年年检"
    missed = f"{what}已于 2026-12-04 截止，没有确认自查，按“未参加年检”登记"
    assert said == [
        ("11-25", "张处长", f"{what}已经开始，请在 2026-12-04 前自查并由单位负责人确认"),
        ("12-02", "张处长", f"{what}将于 2026-12-04 截止，自查还没有确认"),
        *(("12-07", who, missed) for who in ("张处长", "陈部长", "老唐")),
    ]


def test_a_confirmed_self_check_waits_for_the_office_and_the_unit_hears_the_outcome(office: Office) -> None:
    active(office)
    begin(office)
    answer(office)

    steps = [
        heard(office, lambda: perform_review(office, "张处长", AnnualAction.CONFIRM)),
        heard(office, lambda: perform_review(office, "老李", AnnualAction.RETURN, "第三项请写明依据")),
    ]
    perform_review(office, "张处长", AnnualAction.CONFIRM)
    steps.append(heard(office, lambda: perform_review(office, "老李", AnnualAction.PASS)))

    name = "“测试大学教务处”的年检"
    assert steps == [
        [(who, K.ACCOUNT, f"{name}等您作出结论", "") for who in ("老李", "老周", "陈部长", "老唐")],
        [("张处长", K.ACCOUNT, f"{name}：退回重查", "老李：第三项请写明依据")],
        [("张处长", K.ACCOUNT_NEWS, f"{name}：评为合格", "")],
    ]


# --- Dates -----------------------------------------------------------------------------------------------


@on_sqlite
def test_verification_and_secret_are_counted_down_to_those_who_can_renew_them(office: Office) -> None:
    account_id = active(office)
    today = office_day(office.now)
    with office.as_system() as work:
        account = work.session.get_one(OfficialAccount, account_id)
        account.verified, account.verified_until = True, today + timedelta(days=61)
        account.app_secret_changed_at = office.now - timedelta(days=365 - 15)

    said = reminders(office, days=66, about="“测试大学教务处”")

    ends, renew = "“测试大学教务处”认证到期（2027-01-23）", "“测试大学教务处”AppSecret 应更换（2026-12-08）"
    assert said == [
        ("11-24", "张处长", f"{ends}还有 60 天"),
        ("11-24", "小林", f"{renew}还有 14 天"),
        ("12-01", "小林", f"{renew}还有 7 天"),
        *(("12-09", who, f"{renew}已过 1 天") for who in ("陈部长", "老唐")),
        ("01-18", "张处长", f"{ends}还有 5 天"),  # the seventh day before is a Saturday
        *(("01-25", who, f"{ends}已过 2 天") for who in ("陈部长", "老唐")),
    ]


@on_sqlite
def test_a_date_that_is_set_anew_ends_its_reminders(office: Office) -> None:
    account_id = active(office)
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, account_id).password_changed_on = office_day(office.now)
    office.later(days=85)
    before = reminders(office, days=1, about="登录密码")
    with office.as_system() as work:
        work.session.get_one(OfficialAccount, account_id).password_changed_on = office_day(office.now)

    assert len(before) == 1
    assert reminders(office, days=20, about="登录密码") == []


def test_the_robot_says_of_accounts_that_something_waits_and_nothing_else() -> None:
    said = {kind: ROBOT_WORDS.get(kind) for kind in (K.ACCOUNT, K.ACCOUNT_NEWS, K.REMINDER, K.ESCALATION, K.SHORTAGE)}

    assert said == {
        K.ACCOUNT: "有公众号事项需要办理。",
        K.ACCOUNT_NEWS: None,
        K.REMINDER: "有事项临近或超过办理时限。",
        K.ESCALATION: "有事项超过办理时限，已上报。",
        K.SHORTAGE: "有事项无人可以办理，请安排代办。",
    }
