"""正在看: said by whoever may decide, shown to the others, over by itself, and never a lock."""

from __future__ import annotations

import pytest

from models import Action, SubmissionState
from services import review_claims
from services.errors import NotAllowed, NotFound
from services.queries import inbox
from services.queries import review_claims as reads
from services.queries.review_claims import Looking
from tests.office import Office

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def look(office: Office, who: str, submission_id: int) -> None:
    with office.acting_as(who) as work:
        review_claims.look(work, submission_id=submission_id)


def looking(office: Office, submission_id: int) -> str | None:
    with office.reading() as session:
        found: Looking | None = reads.looking_at(session, [submission_id], office.now).get(submission_id)
    return found.name if found else None


def at_first_review(office: Office) -> int:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    return submission_id


def test_the_first_to_open_an_item_is_named_until_ten_quiet_minutes_are_over(office: Office) -> None:
    submission_id = at_first_review(office)
    look(office, "老李", submission_id)
    look(office, "老周", submission_id)
    named = [looking(office, submission_id)]
    office.later(minutes=9)
    look(office, "老李", submission_id)
    office.later(minutes=9)
    named.append(looking(office, submission_id))
    office.later(minutes=1)
    named.append(looking(office, submission_id))
    look(office, "老周", submission_id)
    named.append(looking(office, submission_id))

    assert named == ["老李", "老李", None, "老周"]


def test_taking_over_is_one_act_and_locks_nobody_out(office: Office) -> None:
    submission_id = at_first_review(office)
    look(office, "老李", submission_id)
    with office.acting_as("老周") as work:
        review_claims.take_over(work, submission_id=submission_id)
    named = looking(office, submission_id)
    office.perform("老李", Action.PASS, submission_id)

    assert (named, looking(office, submission_id)) == ("老周", None)
    assert office.stored(submission_id).state is SubmissionState.FINAL_REVIEW


@on_sqlite
def test_who_may_not_decide_claims_nothing_and_takes_nothing_over(office: Office) -> None:
    submission_id = at_first_review(office)
    for who in ("小王", "张处长", "陈部长", "小赵"):
        look(office, who, submission_id)
    with pytest.raises(NotAllowed, match="现在不由您办理"), office.acting_as("陈部长") as work:
        review_claims.take_over(work, submission_id=submission_id)
    with pytest.raises(NotFound), office.acting_as("黄处长") as work:
        review_claims.look(work, submission_id=submission_id)

    assert looking(office, submission_id) is None


@on_sqlite
def test_next_item_is_the_most_urgent_that_nobody_else_looks_at(office: Office) -> None:
    first, second, third = (at_first_review(office) for _ in range(3))
    look(office, "老周", second)

    def following(who: str, after: int) -> int | None:
        with office.reading() as session:
            return inbox.next_waiting(session, office.actor(who), now=office.now, after=after)

    assert [following("老李", first), following("老周", first), following("老李", third)] == [third, second, first]
    for each in (first, third):
        office.perform("老李", Action.PASS, each)
    assert [following("老李", first), following("老李", second)] == [second, None]
