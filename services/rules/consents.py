"""肖像授权: what a consent must say, how long it holds, and whether it covers a picture on a day and in a place."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, timedelta

from models import PortraitAge, PortraitConsent, PortraitScope, Target

LONGEST = timedelta(days=366 * 3)
"""A consent is asked for again at the latest when a pupil has changed school stage."""

WARN_WITHIN = timedelta(days=30)
"""How long before its end the keepers of the register are told."""

WITHDRAWAL_WORKING_DAYS = 2
"""Within so many working days whatever shows a person who withdrew is taken down or blurred (个保法 15, 47)."""

KEEP_YEARS = 3
"""How long the personal data of a consent are kept after its end, unless the school says otherwise: domain of rule 4.2,
after the three years of 个保法 56 for assessments. Then 个保法 47 asks for their deletion.
"""

MOST_KEEP_YEARS = 10

SCOPE_OF: dict[Target, PortraitScope] = {Target.WECHAT: PortraitScope.WECHAT}
"""The scope a place needs; every place but WeChat is a web page of the school."""


@dataclass(frozen=True)
class ConsentFields:
    """What the form of a consent holds. Personal words are never shown in a log."""

    name: str = field(default="", repr=False)
    school_class: str = ""
    age: PortraitAge = PortraitAge.CHILD
    guardian: str = field(default="", repr=False)
    relation: str = ""
    contact: str = field(default="", repr=False)
    scopes: tuple[PortraitScope, ...] = (PortraitScope.WECHAT, PortraitScope.SITE)
    occasion: str = ""
    may_be_named: bool = False
    signed_on: date | None = None
    valid_until: date | None = None


def fault_of(given: ConsentFields, *, today: date) -> tuple[str, str] | None:
    """The first thing that is wrong with a consent: the field and the sentence; None where nothing is."""
    signed, until = given.signed_on, given.valid_until
    is_minor = given.age is not PortraitAge.ADULT
    faults = (
        (not given.name.strip(), "name", "请填写被拍摄人的姓名。"),
        (
            is_minor and not (given.guardian.strip() and given.relation.strip()),
            "guardian",
            "未满 18 周岁须由监护人签署：请填写监护人姓名和与本人的关系。",
        ),
        (not given.scopes, "scopes", "请至少选择一个使用范围。"),
        (not given.occasion.strip(), "occasion", "请写明用于哪次活动或哪个学年。"),
        (signed is None or signed > today, "signed_on", "签署日期须是今天或以前的日期。"),
        (
            signed is None or until is None or not signed <= until <= signed + LONGEST,
            "valid_until",
            "有效期须在签署日期之后、三年以内。",
        ),
    )
    return next(((field, sentence) for is_wrong, field, sentence in faults if is_wrong), None)


def school_year_of(day: date) -> str:
    """The school year a day belongs to, as it is written on the form."""
    first = day.year if day.month >= 8 else day.year - 1
    return f"{first}—{first + 1} 学年"


def end_of_school_year(day: date) -> date:
    """The last day of the school year: how long a consent holds unless it says otherwise."""
    return date(day.year + (day.month >= 8), 7, 31)


def kept_from(today: date, years: int) -> date:
    """Whatever ended before this day has been kept for so many years."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:  # the 29th of February
        return today.replace(year=today.year - years, day=28)


def number_of(consent_id: int) -> str:
    """What an erased consent is called by."""
    return f"{consent_id} 号授权"


def gap_of(consent: PortraitConsent, *, day: date, targets: Collection[Target]) -> str:
    """Why a consent does not cover a picture that goes to these places on a day; empty where it does."""
    if consent.withdrawn_at is not None:
        return "已撤回"
    if day > consent.valid_until:
        return f"已于 {consent.valid_until} 到期"
    needed = {SCOPE_OF.get(target, PortraitScope.SITE) for target in targets}
    missing = [scope.label for scope in PortraitScope if scope in needed and scope.value not in consent.scopes]
    return f"不含{'、'.join(missing)}" if missing else ""


def masked_name(name: str) -> str:
    """The name as lists show it: 王*明, 欧**娜, 王*."""
    plain = name.strip()
    return plain[:1] + "*" * max(1, len(plain) - 2) + (plain[-1:] if len(plain) > 2 else "")
