"""约谈: the third return of an item asks for a talk, or for saying that it waits."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models import Action, ReturnTalk, SubmissionState
from services import submissions, talks
from services.errors import InvalidInput, ReasonRequired, TalkRequired
from services.queries import submissions as reads
from services.rules.office_time import office_day
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
