"""通知: who hears of what, with the reason; nobody of their own act, nobody twice, nobody whom it does not concern."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest
from sqlmodel import col, select

from models import (
    Action,
    Discovery,
    Draft,
    Notice,
    NoticeAddress,
    NoticeChannel,
    NoticeKind,
    Person,
    Publication,
    PublicationState,
    Sending,
    SendingState,
    Severity,
    ViolationAction,
    ViolationKind,
)
from services import delegations, notices, people, publications, publishing, shortage, submissions, violations
from services.errors import InvalidInput, NotAllowed, WrongState
from services.queries import notices as notice_reads
from services.queries import people as people_reads
from services.rules.office_time import OFFICE_ZONE, office_day
from tests.office import Office

TITLE = "《教务处举办教学经验交流会》"
K = NoticeKind


def told(office: Office, since: int = 0) -> list[tuple[str, NoticeKind, str, str]]:
    """Who heard what, in the order it was written."""
    with office.reading() as session:
        names = people_reads.names(session)
        rows = session.exec(select(Notice).where(col(Notice.id) > since).order_by(col(Notice.id))).all()
    return [(names[each.person_id], each.kind, each.title, each.body) for each in rows]


def last(office: Office) -> int:
    with office.reading() as session:
        newest = session.exec(select(Notice.id).order_by(col(Notice.id).desc())).first()
    return newest or 0


def test_an_earlier_notice_says_what_its_item_is_called_now(office: Office) -> None:
    submission_id = office.submitted()
    office.submitted(title="图书馆开放时间调整")
    office.perform("张处长", Action.RETURN, submission_id, "请改标题")

    def of_head() -> list[tuple[str, str]]:
        with office.reading() as session:
            return [(each.title, each.now_called) for each in notice_reads.of_person(session, office.actor("张处长"))]

    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        renamed = replace(submissions.draft_fields(draft), title="教学经验交流会举行")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=draft.edition, draft=renamed)
    unsent = of_head()
    office.hand_in(submission_id)

    first, of_other = (f"{TITLE}等您办理：部门审签", ""), ("《图书馆开放时间调整》等您办理：部门审签", "")
    assert unsent == [of_other, first]
    assert of_head() == [
        ("《教学经验交流会举行》等您办理：部门审签", ""),
        of_other,
        (first[0], "教学经验交流会举行"),
    ]
    with office.as_system() as work:  # who moved away no longer learns what it is called
        work.session.get_one(Person, office.people["张处长"]).department_id = office.departments["学生处"]
    assert [called for _, called in of_head()] == ["", "", ""]


def test_each_step_tells_those_it_concerns_and_nobody_else(office: Office) -> None:
    submission_id = office.submitted()
    steps = []
    for who, action, words in (
        ("", None, ""),
        ("张处长", Action.SIGN_OFF, ""),
        ("老李", Action.PASS, "数字已核"),
        ("陈部长", Action.APPROVE, "同意"),
    ):
        since = 0 if action is None else last(office)
        if action is not None:
            office.perform(who, action, submission_id, words)
        steps.append(told(office, since))

    assert steps == [
        [("张处长", K.WAITING, f"{TITLE}等您办理：部门审签", "")],
        [(who, K.WAITING, f"{TITLE}等您办理：宣传部初审", "张处长 部门审签通过") for who in ("老李", "老周", "老唐")],
        [(who, K.WAITING, f"{TITLE}等您办理：宣传部终审", "老李 初审通过：数字已核") for who in ("陈部长", "老唐")],
        [
            ("小王", K.APPROVED, f"{TITLE}终审通过", "陈部长 终审通过：同意"),
            ("小赵", K.TO_PUBLISH, f"{TITLE}终审通过，等待发布", ""),
        ],
    ]


@pytest.mark.parametrize(
    ("action", "kind", "words"),
    [(Action.RETURN, K.RETURNED, "退回修改"), (Action.REJECT, K.REJECTED, "不予采用")],
)
def test_author_alone_hears_of_a_return_or_rejection_with_its_reason(
    office: Office, action: Action, kind: NoticeKind, words: str
) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    since = last(office)

    office.perform("老李", action, submission_id, "缺少活动时间")

    assert told(office, since) == [("小王", kind, f"{TITLE}{words}", f"老李 {words}：缺少活动时间")]


def test_the_deputy_hears_what_the_principal_hears_and_says_for_whom(office: Office) -> None:
    today = office_day(office.now)
    with office.acting_as("张处长") as work:
        delegations.delegate(
            work,
            deputy_id=office.people["黄处长"],
            roles=work.actor.roles,
            starts_on=today,
            ends_on=today,
        )
    since = last(office)
    submission_id = office.submitted()
    office.perform("黄处长", Action.RETURN, submission_id, "缺照片")

    assert told(office, since) == [
        ("张处长", K.WAITING, f"{TITLE}等您办理：部门审签", ""),
        ("黄处长", K.WAITING, f"{TITLE}等您办理：部门审签", ""),
        ("小王", K.RETURNED, f"{TITLE}退回修改", "黄处长 代 张处长 退回修改：缺照片"),
    ]


def test_a_refused_step_tells_nobody(office: Office) -> None:
    submission_id = office.submitted()
    since = last(office)

    with pytest.raises(NotAllowed):
        office.perform("老李", Action.RETURN, submission_id, "理由")

    assert told(office, since) == []


def test_where_nobody_may_decide_the_administrator_and_the_approvers_hear_it(office: Office) -> None:
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["张处长"])

    office.submitted()

    assert [(who, kind) for who, kind, *_ in told(office)] == [
        ("陈部长", K.SHORTAGE),
        ("老唐", K.SHORTAGE),
        ("小林", K.SHORTAGE),
    ]


@pytest.mark.parametrize(
    ("state", "alarms"),
    [
        (PublicationState.UNKNOWN, True),
        (PublicationState.NEEDS_PERSON, True),
        (PublicationState.FAILED, True),
        (PublicationState.DRAFTED, False),
    ],
)
def test_publishers_hear_what_the_machine_cannot_finish_with_the_reason(
    office: Office, state: PublicationState, *, alarms: bool
) -> None:
    submission_id = office.approved()
    with office.acting_as("小赵") as work:
        rows = publishing.queue(work, office.box, submission_id=submission_id)
        publication_id = rows[0].id or 0
    since = last(office)

    with office.as_system() as work:
        row = work.session.get_one(Publication, publication_id)
        for step in (PublicationState.PREPARING, PublicationState.DRAFTED, PublicationState.SENDING):
            if state is not PublicationState.DRAFTED or step is not PublicationState.SENDING:
                publications.change(work, row, step)
        if state is not PublicationState.DRAFTED:
            publications.change(work, row, state, failure="没有收到微信的回答")

    expected = (
        "小赵",
        K.DELIVERY,
        f"{TITLE}在微信公众号：{state.label}",
        "没有收到微信的回答",
    )
    assert told(office, since) == ([expected] if alarms else [])


def test_a_case_is_told_to_those_named_the_head_and_those_who_decide(office: Office) -> None:
    with office.acting_as("老李") as work:
        case = violations.record(
            work,
            kind=ViolationKind.WORDING,
            severity=Severity.MINOR,
            department_id=office.departments["教务处"],
            clause="3.2",
            facts="标题有错别字",
            happened_on=office_day(office.now),
            discovery=Discovery.INSPECTION,
            people=[office.people["小王"]],
        )
        case_id, version = case.id or 0, case.version
    first = [who for who, *_ in told(office)]
    since = last(office)
    with office.acting_as("孙老师") as work:
        violations.perform(work, ViolationAction.INVESTIGATE, violation_id=case_id, seen_version=version)

    assert first == ["小王", "张处长", "陈部长", "老唐", "孙老师", "郭老师"]
    assert [who for who, *_ in told(office, since)] == ["小王", "张处长", "老李", "陈部长", "老唐", "郭老师"]


# --- Reminders -------------------------------------------------------------------------------------------


def remind(office: Office) -> None:
    with office.as_system() as work:
        notices.remind(work)


def test_two_reminders_on_working_days_then_one_escalation_and_no_more(office: Office) -> None:
    office.now = datetime(2026, 11, 27, 16, 0, tzinfo=OFFICE_ZONE)  # a Friday
    office.submitted()
    since = last(office)
    heard = []
    for _ in range(6 * 24):
        office.later(hours=1)
        remind(office)
        remind(office)
        heard += [
            (f"{office.now.astimezone(OFFICE_ZONE):%m-%d %H}", who, words) for who, _, words, _ in told(office, since)
        ]
        since = last(office)

    name = f"{TITLE}部门审签"
    assert heard == [
        ("11-30 08", "张处长", f"{name}已过办理时限的一半"),
        ("11-30 16", "张处长", f"{name}已到办理时限"),
        ("12-01 08", "陈部长", f"{name}已超过办理时限，仍未办理"),
        ("12-01 08", "老唐", f"{name}已超过办理时限，仍未办理"),
    ]


def test_a_decision_ends_the_reminders(office: Office) -> None:
    submission_id = office.submitted()
    office.later(hours=6)
    office.perform("张处长", Action.RETURN, submission_id, "缺照片")
    since = last(office)
    office.later(days=2)

    remind(office)

    assert told(office, since) == []


def test_a_stage_that_will_find_nobody_by_its_deadline_is_told_once(office: Office) -> None:
    office.submitted()
    today = office_day(office.now)
    for who in ("陈部长", "老唐"):
        with office.acting_as(who) as work:
            delegations.enter_absence(work, starts_on=today, ends_on=today)
    since = last(office)
    for _ in range(2):
        with office.as_system() as work:
            shortage.warn(work)

    assert [(who, words) for who, _, words, _ in told(office, since)] == [
        (who, f"{TITLE}的“宣传部终审”没有人可以办理") for who in ("陈部长", "老唐", "小林")
    ]


# --- A person's own --------------------------------------------------------------------------------------


def test_everybody_marks_only_their_own_notices_as_read(office: Office) -> None:
    office.submitted()
    with office.acting_as("小王") as work:
        others = notices.mark_read(work)
    with office.acting_as("张处长") as work:
        own = notices.mark_read(work)

    assert (others, own) == (0, 1)


@pytest.mark.parametrize("mail", ["王", "a@b", "a b@school.cn", "a@school.cn\nBcc: x@y.cn", "@school.cn"])
def test_an_incomplete_address_is_refused(office: Office, mail: str) -> None:
    with pytest.raises(InvalidInput, match="邮箱地址不完整"), office.acting_as("小王") as work:
        notices.receive_mail_at(work, mail=mail)


def test_an_address_is_entered_changed_and_taken_back(office: Office) -> None:
    seen = []
    for mail in ("wang@school.edu.cn", "xiaowang@school.edu.cn", ""):
        with office.acting_as("小王") as work:
            notices.receive_mail_at(work, mail=mail)
        with office.reading() as session:
            seen.append([each.mail for each in session.exec(select(NoticeAddress))])

    assert seen == [["wang@school.edu.cn"], ["xiaowang@school.edu.cn"], []]


def failed_sending(office: Office) -> int:
    office.submitted()
    with office.as_system() as work:
        notice = work.session.exec(select(Notice)).first()
        assert notice is not None
        row = Sending(
            key="mail-1",
            channel=NoticeChannel.MAIL,
            notice_id=notice.id or 0,
            state=SendingState.FAILED,
            tries=4,
            run_after=office.now,
            failure="邮件服务器拒绝了这封邮件",
        )
        work.session.add(row)
        work.session.flush()
        return row.id or 0


def test_an_administrator_sends_again_what_failed_once(office: Office) -> None:
    sending_id = failed_sending(office)

    with office.acting_as("小林") as work:
        row = notices.resend(work, sending_id=sending_id)
        again = (row.state, row.tries, row.failure)
    with pytest.raises(WrongState), office.acting_as("小林") as work:
        notices.resend(work, sending_id=sending_id)

    assert again == (SendingState.WAITING, 0, "")


@pytest.mark.parametrize("who", ["小王", "张处长", "老李", "陈部长", "小赵", "孙老师", "徐校长"])
def test_nobody_else_sends_again(office: Office, who: str) -> None:
    sending_id = failed_sending(office)

    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        notices.resend(work, sending_id=sending_id)


def test_a_past_entered_in_one_go_tells_nobody_anything(office: Office) -> None:
    office.submitted()
    office.later(days=3)
    office.submitted(title="今天的稿件")
    with office.as_system() as work:
        notices.settle_before(work, office.now)

    with office.reading() as session:
        rows = session.exec(select(Notice).order_by(col(Notice.id))).all()
    assert [(each.read_at is None, each.dispatched_at is None) for each in rows] == [(False, False), (True, True)]
