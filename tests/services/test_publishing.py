"""What a publisher may do about a publication, and what nobody may."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import select

from models import (
    IN_FLIGHT,
    AccountState,
    AuditAction,
    AuditEvent,
    OfficialAccount,
    Publication,
    PublicationState,
    PublicationWay,
    Revision,
    Submission,
    SubmissionState,
    Target,
)
from services import audit, publication_answers, publications, publishing
from services.errors import InvalidInput, NotAllowed, SealBroken, StaleState, WrongState
from services.ports import PublishOutcome, PublishStatus
from services.sealing import fingerprint_of
from services.unit_of_work import UnitOfWork
from tests.office import Office

S = PublicationState
EVERYBODY_ELSE = ("小王", "张处长", "老李", "陈部长", "孙老师", "徐校长", "小林", "小吴")
ON_WECHAT = (Target.WECHAT,)

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tables of states: the rule is in Python, one database shows it."""


def queue(office: Office, submission_id: int, *, who: str = "小赵", **values: object) -> list[Publication]:
    with office.acting_as(who) as work:
        return publishing.queue(work, office.box, submission_id=submission_id, **values)  # type: ignore[arg-type]  # named in each test


def act(
    office: Office, what: Callable[..., Publication], row: Publication, who: str = "小赵", **values: object
) -> None:
    with office.acting_as(who) as work:
        what(work, publication_id=row.id, **values)


def stored(office: Office, row: Publication) -> Publication:
    with office.reading() as session:
        return session.get_one(Publication, row.id)


def put_in_state(office: Office, row: Publication, state: PublicationState, **columns: object) -> None:
    """As a worker would leave it, without the way there."""
    with office.as_system() as work:
        found = work.session.get_one(Publication, row.id)
        for name, value in ({"state": state} | columns).items():
            setattr(found, name, value)


def change_account(office: Office, **columns: object) -> None:
    with office.as_system() as work:
        account = work.session.get_one(OfficialAccount, office.account_id)
        for name, value in columns.items():
            setattr(account, name, value)


# --- Queueing --------------------------------------------------------------------------------------------


def test_an_approved_item_is_queued_for_its_account_and_the_campus_site(office: Office) -> None:
    submission_id = office.approved()

    rows = queue(office, submission_id)

    assert [(each.target, each.way, each.state) for each in rows] == [
        (Target.WECHAT, PublicationWay.DRAFT, S.QUEUED),
        (Target.SITE, PublicationWay.PUBLISH, S.QUEUED),
    ]
    assert {each.seal for each in rows} == {office.stored(submission_id).seal}
    assert len({each.marker for each in rows}) == 2


@sqlite_is_enough
def test_nobody_but_a_publisher_acts_on_publications(office: Office) -> None:
    submission_id = office.approved()
    (row,) = queue(office, submission_id, targets=ON_WECHAT)
    put_in_state(office, row, S.UNKNOWN)

    for who in EVERYBODY_ELSE:
        with pytest.raises(NotAllowed):
            queue(office, submission_id, who=who)
        with pytest.raises(NotAllowed):
            act(office, publication_answers.cancel, row, who)
        with pytest.raises(NotAllowed):
            act(office, publishing.retry, row, who)
        with pytest.raises(NotAllowed):
            act(office, publication_answers.settle, row, who, live=False)
    assert stored(office, row).state is S.UNKNOWN


def test_only_what_passed_every_stage_is_published(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(WrongState, match="部门审签"):
        queue(office, submission_id)


def test_what_differs_from_its_seal_is_not_queued(office: Office) -> None:
    submission_id = office.approved()
    with office.as_system() as work:
        revision = work.session.exec(select(Revision).where(Revision.submission_id == submission_id)).one()
        revision.body_html += "<p>通过之后加的一段。</p>"

    with pytest.raises(SealBroken):
        queue(office, submission_id)


def test_queueing_again_changes_way_and_time_of_what_still_waits(office: Office) -> None:
    submission_id = office.approved()
    (first,) = queue(office, submission_id, targets=ON_WECHAT)
    at = office.now + timedelta(hours=3)

    (again,) = queue(office, submission_id, targets=ON_WECHAT, way=PublicationWay.PUBLISH, at=at)

    assert (again.id, again.marker) == (first.id, first.marker)
    assert (again.way, again.scheduled_for, again.run_after) == (PublicationWay.PUBLISH, at, at)


@sqlite_is_enough
def test_what_is_on_its_way_or_out_is_not_queued_a_second_time(office: Office) -> None:
    submission_id = office.approved()
    (row,) = queue(office, submission_id, targets=ON_WECHAT)

    for state in set(S) - {S.QUEUED, S.FAILED, S.MISSED}:
        put_in_state(office, row, state)
        with pytest.raises(WrongState, match="不能重复排入"):
            queue(office, submission_id, targets=ON_WECHAT)


@sqlite_is_enough
def test_a_second_version_waits_for_the_first(office: Office) -> None:
    submission_id = office.approved()
    (row,) = queue(office, submission_id, targets=ON_WECHAT)
    reapprove_with_a_change(office, submission_id)

    for state in (*IN_FLIGHT, S.LIVE):
        put_in_state(office, row, state)
        with pytest.raises(WrongState, match="另一版"):
            queue(office, submission_id, targets=ON_WECHAT)


def reapprove_with_a_change(office: Office, submission_id: int) -> None:
    with office.as_system() as work:
        submission = work.session.get_one(Submission, submission_id)
        old = work.session.get_one(Revision, submission.sealed_revision_id)
        fields = old.model_dump(exclude={"id", "number"}) | {"number": old.number + 1, "title": "更正后的标题"}
        new = Revision(**fields)
        work.session.add(new)
        work.session.flush()
        submission.sealed_revision_id = submission.revision_id = new.id
        submission.seal = fingerprint_of(new)


def test_an_account_that_is_not_running_publishes_nothing(office: Office) -> None:
    submission_id = office.approved()
    change_account(office, state=AccountState.SUSPENDED)

    with pytest.raises(WrongState, match="暂停运行"):
        queue(office, submission_id)


def test_an_unverified_account_goes_no_further_than_the_draft_box(office: Office) -> None:
    submission_id = office.approved()
    change_account(office, verified=False)

    for way in (PublicationWay.PUBLISH, PublicationWay.MASS):
        with pytest.raises(WrongState, match="存入草稿箱"):
            queue(office, submission_id, way=way)
    assert queue(office, submission_id, way=PublicationWay.DRAFT)[0].way is PublicationWay.DRAFT


def test_an_account_without_credentials_is_published_to_by_hand(office: Office) -> None:
    submission_id = office.approved()
    change_account(office, app_secret_sealed=None)

    with pytest.raises(WrongState, match="人工发布后登记"):
        queue(office, submission_id)
    assert queue(office, submission_id, way=PublicationWay.MANUAL)[0].way is PublicationWay.MANUAL


def test_a_time_that_has_passed_is_refused(office: Office) -> None:
    submission_id = office.approved()

    with pytest.raises(InvalidInput) as refused:
        queue(office, submission_id, at=office.now - timedelta(hours=1))

    assert refused.value.field == "at"


# --- Cancelling, retrying, settling ----------------------------------------------------------------------


def test_a_cancelled_publication_may_be_queued_again(office: Office) -> None:
    submission_id = office.approved()
    (row,) = queue(office, submission_id, targets=ON_WECHAT)

    act(office, publication_answers.cancel, row)
    cancelled = stored(office, row)
    (again,) = queue(office, submission_id, targets=ON_WECHAT)

    assert (cancelled.state, cancelled.failure) == (S.FAILED, "小赵取消了这次发布。")
    assert (again.id, again.state, again.failure) == (row.id, S.QUEUED, "")


@sqlite_is_enough
def test_each_act_of_a_person_belongs_to_its_states(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    cancelled, retried, settled = {S.QUEUED}, {S.FAILED, S.MISSED}, {S.UNKNOWN, S.NEEDS_PERSON}

    for state in S:
        put_in_state(office, row, state)
        if state not in cancelled:
            with pytest.raises(WrongState):
                act(office, publication_answers.cancel, row)
        if state not in retried:
            with pytest.raises(WrongState):
                act(office, publishing.retry, row)
        if state not in settled:
            with pytest.raises(WrongState):
                act(office, publication_answers.settle, row, live=False)
        assert stored(office, row).state is state


def test_what_a_worker_has_in_hand_is_left_to_it(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    held = {"lease_owner": "w1", "lease_until": office.now + timedelta(seconds=30)}

    put_in_state(office, row, S.QUEUED, **held)
    with pytest.raises(StaleState):
        act(office, publication_answers.cancel, row)
    put_in_state(office, row, S.UNKNOWN, **held)
    with pytest.raises(StaleState):
        act(office, publication_answers.settle, row, live=False)


def test_what_the_same_content_would_meet_again_is_not_retried(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    put_in_state(office, row, S.FAILED, failure_code="platform_rejected")

    with pytest.raises(WrongState, match="原样重发"):
        act(office, publishing.retry, row)


def test_a_retry_is_due_at_once(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    put_in_state(office, row, S.FAILED, tries=5, failure_code="48001", failure="没有权限")
    office.later(hours=1)

    act(office, publishing.retry, row)

    again = stored(office, row)
    assert (again.state, again.run_after, again.tries, again.failure) == (S.QUEUED, office.now, 0, "")


def test_a_person_settles_that_an_article_is_live_with_its_address(office: Office) -> None:
    submission_id = office.approved()
    (row,) = queue(office, submission_id, targets=ON_WECHAT)
    put_in_state(office, row, S.UNKNOWN, calling="freepublish/submit")

    with pytest.raises(InvalidInput, match="链接"):
        act(office, publication_answers.settle, row, live=True)
    act(office, publication_answers.settle, row, live=True, url="https://mp.weixin.qq.com/s/abc")

    settled = stored(office, row)
    assert (settled.state, settled.url, settled.calling) == (S.LIVE, "https://mp.weixin.qq.com/s/abc", None)
    assert office.stored(submission_id).state is SubmissionState.PUBLISHED
    assert last_act(office)[0] is AuditAction.POINTS_GIVEN


def test_a_person_settles_that_an_article_is_not_live(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    put_in_state(office, row, S.UNKNOWN, media_id="m", publish_id="1")

    act(office, publication_answers.settle, row, live=False)

    settled = stored(office, row)
    assert (settled.state, settled.media_id, settled.publish_id) == (S.FAILED, None, None)
    assert settled.failure == "小赵核实：没有发出。"
    assert last_act(office) == (AuditAction.PUBLICATION_SETTLED, office.people["小赵"])


def last_act(office: Office) -> tuple[AuditAction, int | None]:
    with office.reading() as session:
        event = session.exec(select(AuditEvent).order_by(AuditEvent.sequence.desc())).first()  # type: ignore[attr-defined]  # SQLModel types columns as values
        assert event
        return event.action, event.actor_id


# --- States ----------------------------------------------------------------------------------------------


def test_a_change_that_the_table_does_not_know_is_a_fault(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)

    with pytest.raises(RuntimeError, match="may not follow"), office.as_system() as work:
        publications.change(work, found(work, row), S.LIVE)

    assert stored(office, row).state is S.QUEUED


def test_every_change_is_in_the_trail_and_the_chain_holds(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    act(office, publication_answers.cancel, row)
    act(office, publishing.retry, row)

    with office.reading() as session:
        acts = session.exec(
            select(AuditEvent.action).where(AuditEvent.subject_type == "publication").order_by(AuditEvent.sequence)  # type: ignore[arg-type]  # SQLModel types columns as values
        ).all()
        assert audit.verify(session).ok
    assert acts == [
        AuditAction.PUBLICATION_QUEUED,
        AuditAction.PUBLICATION_CANCELLED,
        AuditAction.PUBLICATION_QUEUED,
    ]


@sqlite_is_enough
def test_the_platform_says_how_it_ended(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    ended = {}
    for outcome in PublishOutcome:
        put_in_state(office, row, S.ACCEPTED)
        with office.as_system() as work:
            publications.apply_status(work, found(work, row), PublishStatus(outcome))
        ended[outcome] = stored(office, row).state
        put_in_state(office, row, S.ACCEPTED)

    assert ended == {
        PublishOutcome.LIVE: S.LIVE,
        PublishOutcome.IN_PROGRESS: S.ACCEPTED,
        PublishOutcome.ORIGINAL_CLAIM_FAILED: S.FAILED,
        PublishOutcome.FAILED: S.FAILED,
        PublishOutcome.PLATFORM_REJECTED: S.FAILED,
        PublishOutcome.REMOVED: S.REMOVED,
        PublishOutcome.BANNED: S.BANNED,
    }


def test_a_word_that_comes_twice_or_late_changes_nothing(office: Office) -> None:
    (row,) = queue(office, office.approved(), targets=ON_WECHAT)
    put_in_state(office, row, S.ACCEPTED)
    live = PublishStatus(PublishOutcome.LIVE, article_id="a", url="https://mp.weixin.qq.com/s/a")

    with office.as_system() as work:
        words = [live, live, PublishStatus(PublishOutcome.FAILED), PublishStatus(PublishOutcome.IN_PROGRESS)]
        changed = [publications.apply_status(work, found(work, row), each) for each in words]

    assert changed == [True, False, False, False]
    assert stored(office, row).state is S.LIVE


def test_the_item_is_released_when_its_last_publication_is_live(office: Office) -> None:
    submission_id = office.approved()
    wechat, site = queue(office, submission_id)
    put_in_state(office, wechat, S.ACCEPTED)
    put_in_state(office, site, S.PREPARING)

    with office.as_system() as work:
        publications.change(work, found(work, site), S.LIVE)
    assert office.stored(submission_id).state is SubmissionState.APPROVED
    with office.as_system() as work:
        publications.change(work, found(work, wechat), S.LIVE)
    assert office.stored(submission_id).state is SubmissionState.PUBLISHED


def test_a_cancelled_target_does_not_hold_the_release_back(office: Office) -> None:
    submission_id = office.approved()
    wechat, site = queue(office, submission_id)
    act(office, publication_answers.cancel, wechat)
    put_in_state(office, site, S.PREPARING)

    with office.as_system() as work:
        publications.change(work, found(work, site), S.LIVE)

    assert office.stored(submission_id).state is SubmissionState.PUBLISHED


def found(work: UnitOfWork, row: Publication) -> Publication:
    return work.session.get_one(Publication, row.id)


# --- One target now, the other later ---------------------------------------------------------------------


def live(office: Office, row: Publication) -> None:
    put_in_state(office, row, S.PREPARING)
    with office.as_system() as work:
        publications.change(work, found(work, row), S.LIVE)


def test_an_item_that_is_out_in_one_place_may_still_go_to_the_other(office: Office) -> None:
    submission_id = office.approved()
    (site,) = queue(office, submission_id, targets=[Target.SITE])
    live(office, site)
    assert office.stored(submission_id).state is SubmissionState.PUBLISHED

    (wechat,) = queue(office, submission_id)

    assert (wechat.target, wechat.state, wechat.seal) == (Target.WECHAT, S.QUEUED, site.seal)
    live(office, wechat)
    with pytest.raises(WrongState, match="都已上线"):
        queue(office, submission_id)


def test_what_was_called_off_may_be_queued_after_the_other_place_is_live(office: Office) -> None:
    wechat, site = queue(office, office.approved())
    act(office, publication_answers.cancel, wechat)
    live(office, site)

    act(office, publishing.retry, wechat)

    assert stored(office, wechat).state is S.QUEUED


def test_an_empty_choice_of_targets_is_refused_with_its_own_sentence(office: Office) -> None:
    with pytest.raises(InvalidInput, match="至少选择一个发布目标") as refused:
        queue(office, office.approved(), targets=[])

    assert refused.value.field == "targets"
