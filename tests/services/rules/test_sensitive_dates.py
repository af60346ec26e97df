"""Sensitive dates: which day is one, whatever the year, and what cannot be one."""

from __future__ import annotations

from datetime import date

import pytest

from services.rules.sensitive_dates import SHIPPED, Sensitive, fault_of, on


@pytest.mark.parametrize(
    ("day", "names"),
    [
        (date(2026, 12, 13), ["南京大屠杀死难者国家公祭日"]),
        (date(2030, 12, 13), ["南京大屠杀死难者国家公祭日"]),
        (date(2026, 12, 14), []),
        (date(2026, 4, 3), []),
        (date(2026, 4, 4), ["清明"]),
        (date(2026, 4, 6), ["清明"]),
        (date(2026, 4, 7), []),
        (date(2026, 7, 7), ["七七事变纪念日"]),
        (date(2026, 9, 18), ["九一八事变纪念日"]),
        (date(2026, 9, 30), ["烈士纪念日"]),
        (date(2026, 5, 12), ["汶川地震纪念日（全国防灾减灾日）"]),
        (date(2026, 11, 24), []),
    ],
)
def test_shipped_list_names_the_days_the_country_remembers(day: date, names: list[str]) -> None:
    assert [each.name for each in on(SHIPPED, day)] == names


@pytest.mark.parametrize(
    ("given", "day", "holds"),
    [
        (Sensitive("跨年", 12, 30, days=5), date(2027, 1, 3), True),
        (Sensitive("跨年", 12, 30, days=5), date(2027, 1, 4), False),
        (Sensitive("那一年", 6, 1, year=2026), date(2026, 6, 1), True),
        (Sensitive("那一年", 6, 1, year=2026), date(2027, 6, 1), False),
        (Sensitive("闰日", 2, 29), date(2028, 2, 29), True),
        (Sensitive("闰日", 2, 29), date(2027, 3, 1), False),
    ],
)
def test_several_days_one_year_and_leap_days(given: Sensitive, day: date, holds: bool) -> None:  # noqa: FBT001  # a column of the table
    assert given.holds_on(day) is holds


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (Sensitive("", 1, 1), "name"),
        (Sensitive("长" * 31, 1, 1), "name"),
        (Sensitive("没有这天", 4, 31), "day"),
        (Sensitive("没有这天", 2, 29, year=2027), "day"),
        (Sensitive("太长", 1, 1, days=61), "days"),
        (Sensitive("没说注意什么", 1, 1, advice=""), "advice"),
    ],
)
def test_date_that_cannot_be_is_named_by_its_field(given: Sensitive, field: str) -> None:
    fault = fault_of(given)

    assert fault is not None
    assert fault[0] == field


def test_nothing_shipped_has_a_fault_and_no_name_comes_twice() -> None:
    assert {each.name: fault_of(each) for each in SHIPPED} == {each.name: None for each in SHIPPED}
    assert len({each.name for each in SHIPPED}) == len(SHIPPED)
