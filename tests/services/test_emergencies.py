"""紧急快速通道: listed people, two signatures, out at once, and a debt until somebody else reviewed it in full."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, select

from models import (
    Action,
    AfterReview,
    AuditAction,
    ContentCategory,
    EmergencyReason,
    Notice,
    NoticeKind,
    PublicationState,
    PublicationWay,
    Revision,
    RiskMark,
    Submission,
    SubmissionState,
    Target,
)
from services import emergencies, publishing, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, StaleState, WrongState
from services.queries import emergencies as reads
from services.queries import inbox
from services.rules.months import Months
from services.sealing import fingerprint_of
from tests.office import MONDAY_MORNING, STORY, Office

S = SubmissionState
WHY = "校门口积水一米，值班校领导要求立即提醒师生绕行"


def name_on_list(office: Office, *names: str) -> None:
    with office.acting_as("陈部长") as work:
        for name in names:
            emergencies.list_person(work, person_id=office.people[name])


def expedite(office: Office, who: str, submission_id: int, words: str = WHY) -> Submission:
    version = office.stored(submission_id).version
    with office.acting_as(who) as work:
        return submissions.expedite(
            work,
            submission_id=submission_id,
            seen_version=version,
            reason=EmergencyReason.INCIDENT,
            words=words,
        )


def settle(
    office: Office,
    who: str,
    submission_id: int,
    verdict: AfterReview = AfterReview.CONFIRMED,
    found: str = "逐项核对无误",
) -> Submission:
    version = office.stored(submission_id).version
    with office.acting_as(who) as work:
        return submissions.settle(work, submission_id=submission_id, seen_version=version, verdict=verdict, found=found)


def out_at_once(office: Office, signer: str = "陈部长", **changes: object) -> int:
    """An item that went through the channel and was approved."""
    name_on_list(office, "小王")
    submission_id = office.submitted(**changes)
    expedite(office, "小王", submission_id)
    office.perform("老李", Action.PASS, submission_id)
    office.perform(signer, Action.APPROVE, submission_id)
    return submission_id


def told(office: Office, kind: NoticeKind) -> list[tuple[str, str]]:
    names = {id_: name for name, id_ in office.people.items()}
    with office.reading() as session:
        rows = session.exec(
            select(Notice.person_id, Notice.title).where(Notice.kind == kind).order_by(col(Notice.id))
        ).all()
    return [(names[person_id], title) for person_id, title in rows]


# --- The list --------------------------------------------------------------------------------------------


def test_the_head_of_the_office_keeps_the_list_and_every_change_is_in_the_trail(office: Office) -> None:
    name_on_list(office, "小王", "老李")
    with office.acting_as("小林") as work:
        emergencies.unlist_person(work, person_id=office.people["老李"])

    with office.reading() as session:
        assert [(each.name, each.department) for each in reads.listed(session)] == [("小王", "教务处")]
    assert office.trail("person", office.people["老李"])[1:] == [
        (AuditAction.EMERGENCY_LISTED, "陈部长", {"name": "老李"}),
        (AuditAction.EMERGENCY_UNLISTED, "小林", {}),
    ]


@pytest.mark.parametrize("who", ["小王", "老李", "小赵", "孙老师", "徐校长"])
def test_nobody_else_puts_anybody_on_the_list(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        emergencies.list_person(work, person_id=office.people[who])


def test_nobody_is_listed_twice_or_taken_off_twice(office: Office) -> None:
    name_on_list(office, "小王")

    with pytest.raises(InvalidInput, match="小王已在名单上"):
        name_on_list(office, "小王")
    with pytest.raises(NotFound), office.acting_as("小林") as work:
        emergencies.unlist_person(work, person_id=office.people["老李"])


# --- Into the channel ------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["小王", "张处长", "老李", "陈部长", "小赵"])
def test_nobody_off_the_list_brings_an_item_into_the_channel(office: Office, who: str) -> None:
    name_on_list(office, "老周")
    submission_id = office.submitted()

    with pytest.raises(NotAllowed, match="紧急通道名单"):
        expedite(office, who, submission_id)

    assert office.stored(submission_id).state is S.DEPARTMENT_REVIEW


def test_a_listed_person_leaves_the_department_out_and_says_why(office: Office) -> None:
    name_on_list(office, "老李")
    submission_id = office.submitted()

    expedite(office, "老李", submission_id)

    stored = office.stored(submission_id)
    assert (stored.state, stored.route, stored.is_emergency) == (
        S.FIRST_REVIEW,
        [S.FIRST_REVIEW, S.FINAL_REVIEW],
        True,
    )
    action, who, details = office.trail("submission", submission_id)[-1]
    assert (action, who, details["comment"]) == (AuditAction.SUBMISSION_EXPEDITED, "老李", f"突发事件：{WHY}")


def test_what_was_signed_before_stays_signed(office: Office) -> None:
    name_on_list(office, "老周")
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    expedite(office, "老周", submission_id)

    assert office.stored(submission_id).route == [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW]


def test_the_channel_needs_words_the_version_seen_and_an_item_the_office_has_not_signed(office: Office) -> None:
    name_on_list(office, "老李")
    submission_id = office.submitted()

    with pytest.raises(ReasonRequired):
        expedite(office, "老李", submission_id, words="　")
    with pytest.raises(StaleState), office.acting_as("老李") as work:
        submissions.expedite(
            work, submission_id=submission_id, seen_version=1, reason=EmergencyReason.SUPERIOR, words=WHY
        )
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.PASS, submission_id)
    with pytest.raises(WrongState):
        expedite(office, "老李", submission_id)

    assert office.stored(submission_id).is_emergency is False


def test_an_item_sent_back_from_the_channel_returns_by_the_ordinary_way(office: Office) -> None:
    name_on_list(office, "小王")
    submission_id = office.submitted()
    expedite(office, "小王", submission_id)
    office.perform("老李", Action.RETURN, submission_id, "请写明绕行路线")

    office.hand_in(submission_id)

    stored = office.stored(submission_id)
    assert (stored.state, stored.is_emergency) == (S.DEPARTMENT_REVIEW, False)


# --- Two signatures --------------------------------------------------------------------------------------


@pytest.mark.parametrize("signer", ["陈部长", "徐校长"])
def test_one_editor_and_one_who_approves_are_enough_and_seal_the_version(office: Office, signer: str) -> None:
    submission_id = out_at_once(office, signer)

    stored = office.stored(submission_id)
    with office.reading() as session:
        revision = session.get_one(Revision, stored.sealed_revision_id)
    assert (stored.state, stored.seal) == (S.APPROVED, fingerprint_of(revision))


def test_nobody_signs_both_and_the_author_signs_neither(office: Office) -> None:
    name_on_list(office, "老唐")
    own = office.draft(author="小王")
    office.hand_in(own)
    expedite(office, "老唐", own)
    office.perform("老唐", Action.PASS, own)

    with pytest.raises(NotAllowed, match="每个环节须由不同的人办理"):
        office.perform("老唐", Action.APPROVE, own)

    assert office.stored(own).state is S.FINAL_REVIEW


def test_who_changed_the_text_last_does_not_approve_it(office: Office) -> None:
    name_on_list(office, "小王")
    submission_id = office.submitted()
    expedite(office, "小王", submission_id)
    office.perform("老李", Action.PASS, submission_id)
    with office.acting_as("陈部长") as work:
        stored = work.session.get_one(Submission, submission_id)
        content = work.session.get_one(Revision, stored.revision_id).model_copy(update={"title": "绕行提醒"})
        submissions.adjust(work, submission_id=submission_id, seen_version=stored.version, content=content)
    office.perform("老周", Action.PASS, submission_id)

    with pytest.raises(NotAllowed, match="最后由您修改"):
        office.perform("陈部长", Action.APPROVE, submission_id)
    office.perform("徐校长", Action.APPROVE, submission_id)

    assert office.stored(submission_id).state is S.APPROVED


def test_leaders_see_at_their_inbox_what_they_may_sign_in_an_emergency(office: Office) -> None:
    name_on_list(office, "小王")
    usual, urgent = office.submitted(), office.submitted()
    office.perform("张处长", Action.SIGN_OFF, usual)
    expedite(office, "小王", urgent)
    for each in (usual, urgent):
        office.perform("老李", Action.PASS, each)

    with office.reading() as session:
        waiting = {
            who: [line.id for line in inbox.waiting_for(session, office.actor(who), now=office.now)]
            for who in ("徐校长", "陈部长", "老周", "小王")
        }

    assert waiting == {"徐校长": [urgent], "陈部长": [urgent, usual], "老周": [], "小王": []}


# --- Out at once -----------------------------------------------------------------------------------------


def test_the_signature_is_the_order_to_publish(office: Office) -> None:
    submission_id = out_at_once(office)

    with office.as_system() as work:
        first = publishing.queue_emergency(work, office.box, submission_id=submission_id)
        again = publishing.queue_emergency(work, office.box, submission_id=submission_id)

    stored = office.stored(submission_id)
    assert [(each.target, each.way, each.state, each.queued_by_id, each.seal) for each in first] == [
        (Target.WECHAT, PublicationWay.DRAFT, PublicationState.QUEUED, office.people["陈部长"], stored.seal),
        (Target.SITE, PublicationWay.PUBLISH, PublicationState.QUEUED, office.people["陈部长"], stored.seal),
    ]
    assert again == []
    with office.reading() as session:
        assert reads.to_publish(session) == []


def test_only_what_was_approved_in_the_channel_waits_to_go_out_by_itself(office: Office) -> None:
    usual, urgent = office.approved(), out_at_once(office)

    with office.reading() as session:
        assert reads.to_publish(session) == [urgent]
    assert usual != urgent


# --- The debt --------------------------------------------------------------------------------------------


def test_the_debt_begins_with_the_approval_and_names_those_who_may_settle_it(office: Office) -> None:
    submission_id = out_at_once(office)

    with office.reading() as session:
        (line,) = reads.debts(session, office.actor("孙老师"))
    assert (line.submission_id, line.opened_by, line.due_at, line.owed_to_leader) == (
        submission_id,
        "小王",
        MONDAY_MORNING + timedelta(hours=24),
        False,
    )
    owed = [who for who, title in told(office, NoticeKind.WAITING) if "24 小时内须补审" in title]
    assert owed == ["老周", "老唐", "徐校长"]


@pytest.mark.parametrize("who", ["小王", "老李", "陈部长", "小赵", "张处长", "孙老师"])
def test_nobody_with_a_hand_in_it_and_nobody_outside_settles_the_debt(office: Office, who: str) -> None:
    submission_id = out_at_once(office)

    with pytest.raises(NotAllowed):
        settle(office, who, submission_id)

    with office.reading() as session:
        assert len(reads.debts(session, office.actor("陈部长"))) == 1


def test_whoever_opened_the_channel_does_not_settle_its_debt(office: Office) -> None:
    name_on_list(office, "老周")
    submission_id = office.submitted()
    expedite(office, "老周", submission_id)
    office.perform("老李", Action.PASS, submission_id)
    office.perform("陈部长", Action.APPROVE, submission_id)

    with pytest.raises(NotAllowed, match="由您转入紧急通道"):
        settle(office, "老周", submission_id)
    settle(office, "老唐", submission_id)

    assert office.told("老周", "须补审") == 0


def test_somebody_else_settles_it_and_the_item_may_be_handled_again(office: Office) -> None:
    submission_id = out_at_once(office)
    with pytest.raises(NotAllowed, match="还没有补审"):
        office.perform("陈部长", Action.WITHDRAW, submission_id, "撤")
    office.later(hours=3)

    settle(office, "老周", submission_id)

    with office.reading() as session:
        stored = session.get_one(Submission, submission_id)
        found = reads.of_item(session, stored)
        assert reads.debts(session, office.actor("陈部长")) == []
    assert found is not None
    assert (found.settled_by, found.settled_at, found.verdict, found.found) == (
        "老周",
        office.now,
        AfterReview.CONFIRMED,
        "逐项核对无误",
    )
    assert (stored.state, stored.seal) == (S.APPROVED, office.stored(submission_id).seal)
    office.perform("陈部长", Action.WITHDRAW, submission_id, "情况解除")


def test_the_debt_is_settled_once_and_with_words(office: Office) -> None:
    submission_id = out_at_once(office)

    with pytest.raises(ReasonRequired):
        settle(office, "老周", submission_id, found=" ")
    settle(office, "老周", submission_id)
    with pytest.raises(NotAllowed, match="没有要补的审核"):
        settle(office, "老唐", submission_id)


def test_what_usually_ends_with_the_leader_is_settled_by_the_leader(office: Office) -> None:
    submission_id = out_at_once(office, risks=(RiskMark.LEADERS,))

    with pytest.raises(NotAllowed, match="由分管校领导补审"):
        settle(office, "老周", submission_id)
    settle(office, "徐校长", submission_id)

    with office.reading() as session:
        assert reads.debts(session, office.actor("陈部长")) == []


def test_a_leader_who_signed_has_paid_the_leaders_part(office: Office) -> None:
    submission_id = out_at_once(office, "徐校长", risks=(RiskMark.LEADERS,))

    settle(office, "老周", submission_id)

    with office.reading() as session:
        assert reads.debts(session, office.actor("陈部长")) == []


def test_a_fault_found_afterwards_reaches_those_above(office: Office) -> None:
    submission_id = out_at_once(office)

    settle(office, "老周", submission_id, AfterReview.FAULTY, "绕行路线写错")

    assert told(office, NoticeKind.ESCALATION) == [
        (who, "紧急稿件《教务处举办教学经验交流会》补审发现问题")
        for who in ("陈部长", "老唐", "孙老师", "郭老师", "徐校长")
    ]


def test_what_is_changed_after_its_full_review_goes_the_ordinary_way(office: Office) -> None:
    submission_id = out_at_once(office)
    settle(office, "老周", submission_id, AfterReview.FAULTY, "绕行路线写错")

    with office.acting_as("老周") as work:
        stored = work.session.get_one(Submission, submission_id)
        content = work.session.get_one(Revision, stored.revision_id).model_copy(
            update={"body_html": STORY + "<p>更正</p>"}
        )
        submissions.adjust(work, submission_id=submission_id, seen_version=stored.version, content=content)

    stored = office.stored(submission_id)
    assert (stored.state, stored.is_emergency, stored.route) == (
        S.FIRST_REVIEW,
        False,
        [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW],
    )


def test_what_was_taken_down_and_opened_again_owes_nothing_more(office: Office) -> None:
    submission_id = out_at_once(office)

    with office.as_system() as work:
        submissions.reopen(work, submission_id=submission_id, comment="已撤下")

    stored = office.stored(submission_id)
    assert (stored.state, stored.is_emergency, stored.route) == (
        S.FIRST_REVIEW,
        False,
        [S.DEPARTMENT_REVIEW, S.FIRST_REVIEW, S.FINAL_REVIEW],
    )
    with office.reading() as session:
        assert reads.debts(session, office.actor("陈部长")) == []


def test_an_overdue_debt_is_told_to_approvers_oversight_and_leaders_once(office: Office) -> None:
    out_at_once(office)
    office.later(hours=23, minutes=59)
    with office.as_system() as work:
        early = emergencies.remind(work)
    office.later(minutes=1)

    with office.as_system() as work:
        emergencies.remind(work)
    with office.as_system() as work:
        again = emergencies.remind(work)

    assert (early, again) == ([], [])
    assert told(office, NoticeKind.ESCALATION) == [
        (who, "紧急稿件《教务处举办教学经验交流会》发出已过 24 小时，仍未补审")
        for who in ("陈部长", "老唐", "孙老师", "郭老师", "徐校长")
    ]


def test_the_channel_is_counted_by_month_with_what_came_too_late(office: Office) -> None:
    in_time, late = out_at_once(office, category=ContentCategory.NOTICE), None
    settle(office, "老周", in_time)
    late = office.submitted()
    expedite(office, "小王", late)
    office.perform("老李", Action.PASS, late)
    office.perform("陈部长", Action.APPROVE, late)
    office.later(hours=30)
    with office.reading() as session:
        owing = reads.by_month(session, Months(202611, 202611), office.now)
    settle(office, "老周", late)

    with office.reading() as session:
        settled = reads.by_month(session, Months(202610, 202612), office.now)
        none = reads.by_month(session, Months(202609, 202610), office.now)

    assert [(each.month, each.used, each.late, each.owed) for each in (*owing, *settled, *none)] == [
        (202611, 2, 1, 1),
        (202611, 2, 1, 0),
    ]
