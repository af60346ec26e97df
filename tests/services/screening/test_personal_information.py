"""Every kind of personal data in every writing, and what only looks like it."""

from collections.abc import Callable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import FindingLevel
from services.screening.marks import Mark
from services.screening.personal_information import (
    PersonalDataSettings,
    is_id_number,
    marks_in,
    masked,
    passes_luhn,
    salted_hash,
)

TODAY = date(2026, 11, 22)
SETTINGS = PersonalDataSettings(
    salt=b"pepper", student_numbers=("2023####", "19########", "@@######"), school_domains=("school.edu.cn",)
)
ID = "11010519491231002X"


def found(text: str) -> list[tuple[str, str, str, str]]:
    return [
        (mark.rule, mark.level.value, mark.quote, text[mark.start : mark.end])
        for mark in marks_in(text, settings=SETTINGS, today=TODAY)
    ]


def check_digit(seventeen: str) -> str:
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return "10X98765432"[sum(int(d) * w for d, w in zip(seventeen, weights, strict=True)) % 11]


def luhn_complete(digits: str) -> str:
    return next(digits + end for end in "0123456789" if passes_luhn(digits + end))


CARD = luhn_complete("622202123456789012")

FULL_WIDTH = str.maketrans("0123456789X", "０１２３４５６７８９Ｘ")
HAN = str.maketrans("0123456789", "\u3007一二三四五六七八九")


@pytest.mark.parametrize(
    "written",
    [
        ID,
        ID.lower(),
        ID.translate(FULL_WIDTH),
        "110105 19491231 002X",
        "110105-19491231-002X",
        "110105 1949 1231 002X",
        "110 105 1949 1231 002X",
        "1 1 0 1 0 5 1 9 4 9 1 2 3 1 0 0 2 X",
        "110105\u200b19491231002X",
        "11010519491231002 X",
        ID.translate(HAN),
        "110105一九四九一二三一002X",
    ],
)
def test_an_id_number_is_blocked_in_every_writing(written: str) -> None:
    assert found(f"学生王某，{written}，已登记。") == [("pi.id_card", "block", "110105********002X", written)]


@pytest.mark.parametrize(
    "written",
    [
        "13812345678",
        "１３８１２３４５６７８",
        "138 1234 5678",
        "138-1234-5678",
        "138－1234－5678",
        "138\u20131234\u20135678",
        "138.1234.5678",
        "13812 345678",
        "1 3 8 1 2 3 4 5 6 7 8",
        "一三八一二三四五六七八",
        "幺三八 一二三四 五六七八",
        "138一二三四5678",
        "138\u200b1234\u200b5678",
        "8613812345678",
        "0086 138 1234 5678",
    ],
)
def test_a_mobile_number_is_found_in_every_writing(written: str) -> None:
    assert found(f"手机：{written}。") == [("pi.mobile", "warn", "138****5678", written)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("电话：025-83210000。", ("pi.landline", "info", "02583****00", "025-83210000")),
        ("（025）83210000", ("pi.landline", "info", "02583****00", "（025）83210000")),
        ("电话０２５８３２１００００", ("pi.landline", "info", "02583****00", "０２５８３２１００００")),
        ("联系电话：8321 0000", ("pi.landline", "info", "83****00", "8321 0000")),
        ("传真零二五-八三二一零零零零", ("pi.landline", "info", "02583****00", "零二五-八三二一零零零零")),
        ("邮箱li.si@example.com，欢迎", ("pi.email", "warn", "l****@example.com", "li.si@example.com")),
        ("邮箱：zs\uff20e.cn", ("pi.email", "warn", "z*@e.cn", "zs\uff20e.cn")),
        ("zs [at] example.com", ("pi.email", "warn", "z*@example.com", "zs [at] example.com")),
        ("投稿hi@m.school.edu.cn", ("pi.email", "info", "h*@m.school.edu.cn", "hi@m.school.edu.cn")),
        ("QQ：12345678", ("pi.qq", "warn", "12****78", "12345678")),
        ("ＱＱ群号１２３４５６７８", ("pi.qq", "warn", "12****78", "１２３４５６７８")),
        ("qq是1234 5678", ("pi.qq", "warn", "12****78", "1234 5678")),
        ("QQ：一二三四五六七八", ("pi.qq", "warn", "12****78", "一二三四五六七八")),
        ("微信号：zhang_san01", ("pi.wechat_id", "warn", "zh********1", "zhang_san01")),
        ("加VX：zhangsan2020", ("pi.wechat_id", "warn", "zh*********0", "zhangsan2020")),
        ("护照号E12345678", ("pi.passport", "block", "E1*****78", "E12345678")),
        ("护照：\uff25１２３４５６７８", ("pi.passport", "block", "E1*****78", "\uff25１２３４５６７８")),
        ("护照号 E 1234 5678", ("pi.passport", "block", "E1*****78", "E 1234 5678")),
        ("持EA1234567入境", ("pi.passport", "warn", "EA*****67", "EA1234567")),
        ("港澳通行证C12345678", ("pi.passport", "block", "C1*****78", "C12345678")),
        ("苏A12345的车", ("pi.plate", "warn", "苏A***45", "苏A12345")),
        ("苏A·D12345", ("pi.plate", "warn", "苏A****45", "苏A·D12345")),
        ("苏Ａ１２３４Ｆ", ("pi.plate", "warn", "苏A***4F", "苏Ａ１２３４Ｆ")),
        ("京A 1234警", ("pi.plate", "warn", "京A***4警", "京A 1234警")),
        ("学号：2021010112", ("pi.student_no", "block", "2021****12", "2021010112")),
        ("准考证号2021-0101-12", ("pi.student_no", "block", "2021****12", "2021-0101-12")),
        ("考号２０２１０１０１１２", ("pi.student_no", "block", "2021****12", "２０２１０１０１１２")),
        ("学号二零二一零一零一", ("pi.student_no", "block", "2021**01", "二零二一零一零一")),
        ("教工号 00451298", ("pi.student_no", "warn", "0045**98", "00451298")),
        ("名单：20230101", ("pi.student_no", "warn", "2023**01", "20230101")),
        (f"卡号{CARD}", ("pi.bank_card", "block", masked(CARD, 4, 4), CARD)),
        ("家住江苏省南京市玄武区北京东路41号3栋201室。", (
            "pi.address", "warn", "江苏省南京市***", "江苏省南京市玄武区北京东路41号3栋201室")),
        ("住址：和平村三组", ("pi.address", "warn", "和平***", "和平村三组")),
        ("宿舍3栋405室", ("pi.address", "warn", "3栋***", "3栋405室")),
        ("宿舍：梅园3-512", ("pi.address", "warn", "梅园***", "梅园3-512")),
        ("住10号楼5层512房间", ("pi.address", "warn", "10号楼5层***", "10号楼5层512房间")),
        ("证件110105/19491231/002X", ("pi.id_card", "block", "110105********002X", "110105/19491231/002X")),
        ("电话138、1234\n、5678，联系138/1234/5678", ("pi.mobile", "warn", "138****5678", "138/1234/5678")),
        ("加我138转1234转5678", ("pi.mobile", "warn", "138****5678", "138转1234转5678")),
        ("①13812345678", ("pi.mobile", "warn", "138****5678", "13812345678")),
        ("1381234567⑧", ("pi.mobile", "warn", "138****5678", "1381234567⑧")),
        ("1381234567八", ("pi.mobile", "warn", "138****5678", "1381234567八")),
        ("➀➂➇➀➁➂➃➄➅➆➇", ("pi.mobile", "warn", "138****5678", "➀➂➇➀➁➂➃➄➅➆➇")),
        ("+86-25-83210000", ("pi.landline", "info", "862583****00", "+86-25-83210000")),
        ("Tel：+86（25）8321-0000", ("pi.landline", "info", "862583****00", "+86（25）8321-0000")),
        ("家里座机83210000", ("pi.landline", "info", "83****00", "83210000")),
        ("邮箱：kate at example dot com", ("pi.email", "warn", "k***@example.com", "kate at example dot com")),
        ("邮箱zs#example。com", ("pi.email", "warn", "z*@example.com", "zs#example。com")),
        ("邮箱：zs艾特example.com", ("pi.email", "warn", "z*@example.com", "zs艾特example.com")),
        ("加Q12345678", ("pi.qq", "warn", "12****78", "12345678")),
        ("Ｑ号：12345678", ("pi.qq", "warn", "12****78", "12345678")),
        ("WeChat ID: zhang_san01", ("pi.wechat_id", "warn", "zh********1", "zhang_san01")),
        ("微信号zhang_san01", ("pi.wechat_id", "warn", "zh********1", "zhang_san01")),
        ("班主任微信zhang_san01", ("pi.wechat_id", "warn", "zh********1", "zhang_san01")),
        ("wx：zhang_san01", ("pi.wechat_id", "warn", "zh********1", "zhang_san01")),
        ("护照No.D12345678", ("pi.passport", "block", "D1*****78", "D12345678")),
        ("住徐汇区漕溪北路18弄5号1203室", ("pi.address", "warn", "徐汇区漕溪北***", "徐汇区漕溪北路18弄5号1203室")),
        ("户口：山河村王庄组", ("pi.address", "warn", "山河***", "山河村王庄组")),
        ("学号范围20210101-20210150", (
            "pi.student_no", "block", "2021**********50", "20210101-20210150")),
        ("加薇abc123", ("pi.wechat_id", "warn", "ab***3", "abc123")),
        ("＋薇 abc１２３", ("pi.wechat_id", "warn", "ab***3", "abc１２３")),
        ("加微zhang_san", ("pi.wechat_id", "warn", "zh******n", "zhang_san")),
        ("薇：zhang_san1", ("pi.wechat_id", "warn", "zh*******1", "zhang_san1")),
        ("薇信abc12345", ("pi.wechat_id", "warn", "ab*****5", "abc12345")),
        ("V信abc12345", ("pi.wechat_id", "warn", "ab*****5", "abc12345")),
        ("加wx abc12345", ("pi.wechat_id", "warn", "ab*****5", "abc12345")),
        ("私信vxabc12345", ("pi.wechat_id", "warn", "ab*****5", "abc12345")),
        ("他写了VXabc12345", ("pi.wechat_id", "info", "ab*****5", "abc12345")),
        ("车牌使014578", ("pi.plate", "warn", "使0***78", "使014578")),
        ("使 014·578", ("pi.plate", "warn", "使0***78", "使 014·578")),
        ("沪A·0023领驶过", ("pi.plate", "warn", "沪A***3领", "沪A·0023领")),
        ("京A0006使", ("pi.plate", "warn", "京A***6使", "京A0006使")),
        ("WJ·沪·１２３4X", ("pi.plate", "warn", "WJ****4X", "WJ·沪·１２３4X")),
        ("wj苏01234停在门口", ("pi.plate", "warn", "WJ****34", "wj苏01234")),
        ("苏A\n12345", ("pi.plate", "warn", "苏A***45", "苏A\n12345")),
        ("一辆车苏A12\n345", ("pi.plate", "warn", "苏A***45", "苏A12\n345")),
        ("联系电话\t138\t1234\t5678", ("pi.mobile", "warn", "138****5678", "138\t1234\t5678")),
        ("电话\t1\t3\t8\t1\t2\t3\t4\t5\t6\t7\t8", (
            "pi.mobile", "warn", "138****5678", "1\t3\t8\t1\t2\t3\t4\t5\t6\t7\t8")),
        ("姓名\t电话\n甲\t8321 0000", ("pi.landline", "info", "83****00", "8321 0000")),
        ("110105\t19491231\t002X", ("pi.id_card", "warn", "110105********002X", "110105\t19491231\t002X")),
        ("身份证\t110105\t19491231\t002X", ("pi.id_card", "block", "110105********002X", "110105\t19491231\t002X")),
        ("幺三八洞洞洞两拐拐勾勾", ("pi.mobile", "warn", "138****7799", "幺三八洞洞洞两拐拐勾勾")),
        ("电话：洞两五-八三两幺洞洞洞洞", ("pi.landline", "info", "02583****00", "洞两五-八三两幺洞洞洞洞")),
        ("总机八三两幺洞洞洞洞", ("pi.landline", "info", "83****00", "八三两幺洞洞洞洞")),
        ("学　号（2021010112）", ("pi.student_no", "block", "2021****12", "2021010112")),
    ],
)  # fmt: skip
def test_each_kind_is_found_and_masked(text: str, expected: tuple[str, str, str, str]) -> None:
    assert found(text) == [expected]


@pytest.mark.parametrize("gap", ["", " ", "-"])
@pytest.mark.parametrize("width", [str.maketrans({}), FULL_WIDTH])
def test_a_bank_card_in_fours_is_found(gap: str, width: dict[int, int]) -> None:
    written = gap.join(CARD[place : place + 4] for place in range(0, 19, 4)).translate(width)
    assert found(f"银行卡号：{written}") == [("pi.bank_card", "block", masked(CARD, 4, 4), written)]


def test_a_card_number_without_context_is_a_warning_and_a_random_number_nothing() -> None:
    other = luhn_complete("951234567890123")
    assert [mark[:2] for mark in found(CARD)] == [("pi.bank_card", "warn")]
    assert found(other) == []
    assert [mark[:2] for mark in found(f"账号{other[:-1]}{(int(other[-1]) + 1) % 10}")] == [("pi.bank_card", "warn")]


def test_an_id_number_that_passes_luhn_is_an_id_number() -> None:
    numbers = (f"11010519900101{serial:03d}" for serial in range(1000))
    both = next(n + check_digit(n) for n in numbers if check_digit(n) != "X" and passes_luhn(n + check_digit(n)))
    assert [mark[0] for mark in found(f"卡号{both}")] == ["pi.id_card"]


def test_a_failed_check_digit_is_shown_as_a_warning_not_as_nothing() -> None:
    assert [mark[:2] for mark in found("110105194912310021")] == [("pi.id_card", "warn")]
    assert [mark[:2] for mark in found("身份证号110105194913310021")] == [("pi.id_card", "warn")]


@given(
    region=st.sampled_from(["110105", "320106", "440305", "650102"]),
    born=st.dates(date(1930, 1, 1), TODAY),
    serial=st.integers(0, 999),
    place=st.integers(0, 17),
    step=st.integers(1, 9),
)
def test_every_single_digit_typo_in_an_id_number_is_rejected(
    region: str, born: date, serial: int, place: int, step: int
) -> None:
    seventeen = f"{region}{born:%Y%m%d}{serial:03d}"
    good = seventeen + check_digit(seventeen)
    assert is_id_number(good, TODAY)
    old = good[place]
    new = str((int(old) + step) % 10) if old != "X" else str(step)
    assert not is_id_number(good[:place] + new + good[place + 1 :], TODAY)


@given(born=st.dates(date(1930, 1, 1), TODAY), serial=st.integers(0, 999), place=st.integers(0, 16))
def test_every_swap_of_neighbours_in_an_id_number_is_rejected(born: date, serial: int, place: int) -> None:
    seventeen = f"320106{born:%Y%m%d}{serial:03d}"
    good = seventeen + check_digit(seventeen)
    swapped = good[:place] + good[place + 1] + good[place] + good[place + 2 :]
    assert swapped == good or not is_id_number(swapped, TODAY)


@pytest.mark.parametrize(
    "digits", ["991053194912310020", "110105204912310020", "110105194902300020", "1101051949123100", ""]
)
def test_a_wrong_province_a_future_or_impossible_birthday_or_length_is_no_id_number(digits: str) -> None:
    assert not is_id_number(digits, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "比分15 16 17 18 19 20 21 22",
        "1936-2026 90周年，2026-11-22 08:30至2026-11-23 17:00",
        "订单号320106199001013579",
        "施工许可证310107202611160199，图号JS-03-150-2000-3000",
        "统一社会信用代码12320106466000711X",
        "文号：苏教\u30142026\u301513812345678号，编号13812345678",
        "拨打12345热线，24小时服务；400-820-8820",
        "公众号微信号：nanjing_school",
        "ISBN 9787020002207",
        "经费1381234元，共138123456789012345678901元",
        "教学楼3号楼201教室，图书馆2号楼305室",
        "邮箱请见官网。联系@全体同学",
        "人民东路小学在中山路举行活动，走进3号车间",
        "高一（3）班获一等奖，高二（2）班成绩优异",
        "G2026次列车，E座，B12展台",
        "①5月3日；②8月共12人；10²页，增长12%¹",
        "热线12345，受理150件2000人3000次；转速150转2000转3000转",
        "南极企鹅12345只，Q：10000元够吗？page.html#section.name",
        "文件Fwx: request，关注微信App下载，微信Windows11版",
        "户口迁移请到3号楼办理",
        "meet at example.com，共150/2000/3000三档",
        "学号（8位）、考号共14位，序号\t得分\n2023001\t98",
    ],
)
def test_what_only_looks_like_personal_data_is_left_alone(text: str) -> None:
    assert found(text) == []


def test_a_student_number_that_looks_like_a_phone_is_told_apart_by_its_label_or_the_schools_format() -> None:
    assert [mark[0] for mark in found("学号：13912345678")] == ["pi.student_no"]
    assert [mark[0] for mark in found("1912345678")] == ["pi.student_no"]
    assert [mark[0] for mark in found("电话13912345678")] == ["pi.mobile"]
    assert [mark[0] for mark in found("QQ：13912345678")] == ["pi.qq"]


def test_every_number_of_a_row_after_its_label_and_every_cell_under_its_head_is_found() -> None:
    assert [mark[3] for mark in found("学号2021010112、2021010113和2021010114，共3人、12345678")] == [
        "2021010112", "2021010113", "2021010114",
    ]  # fmt: skip
    table = (
        f"姓名\t学号\t证件号码\t护照号\t银行卡号\tQQ\t微信号\n甲\t20210\t{ID[:-1]}1\tAB1234567\t{CARD}\t12345\tzs_001"
    )
    assert [mark[:2] for mark in found(table)] == [
        ("pi.student_no", "block"), ("pi.id_card", "warn"), ("pi.passport", "block"), ("pi.bank_card", "block"),
        ("pi.qq", "warn"), ("pi.wechat_id", "warn"),
    ]  # fmt: skip
    assert [mark[:2] for mark in found("教工号\t姓名\n00451298\t甲")] == [("pi.student_no", "warn")]


def test_names_beside_marks_are_a_list_of_minors() -> None:
    text = "期中成绩公布\n张三 98\n李四光 95\n王小五 96"
    assert found(text) == [("pi.minor_list", "warn", "张*、李**、王**等3人", "张三 98\n李四光 95\n王小五")]
    assert found("主持人：张三、李四光、王小五") == []
    assert found("成绩：张三 98，李四光 95") == []


def test_what_was_found_over_cells_and_lines_is_masked_in_each_of_them() -> None:
    def put_in(text: str) -> list[str | None]:
        return [mark.replacement for mark in marks_in(text, settings=SETTINGS, today=TODAY)]

    assert put_in("联系电话\t138\t12 34\t5678") == []  # four digits in two pieces are no cell of a number
    assert put_in("联系电话\t138\t\u200b1234\t5678") == ["138\t****\t5678"]
    assert put_in("电话138 12\n34 5678") == ["138**\n**5678"]
    assert put_in("苏A·\n12345") == ["苏A\n***45"]
    assert put_in("\t".join(ID)) == ["\t".join("110105********002X")]
    assert put_in("电话138 1234 5678") == ["138****5678"]


def test_a_number_inside_an_address_of_mail_is_reported_once() -> None:
    assert [mark[0] for mark in found("13812345678@example.com")] == ["pi.email"]


def test_the_mark_of_personal_data_is_whole_and_carries_no_clear_text() -> None:
    [mark] = marks_in("电话13812345678", settings=SETTINGS, today=TODAY)
    assert mark == Mark(
        rule="pi.mobile",
        level=FindingLevel.WARN,
        quote="138****5678",
        start=2,
        end=13,
        clause="4.2",
        suggestion="出现手机号：确需公布的联系电话请改用办公电话，个人号码请删除或打码。",
        digest=salted_hash("13812345678", b"pepper"),
        field="body",
        replacement="138****5678",
    )


def wide(written: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in written)


WRITINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda written: written,
    "full width": wide,
    "zero width between": "\u200b".join,
    "blanks between": " ".join,
    "wide blanks between": "\u3000".join,
    "hyphens between": "-".join,
    "points between": ".".join,
    "Han digits": lambda written: written.translate(HAN),
    "capital Han digits": lambda written: written.translate(str.maketrans("0123456789", "零壹贰叁肆伍陆柒捌玖")),
    "mathematical digits": lambda written: written.translate({48 + digit: 0x1D7CE + digit for digit in range(10)}),
    "circled digits": lambda written: written.translate({48 + digit: 0x245F + digit for digit in range(1, 10)}),
}
SEPARATED = frozenset({"blanks between", "wide blanks between", "hyphens between", "points between"})
KINDS: dict[str, tuple[str, str, frozenset[str]]] = {
    # label, number, and the writings in which it is no such thing any more
    "pi.id_card": ("身份证号", ID, frozenset()),
    "pi.bank_card": ("银行卡号", CARD, frozenset()),
    "pi.mobile": ("手机", "13812345678", frozenset()),
    "pi.landline": ("电话", "02583210000", frozenset()),
    "pi.email": ("邮箱", "zhangsan@example.com", SEPARATED),
    "pi.qq": ("QQ号", "123456789", frozenset()),
    "pi.wechat_id": ("微信号", "zhang_sanfeng", SEPARATED),
    "pi.passport": ("护照号", "E12345678", frozenset()),
    "pi.passport (Hong Kong and Macao)": ("港澳通行证", "C12345678", frozenset()),
    "pi.passport (Taiwan)": ("台胞证", "12345678", frozenset()),
    "pi.plate": ("车牌", "苏A12345", frozenset()),
    "pi.plate (new energy)": ("车牌", "苏AD12345", frozenset()),
    "pi.plate (large, new energy)": ("车牌", "苏A12345F", frozenset()),
    "pi.student_no": ("学号", "2021010112", frozenset()),
    "pi.student_no (staff)": ("工号", "10023456", frozenset()),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_found_in_every_writing_at_its_very_place(kind: str, writing: str) -> None:
    label, number, unreadable = KINDS[kind]
    written = WRITINGS[writing](number)
    expected = [] if writing in unreadable else [(kind.split(" ", maxsplit=1)[0], written)]

    assert [(mark[0], mark[3]) for mark in found(f"{label}：{written}，请核对。")] == expected


@pytest.mark.parametrize("number", ["AB123456", "T1234", "ab123456"])
def test_a_number_with_letters_in_the_schools_format_needs_no_label(number: str) -> None:
    own = PersonalDataSettings(student_numbers=("@@######",), staff_numbers=("T####",))
    marks = marks_in(f"名单：{number}、X{number}", settings=own)
    assert [(mark.rule, mark.start, mark.end) for mark in marks] == [("pi.student_no", 3, 3 + len(number))]


NOISE = st.text(alphabet=st.sampled_from("校园新闻，。！ \n\u200b㎏ﬁ①é\U0001f600的在“”"), max_size=30)


@given(before=NOISE, after=NOISE, kind=st.sampled_from(sorted(KINDS)), writing=st.sampled_from(sorted(WRITINGS)))
def test_the_place_is_exact_whatever_stands_around(before: str, after: str, kind: str, writing: str) -> None:
    label, number, unreadable = KINDS[kind]
    if writing in unreadable:
        return
    written = WRITINGS[writing](number)
    text = f"{before}{label}：{written}。{after}"

    assert (kind.split(" ", maxsplit=1)[0], written) in [(mark[0], mark[3]) for mark in found(text)]


def test_the_same_item_in_another_writing_has_the_same_hash_and_another_salt_another() -> None:
    [plain] = marks_in("13812345678", settings=SETTINGS)
    [spaced] = marks_in("138 1234 5678", settings=SETTINGS)
    [salted] = marks_in("13812345678", settings=PersonalDataSettings(salt=b"other"))
    [bare] = marks_in("13812345678", settings=PersonalDataSettings())
    assert plain.digest == spaced.digest != salted.digest
    assert bare.digest == ""


@pytest.mark.parametrize(
    ("value", "shown"),
    [("320106199001013578", "320106********3578"), ("123", "1**"), ("1", "*"), ("12345", "1****")],
)
def test_a_short_value_is_masked_too(value: str, shown: str) -> None:
    assert masked(value, 6, 4) == shown


@given(st.text(alphabet=st.sampled_from("0123456789Xx -.一二三\u3007电话学号QQ:@a\n"), max_size=200))
def test_no_text_of_digits_breaks_the_check_and_marks_stay_inside(text: str) -> None:
    for mark in marks_in(text, settings=SETTINGS, today=TODAY):
        assert 0 <= mark.start < mark.end <= len(text)
