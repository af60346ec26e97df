"""群发次数: how often an account may notify its followers (WeChat doc: Batch_Sends); the limits are settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta

from models import AccountKind
from services.rules.office_time import OFFICE_ZONE, office_day

LONGEST = 100
"""Sends: WeChat lets no account make more such calls a day."""


@dataclass(frozen=True)
class SendLimits:
    """Each field is one setting; its name is the key under which another value is stored."""

    subscription_per_day: int = 1
    service_per_month: int = 4


LABELS: Mapping[str, str] = {
    "subscription_per_day": "订阅号每天可群发（次）",
    "service_per_month": "服务号每月可群发（次）",
}


def limits_from(stored: Mapping[str, str]) -> SendLimits:
    """The limits in force: what is stored where it is a usable number, the default everywhere else."""
    known = {each.name: stored[each.name] for each in fields(SendLimits) if each.name in stored}
    return SendLimits(**{name: int(value) for name, value in known.items() if value.isascii() and value.isdigit()})


@dataclass(frozen=True)
class SendPeriod:
    """The day or the month in Beijing that a send counts for. `word` is what the office calls it."""

    begins: datetime
    ends: datetime
    word: str
    limit: int


def period_for(kind: AccountKind, limits: SendLimits, moment: datetime) -> SendPeriod:
    """The period in which a send at this moment counts."""
    day = office_day(moment)
    if kind is AccountKind.SUBSCRIPTION:
        return SendPeriod(_midnight(day), _midnight(day + timedelta(days=1)), "天", limits.subscription_per_day)
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    return SendPeriod(_midnight(first), _midnight(following), "月", limits.service_per_month)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), OFFICE_ZONE)


@dataclass(frozen=True)
class SendQuota:
    """How many sends a period has left for an account: `sent` went out, `planned` wait in the queue."""

    period: SendPeriod
    sent: int
    planned: int

    @property
    def left(self) -> int:
        return max(self.period.limit - self.sent - self.planned, 0)

    @property
    def sentence(self) -> str:
        """One sentence for whoever is about to send."""
        facts = [f"本系统已群发 {self.sent} 次"] + ([f"已排 {self.planned} 次"] if self.planned else [])
        return f"{self.when}还可群发 {self.left} 次（每{self.period.word} {self.period.limit} 次，{'，'.join(facts)}）"

    @property
    def when(self) -> str:
        """The period by its name: a day, or a month."""
        day = self.period.begins
        return f"{day.month}月{day.day}日" if self.period.word == "天" else f"{day.year}年{day.month}月"
