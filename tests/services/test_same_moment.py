"""Two people act on the same at the same moment: one of them does it, the other reads a sentence.

Of each pair the first has acted and not yet committed when the second begins. On PostgreSQL the second has then looked
at what was there before and waits for a lock; on SQLite it waits for its turn to write.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import col, func, select

from models import (
    Action,
    AnnualReview,
    AuditAction,
    AuditEvent,
    CheckAnswer,
    CheckVerdict,
    DutyTurn,
    EmergencyPerson,
    Exemption,
    PersonRole,
    PublishingStop,
    Role,
    SubmissionState,
    Target,
)
from services import (
    annual_reviews,
    archive_packets,
    audit,
    checklist,
    consents,
    delegations,
    duty,
    emergencies,
    exemptions,
    people,
    publishing_stops,
    reasons,
    sensitive_dates,
    submissions,
)
from services.account_files import GivenFile
from services.errors import ChecksFailed, NotFound, Refusal, StaleState, WrongState
from services.queries import standings
from services.rules.office_time import office_day
from services.rules.sensitive_dates import Sensitive
from services.unit_of_work import UnitOfWork
from tests.office import Office
from tests.press import running_press
from tests.services.test_annual_reviews import begin
from tests.services.test_annual_reviews import review as annual_review
from tests.services.test_consents import recorded
from tests.waiting import until

Act = Callable[[UnitOfWork], object]

WAITING = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
"""Of this test alone: other tests share the server, and wait for each other too."""


def together(
    office: Office, first: tuple[str, Act], second: tuple[str, Act], *, then: Act | None = None
) -> Refusal | None:
    """Let the second act while the first has not committed, and `then` the first act once more; what refused the
    second.
    """
    refusals: list[Refusal] = []

    def follow() -> None:
        who, act = second
        try:
            with office.acting_as(who) as work:
                act(work)
        except Refusal as refusal:
            refusals.append(refusal)

    thread = threading.Thread(target=follow)
    who, act = first
    with office.acting_as(who) as work:
        act(work)
        thread.start()
        _wait_until_it_waits(office, thread)
        if then is not None:
            then(work)
    thread.join()
    return refusals[0] if refusals else None


def _wait_until_it_waits(office: Office, thread: threading.Thread) -> None:
    def waits() -> bool:
        with office.reading() as session:
            return bool(session.execute(WAITING).scalar_one())

    if not office.engines.is_sqlite:
        until(lambda: not thread.is_alive() or waits())


def lines_of(office: Office, action: AuditAction) -> int:
    with office.reading() as session:
        return session.exec(select(func.count()).select_from(AuditEvent).where(AuditEvent.action == action)).one()


def test_everything_is_stopped_once(office: Office) -> None:
    def stop(work: UnitOfWork) -> None:
        publishing_stops.stop_everything(work, reason="先核对一篇稿件")

    refusal = together(office, ("小赵", stop), ("陈部长", stop))

    with office.reading() as session:
        stood = session.exec(select(func.count()).select_from(PublishingStop)).one()
    assert (type(refusal), stood) == (WrongState, 1)


def test_an_exemption_ends_once(office: Office) -> None:
    with office.as_system() as work:
        exemption = Exemption(
            rule="personal.mobile",
            likeness="13812345678",
            shown="138****5678",
            reason="值班电话须公开",
            approved_by_id=office.people["陈部长"],
            approved_at=work.now,
            ends_on=date(2026, 12, 31),
        )
        work.session.add(exemption)
        work.session.flush()
        exemption_id = exemption.id or 0

    def end(work: UnitOfWork) -> None:
        exemptions.end(work, exemption_id=exemption_id)

    refusal = together(office, ("陈部长", end), ("老唐", end))

    assert (type(refusal), lines_of(office, AuditAction.EXEMPTION_ENDED)) == (NotFound, 1)


def test_a_role_is_taken_back_once(office: Office) -> None:
    today = office.now.date()
    with office.acting_as("小林") as work:
        person_id, yesterday = office.people["老周"], today - timedelta(days=1)
        people.grant_role(work, person_id=person_id, role=Role.ADMIN, starts_on=yesterday, ends_on=None)
    with office.reading() as session:
        role_id = session.exec(select(PersonRole.id).where(PersonRole.person_id == office.people["小吴"])).one() or 0

    def take(work: UnitOfWork) -> None:
        people.end_role(work, role_id=role_id)

    refusal = together(office, ("小林", take), ("老周", take))

    # The one who grants writes the other line.
    assert (type(refusal), lines_of(office, AuditAction.ROLES_CHANGED)) == (NotFound, 2)


def test_a_paper_is_added_once_and_not_exchanged(office: Office) -> None:
    consent_id = recorded(office)

    def adding(content: bytes) -> Act:
        scan = GivenFile("授权书.pdf", b"%PDF-1.7 " + content)
        return lambda work: consents.add_scan(work, office.box, office.assets, consent_id=consent_id, scan=scan)

    refusal = together(office, ("老李", adding(b"first")), ("老周", adding(b"second")))

    with office.acting_as("老李") as work:
        kept = consents.open_scan(work, office.box, office.assets, consent_id=consent_id, reason="核对")
    assert (type(refusal), kept) == (WrongState, b"%PDF-1.7 first")


def test_nobody_signs_past_what_a_colleague_just_found_wrong(office: Office) -> None:
    submission_id, fail, sign = at_first_review(office)

    refusal = together(office, ("老周", fail), ("老李", sign))

    assert (type(refusal), office.stored(submission_id).state) == (ChecksFailed, SubmissionState.FIRST_REVIEW)


def test_what_was_just_signed_is_not_found_wrong_at_its_old_stage(office: Office) -> None:
    submission_id, fail, sign = at_first_review(office)

    refusal = together(office, ("老李", sign), ("老周", fail))

    with office.reading() as session:
        answers = session.exec(
            select(func.count()).select_from(CheckAnswer).where(col(CheckAnswer.verdict) == CheckVerdict.FAIL)
        ).one()
    assert (isinstance(refusal, Refusal), answers) == (True, 0)
    assert office.stored(submission_id).state is SubmissionState.FINAL_REVIEW


def at_first_review(office: Office) -> tuple[int, Act, Act]:
    """An item, somebody's finding a name wrong in it, and somebody's passing it."""
    submission_id = office.submitted()
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    seen = office.stored(submission_id)

    def fail(work: UnitOfWork) -> None:
        checklist.answer(
            work,
            submission_id=submission_id,
            seen_revision_id=seen.revision_id or 0,
            item="C03",
            verdict=CheckVerdict.FAIL,
            note="职务写错",
        )

    def sign(work: UnitOfWork) -> None:
        submissions.perform(work, Action.PASS, submission_id=submission_id, seen_version=seen.version)

    return submission_id, fail, sign


def test_a_month_is_archived_beside_somebody_who_works_on_one_of_its_items(office: Office) -> None:
    """Nobody waits in a circle: who archives holds every item before the end of the trail."""
    with running_press(office) as press:
        items = [press.row(press.live(Target.SITE)[Target.SITE]).submission_id for _ in range(2)]

    def archive(work: UnitOfWork) -> None:
        archive_packets.archive_month(work, year=2026, month=11)

    def hold(work: UnitOfWork) -> None:
        standings.locked(work.session, items[-1])

    def record(work: UnitOfWork) -> None:
        audit.record(work, AuditAction.PACKET_MADE, "submission", items[-1])

    refusal = together(office, ("陈部长", hold), ("小赵", archive), then=record)

    assert (refusal, [office.stored(each).state for each in items]) == (None, [SubmissionState.ARCHIVED] * 2)


def test_what_two_people_enter_at_once_stands_once(office: Office) -> None:
    """Both look before either writes; the database lets one through, and the edge says so to the other."""
    listed = office.people["老李"]
    with office.acting_as("小林") as work:
        emergencies.list_person(work, person_id=listed)

    with (
        running_press(office) as press,
        pytest.raises(StaleState, match="没有重复登记"),
        press.runtime.acting_as(office.people["陈部长"]) as work,
    ):
        # As by somebody who looked a moment before.
        work.session.add(EmergencyPerson(person_id=listed, added_by_id=work.actor.id, added_at=work.now))

    with office.reading() as session:
        assert session.exec(select(EmergencyPerson.person_id)).all() == [listed]


def emergency_list(office: Office) -> Act:
    person_id = office.people["老李"]
    with office.acting_as("小林") as work:
        emergencies.list_person(work, person_id=person_id)
    return lambda work: emergencies.unlist_person(work, person_id=person_id)


def turn_of_duty(office: Office) -> Act:
    with office.acting_as("小林") as work:
        duty.set_turn(work, person_id=office.people["小赵"], first=office_day(office.now), last=office_day(office.now))
        turn_id = work.session.exec(select(DutyTurn.id)).one() or 0
    return lambda work: duty.clear_turn(work, turn_id=turn_id)


def absence(office: Office) -> Act:
    today = office_day(office.now)
    with office.acting_as("小林") as work:
        person_id = office.people["小赵"]
        absence_id = delegations.enter_absence(work, person_id=person_id, starts_on=today, ends_on=today).id or 0
    return lambda work: delegations.withdraw_absence(work, absence_id=absence_id)


def usual_reason(office: Office) -> Act:
    with office.acting_as("陈部长") as work:
        template_id = reasons.keep(work, action=Action.RETURN, text="请补充摄影者").id or 0
    return lambda work: reasons.retire(work, template_id=template_id)


def sensitive_date(office: Office) -> Act:
    with office.acting_as("小林") as work:
        given = Sensitive("校庆日", month=11, day=24, advice="只发校庆内容")
        sensitive_dates.keep(work, given=given, active=True)
    return lambda work: sensitive_dates.forget(work, name="校庆日")


TAKEN_BACK: dict[str, tuple[Callable[[Office], Act], str, str, AuditAction]] = {
    "a name on the emergency list": (emergency_list, "小林", "陈部长", AuditAction.EMERGENCY_UNLISTED),
    "a turn of duty": (turn_of_duty, "小林", "陈部长", AuditAction.DUTY_CLEARED),
    "an absence": (absence, "小林", "小赵", AuditAction.ABSENCE_WITHDRAWN),
    "a usual reason": (usual_reason, "陈部长", "老李", AuditAction.REASON_RETIRED),
    "a sensitive date": (sensitive_date, "陈部长", "小林", AuditAction.SENSITIVE_DATE_CHANGED),
}


@pytest.mark.parametrize("what", TAKEN_BACK)
def test_what_two_people_take_back_is_taken_back_once(office: Office, what: str) -> None:
    entered, first, second, recorded_as = TAKEN_BACK[what]
    take_back = entered(office)

    refusal = together(office, (first, take_back), (second, take_back))

    assert (type(refusal), lines_of(office, recorded_as)) == (NotFound, 1 + (recorded_as in ENTERED_AS_WELL))


ENTERED_AS_WELL = (AuditAction.SENSITIVE_DATE_CHANGED,)
"""Acts whose line in the trail is the same for what is entered and what is taken back."""


def test_a_unit_that_confirms_while_the_results_are_published_is_told(office: Office) -> None:
    campaign = begin(office)
    office.later(days=60)  # after the window: nobody answered
    given = annual_review(office, "测试大学")

    def publish(work: UnitOfWork) -> None:
        annual_reviews.publish(work, campaign_id=campaign.id or 0, seen_version=campaign.version)

    def decide(work: UnitOfWork) -> None:
        row = work.session.get_one(AnnualReview, given.id)
        work.claim(row, given.version, otherwise="刚刚有人办理过。")

    refusal = together(office, ("老李", publish), ("老周", decide))

    assert type(refusal) is StaleState
