"""《信息发布审批表》: filled from the trail, opened again as Word opens it; of one item, or of a month."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from docx import Document

from models import Action, CheckVerdict, EmergencyReason, RiskMark
from services import checklist, emergencies, review_forms, submissions
from services.errors import NotAllowed, NotFound
from services.office_forms import review_form, review_form_template
from services.queries import review_forms as reads
from services.rules.months import Months
from tests.desk import Desk
from tests.office import MONDAY_MORNING, Office

HOSTILE = "通知<b>&</b>{{ 7*7 }}{% for x in y %}“引号”"
STEPS, CHECKS, OUTLETS = 1, 2, 3


def opened(office: Office, who: str, submission_id: int) -> Any:
    """The form as somebody gets it, read back by another program."""
    with office.reading() as session:
        facts = reads.of_item(session, office.actor(who), submission_id)
    return Document(io.BytesIO(review_form.fill(facts, office.now)))


def cells(document: Any, table: int) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in document.tables[table].rows]


def head(document: Any) -> dict[str, str]:
    found: dict[str, str] = {}
    for row in cells(document, 0):
        found |= {row[0]: row[1], row[2]: row[3]} if row[1] != row[2] else {row[0]: row[1]}
    return found


def test_the_form_says_who_signed_what_when_with_which_words(office: Office) -> None:
    submission_id = office.submitted(risks=(RiskMark.FIGURES,))
    office.perform("张处长", Action.RETURN, submission_id, "请核对\n人数")
    office.hand_in(submission_id)
    office.perform("张处长", Action.SIGN_OFF, submission_id, "同意")
    office.perform("老李", Action.PASS, submission_id)

    document = opened(office, "小王", submission_id)

    assert cells(document, STEPS) == [
        ["轮次", "环节", "办理", "姓名", "时间", "意见"],
        ["1", "草稿", "提交", "小王", "2026-11-23 09:00", ""],
        ["1", "部门审签", "退回修改", "张处长", "2026-11-23 09:00", "请核对\n人数"],
        ["2", "退回修改", "提交", "小王", "2026-11-23 09:00", ""],
        ["2", "部门审签", "部门审签通过", "张处长", "2026-11-23 09:00", "同意"],
        ["2", "宣传部初审", "初审通过", "老李", "2026-11-23 09:00", ""],
    ]
    told = head(document)
    assert (told["标题"], told["供稿单位"], told["通讯员"], told["是否涉及"], told["紧急通道"]) == (
        "教务处举办教学经验交流会",
        "教务处",
        "小王",
        "对外数据",
        "未使用",
    )
    assert told["作者声明"] == "已作保密自查声明；已作版权和肖像声明"


def test_the_seal_is_on_the_form_and_what_somebody_typed_stays_text(office: Office) -> None:
    submission_id = office.approved(title=HOSTILE, photographer="摄影\x0b师")

    document = opened(office, "老李", submission_id)

    told = head(document)
    words = "\n".join(each.text for each in document.paragraphs)
    assert (told["标题"], told["摄影"]) == (HOSTILE, "摄影 师")
    assert f"封版指纹：{office.stored(submission_id).seal}" in words
    assert cells(document, OUTLETS) == [["平台", "状态", "时间", "地址"]]


def test_the_answers_of_the_present_round_are_on_the_form(office: Office) -> None:
    submission_id = office.submitted()
    with office.acting_as("张处长") as work:
        checklist.answer(
            work,
            submission_id=submission_id,
            seen_revision_id=office.stored(submission_id).revision_id or 0,
            item="C01",
            verdict=CheckVerdict.PASS,
            note="已通读",
        )

    rows = cells(opened(office, "张处长", submission_id), CHECKS)

    assert rows == [
        ["编号", "审核要点", "环节", "结论", "说明", "填写人"],
        ["C01", "政治导向正确", "部门审签", "通过", "已通读", "张处长"],
    ]


def test_an_emergency_says_so_on_its_form(office: Office) -> None:
    with office.acting_as("陈部长") as work:
        emergencies.list_person(work, person_id=office.people["小王"])
    submission_id = office.submitted()
    with office.acting_as("小王") as work:
        submissions.expedite(
            work,
            submission_id=submission_id,
            seen_version=office.stored(submission_id).version,
            reason=EmergencyReason.INCIDENT,
            words="积水",
        )
    office.perform("老李", Action.PASS, submission_id)
    office.perform("徐校长", Action.APPROVE, submission_id)

    told = head(opened(office, "老周", submission_id))

    assert told["紧急通道"] == ("突发事件：积水（小王 2026-11-23 09:00）\n须在 2026-11-24 09:00 前补审，尚未补审")


@pytest.mark.parametrize("who", ["小吴", "黄处长", "小林"])
def test_nobody_takes_the_form_of_an_item_they_may_not_see(office: Office, who: str) -> None:
    submission_id = office.approved()

    with pytest.raises(NotFound):
        opened(office, who, submission_id)


@pytest.mark.parametrize("who", ["小王", "张处长", "小赵", "徐校长", "小林"])
def test_nobody_outside_office_and_oversight_takes_a_month(office: Office, who: str) -> None:
    with office.reading() as session, pytest.raises(NotAllowed):
        reads.approved_in(session, office.actor(who), Months(202611, 202611))


def test_a_month_is_one_archive_of_what_was_sealed_in_it(desk: Desk) -> None:
    office = desk.office
    first, second = office.approved(title="甲/乙: 交流会"), office.approved(title="丙")
    office.submitted(title="还没有通过")
    archive = review_forms.MonthArchive(desk.runtime, office.actor("老李"), 202611)

    counted = list(archive.make())

    with zipfile.ZipFile(io.BytesIO(archive.file.content)) as file:
        names = file.namelist()
        titles = [head(Document(io.BytesIO(file.read(name))))["标题"] for name in names]
    assert (counted, archive.file.name) == ([1, 2], "审批表 2026-11.zip")
    assert names == [f"审批表 2026-{first:05d} 甲 乙 交流会.docx", f"审批表 2026-{second:05d} 丙.docx"]
    assert titles == ["甲/乙: 交流会", "丙"]
    empty = review_forms.MonthArchive(desk.runtime, office.actor("孙老师"), 202610)
    assert empty.items == []
    assert office.now == MONDAY_MORNING


def test_the_committed_template_is_the_one_the_script_makes(tmp_path: Any) -> None:
    made = tmp_path / "made.docx"
    review_form_template.build(made)

    def body(path: Any) -> bytes:
        with zipfile.ZipFile(path) as file:
            return file.read("word/document.xml")

    assert body(made) == body(review_form_template.TEMPLATE)
