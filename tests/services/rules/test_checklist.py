"""审核清单: which items each review looks at, what the machine says to them, and which answers still hold."""

from __future__ import annotations

import pytest

from models import AiUse, CheckVerdict, FindingLevel, SubmissionState
from services.rules import checklist
from services.rules.checklist import BY_CODE, ITEMS, Facts, Given, MachineMark, Part, Proposal
from services.screening.catalogue import RULES

S, V = SubmissionState, CheckVerdict

AT_LEVEL = {
    1: "C01 C03 C04 C05 C06 C08 C09 C10 C11 C18",
    2: "C01 C02 C03 C04 C05 C06 C07 C08 C09 C10 C11 C12 C13 C14 C15 C16 C17 C18",
    3: "C01 C02 C03 C06 C08 C14 C17",
}


@pytest.mark.parametrize("stage", list(S))
def test_each_stage_looks_at_the_items_of_its_review(stage: SubmissionState) -> None:
    level = checklist.LEVEL_OF.get(stage)

    assert " ".join(each.code for each in checklist.items_at(stage)) == AT_LEVEL.get(level or 0, "")


def test_the_list_marks_what_blocks_and_what_the_machine_helps_with() -> None:
    assert [each.code for each in ITEMS] == [f"C{number:02}" for number in range(1, 19)]
    assert {each.code for each in ITEMS if not each.blocks} == {"C05", "C06", "C07", "C12", "C17", "C18"}
    assert {each.code for each in ITEMS if not each.assisted} == {"C01", "C04", "C12", "C14", "C17"}


def test_every_rule_of_the_machine_check_speaks_to_an_item_of_the_list() -> None:
    assert {each.checklist for each in RULES.values()} <= set(BY_CODE)


def mark(code: str, level: FindingLevel = FindingLevel.WARN, *, by: str = "") -> MachineMark:
    return MachineMark(code, level, "138****5678", answered=bool(by), explained=by == "office")


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("C01", Facts(), None),
        ("C09", Facts(), Proposal(V.PASS, "机器初筛没有发现问题")),
        ("C09", Facts(checked=False), Proposal(None, "内容有改动，机器初筛还没有重新检查")),
        ("C09", Facts(marks=(mark("C09"),)), Proposal(None, "机器提示 1 处未答复：例如“138****5678”")),
        (
            "C09",
            Facts(marks=(mark("C09", by="author"),)),
            Proposal(None, "机器提示 1 处由作者说明，请您判断：例如“138****5678”"),
        ),
        ("C09", Facts(marks=(mark("C09", by="office"),)), Proposal(V.PASS, "机器提示 1 处，已有人逐条答复")),
        ("C09", Facts(marks=(mark("C09", FindingLevel.INFO),)), Proposal(V.PASS, "机器只有 1 处一般提示")),
        ("C09", Facts(marks=(mark("C05"),)), Proposal(V.PASS, "机器初筛没有发现问题")),
        ("C01", Facts(marks=(mark("C01"),)), Proposal(None, "机器提示 1 处未答复：例如“138****5678”")),
        ("C10", Facts(pictures=1, with_minors=1), Proposal(None, "1 张图片登记有可辨认的未成年人，请核对同意书")),
        ("C10", Facts(pictures=1, unrecorded=1), Proposal(None, "1 张图片没有登记，不知道是否有未成年人")),
        ("C11", Facts(), Proposal(V.NOT_APPLICABLE, "没有图片")),
        ("C11", Facts(pictures=2, unrecorded=1), Proposal(None, "2 张图片中有 1 张没有登记来源")),
        ("C11", Facts(pictures=2), Proposal(V.PASS, "2 张图片都已登记来源")),
        ("C14", Facts(), Proposal(V.NOT_APPLICABLE, "没有图片")),
        ("C14", Facts(pictures=1, with_maps=1), Proposal(None, "1 张图片登记有地图，请核对审图号和完整性")),
        ("C14", Facts(pictures=1), None),
        ("C15", Facts(), Proposal(V.NOT_APPLICABLE, "没有链接和二维码")),
        ("C15", Facts(links=2), Proposal(None, "2 个链接，请逐一打开")),
        ("C16", Facts(), Proposal(V.NOT_APPLICABLE, "原创稿件")),
        ("C16", Facts(is_reprint=True, source="新华社"), Proposal(None, "转载自“新华社”，请核对授权")),
        (
            "C18",
            Facts(ai_use=AiUse.ASSISTED),
            Proposal(None, "作者声明 AI 辅助写作或修图，0 张图片为 AI 生成，请看是否已标识"),
        ),
    ],
)
def test_the_machine_says_why(code: str, facts: Facts, said: Proposal | None) -> None:
    assert checklist.proposal(BY_CODE[code], facts) == said


NOTHING_SPECIAL = Facts()
PASSED = Given(V.PASS, "", "老李")


def line(code: str, facts: Facts = Facts(), *, now: Given | None = None, before: Given | None = None) -> checklist.Line:  # noqa: B008  # frozen
    found = checklist.lines(
        S.FIRST_REVIEW,
        facts=facts,
        answers={code: now} if now else {},
        before={code: before} if before else {},
    )
    return next(each for each in found if each.item.code == code)


@pytest.mark.parametrize("part", list(Part))
def test_an_answer_holds_while_what_it_is_about_stays(part: Part) -> None:
    held = {
        item.code
        for item in ITEMS
        if not line(item.code, now=Given(V.PASS, "", "老李", changed=frozenset({part}))).is_open
    }

    assert held == {item.code for item in ITEMS if part not in item.about}


def test_an_outdated_failure_is_looked_at_again_and_stops_nobody() -> None:
    failed = Given(V.FAIL, "职务写错", "老李", changed=frozenset({Part.TEXT}))

    found = line("C03", now=failed)

    assert (found.stops, found.is_doubted, found.outdated) == (False, True, failed)
    assert found.proposal == Proposal(None, "老李曾答“不通过”：职务写错。请看是否已改好")


def test_what_failed_in_the_round_before_is_remembered_and_what_passed_is_not() -> None:
    failed = line("C03", before=Given(V.FAIL, "职务写错", "老李"))

    assert (failed.is_doubted, line("C03", before=PASSED).is_doubted) == (True, False)


def test_one_click_fills_what_is_open_and_beyond_doubt() -> None:
    facts = Facts(marks=(mark("C09"),), links=1)
    found = checklist.lines(
        S.FIRST_REVIEW, facts=facts, answers={"C04": Given(V.FAIL, "日期不对", "老李"), "C05": PASSED}, before={}
    )

    filled = checklist.filled(found)

    assert set(BY_CODE) - set(filled) == {"C04", "C05", "C09", "C15"}
    assert {code for code, (verdict, _) in filled.items() if verdict is V.NOT_APPLICABLE} == {"C11", "C14", "C16"}
    assert [each.item.code for each in checklist.required_open(found)] == [
        "C01", "C02", "C03", "C08", "C09", "C10", "C11", "C13", "C14", "C15", "C16",
    ]  # fmt: skip


def test_only_a_failed_item_that_blocks_stops_the_signature() -> None:
    stopping = {item.code for item in ITEMS if line(item.code, now=Given(V.FAIL, "不行", "老李")).stops}

    assert stopping == {item.code for item in ITEMS if item.blocks}
