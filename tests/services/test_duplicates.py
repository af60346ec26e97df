"""重复投稿: what was handed in before is recognised, whoever wrote it; a resubmission never meets itself."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from threading import Event

from sqlmodel import delete, func, select

from models import Action, Finding, FindingAnswer, Shingle
from services import duplicates, findings, submissions
from services.bootstrap import bootstrap
from services.manuscript.blocks import plain_text
from services.queries import earlier_items
from services.queries import submissions as reads
from services.screening import likeness
from services.screening.engine import Screener
from services.settings import load_settings
from services.submissions import draft_fields
from tests.databases import FreshDatabase
from tests.office import Office, open_office
from tests.services.screening.test_likeness import changed

FOLDER = Path(__file__).parent / "screening" / "stories"
LIBRARY, CANTEEN = ((FOLDER / f"{name}.txt").read_text("utf-8") for name in ("library", "canteen"))


def html(story: str) -> str:
    return "".join(f"<p>{line}</p>" for line in story.split("\n")[1:] if line)


def handed_in(office: Office, story: str, title: str, author: str = "小王") -> int:
    submission_id = office.draft(author, body_html=html(story), title=title)
    office.hand_in(submission_id, author)
    return submission_id


def alike(office: Office, submission_id: int) -> list[tuple[str, str, str, int | None]]:
    with office.reading() as session:
        return [
            (each.rule, each.level.value, each.field, each.related_id)
            for each in reads.latest_findings(session, submission_id)
            if each.rule.startswith("duplicate.")
        ]


def test_a_copy_is_repeated_a_reworked_one_similar_and_another_story_neither(office: Office) -> None:
    first = handed_in(office, LIBRARY, "图书馆的夜晚")
    copy = handed_in(office, LIBRARY.replace("，", "、"), "一座馆的灯光", "小吴")
    reworked = handed_in(office, changed(LIBRARY, 0.07), "夜读记")
    other = handed_in(office, CANTEEN, "食堂里的委员会")

    assert [alike(office, each) for each in (first, copy, reworked, other)] == [
        [],
        [("duplicate.same", "warn", "body", first)],
        [("duplicate.similar", "info", "body", first)],
        [],
    ]


def test_an_item_that_comes_back_and_is_sent_again_never_meets_itself(office: Office) -> None:
    submission_id = handed_in(office, LIBRARY, "图书馆的夜晚")
    office.perform("张处长", Action.RETURN, submission_id, "请补充时间")
    with office.acting_as("小王") as work:
        item = reads.detail(work.session, work.actor, submission_id)
        kept = replace(draft_fields(item.draft), digest="补充了时间")
        submissions.save_draft(work, submission_id=submission_id, seen_edition=item.draft.edition, draft=kept)
    office.hand_in(submission_id)

    assert alike(office, submission_id) == []


def test_nobodys_unsent_draft_and_no_withdrawn_item_is_compared_with(office: Office) -> None:
    unsent = office.draft("小吴", body_html=html(LIBRARY), title="图书馆的夜晚")
    office.check(unsent, "小吴")
    withdrawn = handed_in(office, CANTEEN, "食堂里的委员会")
    office.perform("小王", Action.WITHDRAW, withdrawn)

    assert alike(office, handed_in(office, LIBRARY, "一座馆的灯光")) == []
    assert alike(office, handed_in(office, CANTEEN, "午餐前的一小时")) == []


def test_the_next_part_of_a_series_is_only_similar(office: Office) -> None:
    first = handed_in(office, LIBRARY, "第3期读书会纪实")
    assert alike(office, handed_in(office, LIBRARY, "第4期读书会纪实")) == [
        ("duplicate.similar", "info", "body", first)
    ]


def test_a_title_used_before_is_told_once(office: Office) -> None:
    first = handed_in(office, LIBRARY, "校园里的一盏灯和它的故事")
    again = handed_in(office, CANTEEN, "校园里的一盏灯与它的故事")

    assert alike(office, again) == [("duplicate.similar", "info", "title", first)]


def test_the_mark_keeps_no_words_of_the_text_and_its_place_is_the_repeated_stretch(office: Office) -> None:
    handed_in(office, LIBRARY, "图书馆的夜晚")
    copy = handed_in(office, LIBRARY, "一座馆的灯光")

    with office.reading() as session:
        (mark,) = [each for each in reads.latest_findings(session, copy) if each.rule == "duplicate.same"]
    assert (mark.quote, mark.start) == ("100% 相同", 0)
    assert mark.end > 800


def test_the_office_passes_a_repeated_item_only_with_a_reason(office: Office) -> None:
    handed_in(office, LIBRARY, "图书馆的夜晚")
    copy = handed_in(office, LIBRARY, "一座馆的灯光")
    with office.reading() as session:
        (mark,) = [each for each in reads.latest_findings(session, copy) if each.rule == "duplicate.same"]
    with office.acting_as("小王") as work:
        findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.CONFIRMED, reason="校庆专栏重发")
    office.perform("张处长", Action.SIGN_OFF, copy)

    office.perform("老李", Action.PASS, copy)


def test_the_earlier_item_is_named_to_those_who_may_see_it(office: Office) -> None:
    first = handed_in(office, LIBRARY, "图书馆的夜晚", "小王")
    copy = handed_in(office, LIBRARY, "一座馆的灯光", "小吴")

    def named(who: str) -> list[str]:
        with office.reading() as session:
            marks = list(session.exec(select(Finding).where(Finding.submission_id == copy)))
            return [each.title for each in earlier_items.named_by(session, office.actor(who), marks).values()]

    assert {who: named(who) for who in ("小吴", "黄处长", "小王", "老李", "小林")} == {
        "小吴": [],
        "黄处长": [],
        "小王": ["图书馆的夜晚"],
        "老李": ["图书馆的夜晚"],
        "小林": [],
    }
    assert first != copy


def test_what_is_kept_of_an_item_is_a_sample_of_the_text_last_checked(office: Office) -> None:
    submission_id = handed_in(office, LIBRARY, "图书馆的夜晚")

    def kept() -> set[int]:
        with office.reading() as session:
            return set(session.exec(select(Shingle.hash).where(Shingle.submission_id == submission_id)))

    before = kept()
    with office.as_system() as work:
        duplicates.remember(work.session, submission_id, html(CANTEEN))

    assert before == set(likeness.sample(likeness.pieces(plain_text(html(LIBRARY)))))
    assert kept().isdisjoint(before)


def test_items_of_an_older_release_get_their_samples_once(
    fresh_sqlite: FreshDatabase, tmp_path: Path, screener: Screener
) -> None:
    with fresh_sqlite() as url:
        runtime = bootstrap(load_settings(home=tmp_path, database_url=url))
        office = open_office(runtime.engines, screener)
        for number, story in enumerate((LIBRARY, CANTEEN, "短文\n只有一句。")):
            handed_in(office, story, f"故事之{'甲乙丙'[number]}")
        with office.as_system() as work:
            work.session.exec(delete(Shingle))

        read = duplicates.catch_up(runtime, Event())
        again = duplicates.catch_up(runtime, Event())

        with office.reading() as session:
            kept = session.exec(select(func.count(func.distinct(Shingle.submission_id)))).one()
        assert (read, again, kept) == (3, 1, 2)
        runtime.close()
