"""三份一致: copies read back and held against the seal, alarms and who answers them, on time and within the quota."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import stamina
from sqlmodel import col, select

from models import (
    AuditAction,
    Notice,
    NoticeKind,
    ProofOccasion,
    ProofRead,
    ProofVerdict,
    PublicationState,
    PublicationWay,
    Target,
)
from sandbox import publishing as platform_publishing
from services import proof_watch, proofs, publication_answers
from services.errors import InvalidInput, NotAllowed, NotFound, ReasonRequired, UnreadableFile, WrongState
from services.queries import kpi
from services.queries import proofs as reads
from services.queries.kpi import Board, Figure
from services.rules import proof_times
from services.rules.months import Months
from services.rules.remedy_steps import ANSWERS_ALARMS, ASKS_FOR_PROOF
from services.unit_of_work import UnitOfWork
from tests.documents import photograph
from tests.office import CAST, MONDAY_MORNING, Office
from tests.press import Press, running_press

On, V, S, W = ProofOccasion, ProofVerdict, PublicationState, PublicationWay
WECHAT, SITE = Target.WECHAT, Target.SITE
BEFORE = "“11月20日，教务处在图书馆报告厅举办教学经验交流会，六十余名教师参加。”"
ANSWERING = ("陈部长", "老唐", "小赵", "孙老师", "郭老师")

sqlite_is_enough = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def without_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=2):
        yield


@pytest.fixture
def press(office: Office) -> Iterator[Press]:
    with running_press(office) as press:
        yield press


def readings(press: Press, publication_id: int) -> list[tuple[ProofOccasion, ProofVerdict | None]]:
    with press.office.reading() as session:
        rows = session.exec(
            select(ProofRead).where(ProofRead.publication_id == publication_id).order_by(col(ProofRead.id))
        ).all()
        return [(row.occasion, row.verdict) for row in rows]


def last(press: Press, publication_id: int) -> ProofRead:
    newest = select(ProofRead).where(ProofRead.publication_id == publication_id).order_by(col(ProofRead.id).desc())
    with press.office.reading() as session:
        return session.exec(newest.limit(1)).one()


def ask(press: Press, publication_id: int, who: str = "小赵") -> ProofRead:
    with press.office.acting_as(who) as work:
        proofs.ask(work, submission_id=press.row(publication_id).submission_id)
    proof_watch.read_due(press.runtime)
    return last(press, publication_id)


def alarms(press: Press, who: str = "小赵") -> list[int]:
    with press.office.reading() as session:
        return [each.proof.id or 0 for each in reads.alarms(session, press.office.actor(who))]


# --- The calendar ----------------------------------------------------------------------------------------


def test_each_copy_is_read_after_publishing_and_on_days_1_7_and_30(press: Press) -> None:
    live = press.live()

    for days in (0, 0, 1, 1, 6, 23, 30):
        press.office.later(days=days)
        proof_watch.run_once(press.runtime)

    expected = [(each, V.SAME) for each in (On.AFTER, On.DAY_1, On.DAY_7, On.DAY_30)]
    assert {target: readings(press, id_) for target, id_ in live.items()} == {WECHAT: expected, SITE: expected}


@sqlite_is_enough
def test_the_photographer_below_the_article_belongs_to_what_was_approved(press: Press) -> None:
    publication_id = press.queued(press.office.approved(photographer="张华"), way=PublicationWay.PUBLISH)
    press.work()
    press.work_for(seconds=10)
    as_approved = ask(press, publication_id).verdict

    press.tamper(publication_id, "摄影：张华", "摄影：李明")

    assert (press.state(publication_id), as_approved, ask(press, publication_id).verdict) == (
        PublicationState.LIVE,
        V.SAME,
        V.DIFFERENT,
    )


@sqlite_is_enough
def test_after_a_long_silence_one_reading_is_made_and_not_four(press: Press) -> None:
    live = press.live(SITE)

    press.office.later(days=8)
    proof_watch.run_once(press.runtime)

    assert readings(press, live[SITE]) == [(On.DAY_7, V.SAME)]


@pytest.mark.parametrize(
    ("hours", "occasion"),
    [(0, On.AFTER), (23, On.AFTER), (24, On.DAY_1), (24 * 7, On.DAY_7), (24 * 30, On.DAY_30), (24 * 37, None)],
)
def test_what_the_calendar_asks(hours: int, occasion: ProofOccasion | None) -> None:
    now = MONDAY_MORNING + timedelta(hours=hours)

    assert proof_times.occasion_due(MONDAY_MORNING, now) is occasion


# --- What is found ---------------------------------------------------------------------------------------


def test_a_changed_sentence_raises_an_alarm_that_names_it_and_its_answer_ends_it(press: Press) -> None:
    live = press.live()
    press.tamper(live[WECHAT], "六十余名", "六百余名")
    press.site.rewrite(press.row(live[SITE]).marker, "三位教师", "十位教师")

    wechat, site = ask(press, live[WECHAT]), last(press, live[SITE])

    assert (wechat.verdict, wechat.said) == (
        V.DIFFERENT,
        [
            f"{BEFORE}变成{BEFORE.replace('六十', '六百')}。",
        ],
    )
    assert (site.verdict, len(site.said)) == (V.DIFFERENT, 1)
    assert alarms(press) == [wechat.id, site.id]
    with press.office.acting_as("陈部长") as work:
        proofs.acknowledge(work, proof_id=wechat.id or 0, reason="公众号被盗用，已改回并更换密码。")
    assert alarms(press) == [site.id]
    acts = [(action, who) for action, who, _ in press.office.trail("publication", live[WECHAT])]
    assert acts[-2:] == [(AuditAction.PROOF_ALARMED, "系统"), (AuditAction.PROOF_ACKNOWLEDGED, "陈部长")]
    capture = press.office.assets.get(wechat.capture_sha256 or "")
    assert "六百余名" in capture.decode()


@sqlite_is_enough
def test_publishers_and_approvers_hear_of_an_alarm_once(press: Press) -> None:
    live = press.live(SITE)
    press.site.rewrite(press.row(live[SITE]).marker, "三位", "十位")

    for _ in range(3):
        press.office.later(minutes=1)
        ask(press, live[SITE])

    names = {id_: name for name, id_ in press.office.people.items()}
    with press.office.reading() as session:
        told = session.exec(select(Notice.person_id).where(Notice.kind == NoticeKind.ALARM)).all()
    assert sorted(names[each] for each in told) == sorted(["小赵", "陈部长", "老唐"])
    assert len(alarms(press)) == 1


@sqlite_is_enough
def test_another_change_after_the_answer_is_another_alarm(press: Press) -> None:
    live = press.live(SITE)
    marker = press.row(live[SITE]).marker
    press.site.rewrite(marker, "三位", "十位")
    first = ask(press, live[SITE])
    with press.office.acting_as("小赵") as work:
        proofs.acknowledge(work, proof_id=first.id or 0, reason="已联系网络中心。")
    press.site.rewrite(marker, "十位", "百位")
    press.office.later(minutes=1)

    second = ask(press, live[SITE])

    assert alarms(press) == [second.id]


@sqlite_is_enough
@pytest.mark.parametrize(("act", "state"), [("delete", S.REMOVED), ("ban", S.BANNED)])
def test_an_article_that_was_deleted_or_banned_is_found(press: Press, act: str, state: PublicationState) -> None:
    live = press.live(WECHAT)
    (publication,) = press.platform.publications
    if act == "ban":
        platform_publishing.ban(press.platform, publication)
    else:
        platform_publishing.delete_pages(press.platform, publication, index=0)

    found = ask(press, live[WECHAT])

    assert (found.verdict, press.state(live[WECHAT])) == (V.GONE, state)
    assert alarms(press) == [found.id]


@sqlite_is_enough
def test_a_page_that_vanished_from_the_site_is_an_alarm(press: Press) -> None:
    live = press.live(SITE)
    press.site.pages.clear()

    assert ask(press, live[SITE]).verdict is V.GONE
    assert press.state(live[SITE]) is S.LIVE


@sqlite_is_enough
def test_a_platform_that_does_not_answer_is_asked_again_and_then_said_to_be_unread(press: Press) -> None:
    live = press.live(WECHAT)
    press.platform.faults.add("freepublish/*:http=502")

    verdicts = []
    for minutes in (0, 10, 60, 360):
        press.office.later(minutes=minutes)
        proof_watch.run_once(press.runtime)
        verdicts.append(last(press, live[WECHAT]).verdict)

    assert verdicts == [None, None, None, V.UNREAD]
    assert alarms(press) == []


@sqlite_is_enough
def test_the_calendar_leaves_some_of_the_days_quota_to_people(press: Press, monkeypatch: pytest.MonkeyPatch) -> None:
    live = press.live(WECHAT)
    monkeypatch.setattr(proof_watch, "READINGS_A_DAY", 0)
    proof_watch.run_once(press.runtime)
    waiting = last(press, live[WECHAT])

    asked = ask(press, live[WECHAT])
    monkeypatch.undo()
    press.office.later(hours=16)
    proof_watch.run_once(press.runtime)

    assert (waiting.verdict, asked.verdict) == (None, V.SAME)
    assert readings(press, live[WECHAT]) == [(On.AFTER, V.SAME), (On.ASKED, V.SAME)]


# --- By hand ---------------------------------------------------------------------------------------------


@sqlite_is_enough
def test_an_article_published_by_hand_is_read_behind_its_link_and_nothing_else_ever_is(press: Press) -> None:
    by_hand = press.queued(press.illustrated(), WECHAT, way=W.MANUAL)
    other = press.live(WECHAT)
    url = press.row(other[WECHAT]).url or ""
    press.work()

    verdicts = {}
    for address in (url, "https://evil.example.com/s/abc"):
        with press.office.acting_as("小赵") as work:
            if press.row(by_hand).state is S.NEEDS_PERSON:
                publication_answers.settle(work, publication_id=by_hand, live=True, url=address)
            else:
                publication = work.session.get_one(type(press.row(by_hand)), by_hand)
                publication.url = address
        press.office.later(minutes=1)
        found = ask(press, by_hand)
        verdicts[address] = (found.verdict, found.said)

    assert verdicts[url] == (V.SAME, [])
    assert verdicts["https://evil.example.com/s/abc"] == (
        V.UNREAD,
        ["登记的链接不是微信公众平台的文章地址，系统不会打开。请核对链接。"],
    )


def test_a_screenshot_is_kept_once_and_only_for_whom_it_concerns(press: Press) -> None:
    by_hand = press.queued(press.office.approved(), WECHAT, way=W.MANUAL)
    picture = photograph(320, 640, seed=5)

    for _ in range(2):
        with press.office.acting_as("小赵") as work:
            proofs.add_screenshot(
                work, press.office.assets, publication_id=by_hand, content=picture, name="截图.jpg", note="发布后"
            )
    with pytest.raises(NotAllowed, match="只有发布员"), press.office.acting_as("小王") as work:
        proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=picture, name="截图.jpg")
    with pytest.raises(UnreadableFile), press.office.acting_as("小赵") as work:
        proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=b"no picture", name="x.jpg")
    with pytest.raises(NotFound), press.office.acting_as("小赵") as work:
        proofs.add_screenshot(work, press.office.assets, publication_id=999, content=picture, name="截图.jpg")

    acts = [action for action, *_ in press.office.trail("publication", by_hand)]
    assert acts.count(AuditAction.SCREENSHOT_ADDED) == 1


@sqlite_is_enough
def test_what_nothing_proves_is_listed_until_it_is_photographed_and_what_was_read_owes_nothing(press: Press) -> None:
    read = press.live(WECHAT)
    by_hand = press.queued(press.illustrated(), WECHAT, way=W.MANUAL)
    press.work()
    with press.office.acting_as("小赵") as work:
        publication_answers.settle(work, publication_id=by_hand, live=True, url="https://wx.example.com/s/abc")
    item = press.row(by_hand).submission_id

    def owed(who: str = "小赵") -> tuple[list[int], dict[int, bool]]:
        """The items on the publishers' list, and what stands at each item."""
        with press.office.reading() as session:
            actor = press.office.actor(who)
            listed = [each.submission_id for each in reads.unproved(session, actor, press.office.now)]
            items = (press.row(read[WECHAT]).submission_id, item)
            return listed, {
                each: copy.owes_screenshot for each in items for copy in reads.of_submission(session, actor, each)
            }

    before = owed()[0]
    proof_watch.run_once(press.runtime)
    unread, strangers = owed(), owed("小吴")[0]
    with press.office.acting_as("小赵") as work:
        photo = photograph(320, 640, seed=5)
        proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=photo, name="截图.jpg")

    assert (before, strangers) == ([], [])
    assert unread == ([item], {press.row(read[WECHAT]).submission_id: False, item: True})
    assert owed() == ([], {press.row(read[WECHAT]).submission_id: False, item: False})


@pytest.mark.parametrize("verdict", [None, *ProofVerdict])
@pytest.mark.parametrize("screenshots", [0, 1])
def test_a_screenshot_is_owed_only_where_the_machine_could_not_read(
    verdict: ProofVerdict | None, screenshots: int
) -> None:
    assert proof_times.owes_screenshot(verdict, screenshots) == (verdict is ProofVerdict.UNREAD and screenshots == 0)


# --- Rights ----------------------------------------------------------------------------------------------


@sqlite_is_enough
def test_who_may_ask_and_who_may_answer(press: Press) -> None:
    live = press.live(SITE)
    item = press.row(live[SITE]).submission_id
    press.site.rewrite(press.row(live[SITE]).marker, "三位", "十位")
    proof = ask(press, live[SITE]).id or 0

    may_ask = {name for name, *_ in CAST if _may(press, name, lambda work: proofs.ask(work, submission_id=item))}
    may_answer = {
        name
        for name, *_ in CAST
        if _may(press, name, lambda work: proofs.acknowledge(work, proof_id=proof, reason="  "))
    }

    assert may_ask == {"老李", "老周", "陈部长", "老唐", "小赵", "孙老师", "郭老师"}
    assert may_answer == set(ANSWERING)


def _may(press: Press, name: str, act: Callable[[UnitOfWork], object]) -> bool:
    """Whether the person has the right; a reason that is missing is asked of whoever has it."""
    try:
        with press.office.acting_as(name) as work:
            act(work)
    except ReasonRequired:
        return True
    except NotAllowed as refusal:
        return refusal.sentence not in {ASKS_FOR_PROOF, ANSWERS_ALARMS}
    return True


@sqlite_is_enough
def test_of_two_who_answer_the_second_is_told(press: Press) -> None:
    live = press.live(SITE)
    press.site.pages.clear()
    proof = ask(press, live[SITE]).id or 0
    with press.office.acting_as("小赵") as work:
        proofs.acknowledge(work, proof_id=proof, reason="网站维护，已恢复。")

    with pytest.raises(WrongState, match="刚刚有人确认过"), press.office.acting_as("陈部长") as work:
        proofs.acknowledge(work, proof_id=proof, reason="已恢复。")
    with pytest.raises(NotFound), press.office.acting_as("陈部长") as work:
        proofs.acknowledge(work, proof_id=999, reason="已恢复。")


@sqlite_is_enough
def test_nothing_live_is_nothing_to_read(press: Press) -> None:
    item = press.office.approved()

    with pytest.raises(WrongState, match="没有已上线"), press.office.acting_as("小赵") as work:
        proofs.ask(work, submission_id=item)


@sqlite_is_enough
def test_an_eleventh_screenshot_is_refused(press: Press) -> None:
    by_hand = press.queued(press.office.approved(), WECHAT, way=W.MANUAL)
    with press.office.acting_as("小赵") as work:
        for seed in range(proofs.MOST_SCREENSHOTS):
            content = photograph(20, 20, seed=seed)
            proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=content, name="a.jpg")

    content = photograph(20, 20, seed=99)
    with pytest.raises(InvalidInput, match="最多登记 10 张"), press.office.acting_as("小赵") as work:
        proofs.add_screenshot(work, press.office.assets, publication_id=by_hand, content=content, name="a.jpg")


# --- Synchronisation -------------------------------------------------------------------------------------


def test_a_campus_page_missing_after_a_day_is_a_finding(press: Press) -> None:
    alone, late, both = press.live(WECHAT), press.live(WECHAT), press.live()
    now = press.office.now
    press.office.later(hours=25)
    press.queued(press.row(late[WECHAT]).submission_id, SITE)
    press.work()
    titles = [press.row(each[WECHAT]).submission_id for each in (alone, late, both)]

    with press.office.reading() as session:
        actor = press.office.actor("小赵")
        early = reads.unsynchronised(session, actor, now)
        open_ones = reads.unsynchronised(session, actor, press.office.now)
        month = reads.unsynchronised(session, actor, press.office.now, open_only=False)
        stranger = reads.unsynchronised(session, press.office.actor("小吴"), press.office.now)
        leader, november = press.office.actor("徐校长"), Months(202611, 202611)
        counted = [
            kpi.rows_behind(session, leader, Figure.UNSYNCHRONISED, Board(november, until=until)).lines
            for until in (now, press.office.now)
        ]

    assert [each.submission_id for each in early] == []
    assert [each.submission_id for each in open_ones] == [titles[0]]
    assert sorted(each.submission_id for each in month) == sorted(titles[:2])
    assert [[(row.submission_id, row.value and round(row.value)) for row in rows] for rows in counted] == [
        [],
        [(titles[1], 25), (titles[0], None)],
    ]
    assert stranger == []


@sqlite_is_enough
def test_the_publishers_hear_once_that_the_campus_site_did_not_follow(press: Press) -> None:
    press.live(WECHAT)
    press.office.later(hours=25)

    told = []
    for _ in range(2):
        with press.office.as_system() as work:
            told.append([each.person_id for each in proofs.remind(work)])

    assert told == [[press.office.people["小赵"]], []]
