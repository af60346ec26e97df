"""重放: the same text, lists and day give the same marks, whatever was changed since."""

from __future__ import annotations

from datetime import date

import pytest
from sqlmodel import Session, col, select

from models import Action, Draft, Finding, Screening, Submission
from services import lexicon, replays
from services.errors import NotFound
from services.lexicon import CurrentScreener, EntryFields
from services.replays import Place, Replay
from services.screening.engine import ScreeningSettings
from services.screening.personal_information import PersonalDataSettings
from tests.office import STORY, Office

SETTINGS = ScreeningSettings(personal=PersonalDataSettings(salt=b"pepper"))
TEXT = f"{STORY}<p>值班电话13812345678，会议布署了工作，来到测试大学堂参观。</p>"
WORD = EntryFields(term="测试大学堂", group="school", suggestion="请用学校全称。", reason="名称规范")


@pytest.fixture
def begun(office: Office) -> Office:
    """The office with a first version of its lists in force."""
    with office.acting_as("小林") as work:
        lexicon.start(work)
    follow(office)
    return office


def follow(office: Office) -> None:
    office.screener = CurrentScreener(lambda: Session(office.engines.read, expire_on_commit=False), SETTINGS)()


def add_word(office: Office) -> None:
    with office.acting_as("小林") as work:
        lexicon.save_entry(work, WORD)
    with office.acting_as("小林") as work:
        lexicon.activate(work, note="校名")
    follow(office)


def replayed(office: Office, submission_id: int, who: str = "老李") -> Replay:
    with office.reading() as session:
        return replays.replay(session, office.actor(who), SETTINGS, submission_id=submission_id)


def test_a_run_gives_the_same_marks_again_after_the_lists_were_changed(begun: Office) -> None:
    submission_id = begun.submitted(body_html=TEXT)
    add_word(begun)
    begun.later(days=40)

    done = replayed(begun, submission_id)

    assert (done.is_same, done.edition, done.differs_in, done.compared) == (True, 1, (), 2)


def test_a_run_of_the_later_lists_is_repeated_with_them(begun: Office) -> None:
    add_word(begun)
    submission_id = begun.submitted(body_html=TEXT)

    done = replayed(begun, submission_id)

    assert (done.is_same, done.edition, done.compared) == (True, 2, 3)


def test_a_run_before_the_office_had_lists_is_repeated_with_what_ships(office: Office) -> None:
    submission_id = office.submitted(body_html=TEXT)

    assert (replayed(office, submission_id).is_same, replayed(office, submission_id).edition) == (True, None)


def test_a_colleague_repeats_the_run_of_what_was_handed_in_and_not_of_the_unsent_text(office: Office) -> None:
    submission_id = office.submitted(body_html=TEXT)
    office.perform("张处长", Action.RETURN, submission_id, "请改文字")
    with office.acting_as("小王") as work:
        work.session.get_one(Draft, submission_id).body_html = STORY
    office.check(submission_id)

    compared = {who: replayed(office, submission_id, who).compared for who in ("小王", "老李")}

    assert compared == {"小王": 0, "老李": 2}


def test_a_run_of_another_release_says_where_it_differs(begun: Office) -> None:
    submission_id = begun.submitted(body_html=TEXT)
    with begun.as_system() as work:
        run = work.session.exec(select(Screening).order_by(col(Screening.id).desc())).one()
        run.versions = {**run.versions, "rules": "1"}

    assert replayed(begun, submission_id).differs_in == ("rules",)


def test_what_the_stored_run_says_differently_is_shown(begun: Office) -> None:
    submission_id = begun.submitted(body_html=TEXT)
    with begun.as_system() as work:
        mark = work.session.exec(select(Finding).where(Finding.rule == "wording.confusion")).one()
        mark.quote = "部署"

    done = replayed(begun, submission_id)

    start = done.added[0].start
    was, now = (Place("wording.confusion", "body", start, start + 2, quote) for quote in ("部署", "布署"))
    assert (done.is_same, done.missing, done.added) == (False, (was,), (now,))


def test_a_run_is_repeated_with_the_date_it_was_made_with(office: Office) -> None:
    submission_id = office.submitted(title="教学经验交流会圆满举行", event_date=date(2026, 12, 1))
    with office.as_system() as work:
        work.session.get_one(Submission, submission_id).event_date = date(2026, 11, 20)

    done = replayed(office, submission_id)

    assert (done.is_same, done.compared) == (True, 1)


@pytest.mark.parametrize(
    ("who", "may"), [("小王", True), ("张处长", True), ("陈部长", True), ("小吴", False), ("小林", False)]
)
def test_only_who_may_see_the_item_repeats_its_check(begun: Office, who: str, *, may: bool) -> None:
    submission_id = begun.submitted(body_html=TEXT)
    if may:
        assert replayed(begun, submission_id, who).is_same
    else:
        with pytest.raises(NotFound):
            replayed(begun, submission_id, who)


def test_a_draft_changed_since_and_an_item_never_checked_are_refused_with_a_sentence(begun: Office) -> None:
    submission_id = begun.draft(body_html=TEXT)
    with pytest.raises(NotFound, match="还没有检查过"):
        replayed(begun, submission_id, "小王")
    begun.check(submission_id)
    with begun.as_system() as work:
        work.session.get_one(Draft, submission_id).title = "另一个标题"
    with pytest.raises(NotFound, match="重新检查"):
        replayed(begun, submission_id, "小王")


def test_an_answered_and_returned_item_is_repeated_on_the_version_that_was_checked(begun: Office) -> None:
    submission_id = begun.submitted(body_html=TEXT)
    begun.perform("张处长", Action.RETURN, submission_id, "请核对电话")

    assert replayed(begun, submission_id, "张处长").is_same
    assert replayed(begun, submission_id, "小王").is_same
