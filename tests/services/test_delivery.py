"""The worker, against the platform over HTTP: what goes out, what is never done twice, what waits for whom."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from sqlmodel import select

from models import (
    Action,
    Draft,
    Heartbeat,
    PublicationState,
    PublicationWay,
    Revision,
    SubmissionState,
    Target,
)
from sandbox import publishing as platform_publishing
from sandbox.records import Account
from sandbox.records import Draft as PlatformDraft
from services import claims, delivery, publication_answers, submissions
from services.claims import LeaseLost
from services.errors import WrongState
from services.ports import NotSent
from tests.office import Office
from tests.press import APP_ID, SECRET, Press, picture_of, running_press
from tests.waiting import until

S = PublicationState
W = PublicationWay
LOST_ANSWERS = (
    "drop-before-commit",
    "drop-after-commit",
    "http=502",
    "http-after-commit=502",
    "errcode-after-commit=-1",
)
TO_THE_END = (10, 30, 60, 60, 120, 180, 600, 1800)
"""Seconds to let pass until every reading of a doubt, and every question how it ended, has had its turn."""

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def work_to_the_end(press: Press) -> None:
    for seconds in TO_THE_END:
        press.work()
        press.office.later(seconds=seconds)
    press.work()


def only_draft(press: Press) -> PlatformDraft:
    (draft,) = press.platform.drafts
    return draft


# --- The ways --------------------------------------------------------------------------------------------


def test_an_approved_item_is_drafted_submitted_and_found_live(press: Press) -> None:
    publication_id = press.to_wechat()

    press.work()
    assert press.state(publication_id) is S.ACCEPTED
    press.work_for(seconds=10)

    row = press.row(publication_id)
    assert row.state is S.LIVE
    assert press.platform.summary()["publications"][0]["urls"] == [row.url]
    assert press.office.stored(row.submission_id).state is SubmissionState.PUBLISHED
    assert press.calls(publication_id) == [
        ("material/add_material", "ok"),
        ("draft/add", "ok"),
        ("draft/get", "ok"),
        ("freepublish/submit", "ok"),
        ("freepublish/get", "ok"),
    ]


@sqlite_is_enough
def test_a_draft_waits_for_a_person_and_is_found_when_it_was_sent(press: Press) -> None:
    publication_id = press.to_wechat(W.DRAFT)
    press.work()
    waiting = press.row(publication_id)

    school = Account(APP_ID, SECRET)
    platform_publishing.submit(press.platform, school, waiting.media_id)
    press.work_for(minutes=5)

    assert (waiting.state, press.asked("freepublish/submit")) == (S.NEEDS_PERSON, 0)
    assert press.state(publication_id) is S.LIVE


@sqlite_is_enough
def test_a_draft_that_was_sent_to_followers_by_hand_is_asked_about(press: Press) -> None:
    publication_id = press.to_wechat(W.DRAFT)
    press.work()
    press.platform.drafts.drop(only_draft(press).media_id)

    press.work_for(minutes=5)

    row = press.row(publication_id)
    assert row.state is S.NEEDS_PERSON
    assert row.failure.startswith("草稿已不在公众号草稿箱里")


@sqlite_is_enough
def test_a_person_may_let_the_worker_look_at_once(press: Press) -> None:
    publication_id = press.to_wechat(W.DRAFT)
    press.work()
    platform_publishing.publish_by_hand(press.platform, only_draft(press), notified=False)

    with press.office.acting_as("小赵") as work:
        publication_answers.look_now(work, publication_id=publication_id)
    press.work()

    assert press.state(publication_id) is S.LIVE
    with pytest.raises(WrongState, match="没有可以核对的"), press.office.acting_as("小赵") as work:
        publication_answers.look_now(work, publication_id=publication_id)


@sqlite_is_enough
def test_an_article_sent_to_all_followers_carries_its_marker_as_the_key(press: Press) -> None:
    publication_id = press.to_wechat(W.MASS)

    press.work()
    press.work_for(seconds=10)

    (sent,) = press.platform.mass_sends
    row = press.row(publication_id)
    assert (row.state, sent.clientmsgid) == (S.LIVE, row.marker)


@sqlite_is_enough
def test_what_is_published_by_hand_makes_no_call(press: Press) -> None:
    publication_id = press.to_wechat(W.MANUAL)

    press.work()

    assert press.state(publication_id) is S.NEEDS_PERSON
    assert press.platform.calls() == []


def test_the_campus_page_carries_its_own_pictures_and_the_next_position(press: Press) -> None:
    office = press.office
    submission_id = office.draft()
    sha256 = picture_of(office, submission_id)
    office_hand_in_with(press, submission_id, f'<p>正文</p><figure><img src="asset:{sha256}" alt=""></figure>')
    first = press.queued(submission_id, Target.SITE)
    second = press.queued(office.approved(), Target.SITE)

    press.work()

    (page, _), (_, around) = press.site.written
    assert [press.row(each).site_position for each in (first, second)] == [1, 2]
    assert [press.state(each) for each in (first, second)] == [S.LIVE, S.LIVE]
    assert f"../pictures/{sha256[:16]}.jpg" in page.body
    assert [each.file_name for each in page.pictures] == [f"{sha256[:16]}.jpg"]
    assert [each.position for each in around.latest] == [1]
    assert office.stored(submission_id).state is SubmissionState.PUBLISHED


def office_hand_in_with(press: Press, submission_id: int, body_html: str) -> None:
    office = press.office
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, submission_id)
        fields = submissions.draft_fields(draft)
        submissions.save_draft(
            work,
            submission_id=submission_id,
            seen_edition=draft.edition,
            draft=replace(fields, body_html=body_html),
        )
    office.hand_in(submission_id)
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.perform(who, action, submission_id)


def attached_and_approved(office: Office) -> tuple[int, str]:
    submission_id = office.draft()
    sha256 = office.attach(submission_id, "获奖名单.txt", "一等奖：三年级".encode())
    office.hand_in(submission_id)
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.perform(who, action, submission_id)
    return submission_id, sha256


def test_the_campus_page_offers_the_attachments_of_the_sealed_version(press: Press) -> None:
    submission_id, sha256 = attached_and_approved(press.office)
    press.queued(submission_id, Target.SITE)

    press.work()

    ((page, _),) = press.site.written
    assert [(each.label, each.file_name, each.content) for each in page.attachments] == [
        ("获奖名单.txt", f"{sha256[:16]}.txt", "一等奖：三年级".encode())
    ]


@pytest.mark.parametrize("target", [Target.WECHAT, Target.SITE])
def test_nothing_goes_out_without_an_attachment_that_was_approved(press: Press, target: Target) -> None:
    submission_id, sha256 = attached_and_approved(press.office)
    publication_id = press.queued(submission_id, target)
    del press.office.assets.files[sha256]

    press.work()

    row = press.row(publication_id)
    assert (row.state, "一个附件缺失或被改动" in row.failure) == (S.FAILED, True)
    assert (press.site.written, press.count("/cgi-bin/draft/add")) == ([], 0)


def test_two_articles_are_never_written_into_the_site_at_once(press: Press) -> None:
    first = press.queued(press.office.approved(), Target.SITE)
    second = press.queued(press.office.approved(), Target.SITE)
    writing = claims.take(press.runtime, worker="w1", patience=1.0)
    assert writing
    writing.move(S.PREPARING)

    press.work_for(seconds=1)
    meanwhile = [article.entry.position for article, _ in press.site.written]
    press.work_for(seconds=30)

    assert meanwhile == []
    assert [article.entry.position for article, _ in press.site.written] == [1, 2]
    assert {press.state(first), press.state(second)} == {S.LIVE}


@sqlite_is_enough
def test_a_picture_wechat_already_holds_is_not_sent_again(press: Press) -> None:
    office = press.office
    for _ in range(2):
        submission_id = office.draft()
        pictures = [picture_of(office, submission_id, seed=seed) for seed in (1, 2, 3)]
        body = "".join(f'<figure><img src="asset:{each}" alt=""></figure>' for each in pictures)
        office_hand_in_with(press, submission_id, f"<p>正文</p>{body}")
        press.queued(submission_id, way=W.DRAFT)

    press.work()

    assert press.asked("media/uploadimg") == 3
    assert press.asked("material/add_material") == 2  # a cover of its own for each publication
    bodies = [draft.articles[0]["content"] for draft in press.platform.drafts]
    assert [body.count('src="http://mmbiz.qpic.cn/') for body in bodies] == [3, 3]


# --- Doubt -----------------------------------------------------------------------------------------------


@sqlite_is_enough
@pytest.mark.parametrize(
    ("way", "call"),
    [
        (W.PUBLISH, "draft/add"),
        (W.PUBLISH, "freepublish/submit"),
        (W.MASS, "draft/add"),
        (W.MASS, "message/mass/sendall"),
    ],
)
def test_a_lost_answer_leads_to_one_draft_and_one_publication(press: Press, way: PublicationWay, call: str) -> None:
    for number, fault in enumerate(LOST_ANSWERS, start=1):
        press.platform.faults.add(f"{call}:{fault}*1")
        publication_id = press.to_wechat(way)

        press.work()
        assert press.state(publication_id) is S.UNKNOWN, fault
        work_to_the_end(press)

        assert press.state(publication_id) is S.LIVE, fault
        assert press.count("draft/add") == number, fault
        assert len(press.platform.publications) == number, fault
        assert len(press.platform.drafts) == 0, fault


@sqlite_is_enough
def test_a_submission_in_doubt_submits_the_same_draft_once_more_and_then_asks_a_person(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:drop-before-commit")
    publication_id = press.to_wechat()

    work_to_the_end(press)

    row = press.row(publication_id)
    assert (row.state, row.calling) == (S.UNKNOWN, "freepublish/submit")
    assert [call for call in press.calls(publication_id) if call[0] in {"draft/add", "freepublish/submit"}] == [
        ("draft/add", "ok"),
        ("freepublish/submit", "unknown"),
        ("freepublish/submit", "unknown"),
    ]
    assert press.asked("freepublish/submit") == 2


@sqlite_is_enough
def test_the_readings_of_a_doubt_are_spaced(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:drop-before-commit*1")
    publication_id = press.to_wechat()
    press.work()
    asked = []

    for seconds in (44, 1, 119, 1, 599):
        press.work_for(seconds=seconds)
        asked.append(press.asked("draft/get"))

    assert asked == [1, 2, 2, 3, 3]  # one to verify the draft before it was submitted
    assert press.asked("freepublish/submit") == 1
    press.work_for(seconds=1)
    assert press.asked("freepublish/submit") == 2
    assert press.state(publication_id) is S.ACCEPTED


@sqlite_is_enough
def test_a_job_that_takes_minutes_is_not_submitted_a_second_time(press: Press) -> None:
    """Its draft stays in the box until the platform is done: still there does not mean that it was never submitted."""
    press.platform.settings = replace(press.platform.settings, publish_delay=300)
    press.platform.faults.add("freepublish/submit:drop-after-commit*1")
    publication_id = press.to_wechat()

    work_to_the_end(press)

    assert press.state(publication_id) is S.LIVE
    assert press.asked("freepublish/submit") == 1
    assert len(press.platform.publications) == 1


@sqlite_is_enough
def test_a_mass_send_is_not_repeated_after_wechat_has_forgotten_its_key(press: Press) -> None:
    press.platform.faults.add("message/mass/sendall:drop-after-commit*1")
    press.to_wechat(W.MASS)
    press.work()

    press.work_for(hours=24)

    assert press.asked("message/mass/sendall") == 1


@sqlite_is_enough
def test_a_job_wechat_never_speaks_of_again_is_polled_within_its_budget(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:outcome=1")
    publication_id = press.to_wechat()
    press.work()
    polled = []

    for seconds in (10, 30, 60, 180, 600, 1800, 7200, 86400):
        press.work_for(seconds=seconds - 1)
        before = press.asked("freepublish/get")
        press.work_for(seconds=1)
        polled.append((before, press.asked("freepublish/get")))

    assert polled == [(number, number + 1) for number in range(8)]
    assert press.state(publication_id) is S.UNKNOWN


# --- Refusals --------------------------------------------------------------------------------------------


@sqlite_is_enough
@pytest.mark.parametrize(
    ("errcode", "state"),
    [(48001, S.NEEDS_PERSON), (45003, S.FAILED), (53503, S.NEEDS_PERSON), (45009, S.QUEUED), (45011, S.QUEUED)],
)
def test_a_refusal_is_kept_in_the_offices_words_with_the_raw_answer(
    press: Press, errcode: int, state: PublicationState
) -> None:
    press.platform.faults.add(f"freepublish/submit:errcode={errcode}*1")
    publication_id = press.to_wechat()

    press.work()

    row = press.row(publication_id)
    assert (row.state, row.failure_code, row.calling) == (state, str(errcode), None)
    assert row.failure.endswith("。")
    assert f"errcode {errcode}" in row.failure_raw
    assert "rid: " in row.failure_raw


@sqlite_is_enough
def test_what_was_refused_for_now_goes_out_later_with_the_same_draft(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:errcode=45011*2")
    publication_id = press.to_wechat()

    work_to_the_end(press)

    assert press.state(publication_id) is S.LIVE
    assert press.count("draft/add") == 1


@sqlite_is_enough
def test_a_used_up_quota_waits_until_after_midnight_in_beijing(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:errcode=45009*1")
    publication_id = press.to_wechat()

    press.work()

    assert press.row(publication_id).run_after == datetime(2026, 11, 23, 16, 5, tzinfo=UTC)


@sqlite_is_enough
def test_a_publication_the_platform_rejects_is_not_tried_again(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:outcome=4")
    publication_id = press.to_wechat()

    work_to_the_end(press)

    row = press.row(publication_id)
    assert (row.state, row.failure_code) == (S.FAILED, "platform_rejected")
    assert press.asked("freepublish/submit") == 1


@sqlite_is_enough
def test_a_site_that_cannot_be_written_is_tried_again(press: Press) -> None:
    press.site.failures = [NotSent("disk full")]
    publication_id = press.queued(press.office.approved(), Target.SITE)
    press.work()
    first = press.row(publication_id)

    press.work_for(seconds=30)

    assert (first.state, first.failure_code, first.failure_raw) == (S.QUEUED, "not_reached", "disk full")
    assert first.failure == "暂时连不上或写不进校园网站，还没有发出任何内容，系统会自动再试。"
    assert press.state(publication_id) is S.LIVE


@sqlite_is_enough
def test_what_is_never_reached_is_given_up_with_nothing_sent(press: Press) -> None:
    press.site.failures = [NotSent("disk full")] * 8
    publication_id = press.queued(press.office.approved(), Target.SITE)

    for _ in range(8):
        press.work_for(minutes=30)

    row = press.row(publication_id)
    assert row.state is S.FAILED
    assert "多次重试都没有成功" in row.failure
    assert "再点“重试”" in row.failure
    assert press.site.written == []


# --- The seal --------------------------------------------------------------------------------------------


def test_content_changed_after_it_was_queued_does_not_go_out(press: Press) -> None:
    publication_id = press.to_wechat()
    with press.office.as_system() as work:
        revision = work.session.get_one(Revision, press.row(publication_id).revision_id)
        revision.title = "通过之后改的标题"

    press.work()

    row = press.row(publication_id)
    assert (row.state, row.failure_code) == (S.FAILED, "seal_broken")
    assert press.platform.calls() == []


@sqlite_is_enough
def test_a_picture_changed_on_disk_does_not_go_out(press: Press) -> None:
    publication_id = press.to_wechat()
    press.office.assets.files.clear()

    press.work()

    assert press.row(publication_id).failure_code == "seal_broken"
    assert press.platform.calls() == []


@sqlite_is_enough
def test_a_draft_changed_on_the_platform_is_not_submitted(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:errcode=45011*1")
    publication_id = press.to_wechat()
    press.work()
    draft = only_draft(press)
    draft.articles[0]["content"] = draft.articles[0]["content"].replace("六十余名", "六百余名")
    press.platform.drafts.put(draft)

    press.work_for(seconds=30)

    row = press.row(publication_id)
    assert (row.state, row.failure_code, row.media_id) == (S.FAILED, "draft_changed", None)
    assert "（正文）" in row.failure
    assert press.count("freepublish/submit") == 0


@sqlite_is_enough
def test_a_draft_handed_out_escaped_and_without_what_nobody_sees_is_the_approved_one(press: Press) -> None:
    press.platform.faults.add("freepublish/submit:errcode=45011*1")
    publication_id = press.to_wechat()
    press.work()
    draft = only_draft(press)
    article = draft.articles[0]
    article["title"] = "".join(f"&#{ord(letter)};" for letter in article["title"])
    article["content"] = article["content"].replace("六十余名", "六十\u200d余\u00ad名")
    press.platform.drafts.put(draft)

    press.work_for(seconds=60)

    assert press.row(publication_id).failure_code == ""
    assert press.count("freepublish/submit") == 1


@sqlite_is_enough
def test_what_the_office_withdrew_meanwhile_does_not_go_out(press: Press) -> None:
    publication_id = press.to_wechat()
    press.office.perform("老李", Action.WITHDRAW, press.row(publication_id).submission_id, "活动取消")

    press.work()

    assert press.state(publication_id) is S.FAILED
    assert press.platform.calls() == []


# --- Time ------------------------------------------------------------------------------------------------


@sqlite_is_enough
@pytest.mark.parametrize(
    ("late", "state"),
    [(timedelta(seconds=-1), S.QUEUED), (timedelta(hours=2), S.LIVE), (timedelta(hours=2, seconds=1), S.MISSED)],
)
def test_a_fixed_time_is_kept_within_two_hours_or_missed(
    press: Press, late: timedelta, state: PublicationState
) -> None:
    at = press.office.now + timedelta(hours=5)
    publication_id = press.queued(press.office.approved(), Target.SITE, at=at)

    press.office.now = at + late
    press.work()

    assert press.state(publication_id) is state


@pytest.fixture
def watch(press: Press, monkeypatch: pytest.MonkeyPatch) -> Watch:
    made = Watch(press.office)
    monkeypatch.setattr(delivery, "time", made)
    return made


class Watch:
    """The `time` of a worker whose sleep is over at once: only the office's clock is so much later."""

    def __init__(self, office: Office) -> None:
        self._office, self._began = office, office.now

    def monotonic(self) -> float:
        return (self._office.now - self._began).total_seconds()

    def sleep(self, seconds: float) -> None:
        self._office.later(seconds=seconds)


@pytest.mark.usefixtures("watch")
def test_run_once_works_to_the_end_and_counts(press: Press) -> None:
    live = press.to_wechat()
    waiting = press.to_wechat(W.DRAFT)
    tomorrow = press.queued(press.office.approved(), at=press.office.now + timedelta(days=1))

    tally = delivery.run_once(press.runtime, wait=timedelta(seconds=20))

    assert tally == delivery.Tally(handled=2, live=1, failed=0, unknown=0, needs_person=1)
    assert [press.state(each) for each in (live, waiting, tomorrow)] == [S.LIVE, S.NEEDS_PERSON, S.QUEUED]


@sqlite_is_enough
def test_run_once_does_not_wait_longer_than_it_may(press: Press, watch: Watch) -> None:
    press.platform.faults.add("freepublish/submit:outcome=1")
    publication_id = press.to_wechat()

    delivery.run_once(press.runtime, wait=timedelta(seconds=30))

    # It asks after ten seconds, and not once more after another thirty.
    assert (press.asked("freepublish/get"), press.state(publication_id)) == (1, S.ACCEPTED)
    assert 10 <= watch.monotonic() <= 30


@sqlite_is_enough
def test_a_worker_in_the_background_gives_signs_of_life_until_it_is_stopped(press: Press) -> None:
    publication_id = press.queued(press.office.approved(), Target.SITE)
    worker = delivery.Worker(press.runtime)

    worker.start()
    until(lambda: press.state(publication_id) is S.LIVE)
    worker.stop()

    with press.office.reading() as session:
        assert session.exec(select(Heartbeat.at)).all() == [press.office.now]


# --- Leases ----------------------------------------------------------------------------------------------


def test_a_publication_is_in_the_hands_of_one_worker(press: Press) -> None:
    ids = {press.to_wechat(W.DRAFT) for _ in range(4)}
    taken: list[int] = []

    def take_two() -> None:
        for _ in range(2):
            claim = claims.take(press.runtime, worker="w", patience=1.0)
            assert claim is not None
            taken.append(claim.publication.id or 0)

    threads = [threading.Thread(target=take_two) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(taken) == sorted(ids)
    assert claims.take(press.runtime, worker="w", patience=1.0) is None


def test_what_a_dead_worker_was_calling_is_in_doubt(press: Press) -> None:
    publication_id = press.to_wechat()
    dead = claims.take(press.runtime, worker="w1", patience=1.0)
    assert dead
    dead.move(S.PREPARING)
    with dead.creating("draft/add"):
        pass  # it was answered, but the worker died before it could write the answer

    press.work_for(seconds=31)
    in_doubt = press.row(publication_id)
    work_to_the_end(press)

    assert (in_doubt.state, in_doubt.calling) == (S.UNKNOWN, "draft/add")
    assert press.calls(publication_id)[0] == ("draft/add", "unknown")
    assert press.state(publication_id) is S.LIVE
    assert press.count("draft/add") == 1


@sqlite_is_enough
def test_what_a_dead_worker_had_not_begun_to_send_simply_goes_on(press: Press) -> None:
    publication_id = press.to_wechat()
    dead = claims.take(press.runtime, worker="w1", patience=1.0)
    assert dead
    dead.move(S.PREPARING)

    press.work_for(seconds=29)
    held = press.state(publication_id)
    press.work_for(seconds=2)

    assert held is S.PREPARING
    assert press.state(publication_id) is S.ACCEPTED


def test_a_worker_that_lost_its_lease_writes_nothing(press: Press) -> None:
    publication_id = press.to_wechat()
    slow = claims.take(press.runtime, worker="w1", patience=1.0)
    assert slow
    press.work_for(seconds=31)

    with pytest.raises(LeaseLost):
        slow.move(S.PREPARING)

    assert press.state(publication_id) is S.ACCEPTED


@sqlite_is_enough
def test_a_living_worker_keeps_its_lease(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    publication_id = press.to_wechat()
    lease = timedelta(seconds=0.3)
    monkeypatch.setattr(claims, "SHORTEST_LEASE", lease)
    claim = claims.take(press.runtime, worker="w1", patience=0.01)
    assert claim

    with claim.kept_alive():
        for _ in range(3):
            press.office.later(seconds=0.2)
            until(lambda: press.row(publication_id).lease_until == press.office.now + lease, "never renewed")

    assert claims.take(press.runtime, worker="w2", patience=0.01) is None
    press.office.later(seconds=0.4)
    assert claims.take(press.runtime, worker="w2", patience=0.01) is not None


@sqlite_is_enough
def test_what_kills_its_worker_again_and_again_is_given_up(press: Press) -> None:
    publication_id = press.to_wechat()

    for _ in range(9):
        claims.take(press.runtime, worker="w1", patience=1.0)
        press.office.later(seconds=31)
    press.work()

    assert press.row(publication_id).failure_code == "worker_died"
