"""Deterministic checks of wording."""

from datetime import date

import pytest

from services.screening.wording import event_marks, marks_in

TODAY = date(2026, 11, 22)  # a Sunday


def found(text: str, field: str = "body") -> list[tuple[str, str, str, str | None]]:
    return [
        (mark.rule.removeprefix("wording."), mark.level.value, text[mark.start : mark.end], mark.replacement)
        for mark in marks_in(text, today=TODAY, field=field)
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("11月23日（星期二）", [("weekday", "warn", "二", "一")]),
        ("2026年11月22日 周六", [("weekday", "warn", "六", "日")]),
        ("二〇二六年十一月二十二日（星期一）", [("weekday", "warn", "一", "日")]),
        ("１１月２３日（星期二）", [("weekday", "warn", "二", "一")]),
        ("2月30日", [("date", "warn", "2月30日", None)]),
        ("13月5日", [("date", "warn", "13月5日", None)]),
        ("2025年2月29日", [("date", "warn", "2025年2月29日", None)]),
        ("2026-02-30", [("date", "warn", "2026-02-30", None)]),
        ("12月25日，学校举行了艺术节。", [("date", "warn", "12月25日", None)]),
        ("11月22日晚上25:30", [("date", "warn", "25:30", None)]),
        ("（开头没有结束", [("punctuation", "warn", "（", None)]),
        ("结束没有开头”", [("punctuation", "warn", "”", None)]),
        ("《书名”", [("punctuation", "warn", "《", None), ("punctuation", "warn", "”", None)]),
        ("今天,我们", [("punctuation", "info", ",", "，")]),
        ("今天，，我们", [("punctuation", "warn", "，，", "，")]),
        ("今天，。我们", [("punctuation", "warn", "，。", None)]),
        ("学校的的操场", [("doubled", "warn", "的的", "的")]),
        ("学习成绩学习成绩好", [("doubled", "info", "学习成绩学习成绩", "学习成绩")]),
        ("XX同学待补充", [("placeholder", "warn", "XX", None), ("placeholder", "warn", "待补充", None)]),
        ("（图1）", [("placeholder", "warn", "（图1）", None)]),
        ("此处插入照片", [("placeholder", "warn", "此处插入照片", None)]),
        ("某某同学", [("placeholder", "info", "某某同学", None)]),
    ],
)  # fmt: skip
def test_each_slip_is_marked_where_it_stands(text: str, expected: list[tuple[str, str, str, str | None]]) -> None:
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "11月22日（星期日）",
        "2025年11月22日，星期六",
        "2025年，学校……11月22日（星期六）",
        "周一至周五，12月1日（周二至周四）",
        "2024年2月29日；2月29日",
        "12月25日将举行艺术节。11月1日学校举行了开幕式。",
        "比分25:30，比例25:75",
        "（一）《书名》“引‘里’文”【栏目】",
        "的的确确，是是非非，不甚了了，红红火火，纷纷，讨论讨论，一个一个，哈哈哈哈，读着读着",
        "Hello, world; a:b 9:00,10:00",
        "尺码XXL，1080×1920，138××××5678，C++",
        "高一年级和高二年级和谐相处，等待补充的水分",
    ],
)
def test_good_wording_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_repeated_paragraph_is_marked_once() -> None:
    paragraph = "金秋十月，学校第三十八届运动会在东操场隆重开幕，师生热情高涨。"
    assert found(f"{paragraph}\n另一段。\n{paragraph}") == [("doubled", "warn", paragraph, None)]


def test_a_title_does_not_end_in_a_full_stop() -> None:
    assert found("学校召开运动会。", field="title") == [("punctuation", "info", "。", "")]
    assert found("学校召开运动会！", field="title") == []


def test_without_a_day_only_the_calendar_is_checked() -> None:
    rules = [mark.rule for mark in marks_in("11月23日（星期二），2月30日，12月25日举行了会议。")]
    assert rules == ["wording.date"]


def test_a_report_of_what_has_happened_does_not_belong_to_a_day_to_come() -> None:
    report, plan = "学校成功举办了运动会。", "学校将举办运动会。"
    given = [(report, date(2026, 12, 1)), (report, TODAY), (report, None), (plan, date(2026, 12, 1))]
    assert [[mark.rule for mark in event_marks("运动会", body, day, TODAY)] for body, day in given] == [
        ["wording.date"], [], [], [],
    ]  # fmt: skip
