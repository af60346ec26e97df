"""Links that lead outside are shown with their domain; links that pretend stop the author."""

from __future__ import annotations

import time

import pytest

from services.screening.links import Link, LinkFinder

WIDE = "\uff57\uff57\uff57"
CYRILLIC = "www.\u0440ku.edu-cn.com"  # its first letter of the name only looks like a p
FINDER = LinkFinder(["school.example", "partner.example"])


def found(text: str, *addresses: str) -> list[tuple[str, str, str]]:
    """Level, quote and marked characters; each `[words]` of the text leads to the next address."""
    links, rest = [], iter(addresses)
    while "[" in text and addresses:
        start = text.index("[")
        end = text.index("]") - 1
        text = text[:start] + text[start + 1 : end + 1] + text[end + 2 :]
        links.append(Link(start, end, next(rest)))
    marks = FINDER.marks_in(text, links, field="body")
    return [(mark.level.value, mark.quote, text[mark.start : mark.end]) for mark in marks]


@pytest.mark.parametrize(
    "text",
    [
        "详见 https://www.pku.edu.cn/news?id=1。",
        "详见www.moe.gov.cn，或school.example/news",
        "https://mp.weixin.qq.com/s/abc",
        "https://news.school.example:8443/a",
        "用 ASP.NET 和 Node.js 写成，见附件通知.docx，版本2.0，比分3.5",
        "邮箱 zhang.san@mail.example.com，li@126.com",
        "公式 a://b 与 file:///etc 不是网址",
    ],
)
def test_trusted_domains_and_what_is_no_address_are_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("详见 https://a.example.com/x?y=1。", ("warn", "a.example.com", "https://a.example.com/x?y=1")),
        ("详见http://example.com查看", ("warn", "example.com", "http://example.com")),
        ("（www.example.com）", ("warn", "www.example.com", "www.example.com")),
        ("打开example.top/act报名", ("warn", "example.top", "example.top/act")),
        (f"{WIDE}．example．com", ("warn", "www.example.com", f"{WIDE}．example．com")),
        ("https://edu.cn.example.com/", ("warn", "edu.cn.example.com", "https://edu.cn.example.com/")),
        ("https://myedu.cn", ("warn", "myedu.cn", "https://myedu.cn")),
        ("https://203.0.113.9/a", ("warn", "203.0.113.9", "https://203.0.113.9/a")),
        ("http://3405803785/", ("warn", "3405803785", "http://3405803785/")),
        ("http://0xcb007109/", ("warn", "0xcb007109", "http://0xcb007109/")),
        ("http://[2001:db8::1]/", ("warn", "[2001:db8::1]", "http://[2001:db8::1]/")),
        ("https://xn--fiqs8s.example/", ("warn", "中国.example", "https://xn--fiqs8s.example/")),
        (f"https://{CYRILLIC}", ("warn", CYRILLIC, f"https://{CYRILLIC}")),
        ("https://pku.edu.cn@example.com/", ("block", "example.com", "https://pku.edu.cn@example.com/")),
        ("https://example.com\\@pku.edu.cn", ("warn", "example.com", "https://example.com\\@pku.edu.cn")),
        ("https:example.com", ("warn", "example.com", "example.com")),
        ("https://%65xample.com/", ("warn", "example.com", "https://%65xample.com/")),
        ("HTTPS://EXAMPLE.COM./", ("warn", "example.com", "HTTPS://EXAMPLE.COM./")),
        ("https://大学.example.com查看", ("warn", "大学.example.com", "https://大学.example.com")),
    ],
)  # fmt: skip
def test_an_address_outside_is_shown_with_its_domain(text: str, expected: tuple[str, str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize(
    ("text", "address", "expected"),
    [
        ("点[这里]报名", "https://www.pku.edu.cn/", []),
        ("点[这里]报名", "https://form.example.com/1", [("warn", "form.example.com", "这里")]),
        ("见[www.pku.edu.cn]", "https://news.pku.edu.cn/1", []),
        ("见[www.pku.edu.cn]", "https://example.com/", [("block", "www.pku.edu.cn → example.com", "www.pku.edu.cn")]),
        ("见[www.pku.edu.cn]", "https://moe.gov.cn/", [("warn", "www.pku.edu.cn → moe.gov.cn", "www.pku.edu.cn")]),
        ("见[www.example.com]", "https://example.com/a", [("warn", "example.com", "www.example.com")]),
        ("写信[给我们]", "mailto:office@school.example", []),
        ("点[这里]", "https://pku.edu.cn@example.com/", [("block", "example.com", "这里")]),
        ("点[这里]", "https:\\\\example.com", [("warn", "example.com", "这里")]),
        ("点[这里]", "https:example.com", [("warn", "example.com", "这里")]),
    ],
)
def test_a_link_is_held_against_what_it_says(text: str, address: str, expected: list[tuple[str, str, str]]) -> None:
    assert found(text, address) == expected


@pytest.mark.parametrize("piece", [".com", "://", "http://", "a.com/", "https://a", "@a.cn", "www."])
def test_no_text_of_addresses_makes_the_search_slow(piece: str) -> None:
    begin = time.process_time()
    found(piece * (100_000 // len(piece)))
    assert time.process_time() - begin < 5
