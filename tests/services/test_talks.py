"""约谈: the third return of an item asks for a talk, or for saying that it waits."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, datetime, timedelta

import pytest
from sqlmodel import col, select

from models import Action, AuditAction, NoticeKind, ReturnTalk, SubmissionState
from services import submissions, talks
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, Refusal, StaleState, TalkRequired
from services.queries import submissions as reads
from services.rules.office_time import OFFICE_ZONE, office_day
from services.talks import PUT_OFF, Talk
from tests.office import Office

S = SubmissionState


def returned_twice(office: Office) -> int:
    """An item that waits for its head again after two returns, one by the head and one by the office."""
    submission_id = office.submitted()
    office.perform("张处长", Action.RETURN, submission_id, "补充时间")
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.RETURN, submission_id, "补充地点")
    office.hand_in(submission_id)
    return submission_id


def send_back(office: Office, submission_id: int, talk: Talk | None, comment: str = "请再改") -> None:
    version = office.stored(submission_id).version
    with office.acting_as("张处长") as work:
        submissions.perform(
            work, Action.RETURN, submission_id=submission_id, seen_version=version, comment=comment, talk=talk
        )


def kept(office: Office, submission_id: int) -> list[tuple[str, date | None] | None]:
    """What each return of the item says of a talk."""
    with office.reading() as session:
        lines = [each for each in reads.history(session, submission_id) if each.action is Action.RETURN]
    return [(each.talk.who, each.talk.held_on) if each.talk else None for each in lines]


def test_the_first_two_returns_ask_for_nothing(office: Office) -> None:
    submission_id = returned_twice(office)

    with office.reading() as session:
        assert (talks.returns_of(session, submission_id), talks.is_asked(session, submission_id)) == (2, True)
    assert kept(office, submission_id) == [None, None]


def test_the_third_return_without_a_talk_is_refused_and_says_what_to_do(office: Office) -> None:
    submission_id = returned_twice(office)

    with pytest.raises(TalkRequired, match=r"已经退回过 2 次.*谁和谁谈的.*先退回，稍后再谈"):
        send_back(office, submission_id, None)

    assert office.stored(submission_id).state is S.DEPARTMENT_REVIEW


def test_the_third_return_keeps_who_talked_and_when(office: Office) -> None:
    submission_id = returned_twice(office)
    today = office_day(office.now)

    send_back(office, submission_id, Talk(who=" 张处长与小王 ", held_on=today))

    assert office.stored(submission_id).state is S.RETURNED
    assert kept(office, submission_id) == [None, None, ("张处长与小王", today)]


def test_a_talk_may_be_put_off_explicitly_and_the_next_return_asks_again(office: Office) -> None:
    submission_id = returned_twice(office)
    send_back(office, submission_id, PUT_OFF)
    office.hand_in(submission_id)

    with pytest.raises(TalkRequired, match="已经退回过 3 次"):
        send_back(office, submission_id, None)

    assert kept(office, submission_id)[-1] == ("", None)


@pytest.mark.parametrize(
    ("who", "days", "field"),
    [(" ", 0, "who"), ("名" * 121, 0, "who"), ("张处长与小王", 1, "held_on"), ("张处长与小王", None, "held_on")],
)
def test_a_half_told_talk_is_refused_by_field(office: Office, who: str, days: int | None, field: str) -> None:
    submission_id = returned_twice(office)
    day = None if days is None else office_day(office.now) + timedelta(days=days)

    with pytest.raises(InvalidInput) as refused:
        send_back(office, submission_id, Talk(who=who, held_on=day))

    assert refused.value.field == field
    with office.reading() as session:
        assert session.get(ReturnTalk, 1) is None


def test_the_reason_comes_before_the_talk(office: Office) -> None:
    submission_id = returned_twice(office)

    with pytest.raises(ReasonRequired):
        send_back(office, submission_id, PUT_OFF, comment=" ")


# --- What was put off ------------------------------------------------------------------------------------

TITLE = "《教务处举办教学经验交流会》退回时说好稍后约谈作者："


def put_off(office: Office) -> tuple[int, int]:
    """An item that went back with its talk put off by its head, and the talk."""
    submission_id = returned_twice(office)
    send_back(office, submission_id, PUT_OFF)
    with office.reading() as session:
        return submission_id, session.exec(select(ReturnTalk.id).where(col(ReturnTalk.held_on).is_(None))).one() or 0


def enter(office: Office, who: str, talk_id: int, talk: Talk) -> None:
    with office.acting_as(who) as work:
        talks.enter(work, talk_id=talk_id, talk=talk)


def test_who_put_a_talk_off_is_reminded_twice_then_the_approvers_hear_of_it_once(office: Office) -> None:
    office.now = datetime(2026, 11, 27, 16, 0, tzinfo=OFFICE_ZONE)  # a Friday
    submission_id, _ = put_off(office)
    heard = []
    for _ in range(7 * 24):
        office.later(hours=1)
        for _ in range(2):
            with office.as_system() as work:
                written = [(each.person_id, each.kind, each.title, each.subject_id) for each in talks.remind(work)]
            heard += [(f"{office.now.astimezone(OFFICE_ZONE):%m-%d %H}", *each) for each in written]

    head, chief, deputy = (office.people[each] for each in ("张处长", "陈部长", "老唐"))
    assert heard == [
        ("11-30 16", head, NoticeKind.REMINDER, f"{TITLE}已过办理时限的一半", submission_id),
        ("12-01 16", head, NoticeKind.REMINDER, f"{TITLE}已到办理时限", submission_id),
        *(
            ("12-02 16", each, NoticeKind.ESCALATION, f"{TITLE}已超过办理时限，仍未办理", submission_id)
            for each in (head, chief, deputy)
        ),
    ]


def test_once_it_is_written_down_nobody_is_reminded_and_nobody_writes_it_twice(office: Office) -> None:
    submission_id, talk_id = put_off(office)
    office.later(hours=30)
    held = Talk(who=" 张处长与小王 ", held_on=office_day(office.now))

    enter(office, "张处长", talk_id, held)
    office.later(hours=90)
    with office.as_system() as work:
        reminded = talks.remind(work)
    with pytest.raises(StaleState, match="刚刚已经补记"):
        enter(office, "陈部长", talk_id, held)

    assert (reminded, kept(office, submission_id)[-1]) == ([], ("张处长与小王", held.held_on))
    assert office.trail("submission", submission_id)[-1][:2] == (AuditAction.TALK_ENTERED, "张处长")


@pytest.mark.parametrize(
    ("who", "refusal"),
    [("张处长", None), ("陈部长", None), ("小王", NotAllowed), ("老李", NotAllowed), ("黄处长", NotFound)],
)
def test_a_talk_is_written_down_by_who_put_it_off_or_an_approver(
    office: Office, who: str, refusal: type[Refusal] | None
) -> None:
    _, talk_id = put_off(office)
    held = Talk(who="张处长与小王", held_on=office_day(office.now))

    with pytest.raises(refusal) if refusal else nullcontext():
        enter(office, who, talk_id, held)


@pytest.mark.parametrize(("days", "refused"), [(-1, "不能早于"), (1, "不能晚于今天"), (None, "不能晚于今天")])
def test_it_was_held_between_the_return_and_today(office: Office, days: int | None, refused: str) -> None:
    _, talk_id = put_off(office)
    day = None if days is None else office_day(office.now) + timedelta(days=days)

    with pytest.raises(InvalidInput, match=refused):
        enter(office, "张处长", talk_id, Talk(who="张处长与小王", held_on=day))


def test_the_talk_of_an_item_that_nobody_will_mend_is_nobodys_debt(office: Office) -> None:
    submission_id, _ = put_off(office)
    office.perform("小王", Action.WITHDRAW, submission_id)
    office.now += timedelta(days=5)

    with office.as_system() as work:
        assert talks.remind(work) == []
