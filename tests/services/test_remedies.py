"""发布后的处置: two people, a clock, evidence first, each copy changed once, and what becomes of the item."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import stamina
from sqlmodel import col, select

from models import (
    Action,
    AuditAction,
    DeedKind,
    DeedState,
    Notice,
    NoticeKind,
    ProofOccasion,
    ProofRead,
    ProofVerdict,
    PublicationState,
    PublicationWay,
    Remedy,
    RemedyAction,
    RemedyDeed,
    RemedyKind,
    RemedyReason,
    RemedyState,
    Revision,
    Role,
    Severity,
    SubmissionState,
    Target,
)
from sandbox import publishing as platform_publishing
from services import (
    claims,
    delegations,
    proof_watch,
    proofs,
    publication_answers,
    remedies,
    remedy_delivery,
    submissions,
)
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, Refusal, StaleState, WrongState
from services.ports import NotSent
from services.queries import remedies as reads
from services.remedies import Proposal
from services.rules.office_time import office_day
from services.rules.remedy_steps import PROPOSES, Limits, changed_characters, fault_of
from services.unit_of_work import UnitOfWork
from tests.documents import photograph
from tests.office import CAST, Office
from tests.press import Press, running_press

A, D, K, S, W = RemedyAction, DeedState, RemedyKind, PublicationState, PublicationWay
WECHAT, SITE = Target.WECHAT, Target.SITE
WRONG_FIGURE = Proposal(
    kind=K.CORRECT, reason=RemedyReason.FACTUAL, facts="人数有误，教务处来电。", wrong="六十余名", right="五十余名"
)
TAKE_DOWN = Proposal(
    kind=K.TAKE_DOWN, reason=RemedyReason.PRIVACY, severity=Severity.SEVERE, facts="照片里有学生身份证号。"
)

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def item_of(press: Press, live: dict[Target, int]) -> int:
    return press.row(next(iter(live.values()))).submission_id


def propose(press: Press, item: int, proposal: Proposal, who: str = "小赵") -> int:
    with press.office.acting_as(who) as work:
        return remedies.propose(work, submission_id=item, proposal=proposal).id or 0


def decide(
    press: Press, remedy_id: int, who: str = "陈部长", action: RemedyAction = A.CONFIRM, answer: str = ""
) -> None:
    with press.office.acting_as(who) as work:
        remedies.decide(work, action, remedy_id=remedy_id, seen_version=stored(press, remedy_id).version, answer=answer)


def decided(press: Press, item: int, proposal: Proposal, **values: str) -> int:
    remedy_id = propose(press, item, proposal, **values)
    decide(press, remedy_id)
    return remedy_id


def carried_out(press: Press, seconds: int = 0) -> None:
    press.office.later(seconds=seconds)
    remedy_delivery.do_due(press.runtime)


def stored(press: Press, remedy_id: int) -> Remedy:
    with press.office.reading() as session:
        return session.get_one(Remedy, remedy_id)


def deeds(press: Press, remedy_id: int) -> dict[DeedKind, DeedState]:
    with press.office.reading() as session:
        rows = session.exec(select(RemedyDeed).where(RemedyDeed.remedy_id == remedy_id)).all()
        return {row.kind: row.state for row in rows}


def deed_id(press: Press, remedy_id: int, kind: DeedKind) -> int:
    with press.office.reading() as session:
        row = session.exec(select(RemedyDeed).where(RemedyDeed.remedy_id == remedy_id, RemedyDeed.kind == kind)).one()
        return row.id or 0


# --- Taking down -----------------------------------------------------------------------------------------


def test_two_people_take_an_article_down_everywhere_with_both_copies_kept_first(press: Press) -> None:
    live = press.live()
    item = item_of(press, live)
    remedy_id = propose(press, item, TAKE_DOWN)
    carried_out(press)
    assert [press.state(each) for each in live.values()] == [S.LIVE, S.LIVE]

    decide(press, remedy_id)
    carried_out(press)

    assert {target: press.state(id_) for target, id_ in live.items()} == {WECHAT: S.REMOVED, SITE: S.REMOVED}
    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.DONE, DeedKind.TOMBSTONE: D.DONE}
    assert stored(press, remedy_id).state is RemedyState.DONE
    assert [each.deleted for each in press.platform.publications] == [True]
    ((tombstone, around),) = press.site.buried
    assert tombstone.sentence == "本文已由学校宣传部下架。"
    assert (len(tombstone.picture_files), list(around.latest)) == (1, [])
    with press.office.reading() as session:
        kept = session.exec(select(ProofRead).where(ProofRead.occasion == ProofOccasion.EVIDENCE)).all()
    assert [each.verdict for each in kept] == [ProofVerdict.SAME, ProofVerdict.SAME]
    assert all("六十余名" in press.office.assets.get(each.capture_sha256 or "").decode() for each in kept)
    steps = [
        details["action"]
        for action, _, details in press.office.trail("submission", item)
        if "remedy" in details and action is AuditAction.REMEDY_MOVED
    ]
    assert steps == ["propose", "confirm", "finish"]


@pytest.mark.parametrize(
    ("severity", "minutes"), [(Severity.MINOR, 1440), (Severity.MAJOR, 120), (Severity.SEVERE, 30)]
)
@sqlite_is_enough
def test_the_clock_to_containment_runs_from_the_proposal(press: Press, severity: Severity, minutes: int) -> None:
    live = press.live(SITE)

    remedy = stored(press, propose(press, item_of(press, live), replace(TAKE_DOWN, severity=severity)))

    assert remedy.due_at - remedy.proposed_at == timedelta(minutes=minutes)


@sqlite_is_enough
def test_what_was_still_queued_of_a_version_that_is_taken_down_does_not_go_out(press: Press) -> None:
    live = press.live(WECHAT)
    item = item_of(press, live)
    later = press.queued(item, SITE, at=press.office.now + timedelta(hours=3))

    decided(press, item, TAKE_DOWN)
    carried_out(press)
    press.work_for(hours=4)

    assert (press.state(later), press.row(later).failure_code) == (S.FAILED, "cancelled")
    with pytest.raises(WrongState, match="已决定下架"):
        press.queued(item, SITE)


@sqlite_is_enough
def test_the_site_alone_is_taken_down_and_wechat_stays(press: Press) -> None:
    live = press.live()

    decided(press, item_of(press, live), replace(TAKE_DOWN, kind=K.SITE_ONLY, note="内容有误，核实后重新刊登。"))
    carried_out(press)

    assert {target: press.state(id_) for target, id_ in live.items()} == {WECHAT: S.LIVE, SITE: S.REMOVED}
    assert press.site.buried[0][0].sentence == "内容有误，核实后重新刊登。"


@sqlite_is_enough
def test_taken_down_to_be_published_again_it_goes_back_to_review_and_needs_a_new_version(press: Press) -> None:
    live = press.live(SITE)
    item = item_of(press, live)
    old = press.office.stored(item)

    decided(press, item, replace(TAKE_DOWN, kind=K.REPUBLISH))
    carried_out(press)

    reopened = press.office.stored(item)
    assert (reopened.state, reopened.seal, reopened.review_round) == (
        SubmissionState.FIRST_REVIEW,
        None,
        old.review_round + 1,
    )
    with press.office.acting_as("老周") as work:
        revision = work.session.get_one(Revision, reopened.revision_id)
        content = revision.model_copy(update={"body_html": revision.body_html.replace("六十余名", "五十余名")})
        submissions.adjust(work, submission_id=item, seen_version=reopened.version, content=content)
    press.office.perform("老李", Action.PASS, item)
    press.office.perform("陈部长", Action.APPROVE, item)
    again = press.queued(item, SITE)
    press.work()
    assert press.state(again) is S.LIVE
    assert "五十余名" in press.site.written[-1][0].body


@sqlite_is_enough
def test_the_same_version_taken_down_does_not_go_out_again(press: Press) -> None:
    live = press.live(SITE)
    item = item_of(press, live)
    decided(press, item, replace(TAKE_DOWN, kind=K.REPUBLISH))
    carried_out(press)
    press.office.perform("老李", Action.PASS, item)
    press.office.perform("陈部长", Action.APPROVE, item)

    with pytest.raises(WrongState, match="这一版已决定下架"):
        press.queued(item, SITE)


# --- At most once ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "calls"),
    [
        ("drop-after-commit", 1),
        ("http-after-commit=502", 1),
        ("errcode-after-commit=-1", 2),
        ("drop-before-commit", 2),
        ("http=502", 2),
        ("errcode=53600", 1),
    ],
)
@sqlite_is_enough
def test_a_deletion_whose_answer_is_lost_is_read_back_before_it_is_repeated(
    press: Press, fault: str, calls: int
) -> None:
    live = press.live(WECHAT)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    press.platform.faults.add(f"freepublish/delete:{fault}*1")

    for seconds in (0, 15, 30, 30):
        carried_out(press, seconds)

    assert press.asked("freepublish/delete") == calls
    assert (press.state(live[WECHAT]), deeds(press, remedy_id)) == (S.REMOVED, {DeedKind.DELETE: D.DONE})


@sqlite_is_enough
def test_a_worker_that_died_in_the_call_is_followed_by_one_that_reads_back(press: Press) -> None:
    live = press.live(WECHAT)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    taken = remedy_delivery._take(press.runtime)
    assert taken
    remedy_delivery._begin_call(press.runtime, taken, remedy_delivery.DELETE)
    with press.platform.transaction():
        (publication,) = press.platform.publications
        platform_publishing.delete_pages(press.platform, publication, index=1)

    carried_out(press)
    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.WAITING}
    carried_out(press, 121)

    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.DONE}
    assert press.asked("freepublish/delete") == 0


@sqlite_is_enough
@pytest.mark.parametrize("errcode", [45009, 48001])
def test_what_the_interface_refuses_waits_for_a_person_at_once(press: Press, errcode: int) -> None:
    live = press.live(WECHAT)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    press.platform.faults.add(f"freepublish/delete:errcode={errcode}")

    carried_out(press)

    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.NEEDS_PERSON}
    with press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=deed_id(press, remedy_id, DeedKind.DELETE))
    assert (press.state(live[WECHAT]), stored(press, remedy_id).state) == (S.REMOVED, RemedyState.DONE)


@sqlite_is_enough
def test_an_article_sent_to_followers_is_deleted_by_the_number_of_its_sending(press: Press) -> None:
    live = press.live(WECHAT, way=W.MASS)
    press.work_for(minutes=1)

    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    for seconds in (0, 30, 30, 30, 30):
        carried_out(press, seconds)

    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.DONE}
    assert press.count("message/mass/delete") == 1


@sqlite_is_enough
def test_without_evidence_nothing_is_changed_until_reading_was_tried_often_enough(press: Press) -> None:
    live = press.live(WECHAT)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    press.platform.faults.add("freepublish/get*:http=502")

    seen = []
    for seconds in (0, 30, 30, 30, 30):
        carried_out(press, seconds)
        seen.append(press.asked("freepublish/delete"))

    assert seen == [0, 0, 0, 0, 1]
    assert deeds(press, remedy_id) == {DeedKind.DELETE: D.DONE}


@sqlite_is_enough
def test_a_site_that_cannot_be_written_is_tried_again_and_then_handed_over(press: Press) -> None:
    live = press.live(SITE)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    press.site.failures = [NotSent("disk full")]
    carried_out(press)
    assert (deeds(press, remedy_id), press.state(live[SITE])) == ({DeedKind.TOMBSTONE: D.WAITING}, S.LIVE)

    carried_out(press, 30)

    assert deeds(press, remedy_id) == {DeedKind.TOMBSTONE: D.DONE}


@sqlite_is_enough
def test_a_page_is_not_rewritten_while_another_article_is_written_into_the_site(press: Press) -> None:
    live = press.live(SITE)
    remedy_id = decided(press, item_of(press, live), TAKE_DOWN)
    press.queued(press.office.approved(), SITE)
    writing = claims.take(press.runtime, worker="w1", patience=1.0)
    assert writing
    writing.move(S.PREPARING)

    carried_out(press)
    meanwhile = deeds(press, remedy_id)
    carried_out(press, 31)

    assert (meanwhile, deeds(press, remedy_id)) == ({DeedKind.TOMBSTONE: D.WAITING}, {DeedKind.TOMBSTONE: D.DONE})


# --- Correcting ------------------------------------------------------------------------------------------


def test_a_correction_rewrites_the_campus_page_and_is_made_by_hand_on_wechat(press: Press) -> None:
    live = press.live()
    item = item_of(press, live)
    remedy_id = decided(press, item, WRONG_FIGURE)

    carried_out(press)

    page = press.site.written[-1][0]
    assert ("五十余名" in page.body, "六十余名" in page.body) == (True, False)
    assert page.notice == "更正：文中“六十余名”应为“五十余名”。（2026年11月23日）"
    assert deeds(press, remedy_id) == {DeedKind.BY_HAND: D.NEEDS_PERSON, DeedKind.REWRITE: D.DONE}
    press.tamper(live[WECHAT], "六十余名", "五十余名")
    with press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=deed_id(press, remedy_id, DeedKind.BY_HAND))
        proofs.ask(work, submission_id=item)
    proof_watch.read_due(press.runtime)

    with press.office.reading() as session:
        rows = session.exec(select(ProofRead).where(ProofRead.occasion == ProofOccasion.ASKED)).all()
    assert [row.verdict for row in rows] == [ProofVerdict.SAME, ProofVerdict.SAME]
    assert stored(press, remedy_id).state is RemedyState.DONE


@sqlite_is_enough
def test_a_page_that_somebody_changed_is_written_again_as_it_was_approved_by_one_person(press: Press) -> None:
    live = press.live()
    item = item_of(press, live)
    decided(press, item, WRONG_FIGURE)
    carried_out(press)
    by_hand = next(each for each, state in all_deeds(press).items() if state is D.NEEDS_PERSON)
    with press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=by_hand)
    press.site.rewrite(press.row(live[SITE]).marker, "三位教师", "十位教师")

    remedy_id = propose(press, item, replace(TAKE_DOWN, kind=K.RESTORE, reason=RemedyReason.TAMPERED))
    carried_out(press)

    page = press.site.written[-1][0]
    assert ("三位教师" in page.body, "五十余名" in page.body) == (True, True)
    assert page.notice == "更正：文中“六十余名”应为“五十余名”。（2026年11月23日）"
    assert (stored(press, remedy_id).state, press.state(live[WECHAT])) == (RemedyState.DONE, S.LIVE)
    evidence = press.office.assets.get(capture_of(press, remedy_id))
    assert "十位教师" in evidence.decode()


def all_deeds(press: Press) -> dict[int, DeedState]:
    with press.office.reading() as session:
        return {row.id or 0: row.state for row in session.exec(select(RemedyDeed)).all()}


def capture_of(press: Press, remedy_id: int) -> str:
    with press.office.reading() as session:
        deed = session.exec(select(RemedyDeed).where(RemedyDeed.remedy_id == remedy_id)).one()
        return session.get_one(ProofRead, deed.evidence_id).capture_sha256 or ""


@sqlite_is_enough
def test_a_notice_of_correction_stands_above_the_page(press: Press) -> None:
    live = press.live(SITE)
    note = replace(WRONG_FIGURE, kind=K.NOTE, note="本文人数以教务处公布的为准。")

    decided(press, item_of(press, live), note)
    carried_out(press)

    page = press.site.written[-1][0]
    assert page.notice == "本文人数以教务处公布的为准。（2026年11月23日）"
    assert "六十余名" in page.body


INCOMPLETE: tuple[tuple[dict[str, object], str, str], ...] = (
    ({"facts": " "}, "facts", "写明情况"),
    ({"wrong": ""}, "wrong", "复制要更正的文字"),
    ({"wrong": "七十余名"}, "wrong", "正文里没有"),
    ({"wrong": "教师"}, "wrong", "出现 3 次"),
    ({"right": "来自全校十二个学院和八个职能部门的五十余名专任"}, "right", "最多改 20 字"),
    ({"kind": K.NOTE}, "note", "写出给读者的更正说明"),
    ({"kind": K.NOTE, "note": "长" * 201}, "note", "最多 200 字"),
    ({"violation_id": 999}, "violation_id", "没有找到所选的违规"),
)


@sqlite_is_enough
def test_an_incomplete_proposal_names_its_field(press: Press) -> None:
    item = item_of(press, press.live(SITE))

    for changes, field, words in INCOMPLETE:
        with pytest.raises(InvalidInput, match=words) as refused:
            propose(press, item, replace(WRONG_FIGURE, **changes))  # type: ignore[arg-type]  # as in the table
        assert refused.value.field == field


@sqlite_is_enough
def test_a_second_correction_is_refused_with_what_is_left(press: Press) -> None:
    live = press.live(SITE)
    item = item_of(press, live)
    decided(press, item, WRONG_FIGURE)
    carried_out(press)

    with pytest.raises(InvalidInput, match="每篇最多更正 1 次"):
        propose(press, item, replace(WRONG_FIGURE, wrong="三位教师", right="四位教师"))


@pytest.mark.parametrize(
    ("wrong", "right", "changed"),
    [("六十余名", "五十余名", 1), ("abc", "abc", 0), ("三位", "", 2), ("在图书馆举办", "在图书馆报告厅举办", 3)],
)
def test_only_what_differs_counts_as_changed(wrong: str, right: str, changed: int) -> None:
    assert changed_characters(wrong, right) == changed


# --- Rights ----------------------------------------------------------------------------------------------


def may(press: Press, name: str, act: Callable[[UnitOfWork], object]) -> str:
    """Empty where the person may, else what they were told. Nothing of it is kept."""
    try:
        with press.office.acting_as(name) as work:
            act(work)
            work.session.rollback()
    except Refusal as refusal:
        return refusal.sentence
    return ""


@sqlite_is_enough
def test_who_may_propose(press: Press) -> None:
    item = item_of(press, press.live(SITE))

    answers = {
        name: may(press, name, lambda work: remedies.propose(work, submission_id=item, proposal=TAKE_DOWN))
        for name, *_ in CAST
    }

    able = {"老李", "老周", "陈部长", "老唐", "小赵", "孙老师", "郭老师"}
    assert {name for name, sentence in answers.items() if not sentence} == able
    assert {sentence for sentence in answers.values() if sentence} == {PROPOSES}


@sqlite_is_enough
@pytest.mark.parametrize(
    ("proposal", "able"),
    [
        (TAKE_DOWN, {"陈部长", "老唐", "孙老师", "郭老师"}),
        (WRONG_FIGURE, {"陈部长", "老唐"}),
    ],
)
def test_who_may_confirm_what_the_publisher_proposed(press: Press, proposal: Proposal, able: set[str]) -> None:
    remedy_id = propose(press, item_of(press, press.live(SITE)), proposal)

    answers = {
        name: may(press, name, lambda work: remedies.decide(work, A.CONFIRM, remedy_id=remedy_id, seen_version=1))
        for name, *_ in CAST
    }

    assert {name for name, sentence in answers.items() if not sentence} == able
    assert answers["小赵"] in {
        "这项处置由您提出，须由另一位同志确认。",
        "更正和说明会改变读者看到的文字，须由终审人确认。",
    }
    assert answers["小吴"].startswith("没有找到")


@sqlite_is_enough
def test_a_deputy_does_not_confirm_what_the_principal_proposed(press: Press) -> None:
    office = press.office
    item = item_of(press, press.live(SITE))
    with office.acting_as("陈部长") as work:
        today = office_day(office.now)
        delegations.delegate(
            work, deputy_id=office.people["老李"], roles=[Role.APPROVER], starts_on=today, ends_on=today, reason="出差"
        )
    remedy_id = propose(press, item, TAKE_DOWN, who="陈部长")

    sentence = may(press, "老李", lambda work: remedies.decide(work, A.CONFIRM, remedy_id=remedy_id, seen_version=1))

    assert sentence == "这项处置由您提出，须由另一位同志确认。"


@sqlite_is_enough
def test_the_proposer_takes_it_back_and_a_second_person_may_refuse_with_a_reason(press: Press) -> None:
    item = item_of(press, press.live(SITE))
    first = propose(press, item, TAKE_DOWN)
    with pytest.raises(WrongState, match="已有一项处置"):
        propose(press, item, TAKE_DOWN, who="老李")
    with pytest.raises(NotAllowed, match="只有提出处置的同志"):
        decide(press, first, who="陈部长", action=A.WITHDRAW)
    decide(press, first, who="小赵", action=A.WITHDRAW)
    second = propose(press, item, TAKE_DOWN)
    with pytest.raises(ReasonRequired):
        decide(press, second, action=A.REFUSE)
    decide(press, second, action=A.REFUSE, answer="证件号已打码，不必下架。")
    carried_out(press)

    assert [stored(press, each).state for each in (first, second)] == [RemedyState.WITHDRAWN, RemedyState.REFUSED]
    assert press.site.buried == []
    with pytest.raises(WrongState, match="不能“确认处置”"):
        decide(press, second)


@sqlite_is_enough
def test_of_two_who_decide_the_second_is_told(press: Press) -> None:
    remedy_id = propose(press, item_of(press, press.live(SITE)), TAKE_DOWN)

    with pytest.raises(StaleState), press.office.acting_as("陈部长") as work:
        remedies.decide(work, A.CONFIRM, remedy_id=remedy_id, seen_version=7)


@sqlite_is_enough
def test_nothing_live_is_nothing_to_do(press: Press) -> None:
    item = press.office.approved()

    with pytest.raises(WrongState, match="没有在任何平台上线"):
        propose(press, item, TAKE_DOWN)
    with pytest.raises(NotFound):
        propose(press, 999, TAKE_DOWN)


@sqlite_is_enough
def test_only_a_publisher_says_that_something_was_done_by_hand_and_only_what_waits(press: Press) -> None:
    live = press.live()
    remedy_id = decided(press, item_of(press, live), WRONG_FIGURE)
    by_hand = deed_id(press, remedy_id, DeedKind.BY_HAND)

    with pytest.raises(WrongState, match="不需要人工登记"), press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=by_hand)
    carried_out(press)
    with pytest.raises(NotAllowed, match="只有发布员"), press.office.acting_as("陈部长") as work:
        remedies.report_done(work, deed_id=by_hand)
    with pytest.raises(NotFound), press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=999)


def handed_over_by_hand(press: Press) -> tuple[int, int, int]:
    """An article that a person put out under a link the machine does not open, to be taken down by a person: its
    publication, the remedy, the deed.
    """
    by_hand = press.queued(press.illustrated(), WECHAT, way=W.MANUAL)
    press.work()
    with press.office.acting_as("小赵") as work:
        publication_answers.settle(work, publication_id=by_hand, live=True, url="https://wx.example.com/s/abc")
    remedy_id = decided(press, press.row(by_hand).submission_id, TAKE_DOWN)
    for _ in range(remedy_delivery.MOST_TRIES):
        carried_out(press, 31)
    return by_hand, remedy_id, deed_id(press, remedy_id, DeedKind.BY_HAND)


def test_what_the_machine_could_not_keep_is_photographed_before_it_is_taken_down(press: Press) -> None:
    by_hand, remedy_id, deed = handed_over_by_hand(press)
    with press.office.reading() as session:
        owed = [
            each.owes_record for line in reads.open_ones(session, press.office.actor("小赵")) for each in line.deeds
        ]

    refused = pytest.raises(ReasonRequired, match="也没有登记截图：请先登记截图；已经来不及的，写明原因。")
    with refused, press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=deed)
    assert (owed, deeds(press, remedy_id), press.state(by_hand)) == ([True], {DeedKind.BY_HAND: D.NEEDS_PERSON}, S.LIVE)
    with press.office.acting_as("小赵") as work:
        photo = photograph(320, 640, seed=5)
        proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=photo, name="截图.jpg")
        remedies.report_done(work, deed_id=deed)

    assert (stored(press, remedy_id).state, press.state(by_hand)) == (RemedyState.DONE, S.REMOVED)
    assert AuditAction.RECORD_MISSING not in [action for action, *_ in press.office.trail("publication", by_hand)]


@sqlite_is_enough
def test_whoever_was_too_late_for_a_record_says_why_and_the_trail_keeps_it(press: Press) -> None:
    by_hand, remedy_id, deed = handed_over_by_hand(press)

    with press.office.acting_as("小赵") as work:
        remedies.report_done(work, deed_id=deed, no_record=" 值班员发现后立即删除，没有截图。 ")

    assert stored(press, remedy_id).state is RemedyState.DONE
    assert [
        (who, details["no_record"])
        for action, who, details in press.office.trail("publication", by_hand)
        if action is AuditAction.RECORD_MISSING
    ] == [("小赵", "值班员发现后立即删除，没有截图。")]


@sqlite_is_enough
def test_those_who_may_confirm_hear_of_a_proposal_and_those_concerned_of_its_end(press: Press) -> None:
    item = item_of(press, press.live(SITE))
    decided(press, item, TAKE_DOWN)
    carried_out(press)

    names = {id_: name for name, id_ in press.office.people.items()}
    with press.office.reading() as session:
        rows = session.exec(select(Notice).where(Notice.kind == NoticeKind.REMEDY).order_by(col(Notice.id))).all()
    told: dict[str, set[str]] = {}
    for row in rows:
        told.setdefault(row.title.rpartition("：")[2], set()).add(names[row.person_id])
    assert told == {
        "待另一人确认": {"陈部长", "老唐", "孙老师", "郭老师"},
        "正在处置": {"小赵", "小王"},
        "已处置": {"小赵", "陈部长", "小王"},
    }


# --- The clock -------------------------------------------------------------------------------------------


@sqlite_is_enough
def test_who_may_act_hears_at_half_of_the_clock_and_at_its_end_once_each(press: Press) -> None:
    item = item_of(press, press.live(SITE))
    propose(press, item, TAKE_DOWN)

    told = []
    for minutes in (14, 1, 1, 14, 1):
        press.office.later(minutes=minutes)
        with press.office.as_system() as work:
            told.append([each.title.rpartition("：")[2] for each in remedies.remind(work)])

    half, whole = [remedies.HALF] * 5, [remedies.WHOLE] * 5
    assert told == [[], half, [], whole, []]


# --- Settings --------------------------------------------------------------------------------------------


@sqlite_is_enough
def test_the_administrator_sets_the_limits_and_nobody_else(office: Office) -> None:
    shorter = Limits(severe_minutes=15)
    with office.acting_as("小林") as work:
        remedies.set_limits(work, limits=shorter)
    with office.reading() as session:
        assert reads.limits(session) == shorter
    with pytest.raises(NotAllowed), office.acting_as("陈部长") as work:
        remedies.set_limits(work, limits=Limits())
    with pytest.raises(InvalidInput, match="问题越重"), office.acting_as("小林") as work:
        remedies.set_limits(work, limits=Limits(severe_minutes=500))
    assert fault_of(Limits(correction_characters=0)) == (
        "correction_characters",
        "“微信发布后更正：最多改动字数”须在 1 到 10080 之间。",
    )
