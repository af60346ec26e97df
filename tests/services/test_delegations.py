"""代办: who acts for whom, what is shown and recorded, and that no sequence of deputies replaces a second person."""

from __future__ import annotations

from contextlib import suppress
from datetime import date, timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from models import (
    Absence,
    Action,
    AuditAction,
    AuditEvent,
    Delegation,
    Notice,
    NoticeKind,
    PersonRole,
    ReviewDecision,
    Revision,
    Role,
    Submission,
    SubmissionState,
)
from services import audit, delegations, people, submissions
from services.errors import InvalidInput, NotAllowed, NotFound, Refusal, WrongState
from services.queries import delegations as delegation_reads
from services.queries import inbox, standings
from services.queries import people as people_reads
from services.queries import submissions as reads
from services.rules.office_time import office_day
from services.rules.workflow import SIGNATURES, available
from tests.office import Office

S = SubmissionState


def lend(
    office: Office, principal: str, deputy: str, *roles: Role, starts: int = 0, days: int = 3, away: bool = False
) -> int:
    today = office_day(office.now)
    with office.acting_as(principal) as work:
        row = delegations.delegate(
            work,
            deputy_id=office.people[deputy],
            roles=roles,
            starts_on=today + timedelta(days=starts),
            ends_on=today + timedelta(days=starts + days),
            is_absent=away,
        )
        return row.id or 0


def waiting(office: Office, who: str) -> list[int]:
    """Everything that waits for the person, on however many pages."""
    found: list[int] = []
    with office.reading() as session:
        for page in count(1):
            lines = inbox.waiting_for(session, office.actor(who), now=office.now, page=page)
            if not lines:
                break
            found.extend(line.id for line in lines)
    return found


def test_deputy_finds_the_item_in_the_inbox_and_decides_as_x_for_y(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.PASS, submission_id)
    before = waiting(office, "老周")
    lend(office, "陈部长", "老周", Role.APPROVER)

    assert (before, waiting(office, "老周")) == ([], [submission_id])
    with office.reading() as session:
        (line,) = inbox.waiting_for(session, office.actor("老周"), now=office.now)
    assert set(line.holders) == {"陈部长", "老唐", "老周 代 陈部长"}
    office.perform("老周", Action.APPROVE, submission_id, "同意")

    with office.reading() as session:
        decision = session.exec(select(ReviewDecision).where(ReviewDecision.action == Action.APPROVE)).one()
        shown = reads.history(session, submission_id)[-1]
        written = session.exec(
            select(AuditEvent).where(col(AuditEvent.action) == AuditAction.SUBMISSION_APPROVED)
        ).one()
        verdict = audit.verify(session)
    assert (decision.actor_id, decision.for_id) == (office.people["老周"], office.people["陈部长"])
    assert shown.actor == "老周 代 陈部长"
    assert '"for": "陈部长"' in written.details
    assert verdict.ok


def test_who_acts_in_their_own_right_acts_for_nobody(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    lend(office, "老李", "老周", Role.REVIEWER)

    office.perform("老周", Action.PASS, submission_id)

    with office.reading() as session:
        decision = session.exec(select(ReviewDecision).where(ReviewDecision.action == Action.PASS)).one()
    assert (decision.actor_id, decision.for_id) == (office.people["老周"], None)


def test_deputy_of_a_head_signs_for_that_department_only(office: Office) -> None:
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)
    submission_id = office.submitted()

    office.perform("黄处长", Action.SIGN_OFF, submission_id)

    with office.reading() as session:
        assert reads.history(session, submission_id)[-1].actor == "黄处长 代 张处长"


def test_author_may_not_sign_their_own_item_in_the_heads_place(office: Office) -> None:
    lend(office, "张处长", "小王", Role.DEPARTMENT_HEAD)
    submission_id = office.submitted()

    with pytest.raises(NotAllowed, match=r"您本人的稿件.*您和委托人都算在内"):
        office.perform("小王", Action.SIGN_OFF, submission_id)
    assert waiting(office, "小王") == []


def test_item_signed_by_the_principal_is_not_approved_by_their_deputy(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老唐", Action.PASS, submission_id)
    lend(office, "老唐", "老周", Role.APPROVER)

    with pytest.raises(NotAllowed, match="另一环节签过意见"):
        office.perform("老周", Action.APPROVE, submission_id)
    assert waiting(office, "老周") == []


def test_item_signed_in_the_principals_name_is_not_approved_by_the_principal(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    lend(office, "老唐", "小赵", Role.REVIEWER)
    office.perform("小赵", Action.PASS, submission_id)

    with pytest.raises(NotAllowed, match="另一环节签过意见"):
        office.perform("老唐", Action.APPROVE, submission_id)
    assert waiting(office, "老唐") == []


def test_what_was_adjusted_in_the_principals_name_is_not_sealed_by_the_principal(office: Office) -> None:
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    lend(office, "老唐", "小赵", Role.REVIEWER)
    with office.acting_as("小赵") as work:
        content = work.session.get_one(Revision, office.stored(submission_id).revision_id).model_copy(
            update={"title": "教务处举办教学交流会"}
        )
        version = office.stored(submission_id).version
        submissions.adjust(work, submission_id=submission_id, seen_version=version, content=content)
    office.perform("老李", Action.PASS, submission_id)

    with pytest.raises(NotAllowed, match="最后由您修改"):
        office.perform("老唐", Action.APPROVE, submission_id)
    assert (waiting(office, "老唐"), waiting(office, "陈部长")) == ([], [submission_id])


def test_delegation_begins_and_ends_by_itself(office: Office) -> None:
    submission_id = office.submitted()
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD, starts=1, days=0)
    seen = []
    for _ in range(3):
        seen.append(waiting(office, "黄处长"))
        office.later(days=1)

    assert seen == [[], [submission_id], []]


def test_a_role_the_principal_loses_is_not_lent_any_more(office: Office) -> None:
    submission_id = office.submitted()
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)
    with office.as_system() as work:
        held = work.session.exec(select(PersonRole).where(PersonRole.person_id == office.people["张处长"])).one()
        held.ends_on = office_day(office.now) - timedelta(days=1)

    assert waiting(office, "黄处长") == []
    with pytest.raises(NotFound):
        office.perform("黄处长", Action.SIGN_OFF, submission_id)


def test_nobody_stands_in_for_somebody_disabled(office: Office) -> None:
    office.submitted()
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)
    with office.acting_as("小林") as work:
        people.disable(work, person_id=office.people["张处长"], handover="由黄处长接手")

    assert waiting(office, "黄处长") == []


def test_what_was_lent_is_not_lent_on(office: Office) -> None:
    office.submitted()
    lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)
    lend(office, "黄处长", "老周", Role.DEPARTMENT_HEAD)

    assert (len(waiting(office, "黄处长")), waiting(office, "老周")) == (1, [])


def test_ending_a_delegation_takes_effect_at_once(office: Office) -> None:
    office.submitted()
    delegation_id = lend(office, "张处长", "黄处长", Role.DEPARTMENT_HEAD)
    with office.acting_as("黄处长") as work:
        delegations.end(work, delegation_id=delegation_id)

    assert waiting(office, "黄处长") == []
    with pytest.raises(WrongState), office.acting_as("张处长") as work:
        delegations.end(work, delegation_id=delegation_id)


def test_both_are_told_but_not_of_their_own_act(office: Office) -> None:
    lend(office, "陈部长", "老周", Role.APPROVER)
    today = office_day(office.now)
    with office.acting_as("小林") as work:
        delegations.delegate(
            work,
            principal_id=office.people["老李"],
            deputy_id=office.people["小赵"],
            roles=[Role.REVIEWER],
            starts_on=today,
            ends_on=today,
            reason="出差",
        )

    with office.reading() as session:
        told = session.exec(select(Notice).order_by(col(Notice.id))).all()
        names = people_reads.names(session)
    assert [(names[each.person_id], each.kind, each.title) for each in told] == [
        ("老周", NoticeKind.DELEGATION, "老周 代 陈部长 办理"),
        ("老李", NoticeKind.DELEGATION, "小赵 代 老李 办理"),
        ("小赵", NoticeKind.DELEGATION, "小赵 代 老李 办理"),
    ]
    assert told[1].body == "2026-11-23 至 2026-11-23，以“审核员”身份。出差"


@pytest.mark.parametrize("who", ["小王", "老周", "孙老师", "徐校长", "小吴"])
def test_only_the_person_or_an_administrator_lends_and_ends(office: Office, who: str) -> None:
    today = office_day(office.now)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        delegations.delegate(
            work,
            principal_id=office.people["陈部长"],
            deputy_id=office.people["老李"],
            roles=[Role.APPROVER],
            starts_on=today,
            ends_on=today,
        )
    delegation_id = lend(office, "陈部长", "老李", Role.APPROVER)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        delegations.end(work, delegation_id=delegation_id)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        delegations.enter_absence(work, person_id=office.people["陈部长"], starts_on=today, ends_on=today)


def test_a_refused_delegation_names_its_field_and_leaves_nothing(office: Office) -> None:
    lend(office, "老周", "老李", Role.REVIEWER)

    with pytest.raises(InvalidInput, match="循环") as refused:
        lend(office, "老李", "老周", Role.REVIEWER)
    with pytest.raises(InvalidInput, match="不能委托给自己"):
        lend(office, "陈部长", "陈部长", Role.APPROVER)
    with pytest.raises(InvalidInput, match="早于开始日期"):
        lend(office, "陈部长", "老李", Role.APPROVER, days=-1)
    with pytest.raises(InvalidInput, match="已经委托过"):
        lend(office, "老周", "老唐", Role.REVIEWER)
    with pytest.raises(InvalidInput, match="没有“终审人”角色"):
        lend(office, "小赵", "老李", Role.APPROVER)

    assert refused.value.field == "deputy_id"
    with office.reading() as session:
        assert len(session.exec(select(Delegation)).all()) == 1


def test_absence_may_be_entered_with_the_delegation_and_withdrawn(office: Office) -> None:
    lend(office, "陈部长", "老周", Role.APPROVER, away=True)
    today = office_day(office.now)
    with office.reading() as session:
        (line,) = delegation_reads.absences(session, today)
        away = delegation_reads.away_until(session, today)
    assert (line.person, line.ends_on, away) == ("陈部长", date(2026, 11, 26), {office.people["陈部长"]: line.ends_on})

    with pytest.raises(NotAllowed), office.acting_as("老周") as work:
        delegations.withdraw_absence(work, absence_id=line.id)
    with office.acting_as("陈部长") as work:
        delegations.withdraw_absence(work, absence_id=line.id)
    with office.reading() as session:
        assert delegation_reads.away_until(session, today) == {}
        assert len(session.exec(select(Absence)).all()) == 1


# --- No sequence of deputies replaces a second person ----------------------------------------------------

WRITERS = ("小王", "老唐")
"""A contributor, and somebody who may sign two stages: as author of an item too."""
NAMES = ("小王", "张处长", "老李", "老唐", "陈部长", "小赵")
LENT = {
    "张处长": (Role.DEPARTMENT_HEAD,),
    "老李": (Role.REVIEWER,),
    "老唐": (Role.REVIEWER, Role.APPROVER),
    "陈部长": (Role.APPROVER,),
}
DECIDING = (Action.SIGN_OFF, Action.PASS, Action.APPROVE, Action.ADJUST)

loans = st.lists(st.tuples(st.sampled_from(list(LENT)), st.sampled_from(NAMES)), max_size=4)
acts = st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(DECIDING)), min_size=10, max_size=30)


def new_item(office: Office, author: str) -> int:
    """An item just handed in by the author, and no delegation of an earlier example left."""
    submission_id = office.submitted()
    with office.as_system() as work:
        item = work.session.get_one(Submission, submission_id)
        item.contributor_id = work.session.get_one(Revision, item.revision_id).made_by_id = office.people[author]
        for row in work.session.exec(select(Delegation)):
            row.ended_at = office.now
    return submission_id


def attempt(office: Office, who: str, action: Action, submission_id: int) -> None:
    """Try one step; a refusal is one of the possible answers."""
    with suppress(Refusal):
        if action is not Action.ADJUST:
            office.perform(who, action, submission_id)
            return
        stored = office.stored(submission_id)
        with office.acting_as(who) as work:
            revision = work.session.get_one(Revision, stored.revision_id)
            changed = revision.model_copy(update={"title": f"{revision.title}改"})
            submissions.adjust(work, submission_id=submission_id, seen_version=stored.version, content=changed)


def hands_by_stage(session: Session, item: Submission) -> list[set[int]]:
    """Of each stage, whose hands the signature that counts is."""
    rows = session.exec(
        select(ReviewDecision)
        .where(ReviewDecision.submission_id == item.id, col(ReviewDecision.action).in_(SIGNATURES))
        .order_by(col(ReviewDecision.id))
    )
    latest = {each.from_state: {each.actor_id, each.for_id} - {None} for each in rows}
    return [latest[S.of(stage)] for stage in item.route]  # type: ignore[misc]  # the None is taken out above


def editors(session: Session, item: Submission) -> set[int | None]:
    made_by = session.get_one(Revision, item.revision_id).made_by_id
    lent = session.exec(
        select(ReviewDecision.for_id).where(
            ReviewDecision.revision_id == item.revision_id, ReviewDecision.action == Action.ADJUST
        )
    )
    return {made_by, *lent} - {None}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(author=st.sampled_from(WRITERS), lent=loans, tried=acts)
def test_no_sequence_with_deputies_approves_an_item_with_fewer_than_the_required_people(
    office: Office, author: str, lent: list[tuple[str, str]], tried: list[tuple[str, Action]]
) -> None:
    submission_id = new_item(office, author)
    for principal, deputy in lent:
        with suppress(Refusal):
            lend(office, principal, deputy, *LENT[principal])

    for who, action in tried:
        attempt(office, who, action, submission_id)

    item = office.stored(submission_id)
    with office.reading() as session:
        facts = standings.standing(session, item)
        for who in NAMES:
            may_sign = any(step.action in SIGNATURES for step in available(office.actor(who), facts))
            assert (submission_id in waiting(office, who)) is may_sign
        if item.state is S.APPROVED:
            hands = hands_by_stage(session, item)
            assert sum(len(each) for each in hands) == len(set().union(*hands)) >= len(item.route)
            assert office.people[author] not in set().union(*hands)
            assert not hands[-1] & editors(session, item)
    event(item.state.value)


def test_the_property_above_reaches_approval_with_deputies(office: Office) -> None:
    submission_id = new_item(office, "小王")
    lend(office, "张处长", "小赵", Role.DEPARTMENT_HEAD)
    lend(office, "老唐", "老李", Role.APPROVER)

    for who, action in (("小赵", Action.SIGN_OFF), ("陈部长", Action.APPROVE), ("老唐", Action.PASS)):
        attempt(office, who, action, submission_id)
    attempt(office, "老李", Action.APPROVE, submission_id)
    blocked = office.stored(submission_id).state
    attempt(office, "陈部长", Action.APPROVE, submission_id)

    assert (blocked, office.stored(submission_id).state) == (S.FINAL_REVIEW, S.APPROVED)
