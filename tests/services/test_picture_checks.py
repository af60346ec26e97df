"""Pictures of an item: codes, reuse and what their author must enter about them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlmodel import select

from models import Action, Asset, Draft, FindingAnswer, FindingLevel, PictureRecord, SubmissionState
from services import assets, findings, picture_checks, picture_records
from services.errors import InvalidInput, NotAllowed, NotFound
from services.manuscript.pictures import process_picture
from services.picture_checks import Fate
from services.picture_records import RecordFields
from services.queries import earlier_items
from services.queries import submissions as reads
from tests.office import STORY, Office
from tests.services.screening.test_picture_reading import poster, saved, scene


@dataclass
class Shared:
    """The part of a process's runtime that reading pictures needs."""

    office: Office

    def __post_init__(self) -> None:
        self.assets, self.reading, self.as_system = self.office.assets, self.office.reading, self.office.as_system


def with_picture(office: Office, content: bytes, author: str = "小王", **changes: object) -> int:
    submission_id = office.draft(author, **changes)
    picture = process_picture(content, "照片.jpg")
    with office.acting_as(author) as work:
        assets.add(work, office.assets, submission_id=submission_id, picture=picture)
        draft = reads.detail(work.session, office.actor(author), submission_id).draft
        draft.body_html = f'{STORY}<figure><img src="asset:{picture.sha256}" alt=""></figure>'
        draft.cover_sha256 = picture.sha256
        work.session.add(draft)
    return submission_id


def picture_marks(office: Office, submission_id: int, author: str = "小王") -> list[tuple[str, FindingLevel]]:
    picture_checks.read_pictures(Shared(office), submission_id=submission_id)  # type: ignore[arg-type]  # the part it needs
    office.check(submission_id, author)
    with office.reading() as session:
        found = reads.latest_findings(session, submission_id)
    return [
        (each.rule, each.level) for each in found if each.field.startswith("picture:") and each.rule != "image.size"
    ]


def asset_id(office: Office, submission_id: int) -> int:
    with office.reading() as session:
        return session.exec(select(Asset.id).where(Asset.submission_id == submission_id)).one() or 0


def record(office: Office, submission_id: int, fields: RecordFields, who: str = "小王") -> PictureRecord:
    with office.acting_as(who) as work:
        return picture_records.save(work, asset_id=asset_id(office, submission_id), fields=fields)


def test_a_code_that_leads_elsewhere_is_a_warning_with_its_target(office: Office) -> None:
    submission_id = with_picture(office, saved(poster(300)))

    assert picture_marks(office, submission_id) == [("image.qr", FindingLevel.WARN)]
    with office.reading() as session:
        (mark,) = [each for each in reads.latest_findings(session, submission_id) if each.rule == "image.qr"]
    assert (mark.quote, "www.example.com" in mark.suggestion) == ("https://www.example.com/join?from=poster", True)


def test_a_picture_of_another_item_needs_its_source_until_it_is_recorded(office: Office) -> None:
    first = with_picture(office, saved(scene(1)))
    before = picture_marks(office, first)
    office.hand_in(first)
    second = with_picture(office, saved(scene(1).resize((900, 600))), "小吴")
    marked = picture_marks(office, second, "小吴")
    record(office, second, RecordFields(source="教务处供图", licence="同意使用"), "小吴")
    after = picture_marks(office, second, "小吴")

    assert (before, marked, after) == ([], [("image.reused", FindingLevel.WARN)], [])


def answer_all(office: Office, who: str, submission_id: int) -> None:
    """Confirm what the check asks of an item, where the person may."""
    with office.acting_as(who) as work:
        for each in reads.latest_findings(work.session, submission_id):
            if each.answer is None and who in ("老李", "陈部长"):
                findings.answer(work, finding_id=each.id or 0, answer=FindingAnswer.CONFIRMED, reason="已核对")


def reuse_told(office: Office, submission_id: int) -> list[tuple[FindingLevel, str, int | None]]:
    """What the check of 小吴's item says of a picture that others have: how grave, of what kind of item, which."""
    picture_checks.read_pictures(Shared(office), submission_id=submission_id)  # type: ignore[arg-type]  # as above
    office.check(submission_id, "小吴")
    with office.reading() as session:
        found = [each for each in reads.latest_findings(session, submission_id) if each.rule == "image.reused"]
    return [(each.level, each.suggestion.partition("里的")[0], each.related_id) for each in found]


def test_the_check_says_whether_the_other_item_went_out_or_never_did(office: Office) -> None:
    first = with_picture(office, saved(scene(8)), title="尚未公开的人事安排")
    picture_checks.read_pictures(Shared(office), submission_id=first)  # type: ignore[arg-type]  # as above
    office.hand_in(first)
    mine = with_picture(office, saved(scene(8)), "小吴")
    under_way = reuse_told(office, mine)
    office.perform("小王", Action.WITHDRAW, first)
    given_up = reuse_told(office, mine)
    approved = with_picture(office, saved(scene(8)))
    office.hand_in(approved)
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        answer_all(office, who, approved)
        office.perform(who, action, approved)
    adopted = reuse_told(office, mine)

    assert (under_way, given_up, adopted) == (
        [(FindingLevel.WARN, "这张图片与正在办理、还没有发布的一篇稿件", first)],
        [(FindingLevel.INFO, "这张图片与没有发出的一篇稿件（已撤回或未采用）", first)],
        [(FindingLevel.WARN, "这张图片与已通过或已发布的一篇稿件", approved)],
    )


def test_a_picture_that_was_taken_out_before_handing_in_was_never_used(office: Office) -> None:
    first = with_picture(office, saved(scene(9)))
    picture_checks.read_pictures(Shared(office), submission_id=first)  # type: ignore[arg-type]  # as above
    with office.acting_as("小王") as work:
        draft = work.session.get_one(Draft, first)
        draft.body_html, draft.cover_sha256 = STORY, None
    office.hand_in(first)

    assert reuse_told(office, with_picture(office, saved(scene(9)), "小吴")) == []


def test_an_item_that_was_out_and_is_withdrawn_now_was_out_nevertheless() -> None:
    said = {
        (state, was_released): Fate.of(state, was_released=was_released)
        for state in SubmissionState
        for was_released in (False, True)
    }

    assert {each for each in said if said[each] is Fate.NEVER_OUT} == {
        (SubmissionState.WITHDRAWN, False),
        (SubmissionState.REJECTED, False),
    }
    out_anyway = {SubmissionState.APPROVED, SubmissionState.PUBLISHED, SubmissionState.ARCHIVED}
    assert {each for each in said if said[each] is Fate.OUT} == {
        *((state, True) for state in SubmissionState),
        *((state, False) for state in out_anyway),
    }


def test_whose_picture_it_was_is_told_only_to_those_who_may_see_that_item(office: Office) -> None:
    first = with_picture(office, saved(scene(7)), title="尚未公开的人事安排")
    picture_marks(office, first)
    office.hand_in(first)
    second = with_picture(office, saved(scene(7)), "小吴")
    picture_marks(office, second, "小吴")
    office.hand_in(second, "小吴")

    def named(who: str) -> list[str]:
        with office.reading() as session:
            marks = reads.latest_findings(session, second)
            return [each.title for each in earlier_items.named_by(session, office.actor(who), marks).values()]

    with office.reading() as session:
        (mark,) = [each for each in reads.latest_findings(session, second) if each.rule == "image.reused"]
    assert (mark.quote, mark.related_id, "人事安排" in repr(mark)) == ("别的稿件正在用", first, False)
    assert {who: named(who) for who in ("小吴", "黄处长", "小王", "老李")} == {
        "小吴": [],
        "黄处长": [],
        "小王": ["尚未公开的人事安排"],
        "老李": ["尚未公开的人事安排"],
    }


def test_the_plain_cover_that_many_items_share_needs_no_source(office: Office) -> None:
    office.submitted()
    second = office.draft()
    office.check(second)

    assert picture_marks(office, second) == []


def test_a_picture_of_pupils_asks_for_their_consent(office: Office) -> None:
    submission_id = with_picture(office, saved(scene(2)))
    picture_marks(office, submission_id)

    record(office, submission_id, RecordFields(source="本校拍摄", has_minors=True))

    assert picture_marks(office, submission_id) == [("image.consent", FindingLevel.WARN)]


def test_a_map_needs_its_approval_number(office: Office) -> None:
    submission_id = with_picture(office, saved(scene(3)))

    with pytest.raises(InvalidInput, match="审图号"):
        record(office, submission_id, RecordFields(source="自绘", has_map=True))
    kept = record(office, submission_id, RecordFields(source="自绘", has_map=True, map_number="GS(2026)0001号"))

    assert (kept.has_map, kept.map_number) == (True, "GS(2026)0001号")


def test_a_record_names_a_source(office: Office) -> None:
    submission_id = with_picture(office, saved(scene(4)))

    with pytest.raises(InvalidInput, match="来源"):
        record(office, submission_id, RecordFields())


@pytest.mark.parametrize("who", ["小吴", "张处长", "老李", "小赵", "孙老师"])
def test_a_stranger_records_nothing_and_does_not_learn_of_a_draft(office: Office, who: str) -> None:
    submission_id = with_picture(office, saved(scene(5)))

    with pytest.raises(NotFound):
        record(office, submission_id, RecordFields(source="x"), who)


@pytest.mark.parametrize("who", ["老李", "小赵", "孙老师"])
def test_who_sees_an_item_without_holding_its_stage_records_nothing(office: Office, who: str) -> None:
    submission_id = with_picture(office, saved(scene(5)))
    record(office, submission_id, RecordFields(source="本校拍摄"))
    office.hand_in(submission_id)

    with pytest.raises(NotAllowed):
        record(office, submission_id, RecordFields(source="x"), who)


def test_a_picture_is_read_once(office: Office) -> None:
    submission_id = with_picture(office, saved(scene(6)))
    shared = Shared(office)

    counts = [picture_checks.read_pictures(shared, submission_id=submission_id) for _ in range(2)]  # type: ignore[arg-type]  # as above

    assert counts == [1, 0]
