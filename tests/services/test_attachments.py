"""附件: read before they are kept, checked like the text, sealed with it, opened by who answers for them."""

from __future__ import annotations

import io
from dataclasses import dataclass, field

import openpyxl
import pypdf
import pytest
from sqlmodel import select

from models import (
    Action,
    Attachment,
    AttachmentOpening,
    AttachmentReading,
    AuditAction,
    Draft,
    Finding,
    FindingAnswer,
    FindingLevel,
    Revision,
    SubmissionState,
)
from services import attachment_checks, attachments, findings, submissions
from services.errors import FindingsOpen, InvalidInput, NotFound, SealBroken, StaleState, UnreadableFile, WrongState
from services.queries import submissions as reads
from services.rules.attachments import MOST_ATTACHMENTS
from services.screening.engine import Screener
from tests.office import Office

ID_NUMBER = "11010519491231002X"  # a well-known specimen with a valid check digit


def sheet(*rows: tuple[object, ...]) -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "名单"
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def scan() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


CLEAN = sheet(("姓名", "班级"), ("张三", "三年级"))
LEAKING = sheet(("姓名", "证件号码"), ("张三", ID_NUMBER))
MASKED = sheet(("姓名", "证件号码"), ("张三", "110105********002X"))


@dataclass
class Shared:
    """The part of a process's runtime that reading attachments needs."""

    office: Office
    lists: Screener | None = field(default=None)

    def __post_init__(self) -> None:
        self.assets, self.reading, self.as_system = self.office.assets, self.office.reading, self.office.as_system

    def screener(self) -> Screener:
        return self.lists or self.office.screener

    def now(self) -> object:
        return self.office.now


def marks(office: Office, submission_id: int) -> list[tuple[str, FindingLevel, str, str, str]]:
    with office.reading() as session:
        return [
            (each.rule, each.level, each.field, each.place, each.quote)
            for each in reads.latest_findings(session, submission_id)
            if each.field.startswith(attachment_checks.FIELD)
        ]


def stored_names(office: Office, submission_id: int) -> list[str]:
    with office.reading() as session:
        return [each["name"] for each in session.get_one(Draft, submission_id).attachments]


def sha256_of(office: Office, submission_id: int) -> str:
    with office.reading() as session:
        return session.get_one(Draft, submission_id).attachments[0]["sha256"]


# --- In the draft ----------------------------------------------------------------------------------------


def test_a_file_is_kept_with_the_draft_and_the_trail_says_so(office: Office) -> None:
    submission_id = office.draft()

    office.attach(submission_id, "C:\\稿件\\获奖 名单.XLSX", CLEAN)

    with office.reading() as session:
        row = session.exec(select(Attachment).where(Attachment.submission_id == submission_id)).one()
    assert stored_names(office, submission_id) == ["获奖 名单.xlsx"]
    assert (office.assets.get(row.sha256), row.size) == (CLEAN, len(CLEAN))
    action, who, details = office.trail("submission", submission_id)[-1]
    assert (action, who, details) == (
        AuditAction.ATTACHMENT_ADDED,
        "小王",
        {"name": "获奖 名单.xlsx", "sha256": row.sha256[:12], "bytes": len(CLEAN)},
    )


def test_a_file_of_the_same_name_takes_the_place_of_the_first(office: Office) -> None:
    submission_id = office.draft()
    for name, content in (("名单.xlsx", LEAKING), ("通知.txt", b"notice"), ("名单.xlsx", MASKED)):
        office.attach(submission_id, name, content)

    assert stored_names(office, submission_id) == ["名单.xlsx", "通知.txt"]
    assert office.assets.get(sha256_of(office, submission_id)) == MASKED


def test_a_file_is_taken_out_again(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", CLEAN)

    with office.acting_as("小王") as work:
        attachments.detach(work, submission_id=submission_id, seen_edition=2, name="名单.xlsx")

    assert stored_names(office, submission_id) == []
    assert office.trail("submission", submission_id)[-1] == (
        AuditAction.ATTACHMENT_REMOVED,
        "小王",
        {"name": "名单.xlsx"},
    )


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("名单.doc", b"\xd0\xcf\x11\xe0", "附件只能是 .docx、.xlsx、.pdf、.txt 文件"),
        ("程序.exe", b"MZ", "附件只能是"),
        ("网页.html", b"<p>x</p>", "附件只能是"),
        ("名单.xlsx", b"", "“名单.xlsx”是空文件"),
        ("名单.xlsx", b"hello", "不是有效的 Excel 文件"),
        ("名单.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512), "文件已加密"),
        ("说明.pdf", b"%PDF-1.7 broken", "PDF 已损坏"),
    ],
)
def test_what_cannot_be_read_whole_is_not_attached(office: Office, name: str, content: bytes, sentence: str) -> None:
    submission_id = office.draft()

    with pytest.raises(UnreadableFile, match=sentence):
        office.attach(submission_id, name, content)

    assert stored_names(office, submission_id) == []


def test_there_is_a_most(office: Office) -> None:
    submission_id = office.draft()
    for number in range(MOST_ATTACHMENTS):
        office.attach(submission_id, f"{number}.txt", f"第 {number} 份".encode())

    with pytest.raises(InvalidInput, match="最多 10 个附件"):
        office.attach(submission_id, "再一份.txt", "多了".encode())

    assert len(stored_names(office, submission_id)) == MOST_ATTACHMENTS


def test_of_two_windows_the_second_to_attach_is_told(office: Office) -> None:
    submission_id = office.draft()
    read = attachments.read(office.screener, name="名单.xlsx", content=CLEAN, now=office.now)
    office.attach(submission_id, "通知.txt", b"notice")

    with pytest.raises(StaleState), office.acting_as("小王") as work:
        attachments.attach(work, office.assets, submission_id=submission_id, seen_edition=1, attachment=read)

    assert stored_names(office, submission_id) == ["通知.txt"]


@pytest.mark.parametrize("who", ["小吴", "张处长", "老李", "陈部长", "小赵", "小林"])
def test_only_the_author_attaches(office: Office, who: str) -> None:
    submission_id = office.draft()

    with pytest.raises(NotFound):
        office.attach(submission_id, "名单.xlsx", CLEAN, who)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_stranger_does_not_learn_that_a_draft_is_full(office: Office) -> None:
    submission_id = office.draft()
    for number in range(MOST_ATTACHMENTS):
        office.attach(submission_id, f"{number}.txt", f"第 {number} 份".encode())

    with pytest.raises(NotFound):
        office.attach(submission_id, "再一份.txt", b"one more", "小吴")


def test_nothing_is_attached_to_an_item_in_review(office: Office) -> None:
    submission_id = office.submitted()

    with pytest.raises(WrongState):
        office.attach(submission_id, "名单.xlsx", CLEAN)


def test_a_file_of_another_item_cannot_be_handed_in(office: Office) -> None:
    other = office.draft("小吴")
    office.attach(other, "名单.xlsx", CLEAN, "小吴")
    submission_id = office.draft()
    with office.acting_as("小王") as work:
        work.session.get_one(Draft, submission_id).attachments = work.session.get_one(Draft, other).attachments

    with pytest.raises(InvalidInput, match="附件没有上传成功"):
        office.hand_in(submission_id)


def forgotten(office: Office, submission_id: int) -> int:
    with office.acting_as("小王") as work:
        return attachments.forget(work, office.assets, submission_id=submission_id)


def test_a_list_that_was_replaced_before_handing_in_is_deleted(office: Office) -> None:
    submission_id = office.draft()
    leaking = office.attach(submission_id, "名单.xlsx", LEAKING)
    masked = office.attach(submission_id, "名单.xlsx", MASKED)

    assert [forgotten(office, submission_id), forgotten(office, submission_id)] == [1, 0]
    assert (leaking in office.assets.files, masked in office.assets.files) == (False, True)
    with office.reading() as session:
        assert [each.sha256 for each in session.exec(select(AttachmentReading))] == [masked]


def test_what_a_version_or_another_item_carries_stays(office: Office) -> None:
    handed_in, shared = office.draft(), office.draft()
    kept = office.attach(handed_in, "名单.xlsx", CLEAN)
    office.hand_in(handed_in)
    office.perform("张处长", Action.RETURN, handed_in, "请换附件")
    office.attach(handed_in, "名单.xlsx", MASKED)
    both = office.attach(shared, "通知.txt", b"notice")
    office.attach(handed_in, "通知.txt", b"notice")
    with office.acting_as("小王") as work:
        edition = work.session.get_one(Draft, handed_in).edition
        attachments.detach(work, submission_id=handed_in, seen_edition=edition, name="通知.txt")

    assert forgotten(office, handed_in) == 1
    assert {kept, both} <= set(office.assets.files)


# --- The machine check -----------------------------------------------------------------------------------


def test_an_id_number_in_a_sheet_blocks_until_a_masked_file_takes_its_place(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", LEAKING)

    with pytest.raises(FindingsOpen, match="机器初筛拦截了 1 处"):
        office.hand_in(submission_id)
    marked = marks(office, submission_id)
    office.attach(submission_id, "名单.xlsx", MASKED)
    office.hand_in(submission_id)

    assert marked == [
        ("pi.id_card", FindingLevel.BLOCK, "attachment:名单.xlsx", "表“名单”第 2 行", "110105********002X")
    ]
    assert marks(office, submission_id) == []
    assert office.stored(submission_id).state is SubmissionState.DEPARTMENT_REVIEW


def test_what_is_kept_of_a_file_shows_no_personal_data(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", LEAKING)

    with office.reading() as session:
        kept = session.exec(select(AttachmentReading)).one()
    assert ID_NUMBER not in repr(kept.marks)
    assert [each["quote"] for each in kept.marks] == ["110105********002X"]


def test_a_long_list_is_one_decision(office: Office) -> None:
    submission_id = office.draft()
    rows = [("姓名", "电话"), *((f"学生{number}", f"138{number:08d}") for number in range(40))]
    office.attach(submission_id, "通讯录.xlsx", sheet(*rows))
    office.check(submission_id)

    with office.reading() as session:
        (mark,) = [each for each in reads.latest_findings(session, submission_id) if each.rule == "pi.mobile"]
    assert (mark.place, mark.suggestion[:10]) == (
        "表“名单”第 2 行、表“名单”第 3 行、表“名单”第 4 行等处",
        "共 40 处手机号。",
    )


def test_an_answer_holds_for_exactly_what_it_was_given_for(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", LEAKING)
    office.check(submission_id)
    with office.acting_as("小王") as work:
        (mark,) = reads.latest_findings(work.session, submission_id)
        findings.answer(work, finding_id=mark.id or 0, answer=FindingAnswer.CONFIRMED, reason="规范要求公示")

    office.attach(submission_id, "名单.xlsx", sheet(("证件号码", "姓名"), (ID_NUMBER, "张三")))
    office.check(submission_id)
    same_number = [each.answer for each in latest(office, submission_id)]
    office.attach(submission_id, "名单.xlsx", sheet(("证件号码",), ("110105194912310038",)))
    office.check(submission_id)

    assert same_number == [FindingAnswer.CONFIRMED]
    assert [each.answer for each in latest(office, submission_id)] == [None]


def latest(office: Office, submission_id: int) -> list[Finding]:
    with office.reading() as session:
        return [*reads.latest_findings(session, submission_id)]


def test_a_scan_is_marked_for_people_to_read(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "盖章件.pdf", scan())
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)

    assert marks(office, submission_id) == [
        ("attachment.scan", FindingLevel.WARN, "attachment:盖章件.pdf", "", "盖章件.pdf")
    ]
    with pytest.raises(FindingsOpen, match="机器读不出文字"):
        office.perform("老李", Action.PASS, submission_id)


def test_a_file_that_was_never_read_blocks(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", CLEAN)
    with office.as_system() as work:
        work.session.delete(work.session.exec(select(AttachmentReading)).one())
    office.check(submission_id)
    unread = [(rule, level) for rule, level, *_ in marks(office, submission_id)]

    attachment_checks.read_attachments(Shared(office), submission_id=submission_id)  # type: ignore[arg-type]  # the part it needs
    office.check(submission_id)

    assert unread == [("attachment.unread", FindingLevel.BLOCK)]
    assert marks(office, submission_id) == []


def test_a_file_is_read_again_when_the_lists_or_the_day_change(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", CLEAN)
    shared = Shared(office)

    def read() -> int:
        return attachment_checks.read_attachments(shared, submission_id=submission_id)  # type: ignore[arg-type]  # as above

    counts = [read()]
    office.later(days=1)
    counts += [read(), read()]
    shared.lists = Screener(())
    counts += [read(), read()]

    assert counts == [0, 1, 0, 1, 0]


# --- Sealed and opened -----------------------------------------------------------------------------------


def approved_with_list(office: Office) -> int:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", CLEAN)
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id)
    office.perform("老李", Action.PASS, submission_id)
    office.perform("陈部长", Action.APPROVE, submission_id)
    return submission_id


def test_the_version_keeps_its_attachments_when_the_draft_loses_them(office: Office) -> None:
    submission_id = office.draft()
    office.attach(submission_id, "名单.xlsx", CLEAN)
    office.hand_in(submission_id)
    office.perform("张处长", Action.RETURN, submission_id, "请换附件")
    with office.acting_as("小王") as work:
        edition = work.session.get_one(Draft, submission_id).edition
        attachments.detach(work, submission_id=submission_id, seen_edition=edition, name="名单.xlsx")
    office.hand_in(submission_id)

    with office.reading() as session:
        versions = [
            [each["name"] for each in version.attachments] for version in reads.revisions(session, submission_id)
        ]
    assert versions == [["名单.xlsx"], []]


@pytest.mark.parametrize(
    "changed",
    [[], [{"name": "名单.xlsx", "sha256": "f" * 64}], [{"name": "别的.xlsx", "sha256": "kept"}]],
)
def test_an_exchanged_attachment_breaks_the_seal(office: Office, changed: list[dict[str, str]]) -> None:
    submission_id = approved_with_list(office)
    sha256 = sha256_of(office, submission_id)
    with office.as_system() as work:
        revision = work.session.get_one(Revision, office.stored(submission_id).sealed_revision_id)
        revision.attachments = [
            each | {"sha256": sha256 if each["sha256"] == "kept" else each["sha256"]} for each in changed
        ]

    with pytest.raises(SealBroken), office.as_system() as work:
        submissions.sealed_revision(work, office.stored(submission_id))


def test_an_adjustment_of_the_office_keeps_the_attachments(office: Office) -> None:
    submission_id = approved_with_list(office)
    with office.acting_as("老李") as work:
        present = work.session.get_one(Revision, office.stored(submission_id).revision_id)
        submissions.adjust(
            work,
            submission_id=submission_id,
            seen_version=office.stored(submission_id).version,
            content=present.model_copy(update={"title": "新标题"}),
        )

    assert stored_names(office, submission_id) == ["名单.xlsx"]


def adjusted(office: Office, submission_id: int, attached: list[dict[str, str]]) -> None:
    with office.acting_as("老李") as work:
        present = work.session.get_one(Revision, office.stored(submission_id).revision_id)
        submissions.adjust(
            work,
            submission_id=submission_id,
            seen_version=office.stored(submission_id).version,
            content=present.model_copy(update={"attachments": attached}),
        )


def test_the_office_takes_an_attachment_out_and_the_version_before_keeps_it(office: Office) -> None:
    submission_id = approved_with_list(office)
    before = office.stored(submission_id).revision_id

    adjusted(office, submission_id, [])

    now = office.stored(submission_id)
    with office.reading() as session:
        versions = [session.get_one(Revision, each).attachments for each in (before, now.revision_id)]
        draft = session.get_one(Draft, submission_id).attachments
    assert ([len(each) for each in versions], draft) == ([1, 0], [])
    assert (now.state, now.seal) == (SubmissionState.FIRST_REVIEW, None)
    assert (AuditAction.ATTACHMENT_REMOVED, "老李", {"name": "名单.xlsx"}) in office.trail("submission", submission_id)


@pytest.mark.parametrize("change", [{"name": "别名.xlsx"}, {"sha256": "f" * 64}])
def test_the_office_puts_no_attachment_in_and_renames_none(office: Office, change: dict[str, str]) -> None:
    submission_id = approved_with_list(office)
    kept = {"name": "名单.xlsx", "sha256": sha256_of(office, submission_id)}

    with pytest.raises(InvalidInput, match="附件"):
        adjusted(office, submission_id, [kept | change])

    assert stored_names(office, submission_id) == ["名单.xlsx"]


def opened(office: Office, submission_id: int, who: str) -> bytes:
    with office.acting_as(who) as work:
        return attachments.open_file(
            work, office.assets, submission_id=submission_id, sha256=sha256_of(office, submission_id)
        )


def test_opening_is_kept_once_for_each_person(office: Office) -> None:
    submission_id = approved_with_list(office)

    contents = [opened(office, submission_id, who) for who in ("老李", "老李", "陈部长")]

    with office.reading() as session:
        rows = session.exec(select(AttachmentOpening)).all()
    assert contents == [CLEAN] * 3
    assert {each.person_id for each in rows} == {office.people["老李"], office.people["陈部长"]}
    assert [line[:2] for line in office.trail("submission", submission_id)[-2:]] == [
        (AuditAction.ATTACHMENT_OPENED, "老李"),
        (AuditAction.ATTACHMENT_OPENED, "陈部长"),
    ]


@pytest.mark.parametrize("who", ["小吴", "黄处长", "小林"])
def test_a_stranger_opens_nothing(office: Office, who: str) -> None:
    submission_id = approved_with_list(office)

    with pytest.raises(NotFound):
        opened(office, submission_id, who)
