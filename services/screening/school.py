"""What is the school's own: the domains it trusts, how its numbers look, what its units are called."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace

_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{2,59}})")
_PUBLIC_SUFFIXES = frozenset({"com.cn", "net.cn", "org.cn", "ac.cn", "mil.cn", "com.hk", "com.tw", "co.jp", "co.uk"})
_NUMBER = re.compile("[A-Za-z0-9#@-]{4,24}")
_FEWEST_OPEN = 3
_SHORTEST_BARE = 6
_NAME = re.compile("[\u4e00-\u9fffA-Za-z0-9（）·]{4,40}")


@dataclass(frozen=True)
class School:
    """Facts the office enters beside its lists; each value is as `domain`, `number` and `name` below give it back."""

    own_domains: tuple[str, ...] = ()
    trusted_domains: tuple[str, ...] = ()
    student_numbers: tuple[str, ...] = ()
    staff_numbers: tuple[str, ...] = ()
    names: tuple[str, ...] = ()

    def with_names(self, names: tuple[str, ...]) -> School:
        """The same with further names, each once, in the order of the characters."""
        return replace(self, names=tuple(sorted({*self.names, *names})))

    def stored(self) -> dict[str, list[str]]:
        """As a version of the lists keeps it; what is empty is left out."""
        found = {each.name: list(getattr(self, each.name)) for each in fields(self)}
        return {name: values for name, values in found.items() if values}


def restored(kept: Mapping[str, list[str]]) -> School:
    """What `School.stored` kept."""
    return School(**{each.name: tuple(kept.get(each.name, ())) for each in fields(School)})


def domain(written: str) -> str:
    """A domain as it is compared; whatever people paste around it is taken off. Raises `ValueError`."""
    bare = re.sub(r"^\s*(?:https?://)?(?:\*\.)?", "", written.strip().lower())
    bare = re.split("[/?#:]", bare, maxsplit=1)[0].rstrip(".")
    if not _DOMAIN.fullmatch(bare) or bare in _PUBLIC_SUFFIXES:
        raise ValueError("请填写一个完整的域名，如 news.example.edu.cn；不能是 com.cn 这样人人可用的后缀。")
    return bare


def number(written: str) -> str:
    """The template of a number: `#` a digit, `@` a letter, the rest as it stands. Raises `ValueError`."""
    template = written.strip()
    if not _NUMBER.fullmatch(template) or template.count("#") < _FEWEST_OPEN:
        raise ValueError("格式用 # 代表一位数字、@ 代表一个字母，如 2023######，至少三个 #，4 到 24 位。")
    if len(template) < _SHORTEST_BARE and not any(sign.isalpha() or sign == "@" for sign in template):
        raise ValueError("只有 # 和数字的格式至少 6 位，否则年份和分数都会被当成学号。")
    return template


def name(written: str) -> str:
    """The full name of the school or of a unit. Raises `ValueError`."""
    whole = written.strip()
    if not _NAME.fullmatch(whole):
        raise ValueError("请填写 4 到 40 个字的全称，不含空格和标点。")
    return whole
