"""A single name beside an illness or a hardship is found with its borders; offices, groups and titles are not."""

import pytest

from models import FindingLevel
from services.screening.circumstances import Beside, names_beside
from services.screening.personal_information import PersonalDataSettings, marks_in


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("家庭经济困难学生张三", ["张三"]),
        ("家庭经济困难学生张三的母亲", ["张三"]),
        ("建档立卡贫困户学生李小明同学获得资助", ["李小明"]),
        ("困难学生:王芳,二年级", ["王芳"]),
        ("低保家庭学生刘洋、陈静和孙丽已收到", ["刘洋", "陈静", "孙丽"]),
        ("贫困学生常青同学", ["常青"]),
        ("困难职工马建军", ["马建军"]),
        ("孤儿王小丫", ["王小丫"]),
        ("白血病患者李强", ["李强"]),
        ("患白血病的学生赵敏", ["赵敏"]),
        ("学生张三身患白血病", ["张三"]),
        ("李小明同学患有抑郁症", ["李小明"]),
        ("方圆同学被确诊为急性白血病", ["方圆"]),
        ("李华因抑郁症休学", ["李华"]),
        ("张伟家庭经济困难", ["张伟"]),
        ("张三:家庭特别困难", ["张三"]),
        ("王建国系建档立卡贫困户", ["王建国"]),
        ("刘洋同学是孤儿", ["刘洋"]),
        ("王强(低保户)", ["王强"]),
        ("王强(高二,家庭经济困难)", ["王强"]),
        ("姓名\t困难等级\n张三\t特别困难", ["张三"]),
        ("1\t李明\t二班\t低保户", ["李明"]),
        ("困难学生张某、李某某", []),
        ("困难学生小王", []),
        ("困难学生李老师", []),
        ("困难学生申请表", []),
        ("张伟为困难学生捐款", []),
        ("帮扶困难学生、李芳等老师家访", []),
        ("残疾人联合会主席刘敏", []),
        ("王伟(资助困难学生专员)", []),
        ("周末患抑郁症的同学", []),
        ("路人突发心脏病", []),
        ("王强因糖尿病讲座到场", []),
        ("王强\t时间有困难", []),
    ],
)
def test_a_name_is_tied_to_what_stands_beside_it(text: str, names: list[str]) -> None:
    found = [*dict.fromkeys((each.name, each.start) for each in names_beside(text))]
    assert found == [(name, text.index(name)) for name in names]


def test_an_illness_of_somebody_who_need_not_be_a_pupil_is_a_hint_only() -> None:
    assert [*names_beside("林小雨身患白血病")] == [Beside("林小雨", 0, 3, "白血病", sure=False)]
    assert [*names_beside("学生林小雨身患白血病")] == [Beside("林小雨", 2, 5, "白血病", sure=True)]


def test_the_mark_lies_on_the_name_alone_so_that_one_click_hides_it() -> None:
    text = "　家庭经济困难学生\u200b张三，二年级"
    [mark] = marks_in(text, settings=PersonalDataSettings(salt=b"pepper"))

    assert (mark.rule, mark.level, text[mark.start : mark.end]) == ("pi.circumstances", FindingLevel.WARN, "张三")
    assert (mark.quote, mark.replacement) == ("张*", "张*")
    assert "“困难”" in mark.suggestion
    assert mark.digest


def test_three_names_in_a_list_are_marked_once_as_a_list() -> None:
    marks = marks_in("困难学生名单：\n张三\n李四\n王五\n困难学生张三", settings=PersonalDataSettings())
    assert [mark.rule for mark in marks] == ["pi.minor_list", "pi.circumstances"]


def test_a_row_without_an_end_is_read_in_time() -> None:
    row = "王\t困难\t" * 20_000
    assert [*names_beside(row)] == []
    assert [*names_beside(f"{'甲' * 200}\t张三\t困难")] == [Beside("张三", 201, 203, "困难", sure=True)]
    assert [*names_beside("困难学生陆倩(化名)、李静(均为化名)")] == []
