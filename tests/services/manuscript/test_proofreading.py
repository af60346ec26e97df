"""A published copy against the approved one: what counts as a change, and how it is told."""

from __future__ import annotations

import pytest

from models import ProofVerdict
from services.manuscript.proofreading import Copy, compare, picture_names

V = ProofVerdict
BODY = "<p>11月20日，教务处举办交流会。六十余名教师参加。</p><p>三位教师作了介绍。</p>"
MEANT = Copy(
    title="教务处举办交流会", body=BODY, pictures=("a", "b"), author="小王", digest="摘要", files=(("议程.pdf", "f1"),)
)


def seen(**changes: object) -> Copy:
    values = {name: getattr(MEANT, name) for name in Copy.__dataclass_fields__}
    return Copy(**(values | changes))


@pytest.mark.parametrize(
    ("copy", "verdict", "said"),
    [
        pytest.param(seen(), V.SAME, (), id="the same"),
        pytest.param(
            seen(body=BODY.replace("<p>", '<section style="margin:0"><p>').replace("</p>", "</p></section>")),
            V.REWRITTEN,
            (),
            id="wrapped by the platform",
        ),
        pytest.param(
            seen(body=BODY.replace("。六十", "。</p><p>\u200b 六十")), V.REWRITTEN, (), id="a paragraph cut in two"
        ),
        pytest.param(seen(author=None, digest=None), V.SAME, (), id="what is not shown is not compared"),
        pytest.param(
            seen(body=BODY.replace("六十", "六百")),
            V.DIFFERENT,
            ("“六十余名教师参加。”变成“六百余名教师参加。”。",),
            id="a figure changed",
        ),
        pytest.param(
            seen(body=f"{BODY}<p>加微信领奖品！</p>"), V.DIFFERENT, ("多了“加微信领奖品！”。",), id="a sentence added"
        ),
        pytest.param(
            seen(body=BODY.replace("三位教师作了介绍。", "")),
            V.DIFFERENT,
            ("少了“三位教师作了介绍。”。",),
            id="a sentence gone",
        ),
        pytest.param(
            seen(title="紧急通知"), V.DIFFERENT, ("标题由“教务处举办交流会”变成“紧急通知”。",), id="another title"
        ),
        pytest.param(
            seen(title="教务处举办&#20132;流会\u200b", author="小&#29579;"), V.SAME, (), id="handed out escaped"
        ),
        pytest.param(seen(pictures=("a",)), V.DIFFERENT, ("图片由 2 张变成 1 张。",), id="a picture gone"),
        pytest.param(seen(pictures=("a", "x")), V.DIFFERENT, ("第 2 张图片被换过。",), id="another picture"),
        pytest.param(seen(pictures=("a", "")), V.SAME, (), id="a picture nobody can recognise"),
        pytest.param(
            seen(body=BODY.replace("三位教师", '<a href="https://evil.example/">三位教师</a>')),
            V.DIFFERENT,
            ("多了一个链接：https://evil.example/。",),
            id="a link put under old words",
        ),
        pytest.param(seen(files=()), V.DIFFERENT, ("附件“议程.pdf”不见了。",), id="a file gone"),
        pytest.param(
            seen(files=(("议程.pdf", "f2"), ("礼包.exe", "f3"))),
            V.DIFFERENT,
            ("附件“议程.pdf”被换过。", "多了附件“礼包.exe”。"),
            id="other files",
        ),
        pytest.param(
            seen(strange=("script",)), V.DIFFERENT, ("页面里出现了不该有的内容：script。",), id="something that runs"
        ),
    ],
)
def test_a_copy_is_judged_by_what_its_reader_gets(copy: Copy, verdict: V, said: tuple[str, ...]) -> None:
    found = compare(MEANT, copy)

    assert (found.verdict, found.said) == (verdict, said)


def test_a_link_the_platform_takes_out_is_its_rewriting() -> None:
    meant = seen(body=BODY.replace("三位教师", '<a href="https://jw.example.edu.cn/">三位教师</a>'))

    assert compare(meant, seen()).verdict is V.REWRITTEN


def test_the_same_change_is_recognised_again_and_another_is_not() -> None:
    once, again = (compare(MEANT, seen(body=BODY.replace("六十", "六百"))) for _ in range(2))
    other = compare(MEANT, seen(body=BODY.replace("六十", "六千")))

    assert once.key == again.key != other.key


def test_a_picture_keeps_its_name_in_every_size() -> None:
    body = (
        '<img src="http://mmbiz.qpic.cn/mmbiz_jpg/AbCdEfGhIjKlMn/0?wx_fmt=jpeg">'
        '<img data-src="https://mmbiz.qpic.cn/mmbiz_jpg/AbCdEfGhIjKlMn/640?wx_fmt=jpeg" src="data:image/gif;base64,x">'
        '<img src="/mmbiz/mmbiz_jpg/AbCdEfGhIjKlMn/0">'
    )

    assert picture_names(body) == ("AbCdEfGhIjKlMn",) * 3
