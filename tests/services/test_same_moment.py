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
    Department,
    DepartmentKind,
    DutyTurn,
    EmergencyPerson,
    Exemption,
    LeaderTerm,
    LexiconEntry,
    Occasion,
    OfficialAccount,
    PersonRole,
    PictureConsent,
    Publication,
    PublicationWay,
    PublishingStop,
    Record,
    Role,
    SubmissionState,
    Target,
)
from services import (
    annual_reviews,
    archive_packets,
    audit,
    campus_sign_in,
    checklist,
    consents,
    delegations,
    departments,
    duty,
    emergencies,
    exemptions,
    layouts,
    lexicon,
    occasions,
    passwords,
    people,
    publishing,
    publishing_stops,
    reasons,
    sensitive_dates,
    submissions,
    training,
)
from services.account_files import GivenFile
from services.errors import ChecksFailed, InvalidInput, NotFound, Refusal, StaleState, WrongState
from services.lexicon import EntryFields
from services.occasions import OccasionFields
from services.queries import standings
from services.rules.office_time import office_day
from services.rules.sensitive_dates import Sensitive
from services.screening.roster import Leader
from services.unit_of_work import UnitOfWork
from tests.office import Office
from tests.press import running_press
from tests.services.test_annual_reviews import begin
from tests.services.test_annual_reviews import review as annual_review
from tests.services.test_consents import asset_of, link, pictured, recorded
from tests.waiting import until

Act = Callable[[UnitOfWork], object]
Change = Callable[[UnitOfWork, str, int | None], int]
"""Enters a row with some words, or writes them into the row of this number as it was when it was entered."""

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


def test_a_consent_is_taken_off_a_picture_once(office: Office) -> None:
    submission_id, consent_id = pictured(office), recorded(office)
    link(office, submission_id, consent_id)
    asset_id = asset_of(office, submission_id)
    office.hand_in(submission_id)

    def unlink(work: UnitOfWork) -> None:
        consents.unlink(work, asset_id=asset_id, consent_id=consent_id)

    refusal = together(office, ("小赵", unlink), ("老李", unlink))

    assert refusal is not None
    assert refusal.sentence == "这张图片没有关联这份授权，请刷新页面。"
    assert lines_of(office, AuditAction.CONSENT_UNLINKED) == 1


def test_a_link_stays_where_the_consent_is_withdrawn_at_the_same_moment(office: Office) -> None:
    """The withdrawal finds the pictures it stops by their links."""
    submission_id, consent_id = pictured(office), recorded(office)
    link(office, submission_id, consent_id)
    asset_id = asset_of(office, submission_id)

    refusal = together(
        office,
        ("老李", lambda work: consents.withdraw(work, consent_id=consent_id, reason="家长来电要求撤回")),
        ("小王", lambda work: consents.unlink(work, asset_id=asset_id, consent_id=consent_id)),
    )

    assert refusal is not None
    assert refusal.sentence.endswith("的肖像授权已撤回，关联须保留：请换图或打码。")
    with office.reading() as session:
        assert session.get(PictureConsent, (asset_id, consent_id)) is not None


def test_a_picture_is_not_linked_to_a_consent_that_is_withdrawn_at_the_same_moment(office: Office) -> None:
    asset_id, consent_id = asset_of(office, pictured(office)), recorded(office)

    refusal = together(
        office,
        ("老李", lambda work: consents.withdraw(work, consent_id=consent_id, reason="家长来电要求撤回")),
        ("小王", lambda work: consents.link(work, asset_id=asset_id, consent_id=consent_id)),
    )

    assert refusal is not None
    assert refusal.sentence.endswith("的肖像授权已撤回，这张图片不能使用：请换图或打码。")


def test_a_queue_is_diverted_once(office: Office) -> None:
    with running_press(office) as press:
        publication_id = press.to_wechat()

    def divert_to(way: PublicationWay) -> Act:
        return lambda work: publishing.divert(
            work, office.box, account_id=office.account_id, held=PublicationWay.PUBLISH, way=way
        )

    with office.acting_as("小林") as work:
        people.grant_role(
            work, person_id=office.people["老周"], role=Role.PUBLISHER, starts_on=office_day(office.now), ends_on=None
        )
    refusal = together(office, ("小赵", divert_to(PublicationWay.DRAFT)), ("老周", divert_to(PublicationWay.MANUAL)))

    with office.reading() as session:
        assert session.get_one(Publication, publication_id).way is PublicationWay.DRAFT
    assert refusal is not None
    assert refusal.sentence == "没有任务在等这种方式了：刚刚可能已由别人改了去向，或已经发出。请刷新页面查看。"


def test_nobody_comes_into_a_unit_that_is_closed_at_the_same_moment(office: Office) -> None:
    with office.acting_as("小林") as work:
        unit_id = departments.create(work, name="校史馆", kind=DepartmentKind.ADMIN_DEPARTMENT).id or 0

    refusal = together(
        office,
        ("小林", lambda work: departments.disable(work, department_id=unit_id)),
        (
            "小林",
            lambda work: people.create_person(
                work, username="newcomer", name="新人", department_id=unit_id, roles=(), password_hash=passwords.NONE
            ),
        ),
    )

    assert refusal is not None
    assert refusal.sentence == "这个部门不存在或已停用，请另选一个。"


def test_a_campus_identity_is_parted_once(office: Office) -> None:
    with office.acting_as("小林") as work:
        linked = campus_sign_in.link(work, person_id=office.people["小王"], issuer="https://sso.example", subject="7")
        identity_id = linked.id or 0

    def part(work: UnitOfWork) -> None:
        campus_sign_in.unlink(work, identity_id=identity_id)

    refusal = together(office, ("小林", part), ("小林", part))

    assert refusal is not None
    assert refusal.sentence == "这个关联刚刚被解除，请刷新页面。"
    assert lines_of(office, AuditAction.IDENTITY_UNLINKED) == 1


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


def test_a_training_clicked_twice_is_entered_once_and_struck_out_once(office: Office) -> None:
    today, person_id = office_day(office.now), office.people["小赵"]

    def enter(work: UnitOfWork) -> None:
        training.enter(work, person_id=person_id, subject="保密教育", done_on=today)

    def strike(work: UnitOfWork) -> None:
        training.strike(work, training_id=1, reason="登记到了别人名下")

    refusals = [type(together(office, ("小林", act), ("陈部长", act))) for act in (enter, strike)]

    assert refusals == [InvalidInput, WrongState]
    entered = (AuditAction.TRAINING_ENTERED, AuditAction.TRAINING_STRUCK)
    assert [lines_of(office, action) for action in entered] == [1, 1]


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


def template(office: Office) -> tuple[int, Change]:
    def change(work: UnitOfWork, words: str, row_id: int | None) -> int:
        fields = OccasionFields("答辩公告", hint=words, body_html="<p>XX</p>")
        return occasions.save(work, fields=fields, occasion_id=row_id, seen_version=1).id or 0

    with office.acting_as("小林") as work:
        return change(work, "名单只留必要信息", None), change


def entry(office: Office) -> tuple[int, Change]:
    def change(work: UnitOfWork, words: str, row_id: int | None) -> int:
        fields = EntryFields("测试大学堂", "school", suggestion=words, reason="校名")
        return lexicon.save_entry(work, fields, entry_id=row_id, seen_version=1).id or 0

    with office.acting_as("小林") as work:
        return change(work, "请用全称", None), change


def post(office: Office) -> tuple[int, Change]:
    def change(work: UnitOfWork, words: str, row_id: int | None) -> int:
        return lexicon.save_leader(work, Leader("徐远征", words, 1), leader_id=row_id, seen_version=1).id or 0

    with office.acting_as("小林") as work:
        return change(work, "党委书记", None), change


def unit(office: Office) -> tuple[int, Change]:
    def change(work: UnitOfWork, words: str, row_id: int | None) -> int:
        kind = DepartmentKind.ADMIN_DEPARTMENT
        return departments.change(work, department_id=row_id or 0, seen_version=1, name=words, kind=kind).id or 0

    with office.acting_as("小林") as work:
        people.grant_role(
            work, person_id=office.people["陈部长"], role=Role.ADMIN, starts_on=office_day(office.now), ends_on=None
        )
    return office.departments["教务处"], change


KEPT_BY_TWO: dict[str, tuple[Callable[[Office], tuple[int, Change]], type[Record], str, str]] = {
    "a template": (template, Occasion, "hint", "请先复制您填写的内容"),
    "an entry of the term list": (entry, LexiconEntry, "suggestion", "请先复制您填写的内容"),
    "a leader's post": (post, LeaderTerm, "post", "没有覆盖它"),
    "a department's name": (unit, Department, "name", "您填写的还在"),
}


@pytest.mark.parametrize("what", KEPT_BY_TWO)
def test_of_two_who_change_the_same_the_second_overwrites_nothing(office: Office, what: str) -> None:
    entered, table, column, said = KEPT_BY_TWO[what]
    row_id, change = entered(office)

    refusal = together(
        office,
        ("小林", lambda work: change(work, "第一个人写的", row_id)),
        ("陈部长", lambda work: change(work, "第二个人写的", row_id)),
    )

    with office.reading() as session:
        kept = session.get_one(table, row_id)
        assert (getattr(kept, column), getattr(kept, "version")) == ("第一个人写的", 2)  # noqa: B009  # of three tables
    assert type(refusal) is StaleState
    assert said in refusal.sentence


def test_of_two_who_choose_the_look_of_an_account_the_second_is_told(office: Office) -> None:
    def choose(theme: str) -> Act:
        return lambda work: layouts.set_theme(work, account_id=office.account_id, seen_version=1, theme=theme)

    refusal = together(office, ("老李", choose("band")), ("小林", choose("campus")))

    with office.reading() as session:
        account = session.get_one(OfficialAccount, office.account_id)
    assert (type(refusal), account.theme, account.version) == (StaleState, "band", 2)


def test_an_entry_is_retired_once_and_a_leader_leaves_once(office: Office) -> None:
    entry_id, _ = entry(office)
    leader_id, _ = post(office)

    def retire(work: UnitOfWork) -> None:
        lexicon.retire(work, entry_id=entry_id, seen_version=1, reason="误报太多")

    def leave(work: UnitOfWork) -> None:
        lexicon.end_term(work, leader_id=leader_id, seen_version=1)

    refusals = [together(office, ("小林", act), ("陈部长", act)) for act in (retire, leave)]

    assert [type(each) for each in refusals] == [StaleState, StaleState]
    changes = (AuditAction.LEXICON_CHANGED, AuditAction.ROSTER_CHANGED)
    assert [lines_of(office, action) for action in changes] == [2, 2]


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
