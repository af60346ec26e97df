"""Numbers broken by lines, signs, words or letters are put together again, at their whole place."""

import pytest

from services.screening.numbers_apart import id_numbers, mobiles

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


@pytest.mark.parametrize("text", [f"9{ID[:-1]}×", "110105\t19491231\t002X", "1101051949\n\n1231002X", "12345\n678"])
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
