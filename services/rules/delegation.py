"""What makes a delegation lawful, as sentences: to somebody else, for a while, for roles held, once, in no circle."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from models import Role
from services.rules.permissions import LENDABLE_ROLES

LONGEST = timedelta(days=183)
"""Half a year: whoever is away longer is replaced, not stood in for."""


@dataclass(frozen=True)
class Mandate:
    """Who acts for whom, in which roles, on which days (both inclusive)."""

    principal_id: int
    deputy_id: int
    roles: frozenset[Role]
    starts_on: date
    ends_on: date

    def overlaps(self, other: Mandate) -> bool:
        """Whether both hold on some day."""
        return self.starts_on <= other.ends_on and other.starts_on <= self.ends_on


def fault_of(new: Mandate, known: Sequence[Mandate], *, held: Collection[Role], today: date) -> tuple[str, str] | None:
    """The field that cannot be so, and why, as a sentence; None if the delegation may stand.

    `known` are all that hold now or later, `held` the roles of the principal.
    """
    if new.deputy_id == new.principal_id:
        return "deputy_id", "不能委托给自己，请选择另一位同志。"
    if new.ends_on < new.starts_on:
        return "ends_on", "结束日期早于开始日期，请重新选择。"
    if new.ends_on < today:
        return "ends_on", "结束日期已经过去，请选择今天或以后的日期。"
    if new.ends_on - new.starts_on > LONGEST:
        return "ends_on", "代办最长半年；时间更长请由系统管理员调整角色。"
    return _fault_of_roles(new, held) or _fault_beside(new, known)


def _fault_of_roles(new: Mandate, held: Collection[Role]) -> tuple[str, str] | None:
    if not new.roles:
        return "roles", "请至少选择一个要委托的角色。"
    missing = new.roles.difference(held)
    if missing:
        return "roles", f"委托人没有“{_labels(missing)}”角色，不能委托。"
    fixed = new.roles.difference(LENDABLE_ROLES)
    if fixed:
        return "roles", f"“{_labels(fixed)}”的工作不能由人代办；需要时请系统管理员调整角色。"
    return None


def _fault_beside(new: Mandate, known: Sequence[Mandate]) -> tuple[str, str] | None:
    beside = [each for each in known if each.overlaps(new)]
    twice = [each for each in beside if each.principal_id == new.principal_id and each.roles & new.roles]
    if twice:
        first = twice[0]
        return "starts_on", (
            f"{first.starts_on:%Y-%m-%d} 至 {first.ends_on:%Y-%m-%d} 已经委托过“{_labels(first.roles & new.roles)}”，"
            "请先结束那一次，或改选日期。"
        )
    if _leads_back(new, beside):
        return "deputy_id", "这样会形成循环代办（对方在这段时间也由您或您的代办人代办），请选择另一位同志。"
    return None


def _leads_back(new: Mandate, beside: Sequence[Mandate]) -> bool:
    """Whether the deputy's own work ends, through whatever chain, with the principal."""
    reached, ahead = {new.deputy_id}, [new.deputy_id]
    while ahead:
        person = ahead.pop()
        following = {each.deputy_id for each in beside if each.principal_id == person} - reached
        reached |= following
        ahead.extend(following)
    return new.principal_id in reached


def _labels(roles: Collection[Role]) -> str:
    return "、".join(role.label for role in Role if role in roles)
