"""What the office asks of a password."""

from __future__ import annotations

import bcrypt
import pytest

from services import passwords
from services.errors import InvalidInput
from services.passwords import Known

GOOD = "Xin-mima-2026"


def cheap(plain: str) -> str:
    return bcrypt.hashpw(plain.encode(), bcrypt.gensalt(rounds=4)).decode()


@pytest.mark.parametrize("plain", [GOOD, "abcdefghij12-", "ABCDEFGHIJ-1", "春风化雨润物细无声Ab1", "aB1" * 4])
def test_strong_enough(plain: str) -> None:
    assert passwords.weakness(plain, "wangxm") == ""


@pytest.mark.parametrize(
    ("plain", "said"),
    [
        ("Aa1-aaaaaaa", "密码太短：现在 11 位"),
        ("", "密码太短：现在 0 位"),
        ("abcdefghijkl", "密码太简单"),
        ("abcdefgh1234", "密码太简单"),
        ("Wangxm-2026-a", "密码里不能含有用户名"),
        ("汉Ab1" * 20, "密码太长"),
    ],
)
def test_too_weak_is_said_with_the_reason(plain: str, said: str) -> None:
    assert passwords.weakness(plain, "wangxm").startswith(said)


@pytest.mark.parametrize("age", range(5))
def test_none_of_the_last_five_comes_back(age: int) -> None:
    hashes = [cheap(f"Jiu-mima-000{number}") for number in range(5)]
    hashes[age] = cheap(GOOD)

    with pytest.raises(InvalidInput, match="最近用过"):
        passwords.prepare(Known("wangxm", tuple(hashes)), GOOD, GOOD)


def test_new_password_is_typed_twice() -> None:
    with pytest.raises(InvalidInput, match="两次输入的新密码不一样"):
        passwords.prepare(Known("wangxm", (passwords.NONE,)), GOOD, f"{GOOD}.")


def test_prepared_password_matches_its_hash_and_names_what_it_replaces() -> None:
    prepared = passwords.prepare(Known("wangxm", (passwords.NONE,)), GOOD, GOOD)

    assert (passwords.matches(GOOD, prepared.password_hash), prepared.replaces) == (True, passwords.NONE)


def test_nothing_matches_where_there_is_no_password() -> None:
    assert [passwords.matches(each, passwords.NONE) for each in ("", GOOD)] == [False, False]
