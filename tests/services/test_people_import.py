"""从表格导入人员: every fault with its row, hostile files refused, nothing written before somebody agrees."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import openpyxl
import pytest
from sqlmodel import select

from models import Person, Role
from services import people_import, sign_in
from services.errors import InvalidInput, NotAllowed, Refusal, UnreadableFile
from services.people_import import COLUMNS, Newcomer, Plan
from services.reset_codes import digest
from services.sheets import FaultyRow
from services.sign_in import Candidate
from tests.office import Office

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 23)
GOOD = ("liuyang", "刘洋", "教务处", "通讯员、审核员", date(2026, 12, 1), "2027/6/30", 81234567, "是")


def sheet(*rows: tuple[object, ...], columns: tuple[str, ...] = COLUMNS) -> bytes:
    book = openpyxl.Workbook()
    for row in (columns, *rows):
        book.active.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def planned(office: Office, content: bytes) -> Plan:
    with office.reading() as session:
        return people_import.plan(session, content, office.now)


def usernames(office: Office) -> set[str]:
    with office.reading() as session:
        return set(session.exec(select(Person.username)))


def row(**changes: object) -> tuple[object, ...]:
    names = ("username", "name", "department", "roles", "since", "until", "phone", "student")
    given = dict(zip(names, GOOD, strict=True)) | changes
    return tuple(given[name] for name in names)


@ONE_ENGINE
def test_good_row_is_read_with_dates_as_cells_or_as_text(office: Office) -> None:
    assert planned(office, sheet(GOOD)) == Plan(
        [
            Newcomer(
                number=2,
                username="liuyang",
                name="刘洋",
                department_id=office.departments["教务处"],
                department="教务处",
                roles=(Role.CONTRIBUTOR, Role.REVIEWER),
                since=date(2026, 12, 1),
                until=date(2027, 6, 30),
                phone="81234567",
                is_student=True,
            )
        ],
        [],
    )


@ONE_ENGINE
def test_a_row_is_read_as_offices_write_it(office: Office) -> None:
    (newcomer,) = planned(office, sheet(row(name="刘\u3000洋 ", since="2026年12月1日", until="2027/6/30"))).good

    assert (newcomer.name, newcomer.since, newcomer.until) == ("刘洋", date(2026, 12, 1), date(2027, 6, 30))


@ONE_ENGINE
def test_columns_may_come_in_any_order_and_the_optional_ones_be_missing(office: Office) -> None:
    content = sheet(("通讯员", "刘洋", "liuyang", "教务处"), columns=("角色", "姓名", "用户名", "部门"))

    (newcomer,) = planned(office, content).good
    assert (newcomer.username, newcomer.since, newcomer.until, newcomer.phone) == ("liuyang", TODAY, None, "")


@ONE_ENGINE
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "刘洋"}, "用户名须为 2 至 39 位小写字母、数字、点、横线，以字母开头"),
        ({"username": "person0"}, "用户名“person0”已被使用"),
        ({"name": None}, "请填写姓名"),
        ({"department": "天文台"}, "没有名为“天文台”的部门，请先新建"),
        ({"department": None}, "没有填写部门"),
        ({"roles": "编辑"}, "没有“编辑”这个角色，可填：" + "、".join(each.label for each in Role)),
        ({"roles": None}, "没有填写角色"),
        ({"until": "2026-11-30"}, "结束日期早于开始日期，请改正"),
        ({"until": None}, "学生的角色必须填写结束日期，到期自动失效"),
        ({"until": "明年"}, "结束日期“明年”不是日期，请写成 2026-09-01"),
        ({"phone": "打我手机"}, "工作电话只能是 5 至 20 位数字，可带 + - # 和括号；也可以不填"),
        ({"student": "也许"}, "“学生”一列只能填“是”或“否”，现在是“也许”"),
    ],
)
def test_fault_is_told_with_its_row(office: Office, changes: dict[str, object], said: str) -> None:
    plan = planned(office, sheet(row(username="zhangwei"), row(**changes)))

    assert [each.username for each in plan.good] == ["zhangwei"]
    assert [(each.number, said in each.faults) for each in plan.faulty] == [(3, True)]


@ONE_ENGINE
def test_same_username_twice_in_the_sheet_is_told_at_the_second(office: Office) -> None:
    plan = planned(office, sheet(GOOD, GOOD))

    assert len(plan.good) == 1
    assert plan.faulty == [FaultyRow(3, "刘洋", ("用户名“liuyang”在表格里出现了两次",))]


@ONE_ENGINE
def test_unknown_column_is_refused_by_name(office: Office) -> None:
    with pytest.raises(InvalidInput, match="不认识的列：身份证号、生日。"):
        planned(office, sheet(columns=(*COLUMNS, "身份证号", "生日")))


@ONE_ENGINE
def test_two_columns_of_one_name_are_refused(office: Office) -> None:
    with pytest.raises(InvalidInput, match="同名的列"):
        planned(office, sheet((*GOOD, "审核员"), columns=(*COLUMNS, "角色")))


@ONE_ENGINE
def test_missing_column_is_named(office: Office) -> None:
    with pytest.raises(InvalidInput, match="缺少这些列：部门、角色"):
        planned(office, sheet(("a", "b"), columns=("用户名", "姓名")))


def bomb() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (31 * 1024 * 1024))
    return buffer.getvalue()


HOSTILE = {
    "no file at all": b"",
    "a text": "用户名,姓名\n".encode(),
    "an empty archive": b"PK\x05\x06" + b"\0" * 18,
    "too large": b"0" * (2 * 1024 * 1024 + 1),
    "a bomb": bomb(),
    "too many rows": sheet(*(row(username=f"member{number}") for number in range(501))),
    "only headings": sheet(),
}


@ONE_ENGINE
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_list_of_people_is_refused_with_a_sentence(office: Office, content: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        planned(office, content)

    assert isinstance(refusal.value, UnreadableFile | InvalidInput)


@ONE_ENGINE
def test_template_can_be_uploaded_as_it_is_but_for_its_example(office: Office) -> None:
    plan = planned(office, people_import.template())

    assert ([each.username for each in plan.good], plan.faulty) == (["wangxm"], [])


@ONE_ENGINE
def test_reading_writes_nothing(office: Office) -> None:
    before = usernames(office)
    planned(office, sheet(GOOD))

    assert usernames(office) == before


def test_agreed_rows_are_entered_each_with_a_code_that_lets_them_in(office: Office) -> None:
    plan = planned(office, sheet(row(until=None, student="否"), row(username="zhangwei", name="张伟")))
    with office.acting_as("小林") as work:
        codes = people_import.carry_out(work, office.box, plan.good)
    with office.reading() as session:
        who = session.exec(select(Person).where(Person.username == "liuyang")).one().id or 0

    typed = digest(office.box, who, codes[0].code)
    with office.as_system() as work:
        opened = sign_in.settle(work, Candidate(who, ""), matched=False, reset_digest=typed)

    assert {"liuyang", "zhangwei"} <= usernames(office)
    assert [(each.username, each.name) for each in codes] == [("liuyang", "刘洋"), ("zhangwei", "张伟")]
    assert opened is not None


def test_all_rows_or_none(office: Office) -> None:
    plan = planned(office, sheet(GOOD, row(username="zhangwei")))
    with office.acting_as("小林") as work:
        people_import.carry_out(work, office.box, plan.good[1:])

    with pytest.raises(InvalidInput, match="已被使用"), office.acting_as("小林") as work:
        people_import.carry_out(work, office.box, plan.good)

    assert "liuyang" not in usernames(office)


@ONE_ENGINE
def test_only_the_administrator_imports(office: Office) -> None:
    plan = planned(office, sheet(GOOD))

    with pytest.raises(NotAllowed), office.acting_as("陈部长") as work:
        people_import.carry_out(work, office.box, plan.good)
