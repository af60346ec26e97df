"""Wording used in more than one place: times, counts and lists as the office writes them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from models import Role
from services.rules.office_time import OFFICE_ZONE


def moment(at: datetime) -> str:
    """A moment in Beijing, to the minute: 2026-05-18 10:32."""
    return f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d %H:%M}"


def day(at: datetime) -> str:
    """The day in Beijing: 2026-05-18."""
    return f"{at.astimezone(OFFICE_ZONE):%Y-%m-%d}"


def clock_time(at: datetime) -> str:
    """The time of day in Beijing: 10:32."""
    return f"{at.astimezone(OFFICE_ZONE):%H:%M}"


def duration(length: timedelta) -> str:
    """How long, in the largest unit that says enough: 不到 1 分钟, 25 分钟, 3 小时, 2 天."""
    if length < timedelta(minutes=1):
        return "不到 1 分钟"
    minutes = round(length.total_seconds() / 60)
    if minutes < 60:
        return f"{minutes} 分钟"
    if minutes < 48 * 60:
        return f"{minutes // 60} 小时"
    return f"{minutes // (24 * 60)} 天"


def size(count: int) -> str:
    """How large a file is: 12 KB, 3.4 MB."""
    return f"{count / 1024**2:.1f} MB" if count >= 1024**2 else f"{max(1, -(-count // 1024))} KB"


def roles(held: Collection[Role]) -> str:
    """Roles in the office's order: 审核员、终审人."""
    return listed(role.label for role in Role if role in held)


def listed(words: Iterable[str]) -> str:
    """Words in a row: 甲、乙、丙."""
    return "、".join(words)


MARKED = re.compile(r"([!-/:-@\[-`{-~])")
# An address becomes a link even where every sign is escaped, and one the machine warns of must not be clickable.
BECOMES_LINK = re.compile(r"(?i)(www(?=\.)|https?(?=:)|@(?=[\w-]+\.))")
WORD_JOINER = "\u2060"


def literal(text: str) -> str:
    """What a person typed, safe inside Markdown: shown as typed, line by line, without a style or link of its own."""
    inert = BECOMES_LINK.sub(rf"\1{WORD_JOINER}", text)
    lines = (MARKED.sub(r"\\\1", line.strip()) for line in inert.splitlines())
    return "  \n".join(line for line in lines if line)


def quoted(markdown: str) -> str:
    """The same words set off from what stands around them."""
    return "\n".join(f"> {line}" for line in markdown.splitlines())
