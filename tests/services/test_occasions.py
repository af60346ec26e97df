"""稿件模板 and copies: a draft begins with what the office wrote, or with an item handed in before."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlmodel import select

from models import Asset, AuditAction, ContentCategory, Draft, PictureRecord, RiskMark, Submission, SubmissionState
from services import assets, copies, occasions, picture_records
from services.errors import InvalidInput, NotAllowed, NotFound
from services.manuscript import blocks
from services.manuscript.pictures import process_picture
from services.occasions import SHIPPED, OccasionFields
from services.picture_records import RecordFields
from services.queries import occasions as reads
from services.queries import submission_lists
from services.screening.engine import Screener
from tests.documents import photograph
from tests.office import STORY, Office

DEFENCE = OccasionFields("答辩公告", ContentCategory.NOTICE, "名单只留必要信息", "XX答辩公告", "<p>XX于XX月答辩。</p>")


def begin(office: Office, who: str, occasion_id: int) -> tuple[Submission, Draft]:
    with office.acting_as(who) as work:
        made = copies.from_occasion(work, occasion_id=occasion_id)
        return made, work.session.get_one(Draft, made.id)


def save(
    office: Office, who: str, fields: OccasionFields, occasion_id: int | None = None, *, seen_version: int = 1
) -> int:
    with office.acting_as(who) as work:
        return occasions.save(work, fields=fields, occasion_id=occasion_id, seen_version=seen_version).id or 0


# --- Templates -------------------------------------------------------------------------------------------


def test_the_templates_of_the_product_are_taken_over_once(office: Office) -> None:
    with office.acting_as("老李") as work:
        taken = occasions.start(work), occasions.start(work)

    with office.reading() as session:
        assert [each.name for each in reads.offered(session)] == [each.name for each in SHIPPED]
    assert taken == (len(SHIPPED), 0)


@pytest.mark.parametrize("fields", SHIPPED, ids=[each.name for each in SHIPPED])
def test_what_is_left_of_a_shipped_template_is_found_by_the_machine_check(
    fields: OccasionFields, screener: Screener
) -> None:
    marks = screener.screen_text(f"{fields.title}\n{blocks.plain_text(fields.body_html)}", today=None).marks

    assert "wording.placeholder" in {mark.rule for mark in marks}


def test_a_draft_begins_with_the_template_and_waits_for_everything_else(office: Office) -> None:
    made, draft = begin(office, "小王", save(office, "老李", DEFENCE))

    assert (made.state, made.category, made.declared_no_secrets, draft.title, draft.body_html, draft.author) == (
        SubmissionState.DRAFT,
        ContentCategory.NOTICE,
        False,
        "XX答辩公告",
        "<p>XX于XX月答辩。</p>",
        "小王",
    )


def test_the_office_changes_a_template_and_takes_it_out_of_use(office: Office) -> None:
    occasion_id = save(office, "陈部长", DEFENCE)
    _, before = begin(office, "小王", occasion_id)

    save(office, "小林", replace(DEFENCE, title="学位论文答辩公告", active=False), occasion_id)

    with office.reading() as session:
        assert (list(reads.offered(session)), [each.title for each in reads.everything(session)]) == (
            [],
            ["学位论文答辩公告"],
        )
        assert session.get_one(Draft, before.submission_id).title == "XX答辩公告"
    with pytest.raises(NotFound, match="不再使用"):
        begin(office, "小王", occasion_id)
    assert [action for action, *_ in office.trail("occasion", occasion_id)] == [AuditAction.OCCASION_CHANGED] * 2


@pytest.mark.parametrize("who", ["小王", "张处长", "小赵", "孙老师", "徐校长"])
def test_nobody_outside_the_office_changes_a_template(office: Office, who: str) -> None:
    with pytest.raises(NotAllowed):
        save(office, who, DEFENCE)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        occasions.start(work)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "长" * 31}, "name"),
        ({"body_html": "<p> </p>"}, "body"),
        ({"body_html": f'<p>字</p><figure><img src="asset:{"a" * 64}" alt=""></figure>'}, "body"),
        ({"hint": "长" * 101}, "hint"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_by_its_field(
    office: Office, change: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(office, "老李", replace(DEFENCE, **change))  # type: ignore[arg-type]  # named in each row

    assert refused.value.field == field


def test_two_templates_have_two_names(office: Office) -> None:
    save(office, "老李", DEFENCE)

    with pytest.raises(InvalidInput, match="已有名为“答辩公告”的模板"):
        save(office, "老李", DEFENCE)


# --- Copies ----------------------------------------------------------------------------------------------


def with_picture(office: Office) -> tuple[int, str]:
    """An item that was handed in with a picture whose origin is on record."""
    submission_id = office.draft()
    picture = process_picture(photograph(), "照片.jpg")
    with office.acting_as("小王") as work:
        asset = assets.add(work, office.assets, submission_id=submission_id, picture=picture)
        picture_records.save(work, asset_id=asset.id or 0, fields=RecordFields(source="本校拍摄", has_people=True))
        draft = work.session.get_one(Draft, submission_id)
        draft.body_html = f'{STORY}<figure><img src="asset:{picture.sha256}" alt=""></figure>'
        draft.risks = (RiskMark.LEADERS,)
    office.hand_in(submission_id)
    return submission_id, picture.sha256


def copy(office: Office, who: str, submission_id: int) -> int:
    with office.acting_as(who) as work:
        return copies.from_item(work, submission_id=submission_id).id or 0


def test_a_copy_has_the_words_and_the_pictures_but_nothing_that_was_said_of_the_other_item(office: Office) -> None:
    source, sha256 = with_picture(office)

    made = copy(office, "小王", source)

    with office.reading() as session:
        item, draft = session.get_one(Submission, made), session.get_one(Draft, made)
        pictures = session.exec(select(Asset).where(Asset.submission_id == made)).all()
        records = session.exec(select(PictureRecord.source)).all()
        assert list(blocks.picture_hashes(draft.body_html)) == [sha256]
        assert [(each.sha256, each.added_by_id) for each in pictures] == [(sha256, office.people["小王"])]
        assert list(records) == ["本校拍摄"]  # of the first item alone
    assert (item.state, item.review_round, item.declared_no_secrets, item.declared_rights, item.event_date) == (
        SubmissionState.DRAFT,
        0,
        False,
        False,
        None,
    )
    assert (draft.title, item.account_id, item.risks) == (
        "教务处举办教学经验交流会",
        office.account_id,
        (RiskMark.LEADERS,),
    )
    assert len(office.assets.files) == 1


def test_a_copy_goes_its_own_way(office: Office) -> None:
    source, _ = with_picture(office)
    made = copy(office, "小王", source)
    with office.acting_as("小王") as work:
        item = work.session.get_one(Draft, made)
        item.declared_no_secrets = item.declared_rights = True

    office.hand_in(made)

    assert office.stored(made).state is SubmissionState.DEPARTMENT_REVIEW
    assert office.stored(source).review_round == 1


@pytest.mark.parametrize("who", ["小吴", "黄处长"])
def test_nobody_copies_what_they_may_not_see(office: Office, who: str) -> None:
    source, _ = with_picture(office)

    with pytest.raises(NotFound):
        copy(office, who, source)


def test_an_unsent_draft_is_not_offered_for_copying_and_others_items_neither(office: Office) -> None:
    office.draft()
    sent = office.submitted(title="交流会")

    with office.reading() as session:
        offered = {who: submission_lists.to_copy(session, office.actor(who)) for who in ("小王", "小吴")}

    assert offered == {"小王": {sent: "2026-11-23　交流会"}, "小吴": {}}
