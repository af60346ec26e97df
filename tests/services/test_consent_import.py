"""从表格导入肖像授权: every fault with its row, nobody twice, all or nothing, only by the keepers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pytest
from sqlmodel import col, select

from models import AuditAction, PortraitAge, PortraitConsent, PortraitScope
from services import consent_import, consents
from services.consent_import import COLUMNS, Plan
from services.errors import InvalidInput, NotAllowed, StaleState, UnreadableFile
from services.queries import consents as reads
from services.rules.consents import ConsentFields
from tests.office import CAST, Office
from tests.services.test_consents import recorded
from tests.services.test_people_import import sheet as sheet_of

KEEPERS = {"老李", "老周", "陈部长", "老唐", "小赵"}
ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FANG = {
    "姓名": "李小芳", "班级": "三（2）班", "年龄": "未满14", "监护人": "李大芳", "与本人关系": "母亲",
    "联系方式": 13812345678.0, "使用范围": "公众号，展板橱窗", "活动或学年": "", "可以署名": "是",
    "签署日期": "2026/9/2", "有效期至": None,
}  # fmt: skip


def sheet(*rows: Mapping[str, object], columns: tuple[str, ...] = COLUMNS) -> bytes:
    return sheet_of(*(tuple((FANG | dict(row)).get(name) for name in columns) for row in rows), columns=columns)


def planned(office: Office, content: bytes, who: str = "老李") -> Plan:
    with office.reading() as session:
        return consent_import.plan(session, office.actor(who), office.box, content, office.now)


def entered(office: Office, plan: Plan, who: str = "老李") -> None:
    with office.acting_as(who) as work:
        consent_import.carry_out(work, office.box, office.assets, plan.good)


def registered(office: Office) -> list[tuple[str, str]]:
    with office.reading() as session:
        rows = session.exec(select(PortraitConsent).order_by(col(PortraitConsent.id))).all()
        return [(each.shown_name, each.school_class) for each in rows]


@ONE_ENGINE
def test_a_row_is_read_like_the_form_and_the_rest_of_the_school_year_is_filled_in(office: Office) -> None:
    (paper,) = planned(office, sheet({})).good

    assert (paper.number, paper.shown_name) == (2, "李*芳")
    assert paper.fields == ConsentFields(
        name="李小芳", school_class="三（2）班", age=PortraitAge.CHILD, guardian="李大芳", relation="母亲",
        contact="13812345678", scopes=(PortraitScope.WECHAT, PortraitScope.BOARD), occasion="2026—2027 学年",
        may_be_named=True, signed_on=date(2026, 9, 2), valid_until=date(2027, 7, 31),
    )  # fmt: skip
    assert "李小芳" not in repr(paper)
    assert registered(office) == []


@ONE_ENGINE
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"姓名": ""}, "请填写被拍摄人的姓名"),
        ({"姓名": "李" * 41}, "姓名请控制在 40 字以内"),
        ({"监护人": ""}, "未满 18 周岁须由监护人签署：请填写监护人姓名和与本人的关系"),
        ({"年龄": "9"}, "年龄请填未满14、14至17、成年中的一个，现在是“9”"),
        ({"年龄": ""}, "年龄请填未满14、14至17、成年中的一个"),
        ({"使用范围": ""}, "请至少选择一个使用范围"),
        ({"使用范围": "公众号、抖音"}, "没有“抖音”这个使用范围，可填：公众号、校园网站、展板橱窗、第三方媒体"),
        ({"可以署名": "也许"}, "“可以署名”一列只能填“是”或“否”，现在是“也许”"),
        ({"签署日期": ""}, "签署日期须是今天或以前的日期"),
        ({"签署日期": "开学"}, "签署日期“开学”不是日期，请写成 2026-09-01"),
        ({"签署日期": "2026-12-01"}, "签署日期须是今天或以前的日期"),
        ({"有效期至": "2031-01-01"}, "有效期须在签署日期之后、三年以内"),
    ],
)
def test_a_fault_is_told_with_its_row_and_a_masked_name(office: Office, changes: dict[str, object], said: str) -> None:
    plan = planned(office, sheet({"姓名": "王小明"}, changes))

    assert [each.number for each in plan.good] == [2]
    assert [(each.number, each.faults) for each in plan.faulty] == [(3, (said,))]
    assert "小芳" not in repr(plan.faulty)


@pytest.mark.parametrize(
    ("typed", "age"),
    [("未满14", PortraitAge.CHILD), ("未满 14 周岁", PortraitAge.CHILD), ("14-17", PortraitAge.YOUTH),
     ("14 至 17 周岁", PortraitAge.YOUTH), ("成年人", PortraitAge.ADULT)],
)  # fmt: skip
@ONE_ENGINE
def test_the_age_is_understood_as_people_write_it(office: Office, typed: str, age: PortraitAge) -> None:
    (paper,) = planned(office, sheet({"年龄": typed})).good

    assert paper.fields.age is age


@ONE_ENGINE
def test_nobody_is_entered_twice_neither_from_one_sheet_nor_from_two(office: Office) -> None:
    known = recorded(office)
    there = {"姓名": "王小明", "签署日期": "2026-09-01"}
    plan = planned(office, sheet({}, {}, there, there | {"签署日期": "2026-10-01"}))

    assert [each.number for each in plan.good] == [2, 5]
    assert [(each.number, each.faults) for each in plan.faulty] == [
        (3, ("与第 2 行是同一份：姓名、班级和签署日期都相同",)),
        (4, (f"已经登记过，是 {known} 号",)),
    ]


def test_agreed_rows_are_entered_sealed_and_found_by_their_exact_name(office: Office) -> None:
    plan = planned(office, sheet({}, {"姓名": "王小明", "班级": "四（1）班"}))

    entered(office, plan)

    assert registered(office) == [("李*芳", "三（2）班"), ("王*明", "四（1）班")]
    with office.reading() as session:
        rows = session.exec(select(PortraitConsent).order_by(col(PortraitConsent.id))).all()
        digest = consents.digest_of(office.box, "李小芳")
        (found,) = reads.named_exactly(session, digest, today=date(2026, 11, 23))
    assert found.id == rows[0].id
    assert not any("小芳" in str(row) or "大芳" in str(row) for row in rows)
    assert [(action, details) for action, _, details in office.trail("consent", rows[0].id or 0)] == [
        (AuditAction.CONSENT_RECORDED, {"who": "李*芳", "scopes": ["wechat", "board"], "until": "2027-07-31"})
    ]


def test_of_two_keepers_with_the_same_sheet_the_second_writes_nothing(office: Office) -> None:
    first = planned(office, sheet({}))
    second = planned(office, sheet({"姓名": "王小明"}, {}))
    entered(office, first)

    with pytest.raises(StaleState, match=r"第 3 行（李\*芳）刚刚已由别人登记，什么都没有写入"):
        entered(office, second, "小赵")

    assert registered(office) == [("李*芳", "三（2）班")]


@ONE_ENGINE
def test_only_the_keepers_import(office: Office) -> None:
    plan = planned(office, sheet({}))
    for who, *_ in CAST:
        if who not in KEEPERS:
            with pytest.raises(NotAllowed, match="审核员、终审人和发布员"):
                planned(office, sheet({}), who)
            with pytest.raises(NotAllowed, match="审核员、终审人和发布员"):
                entered(office, plan, who)

    assert registered(office) == []


@ONE_ENGINE
def test_what_is_no_list_of_papers_is_refused_with_a_sentence(office: Office) -> None:
    with pytest.raises(UnreadableFile, match="不是可以读取的 Excel"):
        planned(office, b"no sheet")
    with pytest.raises(InvalidInput, match=r"不认识的列：身份证号。.*不要收集身份证号"):
        planned(office, sheet({}, columns=(*COLUMNS, "身份证号")))
    with pytest.raises(InvalidInput, match="缺少这些列：年龄"):
        planned(office, sheet({}, columns=tuple(name for name in COLUMNS if name != "年龄")))
    with pytest.raises(InvalidInput, match="表格里没有授权"):
        planned(office, sheet())
    with pytest.raises(UnreadableFile, match="一次最多导入 300 份"):
        planned(office, sheet(*({"姓名": f"某{number}"} for number in range(301))))


@ONE_ENGINE
def test_the_example_of_the_template_is_never_entered(office: Office) -> None:
    plan = planned(office, consent_import.template())

    assert (plan.good, [each.faults for each in plan.faulty]) == ([], [("这是模板里的例子，请删去这一行",)])
