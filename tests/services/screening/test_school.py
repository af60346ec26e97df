"""What is the school's own is entered in one spelling, or refused with a sentence."""

from __future__ import annotations

import pytest

from services.screening import school
from services.screening.school import School, restored


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("example.edu.cn", "example.edu.cn"),
        (" HTTPS://WWW.Example.EDU.cn/news?a=1 ", "www.example.edu.cn"),
        ("*.example.com:8080", "example.com"),
        ("xn--fiqs8s.xn--fiqs8s", "xn--fiqs8s.xn--fiqs8s"),
    ],
)
def test_a_domain_is_kept_without_what_people_paste_around_it(written: str, kept: str) -> None:
    assert school.domain(written) == kept


@pytest.mark.parametrize(
    "written", ["", "localhost", "com.cn", "a b.com", "203.0.113.9", "例子.com", "-a.com", "a..com"]
)
def test_what_is_no_domain_or_everybodys_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match="完整的域名"):
        school.domain(written)


def test_a_number_format_is_a_template() -> None:
    assert [school.number(each) for each in (" 2023###### ", "T####", "@@###")] == ["2023######", "T####", "@@###"]
    for bad in ("##", "2023", "2023[0-9]+", "a" * 30, "####", "2####"):
        with pytest.raises(ValueError, match="#"):
            school.number(bad)


def test_a_name_is_whole() -> None:
    assert school.name(" 测试大学 ") == "测试大学"
    for bad in ("大学", "测试 大学", "测试大学，"):
        with pytest.raises(ValueError, match="全称"):
            school.name(bad)


def test_what_is_stored_comes_back() -> None:
    own = School(own_domains=("a.example",), names=("测试大学",)).with_names(("教务处", "测试大学"))
    assert (own.names, restored(own.stored())) == (("教务处", "测试大学"), own)
    assert restored({}) == School()
