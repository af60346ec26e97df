"""Numbers broken by lines, signs, words or letters are put together again, at their whole place."""

import pytest

from services.screening.numbers_apart import Apart, id_numbers, in_radio_words, mobiles, mobiles_in_cells

ID = "11010519491231002X"


@pytest.mark.parametrize(
    "written",
    [
        "110105/19491231/002X",
        "110105（19491231）002X",
        "110105出生19491231尾号002X",
        "1101051949\n1231002X",
        "1101051949123100\n2X",
        "11010519491231002×",
    ],
)
def test_an_id_number_apart(written: str) -> None:
    [found] = id_numbers(f"号码：{written}。")
    assert (found.digits, found.start, found.end) == (ID, 3, 3 + len(written))


@pytest.mark.parametrize("text", [f"9{ID[:-1]}×", "1101051949\n\n1231002X", "12345\n678"])
def test_what_cannot_be_one_id_number(text: str) -> None:
    assert [*id_numbers(text)] == []


@pytest.mark.parametrize(
    ("written", "needs_label"),
    [
        ("138/1234/5678", True),
        ("138、1234、5678", True),
        ("138 (1234) 5678", True),
        ("138   1234   5678", True),
        ("138点1234点5678", True),
        ("138 转 1234 转 5678", False),
        ("138空1234空5678", False),
        ("138\n1234\n5678", True),
        ("138 1234\n5678", True),
        ("l38l2345678", False),
        ("138I2345678", False),
    ],
)
def test_a_mobile_number_apart(written: str, *, needs_label: bool) -> None:
    [found] = mobiles(f"打{written}。")
    assert (found.digits, found.start, found.end) == ("13812345678", 1, 1 + len(written))
    assert found.needs_label is needs_label


@pytest.mark.parametrize(
    "text",
    [
        "转速150转2000转3000转",
        "受理150件2000人3000次",
        "150\t2000\t3000",
        "9138/1234/5678",
        "Illlllllooo",
        "al38l2345678",
    ],
)
def test_what_is_no_mobile_number(text: str) -> None:
    assert [*mobiles(text)] == []


BOXES = "\t".join


def test_an_id_number_in_the_boxes_of_a_form_is_certain_and_one_in_three_cells_needs_its_label() -> None:
    assert [*id_numbers(f"身份证\t{BOXES(ID)}\t男")] == [Apart(ID, 4, 39)]
    assert [*id_numbers("110105\t19491231\t002X")] == [Apart(ID, 0, 20, needs_label=True)]
    assert [*id_numbers(f"1\t{BOXES(ID)}")] == []
    assert [*id_numbers(f"{BOXES(ID[:-1])}\t2\t3")] == []


@pytest.mark.parametrize("written", ["138\t1234\t5678", "138\t12345678", "1381234\t5678", BOXES("13812345678")])
def test_a_mobile_number_in_cells(written: str) -> None:
    assert [*mobiles_in_cells(f"电话\t{written}\t男")] == [Apart("13812345678", 3, 3 + len(written), needs_label=True)]


@pytest.mark.parametrize(
    "text", ["150\t200\t30000", "1381234 5678", f"{BOXES('13812345678')}\t9\t8", "9138\t1234\t5678"]
)
def test_what_is_no_mobile_number_in_cells(text: str) -> None:
    assert [*mobiles_in_cells(text)] == []


@pytest.mark.parametrize(
    "written",
    ["幺三八幺两三四五六拐八", "1三8-12洞4-5六拐8", "幺 三 洞 幺 两 三 四 五 六 拐 八", "幺三八、幺两三四、五六拐八"],
)
def test_digits_as_the_radio_says_them(written: str) -> None:
    [found] = in_radio_words(f"打{written}。")
    assert found.digits in {"13812345678", "13812045678", "13012345678"}
    assert (found.start, found.end) == (1, 1 + len(written))


@pytest.mark.parametrize("text", ["一三八一二三四五六七八", "拐过3个弯，洞里有7盏灯", "幺两拐洞勾三" * 3])
def test_what_is_not_spoken_so(text: str) -> None:
    assert [*in_radio_words(text)] == []
