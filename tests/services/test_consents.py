"""肖像授权登记: who keeps it, what stays masked, what covers a picture, and what a withdrawal stops."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import select

from models import (
    Action,
    Asset,
    AuditAction,
    Draft,
    FindingAnswer,
    FindingLevel,
    Notice,
    PortraitAge,
    PortraitConsent,
    PortraitScope,
    Publication,
    PublicationState,
    SubmissionState,
    Target,
    WithdrawalOutcome,
    WithdrawalTask,
)
from services import assets, consents, findings, picture_checks, picture_records, publishing
from services.account_files import GivenFile
from services.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    ReasonRequired,
    StaleState,
    UnreadableFile,
    WrongState,
)
from services.manuscript.pictures import process_picture
from services.picture_records import RecordFields
from services.queries import consents as reads
from services.queries import submissions as submission_reads
from services.queries.consents import ConsentFilter, ConsentStanding
from services.rules.consents import ConsentFields
from tests.documents import photograph
from tests.office import STORY, Office
from tests.services.screening.test_picture_reading import saved, scene
from tests.services.test_picture_checks import Shared

FORM = ConsentFields(
    name="王小明", school_class="三（2）班", guardian="王大明", relation="父亲", contact="13812345678",
    occasion="2026—2027 学年", signed_on=date(2026, 9, 1), valid_until=date(2027, 7, 31),
)  # fmt: skip
SCAN = GivenFile("王小明 授权书.pdf", b"%PDF-1.7 signed paper")
TODAY = date(2026, 11, 23)
CLASS_PHOTO = photograph(900, 600, seed=7)


def recorded(office: Office, who: str = "老李", scan: GivenFile | None = None, **changes: object) -> int:
    with office.acting_as(who) as work:
        fields = replace(FORM, **changes)  # type: ignore[arg-type]  # named in each test
        return consents.record(work, office.box, office.assets, fields=fields, scan=scan).id or 0


def row(office: Office, consent_id: int) -> PortraitConsent:
    with office.reading() as session:
        return session.get_one(PortraitConsent, consent_id)


def pictured(office: Office, author: str = "小王", picture: bytes = CLASS_PHOTO) -> int:
    """A draft that shows one picture in its body, flagged as showing pupils."""
    submission_id = office.draft(author)
    made = process_picture(picture, "合影.jpg")
    with office.acting_as(author) as work:
        asset = assets.add(work, office.assets, submission_id=submission_id, picture=made)
        draft = work.session.get_one(Draft, submission_id)
        draft.body_html = f'{STORY}<figure><img src="asset:{made.sha256}" alt=""></figure>'
        draft.cover_sha256 = made.sha256
        picture_records.save(work, asset_id=asset.id or 0, fields=RecordFields(source="本校拍摄", has_minors=True))
    return submission_id


def asset_of(office: Office, submission_id: int) -> int:
    with office.reading() as session:
        return session.exec(select(Asset.id).where(Asset.submission_id == submission_id)).one() or 0


def link(office: Office, submission_id: int, consent_id: int, who: str = "小王") -> None:
    with office.acting_as(who) as work:
        consents.link(work, asset_id=asset_of(office, submission_id), consent_id=consent_id)


def withdraw(office: Office, consent_id: int, who: str = "小赵") -> list[int]:
    with office.acting_as(who) as work:
        tasks = consents.withdraw(work, consent_id=consent_id, reason="家长 11 月 23 日来电要求撤回")
        return [each.submission_id for each in tasks]


def portrait_marks(office: Office, submission_id: int, author: str = "小王") -> list[tuple[FindingLevel, str, str]]:
    office.check(submission_id, author)
    with office.reading() as session:
        found = submission_reads.latest_findings(session, submission_id)
    return [(each.level, each.quote, each.suggestion) for each in found if each.rule == "image.consent"]


def signed_through(office: Office, submission_id: int) -> None:
    office.hand_in(submission_id)
    for who, action in (("张处长", Action.SIGN_OFF), ("老李", Action.PASS), ("陈部长", Action.APPROVE)):
        office.perform(who, action, submission_id)


# --- The register ----------------------------------------------------------------------------------------


def test_a_stolen_database_shows_no_pupil(office: Office) -> None:
    consent_id = recorded(office, scan=SCAN)

    kept = row(office, consent_id)
    stored = repr(kept.model_dump()) + repr(office.trail("consent", consent_id)) + repr(office.assets.files)
    assert [word for word in ("王小明", "王大明", "13812345678", "父亲", "signed paper") if word in stored] == []
    assert (kept.shown_name, kept.school_class, kept.scopes) == ("王*明", "三（2）班", ["wechat", "site"])


def test_the_whole_row_and_its_scan_open_for_a_reason_that_stays(office: Office) -> None:
    consent_id = recorded(office, scan=SCAN)

    with office.acting_as("陈部长") as work:
        full = consents.open_full(work, office.box, consent_id=consent_id, reason="家长来电核对")
        scan = consents.open_scan(work, office.box, office.assets, consent_id=consent_id, reason="家长来电核对")

    assert (full.name, full.guardian, full.relation, full.contact, full.scan_name) == (
        "王小明", "王大明", "父亲", "13812345678", "王小明 授权书.pdf",
    )  # fmt: skip
    assert scan == SCAN.content
    assert office.trail("consent", consent_id)[1:] == [
        (AuditAction.CONSENT_OPENED, "陈部长", {"who": "王*明", "what": what, "reason": "家长来电核对"})
        for what in ("details", "scan")
    ]


def test_nobody_opens_a_row_without_saying_why(office: Office) -> None:
    consent_id = recorded(office)

    with pytest.raises(ReasonRequired), office.acting_as("老李") as work:
        consents.open_full(work, office.box, consent_id=consent_id, reason="  ")

    assert [action for action, *_ in office.trail("consent", consent_id)] == [AuditAction.CONSENT_RECORDED]


OUTSIDERS = ["小王", "张处长", "孙老师", "徐校长", "小林", "小吴"]


@pytest.mark.parametrize("who", OUTSIDERS)
def test_only_the_office_keeps_the_register(office: Office, who: str) -> None:
    consent_id = recorded(office, scan=SCAN)

    with pytest.raises(NotAllowed):
        recorded(office, who)
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        consents.open_full(work, office.box, consent_id=consent_id, reason="想看看")
    with pytest.raises(NotAllowed), office.acting_as(who) as work:
        consents.open_scan(work, office.box, office.assets, consent_id=consent_id, reason="想看看")
    with pytest.raises(NotAllowed):
        withdraw(office, consent_id, who)
    with office.reading() as session:
        for read in (reads.count, reads.page):
            with pytest.raises(NotAllowed):
                read(session, office.actor(who), today=TODAY)
        with pytest.raises(NotAllowed):
            reads.open_withdrawals(session, office.actor(who))


@pytest.mark.parametrize("who", ["老李", "陈部长", "小赵"])
def test_reviewers_approvers_and_publishers_keep_it(office: Office, who: str) -> None:
    assert row(office, recorded(office, who)).recorded_by_id == office.people[who]


def test_an_incomplete_consent_is_not_entered(office: Office) -> None:
    with pytest.raises(InvalidInput, match="监护人") as refusal:
        recorded(office, guardian="")

    assert refusal.value.field == "guardian"


@pytest.mark.parametrize(
    ("scan", "sentence"),
    [
        (GivenFile("a.exe", b"MZ"), "PDF、JPG 或 PNG"),
        (GivenFile("a.pdf", b"no"), "PDF、JPG 或 PNG"),
        (GivenFile("a.pdf", b"%PDF-" + bytes(consents.LARGEST_SCAN)), "超过 10 MB"),
    ],
)
def test_a_scan_is_what_it_says(office: Office, scan: GivenFile, sentence: str) -> None:
    with pytest.raises(UnreadableFile, match=sentence):
        recorded(office, scan=scan)


def test_a_scan_is_added_later_and_never_exchanged(office: Office) -> None:
    consent_id = recorded(office)

    def add(who: str) -> None:
        with office.acting_as(who) as work:
            consents.add_scan(work, office.box, office.assets, consent_id=consent_id, scan=SCAN)

    with pytest.raises(NotAllowed):
        add("小王")
    add("小赵")
    with office.acting_as("老李") as work:
        scan = consents.open_scan(work, office.box, office.assets, consent_id=consent_id, reason="核对")
    with pytest.raises(WrongState, match="不能替换"):
        add("小赵")

    assert scan == SCAN.content


def test_the_register_is_looked_through_by_name_class_and_standing(office: Office) -> None:
    first = recorded(office)
    second = recorded(office, name="李 芳", school_class="五（1）班", valid_until=date(2026, 12, 10))
    third = recorded(office, name="王小明", signed_on=date(2025, 9, 1), valid_until=date(2026, 7, 31))
    fourth = recorded(office, name="赵云", age=PortraitAge.ADULT, guardian="", relation="")
    withdraw(office, fourth)

    def found(wanted: ConsentFilter) -> list[int]:
        with office.reading() as session:
            rows = reads.page(session, office.actor("老李"), today=TODAY, wanted=wanted)
            assert reads.count(session, office.actor("老李"), today=TODAY, wanted=wanted) == len(rows)
            return [each.id or 0 for each in rows]

    assert found(ConsentFilter()) == [fourth, third, second, first]
    assert found(ConsentFilter(digest=consents.digest_of(office.box, "王小明"))) == [third, first]
    assert found(ConsentFilter(digest=consents.digest_of(office.box, "李芳"))) == [second]
    assert found(ConsentFilter(school_class="五（")) == [second]
    assert {each: found(ConsentFilter(standing=each)) for each in ConsentStanding} == {
        ConsentStanding.IN_FORCE: [first],
        ConsentStanding.ENDING: [second],
        ConsentStanding.ENDED: [third],
        ConsentStanding.WITHDRAWN: [fourth],
        ConsentStanding.ERASED: [],
    }


# --- Pictures --------------------------------------------------------------------------------------------


def test_pupils_without_a_consent_are_a_question_for_the_office(office: Office) -> None:
    submission_id = pictured(office)

    ((level, quote, _),) = portrait_marks(office, submission_id)

    assert (level, quote) == (FindingLevel.WARN, "未关联授权")


def test_a_linked_consent_that_covers_both_places_leaves_no_question(office: Office) -> None:
    submission_id = pictured(office)

    link(office, submission_id, recorded(office))

    assert portrait_marks(office, submission_id) == []
    assert office.trail("submission", submission_id)[-1][:2] == (AuditAction.CONSENT_LINKED, "小王")


def test_a_consent_for_less_or_until_earlier_is_named(office: Office) -> None:
    submission_id = pictured(office)
    link(office, submission_id, recorded(office, scopes=(PortraitScope.WECHAT,)))
    link(office, submission_id, recorded(office, name="李芳", valid_until=date(2026, 11, 1)))

    assert portrait_marks(office, submission_id) == [
        (FindingLevel.WARN, "王*明", "王*明 的肖像授权不含校园网站：请续签或补签，或换一张图片。"),
        (FindingLevel.WARN, "李*", "李* 的肖像授权已于 2026-11-01 到期：请续签或补签，或换一张图片。"),
    ]


@pytest.mark.parametrize(
    ("state", "may"),
    [
        ("draft", {"小王"}),
        ("department_review", {"张处长", "老李", "老周", "陈部长", "老唐", "小赵"}),
        ("first_review", {"老李", "老周", "陈部长", "老唐", "小赵"}),
    ],
)
def test_who_may_say_who_is_in_a_picture(office: Office, state: str, may: set[str]) -> None:
    submission_id = pictured(office)
    consent_id = recorded(office)
    if state != "draft":
        office.hand_in(submission_id)
    if state == "first_review":
        office.perform("张处长", Action.SIGN_OFF, submission_id)

    allowed = set()
    for who in office.people:
        try:
            link(office, submission_id, consent_id, who)
        except (NotAllowed, NotFound):
            continue
        allowed.add(who)

    assert allowed == may


def test_a_wrong_link_is_taken_back_but_not_one_to_a_withdrawn_consent(office: Office) -> None:
    submission_id = pictured(office)
    wrong, right = recorded(office, name="李芳"), recorded(office)
    for consent_id in (wrong, right):
        link(office, submission_id, consent_id)
    asset_id = asset_of(office, submission_id)
    with office.acting_as("小王") as work:
        consents.unlink(work, asset_id=asset_id, consent_id=wrong)
    withdraw(office, right)

    with pytest.raises(WrongState, match="关联须保留"), office.acting_as("小王") as work:
        consents.unlink(work, asset_id=asset_id, consent_id=right)
    with pytest.raises(NotFound), office.acting_as("小王") as work:
        consents.unlink(work, asset_id=asset_id, consent_id=wrong)


def test_nothing_is_linked_to_a_withdrawn_consent(office: Office) -> None:
    consent_id = recorded(office)
    withdraw(office, consent_id)

    with pytest.raises(WrongState, match="已撤回"):
        link(office, pictured(office), consent_id)


def test_a_consent_is_found_for_a_picture_only_by_the_whole_name(office: Office) -> None:
    first = recorded(office)
    recorded(office, valid_until=date(2026, 11, 1))
    with office.reading() as session:
        by_name = {
            name: [each.id for each in reads.named_exactly(session, consents.digest_of(office.box, name), today=TODAY)]
            for name in ("王小明", "王", "小明", "王 小明")
        }

    assert by_name == {"王小明": [first], "王": [], "小明": [], "王 小明": [first]}


def test_the_items_of_a_consent_are_listed_once_they_were_handed_in(office: Office) -> None:
    consent_id = recorded(office)
    submission_id = pictured(office)
    link(office, submission_id, consent_id)

    def listed(who: str) -> list[int | None]:
        with office.reading() as session:
            return [each.id for each in reads.items_of(session, office.actor(who), consent_id)]

    before = (listed("老李"), listed("小王"))
    office.hand_in(submission_id)

    assert (before, listed("老李")) == (([], [submission_id]), [submission_id])


# --- Withdrawal ------------------------------------------------------------------------------------------


def live_item(office: Office, consent_id: int) -> int:
    submission_id = pictured(office)
    link(office, submission_id, consent_id)
    signed_through(office, submission_id)
    with office.acting_as("小赵") as work:
        publishing.queue(work, office.box, submission_id=submission_id, targets=(Target.SITE,))
        (publication,) = work.session.exec(select(Publication)).all()
        publication.state, publication.url = PublicationState.LIVE, "https://news.example.edu.cn/articles/1.html"
    return submission_id


def test_a_withdrawal_lists_every_item_that_shows_the_person(office: Office) -> None:
    consent_id = recorded(office)
    out = live_item(office, consent_id)
    in_review = pictured(office)
    link(office, in_review, consent_id)
    office.hand_in(in_review)
    unlinked = pictured(office, "小吴")  # the same picture, without a link
    with office.acting_as("小吴") as work:
        (mark,) = findings.check(work, office.screener, submission_id=unlinked)[-1:]
        findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.CONFIRMED, reason="已核对")
    office.hand_in(unlinked, "小吴")
    drafted = pictured(office)
    link(office, drafted, consent_id)
    other = pictured(office, picture=photograph(900, 600, seed=8))
    office.hand_in(other)

    listed = withdraw(office, consent_id, "老李")

    assert listed == [out, in_review, unlinked]
    with office.reading() as session:
        waiting = reads.open_withdrawals(session, office.actor("小赵"))
        told = session.exec(select(Notice).where(Notice.subject_type == "consent")).all()
    assert [(each.submission_id, each.due_on, each.shown_name) for each in waiting] == [
        (each, date(2026, 11, 25), "王*明") for each in listed
    ]
    assert waiting[0].live == ((Target.SITE, "https://news.example.edu.cn/articles/1.html"),)
    assert [(each.person_id, each.title) for each in told] == [
        (office.people["小赵"], "有人撤回了肖像授权：3 篇稿件须在 2026-11-25 前撤下或打码")
    ]


def test_nothing_that_shows_the_person_moves_on(office: Office) -> None:
    consent_id = recorded(office)
    draft, reviewed, approved = pictured(office), pictured(office), pictured(office)
    for submission_id in (draft, reviewed, approved):
        link(office, submission_id, consent_id)
    office.hand_in(reviewed)
    signed_through(office, approved)

    withdraw(office, consent_id)

    with pytest.raises(WrongState, match="撤回了肖像授权（王\\*明）"):
        office.hand_in(draft)
    with pytest.raises(WrongState, match="撤回了肖像授权"):
        office.perform("张处长", Action.SIGN_OFF, reviewed)
    with pytest.raises(WrongState, match="撤回了肖像授权"), office.acting_as("小赵") as work:
        publishing.queue(work, office.box, submission_id=approved)
    assert [level for level, *_ in portrait_marks(office, draft)] == [FindingLevel.BLOCK]
    assert office.perform("张处长", Action.RETURN, reviewed, "请换图").state is SubmissionState.RETURNED


def test_a_picture_saved_again_is_asked_about_by_the_number_of_the_consent(office: Office) -> None:
    shared = Shared(office)
    consent_id = recorded(office)
    first = pictured(office, picture=saved(scene(1)))
    link(office, first, consent_id)
    smaller = pictured(office, "小吴", picture=saved(scene(1).resize((900, 600))))
    other = pictured(office, "小吴", picture=saved(scene(2)))
    for submission_id in (first, smaller, other):
        picture_checks.read_pictures(shared, submission_id=submission_id)  # type: ignore[arg-type]  # the part it needs
    before = [quote for _, quote, _ in portrait_marks(office, smaller, "小吴")]

    withdraw(office, consent_id)

    number = f"肖像授权 {consent_id} 号"
    advice = f"这张图片与{number}（已撤回）的图片相同或相近：图中是同一人的，请换图或打码；不是的，请写明核对情况。"
    (_, asked) = portrait_marks(office, smaller, "小吴")
    assert (before, asked) == (["未关联授权"], (FindingLevel.WARN, f"{number}已撤回", advice))
    assert [quote for _, quote, _ in portrait_marks(office, other, "小吴")] == ["未关联授权"]
    assert [level for level, *_ in portrait_marks(office, first)] == [FindingLevel.BLOCK]
    assert office.hand_in(smaller, "小吴").state is SubmissionState.DEPARTMENT_REVIEW


def test_of_two_who_withdraw_one_is_told(office: Office) -> None:
    consent_id = recorded(office)
    withdraw(office, consent_id)

    with pytest.raises(StaleState, match="已被撤回"):
        withdraw(office, consent_id, "老李")


def test_a_withdrawal_needs_its_reason(office: Office) -> None:
    consent_id = recorded(office)

    with pytest.raises(ReasonRequired), office.acting_as("小赵") as work:
        consents.withdraw(work, consent_id=consent_id, reason="")

    assert row(office, consent_id).withdrawn_at is None


def task_of(office: Office, submission_id: int) -> WithdrawalTask:
    with office.reading() as session:
        return session.exec(select(WithdrawalTask).where(WithdrawalTask.submission_id == submission_id)).one()


def settle(office: Office, submission_id: int, outcome: WithdrawalOutcome, note: str = "", who: str = "小赵") -> None:
    with office.acting_as(who) as work:
        consents.settle(work, task_id=task_of(office, submission_id).id or 0, outcome=outcome, note=note)


def test_an_item_that_is_still_out_cannot_be_called_down(office: Office) -> None:
    consent_id = recorded(office)
    submission_id = live_item(office, consent_id)
    withdraw(office, consent_id)

    with pytest.raises(WrongState, match="校园网站仍是“已上线”"):
        settle(office, submission_id, WithdrawalOutcome.REMOVED)
    with office.as_system() as work:
        work.session.exec(select(Publication)).one().state = PublicationState.REMOVED
    settle(office, submission_id, WithdrawalOutcome.REMOVED)

    task = task_of(office, submission_id)
    assert (task.outcome, task.done_by_id) == (WithdrawalOutcome.REMOVED, office.people["小赵"])
    with pytest.raises(StaleState):
        settle(office, submission_id, WithdrawalOutcome.BLURRED, "已打码", "老李")


@pytest.mark.parametrize("outcome", [WithdrawalOutcome.BLURRED, WithdrawalOutcome.NOT_SHOWN])
def test_what_only_a_person_can_know_needs_a_word(office: Office, outcome: WithdrawalOutcome) -> None:
    consent_id = recorded(office)
    submission_id = live_item(office, consent_id)
    withdraw(office, consent_id)

    with pytest.raises(ReasonRequired):
        settle(office, submission_id, outcome)
    with pytest.raises(NotAllowed):
        settle(office, submission_id, outcome, "已处理", "小王")
    settle(office, submission_id, outcome, "第 2 张照片已打码")

    with office.reading() as session:
        assert reads.open_withdrawals(session, office.actor("小赵")) == []


# --- Reminders -------------------------------------------------------------------------------------------


def reminded(office: Office) -> list[tuple[str, str]]:
    names = {id_: name for name, id_ in office.people.items()}
    with office.as_system() as work:
        return sorted((names[each.person_id], each.title) for each in consents.remind(work))


def test_keepers_hear_once_of_linked_consents_that_end_soon(office: Office) -> None:
    submission_id = pictured(office)
    for name in ("王小明", "李芳"):
        link(office, submission_id, recorded(office, name=name, valid_until=date(2026, 12, 10)))
    recorded(office, name="没有图片", valid_until=date(2026, 12, 11))

    first, second = reminded(office), reminded(office)

    words = "2 份肖像授权将于 2026-12-10 到期：请续签，或到期后撤下有关图片"
    assert first == [(who, words) for who in sorted(["老李", "老周", "陈部长", "老唐", "小赵"])]
    assert second == []


def test_a_withdrawal_still_open_on_its_last_day_is_told_to_publishers_and_approvers(office: Office) -> None:
    consent_id = recorded(office)
    live_item(office, consent_id)
    withdraw(office, consent_id)
    early = reminded(office)

    office.later(days=2)
    late = reminded(office)
    office.later(hours=12)
    at_night = reminded(office)

    words = "撤回肖像授权的稿件应在 2026-11-25 前处理，还没有登记结果"
    assert (early, at_night) == ([], [])
    assert late == [(who, words) for who in sorted(["小赵", "陈部长", "老唐"])]
